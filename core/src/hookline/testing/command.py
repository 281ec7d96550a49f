"""`hookline test`: conversation files from the command line."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from hookline.catalogue import Catalogue
from hookline.errors import HooklineError
from hookline.place import Place, place_options


@click.command("test")
@place_options()
@click.argument("tenant")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def test_command(place: Place, tenant: str, files: tuple[Path, ...]) -> int:
    """Run TENANT's conversations/*.yaml, or these FILES, against the tenant as it is configured."""
    try:
        from .runner import run_conversations
    except ImportError as error:
        raise HooklineError(f"{error}; install the test kit: pip install 'hookline[testing]'") from error

    verdicts = asyncio.run(run_conversations(place.folder(tenant), Catalogue.load(), os.environ, files))
    for verdict in verdicts:
        click.echo(f"{'FAILED' if verdict.failures else 'passed'}  {verdict.name}  ({verdict.file})")
        for text in verdict.failures:
            click.echo(f"        {text}")
    failed = sum(bool(verdict.failures) for verdict in verdicts)
    click.echo(f"{len(verdicts) - failed} passed, {failed} failed")
    return 1 if failed else 0
