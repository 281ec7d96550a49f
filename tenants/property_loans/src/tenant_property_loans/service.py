"""What the flow asks this plugin to do: how much can be lent, when to write again; and what is kept of a customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline import formats
from hookline.errors import FunctionRefused
from hookline.message import Contact, ContactData
from hookline.records import erase_records, export_records, move_records

from . import followup
from .dossier import NAME, Dossier
from .lending import assess, most_lent
from .models import KINDS, customer, enquiry

if TYPE_CHECKING:
    from hookline.message import Record
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

_SAID = ("date", "period", "time", "part_of_day", "festival")
_LEVELS = {0.0: "low", 50.0: "medium", 100.0: "high"}


class Service:
    """The service of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config
        self.zone = formats.timezone(tenant.settings)
        self.dossier = Dossier(tenant)

    # -- functions of the flow -----------------------------------------------------------------------------------------

    async def call(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """One of `serves`."""
        if name == "assess_loan":
            return assess(self.config, arguments["property_type"], arguments["value"], arguments["amount"])
        if name == "most_lent":
            return most_lent(self.config, arguments["property_type"], arguments["value"])
        return await self._plan(turn, arguments)

    async def _plan(self, turn: Turn, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """When to write again, by what this message says; `at` in ISO 8601, `day`, `by`, `seconds` since 1970."""
        now = dt.datetime.fromtimestamp(turn.started_at, self.zone)
        facts = {one.name: one.value for one in turn.entities if one.name in _SAID}
        if arguments.get("day"):
            facts["date"] = str(arguments["day"])
        try:
            found = followup.plan(self.config.follow_up, facts, await self._interest(turn), now)
        except followup.TooLate:
            raise FunctionRefused(self.tenant.phrase("follow-up-not-past", turn.language)) from None
        except followup.TooFar:
            raise FunctionRefused(self.tenant.phrase("follow-up-not-so-far", turn.language)) from None
        return {
            "at": found.at.isoformat(),
            "day": found.at.date().isoformat(),
            "by": found.by,
            "seconds": found.at.timestamp(),
        }

    async def _interest(self, turn: Turn) -> str:
        """How interested the customer is, as scoring has said it last; medium before."""
        number = turn.state(NAME).get("enquiry")
        if not number:
            return "medium"
        rows = await self.tenant.db.fetch(sa.select(enquiry.table.c.interest).where(enquiry.table.c.number == number))
        return rows[0].interest if rows and rows[0].interest else "medium"

    # -- what is kept --------------------------------------------------------------------------------------------------

    async def observe(self, record: Record) -> None:
        """Keep the interest that scoring found; merge what belongs to contacts that became one."""
        await move_records(self.tenant, KINDS, record)
        level = _LEVELS.get((record.payload.get("scores") or {}).get("interest", -1.0))
        if level is None or not record.conversation:
            return
        columns = enquiry.table.c
        newest = (
            sa.select(columns.number, columns.interest)
            .where(columns.conversation == record.conversation)
            .order_by(columns.created_at.desc())
            .limit(1)
        )
        rows = await self.tenant.db.fetch(newest)
        if rows and rows[0].interest != level:
            await self.tenant.db.write(enquiry.update(record.at, columns.number == rows[0].number, interest=level))

    async def find(self, text: str) -> Sequence[Contact]:
        """Contacts by their customer's number, name or telephone number."""
        words = text.strip()
        if not words:
            return ()
        columns = customer.table.c
        by = [column.contains(words, autoescape=True) for column in (columns.number, columns.name, columns.phone)]
        rows = await self.tenant.db.fetch(sa.select(customer.table).where(sa.or_(*by), columns.contact != "").limit(50))
        return [Contact(row.contact, row.name, "", row.phone, row.language) for row in rows]

    async def export(self, contact: str) -> ContactData:
        """Everything that is held about the contact."""
        return await export_records(self.tenant, KINDS, contact)

    async def erase(self, contact: str) -> ContactData:
        """Remove it."""
        return await erase_records(self.tenant, KINDS, contact)
