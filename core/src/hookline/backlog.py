"""`hookline inbox` and `hookline outbox`: what could not be processed, and what could not be delivered."""

from __future__ import annotations

import click

from .place import Place, place_options, shown_time


@click.group("inbox")
def inbox_group() -> None:
    """What could not be processed."""


@inbox_group.command("list")
@click.option("--after", type=int, default=0, help="Those after this id.")
@place_options(tenant=True)
def inbox_list(place: Place, tenant: str, after: int) -> None:
    """List the dead letters with their causes."""
    letters = place.run("inbox.list", tenant, {"after": after})
    for letter in letters:
        what = letter["kind"] + (f" of {letter['plugin']}" if letter["plugin"] else "")
        click.echo(
            f"{letter['id']}  {shown_time(letter['accepted_at'])}  {what}  {letter['attempts']} tries: {letter['error']}"
        )
    if not letters:
        click.echo("no dead letters")


@inbox_group.command("retry")
@click.argument("inbox_id", metavar="ID", type=int)
@place_options(tenant=True)
def inbox_retry(place: Place, tenant: str, inbox_id: int) -> None:
    """Have a dead letter processed again."""
    place.run("inbox.retry", tenant, {"id": inbox_id})
    click.echo(f"{inbox_id} is processed again")


@click.group("outbox")
def outbox_group() -> None:
    """What could not be delivered."""


@outbox_group.command("list")
@click.option("--after", type=int, default=0, help="Those after this id.")
@click.option(
    "--state",
    type=click.Choice(["failed", "ambiguous", "parked"]),
    help="Only those in this state.  [default: failed and ambiguous]",
)
@place_options(tenant=True)
def outbox_list(place: Place, tenant: str, after: int, state: str | None) -> None:
    """List the messages that did not go out, with their causes."""
    found = place.run("outbox.list", tenant, {"after": after, "state": state or ""})
    for row in found:
        click.echo(
            f"{row['id']}  {shown_time(row['created_at'])}  {row['state']}  {row['author']} on {row['channel']}  "
            f"{row['attempts']} tries: {row['error']}"
        )
    if not found:
        click.echo(f"nothing is {state}" if state else "nothing is undelivered")


@outbox_group.command("retry")
@click.argument("outbox_id", metavar="ID", type=int)
@place_options(tenant=True)
def outbox_retry(place: Place, tenant: str, outbox_id: int) -> None:
    """Have a message sent again; an ambiguous one may then arrive twice."""
    place.run("outbox.retry", tenant, {"id": outbox_id})
    click.echo(f"{outbox_id} is sent again")


@outbox_group.command("drop")
@click.argument("outbox_id", metavar="ID", type=int)
@place_options(tenant=True)
def outbox_drop(place: Place, tenant: str, outbox_id: int) -> None:
    """Give a message up: it will not be sent."""
    place.run("outbox.drop", tenant, {"id": outbox_id})
    click.echo(f"{outbox_id} is given up")
