"""Leads follow their contacts: two that are merged have one lead, and where that is undone each has its own again.

The event `merged` of the lead that stays keeps what undoing needs: the other lead as it was, and what was its.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.ledger import new_id

from . import statements as sql
from .lead import Lead
from .merging import merged, winner
from .models import event, identity, lead, score

if TYPE_CHECKING:
    from hookline.action import Action
    from hookline.tenant import Tenant

_FILLED = ("contact", "name", "email", "phone", "owner", "intent", "interest")
_FIRST = ("source", "channel", "origin", "created_at")


class Parting:
    """What becomes of leads when contacts are merged or parted."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def merge(self, stays: str, gone: str) -> None:
        """The leads of two contacts become one; safe to repeat."""
        leads = await self._leads([stays, gone])
        if not leads:
            return
        into = winner(leads)
        now = self.tenant.clock.now()
        async with self.tenant.action(by="scoring") as act:
            for other in leads:
                if other.id != into.id:
                    kept = await self._kept(other, into, [stays, gone])
                    for statement, params in merged(other, into, now, "scoring", kept):
                        act.write(statement, params)
            act.write(sql.KNOW, {"kind": "contact", "value": stays, "lead": into.id})
            act.write(sa.update(lead).where(lead.c.id == into.id).values(contact=stays))
            if len(leads) == 1 and into.contact == gone:
                self._note(act, into.id, "moved", {"contacts": [stays, gone]})

    async def part(self, stays: str, other: str, conversations: Sequence[str]) -> list[str]:
        """Undo it: `other` is a contact of its own again, with these conversations; the leads that it concerns."""
        leads = await self._leads([stays, other])
        rows = await self.tenant.db.fetch(
            sa.select(event)
            .where(event.c.lead.in_([one.id for one in leads]), event.c.kind.in_(["merged", "moved"]))
            .order_by(event.c.at.desc(), event.c.id.desc())
        )
        mine = [row for row in rows if row.data.get("contacts") == [stays, other]]
        by_id = {one.id: one for one in leads}
        concerned = []
        for row in mine:
            into = by_id[row.lead]
            async with self.tenant.action(by="scoring") as act:
                if row.kind == "moved":
                    self._hand_back(act, into, stays, other)
                    concerned.append(into.id)
                else:
                    concerned += self._take_apart(act, into, row.data, (stays, other), conversations)
                told = {name: value for name, value in row.data.items() if name not in ("undo", "contacts")}
                act.write(sa.update(event).where(event.c.id == row.id).values(data=told))
                self._note(act, into.id, "parted", {"was": row.data.get("was", "")})
        return sorted(set(concerned))

    # -- the steps of it -----------------------------------------------------------------------------------------------

    async def _leads(self, contacts: Sequence[str]) -> list[Lead]:
        rows = await self.tenant.db.fetch(
            sa.select(lead)
            .join(identity, sa.and_(identity.c.tenant == lead.c.tenant, identity.c.lead == lead.c.id))
            .where(identity.c.kind == "contact", identity.c.value.in_(contacts))
        )
        return list({row.id: Lead(*row[1:]) for row in rows}.values())

    async def _kept(self, other: Lead, into: Lead, contacts: Sequence[str]) -> dict[str, Any]:
        """What the event `merged` keeps for undoing it."""
        fetch = self.tenant.db.fetch
        known = await fetch(sa.select(identity.c.kind, identity.c.value).where(identity.c.lead == other.id))
        told = await fetch(sa.select(event.c.id).where(event.c.lead == other.id))
        talks = await fetch(sa.select(score.c.conversation).where(score.c.lead == other.id).distinct())
        undo = {
            "lead": attrs.asdict(other, recurse=False),
            "before": {name: getattr(into, name) for name in (*_FILLED, *_FIRST, "fields")},
            "known": [[row.kind, row.value] for row in known],
            "events": [row.id for row in told],
            "conversations": [row.conversation for row in talks],
        }
        return {"contacts": list(contacts), "undo": undo}

    def _take_apart(
        self, act: Action, into: Lead, data: Any, contacts: tuple[str, str], conversations: Sequence[str]
    ) -> list[str]:
        undo, now = data["undo"], self.tenant.clock.now()
        was = Lead(**undo["lead"])
        act.write(sa.insert(lead), {**undo["lead"], "rev": was.rev + 1, "updated_at": now}, rows=1)
        before = undo["before"]
        values = {name: before[name] for name in _FIRST}
        # What came with the other goes with it, unless somebody has changed it since.
        values |= {name: before[name] for name in _FILLED if getattr(into, name) == getattr(was, name)}
        values["contact"] = before["contact"]
        values["fields"] = {
            name: value
            for name, value in into.fields.items()
            if name in before["fields"] or was.fields.get(name) != value
        }
        act.write(
            sa.update(lead).where(lead.c.id == into.id).values(**values, updated_at=now, rev=lead.c.rev + 1), rows=1
        )
        act.write(sa.delete(identity).where(identity.c.kind == "merged", identity.c.value == was.id))
        for kind, value in undo["known"]:
            here = sa.and_(identity.c.kind == kind, identity.c.value == value, identity.c.lead == into.id)
            act.write(sa.update(identity).where(here).values(lead=was.id))
        act.write(sa.update(event).where(event.c.id.in_(undo["events"])).values(lead=was.id))
        back: sa.ColumnElement[bool] = score.c.conversation.in_(undo["conversations"])
        if (
            was.contact == contacts[0]
        ):  # the lead that stayed is the other's: new conversations of who stays go back too
            back = sa.or_(back, score.c.conversation.not_in([*conversations, f"lead:{into.id}"]))
        act.write(sa.update(score).where(score.c.lead == into.id, back).values(lead=was.id))
        return [into.id, was.id]

    @staticmethod
    def _hand_back(act: Action, found: Lead, stays: str, other: str) -> None:
        """The only lead there was, which is the other's."""
        known = sa.and_(identity.c.kind == "contact", identity.c.value == stays, identity.c.lead == found.id)
        act.write(sa.delete(identity).where(known))
        act.write(sa.update(lead).where(lead.c.id == found.id).values(contact=other))

    def _note(self, act: Action, ident: str, kind: str, data: dict[str, Any]) -> None:
        now = self.tenant.clock.now()
        act.write(sql.HAPPENED, {"id": new_id(), "lead": ident, "at": now, "kind": kind, "by": "scoring", "data": data})
