"""An answer that is taken back: "no, 12 years", "the amount should be 5 lakh"."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import answers, doing
from .amounts import figures
from .filling import Answer
from .heard import SHORT
from .slots import GENERAL, NUMERIC, entities, from_entity, from_text
from .wording import lists, within, words

if TYPE_CHECKING:
    from hookline.message import Entity

    from .heard import Heard


_SHORT = 8  # words of a message that says nothing but another value


async def corrected(heard: Heard, *, but: str = "") -> bool:
    """A slot that was filled gets another value."""
    told = answers.instead(heard.text)
    rest = answers.correction(told)
    swapped, value = _swapped(heard) if told == heard.text else (_displaced(heard, told), rest or told)
    if swapped:
        answer = await heard.run.filling.answer(heard.flow, heard.frame, swapped, value, facts=False)
        if answer is not None and answer.problem is None:
            return await _change_to(heard, swapped, answer)
    named = slot_named(heard, told)
    settled = heard.step.open and len(words(heard.text)) <= _SHORT and not answers.asks(heard.text)  # "4 ans alors"
    if (rest or named or settled or answers.supposes(heard.text)) and await _stated_anew(
        heard, but, sure=bool(rest or named)
    ):
        return True
    if not rest and not named:
        return False
    run, frame, flow = heard.run, heard.frame, heard.flow
    if named and named != but and frame.slots.get(named) is not None:
        answer = await run.filling.answer(flow, frame, named, _without_name(heard, rest or told, named))
        if answer is not None:
            return await _change_to(heard, named, answer)
        if rest:
            await ask_anew(heard, named)
            return True
    if not rest:
        return False
    if but and not _takes_back(heard, but):
        own = await run.filling.answer(flow, frame, but, rest)
        if own is not None and own.problem is None and not _fits_better(heard, rest, but):
            return False
    for name in _likeliest(heard, rest, but):
        answer = await run.filling.answer(flow, frame, name, rest, strict=not _bare_fits(heard, name))
        if answer is not None and answer.problem is None and answer.value != frame.slots.get(name):
            return await _change_to(heard, name, answer)
    return False


def _displaced(heard: Heard, told: str) -> str:
    """The slot that holds what the message wants replaced: "800 000 instead of 1 million" is of the one that is 1 million; "": none."""
    place, slots = heard.run.filling.place, heard.frame.slots
    for name in _latest(heard, ""):
        slot = heard.flow.slots[name]
        if slot.kind in NUMERIC and from_text(slot, heard.text[len(told) :], place, None) == slots[name]:
            return name
    return ""


def _swapped(heard: Heard) -> tuple[str, str]:
    """A text that was told, and what it is instead: "it is Faye, not Fall"; ("", "") where nothing is swapped."""
    pieces = [piece for piece in heard.text.split() if words(piece)]
    said = [" ".join(words(piece)) for piece in pieces]
    for name in _latest(heard, ""):
        if heard.flow.slots[name].kind not in ("text", "person"):
            continue
        whole = str(heard.frame.slots[name]).split()
        for at in range(2, len(said)):
            denied = said[at:]
            place = within(denied, [" ".join(words(piece)) for piece in whole])
            if place >= 0 and lists()["deny"].opens([said[at - 1]]):
                text = " ".join(pieces[: at - 1]).strip(" ,")
                new = (answers.correction(text) or text).split()
                new = _bared(new[1:] if lists()["elliptic"].opens(words(new[0])) else new)
                if new:
                    return name, " ".join([*whole[:place], *new, *whole[place + len(denied) :]])
    return "", ""


async def restated(heard: Heard, but: str) -> bool:
    """A value and no more that says of which filled slot it is: "2 ans", where the income is asked and the time was told before;
    of several slots of its kind it is of the one told last."""
    if len(words(heard.text)) > SHORT:
        return False
    return await _stated_anew(heard, but, sure=True, last=True) or await _stated_again(heard, but)


async def _stated_again(heard: Heard, but: str) -> bool:
    """The value that is known already, said once more: "3 ans", after "2 ou 3 ans"."""
    run, flow, frame = heard.run, heard.flow, heard.frame
    for entity in run.turn.entities:
        name = _slot_of(heard, entity, but, last=True)
        if not name or flow.slots[name].kind not in NUMERIC:
            continue
        value = from_entity(flow.slots[name], entity, run.filling.place, None)
        if value is not None and value == frame.slots.get(name):
            heard.noted(name)
            await run.ask_again(flow, frame)
            return True
    return False


async def _stated_anew(heard: Heard, but: str, *, sure: bool, last: bool = False) -> bool:
    """The facts of the message that say by themselves which slots they are of: these all change, each to what it says now.

    A fact of any field ("10 millions", and no more) says so only where one slot is of its kind; where several are, the one that it is
    near to, which was not asked last, or with `last` the one that was told last.  Not `sure`: the message tries something out, and has to be about what is known already.
    """
    run, frame, flow = heard.run, heard.frame, heard.flow
    found: dict[str, Answer] = {}
    for entity in run.turn.entities:
        name = _slot_of(heard, entity, but, last=last)
        if not name or name in found:
            continue
        value = from_entity(flow.slots[name], entity, run.filling.place, run.texts.choices(flow, flow.slots[name]))
        if value is None or value == frame.slots.get(name):
            continue
        answer = await run.filling.check(flow, frame, name, value)
        if answer.problem is not None and not sure and not heard.step.open:
            continue
        run.filling.taken.add(id(entity))
        frame.used[entity.name] = entity.value
        found[name] = answer
    good = {name: answer for name, answer in found.items() if answer.problem is None}
    if good:
        return await _change_all(heard, good)
    for name, answer in found.items():
        return await _change_to(heard, name, answer)
    return False


def _slot_of(heard: Heard, entity: Entity, but: str, *, last: bool) -> str:
    """The filled slot that a fact is of; "" where it is not clear, or of the open question."""
    flow, slots = heard.flow, heard.frame.slots
    declared = [name for name, slot in flow.slots.items() if entity.name in entities(name, slot)]
    general = any(entity.name in GENERAL.get(flow.slots[name].kind, ()) for name in flow.slots)
    if not general:
        mine = [name for name in declared if slots.get(name) is not None and name != but]
        return mine[0] if len(mine) == 1 and (len(declared) == 1 or but not in declared) else ""
    kinds = {kind for kind, facts in GENERAL.items() if entity.name in facts}
    alike = [name for name, slot in flow.slots.items() if slot.kind in kinds]
    if but in alike or not alike:
        return ""
    filled = [name for name in alike if slots.get(name) is not None]
    if len(alike) == 1:
        return filled[0] if filled else ""
    if last:
        return next((name for name in _latest(heard, but) if name in filled), "")
    return nearest(heard, filled, entity.value) if heard.step.open else ""


def nearest(heard: Heard, names: Sequence[str], value: Any) -> str:
    """Of slots that hold an amount the one whose amount it is nearest to, by how many times larger or smaller it is."""
    held = {name: heard.frame.slots.get(name) for name in names}
    amounts = {
        name: float(v) for name, v in held.items() if isinstance(v, (int, float)) and not isinstance(v, bool) and v > 0
    }
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value <= 0 or not amounts:
        return ""
    return min(amounts, key=lambda name: abs(math.log(value / amounts[name])))


async def _change_all(heard: Heard, found: Mapping[str, Answer]) -> bool:
    """Several slots change at once: "et avec 1 million sur 12 mois ?"."""
    if len(found) == 1:
        for name, answer in found.items():
            return await _change_to(heard, name, answer)
    run, frame, flow = heard.run, heard.frame, heard.flow
    waiting, step = frame.waiting, frame.step
    for name, answer in found.items():
        frame.slots[name] = answer.value
        heard.use_facts(name)
        value = doing.shown(run, flow, flow.slots[name], answer.value)
        run.say(run.phrase("flows-changed", name=run.texts.name(name, flow.slots[name], run.language), value=value))
    run.note(frame, frame.step, "correct")
    asked = [s.ask for s in flow.steps if s.kind == "ask"]
    run.rewind(flow, frame, min(found, key=lambda name: asked.index(name) if name in asked else 0))
    if frame.step == step and waiting == "ask":
        frame.waiting = "ask"
        await run.ask_again(flow, frame)
        return True
    await run.go()
    return True


def _takes_back(heard: Heard, but: str) -> bool:
    """Whether a "no" can only mean the answer before: to the open question nothing was said yet, and both are of one kind."""
    frame, slots = heard.frame, heard.flow.slots
    last = frame.asked[-1] if frame.asked else ""
    return bool(last in slots) and last != but and not frame.tries and slots[last].kind == slots[but].kind in NUMERIC


def _latest(heard: Heard, but: str) -> list[str]:
    """The filled slots, the one that was filled last first; those that facts filled come after those that were answered."""
    frame = heard.frame
    order = [*(name for name in frame.slots if name not in frame.asked), *frame.asked]
    return [n for n in reversed(order) if n != but and n in heard.flow.slots and frame.slots.get(n) is not None]


def _likeliest(heard: Heard, rest: str, but: str) -> list[str]:
    """Which filled slots a value may be of, the likeliest first: those of the order of the amount before those that are far from it."""
    names = _latest(heard, but)
    said = figures(rest, comma=heard.run.filling.place.comma)
    if not heard.step.open or len(said) != 1 or said[0].unit:
        return names
    amounts = [name for name in names if heard.flow.slots[name].kind in ("money", "number")]
    best = nearest(heard, amounts, said[0].value)
    return [best, *(name for name in names if name != best)] if best else names


def _bare_fits(heard: Heard, name: str) -> bool:
    """Whether a value without its unit may be meant for the slot: it was answered last, or is one of few choices."""
    kind = heard.flow.slots[name].kind
    if kind in ("choice", "list"):
        return not figures(heard.text, comma=heard.run.filling.place.comma)
    if kind in ("email", "phone", "date"):
        return True
    return (
        kind in ("number", "money", "duration")
        and (heard.step.open or _latest(heard, "")[:1] == [name])
        and heard.frame.waiting != "confirm"
    )


def _fits_better(heard: Heard, text: str, but: str) -> bool:
    """Whether the text says what it is (years, money), and that is not what is asked."""
    found = figures(text, comma=heard.run.filling.place.comma)
    kind = heard.flow.slots[but].kind
    timed = any(figure.unit for figure in found)
    return bool(found) and (
        (timed and kind not in ("duration", "date"))
        or (kind == "duration" and any(f.currency or f.scaled for f in found))
    )


def slot_named(heard: Heard, text: str) -> str:
    """The slot that the text names: "the amount"; "" where it names none, or more."""
    said = words(text)
    found: list[tuple[int, str]] = []
    for name in heard.flow.slots:
        if name not in heard.frame.slots:
            continue
        found += [(len(one), name) for one in _called(heard, name) if within(one, said) >= 0]
    best = max((size for size, _ in found), default=0)
    names = {name for size, name in found if size == best}
    return names.pop() if len(names) == 1 else ""


def _without_name(heard: Heard, text: str, name: str) -> str:
    """What is said of a slot that the text names: "change my name to Le Goff" gives "Le Goff"; else the text as it is."""
    slot = heard.flow.slots[name]
    if slot.kind not in ("text", "person", "choice", "list"):
        return text
    pieces = [piece for piece in text.split() if words(piece)]
    said = [words(piece) for piece in pieces]
    flat = [word for some in said for word in some]
    where = [n for n, some in enumerate(said) for _ in some]
    for called in _called(heard, name):
        at = within(called, flat)
        if at >= 0:
            first, last = where[at], where[at + len(called) - 1] + 1
            return " ".join(_bared(pieces[last:]) or _bared(pieces[:first])) or text
    return text


def _bared(pieces: list[str]) -> list[str]:
    """The words without those that only link a value to its name: "should be 12"; a capital letter says that it is a name's own."""
    linking, first, last = lists()["linking"].phrases, 0, len(pieces)
    shouted = "".join(pieces).isupper()

    def links(piece: str) -> bool:
        return " ".join(words(piece)) in linking and (shouted or not piece[:1].isupper())

    while first < last and links(pieces[first]):
        first += 1
    while last > first and links(pieces[last - 1]):
        last -= 1
    return pieces[first:last]


def _called(heard: Heard, name: str) -> list[list[str]]:
    """What a slot is called, as words, the longest first."""
    texts, language = heard.run.texts, heard.run.language
    found = [words(texts.name(name, heard.flow.slots[name], language)), words(name.replace("_", " "))]
    return sorted((one for one in found if one), key=len, reverse=True)


async def _change_to(heard: Heard, name: str, answer: Answer) -> bool:
    run, frame, flow = heard.run, heard.frame, heard.flow
    if answer.problem is not None:
        problem = answer.problem
        said = problem.said or run.phrase(problem.key, **heard.bounds(flow.slots[name], problem.values))
        run.say(said)
        await run.ask_again(flow, frame)
        return True
    frame.slots[name] = answer.value
    heard.use_facts(name)
    run.note(frame, frame.step, "correct")
    value = doing.shown(run, flow, flow.slots[name], answer.value)
    run.say(run.phrase("flows-changed", name=run.texts.name(name, flow.slots[name], run.language), value=value))
    waiting, step = frame.waiting, frame.step
    run.rewind(flow, frame, name)
    if frame.step == step and waiting == "ask":
        frame.waiting = "ask"
        await run.ask_again(flow, frame)
        return True
    await run.go()
    return True


async def named_with_value(heard: Heard) -> bool:
    name = slot_named(heard, heard.text)
    answer = await heard.run.filling.answer(
        heard.flow, heard.frame, name, _without_name(heard, heard.text, name), strict=True
    )
    return answer is not None and await _change_to(heard, name, answer)


async def ask_anew(heard: Heard, name: str) -> None:
    """Ask for a slot once more, and come back to where the flow is."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    target = next((s.id for s in flow.steps if s.kind == "ask" and s.ask == name), "")
    run.note(frame, frame.step, "change")
    if not target:
        await run.ask_again(flow, frame)
        return
    heard.forget(target)
    await run.go()
