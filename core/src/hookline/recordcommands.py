"""`hookline records`: what there is, CSV in and out, a tenant's first records, and the migration for new types."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .control import Commands
from .errors import BadRequest
from .fixtures import as_csv
from .plugin import Progress
from .recordcsv import Import, Manner, Mistake, Report, export
from .records import RecordType
from .recordstore import Records

if TYPE_CHECKING:
    from .runtime import Runtime
    from .tenant import Tenant

BY = "command line"


def register_records(commands: Commands, runtime: Runtime) -> None:
    """What `hookline records` has a process do."""

    async def list_(tenant: str, _given: Mapping[str, Any], _progress: Progress) -> Any:
        with runtime.tenants.get(tenant).acquire() as snapshot:
            found = [Records(snapshot.core, plugin, kind) for plugin, kind in snapshot.core.records]
            return [
                {"type": one.address, "key": one.kind.key, "records": (await one.page(one.asked({"limit": ["0"]})))[1]}
                for one in found
            ]

    async def take_in(tenant: str, given: Mapping[str, Any], progress: Progress) -> Any:
        with runtime.tenants.get(tenant).acquire() as snapshot:
            records = _named(snapshot.core, str(given["type"]))
            manner = Manner(
                encoding=str(given.get("encoding", "")),
                dry_run=bool(given.get("dry_run")),
                skip=bool(given.get("skip")),
                fixed=True,
            )
            report = await _import(records, Path(str(given["file"])), manner, progress)
            return attrs.asdict(report)

    async def give_out(tenant: str, given: Mapping[str, Any], progress: Progress) -> Any:
        with runtime.tenants.get(tenant).acquire() as snapshot:
            records = _named(snapshot.core, str(given["type"]))
            async for text in export(records):
                progress({"csv": text})
            return None

    async def seed(tenant: str, _given: Mapping[str, Any], progress: Progress) -> Any:
        with runtime.tenants.get(tenant).acquire() as snapshot:
            return {
                address: attrs.asdict(report) for address, report in (await seeded(snapshot.core, progress)).items()
            }

    for name, handler in (
        ("records.list", list_),
        ("records.import", take_in),
        ("records.export", give_out),
        ("records.seed", seed),
    ):
        commands.register(name, handler)


async def seeded(tenant: Tenant, progress: Progress = lambda _told: None) -> dict[str, Report]:
    """Add the records that the tenant begins with, from its types' `seed` files, where they are not there yet.

    What is there stays as it is, so that repeating it is harmless.  Raises BadRequest naming the file and its mistakes.
    """
    done: dict[str, Report] = {}
    for plugin, kind in tenant.records:
        if not kind.seed or tenant.folder is None:
            continue
        records = Records(tenant, plugin, kind, BY)
        file = tenant.folder / kind.seed
        if file.suffix == ".json":
            report = await _import_json(records, file, progress)
        else:
            report = await _import(records, file, Manner(add=True, fixed=True), progress)
        if report.wrong:
            lines = "\n".join(f"{file}: {_told(file, kind, mistake)}" for mistake in report.mistakes)
            raise BadRequest(f"{records.address} was not filled:\n{lines}")
        done[records.address] = report
    return done


async def _import_json(records: Records, file: Path, progress: Progress) -> Report:
    """From a file with the records of all types."""
    with tempfile.TemporaryDirectory(prefix="hookline-seed-") as scratch:
        lines = Path(scratch) / f"{records.kind.name}.csv"
        await asyncio.to_thread(lambda: lines.write_text(as_csv(file, records.kind), encoding="utf-8"))
        return await _import(records, lines, Manner(encoding="utf-8", add=True, fixed=True), progress)


def _told(file: Path, kind: RecordType, mistake: Mistake) -> str:
    """A mistake as it stands in the file: a JSON file has records, not lines."""
    if file.suffix != ".json":
        return str(mistake)
    return (
        f"{kind.name} no. {mistake.line - 1}" + (f", {mistake.field}" if mistake.field else "") + f": {mistake.detail}"
    )


async def _import(records: Records, file: Path, manner: Manner, progress: Progress) -> Report:
    await asyncio.to_thread(_check, file)
    return await Import(records, file, manner, lambda lines: progress({"lines": lines})).run()


def _check(file: Path) -> None:
    if not file.is_file() or not os.access(file, os.R_OK):
        raise BadRequest(f"{file} is no file that can be read")


def _named(tenant: Tenant, name: str) -> Records:
    """The type of that name, "claim" or "tenant_tokosel/claim"; raises BadRequest with those that there are."""
    found = [(p, k) for p, k in tenant.records if name in (k.name, f"{p}/{k.name}")]
    if len(found) != 1:
        known = ", ".join(f"{plugin}/{kind.name}" for plugin, kind in tenant.records) or "none"
        raise BadRequest(f"{name!r} names {len(found) or 'no'} kinds of records here; there are: {known}")
    ((plugin, kind),) = found
    return Records(tenant, plugin, kind, BY)


def migration(kinds: tuple[RecordType, ...]) -> str:
    """What a migration that makes the tables of these types has to do, as Python."""
    from alembic.autogenerate import render_python_code
    from alembic.operations.ops import CreateIndexOp, CreateTableOp, UpgradeOps
    from sqlalchemy.types import TypeDecorator

    def render(what: str, value: Any, _context: Any) -> Any:
        if what == "type" and isinstance(value, TypeDecorator):
            return f"sa.{type(value.impl_instance).__name__}()"
        return False

    operations: list[Any] = []
    for kind in kinds:
        operations.append(CreateTableOp.from_table(kind.table))
        indexes = sorted(kind.table.indexes, key=lambda index: str(index.name))
        operations += [CreateIndexOp.from_index(index) for index in indexes]
    return render_python_code(UpgradeOps(operations), render_item=render)
