"""A conversation as an agent opens it: its messages, what was said before on all channels, and who has read what."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.ledger import message_id
from hookline.message import Conversation, Message
from hookline.models import conversation, message, outbox
from hookline.problems import Problem

from . import agents, records
from .beside import beside
from .bodies import Composer, ConversationView, Messages, MessageView, PanelView, PastPage, Steps, StepView, Thread
from .life import RESOLVED
from .models import handoff, reading, step
from .paging import Key
from .queue import position
from .records import Actor, Handoff
from .views import contact_view, conversation_view, handoff_view, message_view

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam
CUSTOMER = ""
"""The reader who is the customer."""
_OUTBOX = (
    sa.select(
        outbox.c.source_kind, outbox.c.source_id, outbox.c.n, outbox.c.state, outbox.c.error, outbox.c.provider_id
    )
    .where(outbox.c.conversation == b("p_id"))
    .order_by(outbox.c.id.desc())
    .limit(b("p_limit"))
)
_OTHERS = (
    sa.select(conversation)
    .where(conversation.c.contact == b("p_contact"), conversation.c.id != b("p_id"))
    .order_by(conversation.c.updated_at.desc())
    .limit(50)
)
_READ = sa.select(reading.c.seq).where(reading.c.conversation == b("p_id"), reading.c.reader == b("p_reader"))
_UNREAD = (
    sa.select(sa.func.count().label("n"))
    .select_from(message)
    .where(message.c.conversation == b("p_id"), message.c.direction == "inbound", message.c.seq > b("p_seq"))
)
_HEARD = (
    sa.select(sa.func.max(message.c.created_at).label("at"))
    .select_from(message)
    .where(message.c.conversation == b("p_id"), message.c.direction == "inbound")
)
_STEPS = (
    sa.select(step)
    .join(handoff, handoff.c.id == step.c.handoff)
    .where(handoff.c.conversation == b("p_id"))
    .order_by(step.c.at, step.c.handoff, step.c.n)
)
_PAST = Key([(message.c.created_at, True), (message.c.conversation, True), (message.c.seq, True)])


async def thread(tenant: Tenant, by: Actor, ident: str, limit: int) -> Thread:
    """The conversation with its newest messages; raises `Problem` 404."""
    known = await tenant.conversations.get(ident) if len(ident) <= 64 else None
    if known is None:
        raise Problem(404, f"there is no conversation {ident[:64]!r}")
    tenant.conversations.dropped(ident)  # the snapshot may be older than what another process wrote
    known = await tenant.conversations.get(ident) or known
    about = known.conversation
    seen = await records.open_one(tenant, ident) or await records.last_one(tenant, ident)
    told = await tenant.conversations.history(ident, limit=limit)
    others = [_row_view(row) for row in await tenant.db.fetch(_OTHERS, {"p_contact": about.contact, "p_id": ident})]
    first = told[0] if told else None
    past = _place(first) if first is not None and (first.seq > 1 or others) else (_place(None) if others else "")
    mine = await read_up_to(tenant, ident, by.id)
    unread = await tenant.db.fetch(_UNREAD, {"p_id": ident, "p_seq": mine or 0})
    panels = await tenant.hooks.console_panels(about)
    more = await beside(tenant, [seen.id] if seen is not None else (), [ident])
    return Thread(
        conversation=conversation_view(about),
        contact=contact_view(known.contact),
        handoff=await shown(tenant, seen) if seen is not None else None,
        messages=await views(tenant, ident, told),
        past=past,
        conversations=others,
        composer=await composer(tenant, about, seen, by),
        panels=tuple(PanelView(one.title, one.element, one.script, dict(one.data)) for one in panels),
        read_by_customer=await read_up_to(tenant, ident, CUSTOMER),
        unread=int(unread[0].n),
        tags=more.tags.get(ident, ()),
        sla=more.sla.get(seen.id) if seen is not None else None,
    )


async def shown(tenant: Tenant, seen: Handoff) -> Any:
    """A handoff with its agent's name and its place in the queue."""
    name = (await agents.names(tenant, [seen.agent])).get(seen.agent, "")
    return handoff_view(seen, name, await position(tenant, seen))


async def views(tenant: Tenant, ident: str, told: Sequence[Message]) -> list[MessageView]:
    """The messages of one conversation, with what became of those that went out."""
    rows = await tenant.db.fetch(_OUTBOX, {"p_id": ident, "p_limit": 2 * len(told) + 20}) if told else ()
    fate = {message_id(row.source_kind, row.source_id, row.n): row for row in rows}
    return [
        message_view(one, fate[one.id].state, fate[one.id].error) if one.id in fate else message_view(one)
        for one in told
    ]


async def composer(tenant: Tenant, about: Conversation, seen: Handoff | None, by: Actor) -> Composer:
    """Whether the actor may write, and until when the channel takes free text."""
    most = tenant.settings.limits.message_chars
    if about.status != "open":
        return Composer(False, "the conversation has ended; the customer begins the next one", None, most, "ended")
    if by.role == "viewer":
        return Composer(False, "viewers can't write", None, most, "viewer")
    if seen is not None and seen.state != RESOLVED and seen.agent and seen.agent != by.id and not by.supervises:
        name = (await agents.names(tenant, [seen.agent]))[seen.agent]
        return Composer(False, f"{name} has this conversation", None, most, "held", name)
    window = tenant.config.windows.get(about.channel)
    if not window:
        return Composer(True, "", None, most)
    heard = (await tenant.db.fetch(_HEARD, {"p_id": about.id}))[0].at
    until = (heard or 0.0) + window
    if until < tenant.clock.now():
        told = "the channel takes free text only for some time after the customer wrote"
        return Composer(False, told, until, most, "window")
    return Composer(True, "", until, most)


async def messages(tenant: Tenant, ident: str, *, after: int | None, before: int, limit: int) -> Messages:
    """Messages of one conversation: the first after `after`, or the last before `before`."""
    known = await tenant.conversations.get(ident) if len(ident) <= 64 else None
    if known is None:
        raise Problem(404, f"there is no conversation {ident[:64]!r}")
    since = 0 if after is None else after or -1  # the store takes an `after` of 0 for "not given"
    told = await tenant.conversations.history(ident, after=since, before=before, limit=limit)
    newest = await tenant.conversations.history(ident, limit=1)
    return Messages(await views(tenant, ident, told), newest[-1].seq if newest else 0)


async def past(tenant: Tenant, ident: str, cursor: str, limit: int) -> PastPage:
    """What the contact of the conversation said and heard before that place, on all channels, newest first."""
    known = await tenant.conversations.get(ident) if len(ident) <= 64 else None
    if known is None:
        raise Problem(404, f"there is no conversation {ident[:64]!r}")
    rows = list(
        await tenant.db.fetch(
            sa.select(message.c.conversation, message.c.seq, message.c.body, *_PAST.columns())
            .join(conversation, conversation.c.id == message.c.conversation)
            .where(conversation.c.contact == known.conversation.contact, _PAST.after(cursor))
            .order_by(*_PAST.order())
            .limit(limit + 1)
        )
    )
    more, rows = len(rows) > limit, rows[:limit]
    told = [msgspec.convert(row.body, Message) for row in rows if row.body is not None]
    return PastPage([message_view(one) for one in told], _PAST.cursor(rows[-1]) if more else "")


def _place(first: Message | None) -> str:
    """The cursor of what was before this message."""

    class At:
        key_0 = first.created_at if first else 9e15
        key_1 = first.conversation if first else "~"
        key_2 = first.seq if first else 0

    return _PAST.cursor(At)


def _row_view(row: Any) -> ConversationView:
    return ConversationView(
        row.id,
        row.channel,
        row.address,
        row.contact,
        row.status,
        row.held_by,
        row.last_seq,
        row.created_at,
        row.updated_at,
    )


async def steps(tenant: Tenant, ident: str) -> Steps:
    """The transitions of the conversation's handoffs."""
    rows = await tenant.db.fetch(_STEPS, {"p_id": ident})
    return Steps(
        [
            StepView(
                row.handoff,
                row.n,
                row.at,
                row.event,
                row.before,
                row.after,
                row.by,
                row.by_name,
                row.reason,
                row.detail,
            )
            for row in rows
        ]
    )


# -- who has read what ---------------------------------------------------------------------------------------------------------


async def read_up_to(tenant: Tenant, ident: str, reader: str) -> int | None:
    """The `seq` up to which the reader has read; None if that is not known."""
    rows = await tenant.db.fetch(_READ, {"p_id": ident, "p_reader": reader})
    return int(rows[0].seq) if rows else None


async def mark_read(tenant: Tenant, ident: str, reader: str, seq: int) -> bool:
    """Note up to where somebody has read; False if that was known, or further."""
    before = await read_up_to(tenant, ident, reader)
    if before is not None and before >= seq:
        return False
    now = tenant.clock.now()
    row = {"conversation": ident, "reader": reader, "seq": seq, "at": now}
    mine = (reading.c.conversation == ident, reading.c.reader == reader)
    if before is None:
        with contextlib.suppress(ConstraintViolated):  # another page of the same reader was faster
            await tenant.db.write((sa.insert(reading), row))
            return True
    await tenant.db.write(sa.update(reading).where(*mine, reading.c.seq < seq).values(seq=seq, at=now))
    return True
