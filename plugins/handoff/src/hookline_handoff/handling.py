"""What people do with handoffs: claim, answer, pass on, put aside, give back, close.

Each is one action, all or nothing.  Who comes too late is told so: a 409 that names the state, what can be done in it,
and who has the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.action import Action
from hookline.db import ConstraintViolated
from hookline.errors import Conflict
from hookline.ledger import message_id
from hookline.message import Message, Reply
from hookline.models import contact as person
from hookline.models import message
from hookline.problems import Problem

from . import agents, moves, records, texts
from .claims import TRIES, ask, change, check, claim, conversation, current, say, take
from .files import Attachments
from .life import CLAIMED, OPEN, RESOLVED, RETURNED, SNOOZED, WAITING, IllegalTransition
from .models import handoff
from .moves import step
from .notices import notify
from .promises import supervisors
from .queue import hours, position, working
from .records import Actor, Handoff
from .views import heard, live

if TYPE_CHECKING:
    from hookline.tenant import Tenant

__all__ = [
    "ask",
    "call_late",
    "change",
    "check",
    "claim",
    "conversation",
    "current",
    "give_back",
    "give_up",
    "note",
    "release",
    "reopen",
    "reply",
    "resolve",
    "set_status",
    "snooze",
    "take",
    "told",
    "transfer",
    "wake",
]
b = sa.bindparam
_SENT = sa.select(message.c.id).where(message.c.id == b("p_id"))
_ANSWERED = (
    sa.update(handoff)
    .where(handoff.c.id == b("p_id"), handoff.c.agent == b("p_agent"), handoff.c.state == CLAIMED)
    .values(
        first_response_at=sa.func.coalesce(handoff.c.first_response_at, b("p_now", type_=sa.Double)),
        waiting_since=None,
        activity_at=b("p_now", type_=sa.Double),
    )
)


# -- the agent's words ---------------------------------------------------------------------------------------------------------


async def reply(
    tenant: Tenant, ident: str, by: Actor, text: str, client_id: str, attachments: Sequence[Mapping[str, Any]] = ()
) -> tuple[Message, bool, Handoff]:
    """Send an agent's words to the customer; what nobody has is claimed first.

    The same `client_id` again sends nothing: the first one's message comes back, and True.
    """
    limit = tenant.settings.limits.message_chars
    if not text.strip() and not attachments:
        raise Problem(400, "text: empty; write something, or attach a file", field="text")
    if len(text) > limit:
        raise Problem(413, f"text: has {len(text)} characters; at most {limit} are allowed", field="text")
    key = f"{ident}/{by.id}/{client_id}"
    files = await Attachments(tenant).check(ident, attachments) if attachments else ()
    for _ in range(TRIES):
        if await tenant.db.fetch(_SENT, {"p_id": message_id("handoff", key, 0)}):
            async with tenant.action(by=by.who) as act:
                act.send(Reply(text), conversation=ident, key=key)
            return act.messages[0], True, await current(tenant, ident)
        seen = await records.open_one(tenant, ident)
        if seen is None or seen.state != CLAIMED or seen.agent != by.id:
            seen = await claim(tenant, ident, by, force=by.supervises and seen is not None, greet=False)
        now = tenant.clock.now()
        told = Reply(
            text,
            attachments=files,
            data={"agent": by.id, "agent_name": by.name, "sent_as": client_id},
        )
        try:
            async with tenant.action(by=by.who) as act:
                act.write(_ANSWERED, {"p_id": seen.id, "p_agent": by.id, "p_now": now}, rows=1)
                act.send(told, conversation=ident, key=key)
                act.event("handoff.replied", {"handoff": seen.id, "by": by.id}, conversation=ident)
        except (Conflict, ConstraintViolated):
            continue
        sent = act.messages[0]
        tenant.publish_message(sent)
        told_staff = {**heard(sent, seen.id), "agent": by.id, "agent_name": by.name}
        tenant.live.publish(tenant.name, agents.STAFF, "message", told_staff)
        made = attrs.evolve(seen, first_response_at=seen.first_response_at or now, waiting_since=None, activity_at=now)
        return sent, False, made
    raise Problem(409, "somebody else is changing this at the same moment; look again, then try again")


# -- passing it on -------------------------------------------------------------------------------------------------------------


async def transfer(
    tenant: Tenant, ident: str, by: Actor, *, agent: str = "", team: str = "", queue: bool = False, note: str = ""
) -> Handoff:
    """Pass it on to an agent, to a team, or to everybody; exactly one of them."""
    if bool(agent) + bool(team) + queue != 1:
        raise Problem(400, "agent, team, queue: give exactly one of them", field="agent")
    name = ""
    if agent:
        account = await tenant.staff.get(agent)
        if account is not None:  # who has not been here yet has no profile
            await agents.ensure(tenant, Actor(account.id, account.shown_name, account.role))
        other = await agents.known(tenant, agent)
        name = other.name
        if not await agents.works(tenant, agent):
            raise Problem(409, f"{name} takes no conversations any more", field="agent")
        if other.full:
            raise Problem(
                409, f"{other.name} has {other.load} of {other.capacity} conversations in hand", field="agent"
            )
    if team and team not in {one.id for one in await agents.teams(tenant)}:
        raise Problem(404, f"there is no team {team[:64]!r}", field="team")
    seen = await current(tenant, ident)
    if agent and agent == seen.agent and seen.state in (CLAIMED, SNOOZED):
        raise Problem(409, f"{name} has this conversation already", field="agent")

    def collect(act: Action, now: Handoff) -> Handoff:
        made = step(
            tenant, act, now, "transfer", by,
            agent_name=name, reason=note, detail={"note": note}, agent=agent, team=team,
        )  # fmt: skip
        say(tenant, act, made, "handoff_transferred")
        return made

    return await change(tenant, seen.id, "transfer", by, collect)


async def release(tenant: Tenant, seen: Handoff, reason: str) -> Handoff:
    """Offer to everybody what its agent can't go on with, or did not take."""
    return await change(
        tenant,
        seen.id,
        "release",
        records.NOBODY,
        lambda act, now: step(tenant, act, now, "release", records.NOBODY, reason=reason, agent="", team=""),
    )


async def snooze(tenant: Tenant, ident: str, by: Actor, until: float | None) -> Handoff:
    """Put it aside until then, or until the customer writes."""
    if until is not None and until <= tenant.clock.now():
        raise Problem(400, "until: lies in the past", field="until")
    seen = await current(tenant, ident)
    return await change(
        tenant,
        seen.id,
        "snooze",
        by,
        lambda act, now: step(
            tenant, act, now, "snooze", by, agent_name=by.name, snoozed_until=until, agent=now.agent or by.id
        ),
    )


async def wake(tenant: Tenant, ident: str, by: Actor) -> Handoff:
    """Take up again what was put aside."""
    seen = await current(tenant, ident)
    name = (await agents.names(tenant, [seen.agent])).get(seen.agent, "")
    return await change(
        tenant, seen.id, "wake", by, lambda act, now: step(tenant, act, now, "wake", by, agent_name=name, over=True)
    )


# -- ending it -----------------------------------------------------------------------------------------------------------------


async def give_back(tenant: Tenant, ident: str, by: Actor, *, text: str = "", note: str = "") -> Handoff:
    """Give the conversation back to the bot; `text` is said to the customer in the agent's name."""
    if len(text) > (limit := tenant.settings.limits.message_chars):
        raise Problem(413, f"text: has {len(text)} characters; at most {limit} are allowed", field="text")
    seen = await current(tenant, ident)

    def collect(act: Action, now: Handoff) -> Handoff:
        made = step(
            tenant, act, now, "return", by,
            reason=note, agent="", team="", returned_at=tenant.clock.now(), callback_at=None, waiting_since=None,
        )  # fmt: skip
        if text:
            act.send(
                Reply(text, data={"agent": by.id, "agent_name": by.name}),
                conversation=made.conversation,
                key=f"{made.id}/{made.epoch}/text",
            )
        else:
            say(tenant, act, made, "handoff_returned")
        return made

    return await change(tenant, seen.id, "return", by, collect)


async def resolve(tenant: Tenant, seen: Handoff, by: Actor, *, note: str = "") -> Handoff:
    """Close it; the next message is the bot's again."""

    def collect(act: Action, now: Handoff) -> Handoff:
        made = step(
            tenant, act, now, "resolve", by,
            reason=note,
            resolved_at=tenant.clock.now(),
            resolved_by=by.id or by.name,
            resolution=note,
            waiting_since=None,
            callback_at=None,
        )  # fmt: skip
        if tenant.config.bot_on_resolve and now.state not in (*WAITING, RETURNED):
            say(tenant, act, made, "handoff_resolved")
        return made

    return await change(tenant, seen.id, "resolve", by, collect)


async def reopen(tenant: Tenant, ident: str, by: Actor) -> Handoff:
    """Take up again what was resolved."""
    await agents.ensure(tenant, by)
    seen = await current(tenant, ident)
    if seen.state != RESOLVED:
        await check(tenant, "reopen", seen, by)
    return await change(
        tenant, seen.id, "reopen", by, lambda act, now: take(tenant, act, now, by, "reopen", greet=False)
    )


# -- what changes no state -------------------------------------------------------------------------------------------------------


async def note(tenant: Tenant, seen: Handoff, by: Actor, what: str, **changes: Any) -> Handoff:
    """Change the priority or the status of an open handoff; audited and shown, no transition."""
    if seen.state not in OPEN:
        raise IllegalTransition(what, seen.state)
    name = (await agents.names(tenant, [seen.agent])).get(seen.agent, "")
    made = attrs.evolve(seen, activity_at=tenant.clock.now(), **changes)
    statement, values = records.update(seen, made)
    async with tenant.action(by=by.who) as act:
        act.write(statement, values, rows=1)
        act.audit(f"handoff.{what}", seen.id, changes)
        act.event("handoff.updated", {"handoff": seen.id, "what": what, **changes}, conversation=seen.conversation)
        act.publish(agents.STAFF, "handoff.updated", live(made, name, what, by.id, by.name))
    return made


async def set_status(tenant: Tenant, seen: Handoff, by: Actor, status: str) -> Handoff:
    """Say where the work stands: a word of the config, or the name of a state that can be reached from here."""
    if status == RESOLVED:
        return await resolve(tenant, seen, by)
    if status == RETURNED:
        return await give_back(tenant, seen.conversation, by)
    if status == CLAIMED and seen.state != CLAIMED:
        return await claim(tenant, seen.conversation, by)
    if status in tenant.config.statuses or status == seen.state:
        return await note(tenant, seen, by, "status", status="" if status == seen.state else status)
    words = (*tenant.config.statuses, CLAIMED, RETURNED, RESOLVED)
    raise Problem(400, f"status: given {status[:40]!r}; allowed: {', '.join(words)}", field="status")


async def told(tenant: Tenant, made: Handoff, language: str) -> str:
    """What the customer is told who waits: the place in the queue, or when somebody is there."""
    if made.callback_at is not None:
        when = texts.moment(made.callback_at, hours(tenant).zone, language)
        return texts.text(tenant, "handoff_closed", language, when=when)
    ahead = await position(tenant, made)
    key = "handoff_next" if ahead in (None, 1) else "handoff_queued"
    return texts.text(tenant, key, language, position=ahead or 1)


async def give_up(tenant: Tenant, into: moves.Into, seen: Handoff, language: str) -> Handoff:
    """Collect that nobody came: the bot has it again, and the customer is told when somebody calls back."""
    due = working(tenant, tenant.clock.now(), tenant.config.callback)
    made = step(
        tenant, into, seen, "give_up", records.NOBODY,
        reason="nobody came", agent="", team="", returned_at=tenant.clock.now(), callback_at=due,
    )  # fmt: skip
    when = texts.moment(due, hours(tenant).zone, language)
    into.send(
        Reply(texts.text(tenant, "handoff_nobody", language, when=when), data={"handoff": "handoff_nobody"}),
        conversation=made.conversation,
        author="system",
    )
    return made


async def call_late(tenant: Tenant, into: moves.Into, seen: Handoff) -> None:
    """Collect that the supervisors are told of a call back that was promised for now and was not made."""
    rows = await tenant.db.fetch(sa.select(person.c.name).where(person.c.id == seen.contact))
    who = (rows[0].name if rows else "") or seen.contact
    notify(
        into,
        tenant.clock.now(),
        await supervisors(tenant),
        "callback_due",
        f"{who} was promised a call back by now",
        conversation=seen.conversation,
        contact=seen.contact,
        handoff=seen.id,
    )
