"""Conversations of an id that a client made up: bound to that client once it has proved something in them.

Whoever guesses such an id ("s1") gets in as long as there is nothing to be had.  From the commit of `Collected.bind` on, only
the client gets in that shows the key whose digest was bound: by its cookie, or as `Authorization: Bearer …` (`clients`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from .collect import Bound
from .db import Op, Script
from .errors import Conflict
from .message import Conversation
from .models import conversation

b = sa.bindparam

CLIENT = "client"
"""In a message's `data`: the digest of the key of who sent it; in a conversation's: of whose it is alone."""

_MADE_UP = "room:"

_AT = (conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id"))
_DATA = sa.select(conversation.c.data).where(*_AT).with_for_update()
_BIND = sa.update(conversation).where(*_AT).values(data=b("p_data"))


def address_of(session: str) -> str:
    """The address of who writes in a session of that made-up id; that of Socket.IO's room of the same name, too."""
    return f"{_MADE_UP}{session}"


def is_made_up(about: Conversation) -> bool:
    """Whether a client chose the conversation's id, or its room's: others may guess it."""
    return about.address.startswith(_MADE_UP)


def bind(tenant: str, bound: Bound) -> Script[None]:
    """Give the conversation to the client alone; raises `Conflict` where it is another's."""
    at = {"p_tenant": tenant, "p_id": bound.conversation}
    found = yield Op(_DATA, at)
    if not found.rows:
        raise Conflict(f"there is no conversation {bound.conversation!r}")
    data: Mapping[str, Any] = found.rows[0].data
    if data.get(CLIENT, bound.client) != bound.client:
        raise Conflict(f"conversation {bound.conversation!r} is bound to another client")
    yield Op(_BIND, {**at, "p_data": {**data, CLIENT: bound.client}})
