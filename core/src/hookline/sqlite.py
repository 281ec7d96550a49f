"""SQLite: one file, one writer thread that commits scripts in groups, a few reading threads beside it.

An fsync costs far more than a statement, so the writer takes every script that is waiting, runs each in a savepoint
of its own and makes all of them durable with one COMMIT.  A script that fails rolls back its savepoint alone.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import pysqlite

from .compile import Prepared, Statements, table_of
from .db import ConstraintViolated, Op, Result, Script, StatementFailed
from .errors import CrossTenantStatement, StorageError
from .sqliteguard import sqlite_guard

T = TypeVar("T")

_GROUP = 256  # scripts a COMMIT at most: bounds how long the first of them waits
_READERS = 3
_SCRUBS = 100
_SCRUB_PAUSE = 0.05  # seconds
_SCRUB_WAIT = 50  # milliseconds
BUSY_SECONDS = 10.0
_CACHE_KIB = 64 * 1024  # of the writer
_CHECKPOINT_PAGES = 8000  # 32 MB of log
_RETRYABLE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT})


@attrs.define(eq=False, slots=True)
class _Write:
    """A script that waits for the writer, then what became of it."""

    script: Script[Any]
    tenant: str
    future: asyncio.Future[Any]
    value: Any = None
    error: BaseException | None = None
    scrub: bool = False


@attrs.frozen(eq=False)
class _Read:
    op: Op
    future: asyncio.Future[Any]


class SqliteDatabase:
    """The embedded database; see `db.Database` for what it promises."""

    dialect = "sqlite"

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop, plugins_metadata: Sequence[sa.MetaData]) -> None:
        self.path = path
        self._loop = loop
        self._own = Statements(_dialect())
        self._plugins = Statements.for_plugins(_dialect(), plugins_metadata)
        self._gathered: list[_Write] = []
        self._writes: queue.SimpleQueue[list[_Write] | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[_Read | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._closed: asyncio.Future[None] | None = None

    @classmethod
    async def open(
        cls, path: Path, *, plugins_metadata: Sequence[sa.MetaData] = (), busy_seconds: float = BUSY_SECONDS
    ) -> SqliteDatabase:
        """Open the file, making it if its folder is there; raises StorageError saying why it can't be.

        `busy_seconds` is how long a group waits for another process (a migration, a backup) that holds the file.
        """
        loop = asyncio.get_running_loop()
        database = cls(path, loop, plugins_metadata)
        await loop.run_in_executor(None, database._start, busy_seconds)
        return database

    def _start(self, busy_seconds: float) -> None:
        opened: list[_Session] = []
        try:
            for reader in (False, *[True] * _READERS):
                session = _Session(self.path, busy_seconds, self._own, self._plugins, reader=reader)
                opened.append(session)
        except sqlite3.Error as error:
            for session in opened:
                session.connection.close()
            raise StorageError(f"can't open the database {self.path}: {_cause(error)}") from error
        writer, *readers = opened
        self._threads.append(threading.Thread(target=self._write, args=(writer,), name="hookline-writer"))
        self._threads.extend(
            threading.Thread(target=self._read, args=(reader,), name=f"hookline-reader-{n}")
            for n, reader in enumerate(readers)
        )
        for thread in self._threads:
            thread.daemon = True  # a server that dies without close() must not hang; committed is committed
            thread.start()

    async def run(self, script: Script[T], *, tenant: str) -> T:
        """Run the script in the next group commit; returns once it is durable."""
        self._check_open()
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_over, 0)
        self._gathered.append(_Write(script, tenant, future))
        return await future

    async def share(self, make: Callable[[], Script[T]], *, tenant: str, kind: str, apart: tuple[str, ...]) -> T:
        """As `run`: all scripts share their commit here, each in its savepoint."""
        return await self.run(make(), tenant=tenant)

    async def scrub(self) -> None:
        """Empty the write-ahead log, which holds the pages as they were: what was deleted is then in no file."""
        self._check_open()
        for _ in range(_SCRUBS):
            future: asyncio.Future[bool] = self._loop.create_future()
            self._gathered.append(_Write(_nothing(), "", future, scrub=True))
            self._hand_over(len(self._gathered))
            if await future:
                return
            await asyncio.sleep(_SCRUB_PAUSE)
        raise StorageError(f"the log of {self.path} could not be emptied: another process reads it all the time")

    def _hand_over(self, before: int) -> None:
        """Give the writer what has gathered, as soon as the loop adds no more to it.

        A writer that woke for the first script would fight with the loop for the interpreter while the others are
        still being made, and commit a smaller group.
        """
        if before < len(self._gathered) < _GROUP:
            self._loop.call_soon(self._hand_over, len(self._gathered))
            return
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._writes.put(gathered)

    async def fetch(
        self,
        statement: sa.Executable,
        params: Mapping[str, Any] | None = None,
        *,
        tenant: str,
        confined: bool = False,
    ) -> Sequence[Any]:
        """Read on a reading thread; sees everything that was committed before the call."""
        self._check_open()
        future: asyncio.Future[Sequence[Any]] = self._loop.create_future()
        self._reads.put(_Read(Op(statement, params, tenant if confined else None), future))
        return await future

    async def close(self) -> None:
        """Commit and answer what was accepted, then close the file; more calls do nothing."""
        if self._closed is None:
            self._hand_over(len(self._gathered))
            self._closed = asyncio.ensure_future(self._loop.run_in_executor(None, self._stop))
        await asyncio.shield(self._closed)

    def _check_open(self) -> None:
        if self._closed is not None:
            raise StorageError(f"the database {self.path} is closed")

    def _stop(self) -> None:
        for _ in self._threads[1:]:
            self._reads.put(None)
        self._writes.put(None)
        for thread in self._threads:
            thread.join()

    # -- the writer thread ---------------------------------------------------------------------------------------

    def _write(self, session: _Session) -> None:
        waiting = self._writes
        open_ = True
        while open_:
            first = waiting.get()
            if first is None:
                break
            group = first
            while len(group) < _GROUP:
                try:
                    more = waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    open_ = False
                    break
                group += more
            group = [write for write in group if not write.future.cancelled()]
            if group:
                self._commit(session, group)
                for write in group:
                    if write.scrub and write.error is None:
                        try:
                            write.value = _emptied(session)
                        except sqlite3.Error as error:  # a full disk, say: whoever asked is told, and writing goes on
                            write.error = _translate(error, "the log")
                self._answer(_settle, group)
        session.connection.close()

    def _commit(self, session: _Session, group: list[_Write]) -> None:
        """Run the group in one transaction; every write has its value or its error afterwards."""
        connection, cursor = session.connection, session.cursor
        done: list[_Write] = []
        try:
            cursor.execute("BEGIN IMMEDIATE")
            for write in group:
                cursor.execute("SAVEPOINT script")
                try:
                    write.value = _drive(session, write)
                except BaseException as error:  # noqa: BLE001 - it belongs to the caller, whatever it is
                    write.error = error
                    if not connection.in_transaction:
                        # the database gave up the whole transaction (disk full, I/O error): so the earlier ones too
                        _fail(done, _translate(error, "the group commit"))
                        done.clear()
                        cursor.execute("BEGIN IMMEDIATE")
                        continue
                    cursor.execute("ROLLBACK TO script")
                else:
                    done.append(write)
                cursor.execute("RELEASE script")
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            _fail([write for write in group if write.error is None], _translate(error, "commit"))
            if connection.in_transaction:
                connection.rollback()

    # -- the reading threads -------------------------------------------------------------------------------------

    def _read(self, session: _Session) -> None:
        while (read := self._reads.get()) is not None:
            if read.future.cancelled():
                continue
            value: Any = None
            error: BaseException | None = None
            try:
                value = session.execute(read.op).rows
            except Exception as raised:  # noqa: BLE001 - it belongs to the caller
                error = raised
            self._answer(_resolve, read.future, value, error)
            read = None
        session.connection.close()

    def _answer(self, call: Callable[..., None], *args: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            # the loop was closed under us: nobody is left to be told
            return


class _Session:
    """A connection of one thread, with the guard that a plugin's statements run under."""

    def __init__(self, path: Path, busy_seconds: float, own: Statements, plugins: Statements, *, reader: bool) -> None:
        self.connection = _connect(path, busy_seconds, reader=reader)
        self.cursor = self.connection.cursor()
        self._guard = sqlite_guard(self.connection)
        self._own = own
        self._plugins = plugins

    def execute(self, op: Op) -> Result:
        """Run a statement; raises StorageError naming its table and the cause."""
        params = op.params
        statements = self._own if op.tenant is None else self._plugins
        try:
            if type(params) is dict or params is None or isinstance(params, Mapping):  # the first is the quickest
                return self._once(statements.prepare(op.statement, params), params, op.tenant)
            if not params:
                return Result((), 0)
            prepared = statements.prepare_all(op.statement, params)
            if prepared.rendered.expanding or prepared.rendered.returns_rows:
                results = [self._once(prepared, one, op.tenant) for one in params]
                rows = [row for result in results for row in result.rows]
                return Result(rows, sum(result.rowcount for result in results))
            return self._many(prepared, params, op.tenant)
        except sqlite3.Error as error:
            raise _translate(error, table_of(op.statement)) from error

    def _once(self, prepared: Prepared, params: Mapping[str, Any] | None, tenant: str | None) -> Result:
        sql, values = prepared.bind_expected(params, tenant)
        cursor = self.cursor
        if tenant is None:
            cursor.execute(sql, values)
        else:
            with self._guard.confined(prepared.rendered.writes):
                cursor.execute(sql, values)
        if cursor.description is None:
            return Result((), cursor.rowcount)
        rendered = prepared.rendered
        names = () if rendered.learnt else [column[0] for column in cursor.description]
        rows = rendered.rows(cursor.fetchall(), names)
        return Result(rows, len(rows))

    def _many(self, prepared: Prepared, params: Sequence[Mapping[str, Any]], tenant: str | None) -> Result:
        bound = [prepared.bind(one, tenant) for one in params]
        sql, values = bound[0][0], [each for _, each in bound]
        if tenant is None:
            self.cursor.executemany(sql, values)
        else:
            with self._guard.confined(prepared.rendered.writes):
                self.cursor.executemany(sql, values)
        return Result((), self.cursor.rowcount)


def _nothing() -> Script[bool]:
    yield from ()
    return False


def _emptied(session: _Session) -> bool:
    """Move the whole log into the database file and cut it to nothing; False where a reader needs some of it still."""
    (patience,) = session.cursor.execute("PRAGMA busy_timeout").fetchone()
    session.cursor.execute(f"PRAGMA busy_timeout={_SCRUB_WAIT}")  # the writer has others to serve
    try:
        busy, *_ = session.cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        session.cursor.execute(f"PRAGMA busy_timeout={patience}")
    return not busy


def _drive(session: _Session, write: _Write) -> Any:
    script, tenant = write.script, write.tenant
    send = script.send
    try:
        op = next(script)
        while True:
            if op.tenant is not None and (op.tenant != tenant or not tenant):
                raise CrossTenantStatement(
                    f"{table_of(op.statement)}: a statement for tenant {op.tenant!r} in a transaction of {tenant!r}"
                )
            op = send(session.execute(op))
    except StopIteration as stop:
        return stop.value
    finally:
        script.close()


def _settle(group: list[_Write]) -> None:
    for write in group:
        _resolve(write.future, write.value, write.error)


def _resolve(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _fail(writes: list[_Write], error: BaseException) -> None:
    for write in writes:
        write.value = None
        write.error = error


def _dialect() -> sa.Dialect:
    return pysqlite.dialect(dbapi=sqlite3, paramstyle="qmark")


def _connect(path: Path, busy_seconds: float, *, reader: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=busy_seconds, cached_statements=512
    )
    try:
        if reader:
            connection.execute("PRAGMA query_only=ON")
        else:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            # what is deleted is overwritten with zeros, in place and in the pages that become free
            connection.execute("PRAGMA secure_delete=ON")
            # what a savepoint needs to roll back is small, and was a temporary file's write in each script
            connection.execute("PRAGMA temp_store=MEMORY")
            # The default of 2 MB is outgrown by a day's messages.  Only what is used is taken.
            connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
            # A page that many commits change is copied into the database once for all of them.
            connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_BUSY: "another process holds the database; close it, or try again",
    sqlite3.SQLITE_LOCKED: "the table is locked; try again",
    sqlite3.SQLITE_READONLY: "the database can't be written; check the file's and its folder's permissions",
    sqlite3.SQLITE_CANTOPEN: "the file can't be opened; check that its folder exists and can be written",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is not a SQLite database",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write",
}


def _cause(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    reason = _REASONS.get(code)
    return f"{reason} ({error})" if reason else str(error)


def _translate(error: BaseException, table: str) -> StorageError:
    """A driver's error as a StorageError that names the table and the cause."""
    if isinstance(error, StorageError):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_CONSTRAINT:
        return ConstraintViolated(table, str(error))
    return StatementFailed(table, _cause(error), retryable=code in _RETRYABLE)
