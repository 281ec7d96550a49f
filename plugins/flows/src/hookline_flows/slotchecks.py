"""What is wrong with the slots of a flow."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping

from .expressions import ExpressionError, compiled
from .model import Call, Slot
from .partchecks import Part
from .slots import NUMERIC, day_of
from .wording import plain

_BELONG: Mapping[str, tuple[str, ...]] = {
    "choices": ("choice", "list"),
    "unit": ("duration",),
    "bare": ("duration",),
    "whole": ("number", "money", "duration"),
    "part_of": ("number", "money"),
    "most": ("number", "money", "duration"),
    "pattern": ("text",),
    "types": ("file",),
    "max_bytes": ("file",),
}
"""The kinds of slot that read a key."""


def slots(part: Part) -> Iterator[str]:
    """All problems of the slots."""
    flow = part.loaded.flow
    given = {*flow.given, *flow.filled, *_passed(part)}
    for name, slot in flow.slots.items():
        where = part.at("slots", name)
        yield from part.name(name, where)
        if name not in given:
            yield f"{where}: the slot is never filled; ask for it, `set` it, or name `entities` that fill it"
        yield from _slot(part, name, slot)


def _passed(part: Part) -> Iterator[str]:
    """The slots that other flows fill when they begin this one."""
    for other in part.flows.by_name.values():
        for step in other.flow.steps:
            if step.flow == part.loaded.name:
                yield from step.arguments


def _slot(part: Part, name: str, slot: Slot) -> Iterator[str]:
    def at(key: str) -> str:
        return part.at("slots", name, key)

    if slot.kind == "choice" and not slot.choices:
        yield f"{part.at('slots', name)}: a choice needs choices"
    for key, kinds in _BELONG.items():
        if getattr(slot, key) and slot.kind not in kinds:
            yield f"{at(key)}: a slot of kind {slot.kind} has no {key}; it belongs to {', '.join(kinds)}"
    yield from _bounds(slot, at)
    for one in slot.types:
        if not re.fullmatch(r"[a-z]+/(\*|[a-z0-9][a-z0-9.+-]*)", one):
            yield f'{at("types")}: given {one!r}; allowed: a media type like "application/pdf", or a family like "image/*"'
    if slot.max_bytes < 0:
        yield f"{at('max_bytes')}: given {slot.max_bytes}; allowed: 0 (any size) or more"
    yield from _lengths(slot, at)
    yield from _choices(part, name, slot)
    if slot.name:
        yield from part.text(slot.name, at("name"))
    if slot.pattern:
        try:
            compiled(f"value.matches({_quoted(slot.pattern)})", ("value",)).value({"value": ""})
        except ExpressionError as error:
            wrong = str(error).rpartition("regular expression: ")[2]
            yield f"{at('pattern')}: given {slot.pattern!r}; allowed: a regular expression of RE2 ({wrong})"
    if isinstance(slot.check, str):
        yield from part.condition(slot.check, at("check"))
    elif isinstance(slot.check, Call):
        for key, text in slot.check.arguments.items():
            yield from part.expression(text, f"{at('check')}.with.{key}")
    if slot.part_of:
        yield from part.expression(slot.part_of, at("part_of"))
    if isinstance(slot.most, str):
        yield from part.expression(slot.most, at("most"))
    elif isinstance(slot.most, Call):
        for key, text in slot.most.arguments.items():
            yield from part.expression(text, f"{at('most')}.with.{key}")


def _choices(part: Part, name: str, slot: Slot) -> Iterator[str]:
    """The labels, and words that mean two of the choices."""
    meant: dict[str, str] = {}
    for value, choice in slot.choices.items():
        where = f"{part.at('slots', name, 'choices')}.{value}"
        if choice.label:
            yield from part.text(choice.label, where)
        yield from part.words(choice.words, f"{where}.words")
        labels = list(choice.label.values()) if isinstance(choice.label, Mapping) else []
        for said in dict.fromkeys(plain(one) for one in (value, *labels, *choice.words)):
            if said and meant.setdefault(said, value) != value:
                yield f"{where}: {said!r} means {meant[said]!r} too, so that it chooses neither; leave it to one of them"


def _bounds(slot: Slot, at: Callable[[str], str]) -> Iterator[str]:
    for key, bound in (("min", slot.min), ("max", slot.max)):
        if bound is None:
            continue
        if slot.kind in (*NUMERIC, "list"):
            if isinstance(bound, str) or not math.isfinite(bound):
                yield f"{at(key)}: given {bound!r}; allowed: a number"
        elif slot.kind == "date":
            try:
                day_of(bound, dt.date(2026, 1, 1))
            except ValueError:
                yield f'{at(key)}: given {bound!r}; allowed: "today", a day like "2026-12-31", or one from today like "+30d", "-18y"'
        else:
            yield f"{at(key)}: a slot of kind {slot.kind} has no {key}; a text has {key}_chars"
    if isinstance(slot.min, (int, float)) and isinstance(slot.max, (int, float)) and slot.min > slot.max:
        yield f"{at('min')}: {slot.min:g} is above max, {slot.max:g}"


def _lengths(slot: Slot, at: Callable[[str], str]) -> Iterator[str]:
    if slot.min_chars < 0:
        yield f"{at('min_chars')}: given {slot.min_chars}; allowed: 0 or more"
    if slot.max_chars < max(1, slot.min_chars):
        yield f"{at('max_chars')}: given {slot.max_chars}; allowed: {max(1, slot.min_chars)} or more"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
