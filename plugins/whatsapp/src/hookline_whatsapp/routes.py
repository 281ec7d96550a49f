"""The routes: the provider's webhook, the files that customers sent, and the simulator's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from hookline import media
from hookline.problems import Problem

from . import metaread, outfiles, simulator, simulatorfiles, simulatorpage, taking
from .files import Files
from .providers import reader_of
from .refusing import Refused, count, malformed

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_ORDINARY = 64 * 1024  # bytes, which any request may have
_LONGEST = 4 * 1024 * 1024  # bytes; Meta's largest batches have 3 MB


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", "/whatsapp/webhook", get_webhook, access="public")
    router.add("POST", "/whatsapp/webhook", post_webhook, access="public", limited=False)
    router.add("GET", "/whatsapp/outbound", get_webhook, access="public")
    router.add("POST", "/whatsapp/outbound", post_outbound, access="public", limited=False)
    router.add("GET", "/whatsapp/media/{id}", get_media, access="viewer")
    router.add("GET", "/whatsapp/sent/{name}", get_sent, access="public", limited=False)
    simulator.register(router)
    simulatorpage.register(router)
    simulatorfiles.register(router)


async def get_webhook(request: web.Request, tenant: Tenant) -> web.Response:
    """Prove to Meta that the webhook is ours."""
    try:
        if tenant.config.carrier not in ("meta", "simulator"):
            raise malformed(f"this tenant's provider is {tenant.config.carrier}, which posts to this address")
        return web.Response(text=metaread.challenge(tenant, request), content_type="text/plain")
    except Refused as refused:
        raise _noted(tenant, refused) from None


async def post_webhook(request: web.Request, tenant: Tenant) -> web.Response:
    """Take what the provider posts: messages and statuses, each once; 200 as soon as all is durable."""
    return await _taken(request, tenant, "")


async def post_outbound(request: web.Request, tenant: Tenant) -> web.Response:
    """The same for answers to what the tenant has begun itself (reminders, campaigns): `line` in their data is "outbound"."""
    return await _taken(request, tenant, "outbound")


async def _taken(request: web.Request, tenant: Tenant, line: str) -> web.Response:
    try:
        try:
            if (request.content_length or _LONGEST) > _ORDINARY:
                request = request.clone(client_max_size=_LONGEST)
            batch = await reader_of(tenant).read(tenant, request)
        except web.HTTPRequestEntityTooLarge:
            raise malformed(f"the body has more than {_LONGEST:,} bytes, which no provider sends") from None
        await taking.take(tenant, batch, line)
    except Refused as refused:
        raise _noted(tenant, refused) from None
    if tenant.config.carrier == "twilio":
        return web.Response(text="<Response/>", content_type="text/xml")
    return web.Response(text="", content_type="text/plain")


def _noted(tenant: Tenant, refused: Refused) -> Problem:
    if refused.reason:
        count(tenant, refused.reason)
        tenant.log.warning("a request to the webhook is refused", reason=refused.reason, detail=refused.detail)
    return refused


async def get_sent(request: web.Request, tenant: Tenant) -> web.Response:
    """A file of ours for the provider that sends it, by a signed address."""
    told = {key: request.query.get(key, "") for key in ("file", "until", "sign")}
    file = await outfiles.linked(tenant, told["file"], told["until"], told["sign"])
    return web.Response(body=file.data, headers=media.headers(file.name or request.match_info["name"], file.media_type))


async def get_media(request: web.Request, tenant: Tenant) -> web.Response:
    """A file that a customer sent; `?download=1`: to be saved."""
    row, data = await Files(tenant).read(request.match_info["id"])
    download = request.query.get("download", "") not in ("", "0")
    return web.Response(body=data, headers=media.headers(row.name, row.media_type, download=download))
