"""The pages that `make web` builds, and what is said where they are not built."""

from __future__ import annotations

from aiohttp import web

from hookline.assets import Assets
from hookline.tenant import Tenant

PACKAGE = "hookline_webchat"
_UNBUILT = (
    "The pages of webchat are not built: run `make web` in the repository, or install a released wheel. "
    "The API works without them; /docs lists it.\n"
)


def read_page(name: str) -> str | None:
    """A built page; None if there is none.  Blocks for a file."""
    file = Assets(PACKAGE, "static").read(name)
    return file.body.decode() if file is not None else None


async def show_chat(request: web.Request, tenant: Tenant) -> web.Response:
    """The chat as a page of its own."""
    page = await tenant.compute.run(read_page, "chat.html")
    if page is None:
        return web.Response(status=503, text=_UNBUILT)
    return web.Response(text=page.replace("__BASE__", base_of(request, tenant.name)), content_type="text/html")


def base_of(request: web.Request, tenant: str) -> str:
    """Where the tenant's paths begin in this request: "/t/<tenant>", or "" where it is mounted at `/`."""
    prefix = f"/t/{tenant}"
    return prefix if request.path.startswith(f"{prefix}/") else ""


async def health(tenant: Tenant) -> dict[str, str]:
    """Whether the pages are there."""
    if await tenant.compute.run(read_page, "chat.html") is None:
        return {"status": "degraded", "detail": "the pages are not built; run make web"}
    return {"status": "ok"}
