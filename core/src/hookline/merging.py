"""Two contacts that are one person: identities and conversations move from one to the other, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from .db import Op, Script
from .errors import Conflict
from .message import Contact
from .models import contact, conversation, identity

if TYPE_CHECKING:
    from .collect import Collected

b = sa.bindparam

_FOUND = (
    sa.select(contact.c.id)
    .where(contact.c.tenant == b("p_tenant"), contact.c.id.in_(b("p_ids", expanding=True)))
    .order_by(contact.c.id)
    .with_for_update()
)
_IDENTITY = (
    sa.update(identity)
    .where(
        identity.c.tenant == b("p_tenant"),
        identity.c.channel == b("p_channel"),
        identity.c.address == b("p_address"),
        identity.c.contact == b("p_source"),
    )
    .values(contact=b("p_into"))
)
_CONVERSATION = (
    sa.update(conversation)
    .where(
        conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id"), conversation.c.contact == b("p_source")
    )
    .values(contact=b("p_into"))
)
_LEFT = (
    sa.select(identity.c.address)
    .where(identity.c.tenant == b("p_tenant"), identity.c.contact == b("p_source"))
    .union_all(
        sa.select(conversation.c.id).where(
            conversation.c.tenant == b("p_tenant"), conversation.c.contact == b("p_source")
        )
    )
    .limit(1)
)
_DROP = sa.delete(contact).where(contact.c.tenant == b("p_tenant"), contact.c.id == b("p_source"))
_MAKE = sa.insert(contact)
_CHANGE = (
    sa.update(contact)
    .where(contact.c.tenant == b("p_tenant"), contact.c.id == b("p_id"))
    .values(name=b("p_name"), email=b("p_email"), phone=b("p_phone"), language=b("p_language"), data=b("p_data"))
)


@attrs.frozen
class Moved:
    """What moves from the contact `source` to the contact `into`: these `identities` (channel, address) and
    `conversations`.

    `known` is how `into` is known from then on.  `made` is the source's row where it is to be made first (a merge is
    undone); `dropped`: it is removed at the end, having nothing left.
    """

    source: str
    into: str
    identities: tuple[tuple[str, str], ...]
    conversations: tuple[str, ...]
    known: Contact
    made: Contact | None = None
    dropped: bool = False


def follow(act: Collected, conversations: Sequence[str], *tables: sa.Table) -> None:
    """Give what a plugin keeps of these conversations to the contacts whose they are now.

    Each table has the columns `conversation` and `contact`.  For what comes later than the merge itself (its record in
    the event log): it may have been undone meanwhile, so the conversations tell whose they are when this is written.
    """
    for table in tables:
        whose = sa.select(conversation.c.contact).where(conversation.c.id == table.c.conversation)
        there = sa.select(conversation.c.id).where(conversation.c.id.in_(list(conversations)))
        if conversations:
            act.write(sa.update(table).where(table.c.conversation.in_(there)).values(contact=whose.scalar_subquery()))


def move(tenant: str, moved: Moved, now: float) -> Script[None]:
    """Move them; raises `Conflict` where anything is not as it was seen, and nothing is moved then."""
    if moved.made is not None:
        yield Op(_MAKE, {"tenant": tenant, **_row(moved.made, ""), "id": moved.made.id, "created_at": now})
    found = yield Op(_FOUND, {"p_tenant": tenant, "p_ids": [moved.source, moved.into]})
    if len(found.rows) != 2:
        raise Conflict(f"contact {moved.source!r} or {moved.into!r} is not there any more, or they are one")
    at = {"p_tenant": tenant, "p_source": moved.source, "p_into": moved.into}
    done = 0
    for channel, address in moved.identities:
        done += (yield Op(_IDENTITY, {**at, "p_channel": channel, "p_address": address})).rowcount
    for ident in moved.conversations:
        done += (yield Op(_CONVERSATION, {**at, "p_id": ident})).rowcount
    if done != len(moved.identities) + len(moved.conversations):
        raise Conflict(f"contact {moved.source!r} has not what it had a moment ago: look again")
    yield Op(_CHANGE, {"p_tenant": tenant, "p_id": moved.known.id, **_row(moved.known, "p_")})
    if moved.dropped:
        left = yield Op(_LEFT, {"p_tenant": tenant, "p_source": moved.source})
        if left.rows:
            raise Conflict(f"contact {moved.source!r} has got more meanwhile: look again")
        yield Op(_DROP, {"p_tenant": tenant, "p_source": moved.source})


def told_of(moved: Moved) -> dict[str, Any]:
    """The row of the event log that tells plugins of it, `contact.merged` or `contact.parted`: each has what it keeps of
    the contact `from` follow into `contact`, or what came from it go back.  `contact` is who was there all the time.
    """
    parted = moved.made is not None
    return {
        "kind": "contact.parted" if parted else "contact.merged",
        "conversation": "",
        "payload": {
            "contact": moved.source if parted else moved.into,
            "from": moved.into if parted else moved.source,
            "identities": [list(one) for one in moved.identities],
            "conversations": list(moved.conversations),
        },
    }


def _row(about: Contact, before: str) -> Mapping[str, Any]:
    names = ("name", "email", "phone", "language", "data")
    return {before + name: getattr(about, name) for name in names}
