"""The way of a message, top to bottom: read `take` first.

A turn reads a snapshot and collects what shall be written; hooks never write outside.  What it collected is then
committed in one transaction by `commit`.  A crash before that means that the turn runs again from the start; after
it, nothing is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import msgspec

from .collect import Collected, Outgoing, Taken
from .dispatch import closing
from .errors import HookError
from .journal import apart
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
from .watchdog import running_plugin

if TYPE_CHECKING:
    from .hooks import Hooks


_CORE = "core"  # the key of the core's own part of a conversation's state


class Texts(Protocol):
    """The tenant's own words, by key and language."""

    def text(self, key: str, language: str = "") -> str:
        """The text for the key in the language, or in the tenant's own."""


@attrs.define(eq=False)
class Turn(Collected):
    """The processing of one inbound message, timer, job or command.

    Hooks read its attributes; they change nothing but by the methods below.  `conversation` is as it was when the
    turn began.  `reply` is None until somebody has answered.  `failures` are the hooks that failed so far and were left
    out, with all that they had collected (`journal`).  `flags` are what plugins noted for the event log.  `known` are the
    entities of the whole conversation, the latest of each name.  `dry` turns are never committed.
    `hushed`: the customer has broken in while the reply was streamed; what was published of it is the reply.
    """

    message: Message
    conversation: Conversation
    contact: Contact
    language: str
    inbox_id: int = 0
    attempt: int = 1
    dry: bool = False
    started_at: float = 0.0
    history: Sequence[Message] = ()
    intents: Sequence[Intent] = ()
    entities: Sequence[Entity] = ()
    known: Mapping[str, Entity] = attrs.Factory(dict)
    passages: Sequence[Passage] = ()
    scores: Sequence[Score] = ()
    reply: Reply | None = None
    responder: str = ""
    refusal: Refusal | None = None
    held: Hold | None = None
    handoff: HandoffRequest | None = None
    flags: list[str] = attrs.Factory(list)
    account: str = ""
    guidance: list[str] = attrs.Factory(list)
    learned: list[Entity] = attrs.Factory(list)
    redacted: str | None = None
    original: str | None = None
    failures: list[HookError] = attrs.Factory(list)
    stages: list[tuple[str, float]] = attrs.Factory(list)
    plugin_state: dict[str, dict[str, Any]] = attrs.Factory(dict)
    hushed: bool = False
    streaming: bool = False

    @property
    def collector(self) -> str:
        """The plugin whose hook is running."""
        return running_plugin.get()

    @property
    def about(self) -> str:
        """The turn's own conversation."""
        return self.conversation.id

    @property
    def heard(self) -> Message:
        """The message as it is stored; of one that was redacted without the translation beside it, which says the same."""
        if self.redacted is not None:
            data = {key: value for key, value in self.message.data.items() if key != "translation"}
            return attrs.evolve(self.message, text=self.redacted, data=data)
        return self.message if self.original is None else attrs.evolve(self.message, text=self.original)

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

    def send(self, reply: Reply, *, conversation: str = "", author: Author = "bot") -> None:
        """Send a message besides the reply, or from a timer, job or command; by the outbox, after the commit."""
        self._add(self.outgoing, Outgoing(reply, conversation or self.conversation.id, author))

    def take(self, by: str) -> None:
        """Give the conversation to `by` ("": back to the bot); what the bot said before and was not sent is withdrawn.

        The turn is run again if somebody else takes it meanwhile.
        """
        mine = self.conversation
        if not mine.id:
            raise ValueError("this turn has no conversation that could be taken")
        self._add(self.taken, Taken(mine.id, by, mine.held_by))

    def prove(self, account: str) -> None:
        """The contact has proved that the account is its own, for this turn; "" takes it back."""
        self.account = account

    def guide(self, text: str) -> None:
        """Tell whatever model answers this turn something that it shall know or do, e.g. which question is open."""
        self._add(self.guidance, text)

    def learn(self, *facts: Entity) -> None:
        """Add facts to what the conversation knows that no message says in so many words, e.g. the answers in a flow.

        They are `known` from the next stage of this turn on, to those who score, say; a value of None forgets one.
        """
        for fact in facts:
            self._add(self.learned, fact)

    def redact(self, text: str) -> None:
        """Store `text` in place of what the customer wrote, which may hold what nobody shall read later."""
        self.redacted = text

    def keep(self, text: str) -> None:
        """Store `text`, what the customer wrote, where the turn goes on with another text: a translation."""
        self.original = text

    def hide(self, messages: Collection[str]) -> None:
        """Leave the messages of these ids out of the history that this turn sees."""
        self.history = tuple(told for told in self.history if told.id not in messages)

    def flag(self, what: str) -> None:
        """Note in the event log that something about this turn is remarkable: a name or a figure, nothing that was
        said; the calling plugin's name is put before it."""
        self._add(self.flags, f"{running_plugin.get()}: {what}")


def spoken(state: Mapping[str, Mapping[str, Any]]) -> str:
    """The language that the conversation was held in last; "" where no message had one."""
    return str(state.get(_CORE, {}).get("language", ""))


def recalled(plugin_state: Mapping[str, Mapping[str, Any]]) -> dict[str, Entity]:
    """The entities that the conversation's state remembers, by name."""
    kept = plugin_state.get(_CORE, {}).get("known", {})
    return {name: msgspec.convert(entity, Entity) for name, entity in kept.items()}


def remember(turn: Turn, facts: Sequence[Entity]) -> None:
    """Add facts to those of the conversation; one whose value is None is not known any more."""
    if not facts:
        return
    known = dict(turn.known)
    for entity in facts:
        known.pop(entity.name, None)
        if entity.value is not None:
            known[entity.name] = entity
    turn.known = known
    turn.plugin_state.setdefault(_CORE, {})["known"] = {n: msgspec.to_builtins(e) for n, e in known.items()}


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
    if turn.message.language:
        turn.plugin_state.setdefault(_CORE, {})["language"] = turn.language

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
            remember(turn, turn.learned)
        turn.scores = await way.stage("score", hooks.score(turn))
        if turn.handoff is None:
            turn.handoff = await way.stage("request_handoff", hooks.request_handoff(turn))
        if turn.handoff:
            await way.stage("open_handoff", way.open_handoff(turn.handoff))

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
        remember(turn, turn.entities)

    async def open_handoff(self, request: HandoffRequest) -> None:
        """Its text, or what the plugin that keeps the queue tells the customer, takes the place of the reply."""
        turn = self.turn
        if request.text:
            turn.reply = Reply(request.text)
        turn.reply = await self.hooks.open_handoff(turn, request) or turn.reply

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
            self.turn.streaming = True
            try:
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
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not self.turn.hushed or task is None or task.uncancel():
                    raise
            finally:
                self.turn.streaming = False
        if self.turn.hushed and not parts:
            return Reply("")
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
