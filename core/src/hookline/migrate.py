"""Bringing the database's schema to what the code needs: the core's history first, then each plugin's, by name.

Each history is linear, lives in `versions/` of its migrations package and has a version table of its own, so a plugin
can come and go without touching the others.  Each is applied in one transaction under a lock that other processes
wait for: what was interrupted has not happened, and what was done twice is done once.

The functions block; from a coroutine call them in a thread.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import create_async_engine

from . import models
from .db import normalise_url
from .errors import MigrationError
from .plugin import Plugin
from .rls import apply_rls, lift_rls

T = TypeVar("T")

CORE = "core"
_LOCK = 0x686F6F6B6C696E65  # "hookline": the advisory lock that upgrades of one PostgreSQL database take
_REMEDY = "run `hookline db upgrade`"


@attrs.frozen
class Status:
    """Where one history stands: `current` in the database ("" before its first), `head` in the code."""

    name: str
    current: str
    head: str


@attrs.frozen
class _History:
    name: str
    package: str
    metadata: sa.MetaData | None

    @property
    def version_table(self) -> str:
        return version_table(self.name)

    def scripts(self) -> ScriptDirectory:
        spec = importlib.util.find_spec(self.package)
        places = list(spec.submodule_search_locations or ()) if spec else []
        if not places:
            raise MigrationError(f"the migrations package {self.package} of {self.name} is not installed")
        scripts = ScriptDirectory(places[0], version_locations=[str(Path(places[0]) / "versions")])
        try:
            heads = scripts.get_heads()
        except Exception as error:
            raise MigrationError(
                f"the migrations of {self.name} in {places[0]} can't be read: {type(error).__name__}: {error}"
            ) from error
        if len(heads) != 1:
            raise MigrationError(f"the migrations of {self.name} need one head, and have {len(heads)}: {heads}")
        return scripts


def version_table(name: str) -> str:
    """The table that holds a history's revision: `hookline_version`, or `hookline_version_<plugin>`."""
    return "hookline_version" if name == CORE else f"hookline_version_{name}"


def upgrade(url: str, plugins: Iterable[Plugin] = ()) -> list[Status]:
    """Apply what is missing, the core's first, and return where each history stood before.

    Raises MigrationError naming the history and the cause; what was applied before it stays.
    """
    return _transactions(url, [_upgrading(history) for history in _histories(plugins)], writing=True)


def downgrade(url: str, plugins: Iterable[Plugin] = ()) -> None:
    """Take every history back to its beginning, plugins before the core: all tables and their rows are gone."""
    _transactions(url, [_downgrading(history) for history in reversed(_histories(plugins))], writing=True)


def status(url: str, plugins: Iterable[Plugin] = ()) -> list[Status]:
    """Where each history stands; writes nothing and makes no file."""
    histories = _histories(plugins)
    parsed = normalise_url(url)
    if parsed.drivername == "sqlite" and not Path(parsed.database or "").exists():
        return [Status(history.name, "", history.scripts().get_current_head() or "") for history in histories]
    return _transactions(url, [_reading(history) for history in histories], writing=False)


def check(url: str, plugins: Iterable[Plugin] = ()) -> None:
    """Raise MigrationError, with the command that mends it, unless every history is at its head."""
    behind = [row for row in status(url, plugins) if row.current != row.head]
    if behind:
        rows = ", ".join(f"{row.name} is at {row.current or 'nothing'} and needs {row.head}" for row in behind)
        raise MigrationError(f"the database's schema is not what this version needs ({rows}): {_REMEDY}")


def purge(url: str, plugin: str) -> list[str]:
    """Drop a plugin's tables with all their rows, and its version table; returns the names of what was dropped.

    The plugin need not be installed any more.  Others stay as they are, also one whose name begins the same.
    Raises MigrationError if the database holds nothing of it.
    """
    return _transactions(url, [lambda connection: _purge(connection, plugin)], writing=True)[0]


def _histories(plugins: Iterable[Plugin]) -> list[_History]:
    own = [_History(plugin.name, plugin.migrations, plugin.metadata) for plugin in plugins if plugin.migrations]
    return [_History(CORE, "hookline.migrations", models.metadata), *sorted(own, key=lambda history: history.name)]


def _context(connection: sa.Connection, history: _History, steps: Any = None) -> MigrationContext:
    return MigrationContext.configure(
        connection, opts={"version_table": history.version_table, "transactional_ddl": True, "fn": steps}
    )


def _current(connection: sa.Connection, history: _History) -> str:
    return _context(connection, history).get_current_revision() or ""


def _reading(history: _History) -> Callable[[sa.Connection], Status]:
    def read(connection: sa.Connection) -> Status:
        return Status(history.name, _current(connection, history), history.scripts().get_current_head() or "")

    return read


def _upgrading(history: _History) -> Callable[[sa.Connection], Status]:
    def apply(connection: sa.Connection) -> Status:
        before = _reading(history)(connection)
        scripts = history.scripts()
        _run(
            connection,
            history,
            [
                MigrationStep.upgrade_from_script(scripts.revision_map, script)
                for script in reversed(_between(history, scripts, before.head, before.current or "base"))
            ],
        )
        return before

    return apply


def _downgrading(history: _History) -> Callable[[sa.Connection], None]:
    def undo(connection: sa.Connection) -> None:
        scripts = history.scripts()
        current = _current(connection, history)
        if current:
            _run(
                connection,
                history,
                [
                    MigrationStep.downgrade_from_script(scripts.revision_map, script)
                    for script in _between(history, scripts, current, "base")
                ],
            )

    return undo


def _between(history: _History, scripts: ScriptDirectory, upper: str, lower: str) -> Sequence[Any]:
    try:
        return list(scripts.iterate_revisions(upper, lower))
    except (CommandError, RevisionError) as error:
        raise MigrationError(
            f"the database's schema of {history.name} was made by another version of it than the one installed: "
            f"{error}; install the newer one"
        ) from error


def _run(connection: sa.Connection, history: _History, steps: Sequence[MigrationStep]) -> None:
    if not steps:
        return
    context = _context(connection, history, lambda _revision, _context: steps)
    metadata = history.metadata or sa.MetaData()
    try:
        lift_rls(connection, metadata)  # a migration that changes rows means those of all tenants
        with Operations.context(context):
            context.run_migrations()
        _check_foreign_keys(connection, history)
        if steps[-1].is_upgrade:
            apply_rls(connection, metadata)
    except MigrationError:
        raise
    except Exception as error:
        cause = getattr(error, "orig", None) or str(error) or type(error).__name__
        raise MigrationError(
            f"a migration of {history.name} failed and was undone: {cause}; mend the cause, then {_REMEDY} again"
        ) from error


def _check_foreign_keys(connection: sa.Connection, history: _History) -> None:
    """SQLite checks none while migrating, so that a table can be rebuilt without losing its children."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise MigrationError(
                f"a migration of {history.name} left a row of {broken[0]} without its parent in {broken[2]}; "
                f"it was undone"
            )


def _purge(connection: sa.Connection, plugin: str) -> list[str]:
    present = set(sa.inspect(connection).get_table_names())
    others = [
        name.removeprefix("hookline_version_")
        for name in present
        if name.startswith("hookline_version_") and name != version_table(plugin)
    ]
    longer = tuple(f"{other}_" for other in others if other.startswith(f"{plugin}_"))
    mine = sorted(name for name in present if name.startswith(f"{plugin}_") and not name.startswith(longer))
    if plugin == CORE or version_table(plugin) not in present:
        raise MigrationError(f"the database holds no tables of a plugin {plugin!r}")
    mine = [name for name in mine if name not in models.metadata.tables]
    quote = connection.dialect.identifier_preparer.quote
    doomed = [*mine, version_table(plugin)]
    if connection.dialect.name == "sqlite":
        for name in doomed:
            connection.exec_driver_sql(f"DROP TABLE {quote(name)}")
    else:
        connection.exec_driver_sql(f"DROP TABLE {', '.join(quote(name) for name in doomed)}")
    return doomed


Work = Callable[[sa.Connection], T]


def _transactions(url: str, works: Sequence[Work[T]], *, writing: bool) -> list[T]:
    """Do each work in a transaction of its own; the first that fails ends it."""
    parsed = normalise_url(url)
    try:
        if parsed.drivername == "sqlite":
            return _on_sqlite(parsed, works, writing=writing)
        return _in_thread(lambda: asyncio.run(_on_postgresql(parsed, works, writing=writing)))
    except (sa.exc.DBAPIError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise MigrationError(f"the database {parsed.render_as_string()} can't be used: {cause}") from error


def _on_sqlite(url: sa.URL, works: Sequence[Work[T]], *, writing: bool) -> list[T]:
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": 60.0})
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes after DDL, too late

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    try:
        done = []
        for work in works:
            with engine.begin() as connection:
                done.append(work(connection))
        return done
    finally:
        engine.dispose()


async def _on_postgresql(url: sa.URL, works: Sequence[Work[T]], *, writing: bool) -> list[T]:
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        done = []
        for work in works:
            async with engine.begin() as connection:
                if writing:
                    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                done.append(await connection.run_sync(work))
        return done
    finally:
        await engine.dispose()


def _in_thread(call: Callable[[], T]) -> T:
    """Call it where no event loop runs, whatever the caller is in."""
    with ThreadPoolExecutor(1, thread_name_prefix="hookline-migrate") as pool:
        return pool.submit(call).result()
