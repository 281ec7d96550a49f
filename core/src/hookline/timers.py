"""Timers: when one is due, one transaction turns it into an inbox row of its lane."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import sqlalchemy as sa
import structlog

from .clock import Clock
from .db import Database, Op, Script
from .failpoints import reach
from .inbox import lock_lane, submit
from .ledger import Row
from .models import literal, timer
from .scheduling import SOON

log = structlog.get_logger("hookline.timers")
b = sa.bindparam

_NEXT = sa.select(sa.func.min(timer.c.due_at).label("due_at")).where(
    timer.c.tenant == b("p_tenant"), timer.c.state == literal("waiting")
)
_DUE = (
    sa.select(timer.c.id, timer.c.plugin, timer.c.kind, timer.c.lane, timer.c.key, timer.c.due_at, timer.c.payload)
    .where(timer.c.tenant == b("p_tenant"), timer.c.state == literal("waiting"), timer.c.due_at <= b("p_now"))
    .order_by(timer.c.due_at)
    .limit(500)
)
_FIRE = (
    sa.update(timer)
    .where(timer.c.tenant == b("p_tenant"), timer.c.id == b("p_id"), timer.c.state == "waiting")
    .values(state="fired")
)


class Timers:
    """Fires the due timers of this process's tenants; two processes never fire the same one."""

    def __init__(
        self, database: Database, clock: Clock, push: Callable[[str, Row], None], *, interval: float = SOON
    ) -> None:
        self.database = database
        self.clock = clock
        self.interval = interval
        self._push = push
        self._poked = asyncio.Event()

    def poke(self) -> None:
        """A timer was set that may be due earlier than all others."""
        self._poked.set()

    async def run(self, tenants: Callable[[], Sequence[str]]) -> None:
        """Fire timers until cancelled; looks at least every `interval` seconds for those of other processes."""
        while True:
            self._poked.clear()
            wait = self.interval
            for tenant in tenants():
                try:
                    await self.fire(tenant)
                    following = await self.database.fetch(_NEXT, {"p_tenant": tenant}, tenant=tenant)
                except Exception:
                    log.exception("timers could not be read", tenant=tenant)
                    continue
                due = following[0].due_at
                if due is not None:
                    wait = min(wait, max(0.0, due - self.clock.now()))
            if wait:
                await self.clock.wait(self._poked, max(wait, 0.001))
            else:  # it became due while they were read
                await asyncio.sleep(0.001)

    async def fire(self, tenant: str) -> int:
        """Fire what is due now; returns how many."""
        now = self.clock.now()
        due = await self.database.fetch(_DUE, {"p_tenant": tenant, "p_now": now}, tenant=tenant)
        for row in due:
            made = await self.database.run(self._fire(tenant, row, now), tenant=tenant)
            reach("timer.fired")
            if made is not None:
                self._push(tenant, made)
        return len(due)

    def _fire(self, tenant: str, due: sa.Row[tuple[object, ...]], now: float) -> Script[Row | None]:
        # The lane before the timer, as a turn has them that cancels it: the other way round each waits for the other.
        yield from lock_lane(self.database.dialect, tenant, due.lane)
        fired = yield Op(_FIRE, {"p_tenant": tenant, "p_id": due.id})
        if fired.rowcount != 1:
            return None
        return (
            yield from submit(
                self.database.dialect,
                tenant,
                "timer",
                due.plugin,
                due.kind,
                due.payload,
                now,
                source=f"timer:{due.plugin}",
                source_key=due.id,
                lane_key=due.lane,
                key=due.key,
                due_at=due.due_at,
            )
        )
