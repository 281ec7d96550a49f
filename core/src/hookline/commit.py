"""What a turn or an action has collected, made durable in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from . import audit
from .binding import bind
from .collect import Collected, Outgoing
from .db import Op, Result, Script
from .errors import Conflict, TurnLost
from .ledger import Committed, ConversationClosed, Lease, OutboxRow, Row, Source, new_id
from .merging import move, told_of
from .message import Message
from .models import conversation, event, inbox, lane, literal, message, outbox
from .ownership import hand_over
from .posting import post, sent_before, store
from .scheduling import schedule

if TYPE_CHECKING:
    from .action import Action
    from .turn import Turn

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
_INSERT_EVENT = sa.insert(event)


def commit(dialect: str, turn: Turn, lease: Lease, now: float, *, keep_text: bool, changed: bool) -> Script[Committed]:
    """Everything that the turn decided, in one transaction.

    `changed`: `receive` changed the message, which is then stored anew.  Raises `TurnLost` if the lease is gone, the
    row is already done, or somebody else took the conversation: nothing is stored then.
    """
    tenant = turn.tenant
    if dialect == "postgresql":
        yield from _hold(lease)
    finished = yield Op(_FINISH, {"p_tenant": tenant, "p_id": turn.inbox_id, "p_now": now})
    if finished.rowcount != 1:
        raise TurnLost(f"inbox row {turn.inbox_id} is not pending any more")
    if changed:
        body = msgspec.Raw(msgspec.json.encode(turn.heard)) if keep_text else None
        yield Op(
            _REWRITE_MESSAGE,
            {
                "p_tenant": tenant,
                "p_conversation": turn.conversation.id,
                "p_id": turn.message.id,
                "p_body": body,
            },
        )
    yield from _write(turn)
    messages, rows, withdrawn = yield from _send(dialect, turn, now, keep_text=keep_text)
    work, timers = yield from schedule(dialect, turn, str(turn.inbox_id), now)
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
    yield from _note(dialect, turn, now)
    released = False
    if dialect == "postgresql":
        # Whoever adds to the lane locks it first, as this transaction has: so nothing is added unseen.
        given_back = yield Op(_GIVE_BACK, {"p_tenant": tenant, "p_key": lease.key})
        released = given_back.rowcount == 1
    return Committed(messages, rows, work, timers, released, withdrawn)


def act(dialect: str, action: Action, language: str, now: float, *, keep_text: bool) -> Script[Committed]:
    """Everything that an action collected, in one transaction; raises `Conflict` and `ConversationClosed`.

    A message whose key was sent before is not sent again: it comes back as it was, without an outbox row.
    """
    yield from _write(action)
    withdrawn: list[str] = []
    for taken in action.taken:
        withdrawn += yield from hand_over(action.tenant, taken)
    for bound in action.bound:
        yield from bind(action.tenant, bound)
    for moved in action.moved:
        yield from move(action.tenant, moved, now)
        yield Op(_INSERT_EVENT, {"tenant": action.tenant, **told_of(moved), "at": now})
    messages: list[Message] = []
    rows: list[OutboxRow] = []
    for out in action.outgoing:
        source = Source(action.collector, out.key or new_id(), language=language)
        known = (yield from sent_before(action.tenant, source, out)) if out.key else None
        if known is None:
            try:
                known, row = yield from post(dialect, action.tenant, out, source, now, keep_text=keep_text)
            except ConversationClosed:
                if not out.if_open:
                    raise
                continue
            rows.append(row)
        messages.append(known)
    work, timers = yield from schedule(dialect, action, new_id(), now)
    yield from _note(dialect, action, now)
    return Committed(tuple(messages), tuple(rows), work, timers, withdrawn=tuple(withdrawn))


def _write(collected: Collected) -> Script[None]:
    """Run the plugins' own statements; raises `Conflict` where one changes another number of rows than it has to."""
    for plugin, op in collected.writes:
        result = yield op
        if op.rows is not None and result.rowcount != op.rows:
            raise Conflict(
                f"plugin {plugin!r}: a statement changed {result.rowcount} rows and had to change {op.rows}: "
                "somebody was faster"
            )


def _note(dialect: str, collected: Collected, now: float) -> Script[None]:
    """The event log, and last of all the audit log, which one transaction at a time writes."""
    for noted in collected.noted:
        yield Op(
            _INSERT_EVENT,
            {
                "tenant": collected.tenant,
                "kind": noted.kind,
                "conversation": noted.conversation,
                "payload": noted.payload,
                "at": now,
            },
        )
    yield from audit.append(dialect, collected.tenant, collected.audited, now)


def finish(lease: Lease) -> Script[bool]:
    """Give the lease of a PostgreSQL lane back if nothing waits in it and it is still ours; whether it was."""
    yield from _hold(lease)
    given_back = yield Op(_GIVE_BACK, {"p_tenant": lease.tenant, "p_key": lease.key})
    return given_back.rowcount == 1


def _hold(lease: Lease) -> Script[None]:
    """Lock a PostgreSQL lane for this transaction; raises `TurnLost` where its lease is not ours any more."""
    at = {"p_tenant": lease.tenant, "p_key": lease.key, "p_owner": lease.owner, "p_fence": lease.fence}
    if not (yield Op(_FENCE, at)).rows:
        raise TurnLost(f"the lease of lane {lease.key!r} is gone")


def _send(
    dialect: str, turn: Turn, now: float, *, keep_text: bool
) -> Script[tuple[tuple[Message, ...], tuple[OutboxRow, ...], tuple[str, ...]]]:
    """Store the outgoing messages, the conversation's new state and who has it; seq numbers are given here."""
    tenant, mine = turn.tenant, turn.conversation
    sent: list[tuple[Message, OutboxRow]] = []
    withdrawn: list[str] = []
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
        for taken in turn.taken:
            withdrawn += yield from hand_over(tenant, taken)
        for bound in turn.bound:
            yield from bind(tenant, bound)
    intent = turn.intents[0].name if turn.intents else ""
    for n, out in enumerate(turn.outgoing):
        source = Source("inbox", str(turn.inbox_id), n, turn.inbox_id, turn.language, intent)
        if out.conversation == mine.id:
            seq += 1
            made = yield from store(dialect, tenant, out, source, mine, seq, now, keep_text=keep_text)
        else:
            made = yield from post(dialect, tenant, out, source, now, keep_text=keep_text)
        sent.append(made)
    return tuple(m for m, _ in sent), tuple(r for _, r in sent), tuple(withdrawn)


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
_DEAD = "dead"  # the source of an apology
_APOLOGISED = sa.select(outbox.c.id).where(
    outbox.c.tenant == b("p_tenant"), outbox.c.source_kind == _DEAD, outbox.c.source_id == b("p_source")
)


def fail(
    dialect: str,
    lease: Lease,
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

    `apology` is then sent to the customer, once, however often the row is tried again from there; not where the
    conversation is closed.  None if the row is not pending any more.  Raises `TurnLost` if the lease is gone: how the
    row fares is then up to whoever has it.
    """
    tenant = lease.tenant
    if dialect == "postgresql":
        yield from _hold(lease)
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
    source = Source(_DEAD, str(row.id), attempts, row.id)
    if (yield Op(_APOLOGISED, {"p_tenant": tenant, "p_source": source.id})).rows:
        return Committed()
    try:
        told, sent = yield from post(dialect, tenant, apology, source, now, keep_text=keep_text)
    except ConversationClosed:
        return Committed()
    return Committed((told,), (sent,))
