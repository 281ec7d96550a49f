"""A contact's handoffs: given out and removed on demand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.errors import Conflict
from hookline.message import ContactData
from hookline.models import conversation

from .agents import give_one
from .models import handoff, reading, step
from .notices import STAFF

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam
_MINE = sa.select(handoff).where(handoff.c.contact == b("p_contact")).order_by(handoff.c.requested_at)
_IDS = sa.select(handoff.c.id).where(handoff.c.contact == b("p_contact"))
_TALKS = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
_STEPS = sa.select(step).where(step.c.handoff.in_(_IDS)).order_by(step.c.handoff, step.c.n)
_AS_SEEN = sa.delete(handoff).where(handoff.c.id == b("p_id"), handoff.c.epoch == b("p_epoch"))
_TRIES = 8
_READ = sa.select(reading).where(reading.c.conversation.in_(_TALKS))


async def export(tenant: Tenant, contact: str) -> ContactData:
    """The contact's handoffs with their transitions, and who read what."""
    at = {"p_contact": contact}
    rows = {
        "handoff_handoff": [_plain(row) for row in await tenant.db.fetch(_MINE, at)],
        "handoff_step": [_plain(row) for row in await tenant.db.fetch(_STEPS, at)],
        "handoff_reading": [_plain(row) for row in await tenant.db.fetch(_READ, at)],
    }
    return ContactData("handoff", rows)


async def erase(tenant: Tenant, contact: str) -> ContactData:
    """Remove them; agents who had one of them in hand have one less.

    What is claimed or passed on meanwhile is looked at again, so that it counts in nobody's hands afterwards.
    """
    for _ in range(_TRIES):
        with contextlib.suppress(Conflict):
            return await _erase(tenant, contact)
    raise Conflict(f"the handoffs of contact {contact!r} change all the time; erase it once nobody works on them")


async def _erase(tenant: Tenant, contact: str) -> ContactData:
    at = {"p_contact": contact}
    mine = await tenant.db.fetch(_MINE, at)
    ids = [row.id for row in mine]
    talks = [row.id for row in await tenant.db.fetch(_TALKS, at)]
    steps = len(await tenant.db.fetch(_STEPS, at))
    read = len(await tenant.db.fetch(_READ, at))
    if ids or talks:
        async with tenant.action(by="handoff") as act:
            act.write(sa.delete(step).where(step.c.handoff.in_(b("p_ids", expanding=True))), {"p_ids": ids})
            for row in mine:
                act.write(_AS_SEEN, {"p_id": row.id, "p_epoch": row.epoch}, rows=1)
            act.write(
                sa.delete(reading).where(reading.c.conversation.in_(b("p_ids", expanding=True))), {"p_ids": talks}
            )
            for row in mine:
                if row.loaded:
                    give_one(act, row.loaded)
            act.publish(STAFF, "handoff.erased", {"contact": contact, "conversations": talks})
    return ContactData("handoff", {"handoff_handoff": len(ids), "handoff_step": steps, "handoff_reading": read})


def _plain(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "tenant"}
