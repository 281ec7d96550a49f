"""The leads of a tenant, outside of turns: made by hand, found, changed, counted, and scored anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.errors import BadRequest, Conflict, HooklineError
from hookline.ledger import new_id

from . import statements as sql
from .bodies import Change, NewLead
from .contacts import email_of, phone_of
from .lead import OPEN, STATUSES, Lead
from .merging import merged, winner
from .models import lead, score
from .rules import PRIORITIES, Said, decayed, next_decay
from .scoring import Scorer, as_rows
from .session import Session, Step, replay

if TYPE_CHECKING:
    from hookline.action import Action
    from hookline.tenant import Tenant

    from .rules import Rules

_PAGE = 500
_SORTS = {
    "score": (lead.c.score.desc(), lead.c.id), "-score": (lead.c.score, lead.c.id),
    "updated": (lead.c.updated_at.desc(), lead.c.id), "created": (lead.c.created_at.desc(), lead.c.id),
    "-created": (lead.c.created_at, lead.c.id), "name": (sa.func.lower(lead.c.name), lead.c.id),
}  # fmt: skip


class LeadNotFound(HooklineError):
    """There is no lead of that id; it may have been erased."""


class NoContact(HooklineError):
    """A lead needs something by which somebody can reach it."""


@attrs.frozen
class Asked:
    """What a list of leads shall hold; empty: everything.  `since` and `until` are of the time it was made."""

    priority: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    intent: tuple[str, ...] = ()
    owner: str | None = None
    crm: str = ""
    review: bool = False
    contact: str = ""
    text: str = ""
    since: float | None = None
    until: float | None = None
    least: float | None = None
    most: float | None = None
    sort: str = "score"

    def narrow(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """The query with these conditions, all of which must hold."""
        for name in ("priority", "status", "source"):
            if values := getattr(self, name):
                query = query.where(lead.c[name].in_(values))
        if self.intent:
            query = query.where(sa.func.lower(lead.c.intent).in_([one.lower() for one in self.intent]))
        if self.owner is not None:
            query = query.where(lead.c.owner == self.owner)
        if self.crm:
            query = query.where(lead.c.crm_state == self.crm)
        if self.review:
            query = query.where(lead.c.review == 1)
        if self.contact:
            query = query.where(lead.c.contact == self.contact)
        if self.text:
            columns = (lead.c.name, lead.c.email, lead.c.phone, lead.c.id)
            found = [sa.func.lower(one).contains(self.text.lower(), autoescape=True) for one in columns]
            query = query.where(sa.or_(*found))
        for column, low, high in (
            (lead.c.created_at, self.since, self.until),
            (lead.c.score, self.least, self.most),
        ):
            query = query if low is None else query.where(column >= low)
            query = query if high is None else query.where(column <= high)
        return query


class Leads:
    """The leads of one tenant."""

    def __init__(self, tenant: Tenant, scorer: Scorer) -> None:
        self.tenant = tenant
        self.scorer = scorer

    @property
    def rules(self) -> Rules:
        """The rules of this snapshot."""
        return self.scorer.rules

    # -- found ---------------------------------------------------------------------------------------------------------

    async def one(self, ident: str) -> Lead:
        """The lead of that id, or the one that it was merged into, cooled to now; raises `LeadNotFound`."""
        await self.cool()
        return await self._raw(ident)

    async def _raw(self, ident: str) -> Lead:
        rows = await self.tenant.db.fetch(sql.ONE, {"p_lead": ident})
        if not rows:
            raise LeadNotFound(f"there is no lead {ident[:80]!r}")
        return Lead(*rows[0][1:])

    async def page(self, asked: Asked, *, limit: int, offset: int) -> tuple[list[Lead], int]:
        """A page of leads, and how many there are in all."""
        await self.cool()
        counted = await self.tenant.db.fetch(asked.narrow(sa.select(sa.func.count().label("n")).select_from(lead)))
        query = asked.narrow(sa.select(lead)).order_by(*_SORTS[asked.sort]).limit(limit).offset(offset)
        return [Lead(*row[1:]) for row in await self.tenant.db.fetch(query)], counted[0].n

    async def every(self, asked: Asked) -> AsyncGenerator[Lead, None]:
        """All of them, read a page at a time."""
        await self.cool()
        after = ""
        while True:
            query = asked.narrow(sa.select(lead)).where(lead.c.id > after).order_by(lead.c.id).limit(_PAGE)
            rows = await self.tenant.db.fetch(query)
            for row in rows:
                yield Lead(*row[1:])
            if len(rows) < _PAGE:
                return
            after = rows[-1].id

    async def cool(self) -> None:
        """Take off the idle days that are over, of all leads that have some: what is listed is as of now."""
        now = self.tenant.clock.now()
        while rows := await self.tenant.db.fetch(sql.DUE, {"p_now": now}):
            changed = []
            for row in rows:
                left = decayed(row.base, row.scored_at, now, self.rules.decay)
                priority = self.rules.thresholds.priority(left)
                changed.append({
                    "p_id": row.id, "p_scored_at": row.scored_at, "p_score": left, "p_priority": priority,
                    "p_decays_at": next_decay(row.scored_at, now),
                    "p_review": row.review if priority == row.priority else int(priority == "warm"),
                })  # fmt: skip
            await self.tenant.db.write((sql.COOL, changed))

    async def stats(self, asked: Asked) -> dict[str, Any]:
        """Totals by priority, status and source, and the average score."""
        await self.cool()
        query = asked.narrow(
            sa.select(
                lead.c.priority, lead.c.status, lead.c.source, lead.c.intent, sa.func.count().label("n"),
                sa.func.sum(lead.c.score).label("total"), sa.func.sum(lead.c.review).label("review"),
            )
        ).group_by(lead.c.priority, lead.c.status, lead.c.source, lead.c.intent)  # fmt: skip
        rows = await self.tenant.db.fetch(query)
        counts: dict[str, dict[str, int]] = {"priority": dict.fromkeys(PRIORITIES, 0), "status": {}, "source": {}}
        counts["intent"] = {}
        for row in rows:
            for name, table in counts.items():
                key = getattr(row, name)
                table[key] = table.get(key, 0) + row.n
        total = sum(row.n for row in rows)
        won, lost = counts["status"].get("won", 0), counts["status"].get("lost", 0)
        return {
            "total": total,
            "by_priority": counts["priority"], "by_status": counts["status"], "by_source": counts["source"],
            "by_intent": {name: n for name, n in counts["intent"].items() if name},
            "average_score": round(sum(row.total for row in rows) / total, 2) if total else 0.0,
            "to_review": sum(row.review for row in rows),
            "conversion": round(won / (won + lost), 4) if won + lost else 0.0,
        }  # fmt: skip

    # -- made and changed by people ------------------------------------------------------------------------------------

    async def create(self, body: NewLead, by: str) -> tuple[Lead, bool]:
        """A lead entered by hand or by another system; one that is known by e-mail or phone is brought up to date.

        Returns it, and whether it is new.  Raises `NoContact` where nobody could reach it.
        """
        email, phone = email_of(body.email), phone_of(body.phone, self.scorer.region)
        for given, read, what in ((body.email, email, "email"), (body.phone, phone, "phone")):
            if given.strip() and not read:
                raise BadRequest(f"{what}: given {given[:80]!r}; allowed: an address that can be reached", what)
        if not (email or phone or body.contact):
            raise NoContact("a lead needs an email, a phone or a contact, so that somebody can reach it")
        params = {"p_contact": body.contact, "p_email": email, "p_phone": phone}
        for attempt in range(5):
            rows = await self.tenant.db.fetch(sql.FIND, params)
            known = {row.id: Lead(*row[1:-2]) for row in rows}
            try:
                if known:
                    ident, new = await self._again(list(known.values()), body, email, phone, by), False
                else:
                    ident, new = await self._new(body, email, phone, by), True
                return await self._raw(ident), new
            except Conflict:
                if attempt == 4:
                    raise
        raise AssertionError  # the loop returns or raises

    async def _new(self, body: NewLead, email: str, phone: str, by: str) -> str:
        ident, now = new_id(), self.tenant.clock.now()
        async with self.tenant.action(by=by) as act:
            act.write(
                sql.MAKE,
                {
                    "id": ident, "contact": body.contact, "name": body.name.strip(), "email": email, "phone": phone,
                    "source": body.source, "channel": body.channel, "origin": body.origin, "owner": body.owner,
                    "scored_at": now, "decays_at": next_decay(now, now), "created_at": now, "updated_at": now,
                },
            )  # fmt: skip
            for kind, value in (("contact", body.contact), ("email", email), ("phone", phone)):
                if value:  # somebody who is faster makes this a conflict, and the next look finds what was made
                    act.write(sql.KNOW, {"kind": kind, "value": value, "lead": ident}, rows=1)
            self.happened(act, ident, "created", {"source": body.source})
            self._score_by_hand(act, ident, f"lead:{ident}", Session(), body, email, phone, 0.0)
        return ident

    async def _again(self, known: Sequence[Lead], body: NewLead, email: str, phone: str, by: str) -> str:
        stays, now = winner(known), self.tenant.clock.now()
        rows = await self.tenant.db.fetch(sql.SCORES, {"p_lead": stays.id})
        mine = [(None, row.conversation, row.at, row.value) for row in rows]
        sessions = {told[1]: step.session for told, (_, step) in zip(mine, replay(self.rules, mine), strict=True)}
        async with self.tenant.action(by=by) as act:
            for other in known:
                if other.id != stays.id:
                    for statement, params in merged(other, stays, now, by):
                        act.write(statement, params)
            for kind, value in (("contact", body.contact), ("email", email), ("phone", phone)):
                if value:
                    act.write(sql.KNOW, {"kind": kind, "value": value, "lead": stays.id})
            self.happened(act, stays.id, "told again", {"source": body.source})
            left = decayed(stays.base, stays.scored_at, now, self.rules.decay)
            by_hand = f"lead:{stays.id}"
            session = sessions.get(by_hand, Session())
            self._score_by_hand(act, stays.id, by_hand, session, body, email, phone, left, stays)
        return stays.id

    def _score_by_hand(
        self, act: Action, ident: str, where: str, session: Session, body: NewLead, email: str, phone: str,
        carried: float, stays: Lead | None = None,
    ) -> None:  # fmt: skip
        now, rules = self.tenant.clock.now(), self.rules
        told = {**body.entities, **({"email": email} if email else {}), **({"phone": phone} if phone else {})}
        facts = {**(stays.fields if stays else {}), **told}
        said = Said(body.intent, facts)
        found = self.scorer.evaluate(said, now)
        session = session.after(rules, found, now, carried)
        total = max(session.score(rules), carried)
        priority = rules.thresholds.priority(total)
        push = self._sends(priority) or (stays is not None and stays.routed)
        act.write(sql.NOTE, {
            "p_conversation": where, "p_n": session.n, "p_lead": ident, "p_now": now, "p_session": session.number,
            "p_kind": "rules", "p_intent": body.intent, "p_mood": "", "p_messages": 1, "p_value": found.value,
            "p_facts": self.scorer.storable(facts), "p_total": total, "p_reasons": as_rows(found.reasons),
        })  # fmt: skip
        act.write(sql.SCORE, {
            "p_lead": ident, "p_conversation": stays.conversation if stays else "", "p_contact": body.contact,
            "p_name": body.name.strip(), "p_email": email, "p_phone": phone, "p_priority": priority, "p_score": total,
            "p_now": now, "p_decays_at": next_decay(now, now), "p_interest": stays.interest if stays else "",
            "p_missing": list(stays.missing) if stays else [], "p_intent": body.intent, "p_fields": facts,
            "p_reasons": as_rows(found.reasons), "p_review": int(priority == "warm"), "p_qualified": 0,
            "p_push": int(push),
        })  # fmt: skip
        if stays is None or stays.priority != priority:
            was = stays.priority if stays else ""
            self.happened(act, ident, "priority", {"priority": priority, "was": was, "score": total})
            act.event("scoring.priority", {"lead": ident, "priority": priority, "contact": body.contact})
        if push:
            self.scorer.push(act, ident)

    def _sends(self, priority: str) -> bool:
        crm = self.scorer.config.crm
        return crm.provider != "none" and priority in crm.priorities

    def happened(self, act: Action, ident: str, kind: str, data: Mapping[str, Any]) -> None:
        """Note that a person did something to a lead."""
        act.write(sql.HAPPENED, {
            "id": new_id(), "lead": ident, "at": self.tenant.clock.now(), "kind": kind, "by": act.actor,
            "data": dict(data),
        })  # fmt: skip

    async def change(self, ident: str, body: Change, by: str) -> Lead:
        """Change a lead's status, owner and the like; each change is an event.  Raises `LeadNotFound`."""
        was = await self.one(ident)
        values = body.given()
        if "status" in values and values["status"] not in STATUSES:
            raise BadRequest(f"status: given {values['status']!r}; allowed: {', '.join(STATUSES)}", "status")
        if values.get("status") == "new" and was.status != "new":
            raise BadRequest(f"status: a lead that is {was.status} can't be new again", "status")
        changed = {name: value for name, value in values.items() if value != getattr(was, name, None)}
        note = changed.pop("note", "")
        if "status" in changed:
            changed["review"] = 0
        if "review" in changed:
            changed["review"] = int(changed["review"])
        if not changed and not note:
            return was
        async with self.tenant.action(by=by) as act:
            if changed:
                known = {"updated_at": self.tenant.clock.now(), "rev": lead.c.rev + 1}
                if was.routed and self.scorer.config.crm.provider != "none":
                    known["crm_state"] = "queued"
                    self.scorer.push(act, was.id)
                act.write(sa.update(lead).where(lead.c.id == was.id).values(**changed, **known), rows=1)
            else:  # a note alone; of a lead that was erased meanwhile none is kept
                act.write(sa.update(lead).where(lead.c.id == was.id).values(rev=lead.c.rev), rows=1)
            for name in changed.keys() & {"status", "owner", "review", "name"}:
                self.happened(act, was.id, name, {name: changed[name], "was": getattr(was, name)})
            if note:
                self.happened(act, was.id, "note", {"text": note})
            if changed.get("status") in {"won", "lost"} or (was.status not in OPEN and changed.get("status") in OPEN):
                act.event("scoring.status", {"lead": was.id, "status": changed["status"], "was": was.status})
            act.audit("lead changed", was.id, {"changed": sorted(changed)})
        return await self._raw(was.id)

    # -- why -----------------------------------------------------------------------------------------------------------

    async def events(self, ident: str) -> list[Any]:
        """What happened to the lead, oldest first."""
        return list(await self.tenant.db.fetch(sql.EVENTS, {"p_lead": (await self._raw(ident)).id}))

    async def steps(self, ident: str) -> list[tuple[Any, Step]]:
        """The lead's scored turns, each with its account, oldest first."""
        rows = await self.tenant.db.fetch(sql.SCORES, {"p_lead": ident})
        return replay(self.rules, [(row, row.conversation, row.at, row.value) for row in rows])

    # -- new rules -----------------------------------------------------------------------------------------------------

    async def recalculate(self, by: str, *, only: str = "") -> dict[str, int]:
        """Score all stored turns by the rules of now (what a model judged stays as it is), and the leads from them."""
        done = changed = 0
        asked = Asked()
        ids = [(await self.one(only)).id] if only else [one.id async for one in self.every(asked)]
        for ident in ids:
            changed += await self._again_by_rules(ident, by)
            done += 1
        return {"leads": done, "changed": changed}

    async def _again_by_rules(self, ident: str, by: str) -> int:
        rows = await self.tenant.db.fetch(sql.SCORES, {"p_lead": ident})
        if not rows:
            return 0
        scored = []
        for row in rows:
            said = Said(row.intent, row.facts, row.mood, row.messages)
            found = self.scorer.evaluate(said, row.at)
            value = row.value if row.kind == "llm" else found.value
            reasons = row.reasons if row.kind == "llm" else as_rows(found.reasons)
            scored.append((row, value, reasons))
        steps = replay(self.rules, [(row, row.conversation, row.at, value) for row, value, _ in scored])
        was, now = await self._raw(ident), self.tenant.clock.now()
        base, since = steps[-1][1].lead, rows[-1].at
        left = decayed(base, since, now, self.rules.decay)
        priority = self.rules.thresholds.priority(left)
        async with self.tenant.action(by=by) as act:
            for (row, value, reasons), (_, step) in zip(scored, steps, strict=True):
                here = sa.and_(score.c.conversation == row.conversation, score.c.n == row.n)
                act.write(sa.update(score).where(here).values(value=value, total=step.lead, reasons=reasons))
            if abs(base - was.base) < 1e-9 and priority == was.priority:
                return 0
            push = self._sends(priority) or (was.routed and self.scorer.config.crm.provider != "none")
            act.write(
                sa.update(lead).where(lead.c.id == ident, lead.c.rev == was.rev).values(
                    base=base, score=left, scored_at=since, decays_at=next_decay(since, now), priority=priority,
                    reasons=scored[-1][2], review=int(priority == "warm"), rev=lead.c.rev + 1, updated_at=now,
                    crm_state="queued" if push else was.crm_state,
                ),
                rows=1,
            )  # fmt: skip
            data = {"score": left, "was": was.score, "priority": priority}
            self.happened(act, ident, "recalculated", data)
            if push:
                self.scorer.push(act, ident)
        return 1


def day_of(text: str, name: str, *, end: bool = False) -> float:
    """A day (2026-11-21) or time (ISO 8601; UTC where it names no zone) of a query; of a day its beginning or end."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{name}: given {text[:40]!r}; allowed: 2026-11-21 or 2026-11-21T10:00:00Z", name) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=dt.UTC)
    if end and len(text) == 10:
        found += dt.timedelta(days=1, microseconds=-1)
    return found.timestamp()
