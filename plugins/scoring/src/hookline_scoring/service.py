"""Scoring of one tenant: turns in, scores and leads out, leads to the CRM, and what is known of a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.errors import Conflict
from hookline.message import Contact, ContactData, Panel

from . import statements as sql
from .explain import brief
from .judge import judge
from .lead import shown
from .leads import Leads
from .models import event, identity, lead, score
from .parting import Parting
from .routing import Routing
from .rulefile import load, rules_file
from .scoring import Scorer, Standing
from .session import replay

if TYPE_CHECKING:
    from hookline.message import Command, Conversation, Job, Record, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_STATE = "scoring"
_TRIES = 5


class Service:
    """The service of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.rules = load(rules_file(tenant.config, tenant.folder))
        self.scorer = Scorer(tenant, self.rules)
        self.leads = Leads(tenant, self.scorer)
        self.routing = Routing(tenant)
        self.parting = Parting(tenant)

    # -- durable work --------------------------------------------------------------------------------------------------

    async def work(self, turn: Turn, job: Job | Timer) -> None:
        """A job or a timer: a lead to send, an erased one to tell of, a message to judge."""
        if job.kind == "push":
            await self.routing.push(turn, job.payload["lead"])
        elif job.kind == "erased":
            await self.routing.erased(turn, job.payload)
        elif job.kind == "judge":
            points, why = await judge(self.tenant, self.rules.llm, job.payload["text"])
            if points:
                told = {"points": points, "why": why}
                turn.command("judged", told, lane=job.payload["conversation"])

    async def command(self, turn: Turn, command: Command) -> None:
        """What has to come in the order of a conversation."""
        if not turn.conversation.id:
            return  # it is gone
        if command.kind == "judged":
            await self.scorer.judged(turn, command.payload["points"], command.payload["why"])
        elif command.kind == "told":
            qualified = bool(command.payload.get("qualified"))
            await self.scorer.told(turn, command.payload.get("facts") or {}, qualified=qualified)
        elif command.kind == "rescored":
            await self._rescored(turn, command.payload["lead"])

    async def _rescored(self, turn: Turn, ident: str) -> None:
        """New rules were applied to what is stored: the conversation goes on from there."""
        state = turn.state(_STATE)
        rows = await self.tenant.db.fetch(sql.SCORES, {"p_lead": ident})
        told = replay(self.rules, [(row, row.conversation, row.at, row.value) for row in rows])
        mine = [step for row, step in told if row.conversation == turn.conversation.id]
        if not state or not mine:
            return
        standing = Standing.of(state)
        standing.lead, standing.made = ident, True
        standing.session, standing.score = mine[-1].session, mine[-1].lead
        standing.priority = self.rules.thresholds.priority(standing.score)
        standing.into(state)

    async def recalculate(self, by: str, only: str = "") -> dict[str, int]:
        """As `Leads.recalculate`; conversations that go on do so from the new scores."""
        done = await self.leads.recalculate(by, only=only)
        since = self.tenant.clock.now() - self.rules.decay.session_hours * 3600
        query = sa.select(score.c.conversation, score.c.lead).where(score.c.at >= since).distinct()
        if only:
            query = query.where(score.c.lead == only)
        for row in await self.tenant.db.fetch(query):
            if ":" not in row.conversation:
                await self.tenant.command("rescored", {"lead": row.lead}, lane=row.conversation, by=by)
        return done

    # -- contacts ------------------------------------------------------------------------------------------------------

    async def observe(self, record: Record) -> None:
        """Two contacts became one, or two again: so do their leads."""
        if record.kind == "contact.merged":
            await self.parting.merge(record.payload["contact"], record.payload["from"])
        elif record.kind == "contact.parted":
            told = record.payload
            for ident in await self.parting.part(told["contact"], told["from"], told["conversations"]):
                await self.recalculate("scoring", ident)

    async def _ids(self, contact: str) -> list[str]:
        """The leads of a contact; a score may be there without a lead, by the contact's own id."""
        rows = await self.tenant.db.fetch(
            sa.select(identity.c.lead).where(identity.c.kind == "contact", identity.c.value == contact)
        )
        own = await self.tenant.db.fetch(sa.select(lead.c.id).where(lead.c.contact == contact))
        return sorted({contact, *(row.lead for row in rows), *(row.id for row in own)})

    async def find(self, text: str) -> Sequence[Contact]:
        """Contacts whose lead has this name, address or id."""
        told = text.strip().lower()
        if not told:
            return ()
        columns = (lead.c.name, lead.c.email, lead.c.phone, lead.c.id)
        found = sa.or_(*(sa.func.lower(one).contains(told, autoescape=True) for one in columns))
        rows = await self.tenant.db.fetch(sa.select(lead).where(found, lead.c.contact != "").limit(50))
        return [Contact(row.contact, row.name, row.email, row.phone) for row in rows]

    async def export(self, contact: str) -> ContactData:
        """Everything that is held about the contact."""
        ids = await self._ids(contact)
        rows: dict[str, Any] = {}
        for table in (lead, identity, score, event):
            column = table.c.id if table is lead else table.c.lead
            found = await self.tenant.db.fetch(sa.select(table).where(column.in_(ids)))
            if found:
                rows[table.name] = [{k: v for k, v in row._asdict().items() if k != "tenant"} for row in found]
        return ContactData("scoring", rows)

    async def erase(self, contact: str) -> ContactData:
        """Remove all of it; the CRM's people are told that they must too."""
        for attempt in range(_TRIES):
            try:
                return await self._erase(contact)
            except Conflict:  # the CRM has taken a lead meanwhile: look again, by which id
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError  # the loop returns or raises

    async def _erase(self, contact: str) -> ContactData:
        ids = await self._ids(contact)
        known = await self.tenant.db.fetch(
            sa.select(lead.c.id, lead.c.crm_id, lead.c.crm_rev, lead.c.crm_tries).where(lead.c.id.in_(ids))
        )
        counts = {}
        for table in (lead, identity, score, event):
            column = table.c.id if table is lead else table.c.lead
            found = await self.tenant.db.fetch(sa.select(sa.func.count().label("n")).where(column.in_(ids)))
            if found[0].n:
                counts[table.name] = found[0].n
        async with self.tenant.action(by="scoring") as act:
            for row in known:
                act.write(sa.delete(lead).where(lead.c.id == row.id, lead.c.crm_id == row.crm_id), rows=1)
            for table in (identity, score, event):
                act.write(sa.delete(table).where(table.c.lead.in_(ids)))
            if self.routing.crm.provider != "none":
                for row in known:  # what is on its way for the first time tells of itself
                    if row.crm_id or row.crm_rev or row.crm_tries:
                        self.routing.tell(act, row.id, row.crm_id)
        return ContactData("scoring", counts)

    # -- pages ---------------------------------------------------------------------------------------------------------

    async def panels(self, conversation: Conversation) -> Sequence[Panel]:
        """The lead of a conversation, beside it."""
        rows = await self.tenant.db.fetch(sql.FIND, {"p_contact": conversation.contact, "p_email": "", "p_phone": ""})
        data: Mapping[str, Any] = {"lead": None, "thresholds": self._thresholds()}
        if rows:
            found = await self.leads.one(rows[0].id)
            steps = await self.leads.steps(found.id)
            data = {
                "lead": shown(found), "account": brief(self.rules, found, steps, self.tenant.clock.now()),
                "history": [[row.at, round(step.lead, 1)] for row, step in steps[-50:]],
                "thresholds": self._thresholds(), "mode": self.rules.mode,
            }  # fmt: skip
        return [Panel("Lead", "hookline-lead-panel", "scoring/static/lead-panel.js", data)]

    def _thresholds(self) -> dict[str, float]:
        return {"hot": self.rules.thresholds.hot, "warm": self.rules.thresholds.warm}


def service_of(tenant: Tenant) -> Service:
    """The service of the tenant's snapshot, for its routes and commands."""
    found: Service = tenant.implementation.service
    return found
