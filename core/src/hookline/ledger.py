"""The rows of the way of a message, as values: what `inbox` stores, `commit` settles and `outbox` delivers."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .errors import StorageError
from .message import Attachment, InputType, Message
from .models import literal

DIALECTS = ("sqlite", "postgresql")
OPEN = [literal("pending"), literal("sending"), literal("parked")]

API = "api"
"""The core's own channel: its replies are fetched, so a committed one is delivered."""


def upsert(dialect: str, table: sa.Table) -> Any:
    """An INSERT that may say what to do on a conflict."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def unhurried(dialect: str, update: Any) -> Any:
    """The update in a transaction that does not wait for the disk on PostgreSQL: should the server lose it, what it
    said is found out again.  SQLite's writer waits for all at once anyway."""
    if dialect == "sqlite":
        return update
    return update.returning(sa.func.set_config("synchronous_commit", "off", sa.true()))


@attrs.frozen
class Inbound:
    """What a channel hands to `accept`: one message of a customer.

    `provider_id` is the channel's id of it ("": the channel has none, and a repeat can't be recognised).
    `conversation` names an open conversation, where the channel knows it; otherwise the address's open one is used.
    `begins`: it may be an id that the channel has made itself (`new_id`), which nobody has written in yet; nothing is
    stored of a conversation before its first message.
    """

    channel: str
    address: str
    text: str
    provider_id: str = ""
    conversation: str = ""
    language: str = ""
    input_type: InputType = "text"
    attachments: tuple[Attachment, ...] = ()
    name: str = ""
    data: Mapping[str, Any] = attrs.Factory(dict)
    begins: bool = False


def storable(inbound: Inbound) -> Inbound:
    """The message without what no database takes: null characters are left out, lone surrogates become U+FFFD."""
    told = f"{inbound.address}{inbound.text}{inbound.provider_id}{inbound.conversation}{inbound.language}{inbound.name}"
    if not inbound.data and not _is_odd(told):
        return inbound  # as nearly all are
    changed: dict[str, Any] = {
        name: _clean(value)
        for name in ("address", "text", "provider_id", "conversation", "language", "name")
        if _is_odd(value := getattr(inbound, name))
    }
    if any(_is_odd(item) for pair in inbound.data.items() for item in pair if isinstance(item, str)):
        changed["data"] = {
            _clean(key): _clean(value) if isinstance(value, str) else value for key, value in inbound.data.items()
        }
    return attrs.evolve(inbound, **changed) if changed else inbound


def _is_odd(text: str) -> bool:
    if text.isascii():
        return "\x00" in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return "\x00" in text


def _clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@attrs.frozen
class Accepted:
    """A message that is durable.  `duplicate`: it had been accepted before, with these ids."""

    inbox_id: int
    message_id: str
    conversation: str
    seq: int
    duplicate: bool = False


@attrs.frozen
class Row:
    """An inbox row that waits to be processed."""

    id: int
    lane: str
    kind: str
    plugin: str
    payload: Any
    attempts: int = 0
    not_before: float = 0.0


@attrs.frozen
class OutboxRow:
    """An outbox row that waits to be delivered.

    `alone`: nothing older of its conversation was waiting with it.  `aside`: it is parked, and later ones may pass it.
    """

    id: int
    conversation: str
    message: Message
    author: str = "bot"
    state: str = "pending"
    attempts: int = 0
    not_before: float = 0.0
    lease_until: float = 0.0
    alone: bool = False
    aside: bool = False


@attrs.frozen
class Committed:
    """What a commit has made durable.

    `released`: nothing more waits in its lane, whose lease it has given back.  `withdrawn` are the ids of messages that
    were not sent yet and will not be.
    """

    messages: tuple[Message, ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    work: tuple[Row, ...] = ()
    timers: bool = False  # whether one is due soon
    released: bool = False
    withdrawn: tuple[str, ...] = ()


_chance: list[str] = []  # random parts of ids to come: the system is asked for many at once
os.register_at_fork(after_in_child=_chance.clear)


def new_id() -> str:
    """An id that nobody can guess (80 random bits) and that is unique without asking anybody.

    It begins with the time, so that what is made together lies together in an index, and few of its pages are
    written at a commit.
    """
    while True:
        try:
            return f"{time.time_ns() // 1_000_000:012x}{_chance.pop()}"  # `pop` is safe among threads
        except IndexError:
            block = os.urandom(10 * 256).hex()
            _chance.extend(block[at : at + 20] for at in range(0, len(block), 20))


class ConversationClosed(StorageError):
    """The conversation is not open any more; the message needs a new one."""


@attrs.define
class Lease:
    """The right to process a lane; `fence` is checked at the commit on PostgreSQL, and not used on SQLite.

    `settling`: a transaction is under way that gives it back if nothing more waits in the lane.  `held` is False
    when it has done so.
    """

    tenant: str
    key: str
    owner: str = ""
    fence: int = 0
    settling: bool = False
    held: bool = True


@attrs.frozen
class Source:
    """What an outbound message comes from: the outbox is unique on (kind, id, n).

    `intent`: what the customer's message was taken for.
    """

    kind: str
    id: str
    n: int = 0
    inbox_id: int = 0
    language: str = ""
    intent: str = ""


def message_id(kind: str, ident: str, n: int) -> str:
    """The id of an outbound message is made from its source, so that a turn that runs again sends the same one:
    providers take it as their idempotency key."""
    return f"{kind}-{ident}-{n}"
