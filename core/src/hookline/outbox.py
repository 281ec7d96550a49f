"""Delivery: each outbound message passes `before_deliver`, then its channel, in order per conversation.

Exactly-once is what the commits give; delivery is at least once where a provider offers no idempotency key.  A row
found in `sending` after a crash is ambiguous: the channel's policy (`Plugin.resends`) decides, visibly.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa
import structlog

from .clock import Clock
from .commit import unsay
from .db import Database, Op, Script
from .errors import HookError
from .failpoints import reach
from .ledger import API, OPEN, OutboxRow, new_id, unhurried
from .message import Drop, Message, Park, Receipt, Template
from .models import literal, outbox

if TYPE_CHECKING:
    from .snapshot import Snapshot
    from .tenants import TenantRuntime

log = structlog.get_logger("hookline.outbox")
b = sa.bindparam
_FOREVER = 1e18
_MOST = 5000

_ROWS = (
    sa.select(
        outbox.c.id,
        outbox.c.conversation,
        outbox.c.body,
        outbox.c.author,
        outbox.c.state,
        outbox.c.attempts,
        outbox.c.not_before,
        outbox.c.lease_until,
    )
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.conversation == b("p_conversation"), outbox.c.state.in_(OPEN))
    .order_by(outbox.c.id)
    .limit(100)
)
_WAITING = (
    sa.select(outbox.c.conversation)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.state.in_(OPEN))
    .distinct()
    .limit(_MOST)
)
_older = outbox.alias("older")
_CLAIM = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.id == b("p_id"),
        sa.or_(
            outbox.c.state.in_(OPEN[::2]),
            sa.and_(outbox.c.state == literal("sending"), outbox.c.lease_until < b("p_forsaken")),
        ),
        ~sa.exists().where(
            _older.c.tenant == b("p_tenant"),
            _older.c.conversation == outbox.c.conversation,
            _older.c.id < outbox.c.id,
            _older.c.state.in_(OPEN),
        ),
    )
    .values(state="sending", attempt_id=b("p_attempt"), attempts=outbox.c.attempts + 1, lease_until=b("p_until"))
)
_RENEW = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.id.in_(b("p_ids", expanding=True)),
        outbox.c.state == literal("sending"),
    )
    .values(lease_until=b("p_until"))
)
_SENT = (
    sa.update(outbox)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.id == b("p_id"), outbox.c.state.in_(OPEN))
    .values(state="sent", provider_id=b("p_provider_id"), sent_at=b("p_now"), body=None, error="")
)
_PUT = (
    sa.update(outbox)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.id == b("p_id"), outbox.c.state.in_(OPEN))
    .values(state=b("p_state"), not_before=b("p_not_before"), error=b("p_error"), attempts=b("p_attempts"))
)


class _Queue:
    __slots__ = ("conversation", "last", "poked", "rows", "stale", "task", "tenant")

    def __init__(self, tenant: str, conversation: str) -> None:
        self.tenant = tenant
        self.conversation = conversation
        self.rows: deque[OutboxRow] = deque()
        self.last = 0  # the highest id that was in `rows`: a sweep may have read what is pushed a moment later
        self.stale = False
        self.poked = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Outbox:
    """Delivers the outbox rows of this process's tenants."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tenant: Callable[[str], TenantRuntime],
        *,
        shared: bool,
        lease_seconds: float = 10.0,
    ) -> None:
        self.database = database
        self.clock = clock
        self.shared = shared
        self.lease_seconds = lease_seconds
        self._sending: dict[str, set[int]] = {}
        self._mark_sent = unhurried(database.dialect, _SENT)
        self._tenant = tenant
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._swept: set[str] = set()  # tenants of whom nothing waits in the database that is not in `_queues`
        self._closing = False

    def __len__(self) -> int:
        return len(self._queues)

    def push(self, tenant: str, rows: Sequence[OutboxRow]) -> None:
        """Rows that this process has just committed."""
        for row in rows:
            queue = self._queue(tenant, row.conversation, complete=row.alone)
            if queue.stale or row.id <= queue.last:
                queue.stale = True
            else:
                queue.rows.append(row)
                queue.last = row.id
            self._start(queue)

    def wake(self, tenant: str, conversation: str) -> None:
        """The conversation may have rows in the database."""
        queue = self._queue(tenant, conversation)
        queue.stale = True
        self._start(queue)

    def recall(self, tenant: str, conversation: str) -> None:
        """Somebody took the conversation: what is in memory may have been withdrawn, so ask the database."""
        queue = self._queues.get((tenant, conversation))
        if queue is not None:
            queue.rows.clear()
            queue.stale = True
            queue.poked.set()

    async def sweep(self, tenant: str) -> None:
        """Wake all conversations that have something to deliver."""
        waiting = await self.database.fetch(_WAITING, {"p_tenant": tenant}, tenant=tenant)
        for row in waiting:
            if (tenant, row.conversation) not in self._queues:
                self.wake(tenant, row.conversation)
        if len(waiting) < _MOST:
            self._swept.add(tenant)

    async def renew(self) -> None:
        """Keep what is being sent right now: other processes take over only what a dead one has left."""
        until = self.clock.now() + self.lease_seconds
        for tenant, ids in list(self._sending.items()):
            if ids:
                await self._run_one(tenant, Op(_RENEW, {"p_tenant": tenant, "p_ids": list(ids), "p_until": until}))

    async def close(self, grace: float) -> None:
        """Let what is being delivered finish for `grace` seconds."""
        self._closing = True
        tasks = [q.task for q in self._queues.values() if q.task]
        for queue in self._queues.values():
            queue.poked.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _queue(self, tenant: str, conversation: str, *, complete: bool = False) -> _Queue:
        queue = self._queues.get((tenant, conversation))
        if queue is None:
            queue = self._queues[tenant, conversation] = _Queue(tenant, conversation)
            known = complete if self.shared else tenant in self._swept
            queue.stale = not known  # somebody else, or a server before this one, may have left older rows
        return queue

    def _start(self, queue: _Queue) -> None:
        queue.poked.set()
        if queue.task is None and not self._closing:
            queue.task = asyncio.create_task(self._run(queue), name=f"outbox {queue.tenant} {queue.conversation}")

    async def _run(self, queue: _Queue) -> None:
        try:
            while not self._closing:
                if queue.rows:
                    if not await self._head(queue):
                        self._swept.discard(queue.tenant)
                        break
                elif queue.stale:
                    await self._read(queue)
                else:
                    break
        except Exception:
            log.exception("delivery failed; the sweep will wake it", tenant=queue.tenant)
            self._swept.discard(queue.tenant)
            queue.stale = False
            queue.rows.clear()
        finally:
            self._queues.pop((queue.tenant, queue.conversation), None)

    async def _read(self, queue: _Queue) -> None:
        queue.stale = False
        rows = await self.database.fetch(
            _ROWS, {"p_tenant": queue.tenant, "p_conversation": queue.conversation}, tenant=queue.tenant
        )
        found = [
            OutboxRow(
                r.id,
                r.conversation,
                msgspec.convert(r.body, Message),
                r.author,
                r.state,
                r.attempts,
                r.not_before,
                r.lease_until,
            )
            for r in rows
        ]
        last = found[-1].id if found else 0
        pushed = [row for row in queue.rows if row.id > last]
        queue.rows = deque([*found, *pushed])
        queue.last = max(queue.last, last)

    async def _head(self, queue: _Queue) -> bool:
        """Deliver the oldest row; False if it is another process's."""
        row = queue.rows[0]
        delay = row.not_before - self.clock.now()
        if delay > 0:
            queue.poked.clear()
            await self.clock.wait(queue.poked, delay)
            queue.rows.clear()
            queue.stale = True  # it may have been withdrawn or released meanwhile
            return True
        runtime = self._tenant(queue.tenant)
        with runtime.acquire() as snapshot:
            again = await self._deliver(row, runtime, snapshot)
        if not queue.rows or queue.rows[0] is not row:
            return True  # recalled meanwhile
        if again is None:
            queue.rows.popleft()
        elif again.state == "elsewhere":
            return False
        else:
            queue.rows[0] = again
        return True

    async def _deliver(self, row: OutboxRow, runtime: TenantRuntime, snapshot: Snapshot) -> OutboxRow | None:
        """One try; None when the row is done with."""
        tenant = runtime.name
        reach("deliver.begun")
        if row.message.channel == API:
            await self._sent(tenant, row, Receipt())
            return None
        plugin = snapshot.channel(row.message.channel)
        if row.state == "sending" and row.lease_until >= self._forsaken:
            return attrs.evolve(row, state="elsewhere")
        if row.state == "sending" and not (plugin and plugin.resends):
            await self._put(tenant, row, "ambiguous", error="a crash left open whether it was sent; not sent again")
            return None
        try:
            decision = await snapshot.hooks.before_deliver(row.message)
        except HookError as error:
            snapshot.hooks.dispatcher.report(error, conversation=row.conversation)
            decision = Park(f"{error.plugin} failed to decide", self.clock.now() + self._backoff(runtime, row.attempts))
            row = attrs.evolve(row, attempts=row.attempts + 1)
        if isinstance(decision, Drop):
            await self.database.run(self._dropped(tenant, row, decision.reason), tenant=tenant)
            runtime.conversations.unsaid(row.conversation, [row.message.id])
            return None
        if isinstance(decision, Park):
            until = decision.until if decision.until is not None else self.clock.now() + 86400.0
            await self._put(tenant, row, "parked", error=decision.reason, not_before=until)
            return attrs.evolve(row, state="parked", not_before=until)
        told = row.message
        if isinstance(decision, Template):
            told = attrs.evolve(told, data={**told.data, "template": attrs.asdict(decision)})
        claims = plugin is None or not plugin.in_process
        if claims:
            if not await self._claim(tenant, row):
                return attrs.evolve(row, state="elsewhere")
            row = attrs.evolve(row, state="sending", attempts=row.attempts + 1)
            reach("deliver.claimed")
        sending = self._sending.setdefault(tenant, set())
        sending.add(row.id)
        try:
            receipt: Receipt = await snapshot.hooks.deliver(told)
        except (HookError, LookupError) as error:
            tried = row if claims else attrs.evolve(row, attempts=row.attempts + 1)  # a claim counts by itself
            return await self._retry(tried, runtime, error)
        finally:
            sending.discard(row.id)
        reach("deliver.done")
        await self._sent(tenant, row, receipt)
        reach("deliver.durable")
        return None

    async def _sent(self, tenant: str, row: OutboxRow, receipt: Receipt) -> None:
        values = {
            "p_tenant": tenant, "p_id": row.id, "p_provider_id": receipt.provider_id, "p_now": self.clock.now(),
        }  # fmt: skip
        await self._run_one(tenant, Op(self._mark_sent, values), "sent")

    async def _retry(self, row: OutboxRow, runtime: TenantRuntime, error: Exception) -> OutboxRow | None:
        attempts = row.attempts
        failed = attempts >= runtime.settings.deliveries.attempts
        log.warning(
            "delivery failed",
            tenant=runtime.name,
            conversation=row.conversation,
            outbox_id=row.id,
            attempt=attempts,
            gave_up=failed,
            exc_info=error,
        )
        not_before = self.clock.now() + self._backoff(runtime, attempts)
        state = "failed" if failed else "pending"
        row = attrs.evolve(row, state=state, attempts=attempts, not_before=not_before)
        await self._put(runtime.name, row, state, error=str(error)[:2000], not_before=not_before)
        return None if failed else row

    def _backoff(self, runtime: TenantRuntime, attempts: int) -> float:
        return float(min(300.0, runtime.settings.deliveries.backoff * 2 ** max(0, attempts - 1)))

    @property
    def _forsaken(self) -> float:
        """What was to be sent until before this time, nobody is sending any more.  There is only this process on SQLite."""
        return self.clock.now() if self.shared else _FOREVER

    async def _claim(self, tenant: str, row: OutboxRow) -> bool:
        """Commit that it is being sent, before it is; only the oldest of its conversation can be claimed."""
        now = self.clock.now()
        claimed = await self._run_one(
            tenant,
            Op(
                _CLAIM,
                {
                    "p_tenant": tenant,
                    "p_id": row.id,
                    "p_forsaken": self._forsaken,
                    "p_until": now + self.lease_seconds,
                    "p_attempt": new_id(),
                },
            ),
            "claim",
        )
        return bool(claimed.rowcount == 1)

    async def _put(self, tenant: str, row: OutboxRow, state: str, *, error: str, not_before: float = 0.0) -> None:
        await self._run_one(tenant, _put(tenant, row, state, error, not_before))

    def _dropped(self, tenant: str, row: OutboxRow, reason: str) -> Script[None]:
        yield _put(tenant, row, "dropped", reason)
        yield from unsay(tenant, [row.message.id])

    async def _run_one(self, tenant: str, op: Op, kind: str = "outbox") -> Any:
        """Run a statement about one row, whose parameter `p_id` says which."""

        def script() -> Script[Any]:
            return (yield op)

        apart = (str(op.params["p_id"]),)  # type: ignore[call-overload, index]  # one mapping, as above
        return await self.database.share(script, tenant=tenant, kind=kind, apart=apart)


def _put(tenant: str, row: OutboxRow, state: str, error: str, not_before: float = 0.0) -> Op:
    values = {"p_state": state, "p_not_before": not_before, "p_error": error, "p_attempts": row.attempts}
    return Op(_PUT, {"p_tenant": tenant, "p_id": row.id, **values})
