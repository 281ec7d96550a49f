"""The command `hookline records`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .place import Place, place_options


@click.group("records")
def records_group() -> None:
    """Look after a tenant's own records: customers, products, claims."""


@records_group.command("list")
@place_options(tenant=True)
def list_types(place: Place, tenant: str) -> None:
    """The kinds of records that there are, and how many of each."""
    found = place.run("records.list", tenant)
    width = max((len(one["type"]) for one in found), default=0)
    for one in found:
        click.echo(
            f"{one['type']:<{width}}  {one['records']:>9}  {'key: ' + one['key'] if one['key'] else ''}".rstrip()
        )
    if not found:
        click.echo(f"tenant {tenant} has no records", err=True)


@records_group.command("import")
@place_options(tenant=True)
@click.argument("type_", metavar="TYPE")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Look at the file, and store nothing.")
@click.option("--skip", is_flag=True, help="Leave lines with mistakes out, and import the others.")
@click.option("--encoding", default="", help="The file's encoding.  [default: found out]")
def import_file(place: Place, tenant: str, type_: str, file: Path, dry_run: bool, skip: bool, encoding: str) -> None:
    """Take in a CSV file: lines are recognised by the type's key; exit status 1 where a line has a mistake."""
    given = {"type": type_, "file": str(file.absolute()), "dry_run": dry_run, "skip": skip, "encoding": encoding}
    report = place.run("records.import", tenant, given)
    for mistake in report["mistakes"]:
        column = f", column {mistake['column']} ({mistake['field']})" if mistake["column"] else ""
        click.echo(f"{file}: line {mistake['line']}{column}: {mistake['detail']}", err=True)
    click.echo(_told(report))
    if report["wrong"]:
        raise click.exceptions.Exit(1)


@records_group.command("export")
@place_options(tenant=True)
@click.argument("type_", metavar="TYPE")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: print it]")
def export_file(place: Place, tenant: str, type_: str, output: Path | None) -> None:
    """Give the records out as CSV."""
    out = output.open("w", encoding="utf-8", newline="") if output else sys.stdout

    def write(told: Mapping[str, Any]) -> None:
        out.write(told["csv"])

    try:
        place.run("records.export", tenant, {"type": type_}, write)
    finally:
        if output:
            out.close()


def seed(place: Place, tenant: str) -> None:
    """Add what the tenant begins with, and say how many of each."""
    found: Mapping[str, Any] = place.run("records.seed", tenant)
    for address, report in found.items():
        click.echo(f"{address}: {report['created']} added, {report['unchanged']} there already")
    if not found:
        click.echo(f"tenant {tenant} has no records to begin with", err=True)


@records_group.command("seed")
@place_options(tenant=True)
def seed_records(place: Place, tenant: str) -> None:
    """Add the records that the tenant begins with; those that are there stay as they are."""
    seed(place, tenant)


@records_group.command("migration")
@click.argument("plugin")
def print_migration(plugin: str) -> None:
    """Print what a migration does that makes the tables of PLUGIN's records."""
    from .catalogue import Catalogue
    from .recordcommands import migration

    click.echo(migration(Catalogue.load().get(plugin).records))


def _told(report: Mapping[str, Any]) -> str:
    counts = (
        f"{report['lines']} lines: {report['created']} new, {report['changed']} changed, "
        f"{report['unchanged']} unchanged, {report['wrong']} with mistakes"
    )
    if report["stored"]:
        return counts
    return f"{counts}; {'nothing was stored' if report['wrong'] or report['dry_run'] else 'there was nothing to store'}"
