"""What a turn is worth: a tenant's rules, and why they give the points that they give.

Pure functions of values; nothing here knows of turns, tables or files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import attrs
import msgspec

from .qualification import Qualification

Points = Annotated[float, msgspec.Meta(ge=-100, le=100)]
Share = Annotated[float, msgspec.Meta(ge=0, le=100)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Priority = Literal["hot", "warm", "cold"]
PRIORITIES: tuple[Priority, ...] = ("hot", "warm", "cold")
Facts = Mapping[str, Any]
"""What is known of a customer: the entity's name and its value."""

NOT_ASKED = Qualification()
_DAY = 86400.0
_SHOWN = 60  # characters of a value that a reason shows


@attrs.frozen
class Bonus:
    """Points for something that is known, given at most once however often it was said.

    name         what a person reads beside the points, as a text or as one for each language; the first is in exports
    points       how many
    known        entities, one of which must be known; where one is false ("no exchange") it is not
    intents      intents that imply it
    above        the value must be a number above this; `at_least`: this or more
    one_of       the value must be one of these texts; capitals do not matter
    within_days  the value must be a day (2026-11-21) from today to so many days on
    """

    name: str | Mapping[str, str]
    points: Points
    known: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    above: float | None = None
    at_least: float | None = None
    one_of: tuple[str, ...] = ()
    within_days: Annotated[int, msgspec.Meta(ge=0)] | None = None

    def __attrs_post_init__(self) -> None:
        """A bonus without a name, or that nothing can earn, is a mistake."""
        if not self.name:
            raise ValueError("a bonus has no name; write a text, or one for each language")
        if not self.known and not self.intents:
            raise ValueError(f"the bonus {self.title!r} names neither known nor intents, so nothing can earn it")

    @property
    def title(self) -> str:
        """The name in its first language."""
        return self.name if isinstance(self.name, str) else next(iter(self.name.values()))

    def earned_by(self, facts: Facts, intent: str, today: dt.date) -> str | None:
        """The entity, or "" for the intent, that earns it; None if nothing does."""
        for entity in self.known:
            if entity in facts and self._holds(facts[entity], today):
                return entity
        return "" if any(intent == one.casefold() for one in self.intents) else None

    def _holds(self, value: Any, today: dt.date) -> bool:
        if value is None or value is False or value in ("", [], {}):
            return False
        if self.above is not None or self.at_least is not None:
            number = _number(value)
            if number is None or (self.above is not None and number <= self.above):
                return False
            if self.at_least is not None and number < self.at_least:
                return False
        fits = True
        if self.one_of or self.within_days is not None:
            said = self.one_of and str(value).strip().casefold() in {one.casefold() for one in self.one_of}
            fits = bool(said) or (self.within_days is not None and _soon(value, self.within_days, today))
        return fits


@attrs.frozen
class Engagement:
    """Points from the `messages`-th message of a session on."""

    messages: Count
    points: Points


@attrs.frozen
class Thresholds:
    """From which score a lead is hot, and from which warm; scores are compared unrounded."""

    hot: Share = 70.0
    warm: Share = 50.0

    def __attrs_post_init__(self) -> None:
        """Warm lies below hot."""
        if self.warm >= self.hot:
            raise ValueError(f"warm ({self.warm:g}) must be below hot ({self.hot:g})")

    def priority(self, score: float) -> Priority:
        """Where the score lies."""
        return "hot" if score >= self.hot else "warm" if score >= self.warm else "cold"


@attrs.frozen
class Cumulative:
    """A session's score: this many per cent of the average of its turns' scores and this many of the highest."""

    average: Share = 60.0
    peak: Share = 40.0

    def __attrs_post_init__(self) -> None:
        """Two shares of one whole."""
        if abs(self.average + self.peak - 100) > 1e-9:
            raise ValueError(f"average and peak are shares of 100; given {self.average:g} and {self.peak:g}")


@attrs.frozen
class Decay:
    """What an idle day costs: `per_day` per cent for each whole day of 24 hours without a scored turn.

    A turn after more than `session_hours` of silence begins a new session.
    """

    per_day: Annotated[float, msgspec.Meta(ge=0, lt=100)] = 2.0
    session_hours: Annotated[float, msgspec.Meta(gt=0)] = 24.0


@attrs.frozen
class Model:
    """The language model that is asked where no rule matches: its name in `[plugins.llm]`, ""; seconds it may take."""

    name: str = ""
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    about: str = ""


@attrs.frozen
class Rules:
    """All that `scoring.yaml` may say; every key has a default.

    mode           lead: points decide; qualification: what is known decides (see `qualification`), points order
    intents        points of the turn's best intent; capitals do not matter
    bonuses        points for what is known of the customer
    sentiment      points by the mood of the message: negative, neutral, positive
    engagement     points for a long conversation; the last one reached counts
    bonus_cap      the most that all bonuses give together
    thresholds, cumulative, decay   see there
    capture        the turn score from which somebody becomes a lead; a known e-mail or phone always makes one
    sources        what a channel is called as a source
    llm            the model for turns that no rule matches
    """

    mode: Literal["lead", "qualification"] = "lead"
    intents: Mapping[str, Points] = attrs.Factory(dict)
    bonuses: tuple[Bonus, ...] = ()
    sentiment: Mapping[Literal["negative", "neutral", "positive"], Points] = attrs.Factory(dict)
    engagement: tuple[Engagement, ...] = ()
    bonus_cap: Share = 100.0
    thresholds: Thresholds = Thresholds()
    cumulative: Cumulative = Cumulative()
    decay: Decay = Decay()
    capture: Share = 1.0
    sources: Mapping[str, str] = attrs.Factory(dict)
    llm: Model = Model()
    qualification: Qualification = NOT_ASKED
    by_intent: Mapping[str, tuple[str, float]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """The intents without their capitals; raises ValueError for two that are the same so."""
        found: dict[str, tuple[str, float]] = {}
        for name, points in self.intents.items():
            if name.casefold() in found:
                raise ValueError(f"intents: {name!r} stands there twice")
            found[name.casefold()] = (name, points)
        object.__setattr__(self, "by_intent", found)
        if self.mode == "qualification" and not self.qualification.required:
            raise ValueError("mode is qualification, but qualification.required names nothing that must be known")


@attrs.frozen
class Reason:
    """One line of why: the points, what for, and the rule's kind (intent, bonus, sentiment, engagement, cap, llm).

    `about` is what a page says it with in its reader's language: of an intent `name`, of a bonus `name` and `shown`, of
    a mood `mood`, of a long conversation `messages`, of a cap of the bonuses `most`.
    """

    points: float
    text: str
    kind: str = "bonus"
    about: Mapping[str, Any] = attrs.Factory(dict)

    def line(self) -> str:
        """As people read it: `+15 model mentioned: Swift`."""
        return f"{self.points:+g} {self.text}"


@attrs.frozen
class TurnScore:
    """What one turn is worth, 0 to 100, unrounded, and why; `matched`: a rule did match."""

    value: float
    reasons: tuple[Reason, ...]
    matched: bool = True


@attrs.frozen
class Said:
    """What the rules look at in a turn: `mood` is negative, neutral, positive or ""; `messages` counts the session's."""

    intent: str = ""
    facts: Facts = attrs.Factory(dict)
    mood: str = ""
    messages: int = 1


def clamped(value: float) -> float:
    """Into 0..100."""
    return min(100.0, max(0.0, value))


def evaluate(rules: Rules, said: Said, today: dt.date, private: Sequence[str] = ()) -> TurnScore:
    """The turn's score with its reasons; the values of `private` entities are in none of them.

    `today` is the tenant's.
    """
    reasons: list[Reason] = []
    intent = said.intent.casefold()
    known = rules.by_intent.get(intent)
    if known is not None:
        reasons.append(Reason(known[1], f"intent {known[0]}", "intent", {"name": known[0]}))
    given = 0.0
    bonuses = 0
    for bonus in rules.bonuses:
        entity = bonus.earned_by(said.facts, intent, today)
        if entity is not None:
            bonuses += 1
            given += bonus.points
            shown = _shown(entity, said.facts, private)
            about = {"name": bonus.name, "shown": shown}
            reasons.append(Reason(bonus.points, bonus.title + (shown and f": {shown}"), "bonus", about))
    if given > rules.bonus_cap:
        reasons.append(
            Reason(
                rules.bonus_cap - given, f"bonuses give at most {rules.bonus_cap:g}", "cap", {"most": rules.bonus_cap}
            )
        )
    points = rules.sentiment.get(said.mood)  # type: ignore[call-overload]  # a mood is one of its keys, or none
    if points:
        reasons.append(Reason(points, f"{said.mood} mood", "sentiment", {"mood": said.mood}))
    reached = [one for one in rules.engagement if said.messages >= one.messages]
    if reached:
        best = max(reached, key=lambda one: one.messages)
        reasons.append(
            Reason(best.points, f"{best.messages} messages or more", "engagement", {"messages": best.messages})
        )
    total = sum(reason.points for reason in reasons)
    value = clamped(total)
    if value != total:
        reasons.append(Reason(value - total, "a score is 0 to 100", "cap"))
    return TurnScore(value, tuple(reasons), matched=known is not None or bonuses > 0)


def _shown(entity: str, facts: Facts, private: Sequence[str]) -> str:
    value = facts.get(entity)
    if not entity or entity in private or isinstance(value, bool | Mapping | list | tuple):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:_SHOWN]


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _soon(value: Any, days: int, today: dt.date) -> bool:
    """Whether the day lies between today and so many days on; of a span its beginning counts."""
    if isinstance(value, Mapping):
        value = value.get("from") or value.get("start")
    try:
        day = dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return False
    return 0 <= (day - today).days <= days


def idle_days(since: float, now: float) -> int:
    """Whole days of 24 hours; the clock's changes in spring and autumn make none longer or shorter."""
    return max(0, int((now - since) // _DAY))


def decayed(score: float, since: float, now: float, decay: Decay) -> float:
    """What is left of a score after the idle days."""
    days = idle_days(since, now)
    return score * (1 - decay.per_day / 100) ** days if days else score


def next_decay(since: float, now: float) -> float:
    """When the next idle day is over."""
    return since + (idle_days(since, now) + 1) * _DAY
