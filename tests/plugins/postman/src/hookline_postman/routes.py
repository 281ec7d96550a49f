"""The webhook."""

from __future__ import annotations

from typing import TypedDict

from aiohttp import web

from hookline.ledger import Inbound
from hookline.plugin import Router
from hookline.tenant import Tenant
from hookline.wire import json_response, read_body

Posted = TypedDict("Posted", {"id": str, "from": str, "text": str})


def add(router: Router) -> None:
    """`POST /postman` with {"id", "from", "text"}: 200 once the message is durable."""
    router.add("POST", "/postman", receive, access="public")


async def receive(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Accept a message; a repeat of an id changes nothing."""
    body = await read_body(request, Posted)
    accepted = await tenant.accept(Inbound("postman", body["from"], body["text"], provider_id=body["id"]))
    return json_response({"inbox_id": accepted.inbox_id, "duplicate": accepted.duplicate})
