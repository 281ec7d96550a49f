"""What happens to an inbox row: a turn, its commit, and what follows from the commit."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa
import structlog

from .clock import Clock, backoff
from .collect import Outgoing
from .commit import commit, fail
from .conversations import Known
from .db import Database
from .errors import Conflict, GiveUp, HookError, HooklineError, TenantUnavailable, TurnLost
from .failpoints import reach
from .ledger import Committed, Lease, Row
from .live import Live
from .logs import private
from .message import Command, Contact, Conversation, Job, Message, Reply, Timer
from .metrics import count_turn
from .models import inbox, message
from .references import rehearsal
from .turn import Published, Turn, recalled, spoken, take
from .watchdog import Watchdog

if TYPE_CHECKING:
    from .snapshot import Snapshot
    from .tenants import TenantRuntime

log = structlog.get_logger("hookline.worker")
b = sa.bindparam

_REPLIES = (
    sa.select(message.c.body, message.c.seq)
    .where(message.c.tenant == b("p_tenant"), message.c.inbox_id == b("p_id"), message.c.direction == "outbound")
    .order_by(message.c.seq)
)
_STATE = sa.select(inbox.c.state).where(inbox.c.tenant == b("p_tenant"), inbox.c.id == b("p_id"))

_CONFLICTS = 3  # how often a turn is run anew at once because somebody changed what it had seen
_AUDIT = "the audit log"

NOBODY = Contact("")
NOWHERE = Conversation("", "", "", "")
NOTHING = Message("", "", "", "", "")


@attrs.define(eq=False)
class _Running:
    task: asyncio.Task[Any]
    inbox_id: int
    committing: bool = False
    interrupted: bool = False
    turn: Turn | None = None


def _copied(state: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A copy as the database would give it: by way of JSON, which is several times quicker than `copy.deepcopy`."""
    found: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(state)) if state else {}
    return found


class Worker:
    """Processes the inbox rows of all tenants of this process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        watchdog: Watchdog,
        live: Live,
        tenant: Callable[[str], TenantRuntime],
        committed: Callable[[str, Committed], None],
        recall: Callable[[str, str], None],
    ) -> None:
        self.database = database
        self.clock = clock
        self.watchdog = watchdog
        self.live = live
        self._tenant = tenant
        self._committed = committed
        self._recall = recall
        self._running: dict[tuple[str, str], _Running] = {}
        self._waiting: dict[tuple[str, int], list[asyncio.Future[tuple[Message, ...]]]] = {}

    # -- a row -------------------------------------------------------------------------------------------------------

    async def process(self, row: Row, lease: Lease) -> Row | None:
        """Process a row; None when it is finished, else the row as it waits for its next try.

        Raises `TurnLost` if the turn was interrupted, or lost its lane or conversation: it is to run again.
        """
        runtime = self._tenant(lease.tenant)
        running = _Running(asyncio.current_task(), row.id)  # type: ignore[arg-type]  # lanes run in tasks
        self._running[lease.tenant, lease.key] = running
        try:
            with runtime.acquire() as snapshot:
                await self._run(row, lease, runtime, snapshot, running)
            return None
        except TenantUnavailable:
            raise  # it stays pending until the tenant is back
        except TurnLost:
            runtime.conversations.dropped(lease.key)
            raise
        except asyncio.CancelledError:
            if running.interrupted and running.task.uncancel() == 0:
                runtime.conversations.dropped(lease.key)
                raise TurnLost("interrupted") from None
            raise
        except Exception as error:  # noqa: BLE001  whatever it was is noted with the row, and tried again
            runtime.conversations.dropped(lease.key)
            return await self._failed(row, lease, runtime, error)
        finally:
            del self._running[lease.tenant, lease.key]

    async def _run(self, row: Row, lease: Lease, runtime: TenantRuntime, snapshot: Snapshot, running: _Running) -> None:
        """Run the row; anew at once where an action changed what the turn had seen, which may happen a few times."""
        run = self._message if row.kind == "message" else self._work
        for tries in range(_CONFLICTS, -1, -1):
            try:
                return await run(row, lease, runtime, snapshot, running)
            except Conflict:
                running.committing = False
                runtime.conversations.dropped(lease.key)
                if not tries:
                    raise
        return None

    def interrupt(self, tenant: str, key: str) -> None:
        """Cancel the lane's running turn, unless it is committing already."""
        running = self._running.get((tenant, key))
        if running and not running.committing:
            running.interrupted = True
            running.task.cancel()

    def hush(self, tenant: str, key: str, inbox_id: int) -> bool:
        """The customer breaks in: the reply to that message, if it is being streamed, ends with what was published of it.

        False if this process is not at that message; another may be.
        """
        running = self._running.get((tenant, key))
        turn = running.turn if running else None
        if running is None or turn is None or turn.inbox_id != inbox_id:
            return False
        if turn.streaming and not turn.hushed:
            turn.hushed = True
            running.task.cancel()
        return True

    async def _message(
        self, row: Row, lease: Lease, runtime: TenantRuntime, snapshot: Snapshot, running: _Running
    ) -> None:
        told = msgspec.convert(row.payload, Message) if not isinstance(row.payload, Message) else row.payload
        known = await runtime.conversations.get(told.conversation)
        if known is None:
            raise HooklineError(f"conversation {told.conversation!r} of tenant {lease.tenant!r} does not exist")
        begun_at = time.perf_counter()
        turn = self.begin(lease.tenant, snapshot, told, known, row)
        begun = turn.message
        running.turn = turn
        reach("turn.begun")
        self._publish_state(turn, "started" if row.attempts == 0 else "retrying")
        with self.watchdog.watch("turn", snapshot.settings.turns.limit):
            await take(turn, snapshot.hooks, snapshot.phrases, self._publish_segment)
        changed = turn.heard is not begun and turn.heard != begun
        now = self.clock.now()
        done = await self._commit(turn, lease, snapshot, running, changed=changed)
        heard = turn.heard if turn.heard.inbox_id == row.id else attrs.evolve(turn.heard, inbox_id=row.id)
        runtime.conversations.settled(known, turn.plugin_state, heard, done.messages, now)
        for bound in turn.bound:
            runtime.conversations.dropped(bound.conversation)
        runtime.conversations.remember(row.id, [heard, *done.messages])
        count_turn(turn.tenant, turn.outcome, time.perf_counter() - begun_at, turn.stages)
        if changed and heard.seq and heard.text != begun.text and turn.redacted is None:
            self._publish_heard(turn, heard)
        self._publish_state(turn, "finished")
        self._follow(turn, runtime, done)

    def begin(self, tenant: str, snapshot: Snapshot, told: Message, known: Known, row: Row | None = None) -> Turn:
        """A turn on the conversation's snapshot; its state is a copy, so that a failed try leaves nothing behind."""
        private.set((told.text,))
        return Turn(
            tenant=tenant,
            message=told if told.contact == known.contact.id else attrs.evolve(told, contact=known.contact.id),
            conversation=known.conversation,
            contact=known.contact,
            language=told.language or known.contact.language or snapshot.settings.language,
            lane=known.conversation.id,
            inbox_id=row.id if row else 0,
            attempt=row.attempts + 1 if row else 1,
            dry=row is None,
            started_at=self.clock.now(),
            history=tuple(known.history),
            known=recalled(known.state),
            plugin_state=_copied(known.state),
        )

    async def dry(self, tenant: str, snapshot: Snapshot, text: str, language: str = "") -> Turn:
        """A turn that is never committed, for a conversation that does not exist."""
        now = self.clock.now()
        known = Known(Conversation("", "ask", "", ""), NOBODY, {}, deque())
        told = Message("", "", "ask", "", text, created_at=now, language=language)
        turn = self.begin(tenant, snapshot, told, known)
        with rehearsal(), self.watchdog.watch("turn", snapshot.settings.turns.limit):
            await take(turn, snapshot.hooks, snapshot.phrases, lambda _turn, _segment: None)
        return turn

    async def _work(
        self, row: Row, lease: Lease, runtime: TenantRuntime, snapshot: Snapshot, running: _Running
    ) -> None:
        """A timer, job or command: addressed to its plugin, in the lane's order, committed like a turn."""
        known = await runtime.conversations.get(row.lane) if ":" not in row.lane else None
        turn = Turn(
            tenant=lease.tenant,
            message=NOTHING,
            conversation=known.conversation if known else NOWHERE,
            contact=known.contact if known else NOBODY,
            language=(spoken(known.state) or known.contact.language if known else "") or snapshot.settings.language,
            lane=row.lane,
            inbox_id=row.id,
            attempt=row.attempts + 1,
            started_at=self.clock.now(),
            history=tuple(known.history) if known else (),
            known=recalled(known.state) if known else {},
            plugin_state=_copied(known.state) if known else {},
        )
        body: Mapping[str, Any] = row.payload
        payload, ident, attempt = body.get("payload") or {}, str(row.id), row.attempts + 1
        if row.kind == "timer":
            timer = Timer(ident, row.plugin, body["name"], row.lane, body["due_at"], body["key"], payload)
            await snapshot.hooks.on_timer(turn, timer)
        elif row.kind == "job":
            job = Job(ident, row.plugin, body["name"], row.lane, body["key"], attempt, payload)
            await snapshot.hooks.on_job(turn, job)
        else:
            command = Command(ident, row.plugin, body["name"], row.lane, body["by"], attempt, payload)
            await snapshot.hooks.on_command(turn, command)
        now = self.clock.now()
        done = await self._commit(turn, lease, snapshot, running, changed=False)
        spoken_in = (told.conversation for told in done.messages)
        for changed in {row.lane, *spoken_in, *(bound.conversation for bound in turn.bound)}:
            runtime.conversations.dropped(changed)
        runtime.conversations.remember(row.id, done.messages)
        log.debug("work done", tenant=lease.tenant, kind=row.kind, plugin=row.plugin, inbox_id=row.id, at=now)
        self._follow(turn, runtime, done)

    async def _commit(
        self, turn: Turn, lease: Lease, snapshot: Snapshot, running: _Running, *, changed: bool
    ) -> Committed:
        running.committing = True
        reach("turn.decided")
        now, keep_text = self.clock.now(), snapshot.settings.history.store == "sql"
        lease.settling = True
        try:
            done = await self.database.share(
                lambda: commit(self.database.dialect, turn, lease, now, keep_text=keep_text, changed=changed),
                tenant=lease.tenant,
                kind="audited" if turn.audited else "commit",
                apart=(lease.key, _AUDIT) if turn.audited else (lease.key,),
            )
        finally:
            lease.settling = False
        lease.held = not done.released
        reach("turn.durable")
        return done

    def _follow(self, turn: Turn, runtime: TenantRuntime, done: Committed) -> None:
        """What follows from a turn's commit, for those who wait and for what is to be delivered and done."""
        for taken in turn.taken:
            runtime.conversations.unsaid(taken.conversation, done.withdrawn)
            self._recall(turn.tenant, taken.conversation)
        self._resolve(turn.tenant, turn.inbox_id, done.messages)
        self._committed(turn.tenant, done)
        for shown in turn.shown:
            self.live.publish(turn.tenant, shown.topic, shown.kind, shown.data)

    async def _failed(self, row: Row, lease: Lease, runtime: TenantRuntime, error: Exception) -> Row | None:
        """Wait with backoff, in the end the dead letters; the cause is kept with the row, the text is not."""
        policy = runtime.settings.turns
        attempts = row.attempts + 1
        hopeless = isinstance(error.__cause__ if isinstance(error, HookError) else error, GiveUp)
        dead = hopeless or attempts >= policy.attempts
        not_before = self.clock.now() + backoff(policy.backoff, attempts, 60.0)
        cause = str(error) if isinstance(error, HooklineError) else f"{type(error).__name__}: {error}"
        where = {"hook": error.hook, "plugin": error.plugin} if isinstance(error, HookError) else {}
        log.error(
            "turn failed",
            tenant=lease.tenant,
            conversation=lease.key,
            inbox_id=row.id,
            kind=row.kind,
            attempt=attempts,
            dead=dead,
            exc_info=error,
            **where,
        )
        settings = runtime.settings
        apology = None
        if dead and row.kind == "message":
            apology = Outgoing(Reply(runtime.phrases.text("apology"), answered=False), row.lane)
        script = fail(
            self.database.dialect,
            lease,
            row,
            cause,
            self.clock.now(),
            attempts=attempts,
            not_before=not_before,
            dead=dead,
            apology=apology,
            keep_text=settings.history.store == "sql",
        )
        done = await self.database.run(script, tenant=lease.tenant)
        if done is None:
            raise TurnLost(f"inbox row {row.id} is not pending any more")
        if dead:
            runtime.conversations.dropped(lease.key)
            runtime.conversations.remember(row.id, done.messages)
            self._resolve(lease.tenant, row.id, done.messages)
            self._committed(lease.tenant, done)
            return None
        return attrs.evolve(row, attempts=attempts, not_before=not_before)

    # -- what pages and callers see ------------------------------------------------------------------------------------

    def _publish_state(self, turn: Turn, state: str) -> None:
        topic = f"conversation:{turn.conversation.id}"
        self.live.publish(turn.tenant, topic, "turn", {"turn": str(turn.inbox_id), "state": state})

    def _publish_heard(self, turn: Turn, heard: Message) -> None:
        """The customer's message anew, of the same `seq` (`changed`): what was said in it has been written down."""
        topic = f"conversation:{turn.conversation.id}"
        if self.live.heard(turn.tenant, topic):
            told = {"message": msgspec.to_builtins(heard), "changed": True}
            self.live.publish(turn.tenant, topic, "message", told)

    def _publish_segment(self, turn: Turn, published: Published) -> None:
        self.live.publish(
            turn.tenant,
            f"conversation:{turn.conversation.id}",
            "segment",
            {
                "turn": str(turn.inbox_id),
                "attempt": published.attempt,
                "offset": published.offset,
                "text": published.segment.text,
                "language": turn.language,
                "citations": msgspec.to_builtins(published.segment.citations),
            },
        )

    async def wait(self, tenant: str, inbox_id: int, timeout: float) -> tuple[Message, ...] | None:
        """The committed replies of a turn; None if it is not finished within `timeout` seconds.

        Works on any process: a turn that runs elsewhere is found in the database.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Message, ...]] = loop.create_future()
        waiting = self._waiting.setdefault((tenant, inbox_id), [])
        waiting.append(future)
        try:
            until = loop.time() + timeout
            pause = 0.05
            found = self._tenant(tenant).conversations.remembered(inbox_id)
            while found is None:
                left = until - loop.time()
                if left <= 0:
                    return None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left, pause)):
                        return await asyncio.shield(future)
                pause = min(pause * 2, 1.0)
                found = await self._finished(tenant, inbox_id)
            return found
        finally:
            waiting.remove(future)
            if not waiting:
                self._waiting.pop((tenant, inbox_id), None)

    async def _finished(self, tenant: str, inbox_id: int) -> tuple[Message, ...] | None:
        state = await self.database.fetch(_STATE, {"p_tenant": tenant, "p_id": inbox_id}, tenant=tenant)
        if not state or state[0].state == "pending":
            return None
        if any(of == tenant and running.inbox_id == inbox_id for (of, _), running in self._running.items()):
            # Committed, but this process has yet to take note; whoever asks it next shall find what was said.
            return None
        runtime = self._tenant(tenant)
        rows = await self.database.fetch(_REPLIES, {"p_tenant": tenant, "p_id": inbox_id}, tenant=tenant)
        told = [attrs.evolve(msgspec.convert(r.body, Message), seq=r.seq) for r in rows if r.body is not None]
        return tuple(told) or runtime.conversations.remembered(inbox_id) or ()

    def _resolve(self, tenant: str, inbox_id: int, messages: tuple[Message, ...]) -> None:
        for future in self._waiting.get((tenant, inbox_id), ()):
            if not future.done():
                future.set_result(messages)
