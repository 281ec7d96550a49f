"""Transactions, written once and run on SQLite and PostgreSQL alike.

A transaction is a *script*: a generator that yields `Op`s and gets a `Result` back for each, with no I/O of its own:

    def claim(lane: str) -> Script[bool]:
        result = yield Op(TAKE, {"lane": lane})
        return result.rowcount == 1

`Database.run` drives it inside one transaction (on SQLite inside one savepoint of a group commit) and returns its
value after the commit is durable.  An exception in the script rolls all of it back and reaches the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import attrs
import sqlalchemy as sa

from .errors import ConfigError, StorageError
from .models import event

T = TypeVar("T")


@attrs.frozen
class Op:
    """One statement of a script.

    `params` are the values of its bind parameters; a sequence of mappings runs it once for each.
    `tenant` given: the statement is a plugin's and is confined to that tenant (see `tenancy`); None: it is the
    core's own and names the tenant itself.  `rows` given: the statement has to change exactly so many, see `expect`.
    """

    statement: sa.Executable
    params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    tenant: str | None = None
    rows: int | None = None


@attrs.frozen
class Result:
    """What a statement gave: rows as named tuples (empty where it returns none) and how many rows it touched."""

    rows: Sequence[Any]
    rowcount: int


Script = Generator[Op, Result, T]


class Database(Protocol):
    """One database of a server; every tenant's rows are in it."""

    dialect: str  # "sqlite" or "postgresql"

    async def run(self, script: Script[T], *, tenant: str) -> T:
        """Run the script in one transaction for the tenant; returns once it is durable."""

    async def share(self, make: Callable[[], Script[T]], *, tenant: str, kind: str, apart: tuple[str, ...]) -> T:
        """As `run`, of a script that may share its transaction with others of its kind that come at the same time.

        `make` makes the script; it is called again if the others' failure means that it has to run alone.  `apart` is
        what the script changes, the lane that it locks first: two that name the same run in the order in which they
        came, and never in one transaction.
        """

    async def fetch(
        self, statement: sa.Executable, params: Mapping[str, Any] | None = None, *, tenant: str, confined: bool = False
    ) -> Sequence[Any]:
        """Read outside a transaction; `confined` as `Op.tenant`."""

    async def scrub(self) -> None:
        """Return when what was deleted is in none of the database's files any more, as far as this process can say.

        On PostgreSQL that is up to its vacuum and its own log's retention: there it returns at once.
        """

    async def close(self) -> None:
        """Finish what was accepted, then close."""


class StatementFailed(StorageError):
    """The database refused a statement; the text names the statement's table and the cause.

    `retryable`: the same script may well succeed if it is made and run anew (a deadlock, a lock that was busy).
    `undone`: and nothing of it can have been committed.
    """

    def __init__(self, table: str, reason: str, *, retryable: bool = False, undone: bool = False) -> None:
        super().__init__(f"{table}: {reason}" if table else reason)
        self.table = table
        self.reason = reason
        self.retryable = retryable
        self.undone = undone


class ConstraintViolated(StatementFailed):
    """A row broke a constraint (unique, foreign key, not null, check)."""


class CharacterRefused(StatementFailed):
    """A value holds a character that the database takes nowhere: U+0000, on PostgreSQL."""


# The tenant of the server's own looks across tenants (a sweep): on PostgreSQL they may read the core's tables and
# write nothing.  Statements of plugins can't run under it.
EVERY_TENANT = ""


def normalise_url(url: str) -> sa.URL:
    """Parse a database URL: `sqlite:///file.db`, `sqlite:////absolute/file.db` or `postgresql://...`.

    `postgres://` and any `postgresql+driver://` mean PostgreSQL through asyncpg.
    Raises ConfigError for anything else; a password is never in its text.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError(f"database url: not a URL; {_ALLOWED}") from None
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.host:
            raise ConfigError(f"database url {url!r} names no file; {_ALLOWED}")
        return parsed.set(drivername="sqlite")
    if kind in ("postgresql", "postgres"):
        if not parsed.database:
            raise ConfigError(f"database url {parsed.render_as_string()!r} names no database; {_ALLOWED}")
        return parsed.set(drivername="postgresql+asyncpg")
    raise ConfigError(f"database url: {parsed.drivername!r} is not supported; {_ALLOWED}")


_ALLOWED = "write sqlite:///path/to/hookline.db or postgresql://user:password@host:5432/name"


async def open_database(url: str, *, plugins_metadata: Sequence[sa.MetaData] = ()) -> Database:
    """Open the database of the URL; its schema has to be there already (see `migrate`).

    `plugins_metadata` are the tables that confined statements may name.
    Raises ConfigError for a URL that can't be used, StorageError if the database can't be opened.
    """
    parsed = normalise_url(url)
    if parsed.drivername == "sqlite":
        from .sqlite import SqliteDatabase

        return await SqliteDatabase.open(Path(parsed.database or ""), plugins_metadata=plugins_metadata)
    from .postgres import PostgresDatabase

    return await PostgresDatabase.open(parsed, plugins_metadata=plugins_metadata)


def visible_events(dialect: str) -> sa.ColumnElement[bool]:
    """The part of the event log that is safe to read: no event can still appear before one of these.

    PostgreSQL gives ids before the commit, so a reader that goes by id alone would skip a late commit; events of
    transactions at or above the oldest one still running are left for the next look.  All of it on SQLite, where
    one thread writes.
    """
    if dialect == "sqlite":
        return sa.true()
    oldest = sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot())
    return event.c.xid < sa.cast(sa.cast(oldest, sa.Text), sa.BigInteger)
