"""`hookline language`: which language a text is taken for."""

from __future__ import annotations

import json

import click

from hookline.place import Place, place_options


@click.group()
def language() -> None:
    """Languages: what a text is taken for."""


@language.command("detect")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@place_options(tenant=True)
def detect(place: Place, tenant: str, text: str, as_json: bool) -> None:
    """The language of TEXT among those of the tenant, and what speaks for it."""
    found = place.run("language.detect", tenant, {"text": text})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if found["foreign"]:
        click.echo(f"{found['language']}: the text is in {found['foreign']!r}, which the tenant does not speak")
    elif not found["tag"]:
        click.echo(f"{found['language']}: the text shows no language; a conversation keeps the one that it has")
    else:
        words = f"{found['evidence']} word{'' if found['evidence'] == 1 else 's'}"
        click.echo(f"{found['tag']}: confidence {found['confidence']:.2f}, {words} for it alone")
