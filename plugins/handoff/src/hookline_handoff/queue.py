"""The order in which handoffs wait: priority first, then the lead's score and the time waited; and when somebody works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .hours import Hours
from .life import TRANSFERRED, WAITING
from .models import handoff
from .records import COLUMNS, Handoff, read

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam
FOR_ALL = (handoff.c.agent == "") & (handoff.c.state == TRANSFERRED)
_UNASSIGNED = handoff.c.state.in_(WAITING) | FOR_ALL


def points(tenant: Tenant) -> sa.ColumnElement[float]:
    """What a handoff's place depends on besides its priority: more is sooner.  It does not change while it waits."""
    minute: float = tenant.config.assignment.wait_minute
    return sa.func.coalesce(handoff.c.score, 0.0) - handoff.c.requested_at * (minute / 60.0)


def points_of(tenant: Tenant, shown: Handoff) -> float:
    """The same of a record."""
    minute: float = tenant.config.assignment.wait_minute
    return (shown.score or 0.0) - shown.requested_at * (minute / 60.0)


def in_order(tenant: Tenant) -> tuple[sa.ColumnElement[Any], ...]:
    """The order of the queue, for ORDER BY."""
    return (handoff.c.priority.desc(), points(tenant).desc(), handoff.c.id)


async def position(tenant: Tenant, shown: Handoff) -> int | None:
    """Its place in the queue, from 1; None for one that does not wait.  It need not be stored yet."""
    if shown.state not in WAITING and not (shown.state == TRANSFERRED and not shown.agent):
        return None
    mine, place = points_of(tenant, shown), points(tenant)
    before = sa.or_(
        handoff.c.priority > shown.priority,
        sa.and_(handoff.c.priority == shown.priority, place > mine + 1e-6),
        sa.and_(handoff.c.priority == shown.priority, place.between(mine - 1e-6, mine + 1e-6), handoff.c.id < shown.id),
    )
    rows = await tenant.db.fetch(
        sa.select(sa.func.count().label("n")).select_from(handoff).where(_UNASSIGNED, before, handoff.c.id != shown.id)
    )
    return int(rows[0].n) + 1


async def waiting(tenant: Tenant, limit: int = 10_000) -> list[Handoff]:
    """What nobody has, in the order of the queue; what waits for the hour of opening is not among it."""
    rows = await tenant.db.fetch(
        sa.select(*COLUMNS).where((handoff.c.state == "queued") | FOR_ALL).order_by(*in_order(tenant)).limit(limit)
    )
    return [read(row) for row in rows]


def hours(tenant: Tenant) -> Hours:
    """When the queue is looked after."""
    return Hours(tenant.config.calendars.get("default"))


def working(tenant: Tenant, at: float, seconds: float) -> float:
    """When so many seconds of working time have passed since `at`; at the latest in three years."""
    due = hours(tenant).add(at, seconds)
    return due if due is not None else at + 3 * 365 * 86_400.0
