"""Agents and teams: who can do what, who is there, who has how much in hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.ledger import new_id
from hookline.problems import Problem
from hookline.roles import RANK

from .models import agent, member, team
from .peoplebodies import AgentView, TeamView

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.tenant import Tenant

    from .records import Actor

b = sa.bindparam
AVAILABLE, AWAY, OFFLINE = "available", "away", "offline"
PRESENCE = "presence"
"""The timer that looks after an agent who was there."""
STAFF = "staff"
"""The live topic that every page of the staff follows."""

_ONE = sa.select(agent).where(agent.c.id == b("p_id"))
_ALL = sa.select(agent).order_by(agent.c.name, agent.c.id)
_TEAMS = sa.select(team).order_by(team.c.name)
_MEMBERS = sa.select(member.c.team, member.c.agent)
_TAKE_ONE = sa.update(agent).where(agent.c.id == b("p_id")).values(load=agent.c.load + 1, assigned_at=b("p_now"))
_TAKE_IF_FREE = _TAKE_ONE.where(sa.or_(agent.c.capacity == 0, agent.c.load < agent.c.capacity))
_GIVE_ONE = sa.update(agent).where(agent.c.id == b("p_id"), agent.c.load > 0).values(load=agent.c.load - 1)
_SEEN = sa.update(agent).where(agent.c.id == b("p_id")).values(seen_at=b("p_now"))


@attrs.frozen
class Profile:
    """An agent as stored; what the fields mean is said in `models`."""

    id: str
    name: str
    availability: str
    seen_at: float | None
    skills: Sequence[str]
    languages: Sequence[str]
    capacity: int
    load: int
    assigned_at: float
    teams: Sequence[str] = ()

    @property
    def full(self) -> bool:
        """Whether nothing more fits in."""
        return 0 < self.capacity <= self.load


def _profile(row: Any, teams: Sequence[str] = ()) -> Profile:
    return Profile(
        row.id,
        row.name,
        row.availability,
        row.seen_at,
        row.skills,
        row.languages,
        row.capacity,
        row.load,
        row.assigned_at,
        teams,
    )


def is_present(tenant: Tenant, profile: Profile) -> bool:
    """Whether a page of the agent has given a sign of life lately."""
    lately: float = tenant.clock.now() - tenant.config.presence.away_after
    return profile.seen_at is not None and profile.seen_at > lately


def takes(tenant: Tenant, profile: Profile) -> bool:
    """Whether the agent can be assigned something now."""
    return profile.availability == AVAILABLE and is_present(tenant, profile) and not profile.full


# -- looking them up -----------------------------------------------------------------------------------------------------


async def profiles(tenant: Tenant) -> list[Profile]:
    """All agents, by name."""
    mine: dict[str, list[str]] = {}
    for row in await tenant.db.fetch(_MEMBERS):
        mine.setdefault(row.agent, []).append(row.team)
    return [_profile(row, tuple(sorted(mine.get(row.id, ())))) for row in await tenant.db.fetch(_ALL)]


async def profile(tenant: Tenant, ident: str) -> Profile | None:
    """The agent of that id."""
    rows = await tenant.db.fetch(_ONE, {"p_id": ident})
    if not rows:
        return None
    teams = await tenant.db.fetch(_MEMBERS.where(member.c.agent == b("p_id")), {"p_id": ident})
    return _profile(rows[0], tuple(sorted(row.team for row in teams)))


async def known(tenant: Tenant, ident: str) -> Profile:
    """The agent of that id; raises `Problem` 404."""
    found = await profile(tenant, ident)
    if found is None:
        raise Problem(404, f"there is no agent {ident[:64]!r}")
    return found


async def ensure(tenant: Tenant, by: Actor) -> Profile:
    """The actor's profile, which is made when it is first needed."""
    found = await profile(tenant, by.id)
    if found is not None:
        return found
    row = {
        "id": by.id,
        "name": by.name or by.id,
        "availability": AVAILABLE,
        "capacity": tenant.config.assignment.capacity,
        "skills": [],
        "languages": [],
    }
    with contextlib.suppress(ConstraintViolated):  # another request of the same agent was faster
        await tenant.db.write((sa.insert(agent), row))
    return await known(tenant, by.id)


async def names(tenant: Tenant, idents: Iterable[str]) -> dict[str, str]:
    """The names of agents by id; an id that is not known is its own name."""
    wanted = sorted({one for one in idents if one})
    if not wanted:
        return {}
    rows = await tenant.db.fetch(
        sa.select(agent.c.id, agent.c.name).where(agent.c.id.in_(b("p_ids", expanding=True))), {"p_ids": wanted}
    )
    known_names = {row.id: row.name for row in rows}
    return {one: known_names.get(one, one) for one in wanted}


async def works(tenant: Tenant, ident: str) -> bool:
    """Whether they may take conversations: an active account from the role agent on, or a program with a key."""
    account = await tenant.staff.get(ident)
    return account is None or (account.active and RANK[account.role] >= RANK["agent"])


# -- changing them ---------------------------------------------------------------------------------------------------------


def take_one(into: Collected, ident: str, now: float, *, over: bool) -> None:
    """Count one more in the agent's hands; `over`: also beyond the capacity, else the commit is refused then."""
    into.write(_TAKE_ONE if over else _TAKE_IF_FREE, {"p_id": ident, "p_now": now}, rows=1)


def give_one(into: Collected, ident: str) -> None:
    """Count one less."""
    into.write(_GIVE_ONE, {"p_id": ident})


async def seen(tenant: Tenant, ident: str) -> None:
    """A sign of life of the agent's page; somebody who comes back is announced, and looked after by a timer."""
    before = await profile(tenant, ident)
    now = tenant.clock.now()
    if before is None:
        return
    if is_present(tenant, before):
        await tenant.db.write((_SEEN, {"p_id": ident, "p_now": now}))
        return
    async with tenant.action(by=f"staff:{ident}") as act:
        act.write(_SEEN, {"p_id": ident, "p_now": now})
        act.timer(PRESENCE, tenant.config.presence.away_after, lane=f"handoff:agent:{ident}")
        act.job("assign", {}, lane="handoff:assign")
        act.publish(STAFF, "agent", shown(tenant, attrs.evolve(before, seen_at=now)))


async def change(tenant: Tenant, ident: str, by: Actor, **values: Any) -> Profile:
    """Set fields of a profile, and `teams`; returns it as it is then.  Raises `Problem` 404."""
    before = await known(tenant, ident)
    teams = values.pop("teams", None)
    if teams is not None:
        await _check_teams(tenant, teams)
    if not values and teams is None:
        return before
    after = attrs.evolve(before, **values)
    if teams is not None:
        after = attrs.evolve(after, teams=tuple(sorted(set(teams))))
    async with tenant.action(by=by.who) as act:
        if values:
            act.write(sa.update(agent).where(agent.c.id == ident).values(**values), rows=1)
        if teams is not None:
            act.write(sa.delete(member).where(member.c.agent == ident))
            for one in after.teams:
                act.write(sa.insert(member), {"team": one, "agent": ident})
        changed = {**values, **({} if teams is None else {"teams": list(after.teams)})}
        act.audit("handoff.agent", ident, {name: _plain(value) for name, value in changed.items()})
        act.job("assign", {}, lane="handoff:assign")
        act.publish(STAFF, "agent", shown(tenant, after))
    return after


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


async def _check_teams(tenant: Tenant, wanted: Sequence[str]) -> None:
    there = {one.id for one in await teams(tenant)}
    for one in wanted:
        if one not in there:
            raise Problem(400, f"teams: there is no team {one[:64]!r}", field="teams")


# -- teams -------------------------------------------------------------------------------------------------------------------


async def teams(tenant: Tenant) -> list[TeamView]:
    """All teams, by name."""
    mine: dict[str, list[str]] = {}
    for row in await tenant.db.fetch(_MEMBERS):
        mine.setdefault(row.team, []).append(row.agent)
    return [
        TeamView(row.id, row.name, tuple(row.skills), tuple(sorted(mine.get(row.id, ()))))
        for row in await tenant.db.fetch(_TEAMS)
    ]


async def put_team(
    tenant: Tenant, by: Actor, ident: str, name: str, skills: Sequence[str], members: Sequence[str]
) -> TeamView:
    """Make a team (`ident` "") or change one; raises `Problem` 404, and 409 where the name is taken."""
    made = TeamView(ident or new_id(), name.strip(), tuple(skills), tuple(sorted(set(members))))
    there = {one.id for one in await profiles(tenant)}
    for one in made.members:
        if one not in there:
            raise Problem(400, f"members: there is no agent {one[:64]!r}", field="members")
    row = {"name": made.name, "skills": list(made.skills)}
    if ident and ident not in {one.id for one in await teams(tenant)}:
        raise Problem(404, f"there is no team {ident[:64]!r}")
    try:
        async with tenant.action(by=by.who) as act:
            if ident:
                act.write(sa.update(team).where(team.c.id == ident).values(**row), rows=1)
                act.write(sa.delete(member).where(member.c.team == ident))
            else:
                act.write(sa.insert(team), {"id": made.id, **row})
            for one in made.members:
                act.write(sa.insert(member), {"team": made.id, "agent": one})
            act.audit("handoff.team", made.id, row)
            act.publish(STAFF, "team", attrs.asdict(made))
    except ConstraintViolated:
        raise Problem(409, f"name: there is a team {made.name!r} already", field="name") from None
    return made


async def drop_team(tenant: Tenant, by: Actor, ident: str) -> None:
    """Remove a team; what is on its way to it is for `assignment.release_of_team`.  Raises `Problem` 404."""
    if ident not in {one.id for one in await teams(tenant)}:
        raise Problem(404, f"there is no team {ident[:64]!r}")
    async with tenant.action(by=by.who) as act:
        act.write(sa.delete(member).where(member.c.team == ident))
        act.write(sa.delete(team).where(team.c.id == ident))
        act.audit("handoff.team_removed", ident)
        act.publish(STAFF, "team", {"id": ident, "deleted": True})


# -- as the console shows them -------------------------------------------------------------------------------------------------


def view(tenant: Tenant, one: Profile, staff: Mapping[str, Any] | None = None) -> AgentView:
    """The agent as the console shows it; `staff` has what the account knows (role, email, phone)."""
    return AgentView(
        id=one.id,
        name=one.name,
        availability=one.availability,  # type: ignore[arg-type]  # only these are stored
        present=is_present(tenant, one),
        seen_at=one.seen_at,
        skills=tuple(one.skills),
        languages=tuple(one.languages),
        teams=tuple(one.teams),
        capacity=one.capacity,
        load=one.load,
        is_available=one.availability == AVAILABLE,
        **(staff or {}),
    )


def shown(tenant: Tenant, one: Profile) -> dict[str, Any]:
    """The agent as a live event."""
    return attrs.asdict(view(tenant, one))
