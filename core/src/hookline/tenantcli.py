"""The command `hookline tenant`."""

from __future__ import annotations

import json

import click

from . import recordcli
from .place import Place, place_options


@click.group("tenant")
def tenant_group() -> None:
    """See how a tenant is configured, and prepare it."""


@tenant_group.command("show")
@click.argument("name", default="")
@click.option("--all", "everything", is_flag=True, help="Also what has its default.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@place_options()
def show(place: Place, name: str, everything: bool, as_json: bool) -> None:
    """Print the configuration of tenant NAME as it is in force: from its file, the environment, `--set` and the admin API.

    A secret is said to be set or not, and by which variable; its value is never shown.
    """
    found = [one for one in place.run("config", place.one_tenant(name)) if everything or not one["default"]]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    width = max((len(one["key"]) for one in found), default=0)
    for one in found:
        click.echo(f"{one['key']:<{width}}  {one['value']}{'  # default' if one['default'] else ''}")


@tenant_group.command("seed")
@click.argument("name")
@place_options()
def seed(place: Place, name: str) -> None:
    """Add the records that tenant NAME begins with; those that are there stay as they are."""
    recordcli.seed(place, place.one_tenant(name))
