"""What conformance drives: whole bots whose channels and plugins talk to the addresses of the served descriptions."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

import hookline_handoff
import hookline_llm
import hookline_whatsapp
from hookline.app import KEYS, make_app
from hookline.clock import Clock
from hookline.errors import HooklineError
from hookline.hookspecs import hookimpl
from hookline.message import Attachment, File, Passage, Prompt, Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.bot import Bot
from hookline.turn import Turn

Flow = Callable[[Mapping[str, str], Path], Awaitable[None]]
SECRET, NUMBER, CUSTOMER = "conformance-secret", "109876543210987", "919812345678"
ACCOUNT, SENDER = "AC" + "0" * 32, "+15550001111"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
OGG = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01" + bytes(40)
FILES = {
    "png": File(PNG, "image/png", "a.png"),
    "pdf": File(b"%PDF-1.4\n%%EOF", "application/pdf", "a.pdf"),
    "ogg": File(OGG, "audio/ogg", "a.ogg"),
    "csv": File(b"a;b\n1;2\n", "text/csv", "a.csv"),
}


def reply_to(text: str) -> Reply:
    """Each kind of what can be sent."""
    if text in FILES:
        file = FILES[text]
        return Reply(
            "" if text == "ogg" else "here it is",
            attachments=(Attachment(f"/t/acme/{text}", file.media_type, file.name),),
        )
    if text == "link":
        return Reply("look", attachments=(Attachment("https://files.example/a.jpg", "image/jpeg"),))
    if text == "buttons":
        return Reply("Which one?", quick_replies=("Gold", "Silver"))
    if text == "list":
        return Reply("Which one?", quick_replies=tuple(f"Plan number {n}" for n in range(7)))
    if text == "many":
        return Reply("Which one?", quick_replies=tuple(f"Plan number {n}" for n in range(14)))
    if text == "long":
        return Reply("A sentence that goes on and on. " * 300)
    if text == "template":
        return Reply(
            "Offer", data={"template": {"name": "HX" + "1" * 32, "language": "en", "variables": ["Asha", "2.5 %"]}}
        )
    return Reply(f"You said: **{text}** https://acme.example/x")


ASKED = ("hello", "नमस्ते", "buttons", "list", "many", "long", "link", "png", "pdf", "ogg", "csv", "template")


class Speaker:
    """Says what is asked for, has files, and finds a passage for anything."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def retrieve(self, turn: Turn) -> Sequence[Passage]:
        """One that answers nothing else than the fee."""
        return [
            Passage(
                document="fees.md",
                version=1,
                start=0,
                end=27,
                text="The processing fee is 2.5 %",
                title="Fees",
                score=0.9,
            )
        ]

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """What the customer asks for by its name."""
        return reply_to(turn.message.text)

    @hookimpl
    async def open_file(self, path: str) -> File | None:
        """One of ours."""
        return FILES.get(path.rpartition("/")[2])


SPEAKER = Plugin("speaker", Speaker)


@contextlib.asynccontextmanager
async def site(folder: Path, plugins: Sequence[Plugin], config: str) -> Any:
    bot = Bot(plugins=plugins, folder=folder, tenants={"acme": config}, clock=Clock())
    await bot.start()
    runner = web.AppRunner(make_app(bot.runtime, tenant="acme"), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as http:
            yield bot, http, f"http://127.0.0.1:{runner.addresses[0][1]}", runner.app[KEYS]
    finally:
        await runner.cleanup()
        await bot.close()


async def by_meta(urls: Mapping[str, str], folder: Path) -> None:
    """WhatsApp by Meta: every kind of message, uploads, files of customers, read receipts."""
    if "meta" not in urls:
        return
    config = f"""
[plugins.whatsapp]
provider = "meta"
numbers.main = {{ id = "{NUMBER}", phone = "+911234567890" }}
meta = {{ access_token = "token", app_secret = "{SECRET}", verify_token = "verify", url = "{urls["meta"]}" }}
"""
    async with site(folder, [hookline_whatsapp.plugin, SPEAKER], config) as (bot, http, url, _):
        parts = [{"type": "text", "text": {"body": text}} for text in ASKED]
        parts.append(
            {"type": "image", "image": {"id": "2754859441498128", "mime_type": "image/jpeg", "caption": "hello"}}
        )
        for n, part in enumerate(parts):
            body = json.dumps(_from_meta({**part, "from": CUSTOMER, "id": f"wamid.{n}"})).encode()
            signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
            async with http.post(f"{url}/t/acme/whatsapp/webhook", data=body, headers=headers) as answer:
                answer.raise_for_status()
            await bot.idle(120.0)


def _from_meta(message: Mapping[str, Any]) -> dict[str, Any]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "911234567890", "phone_number_id": NUMBER},
        "contacts": [{"wa_id": CUSTOMER, "profile": {"name": "Asha"}}],
        "messages": [{"timestamp": str(int(time.time())), **message}],
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


async def by_twilio(urls: Mapping[str, str], folder: Path) -> None:
    """WhatsApp by Twilio: every kind of message, contents for quick replies, addresses of files."""
    if "twilio messages" not in urls or "twilio content" not in urls:
        return
    config = f"""
public_url = "https://bot.example"
[plugins.whatsapp]
provider = "twilio"
window.seconds = 1e12
numbers.main = {{ id = "{SENDER}", phone = "{SENDER}" }}
[plugins.whatsapp.twilio]
account_sid = "{ACCOUNT}"
auth_token = "token"
url = "{urls["twilio messages"]}"
content_url = "{urls["twilio content"]}"
"""
    async with site(folder, [hookline_whatsapp.plugin, SPEAKER], config) as (bot, *_):
        tenant = bot.tenant("whatsapp")
        conversation, _ = await tenant.conversations.open("whatsapp", f"+{CUSTOMER}")
        for text in ASKED:
            await tenant.send(reply_to(text), conversation=conversation, author="agent")
            await bot.idle(120.0)


async def by_taskrouter(urls: Mapping[str, str], folder: Path) -> None:
    """A handoff that becomes a task with a room, is written into, and is closed."""
    if "twilio taskrouter" not in urls or "twilio conversations" not in urls:
        return
    config = f"""
[plugins]
enabled = ["handoff", "speaker", "loopback"]
[plugins.handoff]
backend = "twilio_taskrouter"
[plugins.handoff.twilio]
account_sid = "{ACCOUNT}"
auth_token = "token"
workspace_sid = "WS{"0" * 32}"
workflow_sid = "WW{"0" * 32}"
conversations_service_sid = "IS{"0" * 32}"
taskrouter_url = "{urls["twilio taskrouter"]}"
conversations_url = "{urls["twilio conversations"]}"
"""
    async with site(folder, [hookline_handoff.plugin, SPEAKER], config) as (bot, http, url, keys):
        said = await bot.say("I want to talk to a human")
        await _settled(bot)
        await bot.hear("My card was charged twice")
        await _settled(bot)
        _, key = await keys.create("acme", "asha", "supervisor")
        headers = {"X-API-Key": key}
        async with http.get(f"{url}/api/v1/handoff/active", headers=headers) as answer:
            open_ones = (await answer.json())["handoffs"]
        for one in open_ones:
            path = f"{url}/api/v1/handoff/resolve/{one.get('id') or one.get('handoff_id')}"
            async with http.post(path, headers=headers, json={"note": "done"}) as answer:
                await answer.read()
        await _settled(bot)
        about = await bot.tenant().conversations.get(said.conversation)
        if about is not None:
            with contextlib.suppress(HooklineError):
                await bot.snapshot().hooks.erase_contact(about.contact.id)


async def _settled(bot: Bot) -> None:
    """What follows from the event log is done some moments later."""
    for _ in range(8):
        await bot.idle(120.0)
        await asyncio.sleep(0.25)


async def by_ollama(urls: Mapping[str, str], folder: Path) -> None:
    """An answer of a model."""
    if "ollama" not in urls:
        return
    config = f"""
[plugins]
enabled = ["llm", "speaker", "loopback"]
[plugins.llm]
chain = ["ollama"]
[plugins.llm.providers.ollama]
host = "{urls["ollama"]}"
model = "llama3:8b"
attempts = 1
"""
    async with site(folder, [hookline_llm.plugin, SPEAKER], config) as (bot, *_):
        for text in ("What is the processing fee?", "प्रोसेसिंग फीस कितनी है?"):
            await bot.say(text)
        with contextlib.suppress(HooklineError):
            prompt = Prompt((("system", "Be short."), ("user", "Hello?")))
            _ = [piece async for piece in bot.snapshot().hooks.generate("ollama", prompt)]


FLOWS: tuple[Flow, ...] = (by_meta, by_twilio, by_taskrouter, by_ollama)
