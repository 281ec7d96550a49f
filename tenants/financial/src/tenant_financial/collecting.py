"""What comes of the collections: what customers write back and how calls to them went is noted at their open tasks.

What is written comes to the second address of WhatsApp, and the assistant stays out of it.  The number there only claims who writes,
so nothing of any record is said.  How a call went is in the event log, as `voice.outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.message import Reply

from .customers import find
from .models import loan, task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.message import Message, Record
    from hookline.tenant import Tenant
    from hookline.turn import Turn

LINE = "outbound"
_DAYS = ("date", "day", "due_date", "time")
_NOBODY = ("no_answer", "busy", "machine", "failed", "cancelled", "unknown")
_OPEN = (
    sa.select(task.table.c.id, task.table.c.number, task.table.c.status)
    .join(loan.table, loan.table.c.number == task.table.c.loan)
    .where(loan.table.c.customer == sa.bindparam("p_customer"), task.table.c.status != "done")
    .order_by(task.table.c.number)
)
_NAMED = sa.select(task.table.c.id, task.table.c.number, task.table.c.status).where(
    task.table.c.number == sa.bindparam("p_number"), task.table.c.status != "done"
)
_NOTE = (
    sa.update(task.table)
    .where(
        task.table.c.id == sa.bindparam("p_id"),
        task.table.c.status != "done",
        sa.or_(task.table.c.outcome_at.is_(None), task.table.c.outcome_at < sa.bindparam("p_at")),
    )
    .values(
        status=sa.case(
            (task.table.c.status.in_(["pending", "in_progress"]), sa.bindparam("p_status")), else_=task.table.c.status
        ),
        outcome=sa.bindparam("p_outcome"),
        outcome_at=sa.bindparam("p_at"),
        outcome_call=sa.bindparam("p_call"),
        version=task.table.c.version + 1,
        updated_at=sa.bindparam("p_now"),
    )
)
_PROMISED = (
    sa.update(task.table)
    .where(task.table.c.id == sa.bindparam("p_id"), task.table.c.outcome == "answered")
    .values(outcome="promised")
)


def is_answer(message: Message) -> bool:
    """Whether it came to the collections' own address."""
    told = message.data.get("whatsapp")
    return isinstance(told, Mapping) and told.get("line") == LINE


async def note(tenant: Tenant, turn: Turn) -> None:
    """Note at the customer's open tasks that they have answered: `tenant_financial.collected` says at which."""
    if turn.dry or not is_answer(turn.message):
        return
    rows = await _open(tenant, turn.message.address)
    now = tenant.clock.now()
    for row in rows:
        turn.write(_NOTE, _values(row, "answered", "", now, now))
    turn.event(
        "tenant_financial.collected",
        {"tasks": [row.number for row in rows], "outcome": "answered" if rows else "nothing_open"},
    )


async def reply(tenant: Tenant, turn: Turn) -> Reply | None:
    """Thank them; None for what did not come to the collections."""
    if not is_answer(turn.message):
        return None
    rows = await _open(tenant, turn.message.address)
    if not rows:
        return Reply(tenant.phrase("collect-none", turn.language))
    if not any(entity.name in _DAYS for entity in turn.entities):
        return Reply(tenant.phrase("collect-noted", turn.language))
    for row in rows:
        turn.write(_PROMISED, {"p_id": row.id})
    return Reply(tenant.phrase("collect-promised", turn.language))


async def follow(tenant: Tenant, record: Record) -> None:
    """Note how a call went at the open tasks of the customer whose telephone it was; safe to repeat.

    Of a call that nobody answered there is no conversation: its task is the one whose number the order's key begins with.
    """
    if record.kind != "voice.outcome":
        return
    told = record.payload
    rows: Sequence[Any] = ()
    known = await tenant.conversations.get(record.conversation) if record.conversation else None
    if known is not None:
        rows = await _open(tenant, known.conversation.address)
    elif told.get("key"):
        rows = await tenant.db.fetch(_NAMED, {"p_number": str(told["key"]).partition(":")[0]})
    now = tenant.clock.now()
    for row in rows:
        values = _values(row, str(told["outcome"]), str(told["call"]), record.at, now)
        await tenant.db.write((_NOTE, values))


def _values(row: Any, outcome: str, call: str, at: float, now: float) -> dict[str, Any]:
    status = "called" if call and outcome not in _NOBODY else "in_progress"
    return {"p_id": row.id, "p_outcome": outcome, "p_call": call, "p_at": at, "p_now": now, "p_status": status}


async def _open(tenant: Tenant, address: str) -> Sequence[Any]:
    """The open tasks of the customer whose number it is; none where it is nobody's, or several customers'."""
    found = await find(tenant, address)
    return await tenant.db.fetch(_OPEN, {"p_customer": found.id}) if found else ()
