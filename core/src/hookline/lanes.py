"""Lanes: what must run one after the other does, and different lanes run side by side.

A lane is a conversation, or `plugin:key`.  Whoever holds its lease takes its lowest unfinished inbox row, processes
it, and goes on until there is none.  A head that fails waits with backoff and is never overtaken; a lane that waits
takes no place from those that work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import sqlalchemy as sa
import structlog

from .clock import Clock
from .commit import finish
from .db import Database, Op, Script
from .errors import TenantUnavailable, TurnLost
from .ledger import Lease, Row, unhurried
from .models import inbox, lane, literal

log = structlog.get_logger("hookline.lanes")
b = sa.bindparam
_PAGE = 100
_MOST = 5000
_PAGE_OF_KEYS = 1000

_PENDING = (
    sa.select(
        inbox.c.id, inbox.c.lane, inbox.c.kind, inbox.c.plugin, inbox.c.payload, inbox.c.attempts, inbox.c.not_before
    )
    .where(inbox.c.tenant == b("p_tenant"), inbox.c.lane == b("p_lane"), inbox.c.state == literal("pending"))
    .order_by(inbox.c.id)
    .limit(_PAGE)
)
_WAITING = (
    sa.select(inbox.c.lane)
    .where(inbox.c.tenant == b("p_tenant"), inbox.c.state == literal("pending"))
    .distinct()
    .limit(_MOST)
)
_NOW = sa.extract("epoch", sa.func.clock_timestamp())
_TAKE = (
    sa.update(lane)
    .where(
        lane.c.tenant == b("p_tenant"),
        lane.c.key == b("p_key"),
        sa.or_(lane.c.owner == "", lane.c.lease_until < _NOW),
    )
    .values(owner=b("p_owner"), lease_until=_NOW + b("p_seconds", type_=sa.Double), fence=lane.c.fence + 1)
    # A lease that the server loses in a crash is lost before anything was committed under it, so no need to wait.
    .returning(lane.c.fence, sa.func.set_config("synchronous_commit", "off", sa.true()))
)
_RENEW = (
    sa.update(lane)
    .where(lane.c.tenant == b("p_tenant"), lane.c.owner == b("p_owner"), lane.c.key.in_(b("p_keys", expanding=True)))
    .values(lease_until=_NOW + b("p_seconds", type_=sa.Double))
)
_RELEASE = unhurried(
    "postgresql",
    sa.update(lane)
    .where(
        lane.c.tenant == b("p_tenant"),
        lane.c.key == b("p_key"),
        lane.c.owner == b("p_owner"),
        lane.c.fence == b("p_fence"),
    )
    .values(owner="", lease_until=0),
)


class Leases(Protocol):
    """Who may process a lane."""

    shared: bool
    """Whether other processes may add to a lane or hold it."""

    async def take(self, tenant: str, key: str) -> tuple[Lease, Sequence[Row]] | None:
        """The lease with what waits in a shared lane, or None while somebody else has it."""

    async def finish(self, lease: Lease) -> bool:
        """Give it back if nothing waits in a shared lane; False if something does."""

    async def release(self, lease: Lease) -> None:
        """Give it back, whatever waits."""

    async def renew(self, leases: Sequence[Lease]) -> None:
        """Keep them for longer."""


class MemoryLeases:
    """Leases of the one server that holds the data folder: there is nobody else."""

    shared = False

    async def take(self, tenant: str, key: str) -> tuple[Lease, Sequence[Row]] | None:
        """Always given."""
        return Lease(tenant, key), ()

    async def finish(self, lease: Lease) -> bool:
        """Nothing to do."""
        return True

    async def release(self, lease: Lease) -> None:
        """Nothing to do."""

    async def renew(self, leases: Sequence[Lease]) -> None:
        """Nothing to do."""


class TableLeases:
    """Leases in the lane's row, by the database's clock; `owner` is unique to this process."""

    shared = True

    def __init__(self, database: Database, owner: str, seconds: float = 10.0) -> None:
        self.database = database
        self.owner = owner
        self.seconds = seconds

    async def take(self, tenant: str, key: str) -> tuple[Lease, Sequence[Row]] | None:
        """Taken by a conditional update, and what waits is read in the same transaction."""

        def script() -> Script[tuple[Lease, Sequence[Row]] | None]:
            taken = yield Op(
                _TAKE, {"p_tenant": tenant, "p_key": key, "p_owner": self.owner, "p_seconds": self.seconds}
            )
            if not taken.rows:
                return None
            waiting = yield Op(_PENDING, {"p_tenant": tenant, "p_lane": key})
            return Lease(tenant, key, self.owner, taken.rows[0].fence), [Row(*row) for row in waiting.rows]

        return await self.database.share(script, tenant=tenant, kind="take", apart=(key,))

    async def finish(self, lease: Lease) -> bool:
        """Given back by a conditional update, with the lane locked so that nothing is added unseen."""
        lease.settling = True
        try:
            lease.held = not await self.database.share(
                lambda: finish(lease), tenant=lease.tenant, kind="finish", apart=(lease.key,)
            )
        finally:
            lease.settling = False
        return not lease.held

    async def release(self, lease: Lease) -> None:
        """Given back, if it is still ours."""

        def script() -> Script[None]:
            yield Op(
                _RELEASE, {"p_tenant": lease.tenant, "p_key": lease.key, "p_owner": self.owner, "p_fence": lease.fence}
            )

        await self.database.run(script(), tenant=lease.tenant)

    async def renew(self, leases: Sequence[Lease]) -> None:
        """One statement a tenant; several where it holds very many, as no statement takes any number of them."""
        by_tenant: dict[str, list[str]] = {}
        for lease in leases:
            by_tenant.setdefault(lease.tenant, []).append(lease.key)

        def script(tenant: str, keys: list[str]) -> Script[None]:
            yield Op(_RENEW, {"p_tenant": tenant, "p_owner": self.owner, "p_keys": keys, "p_seconds": self.seconds})

        for tenant, keys in by_tenant.items():
            for first in range(0, len(keys), _PAGE_OF_KEYS):
                await self.database.run(script(tenant, keys[first : first + _PAGE_OF_KEYS]), tenant=tenant)


Process = Callable[[Row, Lease], Awaitable[Row | None]]
"""Process a row; None when it is finished, else the row as it waits for its next try."""


class _Lane:
    __slots__ = ("key", "last", "lease", "poked", "rows", "stale", "task", "tenant")

    def __init__(self, tenant: str, key: str) -> None:
        self.tenant = tenant
        self.key = key
        self.rows: deque[Row] = deque()
        self.last = 0  # the highest id that was in `rows`: a sweep may have read what is pushed a moment later
        self.stale = False  # what the database has may be more than `rows`
        self.poked = asyncio.Event()
        self.lease: Lease | None = None
        self.task: asyncio.Task[None] | None = None


class Lanes:
    """All lanes that have work, each with a task while it has."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        process: Process,
        clock: Clock,
        tell: Callable[[str, str], None],
        *,
        at_once: int = 200,
    ) -> None:
        self.database = database
        self.leases = leases
        self.clock = clock
        self._process = process
        self._tell = tell
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._room = asyncio.Semaphore(at_once)
        self._swept: set[str] = set()  # tenants of whom nothing waits in the database that is not in `_lanes`
        self._closing = False

    def __len__(self) -> int:
        return len(self._lanes)

    def push(self, tenant: str, row: Row) -> None:
        """A row that this process has just committed; rows of a lane are pushed in the order of their ids."""
        if self.leases.shared:
            self.wake(tenant, row.lane)
            self._tell(tenant, row.lane)
            return
        mine = self._lane(tenant, row.lane)
        if mine.stale or row.id <= mine.last or tenant not in self._swept:
            mine.stale = True
        else:
            mine.rows.append(row)
            mine.last = row.id
        self._start(mine)

    def wake(self, tenant: str, key: str) -> None:
        """The lane may have work in the database."""
        mine = self._lane(tenant, key)
        if self.leases.shared and mine.lease is not None and not mine.lease.settling:
            return  # it is looked at again before it is given back
        mine.stale = True
        self._start(mine)

    async def sweep(self, tenant: str) -> None:
        """Wake all lanes of a tenant that have work; heals what a lost signal or a crash left behind.

        Until it has run, a lane may have older work in the database than what is pushed.
        """
        waiting = await self.database.fetch(_WAITING, {"p_tenant": tenant}, tenant=tenant)
        for row in waiting:
            if (tenant, row.lane) not in self._lanes:
                self.wake(tenant, row.lane)
        if len(waiting) < _MOST:
            self._swept.add(tenant)

    async def renew(self) -> None:
        """Renew the leases that are held."""
        held = [mine.lease for mine in self._lanes.values() if mine.lease]
        if held:
            await self.leases.renew(held)

    async def close(self, grace: float) -> None:
        """Let what runs finish for `grace` seconds, then cancel it: it will run again from the start."""
        self._closing = True
        tasks = [mine.task for mine in self._lanes.values() if mine.task]
        for mine in self._lanes.values():
            mine.poked.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _lane(self, tenant: str, key: str) -> _Lane:
        mine = self._lanes.get((tenant, key))
        if mine is None:
            mine = self._lanes[tenant, key] = _Lane(tenant, key)
        return mine

    def _start(self, mine: _Lane) -> None:
        mine.poked.set()
        if mine.task is None and not self._closing:
            mine.task = asyncio.create_task(self._run(mine), name=f"lane {mine.tenant} {mine.key}")

    async def _run(self, mine: _Lane) -> None:
        """Drain the lane; it is forgotten when nothing is left, or when another process has it."""
        try:
            await self._drain(mine)
        except TurnLost as lost:
            log.info("lease lost", tenant=mine.tenant, lane=mine.key, reason=str(lost))
        except TenantUnavailable as error:
            log.warning("tenant out of service; its work waits", tenant=mine.tenant, reason=str(error))
            self._leave(mine)
        except Exception:
            log.exception("lane failed; the sweep will wake it", tenant=mine.tenant, lane=mine.key)
            self._leave(mine)
        finally:
            self._lanes.pop((mine.tenant, mine.key), None)
            if (mine.stale or mine.rows) and not self._closing:
                self.wake(mine.tenant, mine.key)  # a signal came while the lane was being released

    def _leave(self, mine: _Lane) -> None:
        """Leave the lane's work in the database, to the next sweep."""
        self._swept.discard(mine.tenant)
        mine.stale = False
        mine.rows.clear()

    async def _drain(self, mine: _Lane) -> None:
        """Work the lane off; while its head waits it keeps its lease and leaves its place to others."""
        lease: Lease | None = None
        try:
            while not self._closing:
                async with self._room:
                    lease = lease or await self._take(mine)
                    if lease is None:
                        return  # the holder looks again before it gives it back; a signal meanwhile is worth another try
                    delay = await self._work(mine, lease)
                if delay <= 0:
                    return
                await self.clock.wait(mine.poked, delay)
        finally:
            mine.lease = None
            if lease is not None and lease.held:
                await self.leases.release(lease)

    async def _take(self, mine: _Lane) -> Lease | None:
        if self.leases.shared:
            mine.stale = False  # taking it reads it
        taken = await self.leases.take(mine.tenant, mine.key)
        if taken is None:
            return None
        mine.lease = taken[0]
        if self.leases.shared:
            self._found(mine, taken[1])
        return taken[0]

    async def _work(self, mine: _Lane, lease: Lease) -> float:
        """Go on until nothing is left (0.0), or the head has to wait: the seconds."""
        while lease.held and not self._closing:
            if mine.rows:
                delay = mine.rows[0].not_before - self.clock.now()
                if delay > 0:
                    mine.poked.clear()
                    return delay
                await self._head(mine, lease)
            elif mine.stale:
                await self._read(mine)
            elif await self.leases.finish(lease):
                break
            else:
                mine.stale = True
        return 0.0

    async def _read(self, mine: _Lane) -> None:
        mine.stale = False
        rows = await self.database.fetch(_PENDING, {"p_tenant": mine.tenant, "p_lane": mine.key}, tenant=mine.tenant)
        self._found(mine, [Row(*row) for row in rows])

    def _found(self, mine: _Lane, found: Sequence[Row]) -> None:
        """These rows wait in the database; those that were pushed while they were read come after them."""
        last = found[-1].id if found else 0
        pushed = [row for row in mine.rows if row.id > last]
        mine.stale = mine.stale and not self.leases.shared
        if len(found) == _PAGE:
            mine.stale = True
            pushed = []
        mine.rows = deque([*found, *pushed])
        mine.last = max(mine.last, last)

    async def _head(self, mine: _Lane, lease: Lease) -> None:
        row = mine.rows[0]
        try:
            again = await self._process(row, lease)
        except TurnLost as lost:
            mine.rows.clear()
            mine.stale = True
            if self.leases.shared:
                raise
            log.info("turn lost, runs again", tenant=mine.tenant, lane=mine.key, inbox_id=row.id, reason=str(lost))
            return
        if again is None:
            mine.rows.popleft()
            mine.stale = mine.stale or (self.leases.shared and lease.held)  # still held: there is more
        else:
            mine.rows[0] = again
