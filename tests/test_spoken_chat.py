"""What is said in the chat: webchat takes it, voice writes it down and speaks; neither knows of the other."""

from __future__ import annotations

import array
import io
import math
import wave
from typing import Any

import aiohttp
import attrs
import pytest
import pytest_asyncio
from aiohttp import web

import hookline_voice
import hookline_webchat
from hookline.app import make_app
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.testing.openaiaudio import SpeechServer

CONFIG = """
[plugins.voice]
stt = "{stt}"
{lines}
[plugins.voice.transcribers.ear]
kind = "openai"
base_url = "{url}"
api_key = "test-key"
retries = 0
"""
FREE = "[ratelimit]\nrequests = 0\ncontact_requests = 0\n"


def tone(seconds: float = 1.0) -> bytes:
    """A recording that is no silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = (int(9000 * math.sin(n / 6)) for n in range(int(16_000 * seconds)))
        file.writeframes(array.array("h", samples).tobytes())
    return out.getvalue()


class Parrot:
    """Repeats what it hears."""

    def __init__(self, tenant: Any) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Any) -> Reply:
        return Reply(f"You said: {turn.message.text}", data={"input_type": turn.message.input_type})


@attrs.define(eq=False)
class Chat:
    """The tenants acme and other; `speech` hears "open an account", whatever is said."""

    bot: Any
    http: aiohttp.ClientSession
    url: str
    speech: SpeechServer
    token: str = ""

    async def open(self, tenant: str = "acme", **body: Any) -> dict[str, Any]:
        """A session; its token is used from now on."""
        async with self.http.post(f"{self.url}/t/{tenant}/webchat/session", json=body) as answer:
            told = await answer.json()
        self.token = told["token"]
        return told

    def who(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token if token is None else token}"}

    async def record(
        self, sound: bytes, ident: str = "r1", tenant: str = "acme", token: str | None = None
    ) -> tuple[int, Any]:
        """Send a recording as the page does; the status and the answer."""
        at = f"{self.url}/t/{tenant}/webchat/recordings"
        headers = {**self.who(token), "Content-Type": "audio/webm"}
        async with self.http.post(at, params={"id": ident}, data=sound, headers=headers) as answer:
            return answer.status, await answer.json()

    async def messages(self) -> list[dict[str, Any]]:
        """The conversation as the visitor sees it, once all is done."""
        await self.bot.idle()
        async with self.http.get(f"{self.url}/t/acme/webchat/messages", headers=self.who()) as answer:
            return (await answer.json())["messages"]

    async def file(
        self, seq: int, n: int = 0, token: str | None = None, tenant: str = "acme"
    ) -> tuple[int, bytes, str]:
        """A file of the conversation: the status, the body and its type."""
        at = f"{self.url}/t/{tenant}/webchat/messages/{seq}/files/{n}"
        async with self.http.get(at, headers=self.who(token)) as answer:
            return answer.status, await answer.read(), answer.content_type


@pytest_asyncio.fixture
async def make_chat(make_bot):
    """Make a `Chat`: `await make_chat("max_bytes = 100")`; `plugins` take the place of voice and webchat."""
    runners: list[web.AppRunner] = []
    async with SpeechServer("", hear=lambda _sound: "open an account") as speech, aiohttp.ClientSession() as http:

        async def make(*lines: str, stt: str = "ear", plugins: Any = None, rates: str = FREE) -> Chat:
            chosen = plugins or [hookline_voice.plugin, hookline_webchat.plugin]
            voice = CONFIG.format(stt=stt, url=speech.base_url, lines="\n".join(lines))
            text = rates + (voice if hookline_voice.plugin in chosen else "")
            bot = await make_bot(plugins=[*chosen, Plugin("parrot", Parrot)], tenants={"acme": text, "other": text})
            runner = web.AppRunner(make_app(bot.runtime), shutdown_timeout=1)
            await runner.setup()
            runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            chat = Chat(bot, http, f"http://127.0.0.1:{runner.addresses[0][1]}", speech)
            await chat.open()
            return chat

        yield make
        for runner in runners:
            await runner.cleanup()


@pytest.mark.row("X05")
async def test_what_is_said_is_a_message_as_one_that_is_typed(make_chat):
    chat = await make_chat("max_seconds = 9.0")
    told = await chat.open()
    assert told["config"]["recorder"] == {"max_seconds": 9.0, "max_bytes": 8 * 1024 * 1024, "speaks": False}

    status, taken = await chat.record(tone())

    assert (status, taken["id"], taken["seq"], taken["duplicate"]) == (202, "r1", 1, False)
    mine, reply = await chat.messages()
    assert (mine["text"], mine["data"]["client_id"]) == ("open an account", "r1")
    assert [one["media_type"] for one in mine["attachments"]] == ["audio/wav"]
    assert reply["text"] == "You said: open an account"
    (stored, _) = await chat.bot.tenant("webchat", "acme").conversations.history(told["conversation"])
    assert stored.input_type == "audio"
    assert stored.data["voice"]["sound"]
    status, again = await chat.record(tone())
    assert (status, again["seq"], again["duplicate"]) == (202, 1, True)
    assert len(await chat.messages()) == 2


@pytest.mark.service("espeak")
async def test_the_answer_is_spoken_besides_and_says_which_it_speaks(make_chat):
    chat = await make_chat('tts = "espeak"', "reply_audio = true")
    assert (await chat.open())["config"]["recorder"]["speaks"] is True
    await chat.record(tone())
    mine, reply, sound = await chat.messages()
    assert (sound["text"], sound["data"]["speaks_for"]) == ("", reply["id"])
    assert sound["attachments"][0]["media_type"] == "audio/ogg"
    status, data, kind = await chat.file(sound["seq"])
    assert (status, data[:4], kind) == (200, b"OggS", "audio/ogg")
    assert (await chat.file(mine["seq"]))[:2] == (200, tone())


async def test_a_file_is_its_own_visitors_alone(make_chat):
    chat = await make_chat()
    await chat.record(tone())
    await chat.messages()
    mine = chat.token
    assert (await chat.file(1))[0] == 200
    for seq, n in ((1, 1), (2, 0), (3, 0), (0, 0), (9_999_999_999, 0)):
        assert (await chat.file(seq, n))[0] == 404, (seq, n)
    await chat.open()
    assert (await chat.file(1))[0] == 404, "another visitor has another conversation"
    assert (await chat.file(1, token=""))[0] == 401
    assert (await chat.file(1, token=mine, tenant="other"))[0] == 401


@pytest.mark.parametrize(
    ("sound", "status", "detail"),
    [
        (b"", 422, "missing or empty"),
        (b"%PDF-1.7 no sound", 415, "which is no sound"),
        (b"<html><script>1</script>", 415, "which is no sound"),
        (tone(2.0), 413, "more than 50,000 bytes"),
    ],
    ids=["nothing", "a document", "a page", "too large"],
)
async def test_what_is_no_recording_is_refused_and_nothing_is_stored(make_chat, sound, status, detail):
    chat = await make_chat("max_bytes = 50000")
    given, told = await chat.record(sound)
    assert (given, detail in told["detail"]) == (status, True), told
    assert await chat.messages() == []
    assert list((chat.bot.tenant("voice", "acme").data / "sounds").glob("??/*")) == []


async def test_a_recording_without_a_token_or_an_id_is_refused(make_chat):
    chat = await make_chat()
    assert (await chat.record(tone(), token=""))[0] == 401
    assert (await chat.record(tone(), tenant="other"))[0] == 401, "a token is its tenant's"
    for ident in ("", "a b", "x" * 65):
        status, told = await chat.record(tone(), ident)
        assert (status, told["errors"][0]["field"]) == (400, "id")
    assert await chat.messages() == []


async def test_who_says_too_much_at_once_is_asked_to_wait_as_one_who_types(make_chat):
    chat = await make_chat(rates="[ratelimit]\nrequests = 0\ncontact_requests = 2\nseconds = 60.0\n")
    assert [(await chat.record(tone(), f"r{n}"))[0] for n in range(3)] == [202, 202, 429]
    assert [one["text"] for one in await chat.messages() if one["author"] == "contact"] == ["open an account"] * 2


@pytest.mark.parametrize(
    ("stt", "plugins"),
    [("", [hookline_webchat.plugin]), ("", None), ("deaf", None), ("openai", None)],
    ids=["webchat alone", "no transcriber", "no model", "no key"],
)
async def test_where_nobody_writes_it_down_the_page_is_told_and_a_recording_is_refused(make_chat, stt, plugins):
    table = '[plugins.voice.transcribers.deaf]\nkind = "whisper"\nmodel = "/nowhere"'
    chat = await make_chat(table, stt=stt, plugins=plugins)
    assert (await chat.open())["config"]["recorder"] is None
    status, told = await chat.record(tone())
    assert (status, told["detail"]) == (404, "nobody here writes down what is said; please type it")
