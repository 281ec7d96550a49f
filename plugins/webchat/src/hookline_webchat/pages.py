"""The pages that `make web` builds."""

from __future__ import annotations

from aiohttp import web

from hookline.assets import Assets, show_page
from hookline.tenant import Tenant

PACKAGE = "hookline_webchat"


async def show_chat(request: web.Request, tenant: Tenant) -> web.Response:
    """The chat as a page of its own."""
    return await show_page(request, tenant, PACKAGE, "chat.html")


async def health(tenant: Tenant) -> dict[str, str]:
    """Whether the pages are there."""
    if await tenant.compute.run(Assets(PACKAGE, "static").read, "chat.html") is None:
        return {"status": "degraded", "detail": "the pages are not built; run make web"}
    return {"status": "ok"}
