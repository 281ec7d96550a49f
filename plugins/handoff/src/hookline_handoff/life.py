"""The life of a handoff: which states there are, and what leads from one to another.  Nothing else changes a state.

requested ──queue──► queued ──claim──► claimed ──resolve──► resolved
                       │                │ ▲  ├─transfer─► transferred ─claim─► claimed
                       │                │ │  ├─snooze───► snoozed ─wake──────► claimed
                       └──give_up──┐    │ │  └─release──► queued
                                   ▼    ▼ │
                                  returned ──claim─┘     (the bot has it again)
"""

from __future__ import annotations

from collections.abc import Mapping

from hookline.problems import Problem

REQUESTED, QUEUED, CLAIMED = "requested", "queued", "claimed"
TRANSFERRED, SNOOZED, RETURNED, RESOLVED = "transferred", "snoozed", "returned", "resolved"
STATES = (REQUESTED, QUEUED, CLAIMED, TRANSFERRED, SNOOZED, RETURNED, RESOLVED)

WAITING = (REQUESTED, QUEUED)
"""Nobody has come yet."""
HELD = (CLAIMED, TRANSFERRED, SNOOZED)
"""A person has it, or had it and passed it on: the bot is silent."""
OPEN = (*WAITING, *HELD, RETURNED)
"""Not resolved; a conversation has at most one."""

TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    # what happens: from which state to which
    "queue": {REQUESTED: QUEUED, RETURNED: QUEUED},
    "claim": dict.fromkeys((REQUESTED, QUEUED, TRANSFERRED, RETURNED), CLAIMED),
    "take_over": dict.fromkeys((CLAIMED, SNOOZED), CLAIMED),
    "release": {CLAIMED: TRANSFERRED, TRANSFERRED: TRANSFERRED, SNOOZED: TRANSFERRED},
    "transfer": dict.fromkeys((REQUESTED, QUEUED, CLAIMED, TRANSFERRED, SNOOZED), TRANSFERRED),
    "snooze": {CLAIMED: SNOOZED, SNOOZED: SNOOZED},
    "wake": {SNOOZED: CLAIMED},
    "return": dict.fromkeys((REQUESTED, QUEUED, CLAIMED, TRANSFERRED, SNOOZED), RETURNED),
    "give_up": dict.fromkeys((REQUESTED, QUEUED, TRANSFERRED), RETURNED),
    "resolve": dict.fromkeys(OPEN, RESOLVED),
    "reopen": {RESOLVED: CLAIMED},
    "come_back": {RESOLVED: QUEUED},
}
"""What may happen to a handoff.

queue       it takes its place in the queue
claim       an agent takes it, or is assigned it
take_over   a supervisor takes it from whoever has it
release     whoever has it is gone, or it was not taken by whom it was offered to: to everybody
transfer    to another agent, a team or everybody
snooze      put aside; `wake` when the time has come or the customer writes
return      an agent gives it back to the bot
give_up     nobody came within the limit: the bot has it again
resolve     it is done
reopen      an agent opens it again
come_back   the customer writes again soon after the end
"""


class IllegalTransition(Problem):
    """A handoff can't do that in the state it is in; the text says which it is in and what it can do."""

    def __init__(self, event: str, state: str, *, held_by: str = "", held_by_name: str = "") -> None:
        can = allowed(state)
        who = f" ({held_by_name or held_by} has it)" if held_by else ""
        super().__init__(
            409,
            f"can't {event.replace('_', ' ')}: the handoff is {state}{who}; what it can do now: {', '.join(can)}",
            more={"state": state, "allowed": can, "held_by": held_by, "held_by_name": held_by_name},
        )
        self.event = event
        self.state = state


def after(event: str, state: str) -> str | None:
    """The state that the event leads to from there; None if it can't happen there."""
    return TRANSITIONS[event].get(state)


def allowed(state: str) -> list[str]:
    """What can happen in that state."""
    return [event for event, ways in TRANSITIONS.items() if state in ways]
