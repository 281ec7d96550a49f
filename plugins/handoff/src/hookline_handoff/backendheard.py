"""What the other desk says: somebody there took a case, answers, is done, gives it back.  All of it is safe to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.problems import Problem

from . import agents, handling, records
from .backendmodels import room, task
from .backendwork import in_state
from .life import CLAIMED, HELD, RESOLVED, RETURNED

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .records import Actor, Handoff


async def case_of(tenant: Tenant, ident: str) -> tuple[Any, Handoff] | None:
    """The task of that id, with its handoff; None for one that is not ours."""
    rows = await tenant.db.fetch(sa.select(task).where(task.c.task == ident)) if ident else ()
    seen = await records.by_id(tenant, rows[0].handoff) if rows else None
    return (rows[0], seen) if seen is not None else None


async def conversation_of(tenant: Tenant, ident: str) -> str:
    """The conversation whose room that is; "" for one that is not ours."""
    rows = await tenant.db.fetch(sa.select(room.c.conversation).where(room.c.room == ident)) if ident else ()
    return str(rows[0].conversation) if rows else ""


async def took(tenant: Tenant, ident: str, by: Actor) -> Handoff | None:
    """Somebody there takes the case; None for one that is not ours.  Raises `Problem` 409 where somebody else has it."""
    found = await case_of(tenant, ident)
    if found is None:
        return None
    row, seen = found
    if seen.state == CLAIMED and seen.agent == by.id:
        return seen
    before = row.state
    await tenant.db.write(in_state(ident, "taken"))
    try:
        return await handling.claim(tenant, seen.conversation, by)
    except Problem:
        await tenant.db.write(in_state(ident, before))
        raise


async def answered(tenant: Tenant, conversation: str, by: Actor, text: str, ident: str) -> bool:
    """Send their words to the customer, once for each `ident`; whether they had been sent before."""
    seen = await records.open_one(tenant, conversation)
    if seen is not None and seen.state in HELD and seen.agent:
        # who writes there is known by another name than who took it; our own people are known by their account
        name = (await agents.names(tenant, [seen.agent]))[seen.agent]
        by = attrs.evolve(by, id=seen.agent, name=by.name or name)
    _, again, _ = await handling.reply(tenant, conversation, by, text, ident)
    return again


async def ended(tenant: Tenant, ident: str, by: Actor, note: str, *, done: bool) -> Handoff | None:
    """It is done there, or given back to the bot; None for a task that is not ours."""
    found = await case_of(tenant, ident)
    if found is None:
        return None
    row, seen = found
    await tenant.db.write(in_state(row.task, "closed"))
    if seen.state in (RESOLVED, RETURNED) and not (done and seen.state == RETURNED):
        return seen
    actor = attrs.evolve(by, role="supervisor")  # the desk decides who may end what is in hand there
    if done:
        return await handling.resolve(tenant, seen, actor, note=note)
    return await handling.give_back(tenant, seen.conversation, actor, note=note)
