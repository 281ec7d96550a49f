"""The process: everything that runs, made and wired here, started and closed in order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp
import sqlalchemy as sa
import structlog

from . import config, models, revision
from .catalogue import Catalogue
from .clock import Clock
from .compute import Compute
from .db import Database, normalise_url, open_database
from .dispatch import Dispatcher, make_manager
from .errors import HooklineError
from .events import EventLog, Observers
from .folder import DataFolder
from .hookspecs import Scope
from .lanes import Lanes, Leases, MemoryLeases, TableLeases
from .ledger import Committed, Lease, Row, new_id
from .live import Live, LocalLive
from .logins import Logins
from .outbox import Outbox
from .passwords import Passwords
from .signals import LocalSignals, Notifier, PostgresLive, PostgresSignals, Signals
from .staff import StaffStore
from .tenants import TenantRuntime, Tenants
from .timers import Timers
from .watchdog import Watchdog
from .worker import Worker

log = structlog.get_logger("hookline.runtime")

_OVERLAY = (
    sa.select(models.overlay.c.data)
    .where(models.overlay.c.tenant == sa.bindparam("p_tenant"))
    .order_by(models.overlay.c.version.desc())
    .limit(1)
)


class Runtime:
    """A server process without its HTTP side: `async with Runtime(...) as runtime`.

    `folders` maps each tenant to its folder with `tenant.toml`; `data` is the folder that the process holds.
    `database_url` "" means SQLite in the data folder.  `lease_seconds`: how long a process may be silent before another
    takes over what it was doing (default: $HOOKLINE_LEASE_SECONDS, else 10).  `overrides` are config values by dotted key, for all tenants.
    `configs` are those that were just read with the same `env` and `overrides`, so as not to read them twice.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        folders: Mapping[str, Path],
        data: Path,
        database_url: str = "",
        clock: Clock | None = None,
        overrides: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        sweep_seconds: float = 1.0,
        lease_seconds: float = 0.0,
        configs: Mapping[str, config.TenantConfig] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.folders = dict(folders)
        self.data = DataFolder(data)
        self.database_url = database_url or f"sqlite:///{self.data.database}"
        self.clock = clock or Clock()
        self.overrides = dict(overrides or {})
        self.env = os.environ if env is None else env
        self.sweep_seconds = sweep_seconds
        self.lease_seconds = lease_seconds or float(self.env.get("HOOKLINE_LEASE_SECONDS", "10"))
        self.watchdog = Watchdog()
        self.compute = Compute()
        self.tenants = Tenants()
        processes = [(p.name, p.process()) for p in catalogue.plugins if p.process is not None]
        self.hooks = Dispatcher(make_manager(processes, Scope.PROCESS), self.watchdog)
        self.database: Database
        self.http: aiohttp.ClientSession
        self.live: Live
        self.worker: Worker
        self.lanes: Lanes
        self.outbox: Outbox
        self.timers: Timers
        self.observers: Observers
        self.events: EventLog
        self.passwords = Passwords()
        self.staff: StaffStore
        self.logins: Logins
        self.signals: Signals
        self._read = dict(configs or {})
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loops: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- start and stop ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Lock the data folder, open the database, start the tenants, then go on with what was left unfinished.

        An embedded database is migrated; another must have been (`hookline db upgrade`).  Raises `HooklineError`
        subclasses for what stops the whole process; a tenant that fails is out of service alone.
        """
        self.data.open()
        try:
            await self._open()
        except BaseException:
            await self.close()
            raise

    async def _open(self) -> None:
        plugins = self.catalogue.plugins
        await asyncio.to_thread(revision.prepare, self.database_url, plugins)
        metadata = [p.metadata for p in plugins if p.metadata is not None]
        self.database = await open_database(self.database_url, plugins_metadata=metadata)
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=60, connect=10)
        )
        shared = self.database.dialect != "sqlite"
        owner = f"{os.getpid()}-{new_id()}"
        dsn = normalise_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        notifier = Notifier(dsn)
        self.live = PostgresLive(LocalLive(), notifier, owner) if shared else LocalLive()
        self.signals = PostgresSignals(dsn, notifier, owner) if shared else LocalSignals()
        self.worker = Worker(
            self.database, self.clock, self.watchdog, self.live, self.tenants.get, self.committed, self._recall
        )
        leases: Leases = TableLeases(self.database, owner, self.lease_seconds) if shared else MemoryLeases()
        self.lanes = Lanes(self.database, leases, self._process, self.clock, self.signals.tell)
        self.outbox = Outbox(
            self.database, self.clock, self.tenants.get, shared=shared, lease_seconds=self.lease_seconds
        )
        self.timers = Timers(self.database, self.clock, self.lanes.push)
        self.events = EventLog(self.database)
        self.observers = Observers(self.events, self.tenants.get)
        self.staff = StaffStore(self.database, self.clock, self.live)
        self.logins = Logins(self.staff, self.passwords)
        for name, folder in self.folders.items():
            runtime = TenantRuntime(name, folder, self)
            self.tenants.add(runtime)
            await self.load(name)
        await self.signals.start(self.lanes.wake, self._end, self.live)
        self._loops = [
            asyncio.create_task(self._every(self.sweep_seconds, self._sweep), name="sweep"),
            asyncio.create_task(self.timers.run(lambda: self.tenants.available), name="timers"),
        ]
        if shared:
            self._loops.append(asyncio.create_task(self._every(self.lease_seconds / 3, self._renew), name="renew"))

    async def close(self, grace: float = 5.0) -> None:
        """Finish what runs, for `grace` seconds; the rest runs again at the next start."""
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if hasattr(self, "signals"):
            await self.signals.close()
        if hasattr(self, "lanes"):
            await self.lanes.close(grace)
            await self.outbox.close(grace)
            await self.observers.close()
        for name in self.tenants.names:
            await self.tenants.get(name).stop(grace)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if hasattr(self, "http"):
            await self.http.close()
        if hasattr(self, "live"):
            await self.live.close()
        if hasattr(self, "database"):
            await self.database.close()
        self.compute.close()
        self.passwords.close()
        self.watchdog.close()
        self.data.close()

    async def load(self, name: str) -> bool:
        """(Re)load a tenant's config; False if it can't be, which `TenantRuntime.error` then says."""
        runtime = self.tenants.get(name)
        try:
            folder = self.folders[name]
            newest = await self.database.fetch(_OVERLAY, {"p_tenant": name}, tenant=name)
            overlay = newest[0].data if newest else {}
            found = self._read.pop(name, None)
            if found is None or overlay:
                found = await asyncio.to_thread(  # phrases and flows are parsed, turns go on meanwhile
                    config.load_tenant, folder, self.catalogue, self.env, self.overrides, overlay
                )
            await runtime.load(found)
        except HooklineError as error:
            runtime.failed(error)
            return False
        return True

    def background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run it beside everything else; cancelled when the process closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- wiring ----------------------------------------------------------------------------------------------------------

    def interrupt(self, tenant: str, conversation: str) -> None:
        """Somebody took the conversation: its running turn ends, in whichever process it runs, and what was withdrawn is
        not delivered."""
        self.worker.interrupt(tenant, conversation)
        self.signals.end(tenant, conversation, 0)
        self.outbox.recall(tenant, conversation)

    def hush(self, tenant: str, conversation: str, inbox_id: int) -> None:
        """The customer breaks in: the reply to that message ends, in whichever process it is streamed."""
        if not self.worker.hush(tenant, conversation, inbox_id):
            self.signals.end(tenant, conversation, inbox_id)

    def _end(self, tenant: str, lane: str, inbox_id: int) -> None:
        """What another process says of a turn that may run here."""
        if inbox_id:
            self.worker.hush(tenant, lane, inbox_id)
        else:
            self.worker.interrupt(tenant, lane)
            self.outbox.recall(tenant, lane)

    def _recall(self, tenant: str, conversation: str) -> None:
        self.outbox.recall(tenant, conversation)

    async def _process(self, row: Row, lease: Lease) -> Row | None:
        return await self.worker.process(row, lease)

    def committed(self, tenant: str, done: Committed) -> None:
        """What follows from a commit; all of it is also found by the sweep, should the process die right here."""
        self.outbox.push(tenant, done.outbox)
        for row in done.work:
            self.lanes.push(tenant, row)
        if done.timers:
            self.timers.poke()
        self.observers.notify(tenant)

    async def _sweep(self) -> None:
        for tenant in self.tenants.available:
            await self.lanes.sweep(tenant)
            await self.outbox.sweep(tenant)
            await self.tenants.get(tenant).conversations.sweep()
            self.observers.notify(tenant)

    async def _renew(self) -> None:
        await self.lanes.renew()
        await self.outbox.renew()

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("recurring work failed", work=work.__name__)
            await asyncio.sleep(seconds)
