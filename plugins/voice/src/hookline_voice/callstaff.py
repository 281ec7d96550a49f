"""What staff and programs ask about calls: to place one, to look at them, to leave one be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.app import caller
from hookline.problems import Problem
from hookline.wire import json_response, query_number, read_body, shown_time

from .calling import calling_of
from .callmodels import call, order

if TYPE_CHECKING:
    from aiohttp import web

    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant


_MOST = 500


@attrs.frozen
class CallBody:
    """A call that is wanted: `to` is the customer's number, `number` ours, `slots` what the flow knows from the start; with a `key`
    it is placed only once."""

    to: str
    flow: str = ""
    language: str = ""
    number: str = ""
    slots: Mapping[str, Any] = attrs.Factory(dict)
    key: str = ""


def register(router: Router) -> None:
    """Add the routes and commands."""
    router.add("POST", "/api/v1/voice/calls", post_call, access="supervisor", body=CallBody)
    router.add("GET", "/api/v1/voice/calls", get_calls, access="agent")
    router.add("GET", "/api/v1/voice/orders", get_orders, access="agent")
    router.add("DELETE", "/api/v1/voice/orders/{id}", delete_order, access="supervisor")
    router.command("place", place_command)
    router.command("calls", calls_command)
    router.command("orders", orders_command)


async def post_call(request: web.Request, tenant: Tenant) -> web.Response:
    """Have a customer called, as soon as the hours allow it: 202 with the order."""
    body = await read_body(request, CallBody)
    row = await calling_of(tenant).orders.place(attrs.asdict(body), caller(request).who)
    return json_response(_order(row), status=202)


async def get_calls(request: web.Request, tenant: Tenant) -> web.Response:
    """The latest calls: how long they were, and how they went; `outcome` and `limit` narrow them."""
    found = await calls(tenant, request.query.get("outcome", ""), query_number(request, "limit", 100, _MOST))
    return json_response({"calls": found})


async def calls(tenant: Tenant, outcome: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """The latest calls, newest first."""
    asked = sa.select(call).order_by(call.c.created_at.desc()).limit(limit)
    if outcome:
        asked = asked.where(call.c.outcome == outcome)
    return [
        {
            "id": row.id, "conversation": row.conversation, "direction": row.direction, "number": row.number,
            "customer": row.address, "language": row.language, "flow": row.flow, "order": row.plan, "status": row.status,
            "answered_by": row.answered_by, "outcome": row.outcome, "seconds": row.seconds,
            "created_at": shown_time(row.created_at), "ended_at": shown_time(row.ended_at) if row.ended_at else None,
        }
        for row in await tenant.db.fetch(asked)
    ]  # fmt: skip


async def get_orders(request: web.Request, tenant: Tenant) -> web.Response:
    """The latest calls that were ordered, with what became of them; `state` and `limit` narrow them."""
    found = await orders(tenant, request.query.get("state", ""), query_number(request, "limit", 100, _MOST))
    return json_response({"orders": found})


async def orders(tenant: Tenant, state: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """The latest orders, newest first."""
    asked = sa.select(order).order_by(order.c.created_at.desc()).limit(limit)
    if state:
        asked = asked.where(order.c.state == state)
    return [_order(row) for row in await tenant.db.fetch(asked)]


async def delete_order(request: web.Request, tenant: Tenant) -> web.Response:
    """Call the customer no more, and settle an order that is `unknown`; 409 where the call is placed already."""
    ident = request.match_info["id"]
    kept = calling_of(tenant).orders
    if await kept.find(ident) is None:
        raise Problem(404, f"there is no order {ident!r}")
    if not await kept.cancel(ident, caller(request).who):
        raise Problem(409, "the call is placed already, or done")
    return json_response(_order(await kept.find(ident)))


def _order(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "to": row.address, "number": row.number, "flow": row.flow, "language": row.language, "state": row.state,
        "outcome": row.outcome, "error": row.error, "attempts": row.attempts, "call": row.call,
        "not_before": shown_time(row.not_before) if row.not_before else None, "created_at": shown_time(row.created_at),
    }  # fmt: skip


async def place_command(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """`hookline calls place`."""
    del progress
    return _order(await calling_of(tenant).orders.place(arguments, "the command line"))


async def calls_command(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """`hookline calls list`."""
    del progress
    return await calls(tenant, str(arguments.get("outcome", "")), int(arguments.get("limit", 50)))


async def orders_command(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """`hookline calls orders`."""
    del progress
    return await orders(tenant, str(arguments.get("state", "")), int(arguments.get("limit", 50)))
