"""The page that listens and speaks: a real browser records what espeak-ng says, and a real recogniser writes it down."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from hookline.testing.openaiaudio import SpeechServer, spoken
from hookline_voice.sound import RATE, read, wav

pytestmark = [
    pytest.mark.service("chromium"),
    pytest.mark.service("espeak"),
    pytest.mark.asyncio(loop_scope="module"),
]

CONFIG = """
title = "Acme"
languages = ["en", "fr"]
[plugins]
enabled = ["voice"]
[plugins.voice]
stt = "openai"
tts = "espeak"
reply_audio = true
[plugins.voice.transcribers.openai]
kind = "openai"
base_url = "{url}"
api_key = "${{SPEECH_KEY:-{key}}}"
[ratelimit]
requests = 0
contact_requests = 0
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("voice")
    async with SpeechServer("i need a loan | where is my money") as speech:
        home = folder / "tenants/acme"
        home.mkdir(parents=True)
        (home / "tenant.toml").write_text(CONFIG.format(url=speech.base_url, key=speech.api_key), encoding="utf-8")
        yield await serve(folder / "tenants", folder / "data")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium, tmp_path_factory):
    """A browser whose microphone hears somebody say, over and over, that they need a loan."""
    import numpy as np

    from hookline_voice.sound import Samples

    said = read(await spoken("i need a loan"), 60.0)
    quiet = np.zeros(RATE, dtype=np.float32)
    file = tmp_path_factory.mktemp("microphone") / "said.wav"
    file.write_bytes(wav(Samples(np.concatenate([quiet, said.data, quiet, quiet]), RATE)))
    made = await chromium(
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    )
    yield made
    await made.close()


@pytest.mark.slow
@pytest.mark.row("K02")
async def test_what_is_said_into_the_microphone_appears_with_the_reply_and_its_sound(server, visit):
    person = await visit(f"{server.url}/voice", permissions=["microphone"])
    page = person.page
    await page.get_by_role("button", name="Record a voice message").click()
    await expect(page.get_by_text(re.compile(r"Recording 0:(0[4-9]|[1-5]\d)"))).to_be_visible(timeout=60_000)
    await page.get_by_role("button", name="Stop and send").click()

    await expect(page.locator(".bubble.me")).to_contain_text("i need a loan", timeout=60_000)
    reply = page.locator(".bubble.bot").first
    await expect(reply).to_be_visible()
    sound = reply.locator("audio")
    await expect(sound).to_be_visible()
    assert await sound.evaluate(
        "a => new Promise(done => { if (a.duration > 0) done(true); a.onloadedmetadata = () => done(a.duration > 0); a.onerror = () => done(false); a.load() })"
    ), "the browser can play the spoken reply"

    await page.get_by_role("textbox", name="Write a message").fill("in writing")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".bubble.bot")).to_have_count(2, timeout=60_000)
    await expect(page.locator(".bubble.bot").last.locator("audio")).to_have_count(0)


@pytest.mark.row("K02")
async def test_a_microphone_that_is_not_allowed_is_said_and_writing_goes_on(server, visit):
    person = await visit(f"{server.url}/voice", locale="fr-FR")
    page = person.page
    await page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )

    await page.get_by_role("button", name="Enregistrer un message vocal").click()

    await expect(page.get_by_role("alert")).to_contain_text("Le micro n’est pas autorisé")
    await page.get_by_role("textbox", name="Écrire un message").fill("bonjour")
    await page.get_by_role("textbox", name="Écrire un message").press("Enter")
    await expect(page.locator(".bubble.bot")).to_be_visible(timeout=60_000)


async def test_without_a_recorder_the_button_is_off_with_a_hint(server, visit, axe):
    person = await visit(f"{server.url}/voice")
    page = person.page
    await page.add_init_script("delete window.MediaRecorder")
    await page.reload()

    await expect(page.get_by_role("button", name="Record a voice message")).to_be_disabled()
    await expect(page.get_by_role("alert")).to_contain_text("This browser can't record")
    assert await axe(page) == []
