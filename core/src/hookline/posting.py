"""Messages into conversations: each is stored with its outbox row, in one transaction with what it comes from."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import msgspec
import sqlalchemy as sa

from .collect import Outgoing
from .db import Op, Script
from .inbox import ADVANCE, INSERT_MESSAGE
from .ledger import DIALECTS, OPEN, ConversationClosed, OutboxRow, Source, message_id, upsert
from .message import Conversation, Message
from .models import message, outbox

b = sa.bindparam


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
    return (yield from store(dialect, tenant, out, source, about, row.last_seq, now, keep_text=keep_text))


def store(
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
    """Store a message of the conversation and its outbox row; `seq` is its number there."""
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
        data={
            **reply.data,
            "turn": str(source.inbox_id),
            "answered": reply.answered,
            **({"intent": source.intent} if source.intent else {}),
        },
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
