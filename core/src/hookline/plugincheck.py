"""What `hookline check` learns from the imported plugin (its declaration and tables) and from its migrations.

The import happens in a process of its own: a plugin that is broken, slow or noisy can't harm the check, and two
folders with packages of one name don't meet.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .check import Problem
from .plugin import Plugin

if TYPE_CHECKING:
    import sqlalchemy as sa

    from .check import Folder

LIMIT = 120.0  # seconds for importing all plugins: heavy libraries on a slow machine
CONTACT_COLUMNS = {"contact", "contact_id"}
DATA_HOOKS = ("export_contact", "erase_contact")
NOT_DEFERRED = (
    "leave deferrable and initially out: it would be checked at the commit, and SQLite commits the turns of all "
    "conversations together, so that one broken row would fail them all"
)
NO_ROLLBACK = "leave it out: SQLite would roll back the turns of all conversations that are committed together with the broken row"


# -- in the child process -------------------------------------------------------------------------------------------


def inspect_plugin(name: str, package: str, source: str) -> list[tuple[str, str, str]]:
    """Import one plugin; each finding is (the module and text to look for in it, what, remedy)."""
    import importlib

    sys.path.insert(0, source)
    try:
        plugin = getattr(importlib.import_module(package), "plugin", None)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        return [
            ("__init__:", f"can't be imported: {type(error).__name__}: {error}", "mend it, or install what it needs")
        ]
    finally:
        sys.path.remove(source)
    if not isinstance(plugin, Plugin):
        return [
            ("__init__:plugin", f"plugin is a {type(plugin).__name__}", f'write plugin = Plugin("{name}", hooks=...)')
        ]
    return list(findings(name, package, plugin))


def findings(name: str, package: str, plugin: Plugin) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the declaration and the tables of an imported plugin."""
    if plugin.name != name:
        yield "__init__:Plugin(", f"the plugin calls itself {plugin.name!r}", f"its folder says {name!r}; use one name"
    if not attrs.has(plugin.config):
        yield "config:class", f"{plugin.config.__name__} is no attrs class", "put @attrs.frozen above it"
    tables = [] if plugin.metadata is None else plugin.metadata.sorted_tables
    if tables and plugin.migrations != f"{package}.migrations":
        remedy = f'write migrations="{package}.migrations"'
        yield "__init__:Plugin(", "has tables and names no migrations", remedy
    if plugin.migrations and not tables:
        yield "__init__:Plugin(", "names migrations and has no tables", "pass metadata=metadata, or drop migrations"
    for table in tables:
        for what, remedy in table_findings(name, table):
            yield f'models:"{table.name}"', f"table {table.name} {what}", remedy
    holding = [table.name for table in tables if CONTACT_COLUMNS & set(table.columns.keys())]
    lacking = [hook for hook in DATA_HOOKS if not hasattr(tenant_hooks(package), hook)]
    if holding and lacking:
        what = f"table {holding[0]} holds contacts' data, and {' and '.join(lacking)} is not implemented"
        yield "hooks:class TenantHooks", what, "implement both: a contact's data must be found and removed everywhere"


def tenant_hooks(package: str) -> object:
    """The class with the plugin's tenant hooks; None where it has none."""
    import importlib

    return getattr(importlib.import_module(f"{package}.hooks"), "TenantHooks", None)


def table_findings(name: str, table: sa.Table) -> Iterator[tuple[str, str]]:
    """One table: its name, and the tenant in each key."""
    import sqlalchemy as sa

    if not table.name.startswith(f"{name}_"):
        yield "lacks the plugin's prefix", f"name it {name}_{table.name}"
    if "tenant" not in table.primary_key.columns:
        yield "has a primary key without tenant", 'write PrimaryKeyConstraint("tenant", ...)'
    unique = [list(key.columns.keys()) for key in table.constraints if isinstance(key, sa.UniqueConstraint)]
    unique += [list(index.columns.keys()) for index in table.indexes if index.unique]
    for columns in unique:
        if "tenant" not in columns:
            yield f"has a UNIQUE without tenant ({', '.join(columns)})", "put tenant first in it"
    for foreign in table.foreign_key_constraints:
        target = foreign.referred_table.name
        if "tenant" not in foreign.column_keys:
            yield f"has a foreign key to {target} without tenant", "make it (tenant, id)"
        if foreign.deferrable or (foreign.initially or "").upper() == "DEFERRED":
            yield f"has a DEFERRABLE foreign key to {target}", NOT_DEFERRED
    parts = [*table.constraints, *table.columns]
    if any(str(value).upper() == "ROLLBACK" for part in parts for value in part.dialect_kwargs.values()):
        yield "has a constraint with ON CONFLICT ROLLBACK", NO_ROLLBACK


def main() -> None:
    """Read [name, package, source] of each plugin from the arguments, print the findings of each as JSON."""
    wanted: list[tuple[str, str, str]] = json.loads(sys.argv[1])
    answer = json.dumps([inspect_plugin(*one) for one in wanted])
    sys.stdout.write(f"\n{answer}\n")  # on a line of its own, whatever the plugins printed


# -- in the check's own process -------------------------------------------------------------------------------------


def check_imported(folders: list[Folder]) -> Iterator[Problem]:
    """Import all plugins in one child process and tell what is wrong with them."""
    if not folders:
        return
    wanted = json.dumps([(folder.name, folder.package, str(folder.path / "src")) for folder in folders])
    command = [sys.executable, "-c", "from hookline.plugincheck import main; main()", wanted]
    try:
        result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        where = folders[0].path if len(folders) == 1 else folders[0].path.parent
        yield Problem(where, 1, f"importing takes longer than {LIMIT:g} s", "do no work at import time")
        return
    if result.returncode:
        last = (result.stderr.strip().splitlines() or [f"exit status {result.returncode}"])[-1]
        yield Problem(
            folders[0].path, 1, f"importing ends the process: {last}", "import plugins one by one to see which"
        )
        return
    for folder, found in zip(folders, json.loads(result.stdout.splitlines()[-1]), strict=True):
        for place, what, remedy in found:
            module, _, needle = place.partition(":")
            path = folder.source / f"{module}.py"
            yield Problem(path, line_of(path, needle), what, remedy)


def line_of(path: Path, needle: str) -> int:
    """The first line of the file that holds the text; 1 where none does."""
    if not needle or not path.exists():
        return 1
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if needle in line), 1)


@attrs.frozen
class Revision:
    """One migration, as its file declares it; `down` is None for the first."""

    path: Path
    id: Any
    down: Any


def revisions(folder: Folder) -> list[Revision]:
    """The migrations in the plugin's folder, by file name."""
    found = []
    for path in sorted((folder.source / "migrations" / "versions").glob("*.py")):
        values: dict[str, Any] = {}
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError:
            continue  # told by `codecheck`
        for node in tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and value and target.id in ("revision", "down_revision"):
                with contextlib.suppress(ValueError):  # not written out: `values` lacks it
                    values[target.id] = ast.literal_eval(value)
        if "revision" in values:
            found.append(Revision(path, values["revision"], values.get("down_revision")))
    return found


def check_migrations(folder: Folder) -> Iterator[Problem]:
    """One history, without branches or gaps: each revision follows exactly one, and one is the last."""
    place = folder.source / "migrations"
    if not place.is_dir():
        return
    found = revisions(folder)
    if not found:
        yield Problem(place, 1, "holds no revision", "put the first into versions/0001_<what>.py, or remove the folder")
        return
    if not (place / "__init__.py").exists():
        yield Problem(
            place / "__init__.py", 1, "is missing", "migrations is a package: add it with one line of docstring"
        )
    for revision in found:
        yield from check_statements(revision.path)
    known = {revision.id for revision in found}
    followed = Counter(repeats(revision.down for revision in found))
    for revision in found:
        if isinstance(revision.down, tuple | list):
            yield Problem(revision.path, line_of(revision.path, "down_revision"), "merges branches",
                          "a plugin's history is one line: renumber the later branch")  # fmt: skip
        elif revision.down is not None and revision.down not in known:
            yield Problem(revision.path, line_of(revision.path, "down_revision"), f"follows {revision.down!r}, which is not there",
                          "name the revision before it")  # fmt: skip
        elif followed[revision.down] > 1:
            before = f"follow {revision.down!r}" if revision.down is not None else "are the first"
            others = [r.path.name for r in found if r.down == revision.down and r is not revision]
            yield Problem(revision.path, line_of(revision.path, "down_revision"), f"it and {', '.join(others)} both {before}",
                          "a plugin's history is one line: let the later follow the earlier")  # fmt: skip
    for revision_id, count in Counter(revision.id for revision in found).items():
        if count > 1:
            path = next(revision.path for revision in reversed(found) if revision.id == revision_id)
            yield Problem(path, line_of(path, "revision"), f"revision {revision_id!r} is there twice", "renumber one")


def check_statements(path: Path) -> Iterator[Problem]:
    """What a migration must not make, also where the models don't say so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = node.value.upper() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        named = (node.arg or "") if isinstance(node, ast.keyword) and not _is_off(node.value) else ""
        if named in ("deferrable", "initially") or re.search(r"(?<!NOT )\bDEFERRABLE\b|\bINITIALLY DEFERRED\b", text):
            line = getattr(node, "lineno", 1)
            yield Problem(path, line, "makes a DEFERRABLE foreign key", NOT_DEFERRED)
        if re.search(r"\bON CONFLICT ROLLBACK\b|\bRAISE\s*\(\s*ROLLBACK\b", text) or (
            (named.endswith("on_conflict") or "_on_conflict_" in named)
            and isinstance(node, ast.keyword)
            and _says(node.value, "ROLLBACK")
        ):
            yield Problem(path, getattr(node, "lineno", 1), "makes a constraint with ON CONFLICT ROLLBACK", NO_ROLLBACK)


def _is_off(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and (value.value in (None, False) or value.value == "IMMEDIATE")


def _says(value: ast.expr, word: str) -> bool:
    return isinstance(value, ast.Constant) and str(value.value).upper() == word


def repeats(downs: Iterable[Any]) -> Iterator[Any]:
    """The revisions that are followed; a merge follows several."""
    for down in downs:
        if isinstance(down, tuple | list):
            yield from down
        else:
            yield down
