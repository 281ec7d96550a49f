"""The commands `hookline flows …`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click

from hookline.place import Place, place_options


def _quiet() -> None:
    """What the report or the talk is about stands alone: of the log only what went wrong."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))


@click.group()
def flows() -> None:
    """Draw a tenant's flows, play them, and see which of their ways the conversation files walk."""


@flows.command()
@place_options(tenant=True)
@click.argument("flow")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: FLOW.svg]")
def draw(place: Place, tenant: str, flow: str, output: Path | None) -> None:
    """Draw FLOW, a name or a file, as an SVG picture."""
    from .picture import draw as drawn
    from .rehearsal import pictured

    name, found = pictured(place.folder(tenant), flow)
    file = output or Path(f"{name}.svg")
    file.write_text(drawn(name, found), encoding="utf-8")
    click.echo(f"{file}: {len(found.steps)} steps")


@flows.command()
@place_options()
@click.argument("tenant")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def coverage(place: Place, tenant: str, files: tuple[Path, ...]) -> int:
    """Hold TENANT's conversations (or FILES) and say which steps and ways of its flows they never take; exit status 1 for any."""
    from hookline.catalogue import Catalogue

    from .rehearsal import measure

    _quiet()
    found, verdicts = asyncio.run(measure(place.folder(tenant), Catalogue.load(), dict(os.environ), files))
    failed = [verdict for verdict in verdicts if verdict.failures]
    for verdict in failed:
        click.echo(f"FAILED  {verdict.name}  ({verdict.file}): {verdict.failures[0]}", err=True)
    for one in found:
        click.echo(f"{one.flow}: {one.steps_walked} of {one.steps} steps, {one.ways_walked} of {one.ways} ways")
        for text in one.missing:
            click.echo(f"  {text}")
    return 1 if failed or not all(one.whole for one in found) else 0


@flows.command()
@place_options(tenant=True)
@click.argument("flow")
@click.option("--language", default="", help="The customer's language.  [default: the tenant's]")
def run(place: Place, tenant: str, flow: str, language: str) -> None:
    """Play FLOW, a name or a file, in the terminal, against the tenant's own code; nothing of it is kept."""
    from hookline.catalogue import Catalogue

    from .rehearsal import play

    _quiet()

    def tell(text: str, buttons: Sequence[str]) -> None:
        click.echo(f"\n{text}")
        if buttons:
            click.echo("  ".join(f"[{label}]" for label in buttons))

    def hear() -> str | None:
        try:
            return str(click.prompt(">", prompt_suffix=" "))
        except click.Abort:
            return None

    ended = asyncio.run(
        play(place.folder(tenant), Catalogue.load(), dict(os.environ), flow, language=language, hear=hear, tell=tell)
    )
    click.echo(f"\nended: {ended}" if ended else "\nnot over")
