"""Reports, ratings and the check for stale handoffs over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from hookline.problems import Problem
from hookline.wire import json_response, query_number

from .matrix import Matrix
from .period import Period, read_period, zone_of
from .reports import Reports, ratings_csv, report_csv

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_TIME = re.compile(r"\d{1,12}(\.\d{1,9})?")


def register_reports(router: Router) -> None:
    """Add the routes."""
    router.add("GET", "/console/api/reports", get_report, access="supervisor")
    router.add("GET", "/console/api/ratings", get_ratings, access="supervisor")
    router.add("POST", "/api/v1/handoff/sla-check", check_stale, access="supervisor")


async def get_report(request: web.Request, tenant: Tenant) -> web.Response:
    """Figures by day, agent, team, channel or tag."""
    report = await Reports(tenant).report(request.query.get("by", "total"), _period(request, tenant))
    if _wants_csv(request):
        return _csv(report_csv(report), f"report-{report.by}")
    return json_response(report)


async def get_ratings(request: web.Request, tenant: Tenant) -> web.Response:
    """Customers' ratings and what they said."""
    cursor = request.query.get("cursor", "")
    if cursor and not _TIME.fullmatch(cursor):
        raise Problem(400, f"cursor: given {cursor[:40]!r}; allowed: the `next` of the page before", field="cursor")
    limit = max(1, query_number(request, "limit", 50, 200))
    found = await Reports(tenant).ratings(_period(request, tenant), float(cursor or 0), limit)
    return _csv(ratings_csv(found), "ratings") if _wants_csv(request) else json_response(found)


async def check_stale(_request: web.Request, tenant: Tenant) -> web.Response:
    """Look for handoffs that are stale now; who is to know is told, once a level."""
    stale, told = await Matrix(tenant).check()
    now = tenant.clock.now()
    shown = [
        {
            "id": row.id,
            "conversation": row.conversation,
            "reason": row.reason,
            "days": int((now - row.requested_at) // 86400),
        }
        for row in stale
    ]
    return json_response({"stale": shown, "count": len(shown), "alerted": told})


def _period(request: web.Request, tenant: Tenant) -> Period:
    return read_period(request.query, zone_of(tenant).key, tenant.clock.now())


def _wants_csv(request: web.Request) -> bool:
    wanted = request.query.get("format", "json")
    if wanted not in ("json", "csv"):
        raise Problem(400, f"format: given {wanted[:20]!r}; allowed: json, csv", field="format")
    return wanted == "csv"


def _csv(text: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)
