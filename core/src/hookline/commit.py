"""What a turn has decided, made durable in one transaction; and what is said outside of turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa

from .db import Op, Result, Script
from .errors import TurnLost
from .inbox import ADVANCE, INSERT_MESSAGE, submit
from .ledger import (
    DIALECTS,
    OPEN,
    Committed,
    ConversationClosed,
    Lease,
    OutboxRow,
    Row,
    Source,
    message_id,
    new_id,
    upsert,
)
from .message import Conversation, Message
from .models import conversation, event, inbox, lane, literal, message, outbox, timer

if TYPE_CHECKING:
    from .turn import NewWork, Outgoing, Turn

b = sa.bindparam

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


def _insert_outbox(dialect: str) -> sa.Executable:
    insert = upsert(dialect, outbox).on_conflict_do_nothing(index_elements=["tenant", "source_kind", "source_id", "n"])
    if dialect == "sqlite":  # whoever sends has all rows in memory
        statement: sa.Executable = insert.returning(outbox.c.id, sa.true().label("alone"))
        return statement
    older = outbox.alias("older")
    new = [sa.literal_column(f"outbox.{column.name}", sa.Text) for column in (outbox.c.tenant, outbox.c.conversation)]
    waiting = sa.exists().where(older.c.tenant == new[0], older.c.conversation == new[1], older.c.state.in_(OPEN))
    statement = insert.returning(outbox.c.id, (~waiting).label("alone"))
    return statement  # noqa: RET504  the variable has the type that is returned


_INSERT_OUTBOX = {d: _insert_outbox(d) for d in DIALECTS}
_INSERT_EVENT = sa.insert(event)


def _set_timer(dialect: str) -> sa.Executable:
    insert = upsert(dialect, timer)
    new = insert.excluded
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=["tenant", "plugin", "lane", "kind", "key"],
        set_={"id": new.id, "due_at": new.due_at, "payload": new.payload, "state": "waiting"},
    )
    return statement


_SET_TIMER = {d: _set_timer(d) for d in DIALECTS}
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
    advanced = yield Op(ADVANCE, {"p_tenant": tenant, "p_id": out.conversation, "p_n": 1, "p_now": now})
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
        INSERT_MESSAGE,
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
        "flags": list(turn.flags),
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
