"""Scripts that share a transaction on PostgreSQL, in step: each statement goes out once for all of them.

A round trip costs more than most statements, and a commit waits for the disk.  So scripts of one kind that come while
others of it are under way gather, and then go together: their first statements as one message, then their second ones,
up to one commit.  None of them may need what another does, so those that name the same thing go one after the other,
in the order in which they came.  Should one fail, all of it is rolled back and each runs anew, alone: then the failure
is its own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import attrs

from .db import Script, StatementFailed

T = TypeVar("T")

_MOST = 64  # scripts in a transaction: bounds how long it holds its locks
_UNDER_WAY = 3  # transactions of a kind at a time
_PATIENCE = 0.1  # seconds until what waits does so no longer for one that is slow: a larger group is cheaper than two

_TRIES = 4  # of a script that the database gives up in favour of others
_PAUSE = 0.05  # seconds between them, at most


class Runs(Protocol):
    """What runs scripts."""

    async def alone(self, script: Script[T], tenant: str) -> T:
        """In a transaction of its own."""

    async def in_step(self, scripts: Sequence[Script[Any]], tenant: str) -> list[Any]:
        """All in one transaction; raises `NotCommitted` if it was certainly rolled back."""


class NotCommitted(Exception):
    """A shared transaction was rolled back before its commit; what it was to do can be tried again."""


@attrs.define(eq=False)
class _Member:
    make: Callable[[], Script[Any]]
    apart: tuple[str, ...]
    future: asyncio.Future[Any]


@attrs.define(eq=False)
class _Queue:
    """The scripts of one tenant and kind that wait, and what those name that are under way."""

    tenant: str
    waiting: list[_Member] = attrs.Factory(list)
    busy: set[str] = attrs.Factory(set)
    under_way: int = 0
    begun_at: float = 0.0  # when the latest of those under way was begun
    timer: asyncio.TimerHandle | None = None

    def take(self) -> list[_Member]:
        """The next that can go together."""
        group: list[_Member] = []
        left: list[_Member] = []
        named = set(self.busy)
        for member in self.waiting:
            if member.future.done():
                continue  # whoever asked for it has gone
            if len(group) == _MOST or not named.isdisjoint(member.apart):
                left.append(member)
            else:
                group.append(member)
            named.update(member.apart)  # also of one that stays, so that none like it overtakes it
        self.waiting = left
        # Every process locks in this order, so that two of them don't wait for each other.
        group.sort(key=lambda member: member.apart)
        return group


class Together:
    """The scripts of a database that may share a transaction."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._loop = asyncio.get_running_loop()
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, make: Callable[[], Script[T]], tenant: str, kind: str, apart: tuple[str, ...]) -> T:
        """Run the script that `make` makes; returns once it is durable.  See `db.Database.share`."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        queue = self._queues.get((tenant, kind))
        if queue is None:
            queue = self._queues[tenant, kind] = _Queue(tenant)
        queue.waiting.append(_Member(make, apart, future))
        self._start(queue)
        return await future

    def _start(self, queue: _Queue) -> None:
        """Begin with what waits, unless one is under way that is likely to be back soon."""
        late = self._loop.time() - queue.begun_at >= _PATIENCE
        if queue.under_way == 0 or (late and queue.under_way < _UNDER_WAY):
            queue.under_way += 1
            queue.begun_at = self._loop.time()
            task = self._loop.create_task(self._drain(queue), name=f"scripts of {queue.tenant}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif queue.timer is None:
            queue.timer = self._loop.call_later(_PATIENCE, self._look, queue)

    def _look(self, queue: _Queue) -> None:
        queue.timer = None
        if queue.waiting:
            self._start(queue)

    async def _drain(self, queue: _Queue) -> None:
        try:
            await asyncio.sleep(0)  # those that this pass of the loop makes ready come along
            while group := queue.take():
                queue.begun_at = self._loop.time()
                named = {name for member in group for name in member.apart}
                queue.busy |= named
                try:
                    await self._run(queue.tenant, group)
                finally:
                    queue.busy -= named
                    for member in group:
                        member.future.cancel()  # only if this task was cancelled under them
        finally:
            queue.under_way -= 1

    async def _run(self, tenant: str, group: Sequence[_Member]) -> None:
        if len(group) > 1:
            try:
                values = await self._runs.in_step([member.make() for member in group], tenant)
            except NotCommitted:
                pass
            except Exception as error:  # noqa: BLE001  it belongs to those who asked
                for member in group:
                    _answer(member, error=error)
            else:
                for member, value in zip(group, values, strict=True):
                    _answer(member, value)
        for member in group:
            if not member.future.done():
                await self._alone(tenant, member)

    async def _alone(self, tenant: str, member: _Member) -> None:
        """By itself; anew where the database gave it up for the sake of others, as in a deadlock."""
        for tries_left in reversed(range(_TRIES)):
            try:
                _answer(member, await self._runs.alone(member.make(), tenant))
            except StatementFailed as error:
                if error.undone and tries_left:
                    await asyncio.sleep(random.uniform(0.0, _PAUSE))
                    continue
                _answer(member, error=error)
            except Exception as error:  # noqa: BLE001  it belongs to whoever asked
                _answer(member, error=error)
            return


def _answer(member: _Member, value: Any = None, error: Exception | None = None) -> None:
    if member.future.done():
        return
    if error is None:
        member.future.set_result(value)
    else:
        member.future.set_exception(error)


Send = Callable[[Sequence[tuple[int, Any]]], Awaitable[Sequence[Any]]]
"""Run these statements, of (the script's number, its `Op`); the `Result`s in the same order."""


async def drive(scripts: Sequence[Script[Any]], send: Send) -> list[Any]:
    """Drive the scripts in step: the statement that each of them is at goes to `send` with the others' equal ones."""
    values: list[Any] = [None] * len(scripts)
    at: dict[int, Any] = {}
    try:
        for number, script in enumerate(scripts):
            _advance(number, script, None, at, values)
        while at:
            alike: dict[Any, list[tuple[int, Any]]] = {}
            for number, op in at.items():
                alike.setdefault(_shape(number, op), []).append((number, op))
            at = {}
            for same in alike.values():
                results = await send(same)
                for (number, _), result in zip(same, results, strict=True):
                    _advance(number, scripts[number], result, at, values)
            at = dict(sorted(at.items()))
    finally:
        for script in scripts:
            script.close()
    return values


def _advance(number: int, script: Script[Any], result: Any, at: dict[int, Any], values: list[Any]) -> None:
    try:
        at[number] = script.send(result)
    except StopIteration as stop:
        values[number] = stop.value


def _shape(number: int, op: Any) -> Any:
    """Equal for statements that differ in their values only.  What a plugin writes goes by itself."""
    if op.tenant is not None or not isinstance(op.params, dict):
        return number
    return id(op.statement), tuple(op.params)
