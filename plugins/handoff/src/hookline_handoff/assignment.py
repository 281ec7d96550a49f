"""Who gets what waits: by skill and language, the one who was assigned one longest ago, or has least in hand."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import Conflict
from hookline.problems import Problem

from . import agents, handling, records
from .agents import PRESENCE, STAFF, Profile
from .life import CLAIMED, TRANSFERRED
from .models import handoff
from .queue import waiting
from .records import Actor, Handoff

if TYPE_CHECKING:
    from hookline.message import Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Assignment


def choose(config: Assignment, wanted: Handoff, free: Sequence[Profile]) -> Profile | None:
    """The agent to assign it to, of those who can take one now; None where none fits."""
    fitting = [one for one in free if fits(config, wanted, one)]
    if config.by == "least_loaded":
        return min(fitting, key=lambda one: (one.load, one.assigned_at, one.id), default=None)
    return min(fitting, key=lambda one: (one.assigned_at, one.load, one.id), default=None)


def fits(config: Assignment, wanted: Handoff, one: Profile) -> bool:
    """Whether the agent has what it takes.  Who names no language speaks all; who names no skill has none."""
    if wanted.team and wanted.team not in one.teams:
        return False
    if "skill" in config.match and wanted.skill and wanted.skill not in one.skills:
        return False
    spoken = {language.partition("-")[0] for language in one.languages}
    return not (
        "language" in config.match and wanted.language and spoken and wanted.language.partition("-")[0] not in spoken
    )


async def assign(tenant: Tenant) -> int:
    """Assign what waits to those who can take it, in the order of the queue; how many were assigned."""
    config: Assignment = tenant.config.assignment
    if not config.auto:
        return 0
    done = 0
    free: list[Profile] | None = None
    for wanted in await waiting(tenant):
        if free is None:
            free = [one for one in await agents.profiles(tenant) if agents.takes(tenant, one)]
        if not free:
            break
        chosen = choose(config, wanted, free)
        if chosen is None:
            continue
        free = None  # their hands are not as they were, whether this goes well or not
        by = Actor(chosen.id, chosen.name)
        try:
            async with tenant.action(by="handoff") as act:
                handling.take(tenant, act, wanted, by)
        except (Conflict, ConstraintViolated, Problem):
            continue  # somebody claimed it, or the agent was given another: the next look sees it
        done += 1
    return done


_IN_HAND = sa.select(*records.COLUMNS).where(
    handoff.c.agent == sa.bindparam("p_agent"), handoff.c.state.in_((CLAIMED, TRANSFERRED))
)


async def on_timer(tenant: Tenant, turn: Turn, timer: Timer) -> bool:
    """Look after an agent who was there; False for a timer that is not of this module."""
    if timer.kind != PRESENCE:
        return False
    await presence_due(tenant, turn, timer)
    return True


async def presence_due(tenant: Tenant, turn: Turn, timer: Timer) -> None:
    """Look after an agent who was there: come again later, or offer to others what waits for an answer."""
    ident = timer.lane.rpartition(":")[2]
    known = await agents.profile(tenant, ident)
    if known is None or known.seen_at is None:
        return
    away_after = tenant.config.presence.away_after
    left = known.seen_at + away_after - tenant.clock.now()
    if left > 0:
        turn.timer(PRESENCE, left)
        return
    if timer.payload.get("gone") == known.seen_at:
        return
    # A sign of life at this very moment still takes the agent for present, and sets no timer: look once more.
    turn.timer(PRESENCE, away_after, payload={"gone": known.seen_at})
    turn.publish(STAFF, "agent", agents.shown(tenant, known))
    if tenant.config.presence.reassign:
        await release_of(tenant, ident, "the agent is away")


_FOR_TEAM = sa.select(*records.COLUMNS).where(
    handoff.c.team == sa.bindparam("p_team"), handoff.c.agent == "", handoff.c.state == TRANSFERRED
)


async def release_of_team(tenant: Tenant, ident: str) -> None:
    """Offer to everybody what is on its way to a team that is no more."""
    for row in await tenant.db.fetch(_FOR_TEAM, {"p_team": ident}):
        with contextlib.suppress(Problem):  # it was taken or closed meanwhile
            await handling.release(tenant, records.read(row), "the team is no more")


async def release_of(tenant: Tenant, ident: str, reason: str) -> int:
    """Offer to everybody what the agent has in hand and the customer waits for; how many."""
    count = 0
    for row in await tenant.db.fetch(_IN_HAND, {"p_agent": ident}):
        seen = records.read(row)
        if seen.state == CLAIMED and seen.waiting_since is None:
            continue  # the customer has the last word: nothing waits
        try:
            await handling.release(tenant, seen, reason)
        except Problem:
            continue  # it was closed or passed on meanwhile
        count += 1
    return count
