"""What the flows need of others: functions, facts and intents of plugins, texts in the tenant's language, phrases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from hookline import languages
from hookline.phrases import Needed

from .loading import Flows, Loaded
from .model import Call, Line, Text, Transition, lines
from .partchecks import Part, in_order, near, some
from .texts import is_key


def started(
    flows: Flows,
    *,
    functions: Iterable[str],
    entities: frozenset[str] | None,
    intents: frozenset[str] | None,
    language: str,
    identity: bool,
) -> list[str]:
    """What is wrong with the flows in the light of the other plugins: functions, facts, intents, and who asks for proof."""
    found: list[str] = []
    known = list(functions)
    for loaded in flows.by_name.values():
        found += in_order(_started(loaded, known, entities, intents, language, identity=identity))
    return found


def _started(
    loaded: Loaded,
    functions: list[str],
    entities: frozenset[str] | None,
    intents: frozenset[str] | None,
    language: str,
    *,
    identity: bool,
) -> Iterator[str]:
    one = Part(loaded, Flows({}))
    for path, name in _functions(loaded):
        if name not in functions:
            hint = near(name, functions)
            yield f"{one.at(*path)}: no plugin has a function {name!r}{hint}; functions: {', '.join(functions) or 'none'}"
    for name, slot in loaded.flow.slots.items():
        for fact in slot.entities or ():
            if entities is not None and fact not in entities:
                yield f"{one.at('slots', name, 'entities')}: nothing finds the fact {fact!r}{near(fact, entities)}; facts: {some(sorted(entities))}"
    for path, wanted in _intents(loaded):
        if intents is not None and wanted not in intents:
            yield f"{one.at(*path)}: there is no intent {wanted!r}{near(wanted, intents)}; intents: {some(sorted(intents))}"
    for path, text in spoken(loaded):
        if isinstance(text, Mapping) and not ({language, language.partition("-")[0]} & {*text}):
            yield f"{one.at(*path)}: the text is missing in {language!r}, the tenant's language; given: {', '.join(text)}"
    if not identity:
        marked: list[tuple[str, ...]] = [("identity",)] if loaded.flow.identity else []
        marked += [("steps", step.id, "identity") for step in loaded.flow.steps if step.identity]
        for path in marked:
            yield f"{one.at(*path)}: no plugin can ask for a proof of identity; enable one (identity), or take the mark out"


def untranslated(flows: Flows, tags: Iterable[str]) -> Iterator[str]:
    """The tenant's other languages that texts of a flow are not there in."""
    for loaded in flows.by_name.values():
        one = Part(loaded, Flows({}))
        for tag in tags:
            alike = [near for near in languages.lineage(tag) if languages.script(near) == languages.script(tag)]
            lacking = [path for path, text in spoken(loaded) if isinstance(text, Mapping) and not {*alike} & {*text}]
            if lacking:
                count = f"{len(lacking)} texts are" if len(lacking) > 1 else "a text is"
                yield f"{one.at(*lacking[0])}: {count} missing in {tag!r}, this first; write it, or take {tag!r} out of `languages`"


def _functions(loaded: Loaded) -> Iterator[tuple[tuple[str, ...], str]]:
    for step in loaded.flow.steps:
        if step.call:
            yield ("steps", step.id, "call"), step.call
    for name, slot in loaded.flow.slots.items():
        if isinstance(slot.check, Call):
            yield ("slots", name, "check"), slot.check.call
        if isinstance(slot.most, Call):
            yield ("slots", name, "most"), slot.most.call


def _intents(loaded: Loaded) -> Iterator[tuple[tuple[str, ...], str]]:
    flow = loaded.flow
    for intent in flow.starts.intents:
        yield ("starts", "intents"), intent
    placed: list[tuple[tuple[str, ...], Transition]] = [(("on", str(n)), way) for n, way in enumerate(flow.on)]
    placed += [(("steps", step.id, f"on.{n}"), way) for step in flow.steps for n, way in enumerate(step.on)]
    for path, way in placed:
        for intent in (way.intent,) if isinstance(way.intent, str) else way.intent:
            if intent:
                yield path, intent


def spoken(loaded: Loaded) -> Iterator[tuple[tuple[str, ...], Text]]:
    """All texts of a flow, each with where it stands."""
    flow = loaded.flow
    if flow.title:
        yield ("title",), flow.title
    for name, slot in flow.slots.items():
        if slot.name:
            yield ("slots", name, "name"), slot.name
        for choice in slot.choices.values():
            if choice.label:
                yield ("slots", name, "choices"), choice.label
    for step in flow.steps:
        for key in ("say", "text"):
            for line in _lines(getattr(step, key)):
                yield ("steps", step.id, key), line.text
        for key in ("confirm", "again"):
            if getattr(step, key):
                yield ("steps", step.id, key), getattr(step, key)
        for text in step.replies:
            yield ("steps", step.id, "replies"), text
        if step.task is not None:
            yield ("steps", step.id, "task"), step.task.title
            if step.task.detail:
                yield ("steps", step.id, "task"), step.task.detail
        if step.timer is not None:
            for line in _lines(step.timer.say):
                yield ("steps", step.id, "timer"), line.text
        for n, way in enumerate(step.on):
            for line in _lines(way.say):
                yield ("steps", step.id, "on", str(n)), line.text
    for n, way in enumerate(flow.on):
        for line in _lines(way.say):
            yield ("on", str(n)), line.text
    if flow.timeout is not None:
        for line in _lines(flow.timeout.say):
            yield ("timeout",), line.text


def needed(flows: Flows) -> Iterator[Needed]:
    """The phrases that the flows name, each with the values that it gets there, where they are known; and the texts that stand in
    them, with their languages."""
    for loaded in flows.by_name.values():
        flow = loaded.flow
        computed = flow.names - {*flow.slots}
        labels = {f"{name}_label" for name, slot in flow.slots.items() if slot.choices}
        values = None if computed else frozenset({*flow.slots, *labels, "min", "max"})
        for path, text in spoken(loaded):
            if isinstance(text, str) and is_key(text):
                plain = path[0] in ("title", "slots")
                yield Needed(text, loaded.place(*path), frozenset() if plain else values)
            elif isinstance(text, Mapping):
                tags = frozenset(languages.canonical(tag) or tag for tag in text)
                yield Needed("", loaded.place(*path), spoken=tags)


def _lines(said: Any) -> tuple[Line, ...]:
    """The lines; none of what is no text, which `checking` names."""
    try:
        return lines(said)
    except (TypeError, msgspec.ValidationError):
        return ()
