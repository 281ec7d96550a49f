"""PostgreSQL through a pool of asyncpg connections; statements are rendered as on SQLite and run on the raw driver.

A script is one READ COMMITTED transaction.  `run` retries nothing, as a generator can't be run twice; what comes by
`share` is made and run anew after a deadlock.  A lost connection leaves open what was committed: that is the caller's.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from .compile import Prepared, Statements, table_of
from .db import EVERY_TENANT, CharacterRefused, ConstraintViolated, Op, Result, Script, StatementFailed
from .errors import ConfigError, CrossTenantStatement, StorageError
from .rls import SWEEP_ROLE, session_statements
from .together import NotCommitted, Together, drive

try:
    import asyncpg
except ImportError as missing:
    raise ConfigError("a postgresql:// database needs asyncpg: pip install 'hookline[postgresql]'") from missing

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[asyncpg.Record]

T = TypeVar("T")

POOL_SIZE = 10
_TAG = "hookline_tag"
_READING = "READ ONLY"
_STATEMENTS = 500  # prepared a connection; a turn of many plugins runs well under that many different ones
_MANY = 20  # values of a list from which on a statement is planned for them
_UNDONE = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available
    }
)
_RETRYABLE = frozenset(
    {
        "57P01",
        "57P02",
        "57P03",  # the server is being shut down or started
        "53300",  # too many connections
    }
)


class PostgresDatabase:
    """A PostgreSQL database; see `db.Database` for what it promises."""

    dialect = "postgresql"

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], name: str, plugins_metadata: Sequence[sa.MetaData]) -> None:
        self._pool = pool
        self._name = name
        self._own = Statements(_dialect())
        self._plugins = Statements.for_plugins(_dialect(), plugins_metadata)
        self._together = Together(self)
        self._tagged: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self._closed = False

    @classmethod
    async def open(
        cls, url: sa.URL, *, plugins_metadata: Sequence[sa.MetaData] = (), pool_size: int = POOL_SIZE
    ) -> PostgresDatabase:
        """Connect; raises StorageError naming the server and why it can't be reached."""
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=pool_size,
                init=_initialise,
                reset=_keep,
                statement_cache_size=_STATEMENTS,
                max_cached_statement_lifetime=0,
                max_inactive_connection_lifetime=0,  # else a timer is set whenever a connection is given back
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            raise StorageError(f"can't open the database {url.render_as_string()}: {error}") from error
        database = cls(pool, url.render_as_string(), plugins_metadata)
        try:
            async with database._transaction(EVERY_TENANT, _READING):
                pass
        except StorageError as error:
            await pool.close()
            raise StorageError(
                f"the database {url.render_as_string()} is not set up for Hookline: {error}; run `hookline db upgrade`"
            ) from error
        return database

    async def run(self, script: Script[T], *, tenant: str) -> T:
        """Run the script in one transaction, under the tenant's role and policies; returns once it is durable."""
        try:
            async with self._transaction(tenant, "") as connection:
                return await self._drive(connection, script, tenant)
        finally:
            script.close()

    async def share(self, make: Callable[[], Script[T]], *, tenant: str, kind: str, apart: tuple[str, ...]) -> T:
        """Run the script in step with others of its kind and tenant; see `together`."""
        return await self._together.run(make, tenant, kind, apart)

    async def alone(self, script: Script[T], tenant: str) -> T:
        """For `together`: as `run`."""
        return await self.run(script, tenant=tenant)

    async def in_step(self, scripts: Sequence[Script[Any]], tenant: str) -> list[Any]:
        """For `together`: run the scripts in one transaction; raises `NotCommitted` if it was rolled back."""
        decided = False
        try:
            async with self._transaction(tenant, "") as connection:

                async def send(ops: Sequence[tuple[int, Op]]) -> Sequence[Result]:
                    return await self._execute_alike(connection, [op for _, op in ops], tenant)

                values = await drive(scripts, send)
                decided = True
            return values
        except Exception as error:
            if decided:
                raise  # the commit itself failed, so it may have taken place
            raise NotCommitted from error

    async def fetch(
        self,
        statement: sa.Executable,
        params: Mapping[str, Any] | None = None,
        *,
        tenant: str,
        confined: bool = False,
    ) -> Sequence[Any]:
        """Read in a read-only transaction under the tenant's role and policies."""
        async with self._transaction(tenant, _READING) as connection:
            return (await self._execute(connection, Op(statement, params, tenant if confined else None))).rows

    async def scrub(self) -> None:
        """Nothing: what was deleted is seen by nobody, and its bytes go with the next vacuum."""

    async def close(self) -> None:
        """Wait for the transactions in progress, then close the connections; more calls do nothing."""
        self._closed = True
        await self._pool.close()

    @asynccontextmanager
    async def _transaction(self, tenant: str, mode: str) -> AsyncIterator[Connection]:
        if self._closed:
            raise StorageError(f"the database {self._name} is closed")
        try:
            async with self._pool.acquire() as connection:
                try:
                    # one message: a parameter would cost a round trip more
                    await connection.execute(f"BEGIN {mode};{_session(tenant, mode)}")
                    yield connection
                    await connection.execute("COMMIT")
                except BaseException:
                    if not connection.is_closed():
                        await connection.execute("ROLLBACK")
                    raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise _translate(error, "") from error

    async def _drive(self, connection: Connection, script: Script[T], tenant: str) -> T:
        try:
            op = next(script)
            while True:
                _check_tenant(op, tenant)
                op = script.send(await self._execute(connection, op))
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def _execute(self, connection: Connection, op: Op) -> Result:
        statements = self._own if op.tenant is None else self._plugins
        params = op.params
        try:
            if params is None or isinstance(params, Mapping):
                return await _run(connection, statements.prepare(op.statement, params), params, op.tenant)
            if not params:
                return Result((), 0)
            prepared = statements.prepare_all(op.statement, params)
            if prepared.rendered.plain_insert and not prepared.rendered.returns_rows:
                bound = [prepared.bind(one, op.tenant) for one in params]
                await connection.executemany(bound[0][0], [values for _, values in bound])
                return Result((), len(bound))
            results = [await _run(connection, prepared, one, op.tenant) for one in params]
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise _translate(error, table_of(op.statement)) from error
        return Result([row for result in results for row in result.rows], sum(result.rowcount for result in results))

    async def _execute_alike(self, connection: Connection, ops: Sequence[Op], tenant: str) -> Sequence[Result]:
        """Statements that differ in their values only, in one round trip, each with its own result."""
        first = ops[0]
        if len(ops) == 1:
            _check_tenant(first, tenant)
            return [await self._execute(connection, first)]
        params: Sequence[Mapping[str, Any]] = [op.params for op in ops]  # type: ignore[misc]  # `drive` saw that they are
        prepared = self._own.prepare(first.statement, params[0])
        try:
            if prepared.rendered.expanding or prepared.rendered.returns_rows is None:
                return [await self._execute(connection, op) for op in ops]
            if prepared.rendered.plain_insert and not prepared.rendered.returns_rows:
                sql, _ = prepared.bind(params[0], None)
                await connection.executemany(sql, [prepared.bind(each, None)[1] for each in params])
                return [Result((), 1)] * len(ops)
            statement = self._tag(first.statement)
            tagged = self._own.prepare(statement, {**params[0], _TAG: 0})
            bound = [tagged.bind({**each, _TAG: n}, None) for n, each in enumerate(params)]
            raw = await connection.fetchmany(bound[0][0], [values for _, values in bound])
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise _translate(error, table_of(first.statement)) from error
        own: list[list[Any]] = [[] for _ in ops]
        for record in raw:
            own[record[-1]].append(record[:-1])
        if not prepared.rendered.returns_rows:
            return [Result((), len(rows)) for rows in own]
        names = list(raw[0].keys())[:-1] if raw else []
        return [Result(prepared.rendered.rows(rows, names) if rows else (), len(rows)) for rows in own]

    def _tag(self, statement: Any) -> Any:
        """The statement with one more column: which of the many that go together a row belongs to."""
        tagged = self._tagged.get(statement)
        if tagged is None:
            column = sa.cast(sa.bindparam(_TAG, type_=sa.Integer), sa.Integer).label(_TAG)
            tagged = statement.add_columns(column) if statement.is_select else statement.returning(column)
            self._tagged[statement] = tagged
        return tagged


def _check_tenant(op: Op, tenant: str) -> None:
    if op.tenant is not None and (op.tenant != tenant or not tenant):
        raise CrossTenantStatement(
            f"{table_of(op.statement)}: a statement for tenant {op.tenant!r} in a transaction of {tenant!r}"
        )


async def _run(
    connection: Connection, prepared: Prepared, params: Mapping[str, Any] | None, tenant: str | None
) -> Result:
    sql, values = prepared.bind_expected(params, tenant)
    rendered = prepared.rendered
    if rendered.returns_rows is False:
        return Result((), _touched(await connection.execute(sql, *values)))
    if rendered.returns_rows and rendered.expanding and len(values) > _MANY:
        # A kept plan may be of when the table was small: for each of hundreds of values it would read the whole of it.
        raw = await (await connection.prepare(sql)).fetch(*values)
    elif rendered.returns_rows:
        raw = await connection.fetch(sql, *values)
    else:  # text(): only the server knows
        statement = await connection.prepare(sql)
        raw = await statement.fetch(*values)
        if not statement.get_attributes():
            return Result((), _touched(statement.get_statusmsg() or ""))
    if not raw:
        return Result((), 0)
    rows = rendered.rows(raw, list(raw[0].keys()))
    return Result(rows, len(rows))


def _touched(status: str) -> int:
    """The rows of a command tag such as "UPDATE 3" or "INSERT 0 1"."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else -1


def _dialect() -> sa.Dialect:
    dialect: sa.Dialect = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy left it untyped
    return dialect


async def _initialise(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    # SQLAlchemy's JSON types encode by themselves and expect the driver to decode
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=json.loads)


async def _keep(_connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Nothing that a transaction sets outlives it, so the driver's own reset, a round trip, is not needed."""


def _session(tenant: str, mode: str) -> str:
    """What puts the transaction under the tenant's role and policies, or under the sweep's, which may only read.

    What is written for no tenant are rows that are none's: the server's keys.
    """
    reads_all = tenant == EVERY_TENANT and mode == _READING
    return f"SET LOCAL ROLE {SWEEP_ROLE}" if reads_all else session_statements(tenant)


def _translate(error: BaseException, table: str) -> StorageError:
    """A driver's error as a StorageError that names the table and the cause."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        reason = str(error.args[0])  # without DETAIL, which quotes rows: customers' data
        if state.startswith("23"):
            return ConstraintViolated(table, reason)
        if isinstance(error, asyncpg.exceptions.CharacterNotInRepertoireError):
            return CharacterRefused(table, reason)
        # a migration ran since the statement was prepared: the driver prepares it anew the next time
        stale = isinstance(error, asyncpg.exceptions.InvalidCachedStatementError)
        undone = stale or state in _UNDONE
        retryable = undone or state in _RETRYABLE or state.startswith("08")
        return StatementFailed(table, reason, retryable=retryable, undone=undone)
    lost = isinstance(error, OSError) or "connection" in str(error)
    return StatementFailed(table, str(error) or type(error).__name__, retryable=lost)
