"""What a desk that takes webhooks sends back: who took a case, what they say, that it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs
import msgspec
from aiohttp import web

from hookline.errors import BadRequest
from hookline.problems import Problem
from hookline.signing import check_signature
from hookline.wire import json_response

from . import backendheard as hear
from .backendpersons import worker

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant


@attrs.frozen
class DeskAgent:
    """Who acts: the desk's own id and name of them, or `email` of one of our accounts."""

    id: str
    name: str = ""
    email: str = ""


@attrs.frozen
class DeskEvent:
    """What happened; `task` is the one of `handoff.opened`.  `text` is what is said, or why it is over."""

    type: Literal["taken", "message", "resolved", "returned"]
    task: str
    agent: DeskAgent
    text: str = ""


def register_webhook(router: Router) -> None:
    """Add the route."""
    router.add("POST", "/handoff/desk/events", events, access="public", body=DeskEvent)


async def events(request: web.Request, tenant: Tenant) -> web.Response:
    """Somebody at the desk took a case, writes to the customer, is done, or gives it back to the bot."""
    if tenant.config.backend != "webhook":
        raise Problem(404, "this tenant has no desk that sends webhooks")
    raw = await request.read()
    ident = check_signature(tenant.config.webhook.secret.value, request.headers, raw, tenant.clock.now())
    try:
        told = msgspec.json.decode(raw, type=DeskEvent)
    except msgspec.DecodeError as error:
        raise BadRequest(f"the body is not what is expected: {error}") from None
    by = await worker(tenant, told.agent.id, told.agent.name, msgspec.json.encode({"email": told.agent.email}).decode())
    found = await hear.case_of(tenant, told.task)
    if found is None:
        raise Problem(404, f"there is no task {told.task[:80]!r}", field="task")
    if told.type == "taken":
        seen = await hear.took(tenant, told.task, by)
    elif told.type == "message":
        again = await hear.answered(tenant, found[1].conversation, by, told.text, ident)
        return json_response({"result": "sent", "duplicate": again})
    else:
        seen = await hear.ended(tenant, told.task, by, told.text, done=told.type == "resolved")
    return json_response({"result": "ok", "state": seen.state if seen else ""})
