"""Keeps the other desk in step: reads the event log, and has jobs done, one after the other in a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import GiveUp
from hookline.message import Message

from . import records
from .backend import Backend, Case
from .backendmodels import room, task
from .deskmodels import summary as summaries
from .digest import digest
from .taskrouter import TwilioDesk
from .webhookdesk import WebhookDesk

if TYPE_CHECKING:
    from hookline.message import Job, Record
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .records import Handoff

OPEN, CLOSE, SAID, FORGET = "desk_open", "desk_close", "desk_said", "desk_forget"
JOBS = (OPEN, CLOSE, SAID, FORGET)
WORKER = "worker:"
"""Before the id of somebody at the other desk who has no account here."""
_ASKED = ("request", "come_back")
_OVER = {
    # what ends a task there, in which of its states; who takes it there does not end it
    "resolve": ("open", "taken"),
    "return": ("open", "taken"),
    "give_up": ("open", "taken"),
    "claim": ("open",),
    "take_over": ("open", "taken"),
}
_LAST = 20  # messages that the other desk is shown of what was said before
_NAMES = {"contact": "customer", "bot": "bot", "agent": "agent", "system": "bot"}


def lane_of(conversation: str) -> str:
    """What is done at the other desk about a conversation is done in this order."""
    return f"handoff:desk:{conversation}"


class BackendWork:
    """The other desk of one snapshot of a tenant; `desk` is None where our own console is the desk."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        backend = tenant.config.backend
        self.desk: Backend | None = None
        if backend != "builtin":
            self.desk = TwilioDesk(tenant) if backend == "twilio_taskrouter" else WebhookDesk(tenant)

    def health(self) -> dict[str, Any]:
        """Whether all is set that the other desk takes."""
        if self.desk is None:
            return {}
        missing = self.tenant.config.backend_missing
        about = {"status": "down", "detail": f"not set: {', '.join(missing)}"} if missing else {"status": "ok"}
        return {"handoff_desk": about}

    # -- what happened ---------------------------------------------------------------------------------------------

    async def observe(self, record: Record) -> None:
        """Have done what follows at the other desk; safe to get a record twice, as each job has the record's id."""
        if self.desk is None or not record.conversation:
            return
        told = record.payload
        if record.kind == "turn" and told.get("held") and told.get("message"):
            if await room_of(self.tenant, record.conversation):
                await self._have(SAID, record, {"message": told["message"]})
            return
        if not record.kind.startswith("handoff.") or "event" not in told:
            return
        happened, ident = told["event"], told["handoff"]
        if happened in _ASKED or (happened == "queue" and told.get("before") == "returned"):
            await self._have(OPEN, record, {"handoff": ident, "n": record.id})
        elif happened in _OVER:
            await self._have(CLOSE, record, {"handoff": ident, "reason": happened})

    async def _have(self, kind: str, record: Record, payload: dict[str, Any]) -> None:
        body = {**payload, "conversation": record.conversation}
        await self.tenant.submit(kind, body, key=f"desk-{record.id}", lane=lane_of(record.conversation))

    # -- what is done ----------------------------------------------------------------------------------------------

    async def on_job(self, turn: Turn, job: Job) -> bool:
        """Do a job of this module; False for another's."""
        if job.kind not in JOBS:
            return False
        if self.desk is None:
            return True  # the tenant has its own console again
        if missing := self.tenant.config.backend_missing:
            raise GiveUp(f"the desk of [plugins.handoff] can't be reached: {', '.join(missing)} not set")
        payload = job.payload
        if job.kind == OPEN:
            await self._open(self.desk, turn, payload["handoff"], payload["n"])
        elif job.kind == CLOSE:
            await self._close(self.desk, turn, payload["handoff"], payload["reason"])
        elif job.kind == SAID:
            await self._say(self.desk, payload["conversation"], payload["message"])
        else:
            await self.desk.forget(payload["room"], payload["conversation"])
        return True

    async def _open(self, desk: Backend, turn: Turn, ident: str, n: int) -> None:
        seen = await records.by_id(self.tenant, ident)
        if seen is None or seen.state not in ("requested", "queued", "transferred"):
            return  # somebody has it, or it is over
        if await self.tenant.db.fetch(sa.select(task.c.task).where(task.c.handoff == ident, task.c.n == n)):
            return
        case = await self._case(seen, n)
        await self.room(seen.conversation)
        made = await desk.open(case)
        row = {"handoff": ident, "n": n, "conversation": seen.conversation, "task": made,
               "created_at": self.tenant.clock.now()}  # fmt: skip
        turn.write(sa.insert(task), row)
        turn.event("handoff.desk", {"handoff": ident, "task": made})

    async def _case(self, seen: Handoff, n: int) -> Case:
        known = await self.tenant.conversations.get(seen.conversation)
        said = await self.tenant.conversations.history(seen.conversation, limit=_LAST)
        rows = await self.tenant.db.fetch(
            sa.select(summaries.c.body).where(summaries.c.conversation == seen.conversation)
        )
        problem = seen.summary or (str(rows[0].body.get("problem", "")) if rows else "") or digest(said).problem
        who = known.contact if known else None
        address = known.conversation.address if known else ""
        return Case(
            seen, n, customer=(who.name if who else "") or address, address=address, summary=problem or seen.reason,
            said=tuple((_NAMES[one.author], one.text) for one in said),
        )  # fmt: skip

    async def _close(self, desk: Backend, turn: Turn, ident: str, reason: str) -> None:
        states = _OVER[reason]
        rows = await self.tenant.db.fetch(sa.select(task).where(task.c.handoff == ident, task.c.state.in_(states)))
        for row in rows:
            await desk.close(row.task, reason, done=reason == "resolve")
            turn.write(in_state(row.task, "closed"))

    async def _say(self, desk: Backend, conversation: str, message: str) -> None:
        there = await room_of(self.tenant, conversation)
        told = await self._message(conversation, message)
        if there and told is not None:
            known = await self.tenant.conversations.get(conversation)
            author = (known.conversation.address if known else "") or "customer"
            await desk.tell(there, conversation, told.id, author, told.text or _of_files(told))

    async def _message(self, conversation: str, ident: str) -> Message | None:
        said = await self.tenant.conversations.history(conversation, limit=200)
        return next((one for one in said if one.id == ident), None)

    async def room(self, conversation: str) -> str:
        """The conversation's room at the other desk, made where there is none; "" where the desk has none."""
        if self.desk is None:
            return ""
        there = await room_of(self.tenant, conversation)
        if there:
            return there
        known = await self.tenant.conversations.get(conversation)
        title = (known.contact.name or known.conversation.address) if known else conversation
        made = await self.desk.room(conversation, title)
        if made:
            row = {"conversation": conversation, "room": made, "created_at": self.tenant.clock.now()}
            try:
                await self.tenant.db.write((sa.insert(room), row))
            except ConstraintViolated:  # another request was faster, with the same name
                return await room_of(self.tenant, conversation)
        return made


def in_state(ident: str, state: str) -> sa.Update:
    """Note whether the task waits there (open), somebody there has it (taken), or it is over (closed)."""
    return sa.update(task).where(task.c.task == ident).values(state=state)


async def room_of(tenant: Tenant, conversation: str) -> str:
    """The conversation's room at the other desk; "" if it has none."""
    rows = await tenant.db.fetch(sa.select(room.c.room).where(room.c.conversation == conversation))
    return str(rows[0].room) if rows else ""


def _of_files(told: Message) -> str:
    return "\n".join(one.name or one.media_type for one in told.attachments) or "…"
