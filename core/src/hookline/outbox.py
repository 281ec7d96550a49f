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
import structlog

from . import outboxrows as sql
from .clock import Clock, backoff
from .db import Database, Op, Script
from .errors import GiveUp, HookError
from .failpoints import reach
from .ledger import API, OutboxRow, new_id, unhurried
from .message import Drop, Message, Park, Receipt, Template
from .posting import unsay

if TYPE_CHECKING:
    from .snapshot import Snapshot
    from .tenants import TenantRuntime

log = structlog.get_logger("hookline.outbox")
_FOREVER = 1e18


class _Queue:
    __slots__ = ("aside", "conversation", "last", "more", "poked", "rows", "stale", "task", "tenant")

    def __init__(self, tenant: str, conversation: str) -> None:
        self.tenant = tenant
        self.conversation = conversation
        self.rows: deque[OutboxRow] = deque()
        self.aside: list[OutboxRow] = []  # what is parked and was passed; asked about anew with all that is read anew
        self.more = 0  # where there is more in the database than was read: the last id that was
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
        self._mark_sent = unhurried(database.dialect, sql.SENT)
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
            if queue.stale or queue.aside or queue.more or row.id <= queue.last:
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
            queue.aside.clear()
            queue.stale = True
            queue.poked.set()

    async def sweep(self, tenant: str) -> None:
        """Wake all conversations that have something to deliver."""
        waiting = await self.database.fetch(sql.WAITING, {"p_tenant": tenant}, tenant=tenant)
        for row in waiting:
            if (tenant, row.conversation) not in self._queues:
                self.wake(tenant, row.conversation)
        if len(waiting) < sql.MOST:
            self._swept.add(tenant)

    async def renew(self) -> None:
        """Keep what is being sent right now: other processes take over only what a dead one has left."""
        until = self.clock.now() + self.lease_seconds

        def script(tenant: str, ids: list[int]) -> Script[None]:
            yield Op(sql.RENEW, {"p_tenant": tenant, "p_ids": ids, "p_until": until})

        for tenant, ids in list(self._sending.items()):
            if ids:
                await self.database.run(script(tenant, list(ids)), tenant=tenant)

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
                elif queue.stale or queue.more:
                    await self._read(queue)
                elif queue.aside:
                    await self._wait(queue, min(row.not_before for row in queue.aside) - self.clock.now())
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
        after = 0 if queue.stale else queue.more
        if not after:
            queue.aside.clear()
        queue.stale, queue.more = False, 0
        values = {"p_tenant": queue.tenant, "p_conversation": queue.conversation, "p_after": after}
        rows = await self.database.fetch(sql.ROWS, values, tenant=queue.tenant)
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
                aside=bool(r.aside),
            )
            for r in rows
        ]
        last = found[-1].id if found else 0
        if len(found) == sql.PAGE:  # what was pushed meanwhile comes after what is not read yet
            queue.rows.clear()
            queue.more = last
        pushed = [row for row in queue.rows if row.id > last]
        queue.rows = deque([*found, *pushed])
        queue.last = max(queue.last, last)

    async def _head(self, queue: _Queue) -> bool:
        """Deliver the oldest row; False if it is another process's."""
        row = queue.rows[0]
        delay = row.not_before - self.clock.now()
        # what stands aside is asked about whenever something behind it may pass
        if delay > 0 and not (row.aside and (len(queue.rows) > 1 or queue.more or queue.stale)):
            await self._wait(queue, delay)
            return True
        runtime, known = self._tenant(queue.tenant), queue.last
        with runtime.acquire() as snapshot:
            again = await self._deliver(row, queue, runtime, snapshot)
        if not queue.rows or queue.rows[0] is not row:  # recalled meanwhile
            if again is not None and again.state == "parked":  # and maybe released: decide once more
                await self._run_one(queue.tenant, Op(sql.AGAIN, {"p_tenant": queue.tenant, "p_id": row.id}))
            return True
        if again is None:
            queue.rows.popleft()
        elif again.state == "elsewhere":
            return False
        elif again.aside:
            queue.rows.popleft()
            queue.aside.append(again)
            if queue.last != known:  # what was pushed meanwhile may come of what lets this one go: decide once more
                queue.rows.clear()
                queue.stale = True
        else:
            queue.rows[0] = again
        return True

    async def _wait(self, queue: _Queue, delay: float) -> None:
        """Wait for what may go out later, or for somebody to call; then all is read anew."""
        if delay > 0 and not queue.stale:  # else somebody has called while it was being read
            queue.poked.clear()
            await self.clock.wait(queue.poked, delay)
        queue.rows.clear()
        queue.aside.clear()
        queue.stale = True  # it may have been withdrawn or released meanwhile

    async def _deliver(
        self, row: OutboxRow, queue: _Queue, runtime: TenantRuntime, snapshot: Snapshot
    ) -> OutboxRow | None:
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
            if not await self._park(tenant, row, decision, until):
                return None  # withdrawn, or being sent: what comes after it can't be claimed then
            return attrs.evolve(row, state="parked", not_before=until, aside=decision.aside)
        told = row.message
        if isinstance(decision, Template):
            told = attrs.evolve(told, data={**told.data, "template": attrs.asdict(decision)})
        claims = plugin is None or not plugin.in_process
        if not claims and (not queue.rows or queue.rows[0] is not row):
            return row  # recalled while it was decided, so maybe withdrawn; a claim finds that out by itself
        if claims:
            if not await self._claim(tenant, row):
                return attrs.evolve(row, state="elsewhere")
            row = attrs.evolve(row, state="sending", attempts=row.attempts + 1, aside=False)
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
        hopeless = isinstance(error.__cause__, GiveUp)
        failed = hopeless or attempts >= runtime.settings.deliveries.attempts
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
        row = attrs.evolve(row, state=state, attempts=attempts, not_before=not_before, aside=False)
        await self._put(runtime.name, row, state, error=str(error)[:2000], not_before=not_before)
        return None if failed else row

    def _backoff(self, runtime: TenantRuntime, attempts: int) -> float:
        return backoff(runtime.settings.deliveries.backoff, attempts, 300.0)

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
                sql.CLAIM,
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

    async def _park(self, tenant: str, row: OutboxRow, decision: Park, until: float) -> bool:
        """Note that it waits; False where another process is sending it, or has."""
        values = {
            "p_tenant": tenant, "p_id": row.id, "p_forsaken": self._forsaken, "p_not_before": until,
            "p_error": decision.reason, "p_attempts": row.attempts, "p_aside": decision.aside,
        }  # fmt: skip
        parked = await self._run_one(tenant, Op(sql.PARK, values))
        return bool(parked.rowcount == 1)

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
    return Op(sql.PUT, {"p_tenant": tenant, "p_id": row.id, **values})
