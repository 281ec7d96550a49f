"""The webhook."""

from __future__ import annotations

from aiohttp import web

from hookline.ledger import Inbound
from hookline.plugin import Router
from hookline.tenant import Tenant


def add(router: Router) -> None:
    """`POST /postman` with {"id", "from", "text"}: 200 once the message is durable."""
    router.add("POST", "/postman", receive, access="public")


async def receive(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Accept a message; a repeat of an id changes nothing."""
    body = await request.json()
    accepted = await tenant.accept(Inbound("postman", body["from"], body["text"], provider_id=body["id"]))
    return web.json_response({"inbox_id": accepted.inbox_id, "duplicate": accepted.duplicate})
