"""What supervisors see and do: the floor as it is, listening in, whispering."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hookline.models import contact
from hookline.problems import Problem

from . import agents, notes
from .deskbodies import NoteView
from .deskmodels import rating
from .floorbodies import AgentLoad, Overview, RiskView
from .life import CLAIMED, HELD, RETURNED, SNOOZED, TRANSFERRED, WAITING
from .models import handoff
from .period import share, zone_of
from .promises import Promises, due_order

if TYPE_CHECKING:
    from hookline.roles import Caller
    from hookline.tenant import Tenant

_GOOD = 0.8
_MOST, _RISKS = 5000, 100
_AT_RISK = ("warned", "breached")


async def overview(tenant: Tenant, promises: Promises) -> Overview:
    """The queue, everybody's load, and what is late or soon will be."""
    now = tenant.clock.now()
    rows = await tenant.db.fetch(sa.select(handoff).where(handoff.c.state != "resolved").limit(_MOST))
    views = await promises.views([row.id for row in rows])
    people = {one.id: one for one in await agents.profiles(tenant)}
    late = [row for row in rows if row.id in views and any(c.state == "breached" for c in views[row.id].clocks)]
    risky = [row for row in rows if row.id in views and views[row.id].state in _AT_RISK]
    risky.sort(key=lambda row: due_order(views[row.id]))
    risky = risky[:_RISKS]
    names = await _contact_names(tenant, [row.contact for row in risky])
    queue = [row for row in rows if row.state in WAITING or (row.state == TRANSFERRED and not row.agent)]
    today = _midnight(tenant, now)
    done = await tenant.db.fetch(
        sa.select(handoff.c.resolved_by, sa.func.count().label("n"))
        .where(handoff.c.resolved_at >= today)
        .group_by(handoff.c.resolved_by)
    )
    resolved = {row.resolved_by: row.n for row in done}
    rated = await tenant.db.fetch(sa.select(rating.c.score, rating.c.scale).where(rating.c.rated_at >= today))
    good = sum(row.score / row.scale >= _GOOD for row in rated)
    return Overview(
        at=now,
        waiting=len(queue),
        longest_wait=max((now - (row.queued_at or row.requested_at) for row in queue), default=0.0),
        claimed=sum(row.state == CLAIMED for row in rows),
        snoozed=sum(row.state == SNOOZED for row in rows),
        returned=sum(row.state == RETURNED for row in rows),
        late=len(late),
        agents=[
            AgentLoad(
                one.id,
                one.name,
                one.availability,
                agents.is_present(tenant, one),
                one.load,
                one.capacity,
                sum(row.agent == one.id and row.state in HELD and row.waiting_since is not None for row in rows),
                sum(row.agent == one.id for row in late),
                resolved.get(one.id, 0),
            )
            for one in people.values()
        ],
        risks=[
            RiskView(
                row.id,
                row.conversation,
                row.contact,
                names.get(row.contact, ""),
                row.channel,
                row.agent,
                people[row.agent].name if row.agent in people else row.agent,
                row.team,
                views[row.id],
            )
            for row in risky
        ],
        csat_today=share(good, len(rated)),
        ratings_today=len(rated),
    )


async def listen(tenant: Tenant, caller: Caller, conversation: str) -> None:
    """Note that a supervisor listens in; the page then watches the conversation as any other."""
    await notes.about(tenant, conversation)
    async with tenant.action(by=caller.who) as act:
        act.audit("handoff.listened", conversation, {"name": caller.name})
        act.event("handoff.listened", {"by": caller.id}, conversation=conversation)


async def whisper(tenant: Tenant, caller: Caller, conversation: str, text: str) -> NoteView:
    """Say something to the agent who has the conversation, live; the customer never sees it."""
    rows = await tenant.db.fetch(
        sa.select(handoff.c.agent).where(
            handoff.c.conversation == conversation, handoff.c.state != "resolved", handoff.c.agent != ""
        )
    )
    if not rows:
        raise Problem(409, "nobody has this conversation, so there is nobody to whisper to; write a note")
    async with tenant.action(by=caller.who) as act:
        made = await notes.collect(tenant, act, caller, conversation, text, (rows[0].agent,), kind="whisper")
        act.audit("handoff.whispered", conversation, {"to": rows[0].agent, "note": made.id})
    return made


def _midnight(tenant: Tenant, now: float) -> float:
    zone = zone_of(tenant)
    today = dt.datetime.fromtimestamp(now, zone).date()
    return dt.datetime.combine(today, dt.time(), zone).timestamp()


async def _contact_names(tenant: Tenant, idents: list[str]) -> dict[str, str]:
    if not idents:
        return {}
    rows = await tenant.db.fetch(sa.select(contact.c.id, contact.c.name).where(contact.c.id.in_(sorted(set(idents)))))
    return {row.id: row.name for row in rows}
