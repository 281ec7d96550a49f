"""What a plugin sees of a tenant: one snapshot of its config, its rows, its conversations, and what it may do there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import aiohttp
import attrs
import msgspec
import structlog

from . import overheard, undelivered
from .action import Action
from .clock import Clock
from .collect import NewWork
from .compute import Compute
from .conversations import ConversationStore
from .db import Script
from .directory import StaffDirectory
from .errors import BadRequest
from .failpoints import reach
from .hooks import Hooks
from .inbox import KNOWN_WORK, accept, submit
from .ledger import Accepted, ConversationClosed, Inbound, Row, new_id, storable
from .live import Live
from .message import Author, Message, Reply
from .references import take as take_reference
from .scheduling import set_timer
from .settings import Settings
from .tenancy import TenantDb
from .turn import Turn

if TYPE_CHECKING:
    from .phrases import Phrases
    from .records import RecordType
    from .tenants import TenantRuntime

T = TypeVar("T")


@attrs.frozen
class ResourceKey(Generic[T]):
    """The typed name of something that a plugin keeps over reloads (an index, a pool)."""

    name: str


class Tenant:
    """One snapshot of a tenant's config as one plugin sees it; what a plugin's hooks object is made with."""

    def __init__(
        self, runtime: TenantRuntime, plugin: str, config: Any, settings: Settings, data: Path, phrases: Phrases
    ) -> None:
        self.name = runtime.name
        self.plugin = plugin
        self.config = config
        self.settings = settings
        self.data = data
        self.folder: Path | None = runtime.folder
        self.phrases = phrases
        self.hooks: Hooks = cast("Hooks", None)  # set as soon as all plugins of the snapshot are there
        self.log = structlog.get_logger(f"hookline.{plugin}").bind(tenant=runtime.name, plugin=plugin)
        self.db = TenantDb(runtime.process.database, runtime.name)
        self._runtime = runtime

    @property
    def clock(self) -> Clock:
        """The time."""
        return self._runtime.process.clock

    @property
    def compute(self) -> Compute:
        """Where CPU work runs."""
        return self._runtime.process.compute

    @property
    def live(self) -> Live:
        """Live events."""
        return self._runtime.process.live

    @property
    def http(self) -> aiohttp.ClientSession:
        """The process's pooled HTTP client; it ignores cookies."""
        return self._runtime.process.http

    @property
    def staff(self) -> StaffDirectory:
        """The people who work for the tenant."""
        return StaffDirectory(self._runtime.process.staff, self.name)

    @property
    def conversations(self) -> ConversationStore:
        """The tenant's conversations."""
        return self._runtime.conversations

    @property
    def records(self) -> tuple[tuple[str, RecordType], ...]:
        """The kinds of records that the tenant's plugins declare, each with its plugin, in the order of the config."""
        catalogue = self._runtime.process.catalogue
        return tuple((name, kind) for name in self.settings.plugins for kind in catalogue.get(name).records)

    @property
    def implementation(self) -> Any:
        """The object with this plugin's hooks, as `Plugin.hooks` made it for this snapshot: routes and commands reach by it
        what it holds, and read no file anew."""
        return self.hooks.made_by(self.plugin)

    async def keep(self, key: ResourceKey[T], make: Callable[[], Awaitable[T]]) -> T:
        """What is kept under the key, made at the first call; it outlives reloads, and is closed (`close()`, async or
        not, where it has one) when the tenant stops."""
        return await self._runtime.keep(f"{self.plugin}:{key.name}", make)

    # -- what the bot says -------------------------------------------------------------------------------------------

    def phrase(self, key: str, language: str = "", /, **values: Any) -> str:
        """What is said for the key in the language, or in the nearest that has it, with the values in it.

        The tenant's `[texts]` and files come before the plugins' own words; `key.voice` is the spoken form.  Raises
        `PhraseMissing` and `PhraseFailed`.
        """
        return self.phrases.phrase(key, language, **values)

    def has_phrase(self, key: str, language: str = "") -> bool:
        """Whether there is such a phrase in the language or what that falls back to; without a language, in any."""
        return self.phrases.has(key, language)

    # -- messages in -------------------------------------------------------------------------------------------------

    async def accept(self, inbound: Inbound) -> Accepted:
        """Store a customer's message durably and have it processed; only then may a channel acknowledge it.

        Raises `BadRequest` for a message that is too long, and `RateLimited` for a contact that sends too many: nothing
        is stored then.
        """
        limit = self.settings.limits.message_chars
        if len(inbound.text) > limit:
            raise BadRequest(f"the message has {len(inbound.text)} characters; at most {limit} are allowed", "text")
        inbound = storable(inbound)
        self._runtime.count(inbound, self.settings.ratelimit)
        if self.hooks.implemented("conceal"):
            inbound = await self.hooks.conceal(inbound)
        try:
            accepted = await self._accept(inbound)
        except ConversationClosed:
            self.conversations.forget(inbound.channel, inbound.address)
            begun = inbound.conversation if inbound.begins else ""
            accepted = await self._accept(attrs.evolve(inbound, conversation=""), begun)
        if accepted.duplicate:
            self._runtime.uncount(inbound, self.settings.ratelimit)
        return accepted

    async def _accept(self, inbound: Inbound, begun: str = "") -> Accepted:
        process = self._runtime.process
        conversation, contact = inbound.conversation, ""
        if not conversation:
            conversation, contact = await self.conversations.open(
                inbound.channel, inbound.address, name=inbound.name, ident=begun
            )
        told = Message(
            id=new_id(),
            conversation=conversation,
            channel=inbound.channel,
            address=inbound.address,
            text=inbound.text,
            contact=contact,
            provider_id=inbound.provider_id,
            created_at=process.clock.now(),
            language=inbound.language,
            input_type=inbound.input_type,
            attachments=inbound.attachments,
            data=inbound.data,
        )
        source_key, keep_text = inbound.provider_id or told.id, self.settings.history.store == "sql"
        reach("accept.begun")
        try:
            accepted = await process.database.share(
                lambda: accept(process.database.dialect, self.name, told, source_key, keep_text=keep_text),
                tenant=self.name,
                kind="accept",
                apart=(conversation, f"{inbound.channel} {source_key}"),
            )
        except asyncio.CancelledError:
            process.lanes.wake(self.name, conversation)  # it may be stored all the same
            raise
        reach("accept.durable")
        if not accepted.duplicate:
            told = attrs.evolve(told, seq=accepted.seq, inbox_id=accepted.inbox_id)
            row = Row(accepted.inbox_id, conversation, "message", "", told)
            process.lanes.push(self.name, row)
            self.publish_message(told)
        return accepted

    def publish_message(self, told: Message) -> None:
        """Show a message on the pages that look at its conversation: a live event of kind "message"."""
        topic = f"conversation:{told.conversation}"
        if self.live.heard(self.name, topic):
            self.live.publish(self.name, topic, "message", {"message": msgspec.to_builtins(told)})

    async def wait(self, inbox_id: int, timeout: float | None = None) -> tuple[Message, ...] | None:
        """The committed replies of a turn, on any node; None if it is not finished in `timeout` seconds
        (default: `turns.wait`)."""
        seconds = self.settings.turns.wait if timeout is None else timeout
        return await self._runtime.process.worker.wait(self.name, inbox_id, seconds)

    async def ask(self, text: str, *, language: str = "") -> Turn:
        """A dry turn: the same hooks, nothing committed.  The answer is the turn's `reply`."""
        with self._runtime.acquire() as snapshot:
            return await self._runtime.process.worker.dry(self.name, snapshot, text, language)

    async def reference(self, kind: str, now: float | None = None) -> str:
        """A new reference id of the kind, as `[ids.<kind>]` says: `reference("prospect")` may be "PROS_20261121_001".

        Unique in the tenant, whatever runs beside it; its number is used up at once, so a turn that is run again leaves
        a gap.  In a dry turn it is the one that would come next.  `now` (default: the clock's) decides the day, in the
        tenant's time zone.  Raises ValueError for a kind that is no name.
        """
        at = self.clock.now() if now is None else now
        return await take_reference(self._runtime.process.database, self.name, self.settings, kind, at)

    # -- durable work outside a turn -----------------------------------------------------------------------------------

    async def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        plugin: str = "",
        key: str = "",
        lane: str = "",
        delay: float = 0.0,
    ) -> int:
        """Have `on_job` of the plugin (default: this one) called, durably; returns the inbox id.

        With a `key` only once: a repeat returns the first one's id.  Jobs of one lane run one after the other.
        """
        return await self._submit("job", kind, payload, plugin or self.plugin, key, lane, delay, "")

    async def command(
        self, kind: str, payload: Mapping[str, Any], *, lane: str, by: str, plugin: str = "", key: str = ""
    ) -> int:
        """Have `on_command` of the plugin (default: this one) called, in the order of the lane; returns the inbox id."""
        return await self._submit("command", kind, payload, plugin or self.plugin, key, lane, 0.0, by)

    async def _submit(
        self, what: str, kind: str, payload: Mapping[str, Any], plugin: str, key: str, lane: str, delay: float, by: str
    ) -> int:
        process = self._runtime.process
        now = process.clock.now()
        source_key = f"{kind}:{key or new_id()}"
        script = submit(
            process.database.dialect,
            self.name,
            what,
            plugin,
            kind,
            payload,
            now,
            source=f"{what}:{plugin}",
            source_key=source_key,
            lane_key=lane or f"{plugin}:{source_key}",
            key=key,
            by=by,
            not_before=now + delay if delay else 0.0,
        )
        row = await process.database.run(script, tenant=self.name)
        if row is not None:
            process.lanes.push(self.name, row)
            return row.id
        known = await process.database.fetch(
            KNOWN_WORK,
            {"p_tenant": self.name, "p_source": f"{what}:{plugin}", "p_key": source_key},
            tenant=self.name,
        )
        return int(known[0].id)

    async def set_timer(
        self, kind: str, delay: float, *, lane: str, payload: Mapping[str, Any] | None = None, key: str = ""
    ) -> None:
        """Have `on_timer` of this plugin called in `delay` seconds; one of the same kind, key and lane is replaced."""
        process = self._runtime.process
        new = NewWork("timer", self.plugin, kind, payload or {}, key, lane, delay)

        def script() -> Script[None]:
            yield set_timer(process.database.dialect, self.name, new, process.clock.now())

        await process.database.run(script(), tenant=self.name)
        process.timers.poke()

    async def send(self, reply: Reply, *, conversation: str, author: Author = "system", key: str = "") -> Message:
        """Send a message outside a turn, by the outbox; with a `key` only once, a repeat returns the first.

        Raises `ConversationClosed`.
        """
        async with self.action(by=self.plugin) as action:
            action.send(reply, conversation=conversation, author=author, key=key)
        return action.messages[0]

    async def release(self, conversation: str) -> bool:
        """Ask again at once whether what is parked in the conversation may go out (`before_deliver`); whether anything
        was parked."""
        return await undelivered.release(self._runtime.process, self.name, conversation)

    async def refused(self, message: str, cause: str) -> bool:
        """Flag a message (by its id) as failed that a provider took first and then could not deliver; False if it is
        none that was sent."""
        return await undelivered.refused(self._runtime.process, self.name, message, cause)

    def hush(self, conversation: str, inbox_id: int) -> None:
        """The customer breaks in: the reply to that message, if it is being streamed, ends with what was published of it.

        It is committed so.  Reaches the turn in whichever process it runs; `wait` says when that is done.
        """
        self._runtime.process.hush(self.name, conversation, inbox_id)

    async def overheard(self, told: Message, heard: str) -> Message:
        """Keep of a message of the bot's only what the customer heard before breaking in; the message as it is now."""
        cut = overheard.cut(told, heard)
        if cut is not told:
            await self._runtime.process.database.run(overheard.keep(self.name, cut), tenant=self.name)
            self.conversations.dropped(cut.conversation)
            self.publish_message(cut)
        return cut

    async def audit(self, who: str, what: str, subject: str = "", detail: Mapping[str, Any] | None = None) -> None:
        """Put a row into the audit log: who did what to which subject."""
        async with self.action(by=who) as action:
            action.audit(what, subject, detail)

    @asynccontextmanager
    async def action(self, *, by: str) -> AsyncIterator[Action]:
        """What a person does outside a turn: what is collected in the block is committed at its end, all or nothing.

        Raises `Conflict` where somebody was faster, and `ConversationClosed`; nothing is stored then.
        """
        action = Action(tenant=self.name, plugin=self.plugin, by=by)
        yield action
        if not action.empty:
            action.messages = await self._runtime.act(action, self.settings)
