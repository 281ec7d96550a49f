"""Scoring a turn: what is known in, a score with its reasons out, and the rows that go with the turn's commit."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hookline import formats
from hookline.ledger import new_id
from hookline.message import Entity, Reply, Score

from . import statements as sql
from .contacts import email_of, phone_of
from .lead import Lead
from .merging import merged, winner
from .origin import origin_of
from .qualification import Level, missing, moved
from .rules import Reason, Rules, Said, TurnScore, decayed, evaluate, next_decay
from .session import Session

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

_STATE = "scoring"
NO_SESSION = Session()
_FIELDS = ("n", "number", "count", "total", "peak", "last", "carried")
_LEVEL = {"low": 0.0, "medium": 50.0, "high": 100.0}


@attrs.define
class Standing:
    """What is kept with the conversation: where its scoring stands, which lead it is, and what was told of it."""

    session: Session = NO_SESSION
    lead: str = ""
    made: bool = False
    priority: str = ""
    interest: Level | None = None
    known: tuple[str, ...] = ()  # "email:…" and "phone:…" by which the lead is found
    routed: bool = False
    score: float = 0.0

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Standing:
        """From the conversation's state."""
        if not state:
            return cls()
        more = {key: value for key, value in state.items() if key != "session"}
        return cls(Session(*state["session"]), **more | {"known": tuple(more.get("known", ()))})

    def into(self, state: dict[str, Any]) -> None:
        """Into the conversation's state."""
        state.clear()
        state["session"] = [getattr(self.session, name) for name in _FIELDS]
        state |= {
            "lead": self.lead, "made": self.made, "priority": self.priority, "interest": self.interest,
            "known": list(self.known), "routed": self.routed, "score": self.score,
        }  # fmt: skip


@attrs.frozen
class Person:
    """By what the customer of a turn can be found, in normal form."""

    contact: str
    name: str
    email: str
    phone: str

    def identities(self) -> list[tuple[str, str]]:
        """Kind and value of each."""
        pairs = (("contact", self.contact), ("email", self.email), ("phone", self.phone))
        return [(kind, value) for kind, value in pairs if value]


class Scorer:
    """Scores the turns of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant, rules: Rules) -> None:
        self.tenant = tenant
        self.rules = rules
        self.config: Config = tenant.config
        self.private = frozenset(self.config.private)
        self.region = formats.region(tenant.settings)
        self.zone = formats.timezone(tenant.settings)

    # -- in a turn -----------------------------------------------------------------------------------------------------

    async def score(self, turn: Turn) -> Sequence[Score]:
        """The lead's score and, in qualification mode, its interest; what is to be stored is collected in the turn."""
        said = self.said(turn)
        found = self.evaluate(said, turn.started_at)
        if not found.matched and self.rules.llm.name and turn.message.text.strip() and not turn.dry:
            self._ask_model(turn)
        if turn.dry:
            session = Session().after(self.rules, found, turn.started_at) if found.matched else Session()
            return self._told(session, found, None, turn)
        standing = Standing.of(turn.state(_STATE))
        learnt = any(one.name != "sentiment" for one in (*turn.entities, *turn.learned))
        if not found.matched and not (learnt and (standing.made or self.rules.mode == "qualification")):
            known = standing.session.number > 0
            return self._told(standing.session, found, standing.interest, turn) if known else ()
        return await self.take(turn, standing, said, found, "rules")

    def evaluate(self, said: Said, now: float) -> TurnScore:
        """By the tenant's rules, on the tenant's day."""
        today = dt.datetime.fromtimestamp(now, self.zone).date()
        return evaluate(self.rules, said, today, self.config.private)

    def said(self, turn: Turn) -> Said:
        """What the rules look at."""
        mood = next((one.unit for one in reversed(turn.entities) if one.name == "sentiment"), "")
        intent = turn.intents[0].name if turn.intents else ""
        facts = {name: one.value for name, one in turn.known.items() if name != "sentiment"}
        session = Standing.of(turn.plugin_state.get(_STATE, {})).session
        count = 0 if session.begins(self.rules, turn.started_at) else session.count
        return Said(intent, facts, mood, count + 1)

    async def take(
        self, turn: Turn, standing: Standing, said: Said, found: TurnScore, kind: str, *, qualified: bool = False
    ) -> Sequence[Score]:
        """Add the turn's score to the session's and collect what is to be stored.

        `qualified`: the lead is so, whatever the rules say.
        """
        now, rules = turn.started_at, self.rules
        who = self.person(turn)
        keys = [f"{key}:{value}" for key, value in who.identities() if key != "contact"]
        learnt = not standing.made or not set(keys) <= set(standing.known)
        before = 0.0
        if learnt or standing.session.begins(rules, now):
            before = await self._find(turn, standing, who, now)
        standing.known = tuple(dict.fromkeys((*standing.known, *keys)))
        standing.session = standing.session.after(rules, found, now, before)
        standing.score = standing.session.score(rules)
        lacking = missing(rules.qualification, said.facts) if rules.mode == "qualification" else []
        if rules.mode == "qualification":
            self._move(standing, turn, said)
        captured = standing.made or found.value >= rules.capture or bool(keys)
        ident = standing.lead or who.contact
        self._note(turn, standing, said, found, kind, ident)
        if captured and ident:
            if learnt:
                self._known_by(turn, who, ident)
            self._store(turn, standing, said, found, who, ident, lacking, qualified=qualified)
        standing.into(turn.state(_STATE))
        return self._told(standing.session, found, standing.interest, turn, lacking)

    def person(self, turn: Turn) -> Person:
        """Who writes: what was said in the conversation, else what the contact's card says."""
        known = turn.known
        about = turn.contact

        def said(name: str) -> str:
            return str(known[name].value) if name in known and known[name].value else ""

        name = said("name") or " ".join(p for p in (said("first_name"), said("last_name")) if p) or about.name
        email = email_of(said("email")) or email_of(about.email)
        phone = phone_of(said("phone") or about.phone, self.region)
        return Person(about.id, name[:200], email, phone)

    async def _find(self, turn: Turn, standing: Standing, who: Person, now: float) -> float:
        """Find the person's lead, merge two that turn out to be one; what the lead had before this session."""
        rows = await self.tenant.db.fetch(
            sql.FIND, {"p_contact": who.contact, "p_email": who.email, "p_phone": who.phone}
        )
        leads: dict[str, Lead] = {}
        for row in rows:
            leads.setdefault(row.id, Lead(*row[1:-2]))
        if not leads:
            return 0.0
        stays = winner(list(leads.values()))
        for other in leads.values():
            if other.id != stays.id:
                stays = self._merge(turn, other, stays, now)
        if not standing.made or standing.lead != stays.id:
            standing.lead, standing.made = stays.id, True
            standing.priority, standing.routed = stays.priority, stays.routed
            standing.interest = stays.interest or standing.interest  # type: ignore[assignment]  # stored levels are levels
        return decayed(stays.base, stays.scored_at, now, self.rules.decay)

    def _merge(self, turn: Turn, other: Lead, into: Lead, now: float) -> Lead:
        for statement, params in merged(other, into, now, "scoring"):
            turn.write(statement, params)
        turn.event("scoring.merged", {"lead": into.id, "was": other.id})
        return attrs.evolve(into, base=max(into.base, decayed(other.base, other.scored_at, now, self.rules.decay)))

    def _move(self, standing: Standing, turn: Turn, said: Said) -> None:
        required = {entity for one in self.rules.qualification.required for entity in one.entities}
        learnt = len({one.name for one in turn.entities if one.value is not None} & required)
        interest = self.rules.qualification.interest
        standing.interest = moved(
            interest, standing.interest or interest.start, learnt=learnt, intent=said.intent, mood=said.mood
        )

    # -- what is stored ------------------------------------------------------------------------------------------------

    def _note(self, turn: Turn, standing: Standing, said: Said, found: TurnScore, kind: str, ident: str) -> None:
        turn.write(
            sql.NOTE,
            {
                "p_conversation": turn.conversation.id, "p_n": standing.session.n, "p_lead": ident,
                "p_now": turn.started_at, "p_session": standing.session.number, "p_kind": kind,
                "p_intent": said.intent, "p_mood": said.mood, "p_messages": said.messages,
                "p_facts": self.storable(said.facts), "p_value": found.value, "p_total": standing.score,
                "p_reasons": as_rows(found.reasons),
            },
        )  # fmt: skip

    def storable(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts as they are kept with a score: of private ones only that they are known."""
        return {name: bool(value) if name in self.private else value for name, value in facts.items()}

    def _store(
        self,
        turn: Turn,
        standing: Standing,
        said: Said,
        found: TurnScore,
        who: Person,
        ident: str,
        lacking: list[str],
        *,
        qualified: bool = False,
    ) -> None:
        now, rules, score = turn.started_at, self.rules, standing.score
        priority = rules.thresholds.priority(score)
        qualified = qualified or (rules.mode == "qualification" and not lacking)
        crm = self.config.crm
        push = crm.provider != "none" and (standing.routed or priority in crm.priorities)
        if not standing.made:
            self._make(turn, who, ident, now)
            standing.lead, standing.made = ident, True
        turn.write(
            sql.SCORE,
            {
                "p_lead": ident, "p_conversation": turn.conversation.id, "p_contact": who.contact, "p_name": who.name,
                "p_email": who.email, "p_phone": who.phone, "p_priority": priority, "p_score": score, "p_now": now,
                "p_decays_at": next_decay(now, now), "p_interest": standing.interest or "", "p_missing": lacking,
                "p_intent": said.intent, "p_fields": dict(said.facts), "p_reasons": as_rows(found.reasons),
                "p_review": int(priority == "warm"), "p_qualified": int(qualified), "p_push": int(push),
            },
        )  # fmt: skip
        if priority != standing.priority:
            self.happened(
                turn, ident, now, "priority", {"priority": priority, "was": standing.priority, "score": score}
            )
            turn.event("scoring.priority", {"lead": ident, "priority": priority, "contact": who.contact})
            if priority == "warm":
                self.happened(turn, ident, now, "review", {"score": score})
            standing.priority = priority
        if push:
            self.push(turn, ident)
            standing.routed = True
        topic = f"conversation:{turn.conversation.id}"
        turn.publish(topic, "lead", {"lead": ident, "score": round(score, 1), "priority": priority})

    @staticmethod
    def _known_by(turn: Turn, who: Person, ident: str) -> None:
        for kind, value in who.identities():
            turn.write(sql.KNOW, {"kind": kind, "value": value, "lead": ident})

    def _make(self, turn: Turn, who: Person, ident: str, now: float) -> None:
        channel = turn.conversation.channel
        source = self.rules.sources.get(channel, channel)
        origin = origin_of(turn.conversation.data, turn.message.data)
        turn.write(
            sql.MAKE,
            {
                "id": ident, "contact": who.contact, "conversation": turn.conversation.id, "source": source,
                "channel": channel, "origin": origin, "scored_at": now, "decays_at": next_decay(now, now), "rev": 0,
                "created_at": now, "updated_at": now,
            },
        )  # fmt: skip
        self.happened(turn, ident, now, "created", {"source": source, "channel": channel})

    @staticmethod
    def happened(
        turn: Collected, lead: str, now: float, kind: str, data: Mapping[str, Any], by: str = "scoring"
    ) -> None:
        """Note that something happened to a lead."""
        turn.write(sql.HAPPENED, {"id": new_id(), "lead": lead, "at": now, "kind": kind, "by": by, "data": dict(data)})

    def push(self, turn: Collected, lead: str) -> None:
        """Have the lead sent to the CRM."""
        turn.job("push", {"lead": lead}, lane=lane_of(lead, self.config.crm.lanes))

    # -- what is said --------------------------------------------------------------------------------------------------

    def _told(
        self,
        session: Session,
        found: TurnScore,
        interest: Level | None,
        turn: Turn,
        lacking: Sequence[str] | None = None,
    ) -> Sequence[Score]:
        value = session.score(self.rules)
        lines = [reason.line() for reason in found.reasons]
        lines += [one["text"] for one in account(self.rules, session)]
        scores = [Score("lead", value, tuple(lines))]
        if self.rules.mode == "qualification":
            level = interest or self.rules.qualification.interest.start
            if lacking is None:
                lacking = missing(self.rules.qualification, {n: one.value for n, one in turn.known.items()})
            about = tuple(f"{name} is not known yet" for name in lacking) or ("all that is needed is known",)
            scores.append(Score("interest", _LEVEL[level], (f"interest {level}", *about)))
        return scores

    # -- asking for what is missing ------------------------------------------------------------------------------------

    def ask(self, turn: Turn) -> Reply | None:
        """The question for the first thing that is missing, where the rules have one for it."""
        rules = self.rules.qualification
        if self.rules.mode != "qualification":
            return None
        intent = turn.intents[0].name.casefold() if turn.intents else ""
        required = {entity for one in rules.required for entity in one.entities}
        answered = any(one.name in required and one.value is not None for one in turn.entities)
        if not answered and intent not in {one.casefold() for one in rules.ask}:
            return None
        lacking = missing(rules, {name: one.value for name, one in turn.known.items()})
        for one in rules.required:
            if one.name in lacking and one.ask:
                tag = turn.language.partition("-")[0]
                text = one.ask.get(turn.language) or one.ask.get(tag) or one.ask.get(self.tenant.settings.language)
                return Reply(text or next(iter(one.ask.values())))
        return None

    # -- the model -----------------------------------------------------------------------------------------------------

    def _ask_model(self, turn: Turn) -> None:
        payload = {"conversation": turn.conversation.id, "text": turn.message.text[:4000]}
        turn.job("judge", payload, lane=lane_of(turn.conversation.id, 2, "judge"))

    async def told(self, turn: Turn, facts: Mapping[str, Any], *, qualified: bool) -> None:
        """Add what another plugin has learnt of the customer of a conversation, e.g. by a form that was filled in."""
        said = {str(name): Entity(str(name), value) for name, value in facts.items() if value not in (None, "")}
        turn.known = {**turn.known, **said}
        standing = Standing.of(turn.state(_STATE))
        told = self.said(turn)
        await self.take(turn, standing, told, self.evaluate(told, turn.started_at), "told", qualified=qualified)

    async def judged(self, turn: Turn, points: float, why: str) -> None:
        """Add what the model said of a turn, in the order of its conversation."""
        standing = Standing.of(turn.state(_STATE))
        said = self.said(turn)
        reasons = (Reason(points, why or "the model's judgement", "llm", {} if why else {"unsaid": True}),)
        await self.take(turn, standing, said, TurnScore(points, reasons), "llm")


def account(rules: Rules, session: Session) -> list[dict[str, Any]]:
    """How the lead's score comes of the session's turns: each line as `text`, and as what a page needs to say it."""
    share = rules.cumulative
    own = session.own(rules)
    lines: list[dict[str, Any]] = []
    if session.count > 1:
        text = (
            f"{share.average:g} % of the average {session.average:.1f} of {session.count} turns "
            f"+ {share.peak:g} % of the highest {session.peak:g} = {own:.1f}"
        )
        lines.append(
            {
                "kind": "mix", "text": text, "average_share": share.average, "average": round(session.average, 1),
                "turns": session.count, "peak_share": share.peak, "peak": session.peak, "score": round(own, 1),
            }
        )  # fmt: skip
    if session.carried > own:
        text = f"earlier conversations count for more: {session.carried:.1f}"
        lines.append({"kind": "earlier", "text": text, "score": round(session.carried, 1)})
    return lines


def as_rows(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as they are stored."""
    return [{"points": one.points, "text": one.text, "kind": one.kind, **one.about} for one in reasons]


def lane_of(key: str, lanes: int, kind: str = "crm") -> str:
    """One of a few lanes: so many are worked on at once, and one key's always in one."""
    return f"scoring:{kind}:{zlib.crc32(key.encode()) % lanes}"
