"""The console's WebSocket: what happens, as it happens; the frames are said in `bodies`.

Frames are numbered; a page that is too slow is disconnected rather than kept waiting for, and one that comes again
fetches what it shows.  Who is signed out, or loses the role, is disconnected at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from hookline.gate import Admission, admit
from hookline.live import LiveEvent
from hookline.message import Message
from hookline.problems import Problem
from hookline.ratelimit import TokenBuckets

from . import agents, handling, inbox, thread
from .agents import STAFF
from .signs import read_sign, typing_sign
from .socketbodies import ClientFrame
from .staff import actor, me
from .views import message_view

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .records import Actor

_HELLO_LIMIT = 10.0
_SEND_LIMIT = 10.0
_FRAMES = 100  # in ten seconds; more is no person
_PAGE_GONE = (ConnectionError, TimeoutError)
_WATCHED = 20
_MISSED = 200  # messages looked up at a time
_BACKLOG = 2000  # frames that wait for a slow page
NOT_ADMITTED, FORBIDDEN, NO_HELLO, TOO_SLOW = 4401, 4403, 4408, 4429

_decode = msgspec.json.Decoder(ClientFrame).decode


async def serve_socket(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """What happens, for the pages of the staff."""
    socket = web.WebSocketResponse(heartbeat=30.0, max_msg_size=65_536, timeout=2.0, compress=False)
    await socket.prepare(request)
    talk = _Talk(request, tenant, socket)
    try:
        await talk.run()
    except asyncio.CancelledError:
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops; come again")
        raise
    except _PAGE_GONE:
        pass
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
        self.by: Actor
        self.buckets = TokenBuckets(capacity=1)
        self._frames: asyncio.Queue[tuple[str, str, str, Any]] = asyncio.Queue()
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._failed = asyncio.Event()
        self._n = 0
        self._slow = False

    async def run(self) -> None:
        """From hello to the end."""
        admitted = await self._hello()
        if admitted is None:
            return
        admission, watch = admitted
        log = self.tenant.log.bind(agent=self.by.id, protocol="console")
        log.info("socket connected")
        await self._seen()
        tasks: list[asyncio.Task[Any]] = []
        try:
            async with contextlib.AsyncExitStack() as stack:
                events = await stack.enter_async_context(self.tenant.live.subscribe(self.tenant.name, STAFF))
                self._put("ready", "", "", await me(self.tenant, self.by))  # before all that happens meanwhile
                tasks.append(asyncio.create_task(self._follow(STAFF, events), name="console staff"))
                try:
                    await self._watch(watch)
                except Problem as problem:
                    self._complain(problem)  # a page may come again with a conversation that is there no more
                beating = asyncio.create_task(self._beat(), name="console beat")
                sending = asyncio.create_task(self._send(), name="console sender")
                ended = asyncio.create_task(admission.ended(), name="console admission")
                listening = asyncio.create_task(self._listen(), name="console listener")
                failing = asyncio.create_task(self._failed.wait(), name="console failure")
                tasks += [beating, sending, ended, listening, failing]
                working = (*tasks,)
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                errors = [task.exception() for task in working if task.done() and not task.cancelled()]
                failure = next((one for one in errors if one and not isinstance(one, _PAGE_GONE)), None)
                if failure is not None or self._failed.is_set():
                    log.error("socket failed", exc_info=failure)
                    await self._close(WSCloseCode.INTERNAL_ERROR, "something failed here; come again")
                elif ended.done() and not ended.cancelled() and ended.exception() is None:
                    await self._close(NOT_ADMITTED, ended.result())
                elif self._slow:
                    await self._close(TOO_SLOW, "the page does not take what it is sent")
        finally:
            for task in (*tasks, *self._watching.values()):
                task.cancel()
            await asyncio.gather(*tasks, *self._watching.values(), return_exceptions=True)
            log.info("socket disconnected", code=self.socket.close_code)

    async def _hello(self) -> tuple[Admission, Sequence[str]] | None:
        try:
            async with asyncio.timeout(_HELLO_LIMIT):
                first = await self.socket.receive()
        except TimeoutError:
            await self._close(NO_HELLO, "the first frame must be hello")
            return None
        if first.type is not WSMsgType.TEXT:
            return None
        try:
            frame = _decode(first.data)
            if frame.type != "hello":
                raise Problem(400, "the first frame must be hello")
            admission = await admit(self.request, self.tenant, "viewer", token=frame.token)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            await self._close(NO_HELLO, f"this is no frame: {error}")
            return None
        except Problem as error:
            code = {401: NOT_ADMITTED, 403: FORBIDDEN}.get(error.status, NO_HELLO)
            await self._close(code, error.detail)
            return None
        self.by = actor(admission.caller)
        return admission, frame.watch

    # -- what the page says --------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for message in self.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            if self.buckets.take(None, _FRAMES, 10.0):
                await self._close(WSCloseCode.POLICY_VIOLATION, "too many frames; slow down")
                return
            try:
                await self._take(_decode(message.data))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self._complain(Problem(400, f"this is no frame: {error}"))
            except Problem as problem:
                self._complain(problem)

    async def _take(self, frame: ClientFrame) -> None:
        match frame.type:
            case "watch":
                await self._watch(frame.conversations)
            case "typing":
                self._must_be_agent()
                about = await handling.conversation(self.tenant, frame.conversation)
                typing_sign(self.tenant, about, self.by, on=frame.on)
                await self._seen()
            case "read":
                about = await handling.conversation(self.tenant, frame.conversation)
                newest = await self.tenant.conversations.history(about.id, limit=1)
                await read_sign(self.tenant, about, self.by, min(frame.seq, newest[-1].seq if newest else 0))
                await self._seen()
            case "active" if frame.on:
                await self._seen()
            case "ping":
                self._put("pong", "", "", None)
            case "hello":
                raise Problem(400, "hello was said already")

    def _must_be_agent(self) -> None:
        if self.by.role == "viewer":
            raise Problem(403, "viewers can't do this")

    async def _seen(self) -> None:
        if self.by.role != "viewer":
            await agents.ensure(self.tenant, self.by)
            await agents.seen(self.tenant, self.by.id)

    async def _watch(self, wanted: Sequence[str]) -> None:
        """Follow these conversations, and no others."""
        if len(wanted) > _WATCHED:
            raise Problem(400, f"conversations: {len(wanted)} given; at most {_WATCHED} can be watched")
        gone = [ident for ident in self._watching if ident not in wanted]
        for ident in gone:
            self._watching.pop(ident).cancel()
        for ident in dict.fromkeys(wanted):
            if ident not in self._watching:
                await handling.conversation(self.tenant, ident)
                ready = asyncio.Event()
                self._watching[ident] = asyncio.create_task(self._follow_talk(ident, ready), name="console watch")
                await ready.wait()

    # -- what happens ----------------------------------------------------------------------------------------------------

    async def _follow(self, topic: str, events: Any) -> None:
        async for event in events:
            self._event(topic, event)

    def _event(self, topic: str, event: LiveEvent) -> None:
        if event.kind == "lost":
            self._put("lost", topic, "", None)
        else:
            self._put("event", topic, event.kind, event.data)

    async def _follow_talk(self, ident: str, ready: asyncio.Event) -> None:
        """A conversation's messages in order of `seq`, each once, also of channels that announce none themselves; and
        the rest of what happens in it as it comes.

        Where that fails the socket ends: a page that watches in vain would show a customer who is silent.
        """
        try:
            await self._messages_of(ident, ready)
        except Exception:
            self.tenant.log.exception("a conversation can't be followed", conversation=ident)
            self._failed.set()
        finally:
            ready.set()

    async def _messages_of(self, ident: str, ready: asyncio.Event) -> None:
        topic = f"conversation:{ident}"
        async with self.tenant.live.subscribe(self.tenant.name, topic) as events:
            newest = await self.tenant.conversations.history(ident, limit=1)
            last = newest[-1].seq if newest else 0
            self._put("event", topic, "watching", {"seq": last})
            ready.set()
            async for event in events:
                if event.kind == "message":
                    told = msgspec.convert(event.data["message"], Message)
                    if event.data.get("changed") and told.seq <= last:  # what was said has been written down
                        self._put("event", topic, "message", {"message": message_view(told)})
                        continue
                    last = await self._messages(topic, ident, last, told)
                    continue
                self._event(topic, event)
                if event.kind == "read" and event.data.get("author") == "contact":
                    await thread.mark_read(self.tenant, ident, thread.CUSTOMER, min(event.data["seq"], last))
                if event.kind == "turn" and event.data.get("state") == "finished":
                    last = await self._messages(topic, ident, last, None)

    async def _messages(self, topic: str, ident: str, last: int, told: Message | None) -> int:
        """Show a message, or with it those before it that were not announced; the highest `seq` shown so far."""
        if told is not None and told.seq <= last:
            return last
        if told is not None and told.seq == last + 1:
            self._put("event", topic, "message", {"message": message_view(told)})
            return told.seq
        while missed := await self.tenant.conversations.history(ident, after=last or -1, limit=_MISSED):
            for one in await thread.views(self.tenant, ident, missed):
                self._put("event", topic, "message", {"message": one})
            last = max(last, missed[-1].seq)
            if len(missed) < _MISSED:
                break
        if told is not None and told.seq > last:  # its text is kept nowhere where another process could find it
            self._put("event", topic, "message", {"message": message_view(told)})
            last = told.seq
        return last

    async def _beat(self) -> None:
        """Now and then how many handoffs each view has: a page that counts otherwise has missed something."""
        while True:
            await asyncio.sleep(self.tenant.config.presence.heartbeat)
            await self._seen()
            mine = await agents.profile(self.tenant, self.by.id)
            counts = await inbox.counts(self.tenant, self.by, mine.teams if mine else ())
            self._put("beat", "", "", {"counts": counts, "at": self.tenant.clock.now()})

    # -- to the page -----------------------------------------------------------------------------------------------------

    def _put(self, kind: str, topic: str, event: str, data: Any) -> None:
        if self._frames.qsize() >= _BACKLOG:
            self._slow = True
        self._frames.put_nowait((kind, topic, event, data))

    def _complain(self, problem: Problem) -> None:
        told = {"status": problem.status, "detail": problem.detail, "field": problem.field, **problem.more}
        self._put("error", "", "", told)

    async def _send(self) -> None:
        while not self._slow:
            kind, topic, event, data = await self._frames.get()
            self._n += 1
            frame = {"type": kind, "n": self._n, "topic": topic, "kind": event, "data": data}
            try:
                async with asyncio.timeout(_SEND_LIMIT):
                    await self.socket.send_str(msgspec.json.encode(frame).decode())
            except TimeoutError:
                self._slow = True
                self.tenant.log.warning("slow page disconnected", protocol="console", after=_SEND_LIMIT)
                if self.request.transport is not None:
                    self.request.transport.abort()
                return

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self.socket.close(code=code, message=reason.encode()[:120])
