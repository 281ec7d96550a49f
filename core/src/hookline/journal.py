"""What each hook added to a turn, so that what a hook added before it failed can be taken out again."""

from __future__ import annotations

from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, TypeVar

import attrs
import msgspec

T = TypeVar("T")

_branch: ContextVar[object] = ContextVar("hookline_branch", default=None)


async def apart(work: Awaitable[T]) -> T:
    """Await it in a task of its own, so that what it adds to a turn is told from what runs beside it."""
    _branch.set(object())  # a task has a context of its own: there is nothing to reset
    return await work


@attrs.frozen(eq=False)
class _Added:
    """An item that a plugin put into a list of the turn; or what a plugin's state was before it was handed out."""

    branch: object
    plugin: str
    into: list[Any] | dict[str, Any]
    item: Any


@attrs.define(eq=False)
class Journal:
    """Who added what, in order.  A mark is a position in it; entries are never removed, so marks stay good."""

    _entries: list[_Added] = attrs.Factory(list)

    def mark(self) -> int:
        """Where the journal is now."""
        return len(self._entries)

    def add(self, plugin: str, into: list[Any], item: Any) -> None:
        """Put the item into the list, and note it."""
        into.append(item)
        self._entries.append(_Added(_branch.get(), plugin, into, item))

    def lend(self, plugin: str, state: dict[str, Any]) -> None:
        """Note what the state is now, as the plugin may change it from here on."""
        self._entries.append(_Added(_branch.get(), plugin, state, msgspec.json.encode(state) if state else b"{}"))

    def undo(self, mark: int, plugin: str) -> int:
        """Take out what the plugin added after the mark in this branch, and put its states back; how many entries."""
        branch = _branch.get()
        mine = [e for e in self._entries[mark:] if e.plugin == plugin and e.branch is branch]
        for entry in reversed(mine):
            if isinstance(entry.into, dict):
                entry.into.clear()
                entry.into.update(msgspec.json.decode(entry.item))
            else:
                _remove(entry.into, entry.item)
        return len(mine)


def _remove(items: list[Any], item: Any) -> None:
    """Remove that very item, not one that is equal."""
    for index in range(len(items) - 1, -1, -1):
        if items[index] is item:
            del items[index]
            return
