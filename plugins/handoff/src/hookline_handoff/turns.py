"""A handoff in the turns of its conversation: whether the bot is silent, asks for a person, and what it says then."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa

from hookline.message import HandoffRequest, Hold, Reply

from . import agents, records
from .agents import STAFF
from .asking import asks_for_person
from .farewell import is_farewell
from .handling import call_late, give_up, told
from .life import CLAIMED, HELD, QUEUED, REQUESTED, RETURNED, SNOOZED, TRANSFERRED, WAITING
from .models import handoff
from .moves import Wish, begin, enqueue, keep, step
from .queue import hours
from .records import NOBODY, Handoff
from .texts import text
from .triggers import Fired, Rules, count
from .views import heard

if TYPE_CHECKING:
    from hookline.message import Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

b = sa.bindparam
_HEARD = (
    sa.update(handoff)
    .where(handoff.c.id == b("p_id"), handoff.c.state != "resolved")
    .values(
        waiting_since=sa.func.coalesce(handoff.c.waiting_since, b("p_now", type_=sa.Double)),
        activity_at=b("p_now", type_=sa.Double),
    )
)


class Turns:
    """The handoffs of one snapshot of one tenant, as turns meet them."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.rules = Rules(tenant.config.rules)
        self._seen: weakref.WeakKeyDictionary[Turn, Handoff | None] = weakref.WeakKeyDictionary()
        self._fired: weakref.WeakKeyDictionary[Turn, Fired] = weakref.WeakKeyDictionary()

    async def open(self, turn: Turn) -> Handoff | None:
        """The conversation's open handoff, looked up once a turn."""
        if turn not in self._seen:
            ident = turn.conversation.id
            self._seen[turn] = await records.open_one(self.tenant, ident) if ident else None
        return self._seen[turn]

    # -- silence -------------------------------------------------------------------------------------------------------

    async def hold(self, turn: Turn) -> Hold | None:
        """Keep the bot silent while a person has the conversation; an agent sees every message."""
        seen = await self.open(turn) or await self._come_back(turn)
        if seen is None:
            return None
        now = self.tenant.clock.now()
        turn.write(_HEARD, {"p_id": seen.id, "p_now": now})
        turn.publish(STAFF, "message", heard(turn.message, seen.id))
        if seen.state == SNOOZED:
            seen = await self._wake(turn, seen)
        elif seen.state == CLAIMED and await self._is_gone(seen.agent):
            seen = self._seen[turn] = step(
                self.tenant, turn, seen, "release", NOBODY, reason="the agent is away", agent="", team=""
            )
        if seen.state in HELD:
            return Hold("a person has the conversation", seen.agent or seen.holder)
        if seen.holder:
            return Hold("waiting for a person", seen.holder)
        return None

    async def _wake(self, turn: Turn, seen: Handoff) -> Handoff:
        """The customer writes: whoever put it aside has it again, or everybody if they are gone."""
        if await self._is_gone(seen.agent):
            made = step(self.tenant, turn, seen, "release", NOBODY, reason="the agent is away", agent="", team="")
        else:
            name = (await agents.names(self.tenant, [seen.agent])).get(seen.agent, "")
            made = step(
                self.tenant, turn, seen, "wake", NOBODY, agent_name=name, reason="the customer wrote", over=True
            )
        self._seen[turn] = made
        return made

    async def _is_gone(self, ident: str) -> bool:
        """Whether the agent has left, or is away: what is theirs is to be offered to others."""
        if not await agents.works(self.tenant, ident):
            return True
        if not self.tenant.config.presence.reassign:
            return False
        known = await agents.profile(self.tenant, ident)
        if known is None or known.seen_at is None:
            return False  # a program with a key, or an agent who works without the console
        return not agents.is_present(self.tenant, known)

    async def _come_back(self, turn: Turn) -> Handoff | None:
        """A customer who writes soon after the end, and more than thanks, gets the person again."""
        within = self.tenant.config.reopen_within
        if not within or not turn.conversation.id or turn.dry:
            return None
        last = await records.last_one(self.tenant, turn.conversation.id)
        if last is None or last.resolved_at is None or self.tenant.clock.now() - last.resolved_at > within:
            return None
        if is_farewell(turn.message.text):
            return None
        made = step(
            self.tenant, turn, last, "come_back", NOBODY,
            reason="the customer wrote again", queued_at=self.tenant.clock.now(), resolved_at=None, resolved_by="", agent="",
        )  # fmt: skip
        self._seen[turn] = made
        return made

    # -- asking for a person ---------------------------------------------------------------------------------------------

    async def request(self, turn: Turn) -> HandoffRequest | None:
        """Whether one of the rules asks for a person: by what was said, then by how the answer went."""
        count(turn)
        seen = await self.open(turn)
        if seen is not None and seen.state != RETURNED:
            return None  # it is asked for already
        fired = self.rules.before(turn) if turn.reply is None else self.rules.after(turn)
        if fired is None:
            return None
        self._fired[turn] = fired
        said = await told(self.tenant, self._planned(turn, fired), turn.language) if fired.replaces else ""
        return HandoffRequest(fired.reason, said, fired.priority, {**fired.data, "source": "trigger"})

    def _planned(self, turn: Turn, fired: Fired) -> Handoff:
        """What it will be like, to say its place in the queue before it is stored."""
        now = self.tenant.clock.now()
        opens = None if hours(self.tenant).is_open(now) else hours(self.tenant).next_open(now)
        return Handoff(
            "", turn.conversation.id, "", "", REQUESTED if opens else QUEUED, fired.reason, "trigger", now, now,
            priority=fired.priority, score=lead(turn), callback_at=opens,
        )  # fmt: skip

    async def begin(self, turn: Turn, request: HandoffRequest) -> Reply | None:
        """Store the request with the turn, whoever made it, and say when a person comes."""
        seen = await self.open(turn)
        if seen is not None and seen.state != RETURNED:
            return None
        skills, reason = self.tenant.config.assignment.skills, request.reason
        wish = Wish(
            reason=reason,
            source=str(request.data.get("source", "plugin")),
            priority=max(-1, min(2, request.priority)),
            score=lead(turn),
            language=turn.language,
            skill=str(request.data.get("skill", "")) or skills.get(reason) or skills.get(reason.partition(":")[0], ""),
            data={name: value for name, value in request.data.items() if name not in ("source", "skill")},
        )
        if not turn.conversation.id:  # a dry turn: nobody is there
            return None
        if seen is None:
            made = begin(self.tenant, turn, turn.conversation, wish)
        else:
            made = enqueue(self.tenant, turn, seen, reason=reason)
        self._seen[turn] = made
        if request.text and request.data.get("source") == "trigger":
            return None  # it says so already
        said = await told(self.tenant, made, turn.language)
        if turn.reply is None or not turn.reply.text:
            return Reply(said)
        return attrs.evolve(turn.reply, text=f"{turn.reply.text}\n\n{said}")

    async def answer(self, turn: Turn) -> Reply | None:
        """Who waits and asks for a person again is told the place in the queue."""
        seen = await self.open(turn)
        if seen is None or seen.state not in WAITING or not asks_for_person(turn.message.text):
            return None
        return Reply(await told(self.tenant, seen, turn.language))

    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Who waits for a person is not told that the bot does not know, but that somebody comes."""
        if reply.partial or reply.answered:
            return reply
        seen = await self.open(turn)
        if seen is None or seen.state not in WAITING or seen.callback_at is not None or turn.handoff is not None:
            return reply
        return attrs.evolve(reply, text=text(self.tenant, "handoff_waiting", turn.language), citations=())

    # -- what happens by itself ----------------------------------------------------------------------------------------------

    async def due(self, turn: Turn, timer: Timer) -> None:
        """A timer of a handoff: if it is still as it was when the timer was set, time moves it on."""
        seen = await records.by_id(self.tenant, timer.key)
        if seen is None or seen.epoch != timer.payload.get("epoch"):
            return
        now, language = self.tenant.clock.now(), seen.language
        match timer.kind:
            case "open" if seen.state == REQUESTED:
                enqueue(self.tenant, turn, seen)
            case "wait" if seen.state in (*WAITING, TRANSFERRED):
                await give_up(self.tenant, turn, seen, language)
            case "transfer" if seen.state == TRANSFERRED:
                step(self.tenant, turn, seen, "release", NOBODY, reason="nobody took it", agent="", team="")
            case "snooze" if seen.state == SNOOZED and not await agents.works(self.tenant, seen.agent):
                step(self.tenant, turn, seen, "release", NOBODY, reason="the agent has left", agent="", team="")
            case "snooze" if seen.state == SNOOZED:
                name = (await agents.names(self.tenant, [seen.agent])).get(seen.agent, "")
                step(self.tenant, turn, seen, "wake", NOBODY, agent_name=name, reason="the time has come", over=True)
            case "callback" if seen.state == RETURNED:
                await call_late(self.tenant, turn, seen)
                keep(turn, seen)
            case "keep" if seen.state in (QUEUED, RETURNED):
                keep(turn, seen)
            case "forget" if seen.state == RETURNED:
                step(
                    self.tenant, turn, seen, "resolve", NOBODY,
                    reason="given back to the bot", resolved_at=now, resolved_by="handoff", waiting_since=None,
                )  # fmt: skip


def lead(turn: Turn) -> float | None:
    """The lead's score, where somebody gives one."""
    return next((score.value for score in turn.scores if score.name == "lead"), None)
