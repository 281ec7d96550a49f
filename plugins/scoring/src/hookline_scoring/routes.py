"""Leads over HTTP, under `/api/v1/leads`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, get_args

from aiohttp import web

from hookline.app import caller
from hookline.errors import BadRequest
from hookline.problems import Problem
from hookline.spreadsheet import line
from hookline.wire import query_number, read_body

from . import commands
from .bodies import Change, NewLead, Recalculation, WhatIf
from .explain import what_if, why
from .lead import STATUSES, shown, shown_data, shown_time
from .leads import _SORTS, Asked, LeadNotFound, NoContact, day_of
from .rules import Priority, Said
from .service import service_of
from .table import HEADER, row_of

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .lead import Lead
    from .service import Service

_MOST = 500


def register(router: Router) -> None:
    """Add all routes."""
    router.add("POST", "/api/v1/leads", create, access="agent", body=NewLead)
    router.add("GET", "/api/v1/leads", listing, access="viewer")
    router.add("GET", "/api/v1/leads/stats/summary", summary, access="viewer")
    router.add("GET", "/api/v1/leads/export.csv", export, access="viewer")
    router.add("POST", "/api/v1/leads/recalculate", recalculate, access="admin", body=Recalculation)
    router.add("POST", "/api/v1/leads/evaluate", evaluate_, access="viewer", body=WhatIf)
    router.add("GET", "/api/v1/leads/{id}", show, access="viewer")
    router.add("PATCH", "/api/v1/leads/{id}", change, access="agent", body=Change)
    router.add("GET", "/api/v1/leads/{id}/why", explain, access="viewer")
    router.add("GET", "/api/v1/leads/{id}/events", events, access="viewer")
    router.add("POST", "/api/v1/leads/{id}/route", route, access="agent")
    router.static("/scoring/static", "hookline_scoring")
    commands.register(router)


async def create(request: web.Request, tenant: Tenant) -> web.Response:
    """Enter a lead: 201, or 200 for one that is known by e-mail or phone; 422 where nobody could reach it."""
    body = await read_body(request, NewLead)
    try:
        found, new = await service_of(tenant).leads.create(body, caller(request).name)
    except NoContact as error:
        raise Problem(422, str(error), field="email") from None
    except BadRequest as error:
        raise Problem(422, str(error), field=error.field) from None
    return web.json_response(shown(found) | {"created": new}, status=201 if new else 200)


async def listing(request: web.Request, tenant: Tenant) -> web.Response:
    """Leads, a page at a time (`page` from 1, `page_size`); filters are combined, several values with commas between."""
    size = query_number(request, "page_size", 20, _MOST)
    number = query_number(request, "page", 1, 1_000_000)
    if not size or not number:
        raise Problem(400, "page and page_size begin at 1", field="page_size" if not size else "page")
    found, total = await service_of(tenant).leads.page(asked(request.query), limit=size, offset=(number - 1) * size)
    pages = -(-total // size)
    return web.json_response(
        {"leads": [shown(one) for one in found], "total": total, "page": number, "page_size": size, "pages": pages}
    )


def asked(query: Mapping[str, str]) -> Asked:
    """The filters of a query; raises `BadRequest` for one that can't be."""
    allowed = {"priority": get_args(Priority), "status": STATUSES}
    several: dict[str, tuple[str, ...]] = {}
    for name in ("priority", "status", "source", "intent"):
        values = several[name] = tuple(one.strip() for one in query.get(name, "").split(",") if one.strip())
        for one in values:
            if name in allowed and one not in allowed[name]:
                raise BadRequest(f"{name}: given {one[:40]!r}; allowed: {', '.join(allowed[name])}", name)
    sort = query.get("sort") or "score"
    if sort not in _SORTS:
        raise BadRequest(f"sort: given {sort[:40]!r}; allowed: {', '.join(_SORTS)}", "sort")
    since, until = query.get("from", ""), query.get("to", "")
    return Asked(
        **several,
        owner=query.get("owner"),
        crm=query.get("crm", ""),
        review=query.get("review", "") in ("1", "true"),
        contact=query.get("contact", ""),
        text=query.get("q", "").strip(),
        since=day_of(since, "from") if since else None,
        until=day_of(until, "to", end=True) if until else None,
        least=_points(query, "min_score"),
        most=_points(query, "max_score"),
        sort=sort,
    )


def _points(query: Mapping[str, str], name: str) -> float | None:
    given = query.get(name, "")
    if not given:
        return None
    try:
        found = float(given)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 100:
        raise BadRequest(f"{name}: given {given[:40]!r}; allowed: 0 to 100", name)
    return found


async def summary(request: web.Request, tenant: Tenant) -> web.Response:
    """Totals by priority, status and source, and the average score; of the filters' leads."""
    return web.json_response(await service_of(tenant).leads.stats(asked(request.query)))


async def export(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """The filters' leads as CSV."""
    wanted = asked(request.query)
    response = web.StreamResponse(
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="leads.csv"'}
    )
    async with aclosing(service_of(tenant).leads.every(wanted)) as rows:
        first = await anext(rows, None)  # what is wrong with a filter is told before the answer begins
        await response.prepare(request)
        await response.write(line(HEADER).encode())
        if first is not None:
            await response.write(line(row_of(first)).encode())
        async for one in rows:
            await response.write(line(row_of(one)).encode())
    await response.write_eof()
    return response


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """One lead; the id of one that was merged finds what it became part of."""
    return web.json_response(shown(await _found(service_of(tenant), request)))


async def _found(service: Service, request: web.Request) -> Lead:
    try:
        return await service.leads.one(request.match_info["id"])
    except LeadNotFound as error:
        raise Problem(404, str(error)) from None


async def change(request: web.Request, tenant: Tenant) -> web.Response:
    """Change status, owner, name or review, or add a note."""
    body = await read_body(request, Change)
    try:
        found = await service_of(tenant).leads.change(request.match_info["id"], body, caller(request).name)
    except LeadNotFound as error:
        raise Problem(404, str(error)) from None
    except BadRequest as error:
        raise Problem(422, str(error), field=error.field) from None
    return web.json_response(shown(found))


async def explain(request: web.Request, tenant: Tenant) -> web.Response:
    """Why it has its score: every turn with its reasons, and how they add up."""
    service = service_of(tenant)
    found = await _found(service, request)
    return web.json_response(why(service.rules, found, await service.leads.steps(found.id), tenant.clock.now()))


async def events(request: web.Request, tenant: Tenant) -> web.Response:
    """What happened to it, oldest first."""
    service = service_of(tenant)
    found = await _found(service, request)
    rows = await service.leads.events(found.id)
    told: list[dict[str, Any]] = [
        {"at": shown_time(row.at), "kind": row.kind, "by": row.by, "data": shown_data(row.data)} for row in rows
    ]
    return web.json_response({"events": told})


async def route(request: web.Request, tenant: Tenant) -> web.Response:
    """Send it to the CRM now, whatever became of earlier tries: 202; 409 where there is no CRM."""
    service = service_of(tenant)
    found = await _found(service, request)
    if service.routing.crm.provider == "none":
        raise Problem(409, "this tenant has no CRM; crm.provider in [plugins.scoring] names one")
    await service.routing.again(found.id, caller(request).name)
    return web.json_response({"id": found.id, "crm": "queued"}, status=202)


async def recalculate(request: web.Request, tenant: Tenant) -> web.Response:
    """Apply the rules of now to all stored turns; how many leads there are, and how many changed."""
    body = await read_body(request, Recalculation) if request.can_read_body else Recalculation()
    try:
        return web.json_response(await service_of(tenant).recalculate(caller(request).name, body.lead))
    except LeadNotFound as error:
        raise Problem(404, str(error)) from None


async def evaluate_(request: web.Request, tenant: Tenant) -> web.Response:
    """What a turn with this intent and these entities would be worth, and why; nothing is stored."""
    body, service = await read_body(request, WhatIf), service_of(tenant)
    said = Said(body.intent, body.entities, body.mood, body.messages)
    found = service.scorer.evaluate(said, tenant.clock.now())
    return web.json_response(what_if(service.rules, found))
