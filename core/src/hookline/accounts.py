"""The routes with which an admin looks after accounts, API keys and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs
from aiohttp import web

from . import audit
from .assets import base_of
from .auth import Key, KeyStore
from .logins import RESET_SECONDS
from .problems import Problem
from .routing import Route
from .signin import answering, caller_of, gate_of, logins_of, staff_of, view
from .staff import UnknownStaff
from .wire import json_response, moment, query_number, read_body, shown_time

if TYPE_CHECKING:
    from .roles import Caller
    from .tenant import Tenant

_MOST_ENTRIES = 500


@attrs.frozen(repr=False)
class StaffBody:
    """A new account.  Without a `password` the answer has a link with which the person sets one."""

    email: str
    role: str
    name: str = ""
    phone: str = ""
    language: str = ""
    id: str = ""
    password: str = ""


@attrs.frozen
class StaffChange:
    """What changes of an account; what is left out stays.  `active` false: nobody can sign in with it any more."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    language: str | None = None
    role: str | None = None
    active: bool | None = None


@attrs.frozen
class AgentBody:
    """A new agent, by an id of one's own."""

    agent_id: str
    name: str
    email: str
    phone: str = ""


@attrs.frozen
class KeyBody:
    """A new API key.  `scopes`: empty for all that the role opens; `expires`: a date or time in ISO 8601, "" for never."""

    name: str
    role: str
    scopes: tuple[str, ...] = ()
    expires: str = ""


def routes() -> list[Route]:
    """Accounts, keys and the audit log; all take an admin."""
    return [
        Route("GET", "/staff", list_staff, scope="staff"),
        Route("POST", "/staff", create_staff, body=StaffBody, scope="staff"),
        Route("GET", "/staff/{id}", get_staff, scope="staff"),
        Route("PATCH", "/staff/{id}", change_staff, body=StaffChange, scope="staff"),
        Route("POST", "/staff/{id}/reset", offer_reset, scope="staff"),
        Route("POST", "/staff/{id}/logout", end_logins, scope="staff"),
        Route("POST", "/agents", create_agent, body=AgentBody, scope="staff"),
        Route("GET", "/keys", list_keys, scope="keys"),
        Route("POST", "/keys", create_key, body=KeyBody, scope="keys"),
        Route("DELETE", "/keys/{id}", revoke_key, scope="keys"),
        Route("GET", "/audit", list_audit, scope="audit"),
        Route("GET", "/audit/verify", verify_audit, scope="audit"),
    ]


# -- accounts ------------------------------------------------------------------------------------------------------------


async def list_staff(request: web.Request, tenant: Tenant) -> web.Response:
    """All accounts, the oldest first."""
    found = await staff_of(request).list(tenant.name)
    return json_response({"staff": [view(account.staff) for account in found]})


@answering
async def get_staff(request: web.Request, tenant: Tenant) -> web.Response:
    """An account."""
    found = await staff_of(request).get(tenant.name, request.match_info["id"])
    if found is None:
        raise UnknownStaff("there is no such account here")
    return json_response(view(found.staff))


@answering
async def create_staff(request: web.Request, tenant: Tenant) -> web.Response:
    """Make an account; without a password the answer has a link with which the person sets one, within a day."""
    body, by = await read_body(request, StaffBody), _unscoped(request)
    logins, hashed = logins_of(request), ""
    if body.password:
        about = (body.name, body.email, body.email.partition("@")[0])
        hashed = await logins.set_up(body.password, about=about)
    made = await staff_of(request).create(
        tenant.name,
        body.email,
        body.role,
        by=by.who,
        name=body.name,
        phone=body.phone,
        language=body.language,
        ident=body.id,
        password=hashed,
    )
    link = {} if hashed else await _link(request, tenant, made.id, by)
    return json_response({**view(made.staff), **link}, status=201)


@answering
async def change_staff(request: web.Request, tenant: Tenant) -> web.Response:
    """Change an account; another role or a deactivation counts from the next request on."""
    body, by = await read_body(request, StaffChange), _unscoped(request)
    values = {key: value for key, value in attrs.asdict(body).items() if value is not None}
    changed = await staff_of(request).change(tenant.name, request.match_info["id"], by=by.who, **values)
    return json_response(view(changed.staff))


@answering
async def offer_reset(request: web.Request, tenant: Tenant) -> web.Response:
    """A link with which a person sets the password of their account, once, within a day."""
    link = await _link(request, tenant, request.match_info["id"], _unscoped(request))
    return json_response(link, status=201)


@answering
async def end_logins(request: web.Request, tenant: Tenant) -> web.Response:
    """Sign an account out everywhere."""
    ident = request.match_info["id"]
    if await staff_of(request).get(tenant.name, ident) is None:
        raise UnknownStaff("there is no such account here")
    await logins_of(request).end_all(tenant.name, ident, by=caller_of(request).who)
    return json_response({"id": ident})


@answering
async def create_agent(request: web.Request, tenant: Tenant) -> web.Response:
    """Make an agent's account by an id of one's own; its password is set by a link (POST /staff/ID/reset)."""
    body, by = await read_body(request, AgentBody), _unscoped(request)
    made = await staff_of(request).create(
        tenant.name, body.email, "agent", by=by.who, name=body.name, phone=body.phone, ident=body.agent_id
    )
    return json_response(agent_view(made.staff), status=201)


def agent_view(one: Any) -> dict[str, Any]:
    """An agent in the shape of `/agents`; who has not said otherwise is available."""
    return {
        "id": one.id,
        "agent_id": one.id,
        "name": one.name,
        "email": one.email,
        "phone": one.phone,
        "is_available": one.active and bool(one.data.get("is_available", True)),
    }


async def _link(request: web.Request, tenant: Tenant, ident: str, by: Caller) -> dict[str, Any]:
    text = await logins_of(request).offer_reset(tenant.name, ident, by=by.who)
    origin = tenant.settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
    until = tenant.clock.now() + RESET_SECONDS
    return {
        "reset_token": text,
        "reset_url": f"{origin}{base_of(request, tenant.name)}/login?token={quote(text)}",
        "reset_until": shown_time(until),
    }


def _unscoped(request: web.Request) -> Caller:
    """Who makes the request; raises `Problem` 403 for a key with scopes, which could give itself more than it has."""
    by = caller_of(request)
    if by.scopes:
        raise Problem(403, "a key with scopes makes and changes no accounts and no keys; take one without, or sign in")
    return by


# -- keys ----------------------------------------------------------------------------------------------------------------


async def list_keys(request: web.Request, tenant: Tenant) -> web.Response:
    """The tenant's API keys, also revoked ones, without their text."""
    return json_response({"keys": [_key(key) for key in await _keys(request).list(tenant.name)]})


@answering
async def create_key(request: web.Request, tenant: Tenant) -> web.Response:
    """Make an API key; its text is shown this once."""
    body, by = await read_body(request, KeyBody), _unscoped(request)
    key, text = await _keys(request).create(
        tenant.name,
        body.name,
        body.role,
        scopes=body.scopes,
        expires_at=moment(body.expires, "expires") if body.expires else None,
        by=by.who,
    )
    return json_response({**_key(key), "key": text}, status=201)


async def revoke_key(request: web.Request, tenant: Tenant) -> web.Response:
    """Make an API key useless from now on."""
    ident, by = request.match_info["id"], _unscoped(request)
    if not await _keys(request).revoke(tenant.name, ident, by=by.who):
        raise Problem(404, "there is no working key with that id")
    return web.Response(status=204)


def _key(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "scopes": list(key.scopes),
        "created_at": shown_time(key.created_at),
        "expires_at": _shown(key.expires_at),
        "used_at": _shown(key.used_at),
        "revoked_at": _shown(key.revoked_at),
    }


def _shown(at: float | None) -> str | None:
    return None if at is None else shown_time(at)


def _keys(request: web.Request) -> KeyStore:
    return gate_of(request).keys


# -- the audit log ---------------------------------------------------------------------------------------------------------


async def list_audit(request: web.Request, tenant: Tenant) -> web.Response:
    """The audit log, newest first: `limit` rows before the number `before`."""
    before = query_number(request, "before", 0, 2**62)
    limit = query_number(request, "limit", 100, _MOST_ENTRIES)
    found = await audit.entries(staff_of(request).database, tenant.name, before=before, limit=limit)
    rows = [{**attrs.asdict(entry), "at": shown_time(entry.at)} for entry in found]
    return json_response({"entries": rows, "next": found[-1].n if len(found) == limit and limit else None})


async def verify_audit(request: web.Request, tenant: Tenant) -> web.Response:
    """Whether the audit log is whole: no row missing, none changed; `head` is the last row's hash, to be noted elsewhere."""
    found = await audit.verify(staff_of(request).database, tenant.name)
    return json_response({"ok": not found.broken, **attrs.asdict(found)})
