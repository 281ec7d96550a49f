"""Notices: what one member of the staff shall see (a mention, a whisper, a promise that is late)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.ledger import new_id

from .deskbodies import Notices, NoticeView
from .deskmodels import notice

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.tenant import Tenant

STAFF = "staff"
"""The live topic that all pages of the staff follow."""
_LONGEST = 500


def notify(
    into: Collected,
    now: float,
    staff: Iterable[str],
    kind: str,
    text: str,
    *,
    conversation: str = "",
    contact: str = "",
    handoff: str = "",
    by: str = "",
    by_name: str = "",
) -> None:
    """Store a notice for each of these people, and show it to them once that is committed."""
    for one in dict.fromkeys(staff):
        row = {
            "id": new_id(),
            "staff": one,
            "kind": kind,
            "conversation": conversation,
            "contact": contact,
            "handoff": handoff,
            "by": by,
            "by_name": by_name,
            "text": text[:_LONGEST],
            "created_at": now,
            "read_at": None,
        }
        into.write(sa.insert(notice), row)
        into.publish(STAFF, "handoff.notice", {"to": one, "notice": msgspec.to_builtins(_view(row))})


async def notices_of(tenant: Tenant, staff: str, *, before: float = 0.0, limit: int = 50) -> Notices:
    """The newest notices of one member of the staff."""
    found = sa.select(notice).where(notice.c.staff == staff)
    if before:
        found = found.where(notice.c.created_at < before)
    rows = await tenant.db.fetch(found.order_by(notice.c.created_at.desc(), notice.c.id).limit(limit))
    unread = await tenant.db.fetch(
        sa.select(sa.func.count().label("n")).where(notice.c.staff == staff, notice.c.read_at.is_(None))
    )
    return Notices([_view(row._asdict()) for row in rows], unread[0].n)


async def read_notices(tenant: Tenant, staff: str, ids: Iterable[str]) -> None:
    """Note that these are read; none named: all."""
    wanted = list(ids)
    done = sa.update(notice).where(notice.c.staff == staff, notice.c.read_at.is_(None))
    if wanted:
        done = done.where(notice.c.id.in_(wanted))
    await tenant.db.write(done.values(read_at=tenant.clock.now()))


def _view(row: Any) -> NoticeView:
    return NoticeView(
        row["id"],
        row["kind"],
        row["conversation"],
        row["handoff"],
        row["by"],
        row["by_name"],
        row["text"],
        row["created_at"],
        row["read_at"],
    )
