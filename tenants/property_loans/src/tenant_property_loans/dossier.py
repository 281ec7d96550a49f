"""What a conversation tells of a customer, kept in rows: who writes, the property, the loan wanted, the way so far.

The rows are written with the turn's own commit.  A value is written when the conversation's own has changed, so that
what staff correct on the page is not put back by the next message.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .lending import ltv
from .models import STATES, customer, enquiry, property_, stage

if TYPE_CHECKING:
    from hookline.records import RecordType
    from hookline.tenant import Tenant
    from hookline.turn import Turn

NAME = "tenant_property_loans"
FLOW = "loan"


def told(turn: Turn) -> Mapping[str, Any] | None:
    """What the flow of this conversation knows; None where it never began."""
    flows = turn.plugin_state.get("flows") or {}
    for frame in reversed(flows.get("stack") or ()):
        if frame.get("flow") == FLOW:
            return {**(frame.get("values") or {}), **(frame.get("slots") or {})}
    last = flows.get("last") or {}
    if last.get("flow") == FLOW:
        return {**(last.get("values") or {}), **(last.get("slots") or {})}
    return None


def running(turn: Turn) -> bool:
    """Whether the flow is still on."""
    flows = turn.plugin_state.get("flows") or {}
    return any(frame.get("flow") == FLOW for frame in flows.get("stack") or ())


class Dossier:
    """The rows of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def note(self, turn: Turn) -> None:
        """Keep what the turn told; nothing where the flow never began."""
        known = told(turn)
        if known is None or turn.dry:
            return
        mine = turn.state(NAME)
        if mine.get("closed") and running(turn):
            for name in ("enquiry", "property", "closed", "told"):
                mine.pop(name, None)  # another enquiry of the same customer
        mine.setdefault("told", {})
        phone = str(known.get("phone") or turn.contact.phone or "")
        name = str(getattr(turn.known.get("name"), "value", "") or turn.contact.name or "")
        values: dict[str, Any] = {"name": name, "phone": phone, "language": turn.language}
        if known.get("opted_out"):
            values["opted_out"] = True
        elif known.get("property_type") or known.get("amount"):
            values["opted_out"] = False  # whoever tells us of a new wish may be written to about it
        await self._customer(turn, mine, values)
        await self._property(turn, mine, known)
        await self._enquiry(turn, mine, known)
        self._stage(turn, mine)
        if not running(turn):
            mine["closed"] = True

    # -- who writes ----------------------------------------------------------------------------------------------------

    async def _customer(self, turn: Turn, mine: dict[str, Any], given: Mapping[str, Any]) -> None:
        values = {key: value for key, value in given.items() if value != ""}
        if "customer" not in mine:
            found = await self._find(turn.contact.id, str(values.get("phone", "")))
            if found is not None:
                mine["customer"] = found.number
                mine["who"] = {key: getattr(found, key) for key in ("name", "phone", "language", "opted_out")}
            else:
                mine["customer"] = await self.tenant.reference("customer")
                mine["who"] = values
                turn.write(customer.insert(turn.started_at, contact=turn.contact.id, number=mine["customer"], **values))
                return
        phone = str(values.get("phone", ""))
        if phone and phone != mine["who"].get("phone") and await self._join(turn, mine, phone):
            return
        changed = {key: value for key, value in values.items() if mine["who"].get(key) != value}
        if changed and not mine.get("joined"):
            mine["who"] = {**mine["who"], **changed}
            turn.write(customer.update(turn.started_at, customer.table.c.number == mine["customer"], **changed))

    async def _join(self, turn: Turn, mine: dict[str, Any], phone: str) -> bool:
        """Whether another customer has the telephone number: then this is the same one (row L24).

        What was told here is put to that customer, whose own record stays as it is: nobody has proved whose number it is.
        """
        columns, gone = customer.table.c, mine["customer"]
        known = sa.select(customer.table).where(columns.phone == phone, columns.number != gone)
        rows = await self.tenant.db.fetch(known.order_by(columns.created_at, columns.id).limit(1))
        if not rows:
            return False
        mine["customer"], mine["joined"] = rows[0].number, True
        mine["who"] = {**mine["who"], "phone": phone}
        for kind in (property_, enquiry):
            turn.write(kind.update(turn.started_at, kind.table.c.customer == gone, customer=mine["customer"]))
        turn.write(sa.delete(customer.table).where(columns.number == gone, columns.phone == ""))
        return True

    async def _find(self, contact: str, phone: str) -> Any | None:
        """The contact's own row, else the one with the same telephone number."""
        columns = customer.table.c
        by = [columns.contact == contact] + ([columns.phone == phone] if phone else [])
        rows = await self.tenant.db.fetch(sa.select(customer.table).where(sa.or_(*by)).limit(10))
        return min(rows, key=lambda row: (row.contact != contact, row.created_at), default=None)

    # -- what it is about ----------------------------------------------------------------------------------------------

    async def _property(self, turn: Turn, mine: dict[str, Any], known: Mapping[str, Any]) -> None:
        values = {
            "kind": known.get("property_type"),
            "city": known.get("city"),
            "value": _rupees(known.get("worth")),
        }
        await self._keep(turn, mine, property_, "property", values)

    async def _enquiry(self, turn: Turn, mine: dict[str, Any], known: Mapping[str, Any]) -> None:
        worth, wanted = _rupees(known.get("worth")), _rupees(known.get("amount"))
        plan = known.get("plan") or {}
        values = {
            "amount": wanted,
            "purpose": known.get("purpose_said") or known.get("purpose"),
            "ltv": ltv(worth, wanted) if worth and wanted else None,
            "state": state_of(turn),
            "consent": known.get("consent"),
            "follow_up_at": plan.get("seconds"),
            "follow_up_reason": plan.get("by"),
            "property": mine.get("property"),
        }
        await self._keep(turn, mine, enquiry, "enquiry", values, conversation=turn.conversation.id)

    async def _keep(
        self,
        turn: Turn,
        mine: dict[str, Any],
        kind: RecordType,
        name: str,
        values: Mapping[str, Any],
        **more: Any,
    ) -> None:
        values = {key: value for key, value in values.items() if value not in (None, "")}
        if not values:
            return
        before = mine["told"].get(name, {})
        plain = {key: str(value) for key, value in values.items()}
        if name not in mine:
            mine[name] = await self.tenant.reference(name)
            mine["told"][name] = plain
            turn.write(
                kind.insert(
                    turn.started_at,
                    contact=turn.contact.id,
                    number=mine[name],
                    customer=mine["customer"],
                    **more,
                    **values,
                )
            )
            return
        changed = {key: values[key] for key, value in plain.items() if before.get(key) != value}
        if changed:
            mine["told"][name] = {**before, **plain}
            turn.write(kind.update(turn.started_at, kind.table.c.number == mine[name], **changed))

    # -- the way so far ------------------------------------------------------------------------------------------------

    def _stage(self, turn: Turn, mine: dict[str, Any]) -> None:
        state = state_of(turn)
        flow = (turn.reply.data.get("flow") if turn.reply else None) or {}
        passed: list[str] = [] if mine.get("state") else ["initial"]
        passed += [state] if state != (passed or [str(mine.get("state") or "")])[-1] else []
        if not running(turn) and passed[-1:] != ["closed"] and state != "closed":
            passed.append("closed")
        for one in passed:
            mine["state"], mine["stages"] = one, int(mine.get("stages", 0)) + 1
            row = {"conversation": turn.conversation.id, "place": mine["stages"], "state": one}
            step = str(flow.get("step") or "")[:100]
            turn.write(stage.insert(turn.started_at, contact=turn.contact.id, step=step, at=turn.started_at, **row))


def state_of(turn: Turn) -> str:
    """The state that the turn left the conversation in: the flow's own, objection where it answered one, or questions where
    somebody else answered."""
    flow = (turn.reply.data.get("flow") if turn.reply else None) or {}
    objection = bool(turn.intents) and "objection" in turn.intents[0].data.get("flags", ())
    if objection and turn.responder == "flows" and running(turn):
        return "objection"
    state = str(flow.get("state") or "")
    if state not in STATES:
        state = "questions" if running(turn) else "closed"
    return state


def _rupees(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value)).quantize(Decimal("0.01"))
