"""The agents' console, as `make web` builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from hookline.assets import show_page
from hookline.gate import admit
from hookline.plugin import Page
from hookline.problems import Problem

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

PACKAGE = "hookline_handoff"
_TITLE = {"en": "Console", "fr": "Console", "hi": "कंसोल"}


def register(router: Router) -> None:
    """Add the page and its files."""
    router.add("GET", "/console", show_console, access="public", page=Page(_TITLE, order=10))
    router.static("/console/static", PACKAGE)


async def show_console(request: web.Request, tenant: Tenant) -> web.Response:
    """The page: for whoever is not signed in, or may not look, with the status that says so; it then asks to sign in."""
    status = 200
    try:
        await admit(request, tenant, "viewer")
    except Problem as problem:
        status = problem.status
    page = await show_page(request, tenant, PACKAGE, "console.html")
    if page.status == 200:
        page.set_status(status)
    return page
