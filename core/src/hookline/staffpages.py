"""The pages of staff that a tenant has, for the small navigation that is on each of them.

A plugin says with the route of its page what the page is called and who has something to do there (`plugin.Page`); it
knows nothing of the other pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from .routing import CORE, Route, Routes
from .wire import json_response

if TYPE_CHECKING:
    from .plugin import Page
    from .roles import Caller
    from .snapshot import Snapshot
    from .tenant import Tenant


def routes() -> list[Route]:
    """What the navigation asks for."""
    return [Route("GET", "/api/v1/pages", list_pages, access="viewer", scope="pages")]


async def list_pages(request: web.Request, tenant: Tenant) -> web.Response:
    """The pages of staff that the caller may use here, each with its path and its title by language."""
    from .app import ROUTES, RUNTIME, caller

    with request.app[RUNTIME].tenants.get(tenant.name).acquire() as snapshot:
        registered: Routes = request.app[ROUTES]
        found = pages_of(registered, snapshot, caller(request))
    response = json_response({"pages": [{"path": path, "title": dict(page.title)} for path, page in found]})
    response.headers["Cache-Control"] = "no-store"
    return response


def pages_of(routes: Iterable[Route], snapshot: Snapshot, asking: Caller) -> list[tuple[str, Page]]:
    """The paths of the pages that somebody may use in a tenant, in their order."""
    found = []
    for route in routes:
        page = route.page
        if page is None or not page.title or not asking.has(page.role):
            continue
        owner = snapshot.core if route.plugin == CORE else snapshot.plugin(route.plugin)
        if owner is not None and (page.shown is None or page.shown(owner, asking)):
            found.append((route.path, page))
    return sorted(found, key=lambda one: (one[1].order, one[0]))
