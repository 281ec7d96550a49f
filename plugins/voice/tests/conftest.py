"""Voice notes on a real server: a bot that repeats what it hears, a recogniser behind OpenAI's API, recordings by espeak-ng."""

from __future__ import annotations

import contextlib
from typing import Any

import aiohttp
import attrs
import pytest
import pytest_asyncio
from aiohttp import web

import hookline_voice
from hookline.app import make_app
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.testing.openaiaudio import SpeechServer, spoken
from hookline_voice.sound import to_ogg

GRAMMAR = "i need a loan | where is my money | my name is asha | open an account"


class Parrot:
    """Repeats what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def plugin(self) -> Plugin:
        box = self

        class TenantHooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def respond(self, turn):
                box.heard.append(turn.message)
                return Reply(f"You said: **{turn.message.text}** [1]")

        return Plugin("parrot", TenantHooks)


@attrs.define(eq=False)
class Booth:
    """A tenant with voice notes: what is recorded is posted to the real server."""

    bot: Any
    http: aiohttp.ClientSession
    parrot: Parrot
    speech: SpeechServer
    url: str
    app: web.Application

    @property
    def tenant(self):
        return self.bot.tenant("voice", "acme")

    async def post(self, path, sound, *, name="audio", **fields):
        """Post a recording as a browser does; the status and what was answered."""
        form = aiohttp.FormData()
        for key, value in fields.items():
            form.add_field(key, value)
        if sound is not None:
            form.add_field(name, sound, filename="note", content_type="audio/webm")
        async with self.http.post(f"{self.url}/t/acme{path}", data=form) as answer:
            return answer.status, await answer.json()

    async def say(self, sound, **fields):
        """Send a recording; what was answered."""
        status, told = await self.post("/voice/chat", sound, **fields)
        assert status == 200, told
        return told

    async def messages(self, session):
        """The conversation as it is stored, once all is done."""
        await self.bot.idle()
        return await self.tenant.conversations.history(session, limit=50)


@pytest_asyncio.fixture
async def make_booth(make_bot):
    """Make a `Booth`: `await make_booth('reply_audio = true', …)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(*settings, table="", grammar=GRAMMAR, plugins=(), first="", **options):
            speech = await stack.enter_async_context(SpeechServer(grammar))
            parrot = Parrot()
            lines = "\n".join(settings)
            text = f"""
{first}
[plugins.voice]
stt = "sphinx"
{lines}
[plugins.voice.transcribers.sphinx]
kind = "openai"
base_url = "{speech.base_url}"
api_key = "test-key"
timeout = 20.0
retries = 0
{table}
"""
            bot = await make_bot(
                plugins=[hookline_voice.plugin, *plugins, parrot.plugin()], tenants={"acme": text}, **options
            )
            app = make_app(bot.runtime, tenant="acme")
            runner = web.AppRunner(app, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            return Booth(bot, http, parrot, speech, f"http://127.0.0.1:{runner.addresses[0][1]}", app)

        yield make


@pytest.fixture(scope="session")
def recorded():
    """Make a recording: `await recorded("i need a loan")`, Ogg with Opus as WhatsApp sends it."""
    made: dict[str, bytes] = {}

    async def make(text):
        if text not in made:
            made[text], _ = to_ogg(await spoken(text), 60.0)
        return made[text]

    return make
