"""Conversations of a tenant: open, look at, take over, expire.

On SQLite one process writes everything, so a busy conversation's snapshot stays in memory; on PostgreSQL it is read
anew for each turn.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs
import msgspec
import sqlalchemy as sa
import structlog

from . import expiry
from .clock import Clock
from .collect import Taken
from .db import Database, Op, Script
from .errors import BadRequest, Conflict
from .inbox import open_conversation
from .merging import Moved
from .message import Contact, Conversation, Message
from .models import contact, conversation, inbox, literal, message
from .ownership import hand_over
from .settings import Settings

log = structlog.get_logger("hookline.conversations")
b = sa.bindparam

_LOAD = (
    sa.select(
        conversation.c.id,
        conversation.c.channel,
        conversation.c.address,
        conversation.c.contact,
        conversation.c.status,
        conversation.c.held_by,
        conversation.c.owner_epoch,
        conversation.c.last_seq,
        conversation.c.created_at,
        conversation.c.updated_at,
        conversation.c.data,
        conversation.c.state,
        contact.c.name,
        contact.c.email,
        contact.c.phone,
        contact.c.language,
        contact.c.data.label("contact_data"),
    )
    .select_from(conversation)
    .join(contact, sa.and_(contact.c.tenant == conversation.c.tenant, contact.c.id == conversation.c.contact))
    .where(conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id"))
)
_MESSAGES = sa.select(message.c.seq, message.c.id, message.c.body, message.c.inbox_id).where(
    message.c.tenant == b("p_tenant"),
    message.c.conversation == b("p_id"),
    message.c.seq > b("p_after"),
    message.c.seq < b("p_before"),
)
_FIRST = _MESSAGES.order_by(message.c.seq).limit(b("p_limit"))
_LAST = _MESSAGES.order_by(message.c.seq.desc()).limit(b("p_limit"))
# A message that still waits for its turn is no history yet.
_SAID = _LAST.where(
    sa.or_(
        message.c.direction == "outbound",
        message.c.inbox_id.not_in(
            sa.select(inbox.c.id).where(
                inbox.c.tenant == b("p_tenant"), inbox.c.lane == b("p_id"), inbox.c.state == literal("pending")
            )
        ),
    )
)
_PENDING = sa.select(inbox.c.id, inbox.c.payload).where(
    inbox.c.tenant == b("p_tenant"),
    inbox.c.lane == b("p_id"),
    inbox.c.kind == "message",
    inbox.c.state == literal("pending"),
)
_OF_ADDRESS = (
    sa.select(conversation.c.id, conversation.c.status)
    .where(
        conversation.c.tenant == b("p_tenant"),
        conversation.c.channel == b("p_channel"),
        conversation.c.address == b("p_address"),
    )
    .order_by(sa.case((conversation.c.status == "open", 0), else_=1), conversation.c.created_at.desc())
    .limit(1)
)
_LAST_SEQ = 2**31 - 1


@attrs.define
class Known:
    """A conversation's snapshot: what a turn begins with."""

    conversation: Conversation
    contact: Contact
    state: dict[str, dict[str, Any]]
    history: deque[Message]


@attrs.define(eq=False)
class _Load:
    """A snapshot that is being read; `stale` once what it reads was changed, so that it is not kept."""

    readers: int = 0
    stale: bool = False


def _messages(rows: Iterable[Any], texts: Mapping[str, Message]) -> list[Message]:
    """The messages of these rows; the texts of those whose rows have none are in `texts`, or gone."""
    found = []
    for row in rows:
        kept = msgspec.convert(row.body, Message) if row.body is not None else texts.get(row.id)
        if kept is not None:
            found.append(attrs.evolve(kept, seq=row.seq, inbox_id=row.inbox_id))
    return found


class ConversationStore:
    """The conversations of one tenant; outlives reloads of its config."""

    def __init__(
        self,
        tenant: str,
        database: Database,
        clock: Clock,
        interrupt: Callable[[str, str], None],
        capacity: int = 10_000,
    ) -> None:
        self.tenant = tenant
        self.database = database
        self.clock = clock
        self.settings = Settings(plugins=())
        self._interrupt = interrupt
        self._capacity = capacity
        self._cached = database.dialect == "sqlite"
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._loads: dict[str, _Load] = {}
        self._addresses: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()
        self._remembered: OrderedDict[str, deque[Message]] = OrderedDict()
        self._recent: OrderedDict[int, tuple[Message, ...]] = OrderedDict()
        self._swept_at = -math.inf

    # -- for channels ----------------------------------------------------------------------------------------------

    async def open(
        self,
        channel: str,
        address: str,
        *,
        fresh: bool = False,
        name: str = "",
        data: Mapping[str, Any] | None = None,
        ident: str = "",
    ) -> tuple[str, str]:
        """The address's open conversation and its contact (ids); makes what is missing, `fresh` always a new one.

        `ident` is the id that a channel made up for a conversation that nobody has written in.
        """
        known = self._addresses.get((channel, address))
        if known and not fresh and not ident:
            return known  # should it have been closed meanwhile, elsewhere too, `accept` says so
        made = await self.database.run(
            open_conversation(
                self.database.dialect,
                self.tenant,
                channel,
                address,
                self.clock.now(),
                name=name,
                data=data,
                fresh=fresh,
                ident=ident,
            ),
            tenant=self.tenant,
        )
        self._put(self._addresses, (channel, address), made)
        return made

    async def last(self, channel: str, address: str) -> tuple[str, str] | None:
        """The address's open conversation, else its newest: id and status; None if it never had any."""
        found = await self.database.fetch(
            _OF_ADDRESS, {"p_tenant": self.tenant, "p_channel": channel, "p_address": address}, tenant=self.tenant
        )
        return (found[0].id, found[0].status) if found else None

    def forget(self, channel: str, address: str) -> None:
        """Drop what is remembered of an address, because its conversation is not open any more."""
        self._addresses.pop((channel, address), None)

    async def get(self, conversation_id: str) -> Known | None:
        """The snapshot of a conversation; None if there is none of that id."""
        known = self._known.get(conversation_id)
        if known is not None:
            self._known.move_to_end(conversation_id)
            return known
        load = self._loads.setdefault(conversation_id, _Load())
        load.readers += 1
        try:
            found = await self.database.share(
                lambda: self._load(conversation_id), tenant=self.tenant, kind="load", apart=(conversation_id,)
            )
        finally:
            load.readers -= 1
            if not load.readers:
                self._loads.pop(conversation_id, None)
        if found is None:
            return None
        r, said = found
        about = Conversation(
            r.id,
            r.channel,
            r.address,
            r.contact,
            r.status,
            r.held_by,
            r.owner_epoch,
            r.last_seq,
            r.created_at,
            r.updated_at,
            r.data,
        )
        who = Contact(r.contact, r.name, r.email, r.phone, r.language, r.contact_data)
        texts = {m.id: m for m in self._remembered.get(conversation_id, ())}
        history = deque(_messages(reversed(said), texts), maxlen=self.settings.history.turns)
        known = Known(about, who, r.state, history)
        if self._cached and not load.stale:
            # somebody else may have loaded it meanwhile, and changed it since
            known = self._known.get(conversation_id, known)
            self._put(self._known, conversation_id, known)
        return known

    def _load(self, conversation_id: str) -> Script[tuple[Any, Sequence[Any]] | None]:
        at = {"p_tenant": self.tenant, "p_id": conversation_id}
        found = yield Op(_LOAD, at)
        if not found.rows:
            return None
        said = yield Op(_SAID, {**at, "p_after": 0, "p_before": _LAST_SEQ, "p_limit": self.settings.history.turns})
        return found.rows[0], said.rows

    async def history(
        self, conversation_id: str, *, after: int = 0, before: int = 0, limit: int = 100
    ) -> list[Message]:
        """Messages in order of `seq`: the first `limit` after `after`, or the last ones before `before`.

        With `history.store` "memory" those that this process still remembers; with "none" only those in progress.
        """
        backwards = after == 0
        rows = await self.database.fetch(
            _LAST if backwards else _FIRST,
            {
                "p_tenant": self.tenant,
                "p_id": conversation_id,
                "p_after": after,
                "p_before": before or _LAST_SEQ,
                "p_limit": limit,
            },
            tenant=self.tenant,
        )
        texts = {m.id: m for m in self._remembered.get(conversation_id, ())}
        if any(r.body is None and r.id not in texts for r in rows):
            waiting = await self.database.fetch(
                _PENDING, {"p_tenant": self.tenant, "p_id": conversation_id}, tenant=self.tenant
            )
            for row in waiting:
                told = msgspec.convert(row.payload, Message)
                texts[told.id] = attrs.evolve(told, inbox_id=row.id)
        return _messages(reversed(rows) if backwards else rows, texts)

    # -- for the worker ----------------------------------------------------------------------------------------------

    def remember(self, inbox_id: int, messages: Sequence[Message]) -> None:
        """Keep the messages of a turn in memory: shortly for those who wait, longer where `history.store` says so."""
        self._put(self._recent, inbox_id, tuple(m for m in messages if m.direction == "outbound"))
        self.keep(messages)

    def keep(self, messages: Sequence[Message]) -> None:
        """Keep messages in memory where `history.store` says that they are nowhere else."""
        if self.settings.history.store == "memory":
            for told in messages:
                kept = self._remembered.get(told.conversation)
                if kept is None:
                    kept = deque(maxlen=200)
                    self._put(self._remembered, told.conversation, kept)
                kept.append(told)

    def remembered(self, inbox_id: int) -> tuple[Message, ...] | None:
        """The replies of a turn that was committed here a short while ago; None where that is not remembered."""
        return self._recent.get(inbox_id)

    def settled(
        self, known: Known, state: dict[str, dict[str, Any]], inbound: Message, sent: Sequence[Message], now: float
    ) -> None:
        """Bring the snapshot up to what was just committed."""
        mine = [m for m in sent if m.conversation == known.conversation.id]
        for told in sent:
            if told.conversation != known.conversation.id:
                self.dropped(told.conversation)
        known.state = state
        known.history.append(inbound)
        known.history.extend(mine)
        if mine:
            known.conversation = attrs.evolve(known.conversation, last_seq=mine[-1].seq, updated_at=now)
        if self._known.get(known.conversation.id) is not known:
            self.dropped(known.conversation.id)

    def unsaid(self, conversation_id: str, ids: Sequence[str]) -> None:
        """Forget messages that the customer will never get."""
        kept = self._remembered.get(conversation_id)
        if kept is not None:
            self._remembered[conversation_id] = deque((m for m in kept if m.id not in ids), maxlen=kept.maxlen)
        self.dropped(conversation_id)

    def dropped(self, conversation_id: str) -> None:
        """Forget a snapshot that may not be the truth any more, also one that is being read right now."""
        self._known.pop(conversation_id, None)
        load = self._loads.get(conversation_id)
        if load is not None:
            load.stale = True

    def moved(self, moved: Moved) -> None:
        """Forget what is remembered of conversations that are another contact's now."""
        for channel, address in moved.identities:
            self.forget(channel, address)
        for ident in moved.conversations:
            self.dropped(ident)
        for ident in [ident for ident, known in self._known.items() if known.contact.id in (moved.source, moved.into)]:
            self.dropped(ident)

    # -- for agents and for the keeper of order ------------------------------------------------------------------------

    async def take(self, conversation_id: str, by: str, *, held_by: str = "") -> bool:
        """Give the conversation to `by` ("": back to the bot) if `held_by` has it now; False if somebody else has.

        The running turn is cancelled and the bot's messages not yet sent are withdrawn: all of it or nothing, also where
        whoever asked is gone before the commit is known.
        """
        work = asyncio.ensure_future(self._take(conversation_id, by, held_by))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to be told
        return await asyncio.shield(work)

    async def _take(self, conversation_id: str, by: str, held_by: str) -> bool:
        try:
            withdrawn = await self.database.run(
                hand_over(self.tenant, Taken(conversation_id, by, held_by)), tenant=self.tenant
            )
        except Conflict:
            self.dropped(conversation_id)
            return False
        self.taken(conversation_id, withdrawn)
        return True

    def taken(self, conversation_id: str, withdrawn: Sequence[str]) -> None:
        """Somebody took the conversation: end its running turn, and forget what was not sent and will not be."""
        self.unsaid(conversation_id, withdrawn)
        self._interrupt(self.tenant, conversation_id)

    async def sweep(self) -> None:
        """Expire what is due, at most every `conversations.sweep` seconds; called by the process again and again."""
        policy, now = self.settings.conversations, self.clock.now()
        if policy.expires_after <= 0 or 0 <= now - self._swept_at < policy.sweep:
            return
        self._swept_at = now
        expired = await self.expire()
        if expired:
            log.info("conversations expired", tenant=self.tenant, count=expired)

    async def expire(self) -> int:
        """Expire the conversations that were silent for too long, and remove those expired for longer than is kept.

        Returns how many expired.  One that an agent holds does not, nor one in which a timer or other
        work waits: something is due there.
        """
        policy = self.settings.conversations
        if policy.expires_after <= 0:
            raise BadRequest("conversations.expires_after must be positive", "conversations.expires_after")
        now = self.clock.now()

        expired, purged = await self.database.run(expiry.expire(self.tenant, policy, now), tenant=self.tenant)
        for one in (*expired, *purged):
            self.dropped(one)
            self._remembered.pop(one, None)
        if expired or purged:
            self._addresses.clear()
        if purged:
            await self.database.scrub()
        return len(expired)

    async def clean(self, by: str) -> int:
        """Expire what is due, for `by`; how many have expired since this was asked last, by themselves or now."""
        await self.expire()
        return await self.database.run(expiry.count(self.tenant, by, self.clock.now()), tenant=self.tenant)

    def _put(self, into: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        into[key] = value
        into.move_to_end(key)
        while len(into) > self._capacity:
            into.popitem(last=False)
