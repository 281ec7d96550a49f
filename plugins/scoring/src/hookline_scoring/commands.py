"""`hookline leads`: done by the server that holds the data folder, where one runs, else here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hookline.errors import BadRequest
from hookline.place import Place, place_options

if TYPE_CHECKING:
    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant

_CLI = "command line"


def register(router: Router) -> None:
    """Add what the command line reaches."""
    for name, handler in (
        ("list", list_leads), ("why", why_lead), ("export", export_leads), ("push", push_lead),
        ("recalculate", recalculate_leads),
    ):  # fmt: skip
        router.command(name, handler)


# -- in the server -----------------------------------------------------------------------------------------------------


async def list_leads(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`scoring.list`: leads by the filters of the API."""
    from .lead import shown
    from .routes import asked
    from .service import service_of

    given = {key: str(value) for key, value in arguments.items() if value and key != "limit"}
    limit = int(arguments.get("limit") or 50)
    found, total = await service_of(tenant).leads.page(asked(given), limit=limit, offset=0)
    return {"leads": [shown(one) for one in found], "total": total}


async def why_lead(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`scoring.why`: the account of a lead's score."""
    from .explain import why
    from .leads import LeadNotFound
    from .service import service_of

    service = service_of(tenant)
    try:
        found = await service.leads.one(str(arguments["id"]))
    except LeadNotFound as error:
        raise BadRequest(str(error)) from None
    return why(service.rules, found, await service.leads.steps(found.id), tenant.clock.now())


async def export_leads(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> str:
    """`scoring.export`: leads as CSV."""
    from hookline.spreadsheet import line

    from .routes import asked
    from .service import service_of
    from .table import HEADER, row_of

    given = {key: str(value) for key, value in arguments.items() if value}
    rows = [line(row_of(one)) async for one in service_of(tenant).leads.every(asked(given))]
    return "".join([line(HEADER), *rows])


async def push_lead(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`scoring.push`: a lead, or all that the CRM refused, to the CRM again."""
    from .leads import Asked
    from .service import service_of

    service = service_of(tenant)
    if service.routing.crm.provider == "none":
        raise BadRequest("this tenant has no CRM; crm.provider in [plugins.scoring] names one")
    ids = [str(one) for one in arguments.get("ids", ())]
    if not ids:
        ids = [one.id async for one in service.leads.every(Asked(crm="failed"))]
    for ident in ids:
        await service.routing.again((await service.leads.one(ident)).id, _CLI)
    return {"queued": len(ids)}


async def recalculate_leads(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, int]:
    """`scoring.recalculate`: the rules of now for all stored turns."""
    from .service import service_of

    return await service_of(tenant).recalculate(_CLI, str(arguments.get("id") or ""))


# -- at the terminal ---------------------------------------------------------------------------------------------------


@click.group()
def leads() -> None:
    """See leads, why they score as they do, and send them to the CRM."""


def _filters(function: Any) -> Any:
    for name, text in (
        ("priority", "hot, warm or cold; several with commas between."),
        ("status", "new, contacted, qualified, negotiating, won or lost."),
        ("source", "Where they came from."),
        ("crm", "queued, sent, waiting or failed."),
    ):
        function = click.option(f"--{name}", default="", help=text)(function)
    return function


@leads.command("list")
@_filters
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@place_options(tenant=True)
def list_(place: Place, tenant: str, **asked: Any) -> None:
    """List leads, the highest score first."""
    told = place.run("scoring.list", tenant, asked)
    for one in told["leads"]:
        who = one["name"] or one["email"] or one["phone"] or one["contact"]
        crm = one["crm"]["state"] or "-"
        click.echo(
            f"{one['id']:<34}{one['score']:>6.1f} {one['priority']:<5} {one['status']:<12}{one['source']:<12}"
            f"{crm:<9}{who}"
        )
    click.echo(f"{len(told['leads'])} of {told['total']}")


@leads.command()
@click.argument("id")
@place_options(tenant=True)
def why(place: Place, tenant: str, **asked: Any) -> None:
    """Tell why a lead has its score."""
    told = place.run("scoring.why", tenant, asked)
    click.echo(f"{told['score']:g} {told['priority']}")
    for turn in told["turns"]:
        click.echo(f"\n{turn['at']}  turn {turn['turn']}  {turn['intent'] or '-'}  = {turn['score']:g}")
        for one in turn["reasons"]:
            click.echo(f"  {one['points']:+g} {one['reason']}")
        click.echo(f"  average {turn['average']:g}, highest {turn['peak']:g}, lead {turn['lead']:g}")
    click.echo("")
    for line in told["lines"]:
        click.echo(line)


@leads.command()
@_filters
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file; else the terminal.")
@place_options(tenant=True)
def export(place: Place, tenant: str, out: Path | None, **asked: Any) -> None:
    """Write leads as CSV."""
    text = place.run("scoring.export", tenant, asked)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8", newline="")
        click.echo(f"{text.count(chr(10)) - 1} leads in {out}")


@leads.command()
@click.argument("ids", nargs=-1)
@place_options(tenant=True)
def push(place: Place, tenant: str, ids: tuple[str, ...]) -> None:
    """Send leads to the CRM again; without IDS all that it refused."""
    click.echo(f"{place.run('scoring.push', tenant, {'ids': list(ids)})['queued']} queued")


@leads.command()
@click.argument("id", default="")
@place_options(tenant=True)
def recalculate(place: Place, tenant: str, **asked: Any) -> None:
    """Apply the rules of now to what is stored, of one lead or of all."""
    told = place.run("scoring.recalculate", tenant, asked)
    click.echo(f"{told['leads']} leads, {told['changed']} changed")
