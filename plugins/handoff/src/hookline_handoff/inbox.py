"""The inbox: views of handoffs and conversations, page by page, with how many each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.message import Contact, Conversation, Message
from hookline.models import contact, conversation, message
from hookline.problems import Problem

from . import agents
from .beside import beside
from .bodies import InboxItem, InboxPage, View
from .life import CLAIMED, HELD, RESOLVED, RETURNED, SNOOZED, TRANSFERRED, WAITING
from .models import handoff, reading
from .paging import Key
from .queue import points
from .records import COLUMNS, Actor, Handoff, read
from .views import contact_view, conversation_view, handoff_view, message_view

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam
VIEWS: tuple[View, ...] = ("mine", "unassigned", "waiting", "all", "snoozed", "returned", "resolved", "bot")
_NEVER = 9e15  # after everything
_TALK = (
    conversation.c.id.label("c_id"),
    conversation.c.channel.label("c_channel"),
    conversation.c.address.label("c_address"),
    conversation.c.contact.label("c_contact"),
    conversation.c.status.label("c_status"),
    conversation.c.held_by.label("c_held_by"),
    conversation.c.owner_epoch.label("c_owner_epoch"),
    conversation.c.last_seq.label("c_last_seq"),
    conversation.c.created_at.label("c_created_at"),
    conversation.c.updated_at.label("c_updated_at"),
)
_WHO = (
    contact.c.name.label("w_name"),
    contact.c.email.label("w_email"),
    contact.c.phone.label("w_phone"),
    contact.c.language.label("w_language"),
    contact.c.data.label("w_data"),
)
_NEWEST = (
    sa.select(message.c.conversation, sa.func.max(message.c.seq).label("seq"))
    .where(message.c.conversation.in_(b("p_ids", expanding=True)))
    .group_by(message.c.conversation)
    .subquery()
)
_LAST = sa.select(message.c.conversation, message.c.seq, message.c.body).join(
    _NEWEST, sa.and_(_NEWEST.c.conversation == message.c.conversation, _NEWEST.c.seq == message.c.seq)
)
_UNREAD = (
    sa.select(message.c.conversation, sa.func.count().label("n"))
    .select_from(message)
    .outerjoin(reading, sa.and_(reading.c.conversation == message.c.conversation, reading.c.reader == b("p_reader")))
    .where(
        message.c.conversation.in_(b("p_ids", expanding=True)),
        message.c.direction == "inbound",
        message.c.seq > sa.func.coalesce(reading.c.seq, 0),
    )
    .group_by(message.c.conversation)
)


def offered(by: Actor, teams: Sequence[str]) -> sa.ColumnElement[bool]:
    """What the actor could claim: nobody has it, and it is on its way to nobody else."""
    open_to = (handoff.c.state == TRANSFERRED) & (handoff.c.agent == "")
    if not by.supervises:
        open_to &= handoff.c.team.in_(["", *teams])
    return handoff.c.state.in_(WAITING) | open_to


def condition(view: str, by: Actor, teams: Sequence[str]) -> sa.ColumnElement[bool]:
    """The handoffs of a view."""
    state = handoff.c.state
    return {
        "mine": state.in_(HELD) & (handoff.c.agent == by.id),
        "unassigned": offered(by, teams),
        "waiting": (state == CLAIMED) & handoff.c.waiting_since.is_not(None),
        "all": state != RESOLVED,
        "snoozed": state == SNOOZED,
        "returned": state == RETURNED,
        "resolved": state == RESOLVED,
    }[view]


def _key(tenant: Tenant, view: str) -> Key:
    ident = (handoff.c.id, False)
    match view:
        case "unassigned":
            return Key([(handoff.c.priority, True), (points(tenant), True), ident])
        case "waiting":
            return Key([(handoff.c.waiting_since, False), ident])
        case "snoozed":
            return Key([(sa.func.coalesce(handoff.c.snoozed_until, _NEVER), False), ident])
        case "returned":
            return Key([(sa.func.coalesce(handoff.c.callback_at, _NEVER), False), ident])
        case "resolved":
            return Key([(sa.func.coalesce(handoff.c.resolved_at, 0.0), True), ident])
        case _:
            return Key([(handoff.c.activity_at, True), ident])


async def page(
    tenant: Tenant,
    by: Actor,
    view: str,
    *,
    channel: str = "",
    team: str = "",
    agent: str = "",
    cursor: str = "",
    limit: int = 50,
) -> InboxPage:
    """One page of a view; raises `Problem` 400 for a view or a cursor that there is none of, 403 for one that is not
    for the actor."""
    if view not in VIEWS:
        raise Problem(400, f"view: given {view[:40]!r}; allowed: {', '.join(VIEWS)}", field="view")
    if view == "bot" and not by.supervises:
        raise Problem(403, "only supervisors see what the bot talks about")
    mine = await agents.profile(tenant, by.id)
    teams = mine.teams if mine else ()
    if view == "bot":
        rows, key = await _with_the_bot(tenant, channel, cursor, limit)
    else:
        key = _key(tenant, view)
        query = (
            sa.select(*COLUMNS, *_TALK, *_WHO, *key.columns())
            .join(conversation, conversation.c.id == handoff.c.conversation)
            .join(contact, contact.c.id == conversation.c.contact)
            .where(condition(view, by, teams), key.after(cursor))
            .order_by(*key.order())
            .limit(limit + 1)
        )
        for column, wanted in ((handoff.c.channel, channel), (handoff.c.team, team), (handoff.c.agent, agent)):
            if wanted:
                query = query.where(column == wanted)
        rows = list(await tenant.db.fetch(query))
    more, rows = len(rows) > limit, rows[:limit]
    shown = await items(tenant, by, rows, handoffs=view != "bot")
    return InboxPage(view, shown, key.cursor(rows[-1]) if more else "", await counts(tenant, by, teams))


async def _with_the_bot(tenant: Tenant, channel: str, cursor: str, limit: int) -> tuple[list[Any], Key]:
    key = Key([(conversation.c.updated_at, True), (conversation.c.id, False)])
    in_hand = sa.exists().where(handoff.c.conversation == conversation.c.id, handoff.c.state != RESOLVED)
    query = (
        sa.select(*_TALK, *_WHO, *key.columns())
        .join(contact, contact.c.id == conversation.c.contact)
        .where(conversation.c.status == "open", ~in_hand, key.after(cursor))
        .order_by(*key.order())
        .limit(limit + 1)
    )
    if channel:
        query = query.where(conversation.c.channel == channel)
    return list(await tenant.db.fetch(query)), key


async def counts(tenant: Tenant, by: Actor, teams: Sequence[str]) -> Mapping[str, int]:
    """How many each view of open handoffs has."""
    names = [view for view in VIEWS if view not in ("resolved", "bot")]
    sums = [
        sa.func.coalesce(sa.func.sum(sa.case((condition(view, by, teams), 1), else_=0)), 0).label(view)
        for view in names
    ]
    rows = await tenant.db.fetch(sa.select(*sums).select_from(handoff).where(handoff.c.state != RESOLVED))
    return {view: int(getattr(rows[0], view)) for view in names}


async def channels(tenant: Tenant) -> tuple[str, ...]:
    """The channels on which there were handoffs."""
    rows = await tenant.db.fetch(sa.select(handoff.c.channel).distinct().order_by(handoff.c.channel))
    return tuple(row.channel for row in rows)


async def items(tenant: Tenant, by: Actor, rows: Sequence[Any], *, handoffs: bool = True) -> list[InboxItem]:
    """The rows as the inbox shows them, with the last message of each and what the actor has not read."""
    ids = [row.c_id for row in rows]
    if not ids:
        return []
    last = {row.conversation: row for row in await tenant.db.fetch(_LAST, {"p_ids": ids})}
    unread = {row.conversation: row.n for row in await tenant.db.fetch(_UNREAD, {"p_ids": ids, "p_reader": by.id})}
    names = await agents.names(tenant, [row.agent for row in rows]) if handoffs else {}
    made = []
    more = await beside(tenant, [row.id for row in rows] if handoffs else (), [row.c_id for row in rows])
    for row in rows:
        seen: Handoff | None = read(row) if handoffs else None
        found = last.get(row.c_id)
        told = msgspec.convert(found.body, Message) if found is not None and found.body is not None else None
        if told is None and found is not None:  # the tenant keeps texts in memory only
            told = next(iter(await tenant.conversations.history(row.c_id, limit=1)), None)
        made.append(
            InboxItem(
                conversation_view(_conversation(row)),
                contact_view(Contact(row.c_contact, row.w_name, row.w_email, row.w_phone, row.w_language, row.w_data)),
                handoff_view(seen, names.get(seen.agent, "")) if seen is not None else None,
                message_view(told) if told is not None else None,
                unread.get(row.c_id, 0),
                more.tags.get(row.c_id, ()),
                more.sla.get(seen.id) if seen is not None else None,
            )
        )
    return made


async def item(tenant: Tenant, by: Actor, seen: Handoff) -> InboxItem:
    """One handoff as the inbox shows it."""
    rows = await tenant.db.fetch(
        sa.select(*COLUMNS, *_TALK, *_WHO)
        .join(conversation, conversation.c.id == handoff.c.conversation)
        .join(contact, contact.c.id == conversation.c.contact)
        .where(handoff.c.id == b("p_id")),
        {"p_id": seen.id},
    )
    if not rows:
        raise Problem(404, f"there is no handoff {seen.id!r}")
    return (await items(tenant, by, rows))[0]


def _conversation(row: Any) -> Conversation:
    return Conversation(
        row.c_id,
        row.c_channel,
        row.c_address,
        row.c_contact,
        row.c_status,
        row.c_held_by,
        row.c_owner_epoch,
        row.c_last_seq,
        row.c_created_at,
        row.c_updated_at,
    )
