"""The tenants of a process, and what of each outlives reloads.

A reload builds a new snapshot beside the old, starts it, swaps, and stops the old one after its last turn; a config
that can't be loaded or started leaves the old one serving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import structlog

from . import metrics
from .commit import act
from .conversations import ConversationStore
from .db import StatementFailed
from .errors import ConfigError, HooklineError, RateLimited, TenantUnavailable, UnknownTenant
from .ledger import Committed, Inbound
from .ratelimit import TokenBuckets
from .settings import RateLimit, Settings
from .snapshot import Snapshot, make_snapshot

if TYPE_CHECKING:
    from .action import Action
    from .config import TenantConfig
    from .message import Message
    from .phrases import Phrases
    from .runtime import Runtime
    from .tenantfiles import TenantFiles

log = structlog.get_logger("hookline.tenant")

T = TypeVar("T")


class TenantRuntime:
    """What of a tenant outlives reloads: its name, its resources, its conversations, and the snapshot that serves."""

    def __init__(self, name: str, folder: Path | None, process: Runtime) -> None:
        self.name = name
        self.folder = folder
        self.process = process
        self.error = "" if folder is None else "not started"
        self.warnings: tuple[str, ...] = ()
        self.files: TenantFiles | None = None
        self.conversations = ConversationStore(name, process.database, process.clock, process.interrupt)
        self._buckets = TokenBuckets()
        self._snapshot: Snapshot | None = None
        self._resources: dict[str, Any] = {}
        self._making: dict[str, asyncio.Lock] = {}
        self._reloading = asyncio.Lock()

    @property
    def available(self) -> bool:
        """Whether the tenant serves."""
        return self._snapshot is not None

    @property
    def settings(self) -> Settings:
        """The settings of the snapshot that serves; raises `TenantUnavailable`."""
        return self._serving().settings

    @property
    def phrases(self) -> Phrases:
        """What the bot says, of the snapshot that serves; raises `TenantUnavailable`."""
        return self._serving().phrases

    def _serving(self) -> Snapshot:
        if self._snapshot is None:
            raise TenantUnavailable(f"tenant {self.name!r} is out of service: {self.error}")
        return self._snapshot

    def acquire(self) -> Snapshot:
        """The snapshot that serves now, which is held for as long as one is in its `with`; raises `TenantUnavailable`."""
        return self._serving()

    def count(self, inbound: Inbound, limit: RateLimit) -> None:
        """Count a message of a contact's address, in this process alone; raises `RateLimited` for one too many."""
        wait = self._buckets.take((inbound.channel, inbound.address), limit.contact_requests, limit.seconds)
        if wait:
            metrics.RATE_LIMITED.labels(self.name).inc()
            raise RateLimited(
                f"more than {limit.contact_requests} messages in {limit.seconds:g} seconds; slow down", wait
            )

    def uncount(self, inbound: Inbound, limit: RateLimit) -> None:
        """A repeat does not count: a provider may send a whole batch again for one message that was refused."""
        self._buckets.put_back((inbound.channel, inbound.address), limit.contact_requests, limit.seconds)

    async def load(self, config: TenantConfig) -> None:
        """Make and start a snapshot of the config and let it serve; raises what went wrong, the old one stays."""
        async with self._reloading:
            self.files = config.files
            snapshot = make_snapshot(self, config)
            try:
                await snapshot.hooks.start(snapshot.tenants)
            except HooklineError:
                await snapshot.hooks.stop(snapshot.tenants)
                raise
            old, self._snapshot = self._snapshot, snapshot
            self.conversations.settings = config.settings
            self.error = ""
            self.warnings = tuple(config.warnings)
            for warning in self.warnings:
                log.warning(warning, tenant=self.name)
            observers = [i.plugin for i in snapshot.hooks.dispatcher.implementations("turn_finished")]
            self.process.observers.follow(self.name, observers)
            if old is not None:
                self.process.background(self._retire(old))

    def failed(self, error: Exception) -> None:
        """Note why the tenant can't (re)load; without a snapshot it is out of service."""
        self.error = str(error)
        if isinstance(error, ConfigError) and error.files is not None:
            self.files = error.files
        log.error("tenant not loaded", tenant=self.name, serving=self.available, reason=str(error))

    async def stop(self, grace: float = 5.0) -> None:
        """Stop serving, then close what the plugins kept."""
        old, self._snapshot = self._snapshot, None
        self.error = self.error or "stopped"
        if old is not None:
            try:
                async with asyncio.timeout(grace):
                    await self._retire(old)
            except TimeoutError:
                await old.hooks.stop(old.tenants)
        for name, resource in reversed(self._resources.items()):
            try:
                closing = resource.close() if hasattr(resource, "close") else None
                if asyncio.iscoroutine(closing):
                    await closing
            except Exception:
                log.exception("resource not closed", tenant=self.name, resource=name)
        self._resources.clear()

    async def _retire(self, old: Snapshot) -> None:
        while old.in_use:
            await old.idle.wait()
        await old.hooks.stop(old.tenants)

    async def act(self, action: Action, settings: Settings) -> tuple[Message, ...]:
        """Commit an action, and let everybody know what follows from it; the messages that it sent.

        Both or neither: whoever asked may be gone before the commit is known, as a page that is closed is.
        """
        work = asyncio.ensure_future(self._act(action, settings))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to be told
        return await asyncio.shield(work)

    async def _act(self, action: Action, settings: Settings) -> tuple[Message, ...]:
        process = self.process
        done = await self._commit(action, settings)
        for out in action.outgoing:
            self.conversations.dropped(out.conversation)
        # What was sent before under its key is kept already, and comes back without its text.
        fresh = {row.message.id for row in done.outbox}
        self.conversations.keep([told for told in done.messages if told.id in fresh])
        for taken in action.taken:
            self.conversations.taken(taken.conversation, done.withdrawn)
        for bound in action.bound:
            self.conversations.dropped(bound.conversation)
        for moved in action.moved:
            self.conversations.moved(moved)
        process.committed(self.name, done)
        for shown in action.shown:
            process.live.publish(self.name, shown.topic, shown.kind, shown.data)
        return done.messages

    async def _commit(self, action: Action, settings: Settings) -> Committed:
        """In one transaction, which is made anew after a deadlock: nothing of it was stored then."""
        database, keep_text, tries = self.process.database, settings.history.store == "sql", 3
        while True:
            tries -= 1
            script = act(database.dialect, action, settings.language, self.process.clock.now(), keep_text=keep_text)
            try:
                return await database.run(script, tenant=self.name)
            except StatementFailed as error:
                if not (error.undone and tries):
                    raise

    async def keep(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """See `Tenant.keep`."""
        async with self._making.setdefault(key, asyncio.Lock()):
            if key not in self._resources:
                self._resources[key] = await make()
            return cast("T", self._resources[key])


class Tenants:
    """The tenants of a process."""

    def __init__(self) -> None:
        self._runtimes: dict[str, TenantRuntime] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All tenants, also those out of service."""
        return tuple(self._runtimes)

    @property
    def available(self) -> tuple[str, ...]:
        """The tenants that serve."""
        return tuple(name for name, runtime in self._runtimes.items() if runtime.available)

    def add(self, runtime: TenantRuntime) -> None:
        """Add one; raises `ValueError` for a name that is taken."""
        if runtime.name in self._runtimes:
            raise ValueError(f"tenant {runtime.name!r} is there already")
        self._runtimes[runtime.name] = runtime

    def get(self, name: str) -> TenantRuntime:
        """The tenant of that name; raises `UnknownTenant`."""
        try:
            return self._runtimes[name]
        except KeyError:
            known = ", ".join(self._runtimes) or "none"
            raise UnknownTenant(f"no tenant {name!r} on this server (there are: {known})") from None
