"""`hookline ingest`: done by the server that holds the data folder, where one runs, else here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hookline.errors import BadRequest
from hookline.place import Place, place_options

if TYPE_CHECKING:
    from hookline.plugin import Progress
    from hookline.tenant import Tenant


async def ingest_paths(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The command `rag.ingest`: `paths` of this machine, into `namespace`; returns what became of them."""
    from .folder import take_in

    paths = [Path(str(path)) for path in arguments.get("paths", ())]
    missing = [str(path) for path in paths if not path.exists()]
    if not paths or missing:
        raise BadRequest(
            f"there is no file or folder {', '.join(missing) or 'named'}; give paths that are there", "paths"
        )
    return await take_in(tenant, paths, progress, namespace=str(arguments.get("namespace") or ""))


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--namespace", default="", help="Where to put them.  [default: the tenant's]")
@place_options(tenant=True)
def ingest(place: Place, tenant: str, paths: tuple[str, ...], namespace: str) -> None:
    """Take in files and folders (txt, md, html, pdf, docx, csv, json); the same file again replaces its document.

    Exit status 1 if a file could not be read; the others are in all the same.
    """
    with click.progressbar(length=1, label="taking in", show_eta=False, file=sys.stderr) as bar:

        def show(told: Mapping[str, Any]) -> None:
            if "total" in told:
                bar.length = max(1, int(told["total"]))
                bar.update(int(told["done"]) - bar.pos)

        arguments = {"paths": [str(Path(path).absolute()) for path in paths], "namespace": namespace}
        done = place.run("rag.ingest", tenant, arguments, progress=show)
        bar.update((bar.length or 1) - bar.pos)

    click.echo(f"{done['files']} files: {done['ingested']} documents taken in, {done['unchanged']} unchanged")
    for line in done["failed"]:
        click.echo(f"not taken in: {line}", err=True)
    if done["failed"]:
        raise click.exceptions.Exit(1)
