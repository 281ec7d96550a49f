"""A tenant: what outlives reloads (`TenantRuntime`), one snapshot of its config (`Snapshot`), and what a plugin sees
of both (`Tenant`).

A turn sees one snapshot from start to end.  A reload builds a new one beside the old, starts it, swaps, and stops the
old one after its last turn; a config that can't be loaded or started leaves the old one serving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

import aiohttp
import attrs
import msgspec
import structlog

from . import metrics
from .clock import Clock
from .commit import post, sent_before, set_timer
from .compute import Compute
from .conversations import ConversationStore
from .db import Script
from .dispatch import Dispatcher, make_manager
from .errors import (
    BadRequest,
    ConfigError,
    HooklineError,
    PluginError,
    RateLimited,
    TenantUnavailable,
    UnknownTenant,
)
from .failpoints import reach
from .hooks import Hooks
from .hookspecs import HOOKS, SERVICES, Scope
from .inbox import KNOWN_WORK, accept, submit
from .ledger import Accepted, ConversationClosed, Inbound, OutboxRow, Row, Source, new_id
from .live import Live
from .message import Message, Reply
from .plugin import Plugin
from .ratelimit import TokenBuckets
from .settings import RateLimit, Settings
from .tenancy import TenantDb
from .turn import NewWork, Outgoing, Turn

if TYPE_CHECKING:
    from .config import TenantConfig
    from .runtime import Runtime

log = structlog.get_logger("hookline.tenant")

T = TypeVar("T")


@attrs.frozen
class ResourceKey(Generic[T]):
    """The typed name of something that a plugin keeps over reloads (an index, a pool)."""

    name: str


class Tenant:
    """One snapshot of a tenant's config as one plugin sees it; what a plugin's hooks object is made with."""

    def __init__(self, runtime: TenantRuntime, plugin: str, config: Any, settings: Settings, data: Path) -> None:
        self.name = runtime.name
        self.plugin = plugin
        self.config = config
        self.settings = settings
        self.data = data
        self.folder: Path | None = runtime.folder
        self.hooks: Hooks = cast("Hooks", None)  # set as soon as all plugins of the snapshot are there
        self.log = structlog.get_logger(f"hookline.{plugin}").bind(tenant=runtime.name, plugin=plugin)
        self.db = TenantDb(runtime.process.database, runtime.name)
        self._runtime = runtime

    @property
    def clock(self) -> Clock:
        """The time."""
        return self._runtime.process.clock

    @property
    def compute(self) -> Compute:
        """Where CPU work runs."""
        return self._runtime.process.compute

    @property
    def live(self) -> Live:
        """Live events."""
        return self._runtime.process.live

    @property
    def http(self) -> aiohttp.ClientSession:
        """The process's pooled HTTP client; it ignores cookies."""
        return self._runtime.process.http

    @property
    def conversations(self) -> ConversationStore:
        """The tenant's conversations."""
        return self._runtime.conversations

    async def keep(self, key: ResourceKey[T], make: Callable[[], Awaitable[T]]) -> T:
        """What is kept under the key, made at the first call; it outlives reloads, and is closed (`close()`, async or
        not, where it has one) when the tenant stops."""
        return await self._runtime.keep(f"{self.plugin}:{key.name}", make)

    # -- messages in -------------------------------------------------------------------------------------------------

    async def accept(self, inbound: Inbound) -> Accepted:
        """Store a customer's message durably and have it processed; only then may a channel acknowledge it.

        Raises `BadRequest` for a message that is too long, and `RateLimited` for a contact that sends too many: nothing
        is stored then.
        """
        limit = self.settings.limits.message_chars
        if len(inbound.text) > limit:
            raise BadRequest(f"the message has {len(inbound.text)} characters; at most {limit} are allowed", "text")
        if "\x00" in inbound.text:
            inbound = attrs.evolve(inbound, text=inbound.text.replace("\x00", ""))
        self._runtime.count(inbound, self.settings.ratelimit)
        try:
            accepted = await self._accept(inbound)
        except ConversationClosed:
            self.conversations.forget(inbound.channel, inbound.address)
            begun = inbound.conversation if inbound.begins else ""
            accepted = await self._accept(attrs.evolve(inbound, conversation=""), begun)
        if accepted.duplicate:
            self._runtime.uncount(inbound, self.settings.ratelimit)
        return accepted

    async def _accept(self, inbound: Inbound, begun: str = "") -> Accepted:
        process = self._runtime.process
        conversation, contact = inbound.conversation, ""
        if not conversation:
            conversation, contact = await self.conversations.open(
                inbound.channel, inbound.address, name=inbound.name, ident=begun
            )
        told = Message(
            id=new_id(),
            conversation=conversation,
            channel=inbound.channel,
            address=inbound.address,
            text=inbound.text,
            contact=contact,
            provider_id=inbound.provider_id,
            created_at=process.clock.now(),
            language=inbound.language,
            input_type=inbound.input_type,
            attachments=inbound.attachments,
            data=inbound.data,
        )
        source_key, keep_text = inbound.provider_id or told.id, self.settings.history.store == "sql"
        reach("accept.begun")
        try:
            accepted = await process.database.share(
                lambda: accept(process.database.dialect, self.name, told, source_key, keep_text=keep_text),
                tenant=self.name,
                kind="accept",
                apart=(conversation, f"{inbound.channel} {source_key}"),
            )
        except asyncio.CancelledError:
            process.lanes.wake(self.name, conversation)  # it may be stored all the same
            raise
        reach("accept.durable")
        if not accepted.duplicate:
            told = attrs.evolve(told, seq=accepted.seq, inbox_id=accepted.inbox_id)
            row = Row(accepted.inbox_id, conversation, "message", "", told)
            process.lanes.push(self.name, row)
            self.publish_message(told)
        return accepted

    def publish_message(self, told: Message) -> None:
        """Show a message on the pages that look at its conversation: a live event of kind "message"."""
        topic = f"conversation:{told.conversation}"
        if self.live.heard(self.name, topic):
            self.live.publish(self.name, topic, "message", {"message": msgspec.to_builtins(told)})

    async def wait(self, inbox_id: int, timeout: float | None = None) -> tuple[Message, ...] | None:
        """The committed replies of a turn, on any node; None if it is not finished in `timeout` seconds
        (default: `turns.wait`)."""
        seconds = self.settings.turns.wait if timeout is None else timeout
        return await self._runtime.process.worker.wait(self.name, inbox_id, seconds)

    async def ask(self, text: str, *, language: str = "") -> Turn:
        """A dry turn: the same hooks, nothing committed.  The answer is the turn's `reply`."""
        with self._runtime.acquire() as snapshot:
            return await self._runtime.process.worker.dry(self.name, snapshot, text, language)

    # -- durable work outside a turn -----------------------------------------------------------------------------------

    async def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        plugin: str = "",
        key: str = "",
        lane: str = "",
        delay: float = 0.0,
    ) -> int:
        """Have `on_job` of the plugin (default: this one) called, durably; returns the inbox id.

        With a `key` only once: a repeat returns the first one's id.  Jobs of one lane run one after the other.
        """
        return await self._submit("job", kind, payload, plugin or self.plugin, key, lane, delay, "")

    async def command(
        self, kind: str, payload: Mapping[str, Any], *, lane: str, by: str, plugin: str = "", key: str = ""
    ) -> int:
        """Have `on_command` of the plugin (default: this one) called, in the order of the lane; returns the inbox id."""
        return await self._submit("command", kind, payload, plugin or self.plugin, key, lane, 0.0, by)

    async def _submit(
        self, what: str, kind: str, payload: Mapping[str, Any], plugin: str, key: str, lane: str, delay: float, by: str
    ) -> int:
        process = self._runtime.process
        now = process.clock.now()
        source_key = f"{kind}:{key or new_id()}"
        script = submit(
            process.database.dialect,
            self.name,
            what,
            plugin,
            kind,
            payload,
            now,
            source=f"{what}:{plugin}",
            source_key=source_key,
            lane_key=lane or f"{plugin}:{source_key}",
            key=key,
            by=by,
            not_before=now + delay if delay else 0.0,
        )
        row = await process.database.run(script, tenant=self.name)
        if row is not None:
            process.lanes.push(self.name, row)
            return row.id
        known = await process.database.fetch(
            KNOWN_WORK,
            {"p_tenant": self.name, "p_source": f"{what}:{plugin}", "p_key": source_key},
            tenant=self.name,
        )
        return int(known[0].id)

    async def set_timer(
        self, kind: str, delay: float, *, lane: str, payload: Mapping[str, Any] | None = None, key: str = ""
    ) -> None:
        """Have `on_timer` of this plugin called in `delay` seconds; one of the same kind, key and lane is replaced."""
        process = self._runtime.process
        new = NewWork("timer", self.plugin, kind, payload or {}, key, lane, delay)

        def script() -> Script[None]:
            yield set_timer(process.database.dialect, self.name, new, process.clock.now())

        await process.database.run(script(), tenant=self.name)
        process.timers.poke()

    async def send(self, reply: Reply, *, conversation: str, author: str = "system", key: str = "") -> Message:
        """Send a message outside a turn, by the outbox; with a `key` only once, a repeat returns the first.

        Raises `ConversationClosed`.
        """
        process = self._runtime.process
        source = Source(self.plugin, key or new_id(), language=self.settings.language)
        out = Outgoing(reply, conversation, cast("Any", author))

        def script() -> Script[tuple[Message, OutboxRow | None]]:
            known = (yield from sent_before(self.name, source, out)) if key else None
            if known is not None:
                return known, None
            return (
                yield from post(
                    process.database.dialect,
                    self.name,
                    out,
                    source,
                    process.clock.now(),
                    keep_text=self.settings.history.store == "sql",
                )
            )

        told, row = await process.database.run(script(), tenant=self.name)
        self.conversations.dropped(conversation)
        if row is not None:
            process.outbox.push(self.name, (row,))
        return told


class Snapshot:
    """A tenant's config, immutable, with its plugins made and registered.

    In a `with` it is in use: a reload stops its plugins only after the last has left.
    """

    def __init__(
        self,
        settings: Settings,
        plugins: Mapping[str, Plugin],
        tenants: Mapping[str, Tenant],
        core: Tenant,
        hooks: Hooks,
    ) -> None:
        self.settings = settings
        self.plugins = plugins
        self.tenants = tenants
        self.core = core
        self.hooks = hooks
        self.in_use = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self._channels = {channel: plugin for plugin in plugins.values() for channel in plugin.channels}

    def __enter__(self) -> Self:
        self.in_use += 1
        self.idle.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.in_use -= 1
        if not self.in_use:
            self.idle.set()

    def plugin(self, name: str) -> Tenant | None:
        """What the plugin sees; None where the tenant does not have it."""
        return self.tenants.get(name)

    def channel(self, name: str) -> Plugin | None:
        """The plugin that serves the channel."""
        return self._channels.get(name)


class TenantRuntime:
    """What of a tenant outlives reloads: its name, its resources, its conversations, and the snapshot that serves."""

    def __init__(self, name: str, folder: Path | None, process: Runtime) -> None:
        self.name = name
        self.folder = folder
        self.process = process
        self.error = "" if folder is None else "not started"
        self.warnings: tuple[str, ...] = ()
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
            snapshot = self._make(config)
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

    async def keep(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """See `Tenant.keep`."""
        async with self._making.setdefault(key, asyncio.Lock()):
            if key not in self._resources:
                self._resources[key] = await make()
            return cast("T", self._resources[key])

    def _make(self, config: TenantConfig) -> Snapshot:
        catalogue, data = self.process.catalogue, self.process.data
        plugins = {name: catalogue.get(name) for name in config.settings.plugins}
        tenants = {
            name: Tenant(self, name, config.plugins[name], config.settings, data.plugin_folder(self.name, name))
            for name in plugins
        }
        core = Tenant(self, "core", None, config.settings, data.plugin_folder(self.name, "core"))
        objects: list[tuple[str, object]] = []
        for name, plugin in plugins.items():
            try:
                objects.append((name, plugin.hooks(tenants[name])))
            except HooklineError:
                raise
            except Exception as error:
                raise PluginError(
                    f"tenant {self.name!r}: plugin {name!r} can't be made: {type(error).__name__}: {error}"
                ) from error
        limits = config.settings.turns.hook_limits
        unknown = [name for name in limits if name not in HOOKS]
        if unknown:
            raise ConfigError(
                f"tenant {self.name!r}: turns.hook_limits names {', '.join(unknown)}, which is no hook; "
                f"hooks are {', '.join(HOOKS)}"
            )
        dispatcher = Dispatcher(make_manager(objects, Scope.TENANT), self.process.watchdog, self.name, limits)
        self._address(dispatcher, plugins, objects)
        hooks = Hooks(dispatcher)
        for tenant in (*tenants.values(), core):
            tenant.hooks = hooks
        return Snapshot(config.settings, plugins, tenants, core, hooks)

    def _address(
        self, dispatcher: Dispatcher, plugins: Mapping[str, Plugin], objects: Iterable[tuple[str, object]]
    ) -> None:
        """Say which plugin serves which channel, service name and kind of work; one address, one plugin."""
        for hook in ("on_timer", "on_job", "on_command"):
            dispatcher.address(hook, {name: name for name in plugins})
        claims: dict[str, dict[str, str]] = {"deliver": {}}
        for name, plugin in plugins.items():
            for channel in plugin.channels:
                self._claim(claims["deliver"], "channel", channel, name)
        for name, hooks in objects:
            serves: Mapping[str, Iterable[str]] = getattr(hooks, "serves", {})
            for hook, addresses in serves.items():
                if hook not in SERVICES:
                    raise PluginError(f"plugin {name!r}: serves {hook!r}, which is no service hook; known: {SERVICES}")
                for address in addresses:
                    self._claim(claims.setdefault(hook, {}), hook, address, name)
        for hook, addressees in claims.items():
            dispatcher.address(hook, addressees)

    def _claim(self, taken: dict[str, str], what: str, address: str, plugin: str) -> None:
        if address in taken:
            raise PluginError(
                f"tenant {self.name!r}: plugins {taken[address]!r} and {plugin!r} both serve {what} {address!r}; "
                f"rename one in the config, or leave one plugin out"
            )
        taken[address] = plugin


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
