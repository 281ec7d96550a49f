"""A session's score, turn by turn: 60 per cent of the average and 40 of the peak, and what idle days leave of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from .rules import Rules, TurnScore, decayed, idle_days

_HOUR = 3600.0


@attrs.frozen
class Session:
    """Where a conversation's scoring stands; small, because it is kept with the conversation.

    n         turns scored in the conversation so far
    number    which session of the conversation this is, from 1
    count, total, peak   of the session's turn scores
    last      when the last turn was scored
    carried   what earlier sessions left, as it was when this one began
    """

    n: int = 0
    number: int = 0
    count: int = 0
    total: float = 0.0
    peak: float = 0.0
    last: float = 0.0
    carried: float = 0.0

    def begins(self, rules: Rules, now: float) -> bool:
        """Whether a turn now is the first of a session."""
        return self.number == 0 or now - self.last > rules.decay.session_hours * _HOUR

    def after(self, rules: Rules, turn: TurnScore, now: float, carried: float = 0.0) -> Session:
        """With one more turn.  `carried`: what the lead had, if the turn begins a session."""
        if self.begins(rules, now):
            return Session(self.n + 1, self.number + 1, 1, turn.value, turn.value, now, carried)
        return attrs.evolve(
            self,
            n=self.n + 1,
            count=self.count + 1,
            total=self.total + turn.value,
            peak=max(self.peak, turn.value),
            last=now,
        )

    @property
    def average(self) -> float:
        """Of the session's turn scores."""
        return self.total / self.count if self.count else 0.0

    def own(self, rules: Rules) -> float:
        """The session's score by itself, unrounded."""
        share = rules.cumulative
        return (self.average * share.average + self.peak * share.peak) / 100

    def score(self, rules: Rules) -> float:
        """The lead's score: the session's, or what was carried into it, if that is more."""
        return max(self.own(rules), self.carried)


@attrs.frozen
class Step:
    """A stored turn in the account of a score: its own, what the session's was after it, and the lead's."""

    session: Session
    value: float
    lead: float
    idle: int = 0
    before: float = 0.0


def replay(rules: Rules, turns: Iterable[tuple[Any, str, float, float]]) -> list[tuple[Any, Step]]:
    """The account of a lead's turns, each (anything, conversation, time, turn score), in the order of their times."""
    sessions: dict[str, Session] = {}
    lead, since = 0.0, 0.0
    told: list[tuple[Any, Step]] = []
    for what, conversation, at, value in turns:
        before = sessions.get(conversation, Session())
        idle = idle_days(since, at) if told else 0
        carried = decayed(lead, since, at, rules.decay)
        now = sessions[conversation] = before.after(rules, TurnScore(value, ()), at, carried)
        begun = now.count == 1
        told.append((what, Step(now, value, now.score(rules), idle if begun else 0, lead if begun else 0.0)))
        lead, since = now.score(rules), at
    return told
