"""The agents' console over HTTP; the paths and bodies are said in `bodies`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from hookline.problems import Problem
from hookline.wire import json_response, query_number, read_body

from . import agents, assignment, handling, inbox, thread
from .api_routes import register_api
from .deedbodies import (
    ClaimBody,
    PriorityBody,
    ReadBody,
    ReplyBody,
    ResolveBody,
    ReturnBody,
    Sent,
    SnoozeBody,
    TransferBody,
    TypingBody,
)
from .page import register as register_page
from .peoplebodies import Agents, AvailabilityBody, MyProfileBody, ProfileBody, TeamBody, Teams
from .records import Actor, Handoff
from .signs import read_sign, typing_sign
from .socket import serve_socket
from .staff import actor_of, everybody, me, shown_agent
from .views import message_view

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_ONE = "/console/api/conversations/{id}"


def register(router: Router) -> None:
    """Add all routes."""
    add = router.add
    add("GET", "/console/api/me", get_me, access="viewer")
    add("PUT", "/console/api/me", put_me, access="agent", body=MyProfileBody)
    add("POST", "/console/api/me/heartbeat", beat, access="agent")
    add("GET", "/console/api/inbox", get_inbox, access="viewer")
    add("GET", "/console/api/counts", get_counts, access="viewer")
    add("GET", _ONE, get_thread, access="viewer")
    add("GET", f"{_ONE}/messages", get_messages, access="viewer")
    add("GET", f"{_ONE}/past", get_past, access="viewer")
    add("GET", f"{_ONE}/steps", get_steps, access="viewer")
    add("POST", f"{_ONE}/claim", claim, access="agent", body=ClaimBody)
    add("POST", f"{_ONE}/reply", reply, access="agent", body=ReplyBody)
    add("POST", f"{_ONE}/transfer", transfer, access="agent", body=TransferBody)
    add("POST", f"{_ONE}/snooze", snooze, access="agent", body=SnoozeBody)
    add("POST", f"{_ONE}/wake", wake, access="agent")
    add("POST", f"{_ONE}/return", give_back, access="agent", body=ReturnBody)
    add("POST", f"{_ONE}/resolve", resolve, access="agent", body=ResolveBody)
    add("POST", f"{_ONE}/reopen", reopen, access="agent")
    add("POST", f"{_ONE}/priority", priority, access="agent", body=PriorityBody)
    add("POST", f"{_ONE}/typing", typing, access="agent", body=TypingBody)
    add("POST", f"{_ONE}/read", read, access="viewer", body=ReadBody)
    add("GET", "/console/api/agents", get_agents, access="viewer")
    add("PUT", "/console/api/agents/{id}", put_agent, access="supervisor", body=ProfileBody)
    add("PUT", "/console/api/agents/{id}/availability", put_availability, access="agent", body=AvailabilityBody)
    add("GET", "/console/api/teams", get_teams, access="viewer")
    add("POST", "/console/api/teams", post_team, access="supervisor", body=TeamBody)
    add("PUT", "/console/api/teams/{id}", put_team, access="supervisor", body=TeamBody)
    add("DELETE", "/console/api/teams/{id}", delete_team, access="supervisor")
    add("GET", "/console/socket", serve_socket, access="public")
    register_api(router)
    register_page(router)


# -- me --------------------------------------------------------------------------------------------------------------------


async def get_me(request: web.Request, tenant: Tenant) -> web.Response:
    """Who I am here, and what the console needs to begin."""
    return json_response(await me(tenant, actor_of(request)))


async def put_me(request: web.Request, tenant: Tenant) -> web.Response:
    """Say whether I take conversations, and in which languages."""
    body, by = await read_body(request, MyProfileBody), actor_of(request)
    await agents.ensure(tenant, by)
    await _change(tenant, by.id, by, body)
    return json_response(await me(tenant, by))


async def beat(request: web.Request, tenant: Tenant) -> web.Response:
    """A sign of life, for pages without the socket."""
    by = actor_of(request)
    await agents.ensure(tenant, by)
    await agents.seen(tenant, by.id)
    return json_response(await shown_agent(tenant, by.id, by))


# -- the inbox -------------------------------------------------------------------------------------------------------------


async def get_inbox(request: web.Request, tenant: Tenant) -> web.Response:
    """One page of a view of the inbox."""
    asked = request.query
    shown = await inbox.page(
        tenant,
        actor_of(request),
        asked.get("view", "unassigned"),
        channel=asked.get("channel", ""),
        team=asked.get("team", ""),
        agent=asked.get("agent", ""),
        cursor=asked.get("cursor", ""),
        limit=_limit(request, 50, 200),
    )
    return json_response(shown)


async def get_counts(request: web.Request, tenant: Tenant) -> web.Response:
    """How many handoffs each view has."""
    by = actor_of(request)
    mine = await agents.profile(tenant, by.id)
    return json_response(await inbox.counts(tenant, by, mine.teams if mine else ()))


async def get_thread(request: web.Request, tenant: Tenant) -> web.Response:
    """A conversation with its newest messages, and all about it."""
    return json_response(await thread.thread(tenant, actor_of(request), _id(request), _limit(request, 50, 500)))


async def get_messages(request: web.Request, tenant: Tenant) -> web.Response:
    """Messages of one conversation, after or before a number."""
    after = query_number(request, "after", 0, 2**31 - 1) if "after" in request.query else None
    before, limit = query_number(request, "before", 0, 2**31 - 1), _limit(request, 100, 500)
    return json_response(await thread.messages(tenant, _id(request), after=after, before=before, limit=limit))


async def get_past(request: web.Request, tenant: Tenant) -> web.Response:
    """What the contact said and heard before, on all channels, newest first."""
    cursor = request.query.get("cursor", "")
    return json_response(await thread.past(tenant, _id(request), cursor, _limit(request, 50, 200)))


async def get_steps(request: web.Request, tenant: Tenant) -> web.Response:
    """What happened to the conversation's handoffs."""
    return json_response(await thread.steps(tenant, _id(request)))


# -- what agents do --------------------------------------------------------------------------------------------------------


async def claim(request: web.Request, tenant: Tenant) -> web.Response:
    """Take a conversation."""
    by = actor_of(request)
    body = await read_body(request, ClaimBody) if request.can_read_body else ClaimBody()
    return await _shown(tenant, by, await handling.claim(tenant, _id(request), by, force=body.force))


async def reply(request: web.Request, tenant: Tenant) -> web.Response:
    """Answer the customer; the same `client_id` again sends nothing."""
    body, by = await read_body(request, ReplyBody), actor_of(request)
    if not _CLIENT_ID.fullmatch(body.client_id):
        raise Problem(
            400, "client_id: give 1 to 64 letters, digits or . _ : - , a new one for each message", field="client_id"
        )
    told, again, seen = await handling.reply(tenant, _id(request), by, body.text, body.client_id, body.attachments)
    await thread.mark_read(tenant, told.conversation, by.id, told.seq)
    shown = await thread.shown(tenant, seen)
    return json_response(Sent(message_view(told, "pending"), again, shown))


async def transfer(request: web.Request, tenant: Tenant) -> web.Response:
    """Pass a conversation on to an agent, a team or everybody."""
    body, by = await read_body(request, TransferBody), actor_of(request)
    return await _shown(tenant, by, await handling.transfer(tenant, _id(request), by, **attrs.asdict(body)))


async def snooze(request: web.Request, tenant: Tenant) -> web.Response:
    """Put a conversation aside."""
    body, by = await read_body(request, SnoozeBody), actor_of(request)
    until = body.until
    if until is None and body.seconds is not None:
        until = tenant.clock.now() + body.seconds
    return await _shown(tenant, by, await handling.snooze(tenant, _id(request), by, until))


async def wake(request: web.Request, tenant: Tenant) -> web.Response:
    """Take up again what was put aside."""
    by = actor_of(request)
    return await _shown(tenant, by, await handling.wake(tenant, _id(request), by))


async def give_back(request: web.Request, tenant: Tenant) -> web.Response:
    """Give a conversation back to the bot."""
    by = actor_of(request)
    body = await read_body(request, ReturnBody) if request.can_read_body else ReturnBody()
    return await _shown(tenant, by, await handling.give_back(tenant, _id(request), by, text=body.text, note=body.note))


async def resolve(request: web.Request, tenant: Tenant) -> web.Response:
    """Close a conversation's handoff."""
    by = actor_of(request)
    body = await read_body(request, ResolveBody) if request.can_read_body else ResolveBody()
    seen = await handling.current(tenant, _id(request))
    return await _shown(tenant, by, await handling.resolve(tenant, seen, by, note=body.note))


async def reopen(request: web.Request, tenant: Tenant) -> web.Response:
    """Take up again what was resolved."""
    by = actor_of(request)
    return await _shown(tenant, by, await handling.reopen(tenant, _id(request), by))


async def priority(request: web.Request, tenant: Tenant) -> web.Response:
    """Say how urgent a handoff is."""
    body, by = await read_body(request, PriorityBody), actor_of(request)
    seen = await handling.current(tenant, _id(request))
    return await _shown(tenant, by, await handling.note(tenant, seen, by, "priority", priority=body.priority))


async def typing(request: web.Request, tenant: Tenant) -> web.Response:
    """Show the customer that an agent is typing."""
    body, by = await read_body(request, TypingBody), actor_of(request)
    typing_sign(tenant, await handling.conversation(tenant, _id(request)), by, on=body.on)
    return web.Response(status=204)


async def read(request: web.Request, tenant: Tenant) -> web.Response:
    """Note up to which message I have read."""
    body, by = await read_body(request, ReadBody), actor_of(request)
    about = await handling.conversation(tenant, _id(request))
    await read_sign(tenant, about, by, min(body.seq, about.last_seq or body.seq))
    return web.Response(status=204)


# -- agents and teams ------------------------------------------------------------------------------------------------------


async def get_agents(_request: web.Request, tenant: Tenant) -> web.Response:
    """Everybody who may take conversations."""
    return json_response(Agents(await everybody(tenant)))


async def put_agent(request: web.Request, tenant: Tenant) -> web.Response:
    """Set an agent's skills, languages, teams, capacity and availability."""
    body, by = await read_body(request, ProfileBody), actor_of(request)
    ident = await _there(tenant, _id(request))
    await _change(tenant, ident, by, body)
    return json_response(await shown_agent(tenant, ident))


async def put_availability(request: web.Request, tenant: Tenant) -> web.Response:
    """Say whether an agent takes conversations: one's own, or as a supervisor anybody's."""
    body, by = await read_body(request, AvailabilityBody), actor_of(request)
    ident = await _there(tenant, _id(request))
    if ident != by.id and not by.supervises:
        raise Problem(403, "only a supervisor may change somebody else's availability")
    await _change(tenant, ident, by, body)
    return json_response(await shown_agent(tenant, ident))


async def get_teams(_request: web.Request, tenant: Tenant) -> web.Response:
    """The teams."""
    return json_response(Teams(await agents.teams(tenant)))


async def post_team(request: web.Request, tenant: Tenant) -> web.Response:
    """Make a team."""
    body = await read_body(request, TeamBody)
    made = await agents.put_team(tenant, actor_of(request), "", body.name, body.skills, body.members)
    return json_response(made, 201)


async def put_team(request: web.Request, tenant: Tenant) -> web.Response:
    """Change a team."""
    body = await read_body(request, TeamBody)
    return json_response(
        await agents.put_team(tenant, actor_of(request), _id(request), body.name, body.skills, body.members)
    )


async def delete_team(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a team."""
    await agents.drop_team(tenant, actor_of(request), _id(request))
    await assignment.release_of_team(tenant, _id(request))
    return web.Response(status=204)


# -- what they share -------------------------------------------------------------------------------------------------------


async def _there(tenant: Tenant, ident: str) -> str:
    """The id of an agent who has a profile now; raises `Problem` 404 for nobody's."""
    if await agents.profile(tenant, ident) is None:
        account = await tenant.staff.get(ident)
        if account is None:
            raise Problem(404, f"there is no agent {ident[:64]!r}")
        await agents.ensure(tenant, Actor(account.id, account.shown_name, account.role))
    return ident


async def _change(tenant: Tenant, ident: str, by: Actor, body: Any) -> None:
    values = {name: value for name, value in attrs.asdict(body, recurse=False).items() if value is not None}
    for name in ("skills", "languages"):
        if name in values:
            values[name] = list(dict.fromkeys(values[name]))
    await agents.change(tenant, ident, by, **values)
    if values.get("availability") == agents.OFFLINE:
        await assignment.release_of(tenant, ident, "the agent has gone")


async def _shown(tenant: Tenant, by: Actor, seen: Handoff) -> web.Response:
    return json_response(await inbox.item(tenant, by, seen))


def _id(request: web.Request) -> str:
    return request.match_info["id"]


def _limit(request: web.Request, default: int, most: int) -> int:
    return max(1, query_number(request, "limit", default, most))
