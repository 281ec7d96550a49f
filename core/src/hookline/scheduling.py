"""Jobs, commands and timers, stored in the transaction of what they come from."""

from __future__ import annotations

import sqlalchemy as sa

from .collect import Collected, NewWork
from .db import Op, Script
from .inbox import submit
from .ledger import DIALECTS, Row, new_id, upsert
from .models import timer

b = sa.bindparam


def _set_timer(dialect: str) -> sa.Executable:
    insert = upsert(dialect, timer)
    new = insert.excluded
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=["tenant", "plugin", "lane", "kind", "key"],
        set_={"id": new.id, "due_at": new.due_at, "payload": new.payload, "state": "waiting"},
    )
    return statement


_SET_TIMER = {d: _set_timer(d) for d in DIALECTS}
_CANCEL_TIMER = (
    sa.update(timer)
    .where(
        timer.c.tenant == b("p_tenant"),
        timer.c.plugin == b("p_plugin"),
        timer.c.lane == b("p_lane"),
        timer.c.kind == b("p_kind"),
        timer.c.key == b("p_key"),
        timer.c.state == "waiting",
    )
    .values(state="cancelled")
)


SOON = 1.0
"""Seconds: timers are looked at so often, and whoever sets one that is due earlier says so."""


def schedule(dialect: str, collected: Collected, source: str, now: float) -> Script[tuple[tuple[Row, ...], bool]]:
    """Store the jobs, commands and timers; the rows that can run now, and whether there are timers that are due soon.

    `source` is unique to what they come from: what has no key of its own is told apart by it.
    """
    rows: list[Row] = []
    timers = False
    for cancelled in collected.cancelled_timers:
        yield Op(
            _CANCEL_TIMER,
            {
                "p_tenant": collected.tenant,
                "p_plugin": cancelled.plugin,
                "p_lane": cancelled.lane,
                "p_kind": cancelled.kind,
                "p_key": cancelled.key,
            },
        )
    for n, new in enumerate(collected.work):
        if new.kind == "timer":
            timers = timers or new.delay < SOON
            yield set_timer(dialect, collected.tenant, new, now)
            continue
        key = new.key or f"{source}-{n}"
        row = yield from submit(
            dialect,
            collected.tenant,
            new.kind,
            new.plugin,
            new.name,
            new.payload,
            now,
            source=f"{new.kind}:{new.plugin}",
            source_key=f"{new.name}:{key}",
            lane_key=new.lane or f"{new.plugin}:{new.name}:{key}",
            key=new.key,
            by=new.by,
            not_before=now + new.delay if new.delay else 0.0,
        )
        if row is not None:
            rows.append(row)
    return tuple(rows), timers


def set_timer(dialect: str, tenant: str, new: NewWork, now: float) -> Op:
    """Store a timer; one of the same plugin, lane, kind and key is replaced."""
    return Op(
        _SET_TIMER[dialect],
        {
            "tenant": tenant,
            "id": new_id(),
            "plugin": new.plugin,
            "kind": new.name,
            "lane": new.lane,
            "key": new.key,
            "due_at": now + new.delay,
            "payload": new.payload,
            "created_at": now,
            "state": "waiting",
        },
    )
