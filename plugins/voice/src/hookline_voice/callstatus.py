"""What became of calls: Twilio's reports, in any order and more than once, and what follows from them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hookline.errors import Conflict

from .callclient import CallDelayed, CallRefused, client_of, told
from .callmodels import call, order
from .callplacing import ONE, watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.action import Action
    from hookline.message import Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .calling import Calling
    from .callsigned import Asked
    from .callstore import Call, CallStore

b = sa.bindparam
RANKS: Mapping[str, int] = {
    "queued": 1, "initiated": 2, "ringing": 3, "in-progress": 4, "completed": 5, "busy": 5, "no-answer": 5, "failed": 5, "canceled": 5,
}  # fmt: skip
_FINAL = 5
_WORDS: Mapping[str, str] = {"busy": "busy", "no-answer": "no_answer", "failed": "failed", "canceled": "cancelled"}
_AGAIN = frozenset({"busy", "no_answer", "machine"})
_UNDER_WAY = ("placing", "placed", "unknown")
_RISE = sa.update(call).where(call.c.id == b("p_id"), call.c.rank == b("p_rank"), call.c.outcome == b("p_outcome"))
_ORDER = sa.update(order).where(
    order.c.id == b("p_id"), order.c.state == b("p_state"), order.c.attempts == b("p_attempts")
)
_LOST = sa.update(order).where(order.c.id == b("p_id"), order.c.state == "placed", order.c.call == b("p_call"))


async def report(tenant: Tenant, calling: Calling, asked: Asked) -> None:
    """Store a report of Twilio's, and what follows from it."""
    status = asked.form.get("CallStatus", "")
    if status not in RANKS:
        tenant.log.info("a status that is not known", status=status[:40])
        return
    one = await calling.known(asked, old=True)
    await _settle(tenant, calling, one.id, status, asked.form)


async def _settle(tenant: Tenant, calling: Calling, ident: str, status: str, form: Mapping[str, str]) -> None:
    """Store it on what is known now; anew where something else about the call was stored in between."""
    while (one := await calling.store.find(ident)) is not None and one.rank < RANKS[status]:
        with contextlib.suppress(Conflict):
            await _store(tenant, calling.store, one, status, form)


async def _store(tenant: Tenant, store: CallStore, one: Call, status: str, form: Mapping[str, str]) -> None:
    """Raises `Conflict` where the call, or its order, is not as it was seen."""
    rank = RANKS[status]
    final, values = rank == _FINAL, {"status": status, "rank": rank}
    if form.get("AnsweredBy"):
        values["answered_by"] = form["AnsweredBy"][:40]
    if final:
        values |= {"ended_at": tenant.clock.now(), "seconds": _seconds(form)}
    outcome = one.outcome
    if final and not outcome:
        machine = form.get("AnsweredBy", "").startswith(("machine", "fax"))
        outcome = _WORDS.get(status, "") or ("machine" if machine else "answered")
    conversation = one.conversation if one.seq else ""
    async with tenant.action(by="voice") as act:
        seen = {"p_id": one.id, "p_rank": one.rank, "p_outcome": one.outcome}
        act.write(_RISE.values(**values), seen, rows=1)
        act.event("voice.status", {"call": one.id, "status": status}, conversation=conversation)
        if outcome != one.outcome:
            await store.outcome(act, one, outcome)
        if one.plan:
            await _follow(tenant, act, one, outcome if final else "")


def _seconds(form: Mapping[str, str]) -> int:
    told_of = form.get("CallDuration") or form.get("Duration") or "0"
    return int(told_of) if told_of.isascii() and told_of.isdigit() else 0


async def _follow(tenant: Tenant, act: Action, one: Call, outcome: str) -> None:
    """What a call means for its order: that it is placed, and with an outcome its end, or the next try."""
    rows = await tenant.db.fetch(ONE, {"p_id": one.plan})
    if not rows or rows[0].state not in _UNDER_WAY:
        return
    outbound = tenant.config.calls.outbound
    seen = {"p_id": one.plan, "p_state": rows[0].state, "p_attempts": rows[0].attempts}
    tried = max(rows[0].attempts, 1)
    if not outcome:
        if rows[0].state != "placed":
            act.write(_ORDER.values(state="placed", call=one.id, outcome="", error=""), seen, rows=1)
            watch(act, one.plan, one.id, outbound.answered_seconds)
    elif outcome in _AGAIN and tried < outbound.attempts:
        due = tenant.clock.now() + outbound.retry_seconds
        values = {"state": "waiting", "outcome": outcome, "not_before": due, "call": one.id, "error": ""}
        act.write(_ORDER.values(**values), seen, rows=1)
        again = {"order": one.plan, "attempt": tried + 1}
        act.job("call", again, key=f"{one.plan}:{tried + 1}", delay=outbound.retry_seconds)
    else:
        act.write(_ORDER.values(state="done", outcome=outcome, call=one.id, error=""), seen, rows=1)


async def ask(tenant: Tenant, calling: Calling, turn: Turn, timer: Timer) -> None:
    """Nothing was heard of a call that was placed: ask Twilio how it went, and later where it can't say."""
    rows = await tenant.db.fetch(ONE, {"p_id": str(timer.payload["order"])})
    if not rows or rows[0].state != "placed" or rows[0].call != timer.payload["call"]:
        return
    ident, seconds = str(timer.payload["call"]), tenant.config.calls.outbound.answered_seconds
    try:
        client = await client_of(tenant)
        found = await told(client.calls(ident).fetch_async())
    except CallDelayed as delayed:
        tenant.log.warning("what became of a call is not known yet", call=ident, reason=str(delayed))
        watch(turn, rows[0].id, ident, seconds)
        return
    except CallRefused as refused:
        lost = _LOST.values(state="failed", outcome="failed", error=str(refused)[:500])
        turn.write(lost, {"p_id": rows[0].id, "p_call": ident}, rows=1)
        turn.event("voice.outcome", {"call": ident, "outcome": "failed", "plan": rows[0].id, "key": rows[0].key})
        return
    if RANKS.get(found.status, 0) == _FINAL:
        if await calling.store.find(ident) is None:
            await calling.store.add(ident, calling.ordered(rows[0]))
        form = {"CallDuration": str(found.duration or "0"), "AnsweredBy": found.answered_by or ""}
        await _settle(tenant, calling, ident, found.status, form)
        return
    watch(turn, rows[0].id, ident, seconds)
