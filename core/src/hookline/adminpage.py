"""The page where accounts, keys and the audit log are looked after; what it shows it asks the API for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from .assets import Assets, show_page
from .plugin import Page
from .routing import Route

if TYPE_CHECKING:
    from .roles import Caller
    from .tenant import Tenant

PACKAGE = "hookline"
_ALL = {"en": "Administration", "fr": "Administration", "hi": "प्रबंधन"}
_OWN = {"en": "My account", "fr": "Mon compte", "hi": "मेरा खाता"}  # which is all that others than admins see there


def routes() -> list[Route]:
    """The page and its files, which tell nothing by themselves."""
    assets = Assets(PACKAGE, "static")
    return [
        Route("GET", "/admin", show, access="public", page=Page(_ALL, "admin", 90)),
        Route("GET", "/admin/", show, access="public", page=Page(_OWN, "viewer", 90, _own_only)),
        Route("GET", "/admin/static/{file:.+}", assets.serve, access="public", static=True),
    ]


def _own_only(_tenant: Tenant, caller: Caller) -> bool:
    return caller.kind == "staff" and not caller.has("admin")


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """The page where accounts, keys and the audit log are looked after."""
    return await show_page(request, tenant, PACKAGE, "admin.html")
