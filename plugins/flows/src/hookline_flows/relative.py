"""Answers that are no figure of their own: a part of another amount ("half of it", "60 %"), or the most there is ("max")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookline.errors import FunctionRefused, HooklineError

from . import answers, doing
from .amounts import figures
from .filling import Answer
from .model import Call, Slot
from .running import FlowError
from .slots import Problem
from .wording import lists, shares, words

if TYPE_CHECKING:
    from .heard import Heard

_TOLD = "most"  # which slot the customer was told the most of, in what the frame has done


async def told(heard: Heard, slot: Slot, *, asks: bool) -> bool:
    """Answer a question for the most there is, and ask the open one again."""
    if slot.most is None or not asks or not _means_most(heard):
        return False
    most = await _most(heard, slot)
    if most is None or most.problem is not None:
        return False
    run, frame, flow = heard.run, heard.frame, heard.flow
    frame.done[_TOLD] = heard.step.ask
    run.say(run.phrase("flows-most", value=doing.shown(run, flow, slot, most.value)))
    await run.ask_again(flow, frame)
    return True


async def answer(heard: Heard, slot: Slot) -> Answer | None:
    """The amount that is meant; None where the message means none so."""
    if slot.most is not None and not answers.asks(heard.text):
        agreed = heard.frame.done.get(_TOLD) == heard.step.ask and answers.yes_or_no(heard.text) is True
        if agreed or _means_most(heard):
            return await _most(heard, slot)
    if slot.part_of:
        part = share(heard.text, comma=heard.run.filling.place.comma)
        whole = _whole(heard, slot) if part is not None else None
        if part is not None and whole is not None:
            value = round(part * whole, 2)
            value = int(value) if float(value).is_integer() else value
            return await heard.run.filling.check(heard.flow, heard.frame, heard.step.ask, value)
    return None


def share(text: str, *, comma: bool) -> float | None:
    """The part of something that a text names, 0 to 1: "half of it" is 0.5, "60 %" is 0.6; None where it names none, or a figure besides."""
    said = words(text)
    for size in (3, 2, 1):
        for at in range(len(said) - size + 1):
            part = shares().get(" ".join(said[at : at + size]))
            if part is not None:
                besides = [*said[:at], ",", *said[at + size :]]
                figured = figures(text, comma=comma) if size == 1 else figures(" ".join(besides), comma=comma)
                return None if figured else part
    found = figures(text, comma=comma)
    alone = len(found) == 1 and found[0].percent and 0 < found[0].value <= 100
    return found[0].value / 100 if alone else None


def _means_most(heard: Heard) -> bool:
    """Whether the message says "the maximum" or the like, and no figure."""
    return lists()["most"].anywhere(words(heard.text)) and not figures(heard.text)


def _whole(heard: Heard, slot: Slot) -> float | None:
    """What a part is a part of."""
    try:
        whole = heard.run.value(heard.flow, heard.frame, slot.part_of)
    except FlowError:
        return None
    return float(whole) if isinstance(whole, (int, float)) and not isinstance(whole, bool) else None


async def _most(heard: Heard, slot: Slot) -> Answer | None:
    """The most there is, checked as an answer; None where that is not known yet."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    found: Any = None
    try:
        if isinstance(slot.most, Call):
            arguments = {key: run.value(flow, frame, text) for key, text in slot.most.arguments.items()}
            found = await run.tenant.hooks.call_function(run.turn, slot.most.call, arguments)
        elif slot.most is not None:
            found = run.value(flow, frame, slot.most)
    except FunctionRefused as refused:
        return Answer(problem=Problem("", said=str(refused)))
    except HooklineError as error:
        run.tenant.log.warning(
            "the most could not be found out", flow=frame.flow, slot=heard.step.ask, reason=str(error)
        )
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        return None
    value = int(found) if float(found).is_integer() else found
    return await run.filling.check(flow, frame, heard.step.ask, value)
