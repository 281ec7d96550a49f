"""`hookline calls`: to place a call, and to see how calls went."""

from __future__ import annotations

import click

from hookline.place import Place, place_options


@click.group("calls")
def calls() -> None:
    """Phone calls."""


@calls.command("place")
@click.argument("to", metavar="NUMBER")
@click.option("--flow", default="", help="The flow that the call walks.  [default: plugins.voice.calls.flow]")
@click.option("--language", default="", help="The language that it begins in.")
@click.option("--key", default="", help="The same key twice is one call.")
@place_options(tenant=True)
def place(place: Place, tenant: str, to: str, flow: str, language: str, key: str) -> None:
    """Have the customer with that number called."""
    told = {"to": to, "flow": flow, "language": language, "key": key}
    made = place.run("voice.place", place.one_tenant(tenant), told)
    click.echo(f"{made['id']}: {made['to']} is called from {made['number']}")


@calls.command("list")
@click.option("--outcome", default="", help="Only those that went so: payment_plan, no_answer, busy, agent, ...")
@click.option("--limit", default=50, show_default=True, help="How many.")
@place_options(tenant=True)
def listed(place: Place, tenant: str, outcome: str, limit: int) -> None:
    """List the latest calls."""
    for one in place.run("voice.calls", place.one_tenant(tenant), {"outcome": outcome, "limit": limit}):
        went = one["outcome"] or one["status"] or "under way"
        click.echo(f"{one['created_at']}  {one['direction']:<9}  {one['customer']:<16}  {one['seconds']:>4} s  {went}")


@calls.command("orders")
@click.option("--state", default="", help="Only those: waiting, placing, placed, done, failed, cancelled or unknown.")
@click.option("--limit", default=50, show_default=True, help="How many.")
@place_options(tenant=True)
def ordered(place: Place, tenant: str, state: str, limit: int) -> None:
    """List the latest calls that were ordered, with the cause where one failed or nobody knows."""
    for one in place.run("voice.orders", place.one_tenant(tenant), {"state": state, "limit": limit}):
        went = " ".join(part for part in (one["state"], one["outcome"], one["error"]) if part)
        click.echo(f"{one['id']}  {one['created_at']}  {one['to']:<16}  {went}")
