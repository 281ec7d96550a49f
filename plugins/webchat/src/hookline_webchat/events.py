"""Server-sent events: the feed for clients without a WebSocket; they send by `POST /webchat/messages`."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import hdrs, web

from hookline.problems import Problem
from hookline.tenant import Tenant

from .config import Config
from .feed import Feed
from .service import is_open, last_seq, read_token

_LOOK = 5.0  # seconds between two looks whether the client is still there: a stream that is silent does not notice


async def serve_events(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """What happens in the visitor's conversation, as server-sent events; `Last-Event-ID` or `after` resumes."""
    config: Config = tenant.config
    if "sse" not in config.protocols:
        raise Problem(404, "this tenant has no event stream; plugins.webchat.protocols turns it on")
    if "text/event-stream" not in request.headers.get(hdrs.ACCEPT, ""):
        raise Problem(406, "this is an event stream; ask with Accept: text/event-stream")
    visitor = await read_token(tenant, bearer(request) or request.query.get("token", ""))
    if not await is_open(tenant, visitor.conversation):
        raise Problem(401, "this conversation has ended; ask for a session again")
    after = _after(request)
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "text/event-stream",
            hdrs.CACHE_CONTROL: "no-cache",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(request)
    log = tenant.log.bind(conversation=visitor.conversation, protocol="sse")
    log.info("socket connected")
    stream = _Stream(request, response, config)
    try:
        async with Feed(tenant, visitor.conversation) as feed, asyncio.TaskGroup() as group:
            newest = await last_seq(tenant, visitor.conversation)
            await stream.say({"type": "ready", "conversation": visitor.conversation, "last_seq": newest})
            group.create_task(stream.beat(), name="webchat heartbeat")
            async for frame in feed.missed(after):
                await stream.say(frame)
            async for frame in feed:
                await stream.say(frame)
    except* TimeoutError:
        log.warning("slow client disconnected", after=config.send_limit)
    except* ConnectionError:
        pass  # the client is gone
    finally:
        log.info("socket disconnected")
    return response


def bearer(request: web.Request) -> str:
    """The token of the Authorization header; "" if there is none."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _after(request: web.Request) -> int:
    given = request.headers.get("Last-Event-ID") or request.query.get("after") or "0"
    if not given.isascii() or not given.isdigit() or len(given) > 10:
        raise Problem(400, f"after: given {given[:40]!r}; allowed: the seq of a message", field="after")
    return int(given)


class _Stream:
    """Writes events; a client that does not take them in time is disconnected (`TimeoutError`)."""

    def __init__(self, request: web.Request, response: web.StreamResponse, config: Config) -> None:
        self.request = request
        self.response = response
        self.config = config

    async def say(self, frame: dict[str, Any]) -> None:
        """One frame; a message's `seq` is its event id."""
        seq = f"id: {frame['message']['seq']}\n" if frame["type"] == "message" else ""
        kind = "" if frame["type"] == "message" else f"event: {frame['type']}\n"
        await self._write(f"{seq}{kind}data: {msgspec.json.encode(frame).decode()}\n\n")

    async def beat(self) -> None:
        """A comment now and then, so that nobody between takes the stream for dead; ends with a client that is gone."""
        quiet = 0.0
        while True:
            pause = min(self.config.heartbeat, _LOOK)
            await asyncio.sleep(pause)
            if self.request.transport is None or self.request.transport.is_closing():
                raise ConnectionResetError("the client is gone")
            quiet += pause
            if quiet >= self.config.heartbeat:
                quiet = 0.0
                await self._write(": \n\n")

    async def _write(self, text: str) -> None:
        try:
            async with asyncio.timeout(self.config.send_limit):
                await self.response.write(text.encode())
        except TimeoutError:
            if self.request.transport is not None:
                self.request.transport.abort()
            raise
