"""`hookline user` and `hookline audit`: accounts of the people who work for a tenant, and what they did."""

from __future__ import annotations

import sys
from typing import Any

import click

from .place import Place, place_options, shown_time

_ROLES = click.Choice(["viewer", "agent", "supervisor", "admin"])


@click.group("user")
def user_group() -> None:
    """Accounts of the people who work for a tenant."""


_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
_by_link = click.option("--link", is_flag=True, help="Print a link with which the person sets the password.")


@user_group.command("create")
@click.argument("email")
@click.option("--role", type=_ROLES, required=True, help="What the account opens.")
@click.option("--name", default="", help="What the person is called.")
@click.option("--phone", default="", help="Their number.")
@click.option("--language", default="", help='The language of their pages, as "hi".')
@_from_stdin
@_by_link
@place_options(tenant=True)
def user_create(
    place: Place,
    tenant: str,
    email: str,
    role: str,
    name: str,
    phone: str,
    language: str,
    *,
    password_stdin: bool,
    link: bool,
) -> None:
    """Make an account; the password is asked for, and is never an argument."""
    password = _password(password_stdin=password_stdin, link=link)
    told = {"email": email, "role": role, "name": name, "phone": phone, "language": language, "password": password}
    made = place.run("user.create", tenant, told)
    click.echo(f"{made['email']} is {made['role']} of {tenant} (id {made['id']})")
    _show_link(made)


@user_group.command("list")
@place_options(tenant=True)
def user_list(place: Place, tenant: str) -> None:
    """List the accounts."""
    for one in place.run("user.list", tenant):
        state = "" if one["active"] else "  deactivated"
        state += "  has no password yet" if one["invited"] else ""
        seen = shown_time(one["seen_at"]) if one["seen_at"] else "never"
        click.echo(f"{one['id']}  {one['role']:<10}  last seen {seen:<16}  {one['email']}  {one['name']}{state}")


@user_group.command("role")
@click.argument("who", metavar="EMAIL")
@click.argument("role", type=_ROLES)
@place_options(tenant=True)
def user_role(place: Place, tenant: str, who: str, role: str) -> None:
    """Give an account another role, from the next request on."""
    changed = place.run("user.change", tenant, {"who": who, "role": role})
    click.echo(f"{changed['email']} is {changed['role']} of {tenant}")


@user_group.command("deactivate")
@click.argument("who", metavar="EMAIL")
@place_options(tenant=True)
def user_deactivate(place: Place, tenant: str, who: str) -> None:
    """Let nobody sign in with an account any more, and end what is signed in."""
    changed = place.run("user.change", tenant, {"who": who, "active": False})
    click.echo(f"{changed['email']} is deactivated")


@user_group.command("activate")
@click.argument("who", metavar="EMAIL")
@place_options(tenant=True)
def user_activate(place: Place, tenant: str, who: str) -> None:
    """Let somebody sign in with a deactivated account again."""
    changed = place.run("user.change", tenant, {"who": who, "active": True})
    click.echo(f"{changed['email']} is active")


@user_group.command("reset-password")
@click.argument("who", metavar="EMAIL")
@_from_stdin
@_by_link
@place_options(tenant=True)
def user_reset_password(place: Place, tenant: str, who: str, *, password_stdin: bool, link: bool) -> None:
    """Set an account's password; what is signed in with the old one ends."""
    password = _password(password_stdin=password_stdin, link=link)
    changed = place.run("user.password", tenant, {"who": who, "password": password})
    if password:
        click.echo(f"{changed['email']} has a new password")
    _show_link(changed)


def _password(*, password_stdin: bool, link: bool) -> str:
    """The password from where it was asked to come from; "" where a link shall do."""
    if link and password_stdin:
        raise click.UsageError("--link and --password-stdin can't both be")
    if link:
        return ""
    if password_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
        if not text:
            raise click.UsageError("--password-stdin: the standard input is empty")
        return text
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the password; use --password-stdin or --link")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _show_link(told: dict[str, Any]) -> None:
    if "reset_token" in told:
        click.echo(f"the password is set at  /login?token={told['reset_token']}")
        click.echo(f"once, until {shown_time(told['reset_until'])} UTC", err=True)


@click.group("audit")
def audit_group() -> None:
    """The audit log: who did what."""


@audit_group.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many of the last.")
@place_options(tenant=True)
def audit_list(place: Place, tenant: str, limit: int) -> None:
    """Print the last rows, the newest at the end."""
    for row in place.run("audit.list", tenant, {"limit": limit}):
        detail = " ".join(f"{key}={value}" for key, value in row["detail"].items())
        click.echo(
            f"{row['n']}  {shown_time(row['at'])}  {row['who']}  {row['what']}  {row['subject']}  {detail}".rstrip()
        )


@audit_group.command("verify")
@place_options(tenant=True)
def audit_verify(place: Place, tenant: str) -> None:
    """Look whether a row is missing or was changed; exit status 1 if so.  Note the hash elsewhere to compare it later."""
    found = place.run("audit.verify", tenant)
    if found["broken"]:
        click.echo(f"the audit log of {tenant} is broken: {found['reason']}", err=True)
        raise click.exceptions.Exit(1)
    click.echo(
        f"{found['count']} rows, none missing, none changed; the last one's hash is {found['head'] or 'none yet'}"
    )
