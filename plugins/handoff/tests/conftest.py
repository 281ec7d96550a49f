"""What the tests of this plugin share."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import attrs
import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

import hookline_handoff
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.models import timer
from hookline.plugin import Plugin
from hookline_handoff import agents, handling, records
from hookline_handoff.models import handoff, step
from hookline_handoff.records import Actor

ASHA = Actor("asha", "Asha Rao")
BEN = Actor("ben", "Ben Okafor")
CLARA = Actor("clara", "Clara Díaz", "supervisor")


class _Echo:
    """The bot of these tests: it repeats what was said; what it does not know begins with a question mark."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn):
        """What is marked as sound is written down, as a plugin that hears does it."""
        return attrs.evolve(turn.message, text=turn.message.text.removeprefix("sound: "))

    @hookimpl
    async def respond(self, turn):
        said = turn.message.text
        confidence = float(said.split()[-1]) if said.startswith("sure ") else None
        return Reply(f"bot: {said}", answered=not said.startswith("?"), confidence=confidence)


ECHO = Plugin("echo", hooks=_Echo)
ALL = [hookline_handoff.plugin, ECHO]


class Desk:
    """A bot with its queue of agents, as a test uses it."""

    asha, ben, clara = ASHA, BEN, CLARA

    def __init__(self, bot):
        self.bot = bot
        self.tenant = bot.tenant("handoff")

    async def talk(self, who="alice", text="hello"):
        """A conversation that has begun; its id."""
        return (await self.bot.say(text, who=who)).conversation

    async def asked(self, who="alice"):
        """A conversation whose customer waits for a person; its id."""
        return (await self.bot.say("I want to talk to a human", who=who)).conversation

    async def handoff(self, conversation):
        """The open handoff."""
        return await records.open_one(self.tenant, conversation)

    async def last(self, conversation):
        return await records.last_one(self.tenant, conversation)

    async def reaches(self, conversation, state, agent=None, timeout=10):
        """The handoff as soon as it is in that state (and an agent's)."""
        async with asyncio.timeout(timeout):
            while True:
                made = await self.last(conversation)
                if made is not None and made.state == state and agent in (None, made.agent):
                    return made
                await asyncio.sleep(0.01)

    async def reaches_absence(self, agent, timeout=10):
        """Returns when the timer has looked after an agent who is away: it comes once more to see that they still are."""
        mine = sa.select(timer.c.payload).where(timer.c.lane == f"handoff:agent:{agent}", timer.c.state == "waiting")
        async with asyncio.timeout(timeout):
            while not any("gone" in row.payload for row in await self.tenant.db.fetch(mine)):
                await asyncio.sleep(0.01)
        await self.bot.idle()

    async def steps(self, ident):
        rows = await self.tenant.db.fetch(sa.select(step).where(step.c.handoff == ident).order_by(step.c.n))
        return [(row.event, row.before, row.after) for row in rows]

    async def count(self):
        rows = await self.tenant.db.fetch(sa.select(sa.func.count().label("n")).select_from(handoff))
        return rows[0].n

    async def agent(self, actor, **values):
        """An agent with a profile."""
        await agents.ensure(self.tenant, actor)
        if values:
            await agents.change(self.tenant, actor.id, actor, **values)
        return await agents.known(self.tenant, actor.id)

    async def claim(self, conversation, by=ASHA, **more):
        return await handling.claim(self.tenant, conversation, by, **more)


@pytest.fixture
async def make_desk(make_bot):
    """Makes a `Desk`; `config` is the tenant's, with `[plugins.handoff]` in it."""

    async def make(config="", *, more_plugins=(), **more):
        return Desk(await make_bot(plugins=[*ALL, *more_plugins], config=config, **more))

    return make


@pytest.fixture
async def desk(make_desk):
    return await make_desk()


@pytest.fixture
def database_plugins():
    return ALL


class Web:
    """A server with a desk; people call it with keys of their own, by name."""

    def __init__(self, desk, url, http, keys):
        self.desk, self.url, self.http, self.keys = desk, url, http, keys
        self.sockets = []
        self._shown = {}

    async def key(self, name, role="agent"):
        """The key of that name, which is made when it is first asked for."""
        if name not in self._shown:
            key, text = await self.keys.create("acme", name, role)
            self._shown[name] = (key.id, text)
        return self._shown[name][1]

    async def id(self, name, role="agent"):
        """The id of the holder of that key."""
        await self.key(name, role)
        return self._shown[name][0]

    async def call(self, method, path, who="", body=None, *, role="agent", follow=True):
        """The answer's status and JSON."""
        headers = {"X-API-Key": await self.key(who, role)} if who else {}
        async with self.http.request(
            method, f"{self.url}{path}", json=body, headers=headers, allow_redirects=follow
        ) as answer:
            text = await answer.text()
            is_json = "json" in answer.content_type
            return answer.status, (await answer.json(content_type=None)) if is_json and text else text

    async def ok(self, method, path, who="", body=None, **more):
        """The JSON of an answer that says that it went well."""
        status, answer = await self.call(method, path, who, body, **more)
        assert status < 300, (status, answer)
        return answer

    async def console(self, who, watch=(), role="agent"):
        """A socket of the console that has said hello; `ready` was the first frame."""
        socket = await self.http.ws_connect(f"{self.url}/console/socket")
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "token": await self.key(who, role), "watch": list(watch)})
        first = await self.frame(socket)
        assert first["type"] == "ready", first
        return socket

    @staticmethod
    async def frame(socket, kind="", timeout=10):
        """The next frame, or the next event of that kind."""
        async with asyncio.timeout(timeout):
            while True:
                got = await socket.receive_json()
                if not kind or kind in (got["kind"], got["type"]):
                    return got


@pytest_asyncio.fixture
async def make_web(make_desk):
    """Makes a `Web`; `config` is the tenant's."""
    async with contextlib.AsyncExitStack() as stack:
        made = []

        async def make(config="", **more):
            desk = await make_desk(f"{config}\n[ratelimit]\nrequests = 0\n", **more)
            app = make_app(desk.bot.runtime, tenant="acme")
            runner = web.AppRunner(app, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            one = Web(desk, f"http://127.0.0.1:{runner.addresses[0][1]}", http, app[KEYS])
            made.append(one)
            return one

        yield make
        for one in made:
            for socket in one.sockets:
                await socket.close()


@pytest_asyncio.fixture
async def site(make_web):
    return await make_web()
