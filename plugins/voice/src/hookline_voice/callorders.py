"""Calls that the bot is to place: ordered durably, by staff, a flow or another plugin, and called off."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hookline.errors import BadRequest, Conflict, GiveUp
from hookline.ledger import new_id

from .callmodels import order
from .callplacing import ONE, Placing
from .callsigned import phone

if TYPE_CHECKING:
    from hookline.message import Job
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .callsconfig import Calls

b = sa.bindparam
_NEW = insert(order).on_conflict_do_nothing(index_elements=["tenant", "key"])
_KEYED = sa.select(order).where(order.c.key == b("p_key"))
_CANCEL = sa.update(order).where(order.c.id == b("p_id"), order.c.state.in_(["waiting", "unknown"]))
_UNKNOWN = sa.select(sa.func.count().label("orders")).where(order.c.state == "unknown")


class Orders:
    """The calls that a tenant's bot places."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Calls = tenant.config.calls
        self.placing = Placing(tenant)

    async def find(self, ident: str) -> Any | None:
        """The order of that id."""
        rows = await self.tenant.db.fetch(ONE, {"p_id": ident})
        return rows[0] if rows else None

    def wished(self, wish: Mapping[str, Any], by: str) -> dict[str, Any]:
        """The row that a wish makes: `to`, and what else is given of flow, language, slots, number and key; raises `BadRequest`."""
        address = phone(str(wish.get("to", "")))
        if not address:
            raise BadRequest(f"to: given {wish.get('to')!r}; allowed: a number such as '+919812345678'", "to")
        numbers = self.config.numbers
        number = phone(str(wish.get("number") or "")) or next(iter(numbers), "")
        if not number or (numbers and number not in numbers):
            raise BadRequest(
                f"number: given {wish.get('number')!r}; allowed: one of [plugins.voice.calls] numbers ({', '.join(numbers) or 'none are set'})",
                "number",
            )
        slots = wish.get("slots") or {}
        if not isinstance(slots, Mapping):
            raise BadRequest("slots: given no table of values", "slots")
        ident = new_id()
        return {
            "id": ident, "key": str(wish.get("key") or ident), "address": address, "number": number,
            "flow": str(wish.get("flow") or self.config.flow), "language": str(wish.get("language") or ""),
            "slots": dict(slots), "state": "waiting", "by": by, "created_at": self.tenant.clock.now(),
        }  # fmt: skip

    async def place(self, wish: Mapping[str, Any], by: str) -> Any:
        """Order a call; the same key twice is one call.  Returns the order's row."""
        row = self.wished(wish, by)
        with contextlib.suppress(Conflict):  # it is ordered already
            async with self.tenant.action(by=by) as act:
                act.write(_NEW, row, rows=1)
                act.job("call", {"order": row["id"], "attempt": 1}, key=f"{row['id']}:1")
                act.audit("calls.place", row["id"], {"flow": row["flow"]})
        (found,) = await self.tenant.db.fetch(_KEYED, {"p_key": row["key"]})
        return found

    def submitted(self, turn: Turn, job: Job) -> None:
        """Another plugin's or a flow's wish; raises `GiveUp` for one that can never be a call."""
        try:
            row = self.wished(job.payload, job.plugin)
        except BadRequest as wrong:
            raise GiveUp(f"no call can be ordered: {wrong}") from wrong
        row["key"] = str(job.payload.get("key") or job.key or job.id)
        row["id"] = f"job{job.id}"
        turn.write(_NEW, row)
        turn.job("call", {"order": row["id"], "attempt": 1}, key=f"{row['id']}:1")

    async def cancel(self, ident: str, by: str) -> bool:
        """Place it no more; False where it is placed already, or done."""
        try:
            async with self.tenant.action(by=by) as act:
                act.write(_CANCEL.values(state="cancelled", outcome="cancelled"), {"p_id": ident}, rows=1)
                act.audit("calls.cancel", ident)
        except Conflict:
            return False
        return True

    async def state(self) -> Mapping[str, Any]:
        """Whether staff has to look at an order: one of which nobody knows whether the call was placed."""
        (row,) = await self.tenant.db.fetch(_UNKNOWN)
        if not row.orders:
            return {"status": "ok"}
        return {
            "status": "degraded",
            "detail": f"{row.orders} ordered calls of which nobody knows whether they were placed: GET /api/v1/voice/orders?state=unknown",
        }
