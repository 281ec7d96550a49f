"""The ways out of a question besides an answer: which one a message takes, and taking it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.message import HandoffRequest

from . import answers, doing
from .model import Transition, ways
from .wording import listed, words

if TYPE_CHECKING:
    from .heard import Heard


def way_out(
    heard: Heard, given: Sequence[Transition], *, words_only: bool = False, sure: float | None = None
) -> Transition | None:
    """The first transition that the message takes."""
    run, turn = heard.run, heard.run.turn
    only = sure is not None
    sure = run.service.config.sure if sure is None else sure
    intent = next((i.name for i in turn.intents if i.score >= sure), "")
    said = words(heard.text)
    names = {entity.name for entity in turn.entities}
    for way in given:
        wanted = (way.intent,) if isinstance(way.intent, str) and way.intent else tuple(way.intent)
        facts = (way.entity,) if isinstance(way.entity, str) and way.entity else tuple(way.entity)
        by_intent = bool(wanted) and intent in wanted and not words_only
        by_words = bool(way.words) and (
            listed(tuple(way.words)).is_one(said) or (not words_only and listed(tuple(way.words)).anywhere(said))
        )
        by_fact = bool(facts) and bool(names & {*facts}) and not words_only
        by_saying = bool(way.says) and answers.yes_or_no(heard.text) is (way.says == "yes") and not words_only
        conditional = not (wanted or way.words or facts or way.says) and bool(way.when)
        if (by_intent or (not only and (by_words or by_fact or by_saying or conditional))) and run.holds(
            heard.flow, heard.frame, way.when
        ):
            return way
    return None


async def take(heard: Heard, way: Transition) -> bool:
    run, frame, flow = heard.run, heard.frame, heard.flow
    step = heard.step
    number = next(n for n, one in enumerate(ways(flow)) if one is way)
    run.note(frame, step.id, f"on:{number}")
    doing.put_values(run, flow, frame, way.set)
    run.say(run.rendered(flow, frame, way.say))
    if way.go:
        await run.filling.facts(flow, frame, but=step.ask if step.kind == "ask" else "", empty=True)
    else:  # facts said with a question or an objection are none of our answers, but where to reach them is
        await run.filling.facts(
            flow, frame, but=step.ask if step.kind == "ask" else "", empty=True, kinds=("phone", "email")
        )
        run.filling.pass_over(frame, run.turn.entities)
    run.state = way.state
    if way.handoff:
        run.handoff = HandoffRequest(way.handoff, data={"flow": frame.flow, "step": frame.step})
    if way.flow:
        await run.begin(way.flow)
        await run.go()
    elif way.go:
        run.jump(flow, frame, way.go)
        await run.go()
    elif way.then == "end":
        await run.finish(frame, "left")
        if not run.waiting:
            await run.go()
    elif way.handoff and not way.then:
        await run.finish(frame, "handoff")
    elif not step.open:
        await run.ask_again(flow, frame)
    return True
