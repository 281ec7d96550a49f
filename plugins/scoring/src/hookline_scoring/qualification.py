"""Qualification: what must be known before a lead is qualified, and how interested it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import attrs
import msgspec

Level = Literal["low", "medium", "high"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high")
Step = Annotated[int, msgspec.Meta(ge=-2, le=2)]


@attrs.frozen
class Required:
    """Something that must be known: any of these entities (default: of the same name), and how to ask for it, by
    language."""

    name: str
    known: tuple[str, ...] = ()
    ask: Mapping[str, str] = attrs.Factory(dict)

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that mean it."""
        return self.known or (self.name,)


@attrs.frozen
class Interest:
    """How the level (low, medium, high) moves.

    start   the level at first
    known   steps up for each required thing that becomes known
    intents  steps by intent, e.g. {defer: -1, loan_enquiry: 1}
    negative  steps for a message in a negative mood
    """

    start: Level = "low"
    known: Step = 1
    intents: Mapping[str, Step] = attrs.Factory(dict)
    negative: Step = -1


@attrs.frozen
class Qualification:
    """`required`: all that must be known; `interest`: how the level moves; `ask`: intents after which the bot asks for
    what is missing (it also does after an answer to its question)."""

    required: tuple[Required, ...] = ()
    interest: Interest = Interest()
    ask: tuple[str, ...] = ()


def missing(rules: Qualification, facts: Mapping[str, Any]) -> list[str]:
    """The names of what is not known yet, in the order of the rules."""
    return [one.name for one in rules.required if all(facts.get(entity) in (None, "") for entity in one.entities)]


def moved(rules: Interest, level: Level, *, learnt: int, intent: str, mood: str) -> Level:
    """The level after a turn that brought `learnt` required things; it stays between low and high."""
    steps = rules.known * learnt
    steps += sum(step for name, step in rules.intents.items() if name.casefold() == intent.casefold())
    if mood == "negative":
        steps += rules.negative
    return LEVELS[min(len(LEVELS) - 1, max(0, LEVELS.index(level) + steps))]
