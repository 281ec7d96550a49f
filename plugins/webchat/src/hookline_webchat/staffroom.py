"""The agents among the clients of Socket.IO: who they are, what they are told of, how they take a conversation.

The queue of agents is another plugin's, `handoff`: it is asked by commands, and heard on the live topic `staff`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.gate import admit
from hookline.ledger import new_id
from hookline.problems import Problem

if TYPE_CHECKING:
    import socketio
    from aiohttp import web

    from hookline.auth import Caller
    from hookline.gate import Admission
    from hookline.tenant import Tenant

    from .rooms import Client

NAME = "agents"
"""The Socket.IO room of all agents."""
_QUEUE = "handoff"
_TOPIC = "staff"
_SUMMARY = 1.0  # seconds that an alert waits for the summary, which is made after the request is stored
_ASKED = ("request", "come_back")
_COMMAND = 10.0  # seconds that a command may take


class Staffroom:
    """The agents who are connected to one tenant by Socket.IO."""

    def __init__(self, tenant: Tenant, server: socketio.AsyncServer) -> None:
        self.tenant = tenant
        self.server = server
        self._members: dict[str, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._waiting: dict[str, tuple[Mapping[str, Any], asyncio.TimerHandle]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop listening."""
        for staying in self._members.values():
            staying.cancel()
        self._members.clear()
        await self._stop()

    async def admit(self, client: Client, given: str) -> Admission:
        """Who the client is, by the token or key given, or the one that it connected with; raises `Problem` 403."""
        client.key = given or client.key
        request: web.Request = client.request
        try:
            return await admit(request, self.tenant, "agent", token=client.key)
        except Problem as problem:
            field = self.tenant.config.socketio.fields.user_type
            what = "an agent joins with an access token, or an API key of the role agent, as api_key"
            raise Problem(403, f"{field}: {what} ({problem.detail})", field=field) from None

    async def enter(self, sid: str, admission: Admission) -> None:
        """Tell the client of requests for a person from now on, for as long as it may hear of them."""
        await self.server.enter_room(sid, NAME)
        if sid in self._members:
            self._members[sid].cancel()
        self._members[sid] = asyncio.create_task(self._stay(sid, admission), name="webchat agent")
        if self._task is None:
            listening = asyncio.Event()
            self._task = asyncio.create_task(self._follow(listening), name="webchat agents")
            self._task.add_done_callback(lambda _: listening.set())  # the last agent may leave before it has begun
            await listening.wait()

    async def leave(self, sid: str) -> None:
        """The client is gone."""
        staying = self._members.pop(sid, None)
        if staying is not None:
            staying.cancel()
        if not self._members:
            await self._stop()

    async def _stay(self, sid: str, admission: Admission) -> None:
        """Disconnect who is signed out, or loses the role: what it has joined is not for it any more."""
        reason = await admission.ended()
        self._members.pop(sid, None)  # this task is not to be cancelled by the disconnection
        names = self.tenant.config.socketio
        told = {"event": names.events.join_agents, "status": 403, "message": reason, "field": names.fields.user_type}
        await self.server.emit(names.events.error, told, to=sid)
        self.tenant.log.info("agent disconnected", protocol="socket.io", socket=sid, reason=reason)
        await self.server.disconnect(sid)

    async def _stop(self) -> None:
        for _, handle in self._waiting.values():
            handle.cancel()
        self._waiting.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # -- what they are told of -------------------------------------------------------------------------------------------

    async def _follow(self, listening: asyncio.Event) -> None:
        async with self.tenant.live.subscribe(self.tenant.name, _TOPIC) as events:
            listening.set()
            async for event in events:
                if event.kind == "handoff.requested" and event.data.get("event") in _ASKED:
                    self._expect(event.data["handoff"])
                elif event.kind == "handoff.summarised":
                    self._alert(event.data["conversation"], event.data["summary"].get("problem", ""))

    def _expect(self, asked: Mapping[str, Any]) -> None:
        ident = str(asked["conversation"])
        loop = asyncio.get_running_loop()
        self._waiting[ident] = (asked, loop.call_later(_SUMMARY, self._alert, ident, ""))

    def _alert(self, ident: str, summary: str) -> None:
        asked, handle = self._waiting.pop(ident, (None, None))
        if asked is None or handle is None:
            return  # it was told of already, or is summed up anew
        handle.cancel()
        told = {
            "session_id": ident,
            "room_id": ident,
            "cid": ident,
            "escalation_id": asked["id"],
            "reason": asked["reason"],
            "summary": summary or asked["summary"] or asked["reason"],
            "channel": asked["channel"],
            "priority": asked["priority"],
            "timestamp": dt.datetime.fromtimestamp(asked["requested_at"], dt.UTC).isoformat(),
        }
        task = asyncio.create_task(self.server.emit(self.tenant.config.socketio.events.alert, told, room=NAME))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    # -- what they do ------------------------------------------------------------------------------------------------------

    @property
    def has_queue(self) -> bool:
        """Whether the tenant has a plugin that keeps the queue of agents."""
        return bool(self.tenant.hooks.dispatcher.addressee("on_command", _QUEUE))

    async def take(self, conversation: str, by: Caller) -> str:
        """Have the agent take the conversation, if a person was asked for; who has it then ("": the bot)."""
        if self.has_queue and await self.tenant.conversations.get(conversation) is not None:
            await self._command("join", conversation, by, {})
        return await self._holder(conversation)

    async def sign(self, conversation: str, by: Caller) -> dict[str, Any]:
        """Who gives a sign (typing, reading); `aside`: somebody else has the conversation, so it is not for the customer."""
        aside = await self._holder(conversation) not in ("", by.id)
        return {"author": "agent", "agent": by.id, "agent_name": by.name, "aside": aside}

    async def say(self, conversation: str, by: Caller, text: str, client_id: str) -> Any:
        """Send the agent's words by the queue, which has the bot keep silent; raises `Problem` 409."""
        holder = await self._holder(conversation)
        if holder not in ("", by.id, "queue") and not holder.startswith("team:"):
            raise Problem(409, f"{holder} has this conversation")
        ident = client_id or new_id()
        await self._command("reply", conversation, by, {"text": text, "client_id": ident})
        if await self._holder(conversation) != by.id:
            raise Problem(409, "somebody else has this conversation, or the agent has too many in hand")
        return {"ok": True, "id": ident}

    async def _command(self, kind: str, conversation: str, by: Caller, more: Mapping[str, Any]) -> None:
        actor = {"id": by.id, "name": by.name, "role": by.role, "kind": by.kind}
        payload = {"conversation": conversation, "actor": actor, **more}
        ident = await self.tenant.command(kind, payload, plugin=_QUEUE, lane=f"handoff:agent:{by.id}", by=by.id)
        if await self.tenant.wait(ident, _COMMAND) is None:
            raise Problem(503, "this takes longer than usual; look again in a moment")

    async def _holder(self, conversation: str) -> str:
        known = await self.tenant.conversations.get(conversation)
        return known.conversation.held_by if known else ""
