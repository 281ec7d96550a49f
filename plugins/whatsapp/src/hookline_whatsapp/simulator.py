"""The simulator's API: what its page does in place of a customer's phone; from the webhook on all is as with Meta.

A message becomes the payload that Meta would post, and goes the way of Meta's.  It answers only while the simulator carries
the tenant's messages.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
from aiohttp import web

from hookline.problems import Problem
from hookline.wire import json_response, read_body, shown_time

from . import metaread, numbers, taking
from . import statements as sql
from .incoming import address_of

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

TOPIC = "whatsapp:simulator"
"""The live topic of all simulated phones: "chat" when something on one has changed, "typing" when an answer is being written."""

BASE = "/whatsapp/simulator"
_AT_ONCE = 200
_STATES = ("sent", "delivered", "read", "failed")
_LONGEST_PASS = 24.0 * 365


@attrs.frozen
class SimulatedMessage:
    """What the customer does: `message` is as Meta has it, without `from`, `id` and `timestamp`.

    `{"type": "text", "text": {"body": "hello"}}`; `sender` is the customer's number, `number` the tenant's ("": its first).
    """

    sender: str
    message: Mapping[str, Any]
    name: str = ""
    number: str = ""
    id: str = ""


@attrs.frozen
class SimulatedStatus:
    """What becomes of a message that was sent: `state` is sent, delivered, read or failed (with a `code` of Meta's).

    `ids` in place of `id`: of several at once, 200 at most.
    """

    state: str
    id: str = ""
    ids: tuple[str, ...] = ()
    code: int = 0


@attrs.frozen
class SimulatedClock:
    """Let `hours` pass since the customer last wrote."""

    sender: str
    hours: float


def register(router: Router) -> None:
    """Add the routes, which take an agent."""
    router.add("POST", f"{BASE}/messages", post_message, access="agent", body=SimulatedMessage)
    router.add("GET", f"{BASE}/messages", get_messages, access="agent")
    router.add("POST", f"{BASE}/statuses", post_status, access="agent", body=SimulatedStatus)
    router.add("POST", f"{BASE}/clock", post_clock, access="agent", body=SimulatedClock)


def require(tenant: Tenant) -> None:
    """Raise `Problem` 404 unless the simulator carries the tenant's messages."""
    if tenant.config.carrier != "simulator":
        raise Problem(404, f"this tenant's provider is {tenant.config.provider}, not the simulator")


def sender_in(text: str) -> str:
    """The customer's address; raises `Problem` 400."""
    found = address_of(text)
    if not found:
        raise Problem(400, f"sender: given {text[:40]!r}; allowed: a number such as +919812345678", field="sender")
    return found


def number_in(tenant: Tenant, text: str) -> str:
    """The id of the tenant's number that is meant; "": its first."""
    return text or next((one.id for one in tenant.config.numbers.values()), numbers.SIMULATED.id)


def changed(tenant: Tenant, address: str, kind: str = "chat", **more: Any) -> None:
    """Tell the pages that something has happened on the phone."""
    tenant.live.publish(tenant.name, TOPIC, kind, {"address": address, **more})


async def post_message(request: web.Request, tenant: Tenant) -> web.Response:
    """Send a message as a customer."""
    require(tenant)
    body = await read_body(request, SimulatedMessage)
    address = sender_in(body.sender)
    ident = body.id or f"wamid.SIM{secrets.token_hex(12)}"
    number = number_in(tenant, body.number)
    now = tenant.clock.now()
    sender = address.removeprefix("+")
    message = {**body.message, "from": sender, "id": ident, "timestamp": str(int(now))}
    contact = {"wa_id": sender, "profile": {"name": body.name}}
    batch = metaread.batch_of(_payload(number, contacts=[contact], messages=[message]))
    if not batch.messages:
        raise Problem(400, f"message: no phone sends this ({', '.join(batch.noted)})", field="message")
    row = {"id": ident, "address": address, "number": number, "payload": dict(body.message), "at": now}
    kept = await tenant.db.write(
        (sql.SIMULATE, {**row, "direction": "inbound", "name": body.name[:200], "seen": False})
    )
    try:
        new = await taking.take(tenant, batch)
    except BaseException:
        if kept[0].rowcount:
            await tenant.db.write((sql.UNSAY, {"p_id": ident}))
        raise
    changed(tenant, address)
    return json_response({"id": ident, "duplicate": not new}, status=202)


async def get_messages(request: web.Request, tenant: Tenant) -> web.Response:
    """What was sent to a customer, oldest first: those after the time `after`, 200 at most."""
    require(tenant)
    sender = sender_in(request.query.get("sender", ""))
    try:
        after = float(request.query.get("after") or 0)
    except ValueError:
        raise Problem(400, "after: allowed is a time in seconds since the epoch", field="after") from None
    asked = {"p_address": sender, "p_after": after, "p_direction": "outbound"}
    rows = await tenant.db.fetch(sql.SIMULATED, asked)
    shown = [{"id": row.id, "at": row.at, "sent_at": shown_time(row.at), "message": row.payload} for row in rows]
    return json_response({"messages": shown})


async def post_status(request: web.Request, tenant: Tenant) -> web.Response:
    """Report what became of a message, as Meta does."""
    require(tenant)
    body = await read_body(request, SimulatedStatus)
    ids = list(dict.fromkeys(body.ids or (body.id,)))[:_AT_ONCE]
    rows = await tenant.db.fetch(sql.SENT_SIMULATED, {"p_ids": ids})
    if body.state not in _STATES:
        raise Problem(400, f"state: given {body.state[:40]!r}; allowed: {', '.join(_STATES)}", field="state")
    if len(rows) != len(ids):
        missing = next(one for one in ids if one not in {row.id for row in rows})
        raise Problem(400, f"id: given {missing[:80]!r}; allowed: a message that was sent to a phone", field="id")
    for number in dict.fromkeys(row.number for row in rows):
        told = [_status(tenant, row, body) for row in rows if row.number == number]
        await taking.take(tenant, metaread.batch_of(_payload(number, statuses=told)))
    for address in dict.fromkeys(row.address for row in rows):
        changed(tenant, address)
    return web.Response(status=204)


def _status(tenant: Tenant, row: Any, body: SimulatedStatus) -> dict[str, Any]:
    failed = {"errors": [{"code": body.code or 131026, "title": "simulated"}]} if body.state == "failed" else {}
    return {
        "id": row.id,
        "status": body.state,
        "timestamp": str(int(tenant.clock.now())),
        "recipient_id": row.address.removeprefix("+"),
        "biz_opaque_callback_data": row.payload.get("biz_opaque_callback_data", ""),
        **failed,
    }


async def post_clock(request: web.Request, tenant: Tenant) -> web.Response:
    """Let time pass in the customer's window."""
    require(tenant)
    body = await read_body(request, SimulatedClock)
    sender = sender_in(body.sender)
    if not 0 < body.hours <= _LONGEST_PASS:
        raise Problem(
            400, f"hours: given {body.hours:g}; allowed: more than 0, at most {_LONGEST_PASS:g}", field="hours"
        )
    (passed,) = await tenant.db.write((sql.PASS, {"p_address": sender, "p_seconds": body.hours * 3600}))
    changed(tenant, sender)
    return json_response({"chats": passed.rowcount})


def _payload(number: str, **value: Any) -> dict[str, Any]:
    """As Meta posts it; it goes through JSON, so that it is nothing else."""
    told = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, **value}
    change = {"field": "messages", "value": told}
    whole = {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(whole))
    return found
