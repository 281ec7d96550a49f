"""Databases for tests: the tables for a set of plugins are made once in a process, and copied from then on.

Migrating takes a good part of a second, a copy takes milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from hookline import migrate
from hookline.plugin import Plugin

ADDRESS = "HOOKLINE_TEST_POSTGRES"
"""The environment variable with a PostgreSQL database whose user may make databases; theirs are beside it."""

_embedded: dict[tuple[Plugin, ...], Path] = {}
_postgres: dict[tuple[Plugin, ...], str] = {}
_lent: list[str] = []


def embed(file: Path, plugins: Iterable[Plugin]) -> None:
    """Put a SQLite database with the tables of the core and of the plugins there; one that is there stays."""
    if file.exists():
        return
    wanted = _with_tables(plugins)
    if wanted not in _embedded:
        folder = Path(tempfile.mkdtemp(prefix="hookline-tables-"))
        migrate.upgrade(f"sqlite:///{folder / 'hookline.db'}", wanted)
        _embedded[wanted] = folder / "hookline.db"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(_embedded[wanted], file)
    file.chmod(0o600)


@asynccontextmanager
async def postgres_database(plugins: Iterable[Plugin] | None = ()) -> AsyncIterator[str]:
    """The address of a PostgreSQL database of one's own with the tables of the core and of the plugins; then it is dropped.

    With `plugins=None` it is empty.
    """
    name = await _make(plugins)
    try:
        yield _beside(os.environ[ADDRESS], name)
    finally:
        await _drop(name)


async def postgres_for_test(plugins: Iterable[Plugin] | None = ()) -> str:
    """The same, until `clear`: what a test's bots need to its very end, whatever the order of its fixtures."""
    name = await _make(plugins)
    _lent.append(name)
    return _beside(os.environ[ADDRESS], name)


def clear() -> None:
    """Drop what tests were lent: the end of a test."""
    _finish(_lent)


def forget() -> None:
    """Remove what was copied from: the end of a run."""
    while _embedded:
        shutil.rmtree(_embedded.popitem()[1].parent, ignore_errors=True)
    _finish([*_postgres.values()])
    _postgres.clear()


def _finish(names: list[str]) -> None:
    """Drop them on a loop of their own in a thread of its own: the test's own loop is left as it is."""

    async def drop() -> None:
        while names:
            await _drop(names.pop())

    if names:
        thread = threading.Thread(target=asyncio.run, args=[drop()])
        thread.start()
        thread.join()


async def _make(plugins: Iterable[Plugin] | None) -> str:
    """The name of a new database."""
    server = os.environ[ADDRESS]
    model = "" if plugins is None else await _model(server, _with_tables(plugins))
    name = f"hookline_{uuid.uuid4().hex}"
    await _run(server, f"CREATE DATABASE {name}{f' TEMPLATE {model}' if model else ''}")
    return name


async def _drop(name: str) -> None:
    await _run(os.environ[ADDRESS], f"DROP DATABASE {name} WITH (FORCE)")


async def _model(server: str, plugins: tuple[Plugin, ...]) -> str:
    """The name of the database that is copied."""
    if plugins not in _postgres:
        name = f"hookline_tables_{uuid.uuid4().hex}"
        await _run(server, f"CREATE DATABASE {name}")
        try:
            await asyncio.to_thread(migrate.upgrade, _beside(server, name), plugins)
        except BaseException:
            await _drop(name)
            raise
        _postgres[plugins] = name
    return _postgres[plugins]


def _with_tables(plugins: Iterable[Plugin]) -> tuple[Plugin, ...]:
    return tuple(sorted((plugin for plugin in plugins if plugin.migrations), key=lambda plugin: plugin.name))


def _beside(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


async def _run(server: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
