"""A contact's calls: given out and removed on demand, following merges and purges; and what is kept too long is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline import merging
from hookline.models import conversation, identity

from . import callrecording
from .callmodels import call, order, recording, response
from .callprogress import CHANNEL

if TYPE_CHECKING:
    from hookline.message import Record
    from hookline.tenant import Tenant
    from hookline.turn import Turn

b = sa.bindparam
_TALKS = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
_ADDRESSES = sa.select(identity.c.address).where(
    identity.c.contact == b("p_contact"), identity.c.channel == b("p_channel")
)
_CALLS = sa.or_(call.c.contact == b("p_contact"), call.c.conversation.in_(_TALKS), call.c.address.in_(_ADDRESSES))
_MINE = sa.select(call.c.id).where(_CALLS)
_OF = {
    recording: recording.c.call.in_(_MINE),
    response: response.c.call.in_(_MINE),
    order: sa.or_(order.c.contact == b("p_contact"), order.c.address.in_(_ADDRESSES)),
    call: _CALLS,
}
_RECORDED = sa.select(recording.c.call).where(recording.c.state == "stored")
_OVER = sa.and_(call.c.created_at < b("p_before"), call.c.id.not_in(_RECORDED))  # by its call a recording is found
_OLD = sa.select(call.c.id).where(_OVER)
_DONE = ["done", "failed", "cancelled", "unknown"]


async def export(tenant: Tenant, contact: str) -> dict[str, Any]:
    """All rows about the contact, by table."""
    found: dict[str, Any] = {}
    for table, condition in _OF.items():
        rows = await tenant.db.fetch(sa.select(table).where(condition), _values(contact))
        found[table.name] = [{k: v for k, v in row._asdict().items() if k != "tenant"} for row in rows]
    return found


async def erase(tenant: Tenant, contact: str) -> dict[str, Any]:
    """Remove them; how many, by table."""
    found = {
        table: await tenant.db.fetch(sa.select(table).where(condition), _values(contact))
        for table, condition in _OF.items()
    }
    async with tenant.action(by="voice") as act:
        for row in found[recording]:
            act.job(callrecording.JOB, {"recording": row.id}, key=f"{row.id}:erased", plugin="voice")
        for table, rows in found.items():
            keys = [column for column in table.primary_key if column.name != "tenant"]
            for row in rows:
                act.write(sa.delete(table).where(*(key == getattr(row, key.name) for key in keys)))
    return {table.name: len(rows) for table, rows in found.items()}


async def follow(tenant: Tenant, record: Record) -> None:
    """Contacts that were merged or parted, conversations that were purged; safe to repeat."""
    if record.kind == "conversation.purged":
        at = {"p_id": record.conversation}
        gone = sa.select(call.c.id).where(call.c.conversation == b("p_id"))
        await tenant.db.write(
            (sa.update(recording).where(recording.c.call.in_(gone)).values(expires_at=0), at),
            (sa.delete(response).where(response.c.call.in_(gone)), at),
            (sa.delete(call).where(call.c.conversation == b("p_id")), at),
        )
    elif record.kind in ("contact.merged", "contact.parted"):
        async with tenant.action(by="voice") as act:
            merging.follow(act, record.payload["conversations"], call)


def expire(tenant: Tenant, turn: Turn) -> None:
    """Remove calls that have no recording any more, what they were answered with, and orders that are done, when their time is up."""
    at = {"p_before": tenant.clock.now() - tenant.config.calls.keep_days * 86400.0}
    turn.write(sa.delete(response).where(response.c.call.in_(_OLD)), at)
    turn.write(sa.delete(call).where(_OVER), at)
    turn.write(
        sa.delete(recording).where(recording.c.state == "removed", recording.c.call.not_in(sa.select(call.c.id)))
    )
    turn.write(sa.delete(order).where(order.c.created_at < b("p_before"), order.c.state.in_(_DONE)), at)


def _values(contact: str) -> dict[str, str]:
    return {"p_contact": contact, "p_channel": CHANNEL}
