"""`hookline db`: the database's schema, looked at and changed."""

from __future__ import annotations

from collections.abc import Callable

import click

from .place import Place, place_options


@click.group("db")
def database_group() -> None:
    """The database's schema."""


@database_group.command("upgrade")
@place_options()
def db_upgrade(place: Place) -> None:
    """Bring the schema to what this version needs: the core's first, then each plugin's."""
    from . import migrate
    from .catalogue import Catalogue

    def upgrade(url: str) -> None:
        before = migrate.upgrade(url, Catalogue.load().plugins)
        for row in before:
            click.echo(
                f"{row.name:<16} {row.current or '-'} -> {row.head}"
                if row.current != row.head
                else f"{row.name:<16} {row.head} (nothing to do)"
            )

    _with_database(place, upgrade)


@database_group.command("status")
@place_options()
def db_status(place: Place) -> None:
    """Show where each history stands; exit status 1 if one is behind."""
    from . import migrate
    from .catalogue import Catalogue

    rows = migrate.status(place.database_url(), Catalogue.load().plugins)
    for row in rows:
        behind = "" if row.current == row.head else f"  behind: {row.head} is needed; run `hookline db upgrade`"
        click.echo(f"{row.name:<16} {row.current or '-'}{behind}")
    if any(row.current != row.head for row in rows):
        raise click.exceptions.Exit(1)


@database_group.command("purge")
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
@place_options()
def db_purge(place: Place, plugin: str, yes: bool) -> None:
    """Drop all tables of PLUGIN, with all their rows, for all tenants."""
    from . import migrate

    if not yes:
        click.confirm(f"Drop all tables of {plugin!r} in {_safe(place.database_url())}, for all tenants?", abort=True)

    def purge(url: str) -> None:
        click.echo(f"dropped {', '.join(migrate.purge(url, plugin))}")

    _with_database(place, purge)


def _with_database(place: Place, act: Callable[[str], None]) -> None:
    """Act on the database while no server holds an embedded one."""
    from .folder import DataFolder

    url = place.database_url()
    if url.startswith("sqlite:"):
        with DataFolder(place.data):
            act(url)
            place.note_database(url)
    else:
        act(url)


def _safe(url: str) -> str:
    from .db import normalise_url

    return normalise_url(url).render_as_string()
