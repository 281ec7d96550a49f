"""The WebSocket: a JSON text a frame, the first one `hello`; the protocol is in the README."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import attrs
import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from hookline.problems import Problem, problem_of
from hookline.ratelimit import TokenBuckets
from hookline.tenant import Tenant

from .config import Config
from .feed import Feed
from .service import Refused, acknowledged, is_open, last_seq, read_token, send, show_read, show_typing
from .visitor import Visitor

_FRAMES = 200  # a socket may send in ten seconds besides messages that are taken; more is no person
_HELLO_LIMIT = 10.0
_EXPIRED = {
    "type": "error",
    "code": "conversation_expired",
    "detail": "this conversation has ended; ask for a session again",
}
UNKNOWN_TOKEN = 4401
"""The code with which a socket is closed whose token is not good."""


@attrs.frozen
class ClientFrame:
    """Anything that a client says; which fields count depends on `type`."""

    type: str
    id: str = ""
    text: str = ""
    token: str = ""
    after: int = 0
    seq: int = 0
    on: bool = True


_decode = msgspec.json.Decoder(ClientFrame).decode


async def serve_websocket(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Talk in the visitor's conversation over a WebSocket."""
    config: Config = tenant.config
    if "ws" not in config.protocols:
        raise Problem(404, "this tenant has no WebSocket; plugins.webchat.protocols turns it on")
    largest = 4096 + 12 * tenant.settings.limits.message_chars  # JSON may need 12 bytes for a character
    socket = web.WebSocketResponse(
        heartbeat=config.heartbeat, max_msg_size=largest, timeout=2.0, compress=False, autoclose=True
    )
    await socket.prepare(request)
    talk = _Talk(request, tenant, socket)
    try:
        await talk.run()
    except asyncio.CancelledError:
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops; come again")
        raise
    except (ConnectionError, TimeoutError):
        pass  # the client is gone, or was disconnected for being slow
    finally:
        if not socket.closed:
            await socket.close()
    return socket


class _Talk:
    """One socket from `hello` to its end."""

    def __init__(self, request: web.Request, tenant: Tenant, socket: web.WebSocketResponse) -> None:
        self.request = request
        self.tenant = tenant
        self.socket = socket
        self.buckets = TokenBuckets(capacity=1)
        self.send_limit: float = tenant.config.send_limit

    async def run(self) -> None:
        hello = await self._hello()
        if hello is None:
            return
        visitor, after = hello
        log = self.tenant.log.bind(conversation=visitor.conversation, protocol="websocket")
        log.info("socket connected")
        try:
            async with Feed(self.tenant, visitor.conversation) as feed:
                await self._say(
                    {
                        "type": "ready",
                        "conversation": visitor.conversation,
                        "last_seq": await last_seq(self.tenant, visitor.conversation),
                    }
                )
                pump = asyncio.create_task(self._pump(feed, after), name="webchat socket")
                try:
                    await self._listen(visitor)
                finally:
                    pump.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await pump
        finally:
            log.info("socket disconnected", code=self.socket.close_code)

    async def _hello(self) -> tuple[Visitor, int] | None:
        """Who says hello, and what they have; None if the socket has been closed instead."""
        try:
            async with asyncio.timeout(_HELLO_LIMIT):
                first = await self.socket.receive()
        except TimeoutError:
            await self._close(WSCloseCode.POLICY_VIOLATION, "hello_missing", "the first frame must be hello")
            return None
        if first.type is not WSMsgType.TEXT:
            return None
        try:
            frame = _decode(first.data)
            if frame.type != "hello":
                raise Problem(400, "the first frame must be hello")
            visitor = await read_token(self.tenant, frame.token)
        except msgspec.DecodeError as error:
            await self._close(WSCloseCode.POLICY_VIOLATION, "hello_missing", f"this is no frame: {error}")
            return None
        except Problem as error:
            if error.status == 401:
                await self._close(UNKNOWN_TOKEN, "token", error.detail)
            else:
                await self._close(WSCloseCode.POLICY_VIOLATION, "hello_missing", error.detail)
            return None
        if not await is_open(self.tenant, visitor.conversation):
            await self._close(UNKNOWN_TOKEN, _EXPIRED["code"], _EXPIRED["detail"])
            return None
        return visitor, max(0, frame.after)

    async def _listen(self, visitor: Visitor) -> None:
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                welcome = await self._take(visitor, message.data)
            elif message.type is WSMsgType.BINARY:
                welcome = await self._complain("malformed", "frames are JSON texts")
            else:
                continue
            if not welcome and self.buckets.take(None, _FRAMES, 10.0):
                await self._close(WSCloseCode.POLICY_VIOLATION, "too_many", "too many frames; slow down")
                return

    async def _take(self, visitor: Visitor, text: str) -> bool:
        """Do what a frame says; True for a message that was taken, which the contact's own limit counts."""
        try:
            frame = _decode(text)
        except msgspec.DecodeError as error:
            return await self._complain("malformed", f"this is no frame: {error}")
        match frame.type:
            case "message":
                return await self._message(visitor, frame)
            case "typing":
                show_typing(self.tenant, visitor.conversation, on=frame.on)
            case "read":
                show_read(self.tenant, visitor.conversation, frame.seq)
            case "ping":
                await self._say({"type": "pong"})
            case _:
                detail = f"type: given {frame.type[:40]!r}; allowed: message, typing, read, ping"
                await self._complain("unknown_frame", detail)
        return False

    async def _complain(self, code: str, detail: str) -> bool:
        await self._say({"type": "error", "code": code, "detail": detail})
        return False

    async def _message(self, visitor: Visitor, frame: ClientFrame) -> bool:
        try:
            accepted = await send(self.tenant, visitor, frame.id, frame.text)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                self.tenant.log.exception("message not taken", conversation=visitor.conversation)
                problem = Problem(500, "something went wrong here; try again", headers={"Retry-After": "5"})
            refused = Refused.of(problem)
            answer: dict[str, Any] = {"type": "nack", "id": frame.id, "problem": refused.problem}
            if refused.retry_after is not None:
                answer["retry_after"] = refused.retry_after
            await self._say(answer)
            return False
        await self._say({"type": "ack", **acknowledged(frame.id, accepted)})
        if accepted.conversation != visitor.conversation and not accepted.duplicate:
            await self._say(_EXPIRED)  # it began a new one, which the page gets with a new session
        return True

    async def _pump(self, feed: Feed, after: int) -> None:
        """Bring what was missed, then what happens, until the client is gone."""
        try:
            async for frame in feed.missed(after):
                await self._say(frame)
            async for frame in feed:
                await self._say(frame)
        except (ConnectionError, TimeoutError):
            self._abort()
        except Exception:
            self.tenant.log.exception("feed broken", conversation=feed.conversation)
            self._abort()

    async def _say(self, frame: dict[str, Any]) -> None:
        """Send a frame; a client too slow to take it is disconnected (`TimeoutError`): it will fetch what it missed."""
        text = msgspec.json.encode(frame).decode()
        try:
            async with asyncio.timeout(self.send_limit):
                await self.socket.send_str(text)
        except TimeoutError:
            self.tenant.log.warning("slow client disconnected", protocol="websocket", after=self.send_limit)
            self._abort()
            raise

    async def _close(self, code: int, reason: str, detail: str) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self._say({"type": "error", "code": reason, "detail": detail})
            await self.socket.close(code=code, message=reason.encode())

    def _abort(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()
