"""Socket.IO for clients that were written for it: a room is a conversation, by whatever names the client uses.

A room's id is either the id of a conversation (what `POST /sessions` and a webchat session give: nobody can guess it)
or a name that the client makes up, such as `room123`, which is as private as it is hard to guess, until somebody proves in it
who they are: from then on it is that client's alone (`hookline.binding`).
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import socketio
from aiohttp import web

from hookline import clients
from hookline.app import EDGE, may_call
from hookline.binding import CLIENT, address_of
from hookline.db import ConstraintViolated
from hookline.ledger import ConversationClosed, Inbound
from hookline.message import Reply
from hookline.problems import Problem, problem_of
from hookline.tenant import ResourceKey, Tenant

from .config import Config
from .feed import Feed
from .service import CHANNEL, check_client_id, check_text, find_conversation, is_open, owners, show_read, show_typing
from .staffroom import NAME, Staffroom

if TYPE_CHECKING:
    from hookline.auth import Caller

_USERS = ("user", "customer")
_STAFF = ("agent", "admin")
_SENDERS = {"contact": "user", "bot": "bot", "agent": "agent", "system": "system"}
_ROOMS_EACH = 20
_CONVERSATION = re.compile(r"[0-9a-f]{32}")
_PAUSE = 1.0  # seconds before a room that was interrupted goes on
_LOGGER = logging.getLogger("hookline.socketio")


@attrs.define(eq=False)
class Client:
    """A connected client: its HTTP request, the API key it showed, the key by which it is known from others (that of its cookie,
    or one of its own), the agent that it is, and the rooms it is in, by id, with its part."""

    request: web.Request
    key: str = ""
    own: clients.Client = attrs.Factory(lambda: clients.Client(""))
    by: Caller | None = None
    rooms: dict[str, str] = attrs.Factory(dict)


@attrs.define(eq=False)
class Room:
    """A room with somebody in it, and the task that tells them what happens in its conversation."""

    id: str
    conversation: str
    address: str
    members: set[str] = attrs.Factory(set)
    task: asyncio.Task[None] | None = None


async def serve_socketio(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Socket.IO, by polling and by WebSocket."""
    if "socketio" not in tenant.config.protocols:
        raise Problem(404, "this tenant has no Socket.IO; plugins.webchat.protocols turns it on")

    async def make() -> Rooms:
        return Rooms(tenant)

    rooms = await tenant.keep(_ROOMS, make)
    rooms.tenant = rooms.staff.tenant = tenant  # of the config that serves now
    streams, task = request.app[EDGE].streams, asyncio.current_task()
    assert task is not None
    request[_CLIENT] = client = clients.client_of(request, tenant.name, tenant.settings, None)
    streams.add(task)  # a poll waits for news, and must not hold up a server that stops
    try:
        response: web.StreamResponse = await rooms.server.handle_request(request)
    finally:
        streams.discard(task)
    if client.fresh and "sid" not in request.query and not response.prepared:
        clients.give(response, request, tenant.name, tenant.settings, client.key)
    return response


class Rooms:
    """The Socket.IO server of one tenant; outlives reloads of its config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        config: Config = tenant.config
        self.server = socketio.AsyncServer(
            async_mode="aiohttp",
            async_handlers=False,  # a client's events are handled in order: join_room before the send_message after it
            cors_allowed_origins=self._may_call,
            cors_credentials=False,  # the core says what CORS says
            max_http_buffer_size=8192 + 12 * tenant.settings.limits.message_chars,
            ping_interval=config.heartbeat,
            ping_timeout=config.heartbeat,
            logger=_LOGGER,
            engineio_logger=_LOGGER,
        )
        self._clients: dict[str, Client] = {}
        self._rooms: dict[str, Room] = {}
        self._joining = asyncio.Lock()
        self.staff = Staffroom(tenant, self.server)
        self.server.on("connect", self._connected)
        self.server.on("disconnect", self._disconnected)
        self.server.on("*", self._event)

    async def close(self) -> None:
        """Disconnect everybody."""
        await self.staff.close()
        for sid in list(self._clients):
            await self.server.disconnect(sid)
        await self.server.shutdown()
        for room in list(self._rooms.values()):
            await self._stop(room)

    def _may_call(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        return may_call(environ["aiohttp.request"], self.tenant.settings, origin or "")

    # -- what clients do ---------------------------------------------------------------------------------------------

    async def _connected(self, sid: str, environ: Mapping[str, Any], auth: Any) -> None:
        request: web.Request = environ["aiohttp.request"]
        key = request.headers.get("X-API-Key", "")
        key = (self._key(auth) if isinstance(auth, Mapping) else "") or key
        self._clients[sid] = Client(request, key, request[_CLIENT])
        self.tenant.log.info("socket connected", protocol="socket.io", socket=sid)

    async def _disconnected(self, sid: str, reason: str) -> None:
        client = self._clients.pop(sid, None)
        await self.staff.leave(sid)
        for room_id in list(client.rooms) if client else ():
            await self._left(sid, room_id)
        self.tenant.log.info("socket disconnected", protocol="socket.io", socket=sid, reason=reason)

    async def _event(self, event: str, sid: str, data: Any = None, *_more: Any) -> Any:
        """Any event; what it returns goes to a client that asked for an acknowledgement."""
        names = self.tenant.config.socketio.events
        client = self._clients.get(sid)
        if client is None:
            return None
        actions = {
            names.join: self._join,
            names.leave: self._leave,
            names.send: self._send,
            names.typing: self._typing,
            names.read: self._read,
        }
        room_id = ""
        try:
            if event == names.join_agents:
                return await self._join_agents(sid, client, data)
            action = actions.get(event)
            if action is None:
                known = ", ".join((*actions, names.join_agents))
                raise Problem(404, f"there is no event {event[:40]!r}; there are: {known}")
            room_id = self._text(data, "room_id", required=True)
            return await action(sid, client, room_id, data)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                self.tenant.log.exception("event not handled", socket=sid, socket_event=event[:40])
                problem = Problem(500, "something went wrong here; try again")
            told = {
                "event": event[:40],
                "status": problem.status,
                "message": problem.detail,
                "field": problem.field,
                self.tenant.config.socketio.fields.room_id: room_id,
            }
            await self.server.emit(names.error, told, to=sid)
            return {"ok": False, "error": told}

    async def _join(self, sid: str, client: Client, room_id: str, data: Mapping[str, Any]) -> Any:
        part = (self._text(data, "user_type") or "user").lower()
        if part not in (*_USERS, *_STAFF):
            raise self._problem(400, "user_type", f"given {part[:40]!r}; allowed: {', '.join((*_USERS, *_STAFF))}")
        admission = await self.staff.admit(client, self._key(data)) if part in _STAFF else None
        by = admission.caller if admission is not None else None
        self._text(data, "user_id")
        if len(client.rooms) >= _ROOMS_EACH and room_id not in client.rooms:
            raise Problem(429, f"a client may be in {_ROOMS_EACH} rooms; leave one first")
        async with self._joining:
            room = await self._opened(client, room_id, data, staff=by is not None)
            if self._clients.get(sid) is not client:  # it went away meanwhile, and nobody would take it out again
                await self._empty(room)
                raise Problem(409, _GONE)
            await self.server.enter_room(sid, _name(room_id))
            room.members.add(sid)
            client.rooms[room_id] = part
        told: dict[str, Any] = {self.tenant.config.socketio.fields.room_id: room_id}
        if admission is not None and by is not None:
            client.by = by
            await self.staff.enter(sid, admission)
            holder = await self.staff.take(room.conversation, by)
            told |= {"role": "agent" if holder in ("", by.id) else "observer", "held_by": holder}
        await self.server.emit(self.tenant.config.socketio.events.joined, told, to=sid)
        return {"ok": True, **told}

    async def _opened(self, client: Client, room_id: str, data: Mapping[str, Any], *, staff: bool) -> Room:
        """The room with its conversation followed; raises `Problem` 403 where it is another client's."""
        room = self._rooms.get(room_id)
        if room is None or not await is_open(self.tenant, room.conversation):
            conversation, address = await self._find(room_id)
            if not staff:
                await self._admit(client, data, room_id, conversation)
            members = room.members if room else set()
            if room is not None:
                await self._stop(room)
            room = self._rooms[room_id] = Room(room_id, conversation, address, members)
            await self._start(room)
        elif not staff:
            await self._admit(client, data, room_id, room.conversation)
        return room

    async def _join_agents(self, sid: str, client: Client, data: Any) -> Any:
        """An agent who hears of requests for a person, without being in any of their rooms."""
        admission = await self.staff.admit(client, self._key(data))
        if self._clients.get(sid) is not client:
            raise Problem(409, _GONE)
        await self.staff.enter(sid, admission)
        told = {self.tenant.config.socketio.fields.room_id: NAME}
        await self.server.emit(self.tenant.config.socketio.events.joined, told, to=sid)
        return {"ok": True, **told}

    @staticmethod
    def _key(data: Any) -> str:
        """The access token or API key that an event carries."""
        given = (data.get("api_key") or data.get("token")) if isinstance(data, Mapping) else ""
        return given if isinstance(given, str) else ""

    async def _leave(self, sid: str, client: Client, room_id: str, _data: Mapping[str, Any]) -> Any:
        if client.rooms.pop(room_id, None) is not None:
            await self.server.leave_room(sid, _name(room_id))
            await self._left(sid, room_id)
        return {"ok": True, self.tenant.config.socketio.fields.room_id: room_id}

    async def _send(self, sid: str, client: Client, room_id: str, data: Mapping[str, Any]) -> Any:
        room, part = self._of(client, room_id)
        if part in _USERS:
            await self._admit(client, data, room_id, room.conversation)
        text = self._text(data, "message", required=True, longest=0)
        check_text(self.tenant, text)
        client_id = data.get("id", "")
        if client_id:
            check_client_id(client_id if isinstance(client_id, str) else "")
        if part in _STAFF:
            by = (await self.staff.admit(client, self._key(data))).caller  # it may have been revoked since
            if self.staff.has_queue and await self.tenant.conversations.get(room.conversation) is not None:
                return await self.staff.say(room.conversation, by, text, client_id)
            return await self._send_as_agent(room, text, client_id)
        accepted = await self.tenant.accept(
            Inbound(
                CHANNEL,
                room.address,
                text,
                conversation=room.conversation,
                begins=True,
                name=self._text(data, "user_id"),
                provider_id=f"{room.address}/{client_id}" if client_id else "",
                data={
                    "user_id": self._text(data, "user_id"),
                    CLIENT: client.own.digest,
                    **({"client_id": client_id} if client_id else {}),
                },
            )
        )
        if accepted.conversation != room.conversation and not accepted.duplicate:
            async with self._joining:
                if self._rooms.get(room_id) is room:  # its conversation had ended; go on with the new one
                    await self._stop(room)
                    room.conversation = accepted.conversation
                    await self._start(room, after=accepted.seq - 1)
        return {"ok": True, "message_id": accepted.message_id, "seq": accepted.seq, "duplicate": accepted.duplicate}

    async def _typing(self, _sid: str, client: Client, room_id: str, data: Mapping[str, Any]) -> Any:
        room, part = self._of(client, room_id)
        on = data.get("on", data.get("is_typing", True)) is not False
        if part in _STAFF and client.by is not None:
            told = {**await self.staff.sign(room.conversation, client.by), "on": on}
            if name := self._text(data, "user_id"):
                told["agent_name"] = name
            self.tenant.live.publish(self.tenant.name, f"conversation:{room.conversation}", "typing", told)
        else:
            show_typing(self.tenant, room.conversation, on=on)
        return {"ok": True}

    async def _read(self, _sid: str, client: Client, room_id: str, data: Mapping[str, Any]) -> Any:
        room, part = self._of(client, room_id)
        seq = data.get("seq", 0)
        if not isinstance(seq, int) or seq < 0:
            raise Problem(400, "seq: give the number of the last message that was read", field="seq")
        if part in _STAFF and client.by is not None:
            told = {**await self.staff.sign(room.conversation, client.by), "seq": seq}
            self.tenant.live.publish(self.tenant.name, f"conversation:{room.conversation}", "read", told)
        else:
            show_read(self.tenant, room.conversation, seq)
        return {"ok": True}

    def _of(self, client: Client, room_id: str) -> tuple[Room, str]:
        """The room, and the client's part in it; raises `Problem` 409 for one that it has not joined."""
        part, room = client.rooms.get(room_id), self._rooms.get(room_id)
        if part is None or room is None:
            raise self._problem(409, "room_id", f"join the room first: emit {self.tenant.config.socketio.events.join}")
        return room, part

    async def _send_as_agent(self, room: Room, text: str, client_id: str) -> Any:
        """An agent's words go to the customer, past the bot."""
        key = f"{room.address}/{client_id}" if client_id else ""
        if await self.tenant.conversations.get(room.conversation) is None:  # the agent is the first to write
            await self.tenant.conversations.open(CHANNEL, room.address, ident=room.conversation)
        try:
            told = await self.tenant.send(Reply(text), conversation=room.conversation, author="agent", key=key)
        except ConversationClosed:
            raise Problem(409, "the conversation has ended; the customer begins the next one") from None
        except ConstraintViolated:
            return {"ok": True, "duplicate": True}  # it was sent before, under this id
        return {"ok": True, "message_id": told.id, "seq": told.seq, "duplicate": False}

    # -- rooms and their conversations -----------------------------------------------------------------------------------

    async def _find(self, room_id: str) -> tuple[str, str]:
        """The room's conversation, maybe one that nobody has written in, and its address."""
        known = await self.tenant.conversations.get(room_id)
        if known is not None and known.conversation.channel == CHANNEL:
            address = known.conversation.address
            if known.conversation.status == "open":
                return room_id, address
        else:
            address = address_of(room_id)
            if known is None and _CONVERSATION.fullmatch(room_id):
                return room_id, address  # what a session gave that nobody has written in
        return await find_conversation(self.tenant, address), address

    async def _start(self, room: Room, after: int | None = None) -> None:
        """Tell the room what happens in its conversation from now on, or after that message."""
        listening = asyncio.Event()
        room.task = asyncio.create_task(self._follow(room, after, listening), name=f"room {room.id}")
        await listening.wait()

    async def _stop(self, room: Room) -> None:
        if room.task is not None:
            room.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await room.task

    async def _left(self, sid: str, room_id: str) -> None:
        async with self._joining:
            room = self._rooms.get(room_id)
            if room is None:
                return
            room.members.discard(sid)
            await self._empty(room)

    async def _empty(self, room: Room) -> None:
        """Follow the conversation no more where nobody is in the room."""
        if not room.members and self._rooms.get(room.id) is room:
            del self._rooms[room.id]
            await self._stop(room)

    async def _follow(self, room: Room, after: int | None, listening: asyncio.Event) -> None:
        """Follow the conversation until cancelled; what fails is begun again where it was."""
        while True:
            feed = Feed(self.tenant, room.conversation)
            try:
                async with feed:
                    listening.set()
                    if after is not None:
                        async for frame in feed.missed(after):
                            await self._tell(room, frame)
                    async for frame in feed:
                        await self._tell(room, frame)
            except Exception:
                self.tenant.log.exception("room interrupted", conversation=room.conversation)
                after = feed.last if feed.last is not None else after
                listening.set()
                await asyncio.sleep(_PAUSE)

    async def _tell(self, room: Room, frame: Mapping[str, Any]) -> None:
        config = self.tenant.config.socketio
        if frame["type"] in ("typing", "read"):
            event = config.events.typing if frame["type"] == "typing" else config.events.read
            sign = {config.fields.room_id: room.id, "sender_type": _SENDERS.get(frame["author"], frame["author"])}
            more = {key: frame[key] for key in ("name", "on", "seq") if key in frame}
            await self.server.emit(event, {**sign, **more}, room=_name(room.id))
        if frame["type"] != "message":
            return
        await self._keep_out(room)
        told = frame["message"]
        sent = {
            config.fields.room_id: room.id,
            config.fields.message: told["text"],
            "sender_type": _SENDERS[told["author"]],
            "timestamp": dt.datetime.fromtimestamp(told["created_at"], dt.UTC).isoformat(),
            "id": told["id"],
            "seq": told["seq"],
            "confidence": told["confidence"],
            "quick_replies": told["quick_replies"],
            "sources": told["citations"],
        }
        if told["author"] == "contact":
            sent[config.fields.user_type] = "user"
            sent[config.fields.user_id] = told["data"].get("user_id", "")
        await self.server.emit(config.events.new_message, sent, room=_name(room.id))

    # -- rooms that are somebody's alone ------------------------------------------------------------------------------------

    async def _admit(self, client: Client, data: Mapping[str, Any], *conversations: str) -> None:
        """Raise `Problem` 403 where a conversation is another client's; one that shows its token is its own."""
        whose, token = await owners(self.tenant, *conversations), clients.Client(self._key(data))
        if token.key and token.digest in whose:
            client.own = token
        if whose - {client.own.digest}:
            raise self._problem(403, "room_id", _THEIRS)

    async def _keep_out(self, room: Room) -> None:
        """Have the customers leave who joined before the room became another's."""
        whose = await owners(self.tenant, room.id, room.conversation)
        for sid in list(room.members):
            client = self._clients.get(sid)
            if client and client.rooms.get(room.id) in _USERS and whose - {client.own.digest}:
                client.rooms.pop(room.id)
                room.members.discard(sid)
                await self.server.leave_room(sid, _name(room.id))

    # -- what clients send -------------------------------------------------------------------------------------------------

    def _text(self, data: Any, field: str, *, required: bool = False, longest: int = 200) -> str:
        name = getattr(self.tenant.config.socketio.fields, field)
        value = data.get(name, "") if isinstance(data, Mapping) else ""
        if value is None:
            value = ""
        if not isinstance(value, str) or (required and not value.strip()):
            raise self._problem(400, field, "missing; give a text" if required and not value else "give a text")
        if longest and (len(value) > longest or "\x00" in value):
            raise self._problem(400, field, f"give at most {longest} characters")
        return value

    def _problem(self, status: int, field: str, what: str) -> Problem:
        name = getattr(self.tenant.config.socketio.fields, field)
        return Problem(status, f"{name}: {what}", field=name)


def _name(room_id: str) -> str:
    """A room's name within Socket.IO, where each client's own id is the name of a room, too."""
    return f"room:{room_id}"


_CLIENT = web.RequestKey("hookline.client", clients.Client)
_GONE = "the client has gone away meanwhile"
_THEIRS = (
    "somebody has proved in this room who they are, so it is theirs alone; join a room of your own, or show its token"
)
_ROOMS: ResourceKey[Rooms] = ResourceKey("webchat.rooms")
