"""The routes with which contacts are made beforehand, by an id of one's own, and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
from aiohttp import web

from .db import ConstraintViolated, Op, Script
from .errors import BadRequest, Conflict
from .inbox import FIND_IDENTITY
from .ledger import API, new_id
from .models import contact, conversation, identity
from .particulars import checked_email, checked_language, checked_name, checked_phone
from .problems import Problem
from .routing import Route
from .wire import json_response, read_body, shown_time

if TYPE_CHECKING:
    from .tenant import Tenant

b = sa.bindparam

_MADE = "user_id"  # in the contact's data: it was made by this route, under that id
_GET = sa.select(
    contact.c.id,
    contact.c.name,
    contact.c.email,
    contact.c.phone,
    contact.c.language,
    contact.c.data,
    contact.c.created_at,
).where(contact.c.tenant == b("p_tenant"), contact.c.id == b("p_id"))
_FILL = (
    sa.update(contact)
    .where(contact.c.tenant == b("p_tenant"), contact.c.id == b("p_id"))
    .values(
        name=b("p_name"),
        email=b("p_email"),
        phone=b("p_phone"),
        language=b("p_language"),
        data=b("p_data", type_=contact.c.data.type),
    )
)
_TALKS = sa.select(conversation.c.id).where(conversation.c.tenant == b("p_tenant"), conversation.c.contact == b("p_id"))


@attrs.frozen(repr=False)
class ContactBody:
    """A contact: `user_id` is how it is known outside, and what a session is opened for."""

    user_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""


def routes() -> list[Route]:
    """Both take an agent."""
    return [
        Route("POST", "/contacts", create_contact, access="agent", body=ContactBody, scope="contacts"),
        Route("GET", "/contacts/{user_id}", get_contact, access="agent", scope="contacts"),
    ]


async def create_contact(request: web.Request, tenant: Tenant) -> web.Response:
    """Make a contact; sessions of the same `user_id` are its own, also those that were opened before."""
    body = await read_body(request, ContactBody)
    values = {
        "name": checked_name(body.name),
        "email": checked_email(body.email) if body.email else "",
        "phone": checked_phone(body.phone),
        "language": checked_language(body.language),
    }
    user, channel, now = user_of(body.user_id), channel_of(tenant), tenant.clock.now()

    def script() -> Script[tuple[str, list[str]]]:
        where = {"p_tenant": tenant.name, "p_channel": channel, "p_address": user}
        known = (yield Op(FIND_IDENTITY, where)).rows
        if not known:
            ident = new_id()
            row = {"tenant": tenant.name, "id": ident, **values, "data": {_MADE: user}, "created_at": now}
            yield Op(sa.insert(contact), row)
            yield Op(
                sa.insert(identity), {"tenant": tenant.name, "channel": channel, "address": user, "contact": ident}
            )
            return ident, []
        ident = known[0].contact
        found = (yield Op(_GET.with_for_update(), {"p_tenant": tenant.name, "p_id": ident})).rows[0]
        if _MADE in found.data:
            raise Conflict(f"there is a contact with the user_id {user[:80]!r} already")
        filled = {f"p_{key}": value or getattr(found, key) for key, value in values.items()}
        told = {"p_tenant": tenant.name, "p_id": ident, **filled, "p_data": {**found.data, _MADE: user}}
        yield Op(_FILL, told)
        talks = (yield Op(_TALKS, {"p_tenant": tenant.name, "p_id": ident})).rows
        return ident, [row.id for row in talks]

    ident, talks = await _run(tenant, script, user)
    for one in talks:
        tenant.conversations.dropped(one)
    return json_response(await _view(tenant, ident, user), status=201)


async def get_contact(request: web.Request, tenant: Tenant) -> web.Response:
    """A contact, by the id that it is known by outside."""
    user = user_of(request.match_info["user_id"])
    where = {"p_tenant": tenant.name, "p_channel": channel_of(tenant), "p_address": user}
    known = await tenant.conversations.database.fetch(FIND_IDENTITY, where, tenant=tenant.name)
    if not known:
        raise Problem(404, "there is no contact with that user_id", field="user_id")
    return json_response(await _view(tenant, known[0].contact, user))


async def _run(tenant: Tenant, script: Any, user: str) -> tuple[str, list[str]]:
    try:
        made: tuple[str, list[str]] = await tenant.conversations.database.run(script(), tenant=tenant.name)
    except ConstraintViolated:
        raise Conflict(f"there is a contact with the user_id {user[:80]!r} already") from None
    return made


async def _view(tenant: Tenant, ident: str, user: str) -> dict[str, Any]:
    (row,) = await tenant.conversations.database.fetch(
        _GET, {"p_tenant": tenant.name, "p_id": ident}, tenant=tenant.name
    )
    return {
        "id": ident,
        "user_id": user,
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "created_at": shown_time(row.created_at),
    }


def user_of(user: str) -> str:
    """The id of a user, if it may be one; raises `BadRequest`."""
    if not user.strip() or len(user) > 200 or "\x00" in user:
        raise BadRequest("user_id: give 1 to 200 characters", "user_id")
    return user


def channel_of(tenant: Tenant) -> str:
    """The web chat's, so that its page shows the conversation too; where there is none, the core's own."""
    return "webchat" if tenant.hooks.dispatcher.addressee("deliver", "webchat") else API
