"""Records of contacts that are merged or parted: they follow, and the audit log says which ones did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .models import audit

if TYPE_CHECKING:
    from .message import Record
    from .records import RecordType
    from .tenant import Tenant

_MOVED, _BACK = "records.move", "records.move_back"


async def move(tenant: Tenant, kinds: Sequence[RecordType], record: Record) -> None:
    """What the event `contact.merged` or `contact.parted` asks for; safe to get twice."""
    stays, other = record.payload["contact"], record.payload["from"]
    if record.kind == "contact.merged":
        for kind in kinds:
            await _move(tenant, kind, other, stays, None)
    else:
        for kind in kinds:
            if ids := await _moved(tenant, kind, other, stays):
                await _move(tenant, kind, stays, other, ids)


async def _move(tenant: Tenant, kind: RecordType, before: str, after: str, only: Sequence[str] | None) -> None:
    columns = kind.table.c
    here = columns.contact == before
    if only is not None:
        here = sa.and_(here, columns.id.in_(only))
    ids = [row.id for row in await tenant.db.fetch(sa.select(columns.id).where(here))]
    if not ids:
        return
    async with tenant.action(by=tenant.plugin) as act:
        act.write(
            sa.update(kind.table)
            .where(columns.contact == before, columns.id.in_(ids))
            .values(contact=after, version=columns.version + 1),
            rows=len(ids),
        )
        act.audit(_MOVED if only is None else _BACK, _subject(tenant, kind, before), {"to": after, "records": ids})


async def _moved(tenant: Tenant, kind: RecordType, before: str, after: str) -> list[str]:
    """The records that came from the one contact to the other, since they last went back."""
    asked = sa.select(audit.c.what, audit.c.detail).where(
        sa.or_(
            sa.and_(audit.c.what == _MOVED, audit.c.subject == _subject(tenant, kind, before)),
            sa.and_(audit.c.what == _BACK, audit.c.subject == _subject(tenant, kind, after)),
        )
    )
    found: list[str] = []
    for row in await tenant.db.fetch(asked.order_by(audit.c.n)):
        if row.what == _BACK and row.detail["to"] == before:
            found = []
        elif row.what == _MOVED and row.detail["to"] == after:
            found += row.detail["records"]
    return found


def _subject(tenant: Tenant, kind: RecordType, contact: str) -> str:
    return f"{tenant.plugin}/{kind.name}/contact/{contact}"
