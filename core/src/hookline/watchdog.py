"""Holds hooks to their deadlines, and knows which plugin is running.

There is no time-out around each call: one `Watchdog` looks at all running hooks a few times a second and cancels the
task whose deadline has passed, so a call costs two dict operations.
"""

from __future__ import annotations

import asyncio
import time
import types
from contextvars import ContextVar
from typing import Any, Self
from weakref import WeakKeyDictionary

from .errors import HookTimeout

running_plugin: ContextVar[str] = ContextVar("hookline_running_plugin", default="")
"""The plugin whose hook is running in this task; "" outside hooks."""


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
