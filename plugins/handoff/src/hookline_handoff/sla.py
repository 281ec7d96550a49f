"""Promises of service: when a handoff's next word is due, counted in working hours; warnings and breaches.

The clocks of a handoff follow from its row as it is now (`tick`), so looking at it twice, or on two machines, changes
nothing the second time.  Timers are looked at again when they fire: one that is early or late does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .deskconfig import SlaPolicy
from .hours import Hours
from .slabodies import SlaClock, SlaView

FIRST, NEXT, RESOLUTION = "first_response", "next_reply", "resolution"
RUNNING = ("running", "warned", "breached")
_STANDING = ("snoozed", "returned")
_ORDER = {"breached": 0, "warned": 1, "running": 2, "paused": 3, "missed": 4, "met": 5}


@attrs.frozen
class Clock:
    """A promise of a handoff and where it stands; the columns of `handoff_clock`."""

    handoff: str
    clock: str
    n: int
    conversation: str
    policy: str
    calendar: str
    state: str
    target: float
    anchor: float
    used: float = 0.0
    running_since: float | None = None
    due_at: float | None = None
    warned_at: float | None = None
    breached_at: float | None = None
    ended_at: float | None = None
    version: int = 0

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.state in ("met", "missed")


def choose(policies: Iterable[SlaPolicy], row: Any) -> SlaPolicy | None:
    """The first policy that applies to the handoff."""
    for policy in policies:
        wanted: Sequence[tuple[Sequence[Any], Any]] = (
            (policy.priorities, row.priority),
            (policy.channels, row.channel),
            (policy.teams, row.team),
            (policy.skills, row.skill),
        )
        if all(not allowed or given in allowed for allowed, given in wanted):
            return policy
    return None


def tick(
    row: Any, known: Sequence[Clock], policies: Sequence[SlaPolicy], calendars: Mapping[str, Hours]
) -> list[Clock]:
    """The clocks of a handoff as its row says they must be; those that change, or are new."""
    policy = choose(policies, row)
    by_name: dict[str, list[Clock]] = {}
    for one in sorted(known, key=lambda one: one.n):
        by_name.setdefault(one.clock, []).append(one)
    changed: list[Clock] = []

    def follow(name: str, target: float, anchor: float, *, runs: bool, ended: float | None) -> None:
        """Bring the newest clock of that name to where it must be; `anchor` says which promise it is."""
        old = by_name.get(name, [])
        last = old[-1] if old else None
        if last is not None and last.anchor != anchor:
            if not last.ended:  # the customer was answered and wrote again before anybody looked
                changed.append(_ended(last, calendars, anchor))
            last = None
        if last is None:
            if target <= 0 or policy is None:
                return
            start = Clock(
                row.id, name, len(old) + 1, row.conversation, policy.name, policy.calendar, "paused", target, anchor
            )
            new = _moved(start, calendars, anchor, runs=True)
            new = (
                _ended(new, calendars, ended)
                if ended is not None
                else _moved(new, calendars, row.activity_at, runs=runs)
            )
            changed.append(new)
            return
        new = last
        if policy is not None and target > 0 and not last.ended and (policy.name, target) != (last.policy, last.target):
            new = _promised(last, policy, target, calendars, row.activity_at)
        if ended is not None:
            new = _ended(new, calendars, ended)
        elif new.ended and name == RESOLUTION:  # opened anew
            new = attrs.evolve(new, ended_at=None, state="paused")
            new = _moved(new, calendars, row.activity_at, runs=runs)
        elif not new.ended:
            new = _moved(new, calendars, row.activity_at, runs=runs)
        if new != last:
            changed.append(attrs.evolve(new, version=last.version + 1))

    stands = row.state in _STANDING
    over = row.resolved_at if row.state == "resolved" else None
    first = row.first_response_at
    follow(
        FIRST,
        policy.first_response if policy else 0.0,
        row.requested_at,
        runs=not stands,
        ended=first if first is not None else over,
    )
    asked = row.waiting_since
    if first is not None and asked is not None:
        follow(NEXT, policy.next_reply if policy else 0.0, asked, runs=not stands, ended=over)
    elif by_name.get(NEXT) and not by_name[NEXT][-1].ended:
        last = by_name[NEXT][-1]
        changed.append(attrs.evolve(_ended(last, calendars, row.activity_at), version=last.version + 1))
    waits = bool(policy and policy.pause_for_customer) and first is not None and asked is None
    follow(RESOLUTION, policy.resolution if policy else 0.0, row.requested_at, runs=not (stands or waits), ended=over)
    return changed


def used_at(one: Clock, calendars: Mapping[str, Hours], now: float) -> float:
    """Working seconds that are gone."""
    if one.running_since is None:
        return one.used
    return one.used + _hours(one, calendars).between(one.running_since, now)


def warn_at(one: Clock, calendars: Mapping[str, Hours], share: float) -> float | None:
    """When the warning is due; None while the clock stands still."""
    if one.running_since is None:
        return None
    left = max(0.0, one.target * share - one.used)
    return _hours(one, calendars).add(one.running_since, left)


def view(clocks: Sequence[Clock], calendars: Mapping[str, Hours], now: float) -> SlaView | None:
    """What pages show; None where nothing was promised."""
    newest: dict[str, Clock] = {}
    for one in sorted(clocks, key=lambda one: one.n):
        newest[one.clock] = one
    if not newest:
        return None
    shown = [shown_clock(newest[name], calendars, now) for name in (FIRST, NEXT, RESOLUTION) if name in newest]
    due = [one for one in shown if one.due_at is not None]
    next_due = min(due, key=lambda one: one.due_at or 0.0) if due else min(shown, key=lambda one: _ORDER[one.state])
    return SlaView(next(iter(newest.values())).policy, next_due.state, next_due.due_at, shown)


def shown_clock(one: Clock, calendars: Mapping[str, Hours], now: float) -> SlaClock:
    """One clock as pages show it."""
    return SlaClock(one.clock, one.state, one.target, one.target - used_at(one, calendars, now), one.due_at)


def _hours(one: Clock, calendars: Mapping[str, Hours]) -> Hours:
    return calendars.get(one.calendar) or calendars["default"]


def _moved(one: Clock, calendars: Mapping[str, Hours], now: float, *, runs: bool) -> Clock:
    """The clock running, or standing still, from `now` on."""
    if runs == (one.running_since is not None):
        return one
    if not runs:
        used = used_at(one, calendars, now)
        breached = one.due_at if used > one.target and one.breached_at is None else one.breached_at
        return attrs.evolve(one, used=used, running_since=None, due_at=None, state="paused", breached_at=breached)
    due = _hours(one, calendars).add(now, max(0.0, one.target - one.used))
    state = "breached" if one.breached_at else "warned" if one.warned_at else "running"
    return attrs.evolve(one, running_since=now, due_at=due, state=state)


def _ended(one: Clock, calendars: Mapping[str, Hours], at: float) -> Clock:
    if one.ended and one.ended_at == at:
        return one
    used = used_at(one, calendars, at)
    late = used > one.target
    breached = one.breached_at if not late or one.breached_at is not None else one.due_at
    return attrs.evolve(
        one,
        used=used,
        running_since=None,
        due_at=None,
        ended_at=at,
        breached_at=breached,
        state="missed" if late else "met",
    )


def _promised(one: Clock, policy: SlaPolicy, target: float, calendars: Mapping[str, Hours], now: float) -> Clock:
    """The same promise by another policy, whose calendar counts from now on."""
    runs = one.running_since is not None
    still = _moved(one, calendars, now, runs=False)
    late = still.used > target
    new = attrs.evolve(
        still,
        policy=policy.name,
        calendar=policy.calendar,
        target=target,
        warned_at=still.warned_at if late else None,
        breached_at=still.breached_at if late else None,
    )
    return _moved(new, calendars, now, runs=runs)
