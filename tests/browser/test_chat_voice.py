"""Speaking in the chat: a real browser records what espeak-ng says, a real recogniser writes it down, the answer is played."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from hookline.testing.loopback import Status
from hookline.testing.openaiaudio import SpeechServer, spoken
from hookline_voice.sound import RATE, Samples, read, wav

pytestmark = [
    pytest.mark.service("chromium"),
    pytest.mark.service("espeak"),
    pytest.mark.asyncio(loop_scope="module"),
]

SAID = "i need a loan"
ANSWER = "loans begin at 50,000 rupees"
DOCUMENTS = {"Loans": "If you need a loan: our loans begin at 50,000 rupees."}
RECORD, SEND, DISCARD = "Record a voice message", "Stop and send", "Discard the recording"
CONFIG = """
title = "Acme Bank"
languages = ["en", "fr", "hi", "ta", "ar"]
[plugins]
enabled = {plugins}
[plugins.embeddings.models.default]
kind = "hashing"
[cors]
allow_origins = ["{origin}"]
[ratelimit]
requests = 0
contact_requests = 0
"""
VOICE = """
[plugins.voice]
stt = "{stt}"
tts = "espeak"
reply_audio = true
max_seconds = {seconds}
[plugins.voice.transcribers.openai]
kind = "openai"
base_url = "{url}"
api_key = "${{SPEECH_KEY:-test-key}}"
retries = 0
"""


def tenant(folder, origin, voice=""):
    """A tenant's folder; with what `[plugins.voice]` says it has that plugin."""
    home = folder / "tenants/acme"
    home.mkdir(parents=True)
    plugins = ["voice"] * bool(voice) + ["webchat", "rag", "embeddings"]
    config = CONFIG.format(plugins=plugins, origin=origin).replace("'", '"') + voice
    (home / "tenant.toml").write_text(config, encoding="utf-8")
    return folder / "tenants", folder / "data"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recogniser():
    async with SpeechServer(SAID) as speech:
        yield speech


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(serve, tmp_path_factory, recogniser, elsewhere):
    voice = VOICE.format(stt="openai", url=recogniser.base_url, seconds=20)
    server = await serve(*tenant(tmp_path_factory.mktemp("bank"), elsewhere.url, voice))
    await server.know(DOCUMENTS)
    return server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium, tmp_path_factory):
    """A browser whose microphone hears somebody say, over and over, that they need a loan."""
    import numpy as np

    said = read(await spoken(SAID), 60.0)
    quiet = np.zeros(RATE // 2, dtype=np.float32)
    file = tmp_path_factory.mktemp("microphone") / "said.wav"
    file.write_bytes(wav(Samples(np.concatenate([quiet, said.data, quiet]), RATE)))
    made = await chromium(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}%noloop",
    )
    yield made
    await made.close()


def button(person, name):
    return person.page.get_by_role("button", name=name, exact=True)


async def speak(person, seconds=3):
    """Press, and speak for so long."""
    await button(person, RECORD).click()
    timer = person.page.get_by_role("timer")
    await expect(timer).to_have_text(re.compile(rf"0:(0[{seconds}-9]|[1-5]\d)"), timeout=60_000)


async def heard(person):
    """What was said is there as text, and is answered."""
    await expect(person.own.last).to_contain_text(SAID, timeout=60_000)
    await expect(person.answers.last).to_contain_text(ANSWER, timeout=60_000)


async def test_what_is_said_is_the_customers_message_and_the_answer_comes_as_text_and_as_sound(server, visit, axe):
    visitor = await visit(server.url)
    await speak(visitor)
    levels = visitor.page.locator(".levels path")
    assert len(set(re.findall(r"v([\d.]+)", await levels.get_attribute("d")))) > 5, "the level moves"
    await expect(button(visitor, SEND)).to_be_focused()
    await expect(visitor.box).to_have_count(0)
    assert await axe(visitor.page) == []

    await visitor.page.keyboard.press("Enter")

    await heard(visitor)
    await expect(button(visitor, RECORD)).to_be_focused()
    answer = button(visitor, "Listen to the answer")
    await expect(answer).to_be_visible(timeout=60_000)
    await expect(visitor.answers).to_have_count(2), "the greeting, and one bubble with text and sound"
    await answer.click()
    await expect(button(visitor, "Pause")).to_be_visible()
    await expect(visitor.answers.last.locator(".length")).to_have_text(re.compile(r"0:0[1-9]"))
    await button(visitor, "Pause").click()
    await expect(answer).to_be_visible()
    await button(visitor, "Play the voice message").click()
    await expect(button(visitor, "Pause")).to_be_visible()
    assert await axe(visitor.page) == []

    await visitor.say("And where do loans begin?")
    await expect(visitor.answers).to_have_count(3)
    await expect(button(visitor, "Listen to the answer")).to_have_count(1), "what is typed is answered by text alone"


async def test_after_a_reload_both_sounds_can_be_played(server, visit):
    visitor = await visit(server.url)
    await speak(visitor)
    await button(visitor, SEND).click()
    await heard(visitor)
    await expect(button(visitor, "Listen to the answer")).to_be_visible(timeout=60_000)

    await visitor.page.reload()

    await heard(visitor)
    for name in ("Play the voice message", "Listen to the answer"):
        await button(visitor, name).click()
        await expect(button(visitor, "Pause")).to_be_visible()
        await button(visitor, "Pause").click()


async def test_what_is_discarded_is_not_sent_and_what_was_typed_stays(server, visit):
    visitor = await visit(server.url)
    await visitor.box.fill("a draft")
    await speak(visitor, 1)
    await button(visitor, DISCARD).click()
    await expect(visitor.box).to_have_value("a draft")
    await expect(button(visitor, RECORD)).to_be_focused()

    await visitor.page.keyboard.press("Enter")
    await expect(button(visitor, SEND)).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.box).to_have_value("a draft")
    await expect(visitor.own).to_have_count(0)
    assert await visitor.stored() == []


async def test_a_tap_by_mistake_is_not_sent(server, visit):
    visitor = await visit(server.url)
    # Both clicks in the page, as on a loaded machine more than a tap's time goes by between two of ours.
    await button(visitor, RECORD).evaluate(
        """async (record, name) => {
          const root = record.getRootNode();
          record.click();
          for (;;) {
            const send = [...root.querySelectorAll("button")].find((one) => one.ariaLabel === name || one.textContent.trim() === name);
            if (send) return send.click();
            await new Promise(requestAnimationFrame);
          }
        }""",
        SEND,
    )
    await expect(visitor.page.get_by_role("alert")).to_contain_text("too short")
    assert await visitor.stored() == []


async def test_the_longest_recording_ends_by_itself_and_waits_to_be_sent(
    serve, tmp_path_factory, recogniser, elsewhere, visit
):
    voice = VOICE.format(stt="openai", url=recogniser.base_url, seconds=4)
    server = await serve(*tenant(tmp_path_factory.mktemp("short"), elsewhere.url, voice))
    visitor = await visit(server.url)
    await button(visitor, RECORD).click()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("the longest", timeout=60_000)
    assert await visitor.stored() == []
    await button(visitor, SEND).click()
    await expect(visitor.own).to_contain_text(SAID, timeout=60_000)


async def test_where_nobody_can_write_it_down_the_customer_is_asked_to_type(server, visit, recogniser):
    visitor = await visit(server.url)
    await speak(visitor, 2)
    recogniser.fail(Status(500))
    await button(visitor, SEND).click()
    await expect(visitor.answers.last).to_contain_text("Please write your question as text.", timeout=60_000)
    await expect(visitor.own).to_have_count(1)
    await visitor.say(SAID)
    await expect(visitor.answers.last).to_contain_text(ANSWER)


async def test_what_is_said_while_the_server_is_away_is_sent_when_it_is_back(server, visit):
    visitor = await visit(
        server.url, forgiven=r"ERR_CONNECTION_REFUSED|WebSocket connection to|ERR_INTERNET|Failed to load"
    )
    await speak(visitor, 3)
    await visitor.page.route("**/webchat/recordings**", lambda route: route.abort())
    await button(visitor, SEND).click()
    await expect(visitor.own.get_by_title("Sending")).to_be_visible()
    await visitor.page.unroute("**/webchat/recordings**")
    await heard(visitor)
    assert [who for who, _ in await visitor.stored()][:2] == ["contact", "bot"]


async def test_what_is_said_and_not_sent_when_the_page_is_reloaded_is_sent_by_the_next(server, visit):
    visitor = await visit(server.url, forgiven=r"Failed to load")
    await speak(visitor, 3)
    await visitor.page.route("**/webchat/recordings**", lambda route: route.abort())
    await button(visitor, SEND).click()
    await expect(visitor.own.get_by_title("Sending")).to_be_visible()
    await visitor.page.reload()
    await expect(visitor.own.get_by_title("Sending")).to_be_visible()
    await visitor.page.unroute("**/webchat/recordings**")
    await heard(visitor)
    await visitor.page.reload()
    await heard(visitor)
    await expect(visitor.own).to_have_count(1)
    assert [who for who, _ in await visitor.stored()].count("contact") == 1


async def test_a_recording_that_is_refused_says_so_kindly_and_can_be_deleted(
    serve, tmp_path_factory, recogniser, elsewhere, visit
):
    voice = VOICE.format(stt="openai", url=recogniser.base_url, seconds=20)
    voice = voice.replace("reply_audio = true", "reply_audio = true\nmax_bytes = 2000")
    server = await serve(*tenant(tmp_path_factory.mktemp("small"), elsewhere.url, voice))
    visitor = await visit(server.url, locale="hi-IN", forgiven=r"status of 413")
    await button(visitor, "वॉइस मैसेज रिकॉर्ड करें").click()
    await expect(visitor.page.get_by_role("timer")).to_have_text(re.compile(r"0:(0[3-9]|1\d)"), timeout=60_000)
    await button(visitor, "रोकें और भेजें").click()
    await expect(visitor.own).to_contain_text("यह रिकॉर्डिंग यहाँ नहीं ली जा सकती। कृपया लिखें।", timeout=60_000)
    await button(visitor, "हटाएँ").click()
    await expect(visitor.own).to_have_count(0)
    assert await visitor.stored() == []


async def test_without_a_recorder_the_button_says_that_one_must_type(server, visit, axe):
    visitor = await visit(server.url)
    await visitor.page.add_init_script("delete window.MediaRecorder")
    await visitor.page.reload()
    mic = button(visitor, RECORD)
    await expect(mic).to_have_attribute("aria-disabled", "true")
    await expect(mic).to_have_attribute("title", "This browser can't record. Please type your message.")
    await mic.press("Enter")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("Please type your message.")
    assert await axe(visitor.page) == []


async def test_a_microphone_that_is_not_allowed_is_said_in_the_customers_language(server, visit):
    visitor = await visit(server.url, locale="fr-FR")
    await visitor.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )
    await button(visitor, "Enregistrer un message vocal").click()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("Le micro n’est pas autorisé")
    await visitor.say("bonjour")
    await expect(visitor.answers).to_have_count(2)


@pytest.mark.parametrize(
    "voice", ["", VOICE.format(stt="", url="http://127.0.0.1:9/v1", seconds=20)], ids=["no plugin", "no transcriber"]
)
async def test_a_tenant_that_writes_nothing_down_has_no_microphone(serve, tmp_path_factory, elsewhere, visit, voice):
    server = await serve(*tenant(tmp_path_factory.mktemp("silent"), elsewhere.url, voice))
    visitor = await visit(server.url)
    await visitor.say("hello")
    await expect(visitor.answers).to_have_count(2)
    await expect(button(visitor, RECORD)).to_have_count(0)


async def test_in_a_widget_on_another_origin_under_its_own_policy_one_speaks_and_listens(server, elsewhere, visit):
    elsewhere.policy = (
        f"default-src 'none'; img-src data:; script-src {server.url}; "
        f"connect-src {server.url} {server.url.replace('http', 'ws', 1)}"
    )
    elsewhere.body = f'<script src="{server.url}/webchat/widget.js" async></script><p>Our parcels.</p>'
    visitor = await visit(elsewhere.url, width=360, height=640, has_touch=True, is_mobile=True)
    await visitor.page.get_by_role("button", name="Open chat").tap()
    await speak(visitor)
    wide = "[...document.querySelector('hookline-widget').root.querySelectorAll('*')].some(e => e.scrollWidth > 360)"
    assert not await visitor.page.evaluate(wide)
    await button(visitor, SEND).tap()
    await heard(visitor)
    await button(visitor, "Listen to the answer").tap()
    await expect(button(visitor, "Pause")).to_be_visible()


async def test_closing_the_widget_switches_the_microphone_off(server, elsewhere, visit):
    elsewhere.policy = ""
    elsewhere.body = f'<script src="{server.url}/webchat/widget.js" async></script>'
    visitor = await visit(elsewhere.url)
    await visitor.page.evaluate(
        """() => {
            const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (what) => (window.heard = await ask(what));
        }"""
    )
    await visitor.page.get_by_role("button", name="Open chat").click()
    await speak(visitor, 1)
    await button(visitor, "Close chat").click()
    await expect(visitor.page.get_by_role("dialog")).to_be_hidden()
    assert await visitor.page.evaluate("heard.getTracks().map(track => track.readyState)") == ["ended"]
    await visitor.page.get_by_role("button", name="Open chat").click()
    await expect(button(visitor, RECORD)).to_be_visible()
    await expect(visitor.own).to_have_count(0)
