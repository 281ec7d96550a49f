"""The way of a message, top to bottom: read `take` first.

A turn reads a snapshot and collects what shall be written; hooks never write outside.  What it collected is then
committed in one transaction by `commit`.  A crash before that means that the turn runs again from the start; after
it, nothing is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import sqlalchemy as sa

from .db import Op
from .dispatch import closing, running_plugin
from .errors import HookError
from .journal import Journal, apart
from .message import (
    Author,
    Contact,
    Conversation,
    Entity,
    HandoffRequest,
    Hold,
    Intent,
    Message,
    Passage,
    Refusal,
    Reply,
    Score,
    Segment,
)
from .tenancy import check

if TYPE_CHECKING:
    from .hooks import Hooks


class Texts(Protocol):
    """The tenant's own words, by key and language."""

    def text(self, key: str, language: str = "") -> str:
        """The text for the key in the language, or in the tenant's own."""


@attrs.frozen
class Outgoing:
    """A message that the turn wants sent."""

    reply: Reply
    conversation: str
    author: Author = "bot"


@attrs.frozen
class NewWork:
    """A job, command or timer that the turn wants done; `delay` in seconds."""

    kind: str
    plugin: str
    name: str
    payload: Mapping[str, Any]
    key: str = ""
    lane: str = ""
    delay: float = 0.0


@attrs.frozen
class CancelTimer:
    """Timers of a plugin that shall not fire: all of the kind and key in the lane."""

    plugin: str
    kind: str
    lane: str
    key: str


@attrs.define(eq=False)
class Turn:
    """The processing of one inbound message, timer, job or command.

    Hooks read its attributes; they change nothing but by the methods below.  `conversation` is as it was when the
    turn began.  `reply` is None until somebody has answered.  `failures` are the hooks that failed so far and were left
    out, with all that they had collected (`journal`).  `flags` are what plugins noted for the event log.  `dry` turns are never committed.
    """

    tenant: str
    message: Message
    conversation: Conversation
    contact: Contact
    language: str
    lane: str = ""
    inbox_id: int = 0
    attempt: int = 1
    dry: bool = False
    started_at: float = 0.0
    history: Sequence[Message] = ()
    intents: Sequence[Intent] = ()
    entities: Sequence[Entity] = ()
    passages: Sequence[Passage] = ()
    scores: Sequence[Score] = ()
    reply: Reply | None = None
    responder: str = ""
    refusal: Refusal | None = None
    held: Hold | None = None
    handoff: HandoffRequest | None = None
    flags: list[str] = attrs.Factory(list)
    failures: list[HookError] = attrs.Factory(list)
    stages: list[tuple[str, float]] = attrs.Factory(list)
    plugin_state: dict[str, dict[str, Any]] = attrs.Factory(dict)
    writes: list[tuple[str, Op]] = attrs.Factory(list)
    outgoing: list[Outgoing] = attrs.Factory(list)
    work: list[NewWork] = attrs.Factory(list)
    cancelled_timers: list[CancelTimer] = attrs.Factory(list)
    journal: Journal = attrs.Factory(Journal)

    @property
    def outcome(self) -> str:
        """In a word: held, refused, answered, unanswered (the bot did not know) or silent."""
        if self.held:
            return "held"
        if self.refusal:
            return "refused"
        if self.reply is None:
            return "silent"
        return "answered" if self.reply.answered else "unanswered"

    def state(self, plugin: str) -> dict[str, Any]:
        """What the plugin keeps about this conversation: a dict of JSON values, committed with the turn."""
        state = self.plugin_state.setdefault(plugin, {})
        self.journal.lend(running_plugin.get(), state)
        return state

    def write(
        self, statement: sa.Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> None:
        """Run the statement on the plugin's own tables when the turn commits; confined to the tenant.

        Raises `CrossTenantStatement` at once for a statement that could reach another tenant's rows.
        """
        check(statement, params)
        plugin = running_plugin.get()
        self.journal.add(plugin, self.writes, (plugin, Op(statement, params, tenant=self.tenant)))

    def send(self, reply: Reply, *, conversation: str = "", author: Author = "bot") -> None:
        """Send a message besides the reply, or from a timer, job or command; by the outbox, after the commit."""
        self._add(self.outgoing, Outgoing(reply, conversation or self.conversation.id, author))

    def job(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        plugin: str = "",
        key: str = "",
        lane: str = "",
        delay: float = 0.0,
    ) -> None:
        """Have `on_job` of the plugin (default: the caller) called, durably; with a `key` only once.

        Jobs of one lane run one after the other; the default is a lane for each kind and key.  `delay` in seconds.
        """
        self._add(self.work, NewWork("job", plugin or running_plugin.get(), kind, payload, key, lane, delay))

    def command(
        self, kind: str, payload: Mapping[str, Any], *, plugin: str = "", key: str = "", lane: str = ""
    ) -> None:
        """Have `on_command` of the plugin (default: the caller) called, in the order of the lane (default: this)."""
        self._add(self.work, NewWork("command", plugin or running_plugin.get(), kind, payload, key, lane or self.lane))

    def timer(
        self, kind: str, delay: float, *, payload: Mapping[str, Any] | None = None, key: str = "", lane: str = ""
    ) -> None:
        """Have `on_timer` of the calling plugin called in `delay` seconds, in this lane or another.

        A waiting timer of the same kind, key and lane is replaced.
        """
        self._add(self.work, NewWork("timer", running_plugin.get(), kind, payload or {}, key, lane or self.lane, delay))

    def cancel_timer(self, kind: str, *, key: str = "", lane: str = "") -> None:
        """Cancel a waiting timer of the calling plugin."""
        self._add(self.cancelled_timers, CancelTimer(running_plugin.get(), kind, lane or self.lane, key))

    def flag(self, what: str) -> None:
        """Note in the event log that something about this turn is remarkable: a name or a figure, nothing that was
        said; the calling plugin's name is put before it."""
        self._add(self.flags, f"{running_plugin.get()}: {what}")

    def _add(self, into: list[Any], item: Any) -> None:
        self.journal.add(running_plugin.get(), into, item)


@attrs.frozen
class Published:
    """A reviewed segment on its way to pages: `offset` counts within `attempt`; a higher attempt replaces a lower."""

    attempt: int
    offset: int
    segment: Segment


Publish = Callable[[Turn, Published], None]


async def take(turn: Turn, hooks: Hooks, texts: Texts, publish: Publish) -> None:
    """Carry the message past the hooks; what they decide is in `turn` afterwards, and nothing has been written.

    Raises `HookError` where a hook's failure means that the turn is to be retried.
    """
    way = _Way(turn, hooks, texts, publish)

    turn.message = await way.stage("receive", hooks.receive(turn))
    turn.language = turn.message.language or turn.language

    turn.refusal = await way.stage("screen", way.screen())
    turn.held = await way.stage("hold", way.hold())
    if turn.held:
        return

    if turn.refusal:
        turn.reply = Reply(turn.refusal.text) if turn.refusal.text else None
    else:
        await way.stage("understand", way.understand())
        turn.handoff = await way.stage("request_handoff", hooks.request_handoff(turn))
        if not (turn.handoff and turn.handoff.text):
            found = await way.stage("retrieve", hooks.retrieve(turn))
            turn.passages = await way.stage("review_passages", way.review_passages(found))
            turn.reply = await way.stage("respond", way.respond())
        turn.scores = await way.stage("score", hooks.score(turn))
        if turn.handoff is None:
            turn.handoff = await way.stage("request_handoff", hooks.request_handoff(turn))
        if turn.handoff and turn.handoff.text:
            turn.reply = Reply(turn.handoff.text)

    if turn.reply is not None:
        turn.reply = await way.stage("review", way.review(turn.reply))
        if turn.reply.text or turn.reply.attachments:
            turn.send(turn.reply)


class _Way:
    """The stages that are more than one call of one hook."""

    def __init__(self, turn: Turn, hooks: Hooks, texts: Texts, publish: Publish) -> None:
        self.turn = turn
        self.hooks = hooks
        self.texts = texts
        self.publish = publish
        self.streams = 0

    async def stage(self, name: str, work: Any) -> Any:
        """Await it and note how long it took."""
        before = time.perf_counter()
        result = await work
        self.turn.stages.append((name, time.perf_counter() - before))
        return result

    async def screen(self) -> Refusal | None:
        """Fails closed: a screen that fails refuses."""
        try:
            return await self.hooks.screen(self.turn)
        except HookError as error:
            self._report(error)
            return Refusal(f"{error.plugin} failed to screen", self.texts.text("apology", self.turn.language))

    async def hold(self) -> Hold | None:
        """An agent who has claimed the conversation holds it, whatever the plugins say."""
        held = await self.hooks.hold(self.turn)
        if held is None and self.turn.conversation.held_by:
            return Hold("an agent has the conversation", self.turn.conversation.held_by)
        return held

    async def understand(self) -> None:
        """Intents and entities, side by side where both take their time."""
        turn, hooks = self.turn, self.hooks
        if hooks.dispatcher.slow("classify_intent") and hooks.dispatcher.slow("extract_entities"):
            turn.intents, turn.entities = await asyncio.gather(
                apart(hooks.classify_intent(turn)), apart(hooks.extract_entities(turn))
            )
        else:
            turn.intents = await hooks.classify_intent(turn)
            turn.entities = await hooks.extract_entities(turn)

    async def review_passages(self, found: Sequence[Passage]) -> Sequence[Passage]:
        """Fails closed: what could not be reviewed is not used."""
        try:
            return await self.hooks.review_passages(self.turn, found)
        except HookError as error:
            self._report(error)
            return ()

    async def respond(self) -> Reply:
        """The first answer that holds to its end; the apology where there is none."""
        turn = self.turn
        mark = turn.journal.mark()
        answers = self.hooks.respond(turn)
        async with closing(answers):
            async for plugin, answer in answers:
                turn.responder = plugin
                if isinstance(answer, Reply):
                    return answer
                try:
                    reply = await self._stream(plugin, answer)
                except HookError as error:
                    turn.journal.undo(mark, plugin)
                    self._report(error)
                    continue
                if reply is not None:
                    return reply
        turn.responder = ""
        return Reply(self.texts.text("apology", turn.language), answered=False)

    async def _stream(self, plugin: str, answer: AsyncIterator[Segment | Reply]) -> Reply | None:
        """Publish the segments, each after review; the reply that ends them, or they themselves joined."""
        self.streams += 1
        attempt = self.turn.attempt * 100 + self.streams
        final: Reply | None = None
        parts: list[Segment] = []
        with self.hooks.dispatcher.within("respond", plugin):
            async with closing(answer):
                async for part in answer:
                    if isinstance(part, Reply):
                        final = part
                        break
                    reviewed = await self.hooks.review(
                        self.turn, Reply(part.text, citations=part.citations, partial=True)
                    )
                    segment = Segment(reviewed.text, reviewed.citations)
                    self.publish(self.turn, Published(attempt, len(parts), segment))
                    parts.append(segment)
        if final is None and parts:
            citations = tuple(dict.fromkeys(c for s in parts for c in s.citations))
            final = Reply("".join(s.text for s in parts).strip(), citations=citations)
        return final

    async def review(self, reply: Reply) -> Reply:
        """Fails closed: a review that fails leaves the safe text."""
        try:
            return await self.hooks.review(self.turn, reply)
        except HookError as error:
            self._report(error)
            return Reply(self.texts.text("safe", self.turn.language), answered=False)

    def _report(self, error: HookError) -> None:
        self.hooks.dispatcher.report(error, conversation=self.turn.conversation.id, inbox_id=self.turn.inbox_id)
