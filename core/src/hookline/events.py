"""The event log and its observers: `turn_finished` reads it by each plugin's own cursor.

A crash loses an observer nothing: it may get a record twice, never not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from .clock import backoff
from .db import Database, Op, Script, visible_events
from .errors import HookError
from .message import Record
from .models import cursor, event

if TYPE_CHECKING:
    from .tenants import TenantRuntime

log = structlog.get_logger("hookline.events")
b = sa.bindparam
_PAGE = 200
_GATHER_SECONDS = 0.02
_SAVE_SECONDS = 0.25  # after a crash an observer may see again what it saw in this time
_FRESH_SECONDS = 0.1  # how long nothing found means that there is nothing, if nobody says that there is more

_CURSOR = sa.select(cursor.c.event_id).where(cursor.c.tenant == b("p_tenant"), cursor.c.observer == b("p_observer"))
_SINCE = (
    sa.select(event.c.id, event.c.kind, event.c.conversation, event.c.at, event.c.payload)
    .where(event.c.tenant == b("p_tenant"), event.c.id > b("p_id"))
    .order_by(event.c.id)
    .limit(_PAGE)
)


def _save(dialect: str) -> sa.Executable:
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(cursor)
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=["tenant", "observer"], set_={"event_id": insert.excluded.event_id}
    )
    return statement


class EventLog:
    """The log of all tenants."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._since = _SINCE.where(visible_events(database.dialect))
        self._since_of = self._since.where(event.c.conversation == b("p_conversation"))
        self._put = _save(database.dialect)

    async def since(self, tenant: str, event_id: int, *, conversation: str = "") -> list[Record]:
        """Up to 200 records after that id, in the order of the log; of one conversation, if it is given."""
        params: dict[str, Any] = {"p_tenant": tenant, "p_id": event_id}
        statement = self._since
        if conversation:
            statement = self._since_of
            params["p_conversation"] = conversation
        rows = await self.database.fetch(statement, params, tenant=tenant)
        return [Record(r.id, r.kind, r.conversation, r.at, r.payload) for r in rows]

    async def cursor(self, tenant: str, observer: str) -> int:
        """The id of the last record that the observer is done with; 0 at first."""
        rows = await self.database.fetch(_CURSOR, {"p_tenant": tenant, "p_observer": observer}, tenant=tenant)
        return rows[0].event_id if rows else 0

    async def save(self, tenant: str, reached: Mapping[str, int]) -> None:
        """These observers are done with all records up to these ids."""
        rows = [{"tenant": tenant, "observer": name, "event_id": at} for name, at in reached.items()]

        def script() -> Script[None]:
            yield Op(self._put, rows)

        await self.database.run(script(), tenant=tenant)


class _Feed:
    """A tenant's log as its observers read it: each page is read and decoded once for all who are there."""

    def __init__(self, events: EventLog, tenant: str) -> None:
        self.events = events
        self.tenant = tenant
        self.news = 0  # counts how often the log has grown
        self._grown = asyncio.Event()
        self._page: list[Record] = []
        self._after = -1  # the page begins after this id
        self._read_at = -1  # what `news` was when the page was read
        self._fresh_until = 0.0
        self._reading = asyncio.Lock()
        self._reached: dict[str, int] = {}
        self._saved_at = 0.0

    def grow(self) -> None:
        """There is more in the log."""
        self.news += 1
        self._grown.set()
        self._grown = asyncio.Event()

    async def wait(self, seen: int, seconds: float) -> None:
        """Return when there is more than at that count of `news`, or after so many seconds."""
        if self.news == seen:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._grown.wait()

    async def since(self, at: int) -> tuple[list[Record], bool]:
        """Records after that id, and whether there are more after these."""
        async with self._reading:
            last = self._page[-1].id if self._page else self._after
            # What another process wrote, or a transaction that is still running hides, comes without news.
            fresh = self._read_at == self.news and time.monotonic() < self._fresh_until
            known = self._after <= at < last or (at == last == self._after and fresh)
            if not known:
                news = self.news
                self._page, self._after = await self.events.since(self.tenant, at), at
                self._read_at = news
                self._fresh_until = time.monotonic() + _FRESH_SECONDS
            return [record for record in self._page if record.id > at], len(self._page) == _PAGE

    async def reached(self, observer: str, at: int) -> None:
        """The observer is done with all up to that id; saved with the others' now and then."""
        self._reached[observer] = at
        if time.monotonic() - self._saved_at >= _SAVE_SECONDS:
            await self.save()

    async def save(self) -> None:
        """Save how far the observers are."""
        reached, self._reached = self._reached, {}
        self._saved_at = time.monotonic()
        if not reached:
            return
        try:
            await self.events.save(self.tenant, reached)
        except asyncio.CancelledError:
            self._reached = reached | self._reached  # the end of all observers saves them
            raise
        except Exception:
            self._reached = reached | self._reached
            log.exception("cursors not saved; tried again soon", tenant=self.tenant, plugins=list(reached))


class Observers:
    """One task for each plugin of each tenant that implements `turn_finished`."""

    def __init__(self, events: EventLog, tenant: Callable[[str], TenantRuntime], *, interval: float = 1.0) -> None:
        self.events = events
        self.interval = interval
        self._tenant = tenant
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._feeds: dict[str, _Feed] = {}

    def notify(self, tenant: str) -> None:
        """The tenant's log has grown."""
        feed = self._feeds.get(tenant)
        if feed is not None:
            feed.grow()

    def follow(self, tenant: str, plugins: Sequence[str]) -> None:
        """Observe with these plugins from now on, and with no others."""
        feed = self._feeds.setdefault(tenant, _Feed(self.events, tenant))
        for (name, plugin), task in list(self._tasks.items()):
            if name == tenant and plugin not in plugins:
                task.cancel()
                del self._tasks[name, plugin]
        for plugin in plugins:
            if (tenant, plugin) not in self._tasks:
                self._tasks[tenant, plugin] = asyncio.create_task(self._observe(feed, plugin))

    async def close(self) -> None:
        """Stop observing; the cursors know where."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
        for feed in self._feeds.values():
            await feed.save()

    async def _observe(self, feed: _Feed, plugin: str) -> None:
        at: int | None = None
        failures = 0
        while True:
            seen = feed.news
            more = False
            begun = at
            try:
                if at is None:
                    begun = at = await self.events.cursor(feed.tenant, plugin)
                records, more = await feed.since(at)
                for record in records:
                    await self._tell(feed.tenant, plugin, record)
                    at = record.id
                failures = 0
            except Exception as error:
                failures += 1
                more = False
                where = {"hook": error.hook} if isinstance(error, HookError) else {}
                log.exception(
                    "observer failed", tenant=feed.tenant, plugin=plugin, failures=failures, exc_info=error, **where
                )
            if at is not None and at != begun:
                await feed.reached(plugin, at)
            if more:
                continue
            if failures:
                await asyncio.sleep(backoff(1.0, failures, 60.0))
                continue
            await feed.wait(seen, self.interval)
            if at == begun:
                await feed.save()  # it is quiet: a good moment for what was not saved yet
            else:
                await asyncio.sleep(_GATHER_SECONDS)  # under load, look at many together

    async def _tell(self, tenant: str, plugin: str, record: Record) -> None:
        with self._tenant(tenant).acquire() as snapshot:
            dispatcher = snapshot.hooks.dispatcher
            for implementation in dispatcher.implementations("turn_finished"):
                if implementation.plugin == plugin:
                    await dispatcher.one(implementation, "turn_finished", record)
