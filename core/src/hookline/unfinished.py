"""The admin routes for what did not go to its end: messages that could not be processed, messages not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from . import deadletters, undelivered
from .errors import BadRequest
from .problems import Problem
from .routing import Route
from .wire import json_response, path_number, query_number, shown_time

if TYPE_CHECKING:
    from .runtime import Runtime
    from .tenant import Tenant

_MOST = 2**63 - 1


def routes() -> list[Route]:
    """All of them; each takes an admin key."""
    return [
        Route("GET", "/inbox/dead", get_dead, access="admin"),
        Route("POST", "/inbox/{id:[0-9]+}/retry", retry_dead, access="admin"),
        Route("GET", "/outbox", get_undelivered, access="admin"),
        Route("POST", "/outbox/{id:[0-9]+}/retry", retry_undelivered, access="admin"),
        Route("POST", "/outbox/{id:[0-9]+}/drop", drop_undelivered, access="admin"),
    ]


async def get_dead(request: web.Request, tenant: Tenant) -> web.Response:
    """What could not be processed, with its cause; 100 after the id `after`."""
    found = await deadletters.dead_letters(
        _runtime(request), tenant.name, after=query_number(request, "after", 0, _MOST)
    )
    return json_response({"dead": [{**attrs.asdict(d), "accepted_at": shown_time(d.accepted_at)} for d in found]})


async def retry_dead(request: web.Request, tenant: Tenant) -> web.Response:
    """Have a dead letter processed again."""
    number = path_number(request, "id")
    if not await deadletters.retry(_runtime(request), tenant.name, number):
        raise Problem(404, "there is no dead letter with that id")
    return json_response({"id": number, "state": "pending"}, status=202)


async def get_undelivered(request: web.Request, tenant: Tenant) -> web.Response:
    """Messages that did not go out, with their cause: those `failed` and `ambiguous`, or in the state `state`; 100
    after the id `after`."""
    state = request.query.get("state", "")
    if state and state not in undelivered.SETTLEABLE:
        raise BadRequest(f"state: given {state[:40]!r}; allowed: {', '.join(undelivered.SETTLEABLE)}", "state")
    found = await undelivered.undelivered(
        _runtime(request),
        tenant.name,
        states=(state,) if state else undelivered.STUCK,
        after=query_number(request, "after", 0, _MOST),
    )
    return json_response({"undelivered": [{**attrs.asdict(u), "created_at": shown_time(u.created_at)} for u in found]})


async def retry_undelivered(request: web.Request, tenant: Tenant) -> web.Response:
    """Have a message that is failed, ambiguous or parked sent again, now."""
    number = path_number(request, "id")
    if not await undelivered.retry(_runtime(request), tenant.name, number):
        raise Problem(404, "there is no failed, ambiguous or parked message with that id")
    return json_response({"id": number, "state": "pending"}, status=202)


async def drop_undelivered(request: web.Request, tenant: Tenant) -> web.Response:
    """Give up a message that is failed, ambiguous or parked."""
    from .app import caller

    number = path_number(request, "id")
    if not await undelivered.drop(_runtime(request), tenant.name, number, by=caller(request).name):
        raise Problem(404, "there is no failed, ambiguous or parked message with that id")
    return json_response({"id": number, "state": "dropped"})


def _runtime(request: web.Request) -> Runtime:
    from .app import RUNTIME

    return request.app[RUNTIME]
