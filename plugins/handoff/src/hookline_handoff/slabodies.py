"""Service promises as the console shows them, in `sla` of an inbox item and a thread."""

from __future__ import annotations

from collections.abc import Sequence

import attrs


@attrs.frozen
class SlaClock:
    """One promise of a handoff: "first_response", "next_reply" or "resolution".

    `due_at` is null while it is paused (snoozed, waiting for the customer, with the bot); `left` are the working
    seconds that are left, below 0 once it is late.  state: running | warned | breached | paused | met | missed (met late).
    """

    clock: str
    state: str
    target: float
    left: float
    due_at: float | None


@attrs.frozen
class SlaView:
    """What was promised for a handoff; `state` and `due_at` are those of the clock that is due next."""

    policy: str
    state: str
    due_at: float | None
    clocks: Sequence[SlaClock]
