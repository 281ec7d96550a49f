"""The event log and its observers: `turn_finished` reads it by each plugin's own cursor.

A crash loses an observer nothing: it may get a record twice, never not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from .db import Database, Op, Script, visible_events
from .errors import HookError
from .message import Record
from .models import cursor, event

if TYPE_CHECKING:
    from .tenant import TenantRuntime

log = structlog.get_logger("hookline.events")
b = sa.bindparam
_PAGE = 200

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

    async def save(self, tenant: str, observer: str, event_id: int) -> None:
        """The observer is done with all records up to that id."""

        def script() -> Script[None]:
            yield Op(self._put, {"tenant": tenant, "observer": observer, "event_id": event_id})

        await self.database.run(script(), tenant=tenant)


class Observers:
    """One task for each plugin of each tenant that implements `turn_finished`."""

    def __init__(self, events: EventLog, tenant: Callable[[str], TenantRuntime], *, interval: float = 1.0) -> None:
        self.events = events
        self.interval = interval
        self._tenant = tenant
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._news: dict[str, asyncio.Event] = {}

    def notify(self, tenant: str) -> None:
        """The tenant's log has grown."""
        news = self._news.get(tenant)
        if news is not None:
            news.set()

    def follow(self, tenant: str, plugins: Sequence[str]) -> None:
        """Observe with these plugins from now on, and with no others."""
        self._news.setdefault(tenant, asyncio.Event())
        for (name, plugin), task in list(self._tasks.items()):
            if name == tenant and plugin not in plugins:
                task.cancel()
                del self._tasks[name, plugin]
        for plugin in plugins:
            if (tenant, plugin) not in self._tasks:
                self._tasks[tenant, plugin] = asyncio.create_task(self._observe(tenant, plugin))

    async def close(self) -> None:
        """Stop observing; the cursors know where."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def _observe(self, tenant: str, plugin: str) -> None:
        news = self._news[tenant]
        at: int | None = None
        failures = 0
        while True:
            news.clear()
            try:
                if at is None:
                    at = await self.events.cursor(tenant, plugin)
                records = await self.events.since(tenant, at)
                for record in records:
                    await self._tell(tenant, plugin, record)
                    at = record.id
                failures = 0
            except Exception as error:
                failures += 1
                where = {"hook": error.hook} if isinstance(error, HookError) else {}
                log.exception(
                    "observer failed", tenant=tenant, plugin=plugin, failures=failures, exc_info=error, **where
                )
                records = []
            if at is not None and (records or failures):
                await self._save(tenant, plugin, at)
            if len(records) == _PAGE:
                continue
            pause = min(60.0, 0.5 * 2**failures) if failures else self.interval
            try:
                async with asyncio.timeout(pause):
                    await news.wait()
                    if failures:
                        await asyncio.sleep(pause)
            except TimeoutError:
                continue

    async def _save(self, tenant: str, plugin: str, at: int) -> None:
        try:
            await self.events.save(tenant, plugin, at)
        except Exception:
            log.exception("cursor could not be saved; records may be seen twice", tenant=tenant, plugin=plugin)

    async def _tell(self, tenant: str, plugin: str, record: Record) -> None:
        with self._tenant(tenant).acquire() as snapshot:
            dispatcher = snapshot.hooks.dispatcher
            for implementation in dispatcher.implementations("turn_finished"):
                if implementation.plugin == plugin:
                    await dispatcher.one(implementation, "turn_finished", record)
