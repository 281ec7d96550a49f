"""The simulator's page: a customer's phone in a browser, on the way of a real provider from the webhook on."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from hookline.testing.openaiaudio import SpeechServer

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "correct horse battery staple"
DENIED = r"status of 4\d\d|username fields"  # what a browser says of requests that are refused
PIZZA = """
title: {en: A pizza, hi: पिज़्ज़ा}
starts: {words: [pizza]}
slots:
  size:
    kind: choice
    choices: {small: {label: {en: Small, hi: छोटा}}, large: {label: {en: Large, hi: बड़ा}}}
  topping:
    kind: choice
    choices:
      a: {label: {en: Mushrooms, hi: मशरूम}}
      b: {label: {en: Olives, hi: जैतून}}
      c: {label: {en: Onions, hi: प्याज़}}
      d: {label: {en: Peppers, hi: मिर्च}}
steps:
  - {ask: size, text: {en: Which size?, hi: कौन सा साइज़?}}
  - {ask: topping, text: {en: Which topping?, hi: ऊपर क्या?}}
  - {id: done, end: ordered, text: {en: "Thank you, *it is in the oven*.", hi: "धन्यवाद, *ओवन में है*।"}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pizzeria(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulator")
    home = folder / "tenants/acme"
    (home / "flows").mkdir(parents=True)
    (home / "flows/pizza.yaml").write_text(dedent(PIZZA), encoding="utf-8")
    (home / "tenant.toml").write_text(
        'title = "Pizza Acme"\nlanguages = ["en", "hi"]\n[plugins]\nenabled = ["webchat", "handoff", "flows", "whatsapp"]\n'
        "[ratelimit]\nrequests = 0\ncontact_requests = 0\n"
        '[plugins.whatsapp.window]\ntemplate = "we_miss_you"\nvariables = { name = "{name}", text = "{text}" }\n'
        '[routes]\n"GET /simulator/" = "GET /whatsapp/simulator"\n',
        encoding="utf-8",
    )
    server = await serve(folder / "tenants", folder / "data")
    await server.make_key()
    await server.staff("agent", "Ben", PASSWORD)
    return server


@pytest_asyncio.fixture(loop_scope="module")
async def play(pizzeria, visit):
    """Sign in and add a customer: `await play(phone)`."""

    async def go(phone, **options):
        person = await visit(f"{pizzeria.url}/simulator/", forgiven=DENIED, **options)
        page = person.page
        await page.locator("input[type=email]").fill("ben@acme.example")
        await page.locator("input[type=password]").fill(PASSWORD)
        await page.locator("button").click()
        await add(page, "Asha Verma", phone)
        return person

    return go


async def add(page, name, phone):
    await page.locator("nav .head .button").click()
    await page.locator("input[name=name]").fill(name)
    await page.locator("input[name=phone]").fill(phone)
    await page.locator("nav form .button").click()


def bubbles(page, side):
    return page.locator(f".row.{side} .bubble:not(.typing)")


async def say(page, text):
    await page.locator("textarea").fill(text)
    await page.locator("textarea").press("Enter")


@pytest.mark.row("L36", "L37", "L39")
async def test_a_whole_talk_with_buttons_a_list_ticks_and_the_turn(play, axe):
    person = await play("+919812345601", width=1440)
    page = person.page
    await say(page, "pizza")
    await expect(bubbles(page, "theirs")).to_have_count(1)
    await expect(bubbles(page, "mine").last.locator(".state.read")).to_be_attached()
    await expect(bubbles(page, "theirs").last.locator(".state.read")).to_be_attached()
    await page.get_by_role("button", name="Large").click()
    await expect(bubbles(page, "theirs")).to_have_count(2)
    await expect(bubbles(page, "mine").last).to_contain_text("Large")
    await page.get_by_text("Choose", exact=True).click()
    await page.get_by_role("button", name="Olives").click()
    await expect(bubbles(page, "theirs").last.locator("em")).to_have_text("it is in the oven")
    await expect(page.locator("aside")).to_contain_text("flows")
    await expect(page.locator(".log")).to_have_attribute("role", "log")
    assert await axe(page) == []
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 360, "height": 720})
    await expect(page.locator("nav")).to_be_hidden()
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_a_button_pressed_twice_and_an_old_one_are_taken_kindly(play):
    person = await play("+919812345602")
    page = person.page
    await say(page, "pizza")
    await page.get_by_role("button", name="Small").click()
    await expect(bubbles(page, "theirs")).to_have_count(2)
    await page.get_by_role("button", name="Small").click()
    await expect(bubbles(page, "theirs")).to_have_count(3)
    await expect(bubbles(page, "theirs").last).to_contain_text("Please choose one of these.")


@pytest.mark.row("L38")
async def test_a_voice_note_is_recorded_and_reaches_the_bot_as_a_phone_sends_it(play, chromium, pizzeria):
    browser = await chromium("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    person = await play("+919812345603", using=browser, permissions=["microphone"])
    page = person.page
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_contain_text(re.compile(r"0:(0[2-9]|[1-5]\d)"))
    await page.get_by_role("button", name="Send the voice note").click()
    await expect(bubbles(page, "theirs").last).to_contain_text("can't listen to voice messages")
    source = await bubbles(page, "mine").locator("audio").get_attribute("src")
    async with (
        aiohttp.ClientSession(headers={"X-API-Key": pizzeria.key}) as http,
        http.get(f"{pizzeria.url}{source}") as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "audio/ogg")
        data = await answer.read()
    pages = [data[at.start() :] for at in re.finditer(b"OggS\\0", data)]
    assert [one[5] for one in pages] == [2, *([0] * (len(pages) - 2)), 4]
    assert (data[28:36], int.from_bytes(pages[-1][6:14], "little") > 48_000) == (b"OpusHead", True)
    await page.wait_for_function(
        "() => document.querySelector('hookline-simulator').shadowRoot.querySelector('audio').duration > 1"
    )
    await person.page.context.close()
    await browser.close()


@pytest.mark.slow
@pytest.mark.service("espeak", "ffmpeg")
@pytest.mark.row("L38", "L39")
async def test_a_voice_note_to_the_lender_is_written_down_and_answered_by_one_with_a_player(
    serve, visit, chromium, tmp_path, monkeypatch
):
    async with SpeechServer("", hear=lambda _sound: "I have a house in Bangalore worth 1.5 crore") as speech:
        for name, value in (("STT", "openai"), ("URL", speech.base_url)):
            monkeypatch.setenv(f"VOICE_{name}", value)
        monkeypatch.setenv("OPENAI_API_KEY", speech.api_key)
        server = await serve(ROOT / "tenants", tmp_path / "data", "property_loans")
        browser = await chromium("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
        person = await visit(f"{server.url}/simulator/", using=browser, permissions=["microphone"])
        page = person.page
        await add(page, "Asha Verma", "+919812345611")
        await page.get_by_role("button", name="Record a voice note").click()
        await expect(page.get_by_role("timer")).to_contain_text(re.compile(r"0:(0[2-9]|[1-5]\d)"))
        await page.get_by_role("button", name="Send the voice note").click()
        await expect(page.locator(".theirs .text").first).to_contain_text("₹1.5 crore")
        await page.wait_for_function(
            """() => [...document.querySelector('hookline-simulator').shadowRoot.querySelectorAll('.theirs audio')]
                .some((one) => one.duration > 1)"""
        )
        [heard] = speech.heard
        assert len(heard.sound) > 1000
        await page.context.close()
        await browser.close()


@pytest.mark.row("L38")
async def test_without_a_recorder_the_button_is_off_with_a_hint(play):
    person = await play("+919812345604")
    await person.page.add_init_script("delete window.MediaRecorder")
    await person.page.reload()
    await expect(person.page.get_by_role("button", name="Record a voice note")).to_be_disabled()
    await expect(person.page.get_by_text("This browser can't record. Attach a sound file instead.")).to_be_visible()


async def test_files_stickers_places_edits_and_ends_are_shown_as_on_a_phone(play, tmp_path):
    person = await play("+919812345605", width=1440)
    page = person.page
    note = Path(tmp_path, "list.txt")
    note.write_text("two pizzas", encoding="utf-8")
    await page.locator("input[type=file]").set_input_files(note)
    await say(page, "my list")
    await expect(bubbles(page, "mine").last.get_by_role("link")).to_have_text("list.txt")
    for what, shown in (("Location", "MG Road"), ("Contact card", "Meera Joshi"), ("Unknown kind", "nobody knows")):
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("button", name=what).click()
        await expect(bubbles(page, "mine").last).to_contain_text(shown)
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_role("button", name="Sticker").click()
    await expect(bubbles(page, "mine").last.locator("img.sticker")).to_be_visible()

    await say(page, "helo")
    mine = bubbles(page, "mine").last
    await expect(mine.locator(".state.read")).to_be_attached()
    await mine.locator(".more").click()
    await mine.get_by_role("button", name="Edit").click()
    await say(page, "hello")
    await expect(mine).to_contain_text("hello")
    await expect(mine).to_contain_text("edited")
    await mine.locator(".more").click()
    await mine.get_by_role("button", name="Delete for everyone").click()
    await expect(mine).to_contain_text("This message was deleted")
    theirs = bubbles(page, "theirs").first  # others may still come
    await theirs.locator(".more").click()
    await theirs.get_by_role("button", name="React with 👍").click()
    await expect(theirs.locator(".reaction")).to_have_text("👍")
    await theirs.locator(".more").click()
    await theirs.get_by_role("button", name="Report: failed").click()
    await page.keyboard.press("Escape")


@pytest.mark.row("L39", "L44")
async def test_outside_of_the_window_a_template_comes(play, pizzeria):
    person = await play("+919812345606")
    page = person.page
    await say(page, "hello")
    await expect(bubbles(page, "theirs")).to_have_count(1)
    await expect(page.locator(".bar")).to_contain_text("Window open, shuts in 24")
    await page.get_by_role("button", name="Let 24 h pass").click()
    await expect(page.locator(".bar .shut")).to_have_text("Window shut: only templates until the customer writes")
    async with aiohttp.ClientSession(headers={"X-API-Key": pizzeria.key}) as http:
        query = {"sender": "+919812345606", "number": "simulator"}
        async with http.get(f"{pizzeria.url}/whatsapp/simulator/phone", params=query) as answer:
            conversation = (await answer.json())["conversation"]
        body = {"session_id": conversation, "message": "Your pizza is here"}
        async with http.post(f"{pizzeria.url}/api/v1/handoff/message", json=body) as answer:
            assert answer.status < 300, await answer.text()
    template = bubbles(page, "theirs").last
    await expect(template).to_contain_text("Template we_miss_you (en)")
    await expect(template).to_contain_text("Asha Verma")
    await expect(template).to_contain_text("Your pizza is here")


async def test_drafts_and_what_was_not_sent_outlive_a_reload_and_an_outage(play, pizzeria):
    person = await play("+919812345607")
    page = person.page
    person.forgiven = rf"{DENIED}|ERR_INTERNET_DISCONNECTED|Failed to load"
    await say(page, "hello")
    await expect(bubbles(page, "theirs")).to_have_count(1)
    await page.locator("textarea").fill("half a thou")
    await page.reload()
    await expect(page.locator("textarea")).to_have_value("half a thou")
    await page.context.set_offline(True)
    await page.locator("textarea").press("Enter")
    await expect(page.locator(".state.unsent")).to_be_attached()
    await expect(page.get_by_role("alert")).to_contain_text("Not connected")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await expect(bubbles(page, "theirs")).to_have_count(2)
    await expect(page.locator(".state.unsent")).to_have_count(0)


async def test_by_keyboard_between_customers_in_french_and_hindi(play):
    person = await play("+919812345608", locale="fr-FR")
    page = person.page
    await expect(page.get_by_role("heading", name="Simulateur WhatsApp")).to_be_visible()
    await add(page, "आशा वर्मा", "12")
    await expect(page.get_by_role("alert")).to_contain_text("Ce n'est pas un numéro de téléphone")
    await page.locator("input[name=phone]").fill("+919812345609")
    await page.locator("input[name=phone]").press("Enter")
    await expect(page.locator(".chat .who small")).to_have_text("आशा वर्मा")
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.locator(".chat .who small")).not_to_have_text("आशा वर्मा")
    await page.locator(".log").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    hindi = await play("+919812345610", locale="hi-IN", width=768)
    await expect(hindi.page.get_by_role("heading", name="व्हाट्सऐप सिमुलेटर")).to_be_visible()


async def test_the_language_of_the_page_is_chosen_and_kept_and_a_greeting_is_at_hand_in_each_of_the_tenants(play, axe):
    person = await play("+919812345620")
    page = person.page
    picker = page.get_by_role("combobox", name="Language of this page")
    await picker.select_option("fr")
    await expect(page.get_by_role("heading", name="Simulateur WhatsApp")).to_be_visible()
    assert await page.evaluate("[document.documentElement.lang, document.title]") == ["fr", "Simulateur WhatsApp"]
    await page.reload()
    await expect(page.get_by_role("combobox", name="Langue de cette page")).to_have_value("fr")
    greetings = page.locator(".hello button")
    await expect(greetings).to_have_count(2)
    assert await axe(page) == []
    await page.set_viewport_size({"width": 360, "height": 720})
    await expect(page.get_by_role("button", name="Se déconnecter")).to_be_in_viewport(ratio=1)
    assert [await one.inner_text() for one in await greetings.all()] == ["Hello", "नमस्ते"]
    await expect(greetings.last).to_have_attribute("title", "hindi")
    await greetings.last.click()
    await expect(bubbles(page, "mine").last).to_contain_text("नमस्ते")
    await expect(bubbles(page, "theirs")).to_have_count(1)


async def test_of_many_customers_one_is_found_by_name_or_number_and_the_chosen_one_is_in_sight(play, pizzeria):
    async with aiohttp.ClientSession(headers={"X-API-Key": pizzeria.key}) as http:
        for n in range(30):
            body = {
                "sender": f"+9197000000{n:02}",
                "name": f"Customer {n}",
                "message": {"type": "text", "text": {"body": "hi"}},
            }
            async with http.post(f"{pizzeria.url}/whatsapp/simulator/messages", json=body) as answer:
                assert answer.status == 202
    person = await play("+919812345621", width=1440)
    page = person.page
    search = page.get_by_role("searchbox", name="Find a customer")
    await search.fill("cust 17")
    await expect(page.locator(".phone")).to_have_count(1)
    await search.fill("0000003")
    await expect(page.locator(".phone")).to_contain_text(["Customer 3"])
    await search.fill("nobody")
    await expect(page.locator("nav").get_by_role("status")).to_have_text("Nobody has nobody in their name or number.")
    await page.keyboard.press("Escape")
    await expect(search).to_have_value("")
    await page.goto(f"{page.url.partition('#')[0]}#%2B919700000000%7Csimulator")
    await page.reload()
    await expect(page.locator(".phone[aria-current=true]")).to_be_in_viewport()
    await expect(search).to_be_in_viewport()


async def test_a_server_that_fails_is_said_and_all_goes_on_by_itself_when_it_is_well(play):
    person = await play("+919812345622")
    page = person.page
    person.forgiven = rf"{DENIED}|status of 500"
    await say(page, "hello")
    await expect(bubbles(page, "theirs")).to_have_count(1)
    for path in ("**/simulator/phone?*", "**/simulator/messages"):
        await page.route(path, lambda route: route.fulfill(status=500, body="it broke"))
    await say(page, "are you there?")
    await expect(page.get_by_role("alert")).to_contain_text("Not connected")
    await expect(page.locator(".state.unsent")).to_be_attached()
    await page.unroute_all()
    await expect(bubbles(page, "theirs")).to_have_count(2)
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page.locator(".state.unsent")).to_have_count(0)


async def test_what_is_recorded_or_sent_on_one_phone_does_not_end_up_on_another(play, chromium):
    browser = await chromium("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    person = await play("+919812345623", using=browser, permissions=["microphone"])
    page = person.page
    await add(page, "Meena", "+919812345624")
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_contain_text(re.compile(r"0:(0[1-9]|[1-5]\d)"))
    await page.locator(".phone", has_text="+919812345623").click()
    await expect(page.get_by_role("timer")).to_have_count(0)
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_role("button", name="Sticker").click()
    await page.locator(".phone", has_text="+919812345624").click()
    await expect(page.locator(".chat .who small")).to_have_text("Meena")
    await expect(bubbles(page, "mine")).to_have_count(0)
    await page.locator(".phone", has_text="+919812345623").click()
    await expect(bubbles(page, "mine").locator("img.sticker")).to_be_visible()
    await page.context.close()
    await browser.close()


async def test_a_voice_note_that_could_not_be_sent_is_kept_to_be_sent_again(play, chromium):
    browser = await chromium("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    person = await play("+919812345625", using=browser, permissions=["microphone"])
    page = person.page
    person.forgiven = rf"{DENIED}|status of 503"
    await page.route("**/simulator/media?*", lambda route: route.fulfill(status=503, body=""))
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_contain_text(re.compile(r"0:(0[1-9]|[1-5]\d)"))
    await page.get_by_role("button", name="Send the voice note").click()
    await expect(page.locator(".about")).to_contain_text("voice.ogg")
    await page.unroute_all()
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(bubbles(page, "mine").locator("audio")).to_be_attached()
    await expect(bubbles(page, "theirs").last).to_contain_text("can't listen to voice messages")
    await page.context.close()
    await browser.close()


async def test_who_is_no_agent_is_told(pizzeria, visit):
    await pizzeria.staff("viewer", "Vera", PASSWORD)
    person = await visit(f"{pizzeria.url}/simulator/", forgiven=DENIED)
    await person.page.locator("input[type=email]").fill("vera@acme.example")
    await person.page.locator("input[type=password]").fill(PASSWORD)
    await person.page.locator("button").click()
    await expect(person.page.get_by_role("alert")).to_contain_text("your role may not use it")
