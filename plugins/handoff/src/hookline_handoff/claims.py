"""Taking conversations, and changing handoffs one transition at a time: who comes too late is told so.

A refusal is a 409 that names the state, what can be done in it, and who has the conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hookline.action import Action
from hookline.db import ConstraintViolated
from hookline.errors import Conflict
from hookline.message import Conversation, Reply
from hookline.problems import Problem

from . import agents, moves, records, texts
from .life import CLAIMED, RETURNED, SNOOZED, TRANSFERRED, IllegalTransition, after
from .moves import Wish, begin, step
from .records import Actor, Handoff

if TYPE_CHECKING:
    from hookline.tenant import Tenant

TRIES = 4
"""How often a handoff that somebody else changes meanwhile is looked at again."""
Collect = Callable[[Action, Handoff], Handoff]


async def conversation(tenant: Tenant, ident: str) -> Conversation:
    """The conversation of that id; raises `Problem` 404."""
    found = await tenant.conversations.get(ident) if len(ident) <= 64 else None
    if found is None:
        raise Problem(404, f"there is no conversation {ident[:64]!r}")
    return found.conversation


async def current(tenant: Tenant, ident: str) -> Handoff:
    """The conversation's handoff: the open one, else its last; raises `Problem` 404."""
    found = await records.open_one(tenant, ident) or await records.last_one(tenant, ident)
    if found is None:
        await conversation(tenant, ident)
        raise Problem(404, f"conversation {ident[:64]!r} has had no handoff")
    return found


async def change(tenant: Tenant, ident: str, event: str, by: Actor, collect: Collect, *, mine: bool = True) -> Handoff:
    """Do one transition of the handoff of that id: `collect` puts it into an action, for the handoff as it is now.

    Where somebody else changes it meanwhile it is looked at again.  `mine`: only whoever has it, or a supervisor, may.
    """
    for _ in range(TRIES):
        seen = await records.by_id(tenant, ident)
        if seen is None:
            raise Problem(404, f"there is no handoff {ident[:64]!r}")
        await check(tenant, event, seen, by, mine=mine)
        try:
            async with tenant.action(by=by.who) as act:
                made = collect(act, seen)
        except (Conflict, ConstraintViolated):
            await _check_hands(tenant, seen, by, event)
            continue
        return made
    raise Problem(409, "somebody else is changing this at the same moment; look again, then try again")


async def check(tenant: Tenant, event: str, seen: Handoff, by: Actor, *, mine: bool = True) -> None:
    """Raise `Problem` 409 unless the transition can happen, and the actor may do it."""
    holder = seen.agent if seen.state in (CLAIMED, SNOOZED, TRANSFERRED) else ""
    name = (await agents.names(tenant, [holder])).get(holder, "")
    if after(event, seen.state) is None:
        raise IllegalTransition(event, seen.state, held_by=holder, held_by_name=name)
    if mine and holder and holder != by.id and by.id and not by.closes:
        raise held(seen, name)


def held(seen: Handoff, name: str) -> Problem:
    return Problem(
        409,
        f"{name or seen.agent} has this conversation",
        more={"state": seen.state, "allowed": [], "held_by": seen.agent, "held_by_name": name},
    )


async def _check_hands(tenant: Tenant, seen: Handoff, by: Actor, event: str) -> None:
    """Say it where an agent's hands are full, or the core's conversation is not whose it should be."""
    now = await records.by_id(tenant, seen.id)
    if now is None or now.epoch != seen.epoch:
        return  # somebody was faster: look again
    about = await conversation(tenant, seen.conversation)
    if about.held_by != seen.holder:
        raise Problem(
            409,
            f"{about.held_by or 'the bot'} has this conversation, outside the queue; give it back there first",
            more={"state": seen.state, "allowed": [], "held_by": about.held_by, "held_by_name": about.held_by},
        )
    mine = await agents.profile(tenant, by.id) if by.id and event in ("claim", "reopen") else None
    if mine is not None and mine.full:
        raise Problem(
            409,
            f"{mine.name} has {mine.load} of {mine.capacity} conversations in hand; finish one first, or have a "
            "supervisor raise the capacity",
            more={"state": seen.state, "allowed": [], "held_by": "", "held_by_name": ""},
        )


# -- asking for one ----------------------------------------------------------------------------------------------------------


async def ask(tenant: Tenant, ident: str, wish: Wish, by: Actor) -> tuple[Handoff, bool]:
    """Hand the conversation over; the handoff, and whether it is new: one that waits or is in hand already stays."""
    about = await conversation(tenant, ident)
    for _ in range(TRIES):
        seen = await records.open_one(tenant, ident)
        if seen is not None and seen.state != RETURNED:
            return seen, False
        if about.status != "open":
            raise Problem(409, "the conversation has ended; a person can be asked for in the next one")
        try:
            async with tenant.action(by=by.who) as act:
                if seen is None:
                    made = begin(tenant, act, about, wish, by)
                else:  # it was given back to the bot, and a person is asked for again
                    made = moves.enqueue(tenant, act, seen, by, reason=wish.reason)
        except (Conflict, ConstraintViolated):
            continue
        return made, seen is None
    raise Problem(409, "somebody else is changing this at the same moment; look again, then try again")


# -- taking it ---------------------------------------------------------------------------------------------------------------


async def claim(tenant: Tenant, ident: str, by: Actor, *, force: bool = False, greet: bool = True) -> Handoff:
    """Take the conversation; `force` (supervisors) takes it from whoever has it, also beyond the own capacity.

    Who has it already gets it as it is.  Without an open handoff one is made.  Raises `Problem` 409 that says who has it.
    """
    if force and not by.supervises:
        raise Problem(403, "only a supervisor may take a conversation from somebody else, or beyond the own capacity")
    about = await conversation(tenant, ident)
    await agents.ensure(tenant, by)
    for _ in range(TRIES):
        seen = await records.open_one(tenant, ident)
        if seen is not None and seen.state == CLAIMED and seen.agent == by.id:
            return seen
        event = (
            "take_over"
            if seen is not None and seen.state in (CLAIMED, SNOOZED) and (force or seen.agent == by.id)
            else "claim"
        )
        if seen is not None:
            await check(tenant, event, seen, by, mine=False)
            await _check_offer(tenant, seen, by, force=force)
        try:
            async with tenant.action(by=by.who) as act:
                taken = (
                    seen
                    if seen is not None
                    else begin(tenant, act, about, Wish("taken over", "agent"), by, queue=False)
                )
                made = take(tenant, act, taken, by, event, over=force, greet=greet)
        except (Conflict, ConstraintViolated):
            if seen is not None:
                await _check_hands(tenant, seen, by, event)
            else:
                await _check_free(tenant, about, by)
            continue
        return made
    raise Problem(409, "somebody else is changing this at the same moment; look again, then try again")


def take(
    tenant: Tenant,
    act: Action,
    seen: Handoff,
    by: Actor,
    event: str = "claim",
    *,
    over: bool = False,
    greet: bool = True,
) -> Handoff:
    """Collect that the actor takes it; the customer is told who is there now."""
    now = tenant.clock.now()
    made = step(
        tenant,
        act,
        seen,
        event,
        by,
        agent_name=by.name,
        over=over,
        agent=by.id,
        team="",
        claimed_at=seen.claimed_at or now,
        callback_at=None,
        returned_at=None,
        resolved_at=None,
        resolved_by="",
    )
    if greet and by.name:
        say(tenant, act, made, "handoff_claimed", agent=by.name)
    return made


def say(tenant: Tenant, act: Action, about: Handoff, key: str, **values: object) -> None:
    """Collect a message to the customer; once for each transition, and none where the conversation has ended: that must
    not keep anybody from taking or closing what is left of it."""
    told = texts.text(tenant, key, about.language, **values)
    if told:
        act.send(
            Reply(told, data={"handoff": key}),
            conversation=about.conversation,
            author="system",
            key=f"{about.id}/{about.epoch}/{key}",
            if_open=True,
        )


async def _check_offer(tenant: Tenant, seen: Handoff, by: Actor, *, force: bool) -> None:
    """What is on its way to somebody else, or to another team, is not for everybody."""
    if seen.state != TRANSFERRED or force or by.supervises:
        return
    if seen.agent and seen.agent != by.id:
        raise held(seen, (await agents.names(tenant, [seen.agent]))[seen.agent])
    if seen.team and seen.team not in (await agents.known(tenant, by.id)).teams:
        raise Problem(
            409,
            "this conversation is on its way to another team",
            more={"state": seen.state, "allowed": [], "held_by": f"team:{seen.team}", "held_by_name": seen.team},
        )


async def _check_free(tenant: Tenant, about: Conversation, by: Actor) -> None:
    mine = await agents.known(tenant, by.id)
    held = (await conversation(tenant, about.id)).held_by
    if await records.open_one(tenant, about.id) is not None:
        return
    if held:
        raise Problem(
            409,
            f"{held} has this conversation",
            more={"state": "", "allowed": [], "held_by": held, "held_by_name": held},
        )
    if mine.full:
        raise Problem(409, f"{mine.name} has {mine.load} of {mine.capacity} conversations in hand; finish one first")
