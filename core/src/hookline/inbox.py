"""What comes in: conversations are opened, messages and work accepted, each as a script for one transaction.

On PostgreSQL a lane's row is locked before an inbox row is inserted, because ids are given before the commit:
otherwise a later id could commit first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import msgspec
import sqlalchemy as sa

from .db import Op, Script
from .ledger import (
    DIALECTS,
    Accepted,
    ConversationClosed,
    Row,
    new_id,
    upsert,
)
from .message import Message
from .models import contact, conversation, identity, inbox, lane, message

b = sa.bindparam

# -- conversations ---------------------------------------------------------------------------------------------------

FIND_CONVERSATION = (
    sa.select(conversation.c.id, conversation.c.contact)
    .where(
        conversation.c.tenant == b("p_tenant"),
        conversation.c.channel == b("p_channel"),
        conversation.c.address == b("p_address"),
        conversation.c.status == "open",
    )
    .order_by(conversation.c.created_at.desc())
    .limit(1)
)
FIND_IDENTITY = sa.select(identity.c.contact).where(
    identity.c.tenant == b("p_tenant"), identity.c.channel == b("p_channel"), identity.c.address == b("p_address")
)
_FIND_ID = sa.select(conversation.c.id, conversation.c.contact, conversation.c.address, conversation.c.status).where(
    conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id")
)
NEW_CONTACT = sa.insert(contact)
_HOLD_CONTACT = (
    sa.select(contact.c.id)
    .where(contact.c.tenant == b("p_tenant"), contact.c.id == b("p_id"))
    .with_for_update(key_share=True)
)
_NO_CONTACT = sa.delete(contact).where(contact.c.tenant == b("p_tenant"), contact.c.id == b("p_id"))


def open_conversation(
    dialect: str,
    tenant: str,
    channel: str,
    address: str,
    now: float,
    *,
    name: str = "",
    data: Mapping[str, Any] | None = None,
    fresh: bool = False,
    ident: str = "",
) -> Script[tuple[str, str]]:
    """The address's open conversation and its contact; makes what is missing.  `fresh` always makes a new one.

    With an `ident` that no conversation has, a new one of that id.  Several messages of a new address may come at once,
    to several processes too: they get one contact and one conversation.
    """
    at = {"p_tenant": tenant, "p_channel": channel, "p_address": address}
    if ident:
        taken = yield Op(_FIND_ID, {"p_tenant": tenant, "p_id": ident})
        if taken.rows and (taken.rows[0].address, taken.rows[0].status) == (address, "open"):
            return taken.rows[0].id, taken.rows[0].contact
        ident, fresh = ("", fresh) if taken.rows else (ident, True)
    if not fresh:
        found = yield Op(FIND_CONVERSATION, at)
        if found.rows:
            return found.rows[0].id, found.rows[0].contact
    who = yield from _contact(dialect, at, name, now)
    if dialect == "postgresql" and not fresh:
        found = yield Op(FIND_CONVERSATION, at)  # whoever had the contact a moment ago may have opened one
        if found.rows:
            return found.rows[0].id, found.rows[0].contact
    new = ident or new_id()
    yield Op(
        _NEW_CONVERSATION[dialect],
        {
            "tenant": tenant,
            "id": new,
            "channel": channel,
            "address": address,
            "contact": who,
            "created_at": now,
            "updated_at": now,
            "data": data or {},
        },
    )
    return new, who


def _contact(dialect: str, at: Mapping[str, Any], name: str, now: float) -> Script[str]:
    """The address's contact, made where there is none; on PostgreSQL held until the commit, so that whoever opens a
    conversation for it at the same time finds this one."""
    tenant = at["p_tenant"]
    while True:
        known = yield Op(FIND_IDENTITY, at)
        if known.rows:
            who: str = known.rows[0].contact
            if dialect == "sqlite" or (yield Op(_HOLD_CONTACT, {"p_tenant": tenant, "p_id": who})).rows:
                return who
            continue  # it became another's just now, or was removed
        who = new_id()
        yield Op(NEW_CONTACT, {"tenant": tenant, "id": who, "name": name, "created_at": now})
        identity_row = {"tenant": tenant, "channel": at["p_channel"], "address": at["p_address"], "contact": who}
        made = yield Op(_INSERT_IDENTITY[dialect], identity_row)
        if made.rowcount:
            return who
        yield Op(_NO_CONTACT, {"p_tenant": tenant, "p_id": who})  # another was quicker


_NEW_CONVERSATION = {d: upsert(d, conversation).on_conflict_do_nothing() for d in DIALECTS}
_INSERT_IDENTITY = {d: upsert(d, identity).on_conflict_do_nothing() for d in DIALECTS}


# -- accept ----------------------------------------------------------------------------------------------------------


def _lock_lane(dialect: str) -> sa.Executable:
    insert = upsert(dialect, lane)
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=["tenant", "key"], set_={"key": insert.excluded.key}
    )
    return statement


_LOCK_LANE = {d: _lock_lane(d) for d in DIALECTS}


def _insert_inbox(dialect: str) -> sa.Executable:
    insert = upsert(dialect, inbox).on_conflict_do_nothing(index_elements=["tenant", "source", "source_key"])
    statement: sa.Executable = insert.returning(inbox.c.id)
    return statement


_INSERT_INBOX = {d: _insert_inbox(d) for d in DIALECTS}
INSERT_MESSAGE = sa.insert(message)
ADVANCE = (
    sa.update(conversation)
    .where(conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id"), conversation.c.status == "open")
    .values(last_seq=conversation.c.last_seq + b("p_n", type_=sa.Integer), updated_at=b("p_now"))
    .returning(conversation.c.last_seq, conversation.c.channel, conversation.c.address, conversation.c.contact)
)
KNOWN_WORK = sa.select(inbox.c.id, inbox.c.lane).where(
    inbox.c.tenant == b("p_tenant"), inbox.c.source == b("p_source"), inbox.c.source_key == b("p_key")
)
_STORED = sa.select(message.c.id, message.c.seq).where(
    message.c.tenant == b("p_tenant"),
    message.c.inbox_id == b("p_id"),
    message.c.conversation == b("p_conversation"),
    message.c.direction == "inbound",
)


def accept(dialect: str, tenant: str, told: Message, source_key: str, *, keep_text: bool) -> Script[Accepted]:
    """Store a customer's message and the inbox row that will process it; a repeat changes nothing.

    `told` has no `seq` yet.  Raises `ConversationClosed` if the conversation is not open.
    """
    source = f"channel:{told.channel}"
    if dialect == "postgresql":
        yield Op(_LOCK_LANE[dialect], {"tenant": tenant, "key": told.conversation})
    body = msgspec.Raw(msgspec.json.encode(told))
    made = yield Op(
        _INSERT_INBOX[dialect],
        {
            "tenant": tenant,
            "lane": told.conversation,
            "kind": "message",
            "source": source,
            "source_key": source_key,
            "payload": body,
            "accepted_at": told.created_at,
        },
    )
    if not made.rows:
        known = yield Op(KNOWN_WORK, {"p_tenant": tenant, "p_source": source, "p_key": source_key})
        row = known.rows[0]
        stored = yield Op(_STORED, {"p_tenant": tenant, "p_id": row.id, "p_conversation": row.lane})
        first = stored.rows[0] if stored.rows else None
        return Accepted(row.id, first.id if first else "", row.lane, first.seq if first else 0, duplicate=True)
    inbox_id = made.rows[0].id
    advanced = yield Op(
        ADVANCE,
        {
            "p_tenant": tenant,
            "p_id": told.conversation,
            "p_n": 1,
            "p_now": told.created_at,
        },
    )
    if not advanced.rows:
        raise ConversationClosed(f"conversation {told.conversation!r} of tenant {tenant!r} is not open")
    seq, who = advanced.rows[0].last_seq, advanced.rows[0].contact
    if told.contact != who:
        body = msgspec.Raw(msgspec.json.encode(attrs.evolve(told, contact=who)))
    yield Op(
        INSERT_MESSAGE,
        {
            "tenant": tenant,
            "conversation": told.conversation,
            "seq": seq,
            "id": told.id,
            "direction": "inbound",
            "author": told.author,
            "body": body if keep_text else None,
            "inbox_id": inbox_id,
            "created_at": told.created_at,
        },
    )
    return Accepted(inbox_id, told.id, told.conversation, seq)


def lock_lane(dialect: str, tenant: str, key: str) -> Script[None]:
    """Have the lane to oneself until the commit; on SQLite a writer has all of them."""
    if dialect == "postgresql":
        yield Op(_LOCK_LANE[dialect], {"tenant": tenant, "key": key})


def submit(
    dialect: str,
    tenant: str,
    kind: str,
    plugin: str,
    name: str,
    payload: Mapping[str, Any],
    now: float,
    *,
    source: str,
    source_key: str,
    lane_key: str,
    key: str = "",
    not_before: float = 0.0,
    by: str = "",
    due_at: float = 0.0,
) -> Script[Row | None]:
    """Store a job, command or due timer; None if its source key is known already."""
    body = {"name": name, "payload": payload, "key": key, "by": by, "due_at": due_at}
    yield from lock_lane(dialect, tenant, lane_key)
    made = yield Op(
        _INSERT_INBOX[dialect],
        {
            "tenant": tenant,
            "lane": lane_key,
            "kind": kind,
            "plugin": plugin,
            "source": source,
            "source_key": source_key,
            "payload": body,
            "accepted_at": now,
            "not_before": not_before,
        },
    )
    if not made.rows:
        return None
    return Row(made.rows[0].id, lane_key, kind, plugin, body, 0, not_before)
