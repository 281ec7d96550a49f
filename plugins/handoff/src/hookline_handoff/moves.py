"""Transitions of a handoff: each one is stored, audited, noted for observers and published, all at once or not at all.

`step` collects one into a turn or an action; it is the only place that changes a state, by the table in `life`.
Everything else here says what goes with which transition: who has the conversation, whose hands it counts in, which
timers run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.action import Action
from hookline.ledger import new_id
from hookline.turn import Turn

from . import agents, records
from .agents import STAFF
from .deskmodels import summary
from .life import (
    CLAIMED,
    HELD,
    QUEUED,
    REQUESTED,
    RESOLVED,
    RETURNED,
    SNOOZED,
    TRANSFERRED,
    WAITING,
    IllegalTransition,
    after,
)
from .queue import hours, working
from .records import NOBODY, Actor, Handoff
from .views import live

if TYPE_CHECKING:
    from hookline.message import Conversation
    from hookline.tenant import Tenant

Into = Turn | Action
KEEP = "keep"
"""The timer of a handoff that nothing else is due for: as long as it is open its conversation does not expire."""
_KEPT = 30 * 86_400.0
_TIMERS: Mapping[str, Sequence[str]] = {
    "requested": ("open", "wait"),
    "queued": ("wait", KEEP),
    "transferred": ("transfer", "wait"),
    "snoozed": ("snooze",),
    "returned": ("forget", "callback", KEEP),
}
_NO_SUMMARY = sa.delete(summary).where(summary.c.conversation == sa.bindparam("p_conversation"))
ASSIGN = "handoff:assign"
"""The lane of the jobs that assign: one after the other in a tenant."""


@attrs.frozen
class Wish:
    """What a handoff is asked for with; the fields are as in `models.handoff`."""

    reason: str
    source: str
    priority: int = 0
    score: float | None = None
    language: str = ""
    skill: str = ""
    summary: str = ""
    data: Mapping[str, Any] = attrs.Factory(dict)


def holder_of(tenant: Tenant, shown: Handoff) -> str:
    """Who has the conversation in that state: an agent, a team, everybody ("queue"), or the bot ("")."""
    if shown.state in (CLAIMED, SNOOZED):
        return shown.agent
    if shown.state == TRANSFERRED:
        return shown.agent or (f"team:{shown.team}" if shown.team else "queue")
    if shown.state in WAITING and tenant.config.while_waiting == "silent":
        return "queue"
    return ""


def step(
    tenant: Tenant,
    into: Into,
    before: Handoff,
    event: str,
    by: Actor,
    *,
    agent_name: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    over: bool = False,
    **changes: Any,
) -> Handoff:
    """Collect one transition; the handoff as it will be.

    `over`: it may count beyond the agent's capacity.  Raises `IllegalTransition`; at the commit of an action `Conflict`
    is raised if the handoff is not as it was seen, the agent's hands are full or the conversation is somebody else's.
    """
    state = after(event, before.state)
    if state is None:
        raise IllegalTransition(event, before.state, held_by=before.agent, held_by_name=agent_name)
    now = tenant.clock.now()
    made = attrs.evolve(before, state=state, epoch=before.epoch + 1, activity_at=now, **changes)
    made = attrs.evolve(
        made,
        holder=holder_of(tenant, made),
        loaded=made.agent if state in (CLAIMED, TRANSFERRED) else "",
        snoozed_until=made.snoozed_until if state == SNOOZED else None,
    )
    if state == RESOLVED and tenant.settings.history.store != "sql":
        made = attrs.evolve(made, summary="")  # the customer's own words, of which the tenant keeps none
        into.write(_NO_SUMMARY, {"p_conversation": made.conversation})
    statement, values = records.update(before, made)
    into.write(statement, values, rows=1)
    _note(tenant, into, before, made, event, by, agent_name, reason, detail or {})
    if made.loaded != before.loaded:
        if before.loaded:
            agents.give_one(into, before.loaded)
        if made.loaded:
            agents.take_one(into, made.loaded, now, over=over)
    _hand_over(into, made, before.holder)
    for kind in _TIMERS.get(before.state, ()):
        into.cancel_timer(kind, key=made.id, lane=made.conversation)
    _set_timer(tenant, into, made, now)
    if made.state not in (CLAIMED, REQUESTED):
        into.job("assign", {}, lane=ASSIGN)
    return made


def _note(
    tenant: Tenant,
    into: Into,
    before: Handoff | None,
    made: Handoff,
    event: str,
    by: Actor,
    agent_name: str,
    reason: str,
    detail: Mapping[str, Any],
) -> None:
    """What is kept of a transition besides the handoff itself, and what pages are told."""
    into.write(*records.insert_step(before, made, event, by, tenant.clock.now(), reason, detail))
    figures = {
        "handoff": made.id,
        "event": event,
        "before": before.state if before else "",
        "state": made.state,
        "reason": made.reason,
        "source": made.source,
        "priority": made.priority,
        "channel": made.channel,
        "agent": made.agent,
        "team": made.team,
        "by": by.id,
    }
    into.event(f"handoff.{made.state}", figures, conversation=made.conversation)
    into.audit(f"handoff.{event}", made.id, {**figures, "conversation": made.conversation, "by_name": by.name})
    told = live(made, agent_name, event, by.id, by.name, before=before.agent if before else "", **detail)
    into.publish(STAFF, f"handoff.{made.state}", told)


def _hand_over(into: Into, made: Handoff, before: str) -> None:
    if made.holder == before:
        return
    if isinstance(into, Turn):
        into.take(made.holder)
    else:
        into.take(made.conversation, made.holder, held_by=before)


def _set_timer(tenant: Tenant, into: Into, made: Handoff, now: float) -> None:
    """What happens by itself if nobody does anything; a timer names the epoch that it was set for."""
    config, due = tenant.config, None
    kind = {
        "requested": "open",
        "queued": "wait",
        "transferred": "transfer",
        "snoozed": "snooze",
        "returned": "forget",
    }.get(made.state, "")
    if made.state == REQUESTED and made.callback_at is not None:
        due = made.callback_at
    elif made.state == QUEUED and config.wait_limit:
        due = working(tenant, now, config.wait_limit)
    elif made.state == TRANSFERRED and (made.agent or made.team) and config.transfer_limit:
        due = working(tenant, now, config.transfer_limit)
    elif made.state == TRANSFERRED and not (made.agent or made.team) and config.wait_limit:
        kind, due = "wait", working(tenant, now, config.wait_limit)
    elif made.state == SNOOZED:
        due = made.snoozed_until
    elif made.state == RETURNED and made.callback_at is not None:
        kind, due = "callback", made.callback_at
    elif made.state == RETURNED and config.returned_kept:
        due = now + config.returned_kept
    if due is not None:
        into.timer(kind, max(due - now, 0.0), payload={"epoch": made.epoch}, key=made.id, lane=made.conversation)
    elif made.state in (QUEUED, RETURNED):
        keep(into, made)


def keep(into: Into, shown: Handoff) -> None:
    """Collect that the conversation stays open, as there is something to be done in it."""
    into.timer(KEEP, _KEPT, payload={"epoch": shown.epoch}, key=shown.id, lane=shown.conversation)


# -- beginning -------------------------------------------------------------------------------------------------------------


def begin(
    tenant: Tenant, into: Into, about: Conversation, wish: Wish, by: Actor = NOBODY, *, queue: bool = True
) -> Handoff:
    """Collect a new handoff: it is asked for, and takes its place in the queue if somebody works now (`queue`: at all).

    The conversation must have none that is open; the database refuses a second one.
    """
    now = tenant.clock.now()
    made = Handoff(
        id=new_id(),
        conversation=about.id,
        contact=about.contact,
        channel=about.channel,
        state=REQUESTED,
        requested_at=now,
        activity_at=now,
        waiting_since=now,
        epoch=1,
        **attrs.asdict(wish, recurse=False),
    )
    working_now = hours(tenant).is_open(now)
    if not working_now:
        made = attrs.evolve(made, callback_at=hours(tenant).next_open(now))
    made = attrs.evolve(made, holder=holder_of(tenant, made))
    statement, values = records.insert(made)
    into.write(statement, values, rows=1)
    _note(tenant, into, None, made, "request", by, "", made.reason, {})
    _hand_over(into, made, "")
    if queue and working_now:
        return enqueue(tenant, into, made, by)
    _set_timer(tenant, into, made, now)
    return made


def enqueue(tenant: Tenant, into: Into, before: Handoff, by: Actor = NOBODY, **changes: Any) -> Handoff:
    """Collect its taking a place in the queue."""
    now = tenant.clock.now()
    return step(tenant, into, before, "queue", by, queued_at=now, callback_at=None, returned_at=None, **changes)


def is_held(shown: Handoff | None) -> bool:
    """Whether a person has it, or had it and passed it on: the bot is silent."""
    return shown is not None and shown.state in HELD
