"""Lengths of time: "15 ans" is 180 months, "2 weeks" 14 days, "an hour and a half" 5400 seconds."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from .numbers import Number, exact
from .numerals import ABOUT
from .reading import Found, Reading
from .tokens import key
from .units import time_unit

MEASURE = {"year": ("month", 12), "month": ("month", 1), "week": ("day", 7), "day": ("day", 1),
           "hour": ("second", 3600), "minute": ("second", 60), "second": ("second", 1)}  # fmt: skip
_HALF = {key(w) for w in "half demi demie aadha adha आधा आधे अर्धा અડધો".split()}
_LEADS = {
    "for",
    "within",
    "in",
    "about",
    "pendant",
    "pour",
    "dans",
    "sous",
    "durant",
    "over",
    "around",
    "than",
    "last",
    "half",
    "every",
}
_KINDS_OF = {
    "more",
    "additional",
    "extra",
    "full",
    "whole",
    "working",
    "business",
    "calendar",
    "long",
    "autres",
    "bonnes",
    "और",
    "aur",
    "consecutive",
}
_ONE = {"a", "an", "un", "une", "ek", "एक", "the"}
_RANGE = {"-", "to", "or", "se", "से", "ya", "या", "à", "a", "ou", "and", "et"}


@attrs.frozen
class Span:
    """A length of time over the tokens `first` to before `last`; `unit` and `count` as they were said."""

    first: int
    last: int
    amount: float
    measure: str
    unit: str
    count: float


def spans(reading: Reading) -> list[Span]:
    """All lengths of time, compound ones as one."""
    singles = sorted(_singles(reading), key=lambda s: s.first)
    found: list[Span] = []
    for span in singles:
        if found and span.first < found[-1].last:
            continue
        last = found[-1] if found else None
        if last is not None and _continues(reading, last, span):
            found[-1] = _sum(last, span)
        else:
            found.append(span)
    return found


def _sum(one: Span, other: Span) -> Span:
    if one.measure == other.measure:
        return attrs.evolve(one, last=other.last, amount=one.amount + other.amount)
    days = {"month": 30.0, "day": 1.0, "second": 1 / 86400}
    total = one.amount * days[one.measure] + other.amount * days[other.measure]
    if other.measure == "second":
        return attrs.evolve(one, last=other.last, amount=total * 86400, measure="second")
    return attrs.evolve(one, last=other.last, amount=total, measure="day")


_ORDER = ("year", "month", "week", "day", "hour", "minute", "second")


def _continues(reading: Reading, one: Span, other: Span) -> bool:
    between = [t.key for t in reading.tokens[one.last : other.first]]
    return between in ([], ["and"], ["et"], ["aur"], ["और"], [","], ["आणि"], ["અને"]) and _ORDER.index(
        one.unit
    ) < _ORDER.index(other.unit)


def _singles(reading: Reading) -> Iterator[Span]:
    for number in reading.numbers:
        at = number.last
        if reading.key(at) == "-" or (reading.key(at) in _KINDS_OF and time_unit(reading.key(at + 1))):
            at += 1
        if reading.key(number.last - 1) in ABOUT and reading.key(at) in {"de", "d"}:
            at += 1  # "une dizaine d'années"
        unit = _unit(reading, at)
        if (
            unit is None
            and reading.key(at) == "h"
            and number.digits
            and reading.tokens[at - 1].end == reading.tokens[at].start
        ):
            continue  # "17h" is a time of day
        if (
            unit is None
            or number.value > 1e6
            or (reading.tokens[number.first].kind == "n" and reading.glued(number.first))
        ):
            continue
        count, last = _half_after(reading, number, at + 1)
        measure, size = MEASURE[unit]
        yield Span(number.first, last, count * size, measure, unit, count)
    for at, token in reading.words():
        unit = time_unit(token.key)
        if unit is None or at == 0 or token.key in {"an", "sal"}:
            continue
        before = reading.key(at - 1)
        if before in _ONE and before != "the":
            half = reading.key(at - 2) in _HALF
            count, last = _half_after(reading, None, at + 1)
            if count == 1 and not half and reading.key(at - 2) not in _LEADS and len(reading.tokens) > 2:
                continue
            first = at - 2 if half else at - 1
            measure, size = MEASURE[unit]
            yield Span(first, last, (0.5 if half else count) * size, measure, unit, 0.5 if half else count)
        elif before in _HALF or (before == "-" and reading.key(at - 2) in _HALF):
            first = at - 1 if before in _HALF else at - 2
            if reading.key(first - 1) in _ONE:
                first -= 1
            measure, size = MEASURE[unit]
            yield Span(first, at + 1, 0.5 * size, measure, unit, 0.5)


def _unit(reading: Reading, at: int) -> str | None:
    word = reading.key(at)
    if word == "mo" and reading.key(at - 1).isdecimal():
        return "month"
    if word == "an" and not (
        reading.tokens[at - 1].kind == "n"
        or reading.key(at - 1)
        in {"un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "chaque"}
    ):
        return None  # "do an oil change"
    return time_unit(word) if word else None


def _half_after(reading: Reading, number: Number | None, at: int) -> tuple[float, int]:
    """As in "un an et demi", "an hour and a half", "deux ans et demi"."""
    value = number.value if number else 1.0
    words = reading.after(at, 3)
    if words[:2] in (["et", "demi"], ["et", "demie"], ["and", "half"]):
        return value + 0.5, at + 2
    if words == ["and", "a", "half"]:
        return value + 0.5, at + 3
    return value, at


def find(reading: Reading, lengths: list[Span]) -> Iterator[Found]:
    """The lengths of time as entities, in months, days or seconds; of a range the upper end, with the lower one."""
    for span in lengths:
        first, lower = span.first, None
        number = reading.ends.get(span.first - 1)
        if (
            number is not None
            and reading.key(span.first - 1) in _RANGE
            and number.plain
            and 0 < number.value < span.count
        ):
            first, lower = number.first, exact(number.value * MEASURE[span.unit][1])
        start, end = reading.tokens[first].start, reading.tokens[span.last - 1].end
        yield Found("duration", exact(span.amount), start, end, span.measure, 0.95, rank=50, lower=lower)
