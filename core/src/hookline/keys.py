"""`hookline key`: API keys, made, listed and revoked."""

from __future__ import annotations

import click

from .place import Place, place_options, shown_time


@click.group("key")
def key_group() -> None:
    """API keys."""


_server_key = click.option("--server", is_flag=True, help="A key of the whole server, for every tenant.")


@key_group.command("create")
@click.option("--name", required=True, help="Whose key it is, to know later which one to revoke.")
@click.option("--role", type=click.Choice(["admin", "agent", "viewer"]), required=True, help="What it opens.")
@_server_key
@place_options(tenant=True, optional=True)
def key_create(place: Place, tenant: str, name: str, role: str, server: bool) -> None:
    """Make a key and show it, this once."""
    made = place.run("key.create", _whose(place, tenant, server=server), {"name": name, "role": role})
    click.echo(made["key"])
    click.echo(f"id {made['id']}, role {made['role']}; it is stored as a digest only, so keep it now", err=True)


@key_group.command("list")
@_server_key
@place_options(tenant=True, optional=True)
def key_list(place: Place, tenant: str, server: bool) -> None:
    """List the keys, without their text."""
    for key in place.run("key.list", _whose(place, tenant, server=server)):
        state = "" if key["revoked_at"] is None else f"  revoked {shown_time(key['revoked_at'])}"
        click.echo(f"{key['id']}  {key['role']:<6}  {shown_time(key['created_at'])}  {key['name']}{state}")


@key_group.command("revoke")
@click.argument("key_id", metavar="ID")
@_server_key
@place_options(tenant=True, optional=True)
def key_revoke(place: Place, tenant: str, key_id: str, server: bool) -> None:
    """Make a key useless, from the next request on."""
    place.run("key.revoke", _whose(place, tenant, server=server), {"id": key_id})
    click.echo(f"revoked {key_id}")


def _whose(place: Place, tenant: str, *, server: bool) -> str:
    if server and tenant:
        raise click.UsageError("--server and --tenant can't both be")
    return "" if server else place.one_tenant(tenant)
