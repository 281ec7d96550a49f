"""Calls the hooks: knows the modes, the deadlines, what a failure means, and always which plugin it is in.

pluggy is the registry; the calling is here, because pluggy can't await.  Implementations are resolved once a
tenant.  There is no time-out around each call: one `Watchdog` looks at all running hooks a few times a second and
cancels the task whose deadline has passed, so a call costs two dict operations.

A task for each call costs more than most hooks take.  So implementations that may run side by side do so only where
at least two of them were slow the last time; the others are awaited in turn.

An implementation that fails leaves nothing behind: what it had added to the turn is taken out again.
"""

from __future__ import annotations

import asyncio
import inspect
import time
import types
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Self, Union, get_args, get_origin
from weakref import WeakKeyDictionary

import pluggy
import structlog

from . import hookspecs, message
from .errors import HookError, HookFailed, HookReturnedWrongType, HookTimeout, PluginError
from .hookspecs import HOOKS, SERVICES, HookSpec, HookSpecs, OnError, Scope
from .journal import Journal, apart

log = structlog.get_logger("hookline.dispatch")

running_plugin: ContextVar[str] = ContextVar("hookline_running_plugin", default="")
"""The plugin whose hook is running in this task; "" outside hooks."""

Check = Callable[[Any], bool]


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


class Call:
    """A hook that is running: whose deadline the watchdog looks after.  A context, which raises `HookTimeout`."""

    __slots__ = ("_before", "_watchdog", "deadline", "hook", "limit", "plugin", "struck", "task")

    def __init__(self, watchdog: Watchdog, hook: str, limit: float) -> None:
        self._watchdog = watchdog
        self.hook = hook
        self.limit = limit
        self.plugin = ""
        self.struck = False
        self.deadline = 0.0
        self.task: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        self._before = running_plugin.set("")
        self.renew()
        self.task = self._watchdog.enter(self)
        return self

    def of(self, plugin: str) -> None:
        """It is in the plugin from now on."""
        self.plugin = plugin
        running_plugin.set(plugin)  # taken back when the call ends, which costs less than after each plugin

    def renew(self) -> float:
        """Give it the whole limit again, from now, which is returned."""
        now = time.monotonic()
        self.deadline = now + self.limit
        return now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: types.TracebackType | None
    ) -> None:
        running_plugin.reset(self._before)
        self._watchdog.leave(self, cancelled=isinstance(error, asyncio.CancelledError))


class Watchdog:
    """Cancels the tasks whose hooks outlast their limits; one serves all tenants of a process."""

    def __init__(self, interval: float = 0.05) -> None:
        self.interval = interval
        self._calls: dict[Call, None] = {}  # in the order in which they were entered
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._interrupted: WeakKeyDictionary[asyncio.Task[Any], Call] = WeakKeyDictionary()

    def watch(self, hook: str, limit: float) -> Call:
        """Hold the body of a `with` to `limit` seconds; raises `HookTimeout` naming `call.plugin` when it strikes."""
        return Call(self, hook, limit)

    def enter(self, call: Call) -> asyncio.Task[Any] | None:
        """Look after the call from now on; returns the task it runs in."""
        self._calls[call] = None
        if self._timer is None:
            self._loop = asyncio.get_running_loop()
            self._timer = self._loop.call_later(self.interval, self._look)
        return asyncio.current_task(self._loop)

    def leave(self, call: Call, *, cancelled: bool) -> None:
        """Look after the call no more; raises `HookTimeout` if it was cancelled because of its deadline."""
        del self._calls[call]
        task = call.task
        if not cancelled or task is None:
            return
        if call.struck and task.uncancel() == 0:
            # calls nest, and the innermost, which unwound first, is the one that the deadline really interrupted
            culprit = self._interrupted.pop(task, call)
            reason = f"still running after the limit of {call.limit:g} s"
            raise HookTimeout(culprit.hook, culprit.plugin, reason) from None
        self._interrupted.setdefault(task, call)

    def _look(self) -> None:
        self._timer = None
        if not self._calls:
            return
        now = time.monotonic()
        for call in list(self._calls):
            if now >= call.deadline and not call.struck and call.task is not None:
                call.struck = True
                call.task.cancel()
        self._timer = asyncio.get_running_loop().call_later(self.interval, self._look)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The hooks that are running, the latest last."""
        return tuple(self._calls)

    def close(self) -> None:
        """Stop looking; for the end of a process or a test."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


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
                with self.watchdog.watch(name, self.limits[name]) as call:
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
                            now = call.renew()  # the next one has the whole limit again
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


# -- what a hook may return, from the annotations of the specifications ---------------------------------------------


def _check(annotation: Any) -> Check:
    if annotation is Any:
        return lambda _: True
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        plain = tuple(a for a in arguments if isinstance(a, type))
        checks = [_check(a) for a in arguments if not isinstance(a, type)]
        if not checks:
            return lambda r: isinstance(r, plain)
        return lambda r: isinstance(r, plain) or any(c(r) for c in checks)
    if origin is Sequence or (origin is not None and issubclass(origin, Sequence)):
        inner = _check(arguments[0])
        return lambda r: isinstance(r, (list, tuple)) and (not r or all(inner(x) for x in r))
    if origin is AsyncIterator or (origin is not None and issubclass(origin, AsyncIterator)):
        return lambda r: hasattr(r, "__anext__")
    if origin is not None:
        return lambda r: isinstance(r, origin)
    kind = type(None) if annotation is None else annotation
    return lambda r: isinstance(r, kind)


def _returns() -> tuple[dict[str, str], dict[str, Check]]:
    names = vars(message) | vars(hookspecs) | {"Mapping": Mapping}
    texts: dict[str, str] = {}
    checks: dict[str, Check] = {}
    for name in HOOKS:
        text = getattr(HookSpecs, name).__annotations__["return"]
        texts[name] = text
        if text == "np.ndarray":
            checks[name] = lambda r: hasattr(r, "shape") and hasattr(r, "dtype")
        else:
            checks[name] = _check(eval(text, names))  # noqa: S307  our own annotations, kept as text by the future import
    return texts, checks


RETURNS, CHECKS = _returns()


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
