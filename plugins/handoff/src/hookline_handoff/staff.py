"""Who acts, and everybody who could: the staff accounts with their profiles here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hookline.app import caller
from hookline.roles import RANK

from . import agents, inbox
from .peoplebodies import AgentView, Me
from .records import Actor

if TYPE_CHECKING:
    from aiohttp import web

    from hookline.roles import Caller
    from hookline.staff import Staff
    from hookline.tenant import Tenant


def actor(who: Caller) -> Actor:
    """The caller as the one who acts."""
    return Actor(who.id or who.name, who.name, who.role, who.kind)


def actor_of(request: web.Request) -> Actor:
    """Who makes the request."""
    return actor(caller(request))


async def me(tenant: Tenant, by: Actor) -> Me:
    """The caller's profile, and what the console needs to begin."""
    if by.role != "viewer":
        await agents.ensure(tenant, by)
    settings = tenant.settings
    account = await tenant.staff.get(by.id) if by.kind == "staff" else None
    return Me(
        agent=await shown_agent(tenant, by.id, by),
        language=account.language if account else "",
        languages=settings.languages,
        views=tuple(view for view in inbox.VIEWS if view != "bot" or by.supervises),
        channels=await inbox.channels(tenant),
        teams=await agents.teams(tenant),
        title=settings.title,
        heartbeat=tenant.config.presence.heartbeat,
    )


async def everybody(tenant: Tenant) -> list[AgentView]:
    """All who may take conversations, by name: active accounts from the role agent on, and keys that did."""
    stored = {one.id: one for one in await agents.profiles(tenant)}
    accounts = {one.id: one for one in await tenant.staff.list()}
    shown = [
        _view(tenant, account, stored.get(account.id))
        for account in accounts.values()
        if account.active and RANK[account.role] >= RANK["agent"]
    ]
    shown += [agents.view(tenant, one) for one in stored.values() if one.id not in accounts]
    return sorted(shown, key=lambda one: (one.name.casefold(), one.id))


async def shown_agent(tenant: Tenant, ident: str, by: Actor | None = None) -> AgentView:
    """One of them; raises `Problem` 404.  `by`: it is the caller, who may have no profile (a viewer)."""
    account = await tenant.staff.get(ident)
    stored = await agents.profile(tenant, ident)
    if account is not None:
        return _view(tenant, account, stored)
    if stored is None and by is not None:
        return AgentView(by.id, by.name, by.role, availability="offline")
    shown = agents.view(tenant, stored or await agents.known(tenant, ident))
    return attrs.evolve(shown, role=by.role) if by is not None else shown


def _view(tenant: Tenant, account: Staff, stored: agents.Profile | None) -> AgentView:
    more: dict[str, Any] = {"role": account.role, "email": account.email, "phone": account.phone}
    if stored is None:
        capacity = tenant.config.assignment.capacity
        return AgentView(
            account.id, account.shown_name, availability="available", capacity=capacity, is_available=True, **more
        )
    return attrs.evolve(agents.view(tenant, stored, more), name=account.shown_name)
