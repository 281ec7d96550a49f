"""A message to an open question: an answer, facts for other questions, a way out, or a question of the customer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answers, correcting, doing, files, leaving, relative, steering
from .filling import Answer
from .heard import SHORT, SURE
from .model import Slot
from .slots import GENERAL, entities
from .wording import polite, words

if TYPE_CHECKING:
    from .heard import Heard

_AGAIN = 3  # tries within which a message that says nothing is never taken for an answer


async def asked(heard: Heard) -> bool:
    """A message to an open question."""
    run, frame, flow, step = heard.run, heard.frame, heard.flow, heard.step
    slot = flow.slots[step.ask]
    if run.turn.message.attachments and (slot.kind == "file" or not words(heard.text)):
        await _sent(heard, slot)
        return True
    tells = slot.kind == "text" and answers.tells(heard.text)
    wonders = answers.wonders(heard.text) and not tells
    asks = answers.asks(heard.text) and not tells
    tries_out = step.open and answers.supposes(heard.text)
    answer = await relative.answer(heard, slot)
    if answer is None and (not wonders or tries_out) and await correcting.corrected(heard, but=step.ask):
        return True
    if slot.optional and answers.unsure(heard.text):
        return await steering.skip(heard)
    exact = await heard.exact(slot)
    named = run.texts.name(step.ask, slot, run.language)
    absent = answers.none(heard.text, named) and not any(c.isdigit() for c in heard.text)
    if slot.optional and not exact and slot.kind != "boolean" and (_turned_down(heard) or absent):
        return await steering.skip(heard)
    if slot.kind in ("choice", "boolean", "list") and not exact and len(words(heard.text)) > SHORT:
        way = leaving.way_out(heard, (*step.on, *flow.on), sure=SURE)
        if way is not None:
            return await leaving.take(heard, way)
    if slot.kind == "date" and not any(
        e.name in GENERAL["date"] or e.name in entities(step.ask, slot) for e in run.turn.entities
    ):
        way = leaving.way_out(heard, (*step.on, *flow.on), sure=SURE)
        if way is not None:
            return await leaving.take(heard, way)
    if slot.named and (other := await heard.choice_of_another(step.ask)):
        return await _told_another(heard, *other)
    if await relative.told(heard, slot, asks=asks or wonders):
        return True
    if answer is None and slot.kind not in ("text", "person"):
        if exact or not (wonders or (asks and len(words(heard.text)) > 8)):
            answer = await run.filling.answer(flow, frame, step.ask, heard.meant(slot))
    elif answer is None and not asks:
        way = leaving.way_out(
            heard, (*step.on, *flow.on), words_only=slot.kind == "text" and len(words(heard.text)) > 4
        )
        if way is not None:
            return await leaving.take(heard, way)
        own = await _own_fact(heard, slot)
        if own is None and slot.entities and await _other_facts(heard):
            return True
        answer = own or await run.filling.answer(flow, frame, step.ask, heard.meant(slot), facts=slot.kind == "person")
    if answer is not None and answer.problem is None:
        await _accept(heard, answer)
        return True
    if answer is not None and slot.kind in ("text", "person") and await _reached_at(heard):
        return True
    if answer is None or not _looks_meant(heard, slot):
        way = leaving.way_out(heard, (*step.on, *flow.on))
        if way is not None:
            return await leaving.take(heard, way)
    if answer is None:
        if not asks and (await _other_facts(heard) or await correcting.restated(heard, step.ask)):
            return True
        if asks:
            run.filling.pass_over(frame, run.turn.entities)
        if step.open or asks or heard.other_matter():
            return False
    await _refused(heard, answer)
    return True


async def _told_another(heard: Heard, name: str, value: object) -> bool:
    """Keep what was said of another slot, and ask the open one again."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    before = frame.slots.get(name)
    answer = await run.filling.check(flow, frame, name, value)
    if answer.problem is None and before != answer.value:
        frame.slots[name] = answer.value
        heard.use_facts(name)
        heard.noted(name)
        run.rewind(flow, frame, name)
        if before is not None:
            await run.go()
            return True
        frame.waiting = "ask"
    await run.ask_again(flow, frame)
    return True


async def _reached_at(heard: Heard) -> bool:
    """Where a name is asked for and there is none, a telephone number or an address told instead is kept."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    filled = await run.filling.facts(flow, frame, but=heard.step.ask, kinds=("phone", "email"))
    for name in filled:
        heard.noted(name)
    if filled:
        await run.ask_again(flow, frame)
    return bool(filled)


async def _sent(heard: Heard, slot: Slot) -> None:
    """A file to an open question: the answer to it, or to another one that waits for a file."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    if slot.kind != "file":
        if await files.taken(heard):
            await run.ask_again(flow, frame)
        else:
            await _refused(heard, None)
        return
    given = files.answer(slot, run.turn.message.attachments)
    if given is not None and given.problem is None:
        given = await run.filling.check(flow, frame, heard.step.ask, given.value)
    if given is not None and given.problem is None:
        await _accept(heard, given)
    else:
        await _refused(heard, given)


async def _own_fact(heard: Heard, slot: Slot) -> Answer | None:
    """What a fact that is declared for a text says: that counts, and not the sentence around it."""
    if not slot.entities:
        return None
    for entity in heard.run.turn.entities:
        if entity.name in slot.entities and isinstance(entity.value, str):
            return await heard.run.filling.check(heard.flow, heard.frame, heard.step.ask, entity.value)
    return None


def _looks_meant(heard: Heard, slot: Slot) -> bool:
    """Whether what can't be used was certainly meant as an answer: it is short, or of the right kind."""
    return len(words(heard.text)) <= SHORT or slot.kind in ("email", "phone")


async def _accept(heard: Heard, answer: Answer) -> None:
    run, frame, flow, step = heard.run, heard.frame, heard.flow, heard.step
    frame.slots[step.ask] = answer.value
    if step.ask in frame.asked:
        frame.asked.remove(step.ask)
    frame.asked.append(step.ask)
    frame.tries = 0
    run.filling.tell_range(flow, step.ask, answer.value)
    heard.use_facts(step.ask)
    await run.filling.facts(flow, frame, but=step.ask)
    run.on(flow, frame, step, "answer")
    await run.go()


async def _other_facts(heard: Heard) -> bool:
    """The message answers other questions, asked or still to come: keep that, and ask the open one again."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    before = dict(frame.slots)
    settled = [
        name
        for name, slot in flow.slots.items()
        if slot.kind == "choice" and frame.slots.get(name) is not None and not heard.names_only(slot)
    ]
    filled = await run.filling.facts(flow, frame, but=heard.step.ask, keep=settled)
    if not filled:
        return False
    changed = [name for name in filled if before.get(name) is not None]
    for name in filled:
        heard.noted(name)
    if changed:
        run.rewind(flow, frame, changed[0])
        await run.go()
    else:
        await run.ask_again(flow, frame)
    return True


async def _refused(heard: Heard, answer: Answer | None) -> None:
    """Say kindly why it can't be used, and ask again; after some tries offer something else."""
    run, frame, flow, step = heard.run, heard.frame, heard.flow, heard.step
    slot = flow.slots[step.ask]
    frame.tries += 1
    run.note(frame, step.id, "again")
    if frame.tries >= step.tries:
        if step.otherwise and not (frame.tries < _AGAIN and _says_nothing(heard)):
            run.on(flow, frame, step, "otherwise", step.otherwise)
            await run.go()
            return
        if not step.otherwise:
            frame.waiting = "offer"
            doing.offer(run, frame)
            return
    problem = answer.problem if answer is not None else None
    if problem is not None and problem.said:
        said = problem.said
    elif problem is not None and step.again == "":
        said = run.phrase(problem.key, **heard.bounds(slot, problem.values))
    elif step.again:
        said = run.render(flow, frame, step.again, **(heard.bounds(slot, problem.values) if problem else {}))
    else:
        said = run.phrase(f"flows-again-{slot.kind}")
    offered = run.buttons(doing.offers(run, flow, frame, step))
    run.say(f"{said}\n{offered}" if offered else said)


def _turned_down(heard: Heard) -> bool:
    """Whether the customer would rather not tell: "no, thanks"."""
    return answers.yes_or_no(heard.text) is False and answers.certain(heard.text)


def _says_nothing(heard: Heard) -> bool:
    """Whether the message is only a yes or no, or polite words, where something was to be told."""
    return answers.yes_or_no(heard.text) is not None or not polite(words(heard.text))
