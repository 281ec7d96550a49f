"""A tenant on WhatsApp with a bot that repeats what it hears, a real server, and the providers on loopback."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import aiohttp
import attrs
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

import hookline_whatsapp
from hookline.app import make_app
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.testing.meta import MetaServer

CUSTOMER = "+919812345678"


class Parrot:
    """Repeats what it hears; `say` takes its place, by text."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.say: dict[str, Reply] = {}

    def plugin(self) -> Plugin:
        box = self

        class TenantHooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def respond(self, turn):
                box.heard.append(turn.message)
                return box.say.get(turn.message.text) or Reply(f"You said: {turn.message.text}")

        return Plugin("parrot", TenantHooks)


@attrs.define(eq=False)
class Line:
    """The tenant's line: what comes in is posted to the real server, what goes out is at the provider's."""

    bot: Any
    runner: web.AppRunner
    http: aiohttp.ClientSession
    parrot: Parrot
    meta: MetaServer
    url: str
    n: int = 0

    @property
    def webhook(self):
        return f"{self.url}/t/acme/whatsapp/webhook"

    @property
    def tenant(self):
        return self.bot.tenant("whatsapp", "acme")

    async def post(self, payload, *, sign=True, headers=None, path=None):
        """Post a payload as Meta does; the status and the body."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        told = {"Content-Type": "application/json"}
        if sign:
            told["X-Hub-Signature-256"] = self.meta.sign(body)
        async with self.http.post(path or self.webhook, data=body, headers={**told, **(headers or {})}) as answer:
            return answer.status, await answer.text()

    async def hear(self, *messages, **value):
        """Post the customer's messages as Meta does, and wait until all that follows is done."""
        status, text = await self.post(self.payload(*messages, **value))
        assert status == 200, text
        await self.bot.idle()

    async def say(self, text, **more):
        """A customer writes; what the bot sent since."""
        before = len(self.meta.messages)
        await self.hear(self.text(text, **more))
        return self.meta.messages[before:]

    def text(self, text, **more):
        """A text message as Meta has it."""
        return self.message({"type": "text", "text": {"body": text}}, **more)

    def message(self, part, sender=CUSTOMER, ident="", at=None, **more):
        self.n += 1
        when = self.tenant.clock.now() if at is None else at
        told = {"from": sender.removeprefix("+"), "id": ident or f"wamid.in{self.n}", "timestamp": str(int(when))}
        return {**told, **part, **more}

    def payload(self, *messages, number="", statuses=(), contacts=None, **value):
        """The whole that Meta posts."""
        senders = dict.fromkeys(one["from"] for one in messages if "from" in one)
        known = [{"wa_id": one, "profile": {"name": "Asha"}} for one in senders] if contacts is None else contacts
        told = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "911234567890", "phone_number_id": number or self.meta.number},
            **({"contacts": known, "messages": list(messages)} if messages else {}),
            **({"statuses": list(statuses)} if statuses else {}),
            **value,
        }
        change = {"field": "messages", "value": told}
        return {"object": "whatsapp_business_account", "entry": [{"id": "42", "changes": [change]}]}

    async def rows(self, statement, **values):
        return await self.tenant.db.fetch(statement, values)

    async def outbox(self):
        """The outbox: state and cause of each message."""
        from hookline.models import outbox

        return [
            (row.state, row.error)
            for row in await self.bot.runtime.database.fetch(
                sa.select(outbox.c.state, outbox.c.error).order_by(outbox.c.id), {}, tenant="acme"
            )
        ]

    def refused(self, reason):
        """How often something was refused for the reason."""
        from hookline.metrics import REGISTRY

        labels = {"tenant": "acme", "reason": reason}
        return int(REGISTRY.get_sample_value("hookline_whatsapp_refused_total", labels) or 0)


def meta_config(meta, more="", first=""):
    """The tenant's config for Meta."""
    return f"""
[plugins.whatsapp]
provider = "meta"
{first}[plugins.whatsapp.numbers.main]
id = "{meta.number}"
phone = "+911234567890"
[plugins.whatsapp.meta]
access_token = "{meta.token}"
app_secret = "{meta.secret}"
verify_token = "{meta.verify_token}"
url = "{meta.host}"
{more}
"""


@pytest_asyncio.fixture
async def make_line(make_bot):
    """Make a `Line`: `await make_line(more="…toml…", config=…, clock=…)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(*, more="", config=None, media=None, service="", plugins=(), **options):
            meta = await stack.enter_async_context(MetaServer())
            parrot = Parrot()
            more += media(meta) if media else ""
            named = f'transcribe = "{service}"\n' if service else ""
            text = config if config is not None else meta_config(meta, more, named)
            bot = await make_bot(
                plugins=[hookline_whatsapp.plugin, *plugins, parrot.plugin()], tenants={"acme": text}, **options
            )
            runner = web.AppRunner(make_app(bot.runtime, tenant="acme"), shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            return Line(bot, runner, http, parrot, meta, f"http://127.0.0.1:{runner.addresses[0][1]}")

        yield make


@pytest_asyncio.fixture
async def line(make_line):
    """A line by Meta."""
    return await make_line()
