"""The second line of defence on SQLite: what the database itself refuses while a plugin's statement is prepared.

`confine` reads every table through a CTE that bears its name, so an authorizer can tell a confined read from any
other.  SQLite asks it once, when a statement is prepared; a statement from the driver's cache costs nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Set as AbstractSet
from types import TracebackType

from .errors import CrossTenantStatement
from .vetting import FUNCTIONS, OWN_PREFIX, TENANT_COLUMN

_PLAIN = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})
_ROW_TABLES = frozenset({"json_each", "json_tree", "generate_series"})
_FUNCTIONS = FUNCTIONS | {"->", "->>", "match", "regexp", "like", "glob"}
_OK, _DENY = sqlite3.SQLITE_OK, sqlite3.SQLITE_DENY


class SqliteGuard:
    """The authorizer of one connection; allows everything outside `confined()`."""

    __slots__ = ("_denied", "_writes")

    def __init__(self) -> None:
        self._writes: AbstractSet[str] | None = None
        self._denied = ""

    def confined(self, writes: AbstractSet[str]) -> SqliteGuard:
        """While the context is open, statements may write these tables only and read the tenant's rows only.

        `writes` is the attribute of that name of the compiled statement: tables, and the columns ("contact.id") that
        SQLite looks at to check their foreign keys.  Raises CrossTenantStatement from the block
        where SQLite was made to refuse.
        """
        self._writes = writes
        self._denied = ""
        return self

    def __enter__(self) -> None:
        """The context was opened by `confined`, which costs less than another object."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._writes = None
        if error is not None and self._denied:
            raise CrossTenantStatement(
                f"tenant confinement: SQLite refused a plugin's statement, which wanted {self._denied}; build it with "
                f"SQLAlchemy Core on the plugin's tables"
            ) from error

    def authorize(self, action: int, first: str | None, second: str | None, _db: str | None, source: str | None) -> int:
        """SQLite's callback; `source` is the CTE or view in which a column is read."""
        writes = self._writes
        if writes is None or action in _PLAIN:
            return _OK
        if action == sqlite3.SQLITE_READ:
            if source == f"{OWN_PREFIX}{first}" or first in _ROW_TABLES:
                return _OK
            if source is None and (first in writes or f"{first}.{second}" in writes):
                return _OK
            return self._deny(f"to read {first}.{second} past the tenant's own rows")
        if action == sqlite3.SQLITE_FUNCTION:
            return _OK if second in _FUNCTIONS else self._deny(f"the function {second}()")
        if action == sqlite3.SQLITE_UPDATE:
            if first in writes and (second or "").casefold() != TENANT_COLUMN:
                return _OK
            return self._deny(f"to change {first}.{second}")
        if action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE):
            return _OK if first in writes else self._deny(f"to write {first}")
        return self._deny(f"action {action} on {first}")

    def _deny(self, wanted: str) -> int:
        self._denied = wanted
        return _DENY


def sqlite_guard(connection: sqlite3.Connection) -> SqliteGuard:
    """Install the guard on a connection, once, for its life; installing it again would re-prepare every statement."""
    guard = SqliteGuard()
    # these two announce themselves in a way of their own the first time: let that happen now
    connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')").fetchall()
    connection.set_authorizer(guard.authorize)
    return guard
