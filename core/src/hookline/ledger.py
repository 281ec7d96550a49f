"""The transactions of the way of a message, as scripts: accept, commit, deliver.

Each is written once for SQLite and PostgreSQL (see `db`).  On PostgreSQL a lane's row is locked before an inbox row
is inserted, because ids are given before the commit: otherwise a later id could commit first.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .db import Op, Result, Script
from .errors import StorageError, TurnLost
from .message import Attachment, Conversation, InputType, Message
from .models import contact, conversation, event, identity, inbox, lane, literal, message, outbox, timer

if TYPE_CHECKING:
    from .turn import NewWork, Outgoing, Turn

b = sa.bindparam

API = "api"
"""The core's own channel: its replies are fetched, so a committed one is delivered."""


def _upsert(dialect: str, table: sa.Table) -> Any:
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
    """An outbox row that waits to be delivered.  `alone`: nothing older of its conversation was waiting with it."""

    id: int
    conversation: str
    message: Message
    author: str = "bot"
    state: str = "pending"
    attempts: int = 0
    not_before: float = 0.0
    lease_until: float = 0.0
    alone: bool = False


@attrs.frozen
class Committed:
    """What a commit has made durable.  `released`: nothing more waits in its lane, whose lease it has given back."""

    messages: tuple[Message, ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    work: tuple[Row, ...] = ()
    timers: bool = False
    released: bool = False


def new_id() -> str:
    """An id that nobody can guess and that is unique without asking anybody."""
    return secrets.token_hex(12)


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
NEW_CONTACT = sa.insert(contact)
NEW_CONVERSATION = sa.insert(conversation)


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
) -> Script[tuple[str, str]]:
    """The address's open conversation and its contact; makes what is missing.  `fresh` always makes a new one."""
    if not fresh:
        found = yield Op(FIND_CONVERSATION, {"p_tenant": tenant, "p_channel": channel, "p_address": address})
        if found.rows:
            return found.rows[0].id, found.rows[0].contact
    known = yield Op(FIND_IDENTITY, {"p_tenant": tenant, "p_channel": channel, "p_address": address})
    if known.rows:
        who = known.rows[0].contact
    else:
        who = new_id()
        yield Op(NEW_CONTACT, {"tenant": tenant, "id": who, "name": name, "created_at": now})
        insert = _INSERT_IDENTITY[dialect]
        made = yield Op(insert, {"tenant": tenant, "channel": channel, "address": address, "contact": who})
        if not made.rowcount:  # another process was quicker
            known = yield Op(FIND_IDENTITY, {"p_tenant": tenant, "p_channel": channel, "p_address": address})
            who = known.rows[0].contact
    new = new_id()
    yield Op(
        NEW_CONVERSATION,
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


_DIALECTS = ("sqlite", "postgresql")
_INSERT_IDENTITY = {d: _upsert(d, identity).on_conflict_do_nothing() for d in _DIALECTS}


# -- accept ----------------------------------------------------------------------------------------------------------


def _lock_lane(dialect: str) -> sa.Executable:
    insert = _upsert(dialect, lane)
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=["tenant", "key"], set_={"key": insert.excluded.key}
    )
    return statement


_LOCK_LANE = {d: _lock_lane(d) for d in _DIALECTS}
_WAKE = sa.func.pg_notify("hookline_lane", inbox.c.tenant + " " + inbox.c.lane)


def _insert_inbox(dialect: str) -> sa.Executable:
    insert = _upsert(dialect, inbox).on_conflict_do_nothing(index_elements=["tenant", "source", "source_key"])
    statement: sa.Executable = insert.returning(inbox.c.id, *([_WAKE] if dialect == "postgresql" else []))
    return statement


_INSERT_INBOX = {d: _insert_inbox(d) for d in _DIALECTS}
_INSERT_MESSAGE = sa.insert(message)
_ADVANCE = (
    sa.update(conversation)
    .where(conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id"), conversation.c.status == "open")
    .values(last_seq=conversation.c.last_seq + b("p_n", type_=sa.Integer), updated_at=b("p_now"))
    .returning(conversation.c.last_seq, conversation.c.channel, conversation.c.address, conversation.c.contact)
)
_KNOWN = sa.select(inbox.c.id, inbox.c.lane).where(
    inbox.c.tenant == b("p_tenant"), inbox.c.source == b("p_source"), inbox.c.source_key == b("p_key")
)
_KNOWN_MESSAGE = sa.select(message.c.id, message.c.seq).where(
    message.c.tenant == b("p_tenant"),
    message.c.inbox_id == b("p_id"),
    message.c.conversation == b("p_conversation"),
    message.c.direction == "inbound",
)


class ConversationClosed(StorageError):
    """The conversation is not open any more; the message needs a new one."""


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
        known = yield Op(_KNOWN, {"p_tenant": tenant, "p_source": source, "p_key": source_key})
        row = known.rows[0]
        stored = yield Op(_KNOWN_MESSAGE, {"p_tenant": tenant, "p_id": row.id, "p_conversation": row.lane})
        first = stored.rows[0] if stored.rows else None
        return Accepted(row.id, first.id if first else "", row.lane, first.seq if first else 0, duplicate=True)
    inbox_id = made.rows[0].id
    advanced = yield Op(
        _ADVANCE,
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
        _INSERT_MESSAGE,
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
    if dialect == "postgresql":
        yield Op(_LOCK_LANE[dialect], {"tenant": tenant, "key": lane_key})
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


KNOWN_WORK = _KNOWN

# -- the commit of a turn ----------------------------------------------------------------------------------------------

_FENCE = (
    sa.select(lane.c.fence)
    .where(
        lane.c.tenant == b("p_tenant"),
        lane.c.key == b("p_key"),
        lane.c.owner == b("p_owner"),
        lane.c.fence == b("p_fence"),
    )
    .with_for_update()
)
_FINISH = (
    sa.update(inbox)
    .where(inbox.c.tenant == b("p_tenant"), inbox.c.id == b("p_id"), inbox.c.state == "pending")
    .values(state="done", finished_at=b("p_now"), payload=None)
)
_SETTLE = (
    sa.update(conversation)
    .where(
        conversation.c.tenant == b("p_tenant"),
        conversation.c.id == b("p_id"),
        conversation.c.owner_epoch == b("p_epoch"),
    )
    .values(last_seq=conversation.c.last_seq + b("p_n", type_=sa.Integer), updated_at=b("p_now"), state=b("p_state"))
    .returning(conversation.c.last_seq)
)
_REWRITE_MESSAGE = (
    sa.update(message)
    .where(message.c.tenant == b("p_tenant"), message.c.conversation == b("p_conversation"), message.c.id == b("p_id"))
    .values(body=b("p_body"))
)
_GIVE_BACK = (
    sa.update(lane)
    .where(
        lane.c.tenant == b("p_tenant"),
        lane.c.key == b("p_key"),
        ~sa.exists().where(
            inbox.c.tenant == b("p_tenant"), inbox.c.lane == b("p_key"), inbox.c.state == literal("pending")
        ),
    )
    .values(owner="", lease_until=0)
)
OPEN = [literal("pending"), literal("sending"), literal("parked")]


def _insert_outbox(dialect: str) -> sa.Executable:
    insert = _upsert(dialect, outbox).on_conflict_do_nothing(index_elements=["tenant", "source_kind", "source_id", "n"])
    if dialect == "sqlite":  # whoever sends has all rows in memory
        statement: sa.Executable = insert.returning(outbox.c.id, sa.true().label("alone"))
        return statement
    older = outbox.alias("older")
    new = [sa.literal_column(f"outbox.{column.name}", sa.Text) for column in (outbox.c.tenant, outbox.c.conversation)]
    waiting = sa.exists().where(older.c.tenant == new[0], older.c.conversation == new[1], older.c.state.in_(OPEN))
    statement = insert.returning(outbox.c.id, (~waiting).label("alone"))
    return statement  # noqa: RET504  the variable has the type that is returned


_INSERT_OUTBOX = {d: _insert_outbox(d) for d in _DIALECTS}
_INSERT_EVENT = sa.insert(event)


def _set_timer(dialect: str) -> sa.Executable:
    insert = _upsert(dialect, timer)
    new = insert.excluded
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=["tenant", "plugin", "lane", "kind", "key"],
        set_={"id": new.id, "due_at": new.due_at, "payload": new.payload, "state": "waiting"},
    )
    return statement


_SET_TIMER = {d: _set_timer(d) for d in _DIALECTS}
_CANCEL_TIMER = (
    sa.update(timer)
    .where(
        timer.c.tenant == b("p_tenant"),
        timer.c.plugin == b("p_plugin"),
        timer.c.lane == b("p_lane"),
        timer.c.kind == b("p_kind"),
        timer.c.key == b("p_key"),
        timer.c.state == "waiting",
    )
    .values(state="cancelled")
)


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


def commit(dialect: str, turn: Turn, lease: Lease, now: float, *, keep_text: bool, changed: bool) -> Script[Committed]:
    """Everything that the turn decided, in one transaction.

    `changed`: `receive` changed the message, which is then stored anew.  Raises `TurnLost` if the lease is gone, the
    row is already done, or somebody else took the conversation: nothing is stored then.
    """
    tenant = turn.tenant
    if dialect == "postgresql":
        held = yield Op(
            _FENCE,
            {
                "p_tenant": tenant,
                "p_key": lease.key,
                "p_owner": lease.owner,
                "p_fence": lease.fence,
            },
        )
        if not held.rows:
            raise TurnLost(f"the lease of lane {lease.key!r} is gone")
    finished = yield Op(_FINISH, {"p_tenant": tenant, "p_id": turn.inbox_id, "p_now": now})
    if finished.rowcount != 1:
        raise TurnLost(f"inbox row {turn.inbox_id} is not pending any more")
    if changed:
        body = msgspec.Raw(msgspec.json.encode(turn.message)) if keep_text else None
        yield Op(
            _REWRITE_MESSAGE,
            {
                "p_tenant": tenant,
                "p_conversation": turn.conversation.id,
                "p_id": turn.message.id,
                "p_body": body,
            },
        )
    for _, op in turn.writes:
        yield op
    messages, rows = yield from _send(dialect, turn, now, keep_text=keep_text)
    work, timers = yield from _work(dialect, turn, now)
    yield Op(
        _INSERT_EVENT,
        {
            "tenant": tenant,
            "kind": "turn",
            "conversation": turn.conversation.id,
            "payload": summary(turn, messages),
            "at": now,
        },
    )
    released = False
    if dialect == "postgresql":
        # Whoever adds to the lane locks it first, as this transaction has: so nothing is added unseen.
        given_back = yield Op(_GIVE_BACK, {"p_tenant": tenant, "p_key": lease.key})
        released = given_back.rowcount == 1
    return Committed(messages, rows, work, timers, released)


def finish(lease: Lease) -> Script[bool]:
    """Give the lease of a PostgreSQL lane back if nothing waits in it and it is still ours; whether it was."""
    at = {"p_tenant": lease.tenant, "p_key": lease.key}
    held = yield Op(_FENCE, {**at, "p_owner": lease.owner, "p_fence": lease.fence})
    if not held.rows:
        raise TurnLost(f"the lease of lane {lease.key!r} is gone")
    given_back = yield Op(_GIVE_BACK, at)
    return given_back.rowcount == 1


def _send(
    dialect: str, turn: Turn, now: float, *, keep_text: bool
) -> Script[tuple[tuple[Message, ...], tuple[OutboxRow, ...]]]:
    """Store the outgoing messages and the conversation's new state; seq numbers are given here."""
    tenant, mine = turn.tenant, turn.conversation
    sent: list[tuple[Message, OutboxRow]] = []
    seq = 0
    if mine.id:
        count = sum(o.conversation == mine.id for o in turn.outgoing)
        settled = yield Op(
            _SETTLE,
            {
                "p_tenant": tenant,
                "p_id": mine.id,
                "p_epoch": mine.owner_epoch,
                "p_n": count,
                "p_now": now,
                "p_state": turn.plugin_state,
            },
        )
        if not settled.rows:
            raise TurnLost(f"somebody else took conversation {mine.id!r}")
        seq = settled.rows[0].last_seq - count
    for n, out in enumerate(turn.outgoing):
        source = Source("inbox", str(turn.inbox_id), n, turn.inbox_id, turn.language)
        if out.conversation == mine.id:
            seq += 1
            made = yield from _store(dialect, tenant, out, source, mine, seq, now, keep_text=keep_text)
        else:
            made = yield from post(dialect, tenant, out, source, now, keep_text=keep_text)
        sent.append(made)
    return tuple(m for m, _ in sent), tuple(r for _, r in sent)


@attrs.frozen
class Source:
    """What an outbound message comes from: the outbox is unique on (kind, id, n)."""

    kind: str
    id: str
    n: int = 0
    inbox_id: int = 0
    language: str = ""


def message_id(kind: str, ident: str, n: int) -> str:
    """The id of an outbound message is made from its source, so that a turn that runs again sends the same one:
    providers take it as their idempotency key."""
    return f"{kind}-{ident}-{n}"


_SENT_BEFORE = sa.select(message.c.seq, message.c.body).where(
    message.c.tenant == b("p_tenant"), message.c.id == b("p_id")
)
_FORGET = sa.delete(message).where(message.c.tenant == b("p_tenant"), message.c.id.in_(b("p_ids", expanding=True)))


def sent_before(tenant: str, source: Source, out: Outgoing) -> Script[Message | None]:
    """The message that this source has sent already; without its text where none is kept."""
    ident = message_id(source.kind, source.id, source.n)
    found = yield Op(_SENT_BEFORE, {"p_tenant": tenant, "p_id": ident})
    if not found.rows:
        return None
    row = found.rows[0]
    if row.body is not None:
        return attrs.evolve(msgspec.convert(row.body, Message), seq=row.seq)
    return Message(ident, out.conversation, "", "", "", direction="outbound", author=out.author, seq=row.seq)


def unsay(tenant: str, ids: Sequence[str]) -> Script[None]:
    """Take messages out of their conversations that the customer will never get."""
    if ids:
        yield Op(_FORGET, {"p_tenant": tenant, "p_ids": list(ids)})


def post(
    dialect: str, tenant: str, out: Outgoing, source: Source, now: float, *, keep_text: bool
) -> Script[tuple[Message, OutboxRow]]:
    """Send a message into a conversation that no turn of ours has at hand; raises `ConversationClosed`."""
    advanced = yield Op(_ADVANCE, {"p_tenant": tenant, "p_id": out.conversation, "p_n": 1, "p_now": now})
    if not advanced.rows:
        raise ConversationClosed(f"conversation {out.conversation!r} of tenant {tenant!r} is not open")
    row = advanced.rows[0]
    about = Conversation(out.conversation, row.channel, row.address, row.contact)
    return (yield from _store(dialect, tenant, out, source, about, row.last_seq, now, keep_text=keep_text))


def _store(
    dialect: str,
    tenant: str,
    out: Outgoing,
    source: Source,
    about: Conversation,
    seq: int,
    now: float,
    *,
    keep_text: bool,
) -> Script[tuple[Message, OutboxRow]]:
    """The message's row and its outbox row."""
    reply = out.reply
    told = Message(
        id=message_id(source.kind, source.id, source.n),
        conversation=about.id,
        channel=about.channel,
        address=about.address,
        text=reply.text,
        direction="outbound",
        author=out.author,
        contact=about.contact,
        created_at=now,
        seq=seq,
        inbox_id=source.inbox_id,
        language=source.language,
        citations=reply.citations,
        quick_replies=reply.quick_replies,
        attachments=reply.attachments,
        confidence=reply.confidence,
        data={**reply.data, "turn": str(source.inbox_id), "answered": reply.answered},
    )
    body = msgspec.Raw(msgspec.json.encode(told))
    yield Op(
        _INSERT_MESSAGE,
        {
            "tenant": tenant,
            "conversation": about.id,
            "seq": seq,
            "id": told.id,
            "direction": "outbound",
            "author": out.author,
            "body": body if keep_text else None,
            "inbox_id": source.inbox_id,
            "created_at": now,
        },
    )
    made = yield Op(
        _INSERT_OUTBOX[dialect],
        {
            "tenant": tenant,
            "source_kind": source.kind,
            "source_id": source.id,
            "n": source.n,
            "conversation": about.id,
            "channel": about.channel,
            "author": out.author,
            "body": body,
            "created_at": now,
        },
    )
    return told, OutboxRow(made.rows[0].id, about.id, told, out.author, alone=made.rows[0].alone)


def _work(dialect: str, turn: Turn, now: float) -> Script[tuple[tuple[Row, ...], bool]]:
    """Store jobs, commands and timers."""
    rows: list[Row] = []
    timers = False
    for cancelled in turn.cancelled_timers:
        yield Op(
            _CANCEL_TIMER,
            {
                "p_tenant": turn.tenant,
                "p_plugin": cancelled.plugin,
                "p_lane": cancelled.lane,
                "p_kind": cancelled.kind,
                "p_key": cancelled.key,
            },
        )
    for n, new in enumerate(turn.work):
        if new.kind == "timer":
            timers = True
            yield set_timer(dialect, turn.tenant, new, now)
            continue
        key = new.key or f"{turn.inbox_id}-{n}"
        row = yield from submit(
            dialect,
            turn.tenant,
            new.kind,
            new.plugin,
            new.name,
            new.payload,
            now,
            source=f"{new.kind}:{new.plugin}",
            source_key=f"{new.name}:{key}",
            lane_key=new.lane or f"{new.plugin}:{new.name}:{key}",
            key=new.key,
            not_before=now + new.delay if new.delay else 0.0,
        )
        if row is not None:
            rows.append(row)
    return tuple(rows), timers


def set_timer(dialect: str, tenant: str, new: NewWork, now: float) -> Op:
    """Store a timer; one of the same plugin, lane, kind and key is replaced."""
    return Op(
        _SET_TIMER[dialect],
        {
            "tenant": tenant,
            "id": new_id(),
            "plugin": new.plugin,
            "kind": new.name,
            "lane": new.lane,
            "key": new.key,
            "due_at": now + new.delay,
            "payload": new.payload,
            "created_at": now,
            "state": "waiting",
        },
    )


def summary(turn: Turn, messages: Sequence[Message]) -> dict[str, Any]:
    """What the event log keeps of a turn: figures and names, never what was said."""
    reply = turn.reply
    return {
        "inbox_id": turn.inbox_id,
        "message": turn.message.id,
        "replies": [m.id for m in messages],
        "channel": turn.conversation.channel,
        "contact": turn.contact.id,
        "language": turn.language,
        "responder": turn.responder,
        "answered": reply.answered if reply else None,
        "confidence": reply.confidence if reply else None,
        "intents": [[i.name, i.score] for i in turn.intents],
        "entities": [e.name for e in turn.entities],
        "scores": {s.name: s.value for s in turn.scores},
        "passages": [[p.document, p.version, p.score] for p in turn.passages],
        "refused": turn.refusal.reason if turn.refusal else None,
        "held": turn.held.reason if turn.held else None,
        "handoff": {"reason": turn.handoff.reason, "priority": turn.handoff.priority} if turn.handoff else None,
        "attempt": turn.attempt,
        "stages": [[name, round(seconds * 1e3, 3)] for name, seconds in turn.stages],
    }


# -- what did not go well ------------------------------------------------------------------------------------------------

_FAIL = (
    sa.update(inbox)
    .where(inbox.c.tenant == b("p_tenant"), inbox.c.id == b("p_id"), inbox.c.state == "pending")
    .values(state=b("p_state"), attempts=b("p_attempts"), not_before=b("p_not_before"), error=b("p_error"))
)


def fail(
    dialect: str,
    tenant: str,
    row: Row,
    error: str,
    now: float,
    *,
    attempts: int,
    not_before: float,
    dead: bool,
    apology: Outgoing | None,
    keep_text: bool,
) -> Script[Committed | None]:
    """Note a failed try: the row waits until `not_before`, or goes to the dead letters with its cause.

    `apology` is then sent to the customer.  None if the row is not pending any more.
    """
    result: Result = yield Op(
        _FAIL,
        {
            "p_tenant": tenant,
            "p_id": row.id,
            "p_state": "dead" if dead else "pending",
            "p_attempts": attempts,
            "p_not_before": not_before,
            "p_error": error[:2000],
        },
    )
    if result.rowcount != 1:
        return None
    if not dead or apology is None:
        return Committed()
    told, sent = yield from post(
        dialect, tenant, apology, Source("dead", str(row.id), attempts, row.id), now, keep_text=keep_text
    )
    return Committed((told,), (sent,))
