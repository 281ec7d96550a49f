"""Handoffs for programs: the canonical `/api/v1/handoff`, to which the paths of reference systems are aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa
from aiohttp import web

from hookline.ledger import new_id
from hookline.models import contact, conversation
from hookline.problems import Problem
from hookline.wire import json_response, read_body

from . import agents, handling, records, thread
from .apibodies import Active, ActiveItem, ConnectBody, Connected, EscalateBody, MessageBody, StatusBody
from .bodies import Remark
from .deedbodies import ResolveBody, Sent
from .life import RESOLVED
from .models import handoff
from .moves import Wish
from .peoplebodies import Agents, AvailableBody
from .queue import in_order, position
from .records import COLUMNS, NOBODY, Actor, read
from .staff import actor_of, everybody, shown_agent
from .task_routes import register_tasks
from .views import message_view

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_MOST = 1000


def register_api(router: Router) -> None:
    """Add the routes for programs."""
    add, base = router.add, "/api/v1/handoff"
    register_tasks(router)
    add("GET", f"{base}/active", get_active, access="agent")
    add("POST", f"{base}/escalate", escalate, access="agent", body=EscalateBody)
    add("POST", f"{base}/connect", connect, access="public", body=ConnectBody)
    add("POST", f"{base}/connect/legacy", connect_legacy, access="public", body=ConnectBody)
    add("POST", f"{base}/resolve", resolve_body, access="agent", body=ResolveTask)
    add("POST", f"{base}/resolve/{{id}}", resolve, access="agent", body=ResolveBody)
    add("PUT", f"{base}/status", put_status, access="agent", body=StatusBody)
    add("POST", f"{base}/message", post_message, access="agent", body=MessageBody)
    add("GET", f"{base}/agents/available", get_available, access="agent")
    add("PUT", f"{base}/agents/{{id}}/availability", put_available, access="agent", body=AvailableBody)
    add("GET", f"{base}/{{id}}", get_one, access="agent")


@attrs.frozen
class ResolveTask:
    """A handoff (or its conversation) to close, where the address does not say which."""

    handoff_id: str = ""
    session_id: str = ""
    note: Remark = ""


async def get_active(_request: web.Request, tenant: Tenant) -> web.Response:
    """All handoffs that are not resolved: by priority, then by how long they wait."""
    rows = await tenant.db.fetch(
        sa.select(*COLUMNS, conversation.c.address.label("c_address"), contact.c.name.label("w_name"))
        .join(conversation, conversation.c.id == handoff.c.conversation)
        .join(contact, contact.c.id == conversation.c.contact)
        .where(handoff.c.state != RESOLVED)
        .order_by(*in_order(tenant))
        .limit(_MOST)
    )
    names, now = await agents.names(tenant, [row.agent for row in rows]), tenant.clock.now()
    items, place = [], 0
    for row in rows:
        seen = read(row)
        waits = not seen.agent and seen.state in ("requested", "queued", "transferred")
        place += waits
        since = seen.waiting_since or seen.requested_at
        items.append(
            ActiveItem(
                seen.id, seen.conversation, seen.conversation, seen.channel, row.c_address, row.w_name, seen.state,  # type: ignore[arg-type]  # one of the states
                seen.reason, seen.summary, seen.priority, seen.score, seen.agent, names.get(seen.agent, ""), seen.status,
                seen.requested_at, max(0.0, now - since), place if waits else None, seen.claimed_at, seen.claimed_at,
            )
        )  # fmt: skip
    return json_response(Active(items, len(items)))


async def get_one(request: web.Request, tenant: Tenant) -> web.Response:
    """One handoff, by its id or its conversation's."""
    return json_response(await thread.shown(tenant, await records.known(tenant, request.match_info["id"])))


async def escalate(request: web.Request, tenant: Tenant) -> web.Response:
    """Hand a conversation over; 201 with the handoff, 200 with the one that was open already."""
    body, by = await read_body(request, EscalateBody), actor_of(request)
    wish = await _wish(tenant, body.session_id, body.reason or "forced", "api", body.summary)
    seen, made = await handling.ask(
        tenant, body.session_id, attrs.evolve(wish, priority=body.priority, skill=body.skill), by
    )
    return json_response(await thread.shown(tenant, seen), 201 if made else 200)


async def connect(request: web.Request, tenant: Tenant) -> web.Response:
    """The customer of a session asks for a person; asking twice is asking once."""
    body = await read_body(request, ConnectBody)
    wish = await _wish(tenant, body.session_id, body.reason or "user_request", "customer", body.summary)
    seen, made = await handling.ask(tenant, body.session_id, wish, NOBODY)
    said = await handling.told(tenant, seen, seen.language)
    return json_response(
        Connected(seen.id, seen.conversation, seen.state, made, await position(tenant, seen), said)  # type: ignore[arg-type]  # one of the states
    )


async def connect_legacy(request: web.Request, tenant: Tenant) -> web.Response:
    """The old way to ask for a person: sends on to the new one, with method and body."""
    new = tenant.settings.routes
    target = next(
        (alias.partition(" ")[2] for alias, ours in new.items() if ours == "POST /api/v1/handoff/connect"),
        "/api/v1/handoff/connect",
    )
    base = request.path[: request.path.index("/", 3)] if request.path.startswith("/t/") else ""
    return web.Response(status=307, headers={"Location": base + target})


async def resolve(request: web.Request, tenant: Tenant) -> web.Response:
    """Close a handoff; the bot answers again."""
    body = await read_body(request, ResolveBody) if request.can_read_body else ResolveBody()
    seen = await records.known(tenant, request.match_info["id"])
    made = await handling.resolve(tenant, seen, actor_of(request), note=body.note)
    return json_response(await thread.shown(tenant, made))


async def resolve_body(request: web.Request, tenant: Tenant) -> web.Response:
    """Close the handoff that the body names."""
    body = await read_body(request, ResolveTask)
    seen = await records.known(tenant, body.handoff_id or body.session_id)
    made = await handling.resolve(tenant, seen, actor_of(request), note=body.note)
    return json_response(await thread.shown(tenant, made))


async def put_status(request: web.Request, tenant: Tenant) -> web.Response:
    """Say where the work on a handoff stands."""
    body = await read_body(request, StatusBody)
    seen = await records.known(tenant, body.handoff_id)
    made = await handling.set_status(tenant, seen, actor_of(request), body.status)
    return json_response(await thread.shown(tenant, made))


async def post_message(request: web.Request, tenant: Tenant) -> web.Response:
    """An agent's message to the customer of a session."""
    body = await read_body(request, MessageBody)
    by = actor_of(request)
    told, again, seen = await handling.reply(tenant, body.session_id, by, body.message, body.client_id or new_id())
    return json_response(Sent(message_view(told, "pending"), again, await thread.shown(tenant, seen)))


async def get_available(_request: web.Request, tenant: Tenant) -> web.Response:
    """The agents who take conversations."""
    return json_response(Agents([one for one in await everybody(tenant) if one.availability == agents.AVAILABLE]))


async def put_available(request: web.Request, tenant: Tenant) -> web.Response:
    """Say whether an agent takes conversations."""
    body, by, ident = await read_body(request, AvailableBody), actor_of(request), request.match_info["id"]
    if ident != by.id and not by.closes:
        raise Problem(403, "only a supervisor, or a program with a key, may change somebody else's availability")
    account = await tenant.staff.get(ident)
    if account is not None:
        await agents.ensure(tenant, Actor(account.id, account.shown_name, account.role))
    await agents.change(tenant, ident, by, availability=agents.AVAILABLE if body.is_available else agents.AWAY)
    return json_response(await shown_agent(tenant, ident))


async def _wish(tenant: Tenant, session: str, reason: str, source: str, summary: str) -> Wish:
    await handling.conversation(tenant, session)
    known = await tenant.conversations.get(session)
    language = (known.contact.language if known else "") or tenant.settings.language
    return Wish(reason, source, language=language, summary=summary)
