"""What tells an agent who looks elsewhere: notifications and tones; translations beside the text; and a console that waits its turn."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from hookline.testing.ollama import FakeOllama

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

# Keeps what the page shows and plays: the browser's own notifications and oscillators, which tests can't see otherwise.
HEARD = """() => {
window.told = []; window.tones = [];
window.Notification = class extends Notification {
    constructor(title, options) { super(title, options); told.push(this); }
};
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
    const tone = make.call(this);
    tone.addEventListener("ended", () => tones.push(tone.frequency.value));
    return tone;
};
}"""
HINDI = "मेरा बिल 90 यूरो ज़्यादा है, कृपया जाँच करें"


def translate(body):
    """The model: it knows one sentence of Hindi, and keeps marks."""
    system, asked = body["messages"][0]["content"], body["messages"][-1]["content"]
    if "You translate" not in system:
        return "NO_ANSWER"
    mark = re.search(r"<n\d+/>", asked)
    said = f"My bill is {mark[0]} euros too high, please check it" if mark else "I do not know that."
    return json.dumps({"translation": said})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def translator():
    async with FakeOllama(translate) as model:
        yield model


@pytest.fixture(scope="module")
def desk_config(desk_config, translator):
    return desk_config.replace('"webchat", "handoff"', '"language", "webchat", "handoff", "llm"') + (
        '[plugins.language]\nexplicit = "start"\n[plugins.language.translation]\nmodel = "llm"\n[plugins.handoff.summary]\ntranslate = "language"\n'
        f'[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{translator.host}"\n'
    )


@pytest_asyncio.fixture(loop_scope="module")
async def listening(agent):
    """An agent who has asked for notifications and tones, and what the page then shows and plays."""

    async def enter(who, *, permissions=("notifications",), **options):
        one = await agent(who, permissions=list(permissions), **options)
        await one.page.evaluate(HEARD)
        await one.page.locator("hookline-console-rail").get_by_role("button", name="Settings").click()
        sheet = one.page.get_by_role("dialog")
        await sheet.get_by_label("A soft tone for new messages").check()
        return one, sheet

    return enter


async def leave(page):
    """The agent looks at another tab: the page has no focus any more."""
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = await page.context.new_page()
    await other.bring_to_front()
    await heard(page, "!document.hasFocus()")


async def heard(page, condition):
    """Wait until it is true in the page; its Content-Security-Policy forbids Playwright's own way of waiting."""
    async with asyncio.timeout(15):
        while not await page.evaluate(condition):
            await asyncio.sleep(0.05)


async def test_a_tone_is_played_when_it_is_turned_on_and_when_a_customer_waits(listening, escalated):
    asha, _ = await listening("asha")
    await heard(asha.page, "tones.length >= 2")
    assert await asha.page.evaluate("tones") == [659, 880]
    await asha.page.keyboard.press("Escape")
    await asha.page.evaluate("tones.length = 0")

    await escalated("The bill is wrong")

    await heard(asha.page, "tones.length >= 2")
    assert await asha.page.evaluate("told.length") == 0, "who looks at the page needs no notification"


async def test_a_notification_comes_where_the_agent_looks_elsewhere_and_opens_the_conversation(listening, escalated):
    asha, sheet = await listening("asha")
    await sheet.get_by_label("Desktop notifications").check()
    await expect(sheet.get_by_label("Desktop notifications")).to_be_checked()
    await asha.page.keyboard.press("Escape")
    await leave(asha.page)

    priya = await escalated("My line is dead")

    about = f"told.find((one) => one.tag === {json.dumps(priya.conversation)})"
    await heard(asha.page, f"!!{about}")
    assert await asha.page.evaluate(f"{about}.title") == "A customer is waiting"
    await asha.page.evaluate(f"{about}.onclick()")
    await expect(asha.messages.filter(has_text="My line is dead")).to_be_visible()


async def test_what_the_browser_forbids_is_said_and_can_t_be_turned_on(listening):
    asha, sheet = await listening("asha", permissions=())
    await asha.page.evaluate("() => { Object.defineProperty(Notification, 'permission', { value: 'denied' }); }")
    await asha.page.keyboard.press("Escape")
    await asha.page.locator("hookline-console-rail").get_by_role("button", name="Settings").click()

    await expect(sheet.get_by_text("The browser does not allow them for this page.")).to_be_visible()
    await expect(sheet.get_by_role("checkbox", name="Desktop notifications")).to_be_disabled()


async def test_a_customer_s_words_are_translated_beside_the_text_with_their_figures(agent, escalated, translator, axe):
    customer = await escalated("Hello", HINDI)
    asha = await agent("asha", query=f"?view=all&c={customer.conversation}")
    bubble = asha.messages.filter(has_text=HINDI)
    await expect(bubble).to_be_visible()

    await asha.page.get_by_role("button", name="More", exact=True).click()
    await asha.page.get_by_role("menuitem", name="Translate").click()

    told = asha.page.locator("hookline-console-thread .translated").filter(has_text="My bill")
    await expect(told).to_contain_text("My bill is 90 euros too high, please check it")
    assert (await told.get_attribute("lang")).startswith("en")
    await expect(bubble).to_contain_text(HINDI)
    assert await axe(asha.page) == []
    asked = len(translator.chats)
    await asha.page.get_by_role("button", name="More", exact=True).click()
    await asha.page.get_by_role("menuitem", name="Translate").click()
    await expect(told).to_have_count(1)
    assert len(translator.chats) == asked, "what is translated is not asked for again"


async def test_a_translator_that_fails_is_said_and_the_conversation_stays(agent, escalated, translator):
    customer = await escalated("Hello", "मेरा कार्ड खो गया है, कृपया इसे अभी बंद करें")
    asha = await agent("asha", query=f"?view=all&c={customer.conversation}", forgiven=r"status of (401|429|502)")
    await expect(asha.messages.first).to_be_visible()
    await translator.refuse_connections()
    try:
        await asha.page.get_by_role("button", name="More", exact=True).click()
        await asha.page.get_by_role("menuitem", name="Translate").click()
        await expect(asha.page.get_by_text("the translator does not answer")).to_be_visible()
    finally:
        await translator.accept_connections()
    await expect(asha.messages.filter(has_text="मेरा कार्ड")).to_be_visible()


async def test_what_the_server_puts_off_is_asked_for_again(agent):
    """A first request is answered as the server answers where a tenant's `ratelimit` is narrow; the others are real."""
    meera = await agent("meera", forgiven=r"status of (401|429)")
    put_off: list[str] = []

    async def answer(route):
        what = route.request.url.partition("/console/api/")[2].partition("?")[0]
        if what in put_off:
            await route.continue_()
            return
        put_off.append(what)
        body = json.dumps({"title": "Too Many Requests", "status": 429})
        await route.fulfill(
            status=429, headers={"Retry-After": "1", "Content-Type": "application/problem+json"}, body=body
        )

    await meera.page.route(re.compile(r"/console/api/(macros|filters|inbox|me)\b"), answer)
    await meera.page.reload()

    await expect(meera.page.locator("hookline-console-rail")).to_be_attached()
    await expect(meera.page.locator("hookline-console-list .item, hookline-console-list .state").first).to_be_visible()
    assert {"me", "macros", "filters", "inbox"} <= {*put_off}
