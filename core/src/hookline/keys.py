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
@click.option(
    "--role", type=click.Choice(["viewer", "agent", "supervisor", "admin"]), required=True, help="What it opens."
)
@click.option("--scope", "scopes", multiple=True, metavar="AREA:read|write", help="Only that of it; repeatable.")
@click.option("--expires", default="", metavar="DATE", help="Until when it works, as 2027-01-31.  [default: for ever]")
@_server_key
@place_options(tenant=True, optional=True)
def key_create(
    place: Place, tenant: str, name: str, role: str, scopes: tuple[str, ...], expires: str, *, server: bool
) -> None:
    """Make a key and show it, this once."""
    told = {"name": name, "role": role, "scopes": scopes, "expires": expires}
    made = place.run("key.create", _whose(place, tenant, server=server), told)
    click.echo(made["key"])
    click.echo(f"id {made['id']}, role {made['role']}; it is stored as a digest only, so keep it now", err=True)


@key_group.command("list")
@_server_key
@place_options(tenant=True, optional=True)
def key_list(place: Place, tenant: str, server: bool) -> None:
    """List the keys, without their text."""
    for key in place.run("key.list", _whose(place, tenant, server=server)):
        state = f"  {' '.join(key['scopes'])}" if key["scopes"] else ""
        for word in ("used", "expires", "revoked"):
            at = key[f"{word}_at"]
            state += f"  {word} {shown_time(at)}" if at is not None else ""
        click.echo(f"{key['id']}  {key['role']:<10}  {shown_time(key['created_at'])}  {key['name']}{state}")


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
