"""A real server with webchat and a bot that repeats what it hears, and small clients for each way in."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import attrs
import pytest
import pytest_asyncio
import socketio
from aiohttp import web

import hookline_webchat
from hookline.app import make_app
from hookline.binding import CLIENT
from hookline.hookspecs import hookimpl
from hookline.message import Citation, Reply, Segment
from hookline.plugin import Plugin
from hookline_webchat.rooms import _ROOMS

MINE = "it is me"
"""What is said to have the bot take the room for the client's alone."""
HOLD = "hold on"
"""What is said to have the bot wait for `site.go_on` between two sentences."""


@attrs.define(eq=False)
class Site:
    """A server for tests: `url` is where the tenant acme is mounted, `base` where it always is."""

    bot: object
    runner: web.AppRunner
    http: aiohttp.ClientSession
    url: str
    go_on: asyncio.Event
    heard: list[str]
    sockets: list = attrs.Factory(list)

    @property
    def base(self):
        return f"{self.url}/t/acme"

    async def session(self, **body):
        """The answer of a session call."""
        headers = body.pop("headers", {})
        async with self.http.post(f"{self.base}/webchat/session", json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def socket(self, token, after=0, **more):
        """A WebSocket that has said hello; `ready` was the first answer."""
        ws = await self.http.ws_connect(f"{self.base}/webchat/ws", **more)
        self.sockets.append(ws)
        await ws.send_json({"type": "hello", "token": token, "after": after})
        first = await self.frame(ws)
        assert first["type"] == "ready", first
        return ws

    async def post(self, token, text, client_id="m1"):
        """Send by REST; the response's status and body."""
        async with self.http.post(
            f"{self.base}/webchat/messages", json={"id": client_id, "text": text}, headers=self.auth(token)
        ) as response:
            return response.status, await response.json()

    async def messages(self, token, **query):
        """What `GET messages` answers."""
        async with self.http.get(f"{self.base}/webchat/messages", params=query, headers=self.auth(token)) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def socketio(self, **options):
        """A connected client of the real library, with what it received in `client.seen`."""
        client = socketio.AsyncClient(http_session=self.http)
        client.seen = {"new_message": [], "error": []}
        for event, kept in client.seen.items():
            client.on(event, kept.append)
        await client.connect(self.url, **options)
        self.sockets.append(client)
        return client

    async def rooms(self):
        """The tenant's Socket.IO server, which the first client makes."""

        async def make():
            raise LookupError("no client has come yet")

        return await self.bot.tenant("webchat").keep(_ROOMS, make)

    async def hang_up(self, client):
        """End a client's connection from the server: one that polls would wait until its poll is answered."""
        client.reconnection = False
        if client.connected:
            await (await self.rooms()).server.disconnect(client.get_sid())
        await client.disconnect()

    HOLD, MINE = HOLD, MINE

    @staticmethod
    def auth(token):
        return {"Authorization": f"Bearer {token}"}

    @staticmethod
    async def frame(ws, *kinds, timeout=10):
        """The next frame (of these kinds)."""
        async with asyncio.timeout(timeout):
            while True:
                got = await ws.receive_json()
                if not kinds or got["type"] in kinds:
                    return got

    async def frames(self, ws, count, *kinds):
        """The next frames of these kinds."""
        return [await self.frame(ws, *kinds) for _ in range(count)]

    async def until(self, condition, timeout=10):
        """Wait until the condition is true."""
        await self.bot.until(condition, timeout)


def parrot(go_on, heard):
    """A plugin that repeats what it hears."""

    class TenantHooks:
        def __init__(self, tenant):
            self.tenant = tenant

        @hookimpl
        async def respond(self, turn):
            heard.append(turn.message.text)
            if turn.message.text == MINE:
                turn.bind(turn.message.data[CLIENT])
            if turn.message.text == HOLD:
                return self.slowly()
            cited = (Citation("guide", 1, 0, 4, "text", title="Guide", url="rag/documents/guide/text?v=1"),)
            return Reply(
                f"You said: {turn.message.text}",
                citations=cited,
                confidence=0.8,
                quick_replies=("More",),
                data={"language": turn.language},
            )

        async def slowly(self):
            yield Segment("One moment. ")
            await go_on.wait()
            yield Segment("Here it is.")

    return Plugin("parrot", TenantHooks)


@pytest_asyncio.fixture
async def make_site(make_bot):
    """Make a `Site`: `await make_site(config=…, clock=…, tenants=…)`."""
    async with contextlib.AsyncExitStack() as stack:
        made = []

        async def make(*, host="127.0.0.1", **options):
            go_on, heard = asyncio.Event(), []
            bot = await make_bot(plugins=[hookline_webchat.plugin, parrot(go_on, heard)], **options)
            runner = web.AppRunner(make_app(bot.runtime, tenant=next(iter(bot.tenants)), host=host), shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            site = Site(bot, runner, http, f"http://127.0.0.1:{runner.addresses[0][1]}", go_on, heard)
            made.append(site)
            return site

        yield make
        for site in made:
            for socket in site.sockets:
                if isinstance(socket, socketio.AsyncClient):
                    await site.hang_up(socket)
                else:
                    await socket.close()


@pytest.fixture
def config():
    """Rates that tests do not meet by accident."""
    return "[ratelimit]\nrequests = 0\ncontact_requests = 0\n"
