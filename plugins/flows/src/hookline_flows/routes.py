"""The HTTP routes and commands of flows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
from aiohttp import web

from hookline.app import caller
from hookline.errors import BadRequest, Conflict
from hookline.problems import Problem
from hookline.wire import json_response, read_body

from .bodies import NamedStartBody, StartBody
from .service import service_of
from .slots import problem

if TYPE_CHECKING:
    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant

_SECONDS = 20.0


def register(router: Router) -> None:
    """Register all routes and commands."""
    router.add("POST", "/api/v1/flows/start", post_start, access="agent", body=StartBody)
    router.add("POST", "/api/v1/flows/{name}/start", post_named, access="agent", body=NamedStartBody)
    router.command("start", start_command)


async def post_start(request: web.Request, tenant: Tenant) -> web.Response:
    """Begin a flow in a customer's conversation: 200 with what was said, 202 where it is not done yet."""
    body = await read_body(request, StartBody)
    return await _answer(tenant, body, caller(request).name)


async def _answer(tenant: Tenant, body: StartBody, by: str) -> web.Response:
    try:
        found = await start(tenant, body, by)
    except BadRequest as error:
        raise Problem(422, str(error), field=error.field) from None
    except Conflict as error:
        raise Problem(409, str(error)) from None
    return json_response(found, status=200 if found["messages"] is not None else 202)


async def post_named(request: web.Request, tenant: Tenant) -> web.Response:
    """The same for the flow in the path, whose values need no names of their own."""
    body = await read_body(request, NamedStartBody)
    asked = StartBody(flow=request.match_info["name"], **attrs.asdict(body))
    return await _answer(tenant, asked, caller(request).name)


async def start_command(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """`hookline call flows.start`."""
    try:
        body = msgspec.convert(dict(arguments), StartBody)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from None
    return await start(tenant, body, "the command line")


async def start(tenant: Tenant, body: StartBody, by: str) -> dict[str, Any]:
    """Have the flow begin, in the order of the conversation; raises `BadRequest`."""
    service = service_of(tenant)
    loaded = service.flows.by_name.get(body.flow)
    if loaded is None:
        names = list(service.flows.by_name)
        near = difflib.get_close_matches(body.flow, names, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise BadRequest(f"there is no flow {body.flow!r}{hint}; flows: {', '.join(names) or 'none'}", "flow")
    taken = {*loaded.flow.slots, *loaded.flow.given}
    unknown = [name for name in body.slots if name not in taken]
    if unknown:
        known = ", ".join(sorted(taken)) or "none"
        raise BadRequest(f"flow {body.flow!r} has no slot {unknown[0]!r}; slots: {known}", f"slots.{unknown[0]}")
    place = service.place()
    for name, value in body.slots.items():
        if name in loaded.flow.slots and problem(loaded.flow.slots[name], value, place) is not None:
            raise BadRequest(
                f"slot {name!r} can't be {value!r}: it is a {loaded.flow.slots[name].kind}", f"slots.{name}"
            )
    conversation = body.conversation
    if not conversation:
        if not (body.channel and body.address):
            raise BadRequest("name the conversation, or channel and address of the customer", "conversation")
        conversation, _ = await tenant.conversations.open(body.channel, body.address, name=body.name)
    known_one = await tenant.conversations.get(conversation)
    if known_one is None:
        raise BadRequest(f"there is no conversation {conversation!r}", "conversation")
    if known_one.conversation.held_by:
        raise Conflict(
            f"a person has conversation {conversation!r}; the flow was not begun", known_one.conversation.held_by
        )
    payload = {"flow": body.flow, "slots": dict(body.slots), "language": body.language}
    row = await tenant.command("start", payload, lane=conversation, by=by, key=body.key)
    messages = await tenant.wait(row, _SECONDS)
    said = (
        None
        if messages is None
        else [{"id": m.id, "text": m.text, "quick_replies": list(m.quick_replies)} for m in messages]
    )
    return {"id": str(row), "conversation": conversation, "flow": body.flow, "started": True, "messages": said}
