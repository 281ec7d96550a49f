"""The simulator's page: the phones, what one of them shows, how the last turn went, and what happens while one looks."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from aiohttp import hdrs, web

from hookline.app import caller
from hookline.assets import show_page
from hookline.models import event
from hookline.plugin import Page
from hookline.problems import Problem
from hookline.wire import json_response, shown_time

from . import statements as sql
from .simulator import BASE, TOPIC, number_in, require, sender_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.plugin import Router
    from hookline.roles import Caller
    from hookline.tenant import Tenant

PACKAGE = "hookline_whatsapp"
_TITLE = {"en": "Simulator", "fr": "Simulateur", "hi": "सिम्युलेटर"}
_MOST = 100
_LOOK = 5.0  # seconds between two looks whether the page is still there: a stream that is silent does not notice
_PATIENCE = 10.0
_TURN = (
    sa.select(event.c.id, event.c.payload, event.c.at)
    .where(event.c.kind == "turn", event.c.conversation == sa.bindparam("p_conversation"))
    .order_by(event.c.id.desc())
    .limit(1)
)


def register(router: Router) -> None:
    """Add the page, which anybody may load, and what it asks for, which takes an agent."""
    router.add("GET", BASE, show, access="public", page=Page(_TITLE, "agent", 60, _simulated))
    router.add("GET", f"{BASE}/", show, access="public", page=Page())
    router.static("/whatsapp/static", PACKAGE)
    router.add("GET", f"{BASE}/phones", get_phones, access="agent")
    router.add("GET", f"{BASE}/phone", get_phone, access="agent")
    router.add("GET", f"{BASE}/events", get_events, access="agent")


def _simulated(tenant: Tenant, _caller: Caller) -> bool:
    return bool(tenant.config.carrier == "simulator")


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """The page."""
    require(tenant)
    return await show_page(request, tenant, PACKAGE, "simulator.html")


async def get_phones(request: web.Request, tenant: Tenant) -> web.Response:
    """The simulated phones, those with the latest message first; what is known of the tenant; whether staff asks."""
    require(tenant)
    named: dict[str, str] = {}
    for row in await tenant.db.fetch(sql.NAMES):
        named.setdefault(row.address, row.name)
    phones = [
        {"address": row.address, "number": row.number, "name": named.get(row.address, ""), "at": row.at}
        for row in await tenant.db.fetch(sql.PHONES)
    ]
    numbers = [{"id": one.id, "phone": one.phone, "name": name} for name, one in tenant.config.numbers.items()]
    settings = tenant.settings
    told = {"title": settings.title, "languages": list(settings.languages), "region": settings.locale.phone_region}
    staff = caller(request).kind == "staff"
    return json_response({"phones": phones, "numbers": numbers, "tenant": told, "staff": staff})


async def get_phone(request: web.Request, tenant: Tenant) -> web.Response:
    """What one phone shows: its messages up to the time `before`, oldest first, the window, and how the last turn went."""
    require(tenant)
    address = sender_in(request.query.get("sender", ""))
    number = number_in(tenant, request.query.get("number", ""))
    before = _time(request.query.get("before", ""))
    asked = {"p_address": address, "p_number": number, "p_before": before, "p_most": _MOST + 1}
    rows = list(await tenant.db.fetch(sql.ON_PHONE, asked))
    more, rows = len(rows) > _MOST, rows[:_MOST][::-1]
    ids = [row.id for row in rows if row.direction == "outbound"]
    states = {row.provider_id: row for row in await tenant.db.fetch(sql.STATES, {"p_ids": ids})} if ids else {}
    chats = await tenant.db.fetch(sql.CHAT, {"p_address": address, "p_number": number})
    opted = await tenant.db.fetch(sql.OPTED_OUT, {"p_address": address})
    conversation = chats[0].conversation if chats else ""
    return json_response(
        {
            "messages": [_message(row, states.get(row.id)) for row in rows],
            "more": more,
            "window": _window(tenant, chats),
            "opted_out": bool(opted),
            "conversation": conversation,
            "turn": await _turn(tenant, conversation),
        }
    )


def _time(text: str) -> float:
    try:
        found = float(text or "inf")
    except ValueError:
        found = math.nan
    if math.isnan(found):
        raise Problem(400, "before: allowed is a time in seconds since the epoch", field="before")
    return min(found, 1e12)


def _message(row: Any, reported: Any) -> dict[str, Any]:
    mine = row.direction == "inbound"
    state = ("read" if row.seen else "delivered") if mine else reported.state if reported else "sent"
    return {
        "id": row.id,
        "direction": row.direction,
        "at": row.at,
        "message": {key: part for key, part in row.payload.items() if key != "biz_opaque_callback_data"},
        "state": state,
        "error": "" if mine or reported is None else reported.error,
    }


def _window(tenant: Tenant, chats: Sequence[Any]) -> dict[str, Any]:
    """Until when anything may be said to the customer; 0 where they have not written."""
    now = tenant.clock.now()
    until = chats[0].heard_at + tenant.config.window.seconds if chats else 0.0
    return {"until": until, "open": until > now, "now": now}


async def _turn(tenant: Tenant, conversation: str) -> dict[str, Any] | None:
    rows = await tenant.db.fetch(_TURN, {"p_conversation": conversation}) if conversation else ()
    return {**rows[0].payload, "at": shown_time(rows[0].at)} if rows else None


async def get_events(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """What happens on the phones, as server-sent events; who gets "lost" looks at everything anew."""
    require(tenant)
    if "text/event-stream" not in request.headers.get(hdrs.ACCEPT, ""):
        raise Problem(406, "this is an event stream; ask with Accept: text/event-stream")
    headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-cache", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        async with tenant.live.subscribe(tenant.name, TOPIC) as events, asyncio.TaskGroup() as group:
            await _write(request, response, "event: ready\ndata: {}\n\n")
            group.create_task(_beat(request, response), name="whatsapp simulator heartbeat")
            async for told in events:
                data = msgspec.json.encode(told.data).decode()
                await _write(request, response, f"event: {told.kind}\ndata: {data}\n\n")
    except* (ConnectionError, TimeoutError):
        pass  # the page is gone
    return response


async def _beat(request: web.Request, response: web.StreamResponse) -> None:
    """A comment now and then, so that nobody between takes the stream for dead; ends with a page that is gone."""
    while True:
        await asyncio.sleep(_LOOK)
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError("the page is gone")
        await _write(request, response, ": \n\n")


async def _write(request: web.Request, response: web.StreamResponse, text: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await response.write(text.encode())
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise
