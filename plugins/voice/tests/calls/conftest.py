"""Calls by Twilio on a real server: a bot that asks like a flow, Twilio's requests signed, its API on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import aiohttp
import attrs
import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

import hookline_voice
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.message import HandoffRequest, Reply
from hookline.plugin import Plugin
from hookline.testing.twiliocalls import TwilioCalls
from hookline_voice.callmodels import call, order

CUSTOMER = "+919800000001"
PUBLIC = "https://bank.example"


class Guide:
    """A bot that asks for a colour, then a number, and says both; "agent" asks for a person, "slow" takes its time;
    what is chosen is told to the conversation `colleague` too."""

    def __init__(self):
        self.heard = []
        self.go_on = asyncio.Event()
        self.colleague = ""

    def plugin(self):
        box = self

        class TenantHooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def request_handoff(self, turn):
                return HandoffRequest("wish", "A colleague comes.") if turn.message.text == "agent" else None

            @hookimpl
            async def respond(self, turn):
                told = turn.message
                box.heard.append(told)
                if told.text == "slow":
                    await box.go_on.wait()
                state = turn.state("guide")
                if told.input_type == "event":
                    state["slots"] = dict(told.data.get("flow", {}).get("slots", {}))
                    return _asks("colour", "Which colour?", "choice", ("red", "blue"))
                if "colour" not in state:
                    if told.text not in ("1", "2"):
                        return _asks("colour", "Sorry, which colour?", "choice", ("red", "blue"))
                    state["colour"] = told.text
                    if box.colleague:
                        turn.send(Reply("Somebody wants a colour."), conversation=box.colleague)
                    return _asks("size", "How many?", "number")
                parts = {"parts": [["size", 1], ["bye", 1]], "outcome": "bought", "step": "", "flow": "shop"}
                return Reply(f"{told.text} it is.\n\nGoodbye.", data={"flow": parts})

        return Plugin("guide", TenantHooks)


def _asks(step, text, kind, values=()):
    flow = {"flow": "shop", "step": step, "parts": [[step, 1]], "waiting": "ask", "kind": kind, "values": list(values)}
    return Reply(text, quick_replies=tuple(value.title() for value in values), data={"flow": flow})


@attrs.define(eq=False)
class Line:
    """One call; `ask` is a request of Twilio's."""

    bot: object
    http: aiohttp.ClientSession
    url: str
    twilio: TwilioCalls
    guide: Guide
    key: str
    sid: str = "CA" + "1" * 32

    @property
    def tenant(self):
        return self.bot.tenant("voice", "acme")

    async def ask(self, path, method="POST", status=200, token="", customer=CUSTOMER, direction="inbound", **fields):
        here, there = (self.twilio.number, customer) if direction.startswith("out") else (customer, self.twilio.number)
        form = {
            "AccountSid": self.twilio.account,
            "CallSid": self.sid,
            "From": here,
            "To": there,
            "Direction": direction,
            **fields,
        }
        told = f"/t/acme{path}" if path.startswith("/voice/") else path
        if method == "GET":
            told, form = f"{told}?{urlencode(form)}", {}
        headers = {"X-Twilio-Signature": self.twilio.sign(f"{PUBLIC}{told}", form)}
        if token:
            headers["I-Twilio-Idempotency-Token"] = token
        sent = {} if method == "GET" else {"data": urlencode(form)}
        if sent:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with self.http.request(method, f"{self.url}{told}", headers=headers, **sent) as answer:
            text = await answer.text()
            assert answer.status == status, (answer.status, text)
            return ET.fromstring(text) if status == 200 else text

    @staticmethod
    def words(document):
        """What is said in a document."""
        return " ".join(one.text for one in document.iter("Say"))

    async def staff(self, method, path, body=None, status=200):
        async with self.http.request(
            method, f"{self.url}/t/acme{path}", json=body, headers={"X-API-Key": self.key}
        ) as answer:
            assert answer.status == status, (answer.status, await answer.text())
            return await answer.json() if "json" in answer.content_type else await answer.text()

    async def orders(self):
        return await self.tenant.db.fetch(sa.select(order).order_by(order.c.created_at))

    async def placed(self, n=1):
        """The latest of at least so many calls that Twilio has taken."""
        await self.bot.until(lambda: len(self.twilio.placed) >= n)
        await self.bot.idle()
        return list(self.twilio.placed.values())[-1]

    async def retried(self):
        """The call of the only order, once it is placed, with the time going on meanwhile."""
        async with asyncio.timeout(20):
            while (await self.orders())[0].state != "placed":
                self.bot.clock.advance(1)
                await asyncio.sleep(0.01)
        return await self.placed()

    async def settled(self, key, state, step=1):
        """The order of that key once it is in the state, with the time going on meanwhile."""
        wanted = sa.select(order).where(order.c.key == key)
        async with asyncio.timeout(20):
            while (found := (await self.tenant.db.fetch(wanted))[0]).state != state:
                self.bot.clock.advance(step)
                await asyncio.sleep(0.01)
        return found

    async def outcome(self):
        return (await self.tenant.db.fetch(sa.select(call.c.outcome).where(call.c.id == self.sid)))[0].outcome


def config(twilio, more="", calls=""):
    return f"""
public_url = "{PUBLIC}"
[locale]
phone_region = "IN"
[turns]
backoff = 0.01
[plugins.voice.calls]
flow = "shop"
numbers = ["{twilio.number}"]
{calls}
[plugins.voice.calls.twilio]
account_sid = "{twilio.account}"
auth_token = "{twilio.token}"
url = "{twilio.host}"
{more}
"""


@pytest_asyncio.fixture
async def make_line(make_bot):
    async with contextlib.AsyncExitStack() as stack:

        async def make(more="", calls="", **options):
            twilio = await stack.enter_async_context(TwilioCalls())
            guide = Guide()
            bot = await make_bot(
                plugins=[hookline_voice.plugin, guide.plugin()],
                tenants={"acme": config(twilio, more, calls)},
                **options,
            )
            app = make_app(bot.runtime, tenant="acme")
            runner = web.AppRunner(app, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            _, key = await app[KEYS].create("acme", "Asha", "supervisor")
            return Line(bot, http, f"http://127.0.0.1:{runner.addresses[0][1]}", twilio, guide, key)

        yield make


@pytest_asyncio.fixture
async def line(make_line):
    return await make_line()


@pytest.fixture
def database_plugins():
    return [hookline_voice.plugin]
