"""Brings the schema up to date at a start; Alembic, whose import takes longer than a start may, only where it must."""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from .db import normalise_url
from .plugin import Plugin


def prepare(url: str, plugins: Iterable[Plugin] = ()) -> None:
    """Migrate an embedded database, if it needs it; another must have been migrated.  Raises `MigrationError`."""
    plugins = list(plugins)
    parsed = normalise_url(url)
    embedded = parsed.drivername == "sqlite"
    if embedded and is_current(Path(parsed.database or ""), plugins):
        return
    from . import migrate

    if embedded:
        migrate.upgrade(url, plugins)
    else:
        migrate.check(url, plugins)


def is_current(file: Path, plugins: Iterable[Plugin]) -> bool:
    """Whether every history is at its head: a migration's file name begins with its revision, and they are linear.

    `hookline check` holds plugins to that.  False also for a file that is not there or can't be read; `migrate` then
    says what is wrong.
    """
    if not file.exists():
        return False
    histories = {"hookline_version": "hookline.migrations"}
    histories |= {f"hookline_version_{plugin.name}": plugin.migrations for plugin in plugins if plugin.migrations}
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return False
    try:
        return all(_revision(connection, table) == _head(package) for table, package in histories.items())
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def _revision(connection: sqlite3.Connection, table: str) -> str:
    rows = connection.execute(f"SELECT version_num FROM {table}").fetchall()  # noqa: S608  the name of a plugin, checked
    return str(rows[0][0]) if len(rows) == 1 else ""


def _head(package: str) -> str:
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    versions = [file.stem.split("_")[0] for place in places for file in (Path(place) / "versions").glob("[0-9]*_*.py")]
    return max(versions, default="unknown")
