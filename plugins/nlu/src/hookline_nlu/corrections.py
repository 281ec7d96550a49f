"""Which known fact a customer corrects: "no, 20 lakhs", "nahi 12 saal", "non, 12 ans", "sorry, I meant Pune".

A correction begins with a word that takes something back.  What is then found without a word of its own that says what
it is ("budget", "tenure") is the fact of the same kind that was spoken of last; a bare number takes over its unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from hookline.message import Entity

from .fields import Field
from .numbers import exact
from .reading import Found, Reading
from .tokens import key, keys

_CUES = tuple(
    keys(cue)
    for cue in (
        "no|nope|nah|sorry|actually|i meant|i mean|rather|instead|correction|make it|change it|change to|change that|update it|not|wait|oops|"
        "my mistake|wrong|it's not|isn't|let's say|nahi|nahin|nai|nhi|galti|galat|mera matlab|matlab|balki|non|pardon|je voulais dire|plutôt|en fait|"
        "désolé|désolée|au lieu|je me suis trompé|erreur|finalement|नहीं|नही|माफ|माफ़|मेरा मतलब|मतलब|गलती|गलत|बल्कि|नाही|चूक|ना|ના|નહીં|માફ|ભૂલ|இல்லை|மன்னிக்கவும்|తప్పు|"
        "కాదు|క్షమించండి|ಅಲ್ಲ|ಕ್ಷಮಿಸಿ|ತಪ್ಪು"
    ).split("|")
)
_ORDER = 5  # times larger or smaller: 3 500 000 takes back the 3 000 000 of the loan, not the 420 000 of the income
_REPLACED = {key(w) for w in "of de than not pas ni".split()}
_TAKES = {  # a number may correct a fact of these kinds
    "money": ("money",),
    "duration": ("duration",),
    "date": ("date", "period"),
    "period": ("period", "date"),
    "time": ("time",),
    "percent": ("percent",),
    "quantity": ("quantity",),
    "number": ("money", "duration", "percent", "quantity", "scale", "age", "children", "family_size", "number"),
}


def corrects(reading: Reading) -> bool:
    """Whether the message takes something back."""
    words = tuple(t.key for t in reading.tokens if t.kind != "s")
    return any(words[at : at + len(cue)] == cue for cue in _CUES for at in range(min(len(words), 12)))


def replaced(reading: Reading, found: Sequence[Found]) -> list[Found]:
    """Without what is named only to be taken back: "not 15, 20 lakhs", "20 instead of 15 lakhs"."""
    if len(found) < 2:
        return list(found)
    kept = []
    for one in found:
        first = reading.place(one.start)
        before = reading.before(first, 3)
        taken_back = before[:1] in (["not"], ["pas"]) or before[:2] in (
            ["of", "instead"],
            ["de", "lieu"],
            ["than", "rather"],
            ["non", "et"],
        )
        last = reading.place(one.end)
        taken_back = taken_back or (reading.key(last) in {"nahi", "nahin", "नहीं", "ke"} and reading.key(last + (reading.key(last) == "ke")) in {"nahi", "nahin", "नहीं", "bajay", "badle", "bajaye"})  # fmt: skip
        others = any(
            o is not one and (o.kind == one.kind or {o.kind, one.kind} <= {"number", "money", "duration"})
            for o in found
        )
        if not (taken_back and others and one.kind in _TAKES):
            kept.append(one)
    return kept


def resolve(found: Found, known: Mapping[str, Entity], fields: Mapping[str, Field]) -> Found:
    """The thing found as the known fact that it corrects; unchanged if it corrects none.

    `known` has what was spoken of last at its end."""
    if found.kind not in _TAKES:
        return found
    kinds = _TAKES[found.kind]
    fitting = [
        n for n in reversed(list(known)) if n in fields and fields[n].kind in kinds and known[n].value is not None
    ]
    for name in sorted(fitting, key=lambda n: _far(found, known[n])):
        field = fields[name]
        if found.kind != "number" or field.kind == "number":
            return attrs.evolve(found, name=name, confidence=found.confidence * 0.95)
        old = known[name]
        value = _like(found.value, old, field.kind)
        if value is not None:
            return attrs.evolve(found, name=name, kind=field.kind, value=value, unit=old.unit, confidence=0.7)
    return found


def _far(found: Found, old: Entity) -> bool:
    """Whether an amount is of another order than the fact: of several, one that is of the same is corrected."""
    if found.kind != "money" or not isinstance(old.value, (int, float)) or old.value <= 0 or found.value <= 0:
        return False
    return abs(math.log(found.value / old.value)) > math.log(_ORDER)


def _like(value: Any, old: Entity, kind: str) -> Any:
    """A bare number in the measure of the fact that it corrects: 20 after 15 lakhs is 20 lakhs, 12 after 15 years 12 years."""
    if not isinstance(old.value, (int, float)) or isinstance(old.value, bool):
        return None
    if kind == "money" and value < 1000 <= old.value / 100:
        scales = (1e7, 1e5, 1e3) if old.unit == "INR" else (1e9, 1e6, 1e3)
        scale = min(scales, key=lambda s: abs(math.log(max(value, 0.01) * s / old.value)))
        return exact(value * scale)
    if kind == "duration" and old.unit == "month" and old.value % 12 == 0 and old.value >= 12 and value <= 40:
        return exact(value * 12)
    return value
