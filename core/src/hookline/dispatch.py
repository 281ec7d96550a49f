"""Calls the hooks: knows the modes, the deadlines, what a failure means, and always which plugin it is in.

pluggy is the registry; the calling is here, because pluggy can't await.  Implementations are resolved once a
tenant.  Deadlines are the `watchdog`'s.

A task for each call costs more than most hooks take.  So implementations that may run side by side do so only where
at least two of them were slow the last time; the others are awaited in turn.

An implementation that fails leaves nothing behind: what it had added to the turn is taken out again.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from time import monotonic
from typing import Any

import pluggy
import structlog

from . import hookspecs
from .errors import HookError, HookFailed, HookReturnedWrongType, HookTimeout, PluginError
from .hookreturns import CHECKS, RETURNS
from .hookspecs import HOOKS, SERVICES, HookSpec, HookSpecs, OnError, Scope
from .journal import Journal, apart
from .watchdog import Call, Watchdog, running_plugin

log = structlog.get_logger("hookline.dispatch")

_SLOW = 0.001  # seconds from which a hook is worth a task of its own


class Implementation:
    """One plugin's implementation of a hook, with the arguments that it takes; `slow`: it was, the last time."""

    __slots__ = ("call", "plugin", "slow")

    def __init__(self, plugin: str, function: Callable[..., Any], picks: tuple[int, ...] | None) -> None:
        self.plugin = plugin
        self.call = function if picks is None else _picking(function, picks)
        self.slow = True

    def __call__(self, args: tuple[Any, ...]) -> Any:
        return self.call(*args)


def _picking(function: Callable[..., Any], picks: tuple[int, ...]) -> Callable[..., Any]:
    return lambda *args: function(*[args[i] for i in picks])


class Dispatcher:
    """The hooks of one tenant's snapshot (or of the process), ready to be called.

    `manager` has the plugins' hook objects registered under the plugins' names, in reverse of the config's order.
    `limits` are deadlines in seconds that differ from the specifications'.  Raises `PluginError` for a hook that does
    not fit its specification.
    """

    def __init__(
        self,
        manager: pluggy.PluginManager,
        watchdog: Watchdog,
        tenant: str = "",
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.tenant = tenant
        self.watchdog = watchdog
        self.log = log.bind(tenant=tenant) if tenant else log
        self._implementations: dict[str, tuple[Implementation, ...]] = {}
        self._addressed: dict[str, dict[str, Implementation]] = {}
        self.limits = {name: spec.limit for name, spec in HOOKS.items()} | dict(limits or {})
        for name, spec in HOOKS.items():
            ordered = [_resolve(name, impl) for impl in reversed(getattr(manager.hook, name).get_hookimpls())]
            if spec.reverse:
                ordered.reverse()
            self._implementations[name] = tuple(ordered)

    def address(self, hook: str, addresses: Mapping[str, str]) -> None:
        """Say which plugin (value) serves which address (key) of an addressed hook."""
        by_plugin = {impl.plugin: impl for impl in self._implementations[hook]}
        self._addressed[hook] = {a: by_plugin[p] for a, p in addresses.items() if p in by_plugin}

    def implementations(self, hook: str) -> tuple[Implementation, ...]:
        """The implementations in the order in which they are called."""
        return self._implementations[hook]

    @property
    def serving(self) -> frozenset[str]:
        """The plugins that serve a service, which others may need when they start."""
        served = (self._addressed.get(name, {}) for name in SERVICES)
        return frozenset(implementation.plugin for addresses in served for implementation in addresses.values())

    def addresses(self, hook: str) -> Sequence[str]:
        """The addresses that an addressed hook serves."""
        return sorted(self._addressed.get(hook, ()))

    def addressee(self, hook: str, address: str) -> str:
        """The plugin that serves the address; "" where none does."""
        implementation = self._addressed.get(hook, {}).get(address)
        return implementation.plugin if implementation else ""

    # -- the modes -------------------------------------------------------------------------------------------------

    async def each(self, name: str, *args: Any) -> None:
        """Call all, one after the other; what a failure means is in the specification."""
        await self.collect(name, *args)

    async def first(self, name: str, *args: Any, past: type | None = None) -> Any:
        """Call one after the other until one returns something; results of type `past` are passed over too."""
        spec = HOOKS[name]
        implementations = self._implementations[name]
        if not implementations:
            return None
        check = CHECKS[name]
        added = _Added(name, args)
        plugin = ""
        try:
            with self.watchdog.watch(name, self.limits[name]) as call:
                for implementation in implementations:
                    plugin = call.plugin = implementation.plugin
                    running_plugin.set(plugin)  # as `call.of`, here and below: a call for each plugin is felt
                    try:
                        result = await implementation.call(*args)
                        if result is None:
                            continue
                        if not check(result):
                            raise _Wrong(name, result)
                    except Exception as error:  # noqa: BLE001  a plugin may raise anything
                        added.undo(plugin)
                        self._failed(spec, _blamed(name, plugin, error))
                        continue
                    if not (past and isinstance(result, past)):
                        return result
        except HookTimeout as error:
            added.undo(plugin)
            self._failed(spec, error)
        return None

    async def fold(self, name: str, value: Any, apply: Callable[[Any], tuple[Any, ...]]) -> Any:
        """Hand each one's result to the next; `apply` makes the arguments from the value so far."""
        implementations = self._implementations[name]
        if not implementations:
            return value
        check = CHECKS[name]
        added, plugin = _Added(name, apply(value)), ""
        try:
            with self.watchdog.watch(name, self.limits[name]) as call:
                for implementation in implementations:
                    plugin = call.plugin = implementation.plugin
                    running_plugin.set(plugin)
                    try:
                        value = await implementation.call(*apply(value))
                        if not check(value):
                            raise _Wrong(name, value)
                    except Exception as error:
                        raise _blamed(name, plugin, error) from error
        except HookError:
            added.undo(plugin)
            raise
        return value

    async def collect(self, name: str, *args: Any, failures: list[HookError] | None = None) -> list[Any]:
        """Gather all results, in the plugins' order, leaving out None and failures, which are added to `failures`."""
        spec = HOOKS[name]
        implementations = self._implementations[name]
        if not implementations:
            return []
        if spec.concurrent and sum(implementation.slow for implementation in implementations) > 1:
            found = await asyncio.gather(*(apart(self._alone(i, spec, args, failures)) for i in implementations))
            return [r for r in found if r is not None]
        results: list[Any] = []
        check = CHECKS[name]
        left = iter(implementations)
        added, plugin = _Added(name, args), ""
        while True:
            try:
                limit = self.limits[name]
                with self.watchdog.watch(name, limit) as call:
                    begun = call.renew()
                    for implementation in left:
                        plugin = call.plugin = implementation.plugin
                        running_plugin.set(plugin)
                        try:
                            result = await implementation.call(*args)
                            if not check(result):
                                raise _Wrong(name, result)
                        except Exception as error:
                            raise _blamed(name, plugin, error) from error
                        finally:
                            now = monotonic()
                            call.deadline = now + limit  # the next one has the whole limit again
                            implementation.slow = now - begun > _SLOW
                            begun = now
                        if result is not None:
                            results.append(result)
                return results
            except HookError as error:
                added.undo(plugin)
                self._failed(spec, error, failures)

    async def addressed(self, name: str, address: str, *args: Any) -> Any:
        """Call exactly the one that serves the address; raises `LookupError` where none does, else `HookError`."""
        implementation = self._addressed.get(name, {}).get(address)
        if implementation is None:
            known = ", ".join(self.addresses(name)) or "none"
            raise LookupError(f"no plugin of tenant {self.tenant!r} serves {name} for {address!r} (served: {known})")
        with self.watchdog.watch(name, self.limits[name]) as call:
            return await self._one(implementation, name, args, call)

    async def one(self, implementation: Implementation, name: str, *args: Any) -> Any:
        """Call this implementation alone; raises `HookError`, whatever the policy."""
        with self.watchdog.watch(name, self.limits[name]) as call:
            return await self._one(implementation, name, args, call)

    async def one_by_one(self, name: str, *args: Any) -> AsyncIterator[tuple[str, Any]]:
        """Each plugin's name with its result, failures left out; for `respond`, whose result may be a stream."""
        spec = HOOKS[name]
        left = iter(self._implementations[name])
        added = _Added(name, args)
        while True:
            plugin, result = "", None
            try:
                with self.watchdog.watch(name, self.limits[name]) as call:
                    for implementation in left:
                        call.renew()
                        plugin = implementation.plugin
                        result = await self._one(implementation, name, args, call)
                        if result is not None:
                            break
            except HookError as error:
                added.undo(plugin)
                self._failed(spec, error)
                continue
            if result is None:
                return
            yield plugin, result

    def slow(self, name: str) -> bool:
        """Whether an implementation of the hook was slow the last time, so that others had better not wait for it."""
        return any(implementation.slow for implementation in self._implementations[name])

    @contextmanager
    def within(self, name: str, plugin: str) -> Generator[Call, None, None]:
        """Treat the body as part of the plugin's hook: same limit, same errors (`HookError`)."""
        try:
            with self.watchdog.watch(name, self.limits[name]) as call:
                call.of(plugin)
                yield call
        except (HookError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise _blamed(name, plugin, error) from error

    def sync(self, name: str, *args: Any) -> None:
        """Call all implementations of a hook that is not async (the process hooks)."""
        for implementation in self._implementations[name]:
            try:
                implementation(args)
            except Exception as error:
                raise PluginError(
                    f"plugin {implementation.plugin!r}: {name} failed: {type(error).__name__}: {error}"
                ) from error

    def report(self, error: HookError, **context: Any) -> None:
        """Log a failure with the names of hook and plugin."""
        self.log.error(
            "hook failed",
            hook=error.hook,
            plugin=error.plugin,
            reason=error.reason,
            exc_info=error.__cause__ or error,
            **context,
        )

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _alone(
        self,
        implementation: Implementation,
        spec: HookSpec,
        args: tuple[Any, ...],
        failures: list[HookError] | None = None,
    ) -> Any:
        begun = time.monotonic()
        added = _Added(spec.name, args)
        try:
            return await self.one(implementation, spec.name, *args)
        except HookError as error:
            added.undo(implementation.plugin)
            self._failed(spec, error, failures)
            return None
        finally:
            implementation.slow = time.monotonic() - begun > _SLOW

    async def _one(self, implementation: Implementation, name: str, args: tuple[Any, ...], call: Call) -> Any:
        """The loops above say the same in place: another coroutine for each plugin costs more than most of them do."""
        plugin = implementation.plugin
        call.of(plugin)
        try:
            result = await implementation.call(*args)
            if not CHECKS[name](result):
                raise _Wrong(name, result)
        except Exception as error:
            raise _blamed(name, plugin, error) from error
        return result

    def _failed(self, spec: HookSpec, error: HookError, failures: list[HookError] | None = None) -> None:
        if spec.on_error not in (OnError.LOG, OnError.NEXT):
            raise error
        self.report(error)
        if failures is not None:
            failures.append(error)


class _Wrong(Exception):
    """What a hook returned is not of the type that it must return; the value itself may be what a customer said."""

    def __init__(self, hook: str, result: Any) -> None:
        super().__init__(f"returned {type(result).__name__}, must return {RETURNS[hook]}")


def _blamed(hook: str, plugin: str, error: Exception) -> HookError:
    """What went wrong in the plugin, as the error that names it."""
    failed: HookError
    if isinstance(error, _Wrong):
        failed = HookReturnedWrongType(hook, plugin, str(error))
    else:
        failed = HookFailed(hook, plugin, f"raised {type(error).__name__}: {error}")
    failed.__cause__ = error
    return failed


_OF_A_TURN = frozenset(n for n in HOOKS if list(inspect.signature(getattr(HookSpecs, n)).parameters)[1:2] == ["turn"])


class _Added:
    """What the implementations of one call of a hook add to its turn, if it has one."""

    __slots__ = ("_journal", "_mark")

    def __init__(self, name: str, args: tuple[Any, ...]) -> None:
        self._journal: Journal | None = None
        if name in _OF_A_TURN:
            self._journal = args[0].journal
            self._mark = self._journal.mark()

    def undo(self, plugin: str) -> None:
        """Take out what the plugin has added: it failed."""
        if self._journal is not None:
            self._journal.undo(self._mark, plugin)


def _resolve(name: str, impl: pluggy.HookImpl) -> Implementation:
    """Check one implementation against its specification and prepare its call."""
    plugin = impl.plugin_name
    where = f"plugin {plugin!r}: hook {name!r}"
    if impl.wrapper or impl.hookwrapper or impl.tryfirst or impl.trylast:
        raise PluginError(f"{where}: wrappers, tryfirst and trylast are not supported; the config's list is the order")
    specified = getattr(HookSpecs, name)
    is_async = inspect.iscoroutinefunction(impl.function)
    if is_async != inspect.iscoroutinefunction(specified):
        kind = "an async def" if not is_async else "a plain def"
        raise PluginError(f"{where}: must be {kind}, as in the specification")
    if impl.kwargnames:
        raise PluginError(f"{where}: arguments with defaults never get a value; remove {', '.join(impl.kwargnames)}")
    wanted = list(inspect.signature(specified).parameters)[1:]
    picks = tuple(wanted.index(a) for a in impl.argnames)
    return Implementation(plugin, impl.function, None if picks == tuple(range(len(wanted))) else picks)


@asynccontextmanager
async def closing(stream: AsyncIterator[Any]) -> AsyncIterator[None]:
    """Hang up on whoever streams as soon as nobody listens any more, not when the garbage is collected."""
    try:
        yield
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


def make_manager(plugins: Sequence[tuple[str, object]], scope: Scope) -> pluggy.PluginManager:
    """A plugin manager with these hook objects (name, object), called in this order.

    Raises `PluginError` for an unknown hook, a wrong argument or a hook of the other scope.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(HookSpecs)
    for name, hooks in reversed(plugins):
        try:
            manager.register(hooks, name)
            manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {name!r} can't be registered: {error}") from error
        for caller in manager.get_hookcallers(manager.get_plugin(name)) or ():
            if HOOKS[caller.name].scope is not scope:
                raise PluginError(
                    f"plugin {name!r}: {caller.name} is a hook of the {HOOKS[caller.name].scope.value}; "
                    f"move it to the other hooks class"
                )
    return manager
