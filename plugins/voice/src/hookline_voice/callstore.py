"""The rows of calls: read and written, each by the call's own id."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hookline.errors import Conflict

from .callmodels import call, order, response
from .callprogress import Progress

if TYPE_CHECKING:
    from hookline.action import Action
    from hookline.message import Message
    from hookline.tenant import Tenant

b = sa.bindparam
_ONE = sa.select(call).where(call.c.id == b("p_id"))
_OF = sa.select(call).where(call.c.conversation == b("p_conversation"))
_NEW = insert(call).on_conflict_do_nothing(index_elements=["tenant", "id"])
_ADVANCE = (
    sa.update(call)
    .where(call.c.id == b("p_id"), call.c.seq == b("p_before"))
    .values(progress=b("p_progress"), seq=b("p_seq"), language=b("p_language"), silences=0)
)
_OWNER = sa.update(call).where(call.c.id == b("p_id")).values(contact=b("p_contact"))
_SILENT = sa.update(call).where(call.c.id == b("p_id")).values(silences=call.c.silences + 1)
_KEPT = sa.select(response.c.body).where(response.c.call == b("p_call"), response.c.key == b("p_key"))
_LATEST = (
    sa.select(response.c.body)
    .where(response.c.call == b("p_call"), response.c.step == b("p_step"))
    .order_by(response.c.at.desc(), response.c.key)
    .limit(1)
)
_KEEP = insert(response).on_conflict_do_nothing(index_elements=["tenant", "call", "key"])
_ORDERED = sa.select(order.c.key).where(order.c.id == b("p_id"))
_OUTCOME = sa.update(call).where(call.c.id == b("p_id"), call.c.outcome == "").values(outcome=b("p_outcome"))


@attrs.frozen
class Call:
    """One call: its row, with what was said in it so far."""

    id: str
    conversation: str
    direction: str
    number: str
    address: str
    language: str
    flow: str
    plan: str
    progress: Progress
    seq: int
    silences: int
    status: str
    rank: int
    outcome: str
    ended_at: float | None
    created_at: float


def conversation_of(tenant: str, ident: str) -> str:
    """The id of a call's conversation: always the same, so that a repeat after a crash finds it."""
    return hashlib.sha256(f"call\0{tenant}\0{ident}".encode()).hexdigest()[:32]


class CallStore:
    """The calls of a tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def find(self, ident: str) -> Call | None:
        """The call of the provider's id."""
        return _call(await self.tenant.db.fetch(_ONE, {"p_id": ident}))

    async def of(self, conversation: str) -> Call | None:
        """The call that the conversation is."""
        return _call(await self.tenant.db.fetch(_OF, {"p_conversation": conversation}))

    async def add(self, ident: str, told: Mapping[str, Any]) -> Call:
        """The call, which is new unless another request was faster."""
        row = {"id": ident, "conversation": conversation_of(self.tenant.name, ident), "progress": {}, **told}
        await self.tenant.db.write((_NEW, {**row, "created_at": self.tenant.clock.now()}))
        found = await self.find(ident)
        if found is None:
            raise LookupError(f"call {ident!r} was removed while it began")
        return found

    async def belongs(self, one: Call, contact: str) -> None:
        """Note whose call it is."""
        await self.tenant.db.write((_OWNER, {"p_id": one.id, "p_contact": contact}))

    async def advance(self, one: Call, told: Message) -> Call:
        """After a message of the bot's; one that is known already, or goes to somebody else, changes nothing."""
        while told.conversation == one.conversation and told.seq > one.seq:
            with contextlib.suppress(Conflict):  # somebody else went on with it: once more, from there
                await self._advance(one, told)
            found = await self.find(one.id)
            if found is None:
                return one
            one = found
        return one

    async def _advance(self, one: Call, told: Message) -> None:
        """Raises `Conflict` where the call is not as it was seen."""
        progress = one.progress.advanced(told)
        values = {"p_progress": progress.builtins(), "p_language": told.language or one.language}
        async with self.tenant.action(by="voice") as act:
            act.write(_ADVANCE, {"p_id": one.id, "p_before": one.seq, "p_seq": told.seq, **values}, rows=1)
            if progress.ended and progress.outcome and not one.outcome:
                await self.outcome(act, one, progress.outcome)

    async def settle(self, one: Call, outcome: str) -> None:
        """How the call went: the first word counts."""
        with contextlib.suppress(Conflict):
            async with self.tenant.action(by="voice") as act:
                await self.outcome(act, one, outcome)

    async def outcome(self, act: Action, one: Call, outcome: str) -> None:
        """Store how the call went and tell those who follow the event log, unless it is known already, which is a `Conflict`."""
        act.write(_OUTCOME, {"p_id": one.id, "p_outcome": outcome}, rows=1)
        rows = await self.tenant.db.fetch(_ORDERED, {"p_id": one.plan}) if one.plan else ()
        told_of = {"call": one.id, "outcome": outcome, "plan": one.plan, "key": rows[0].key if rows else ""}
        act.event("voice.outcome", told_of, conversation=one.conversation if one.seq else "")

    async def silent(self, one: Call, token: str) -> int:
        """The caller said nothing; how often in a row that is.  A request that is repeated, by its `token`, counts once."""
        with contextlib.suppress(Conflict):
            async with self.tenant.action(by="voice") as act:
                if token:
                    act.write(_KEEP, self._answer(one.id, f"silence:{token}", "", ""), rows=1)
                act.write(_SILENT, {"p_id": one.id})
        found = await self.find(one.id)
        return found.silences if found else one.silences + 1

    async def kept(self, ident: str, key: str) -> str:
        """What a request was answered with; "" for one that was not made before."""
        rows = await self.tenant.db.fetch(_KEPT, {"p_call": ident, "p_key": key})
        return str(rows[0].body) if rows else ""

    async def latest(self, ident: str, step: str) -> str:
        """The last answer to a step of the call; "" where there is none."""
        rows = await self.tenant.db.fetch(_LATEST, {"p_call": ident, "p_step": step})
        return str(rows[0].body) if rows else ""

    async def keep(self, ident: str, key: str, step: str, body: str) -> str:
        """Keep an answer; whichever request of several equal ones was first decides what all of them get."""
        await self.tenant.db.write((_KEEP, self._answer(ident, key, step, body)))
        return await self.kept(ident, key) or body

    def _answer(self, ident: str, key: str, step: str, body: str) -> dict[str, Any]:
        return {"call": ident, "key": key, "step": step, "body": body, "at": self.tenant.clock.now()}


def _call(rows: Any) -> Call | None:
    if not rows:
        return None
    told = rows[0]._asdict()
    names = [field.name for field in attrs.fields(Call) if field.name != "progress"]
    return Call(progress=Progress.of(told["progress"]), **{name: told[name] for name in names})
