"""A message to a summary, to the question what of it shall change, and to the offer of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.message import HandoffRequest

from . import answers, correcting, doing, leaving, steering
from .choices import Forms
from .heard import SHORT, SURE
from .model import Transition
from .wording import words

if TYPE_CHECKING:
    from .heard import Heard


async def confirmed(heard: Heard) -> bool:
    """A message to a summary."""
    run, frame, flow, step = heard.run, heard.frame, heard.flow, heard.step
    said = answers.yes_or_no(heard.text)
    if said is None:
        shown = [run.phrase("flows-yes"), run.phrase("flows-no")]
        said = {"1": True, "2": False}.get(" ".join(words(heard.text)))
        said = True if words(heard.text) == words(shown[0]) else False if words(heard.text) == words(shown[1]) else said
    way = None if said is None or answers.certain(heard.text) else _leads_out(heard)
    if way is not None:
        return await leaving.take(heard, way)
    if said is True:
        await run.filling.facts(flow, frame, empty=True)
        run.on(flow, frame, step, "yes")
        await run.go()
        return True
    if said is False:
        if not (_takes_back(heard) and await correcting.corrected(heard)):
            await _declined(heard)
        return True
    asks = answers.asks(heard.text)
    if not asks and (await correcting.corrected(heard) or await _changed_by_facts(heard)):
        return True
    way = leaving.way_out(heard, (*step.on, *flow.on))
    if way is not None:
        return await leaving.take(heard, way)
    if not asks and (named := correcting.slot_named(heard, heard.text)):
        await correcting.ask_anew(heard, named)
        return True
    if asks or step.open or heard.other_matter():
        return False
    frame.tries += 1
    if frame.tries >= step.tries:
        if step.otherwise:
            run.on(flow, frame, step, "otherwise", step.otherwise)
            await run.go()
            return True
        frame.waiting = "offer"
        doing.offer(run, frame)
        return True
    if step.again:
        run.say(run.render(flow, frame, step.again))
        offered = run.buttons([run.phrase("flows-yes"), run.phrase("flows-no")])
        run.say(offered)
    else:
        await run.ask_again(flow, frame, run.phrase("flows-again-boolean"))
    return True


def _takes_back(heard: Heard) -> bool:
    """Whether a no goes with another value, and refuses nothing: "no, business"."""
    return not answers.certain(heard.text) and 0 < len(words(answers.correction(heard.text))) <= SHORT


def _leads_out(heard: Heard) -> Transition | None:
    """What a yes or no that says more is rather about: "yes, but your rate is too high"."""
    way = leaving.way_out(heard, (*heard.step.on, *heard.flow.on), sure=SURE)
    leads = way is not None and (way.go or way.say or way.flow or way.handoff or way.then == "end")
    return way if leads else None


async def _declined(heard: Heard) -> None:
    run, frame, flow, step = heard.run, heard.frame, heard.flow, heard.step
    if step.no != "change":
        run.on(flow, frame, step, "no", step.no)
        await run.go()
        return
    run.note(frame, step.id, "no")
    rest = answers.correction(heard.text)
    if rest and await correcting.corrected(heard):
        return
    frame.waiting, frame.tries = "change", 0
    doing.change(run, flow, frame)


async def _changed_by_facts(heard: Heard) -> bool:
    """At a summary the customer states a fact anew: "the loan is over 12 years"."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    filled = await run.filling.facts(flow, frame)
    if not filled:
        return False
    for name in filled:
        heard.noted(name)
    run.note(frame, frame.step, "correct")
    run.rewind(flow, frame, filled[0])
    await run.go()
    return True


async def to_change(heard: Heard) -> bool:
    """Which slot shall be changed; maybe to what, at once."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    listed = doing.changeable(run, flow, frame)
    forms = Forms.of({name: [called] for name, called in listed})
    if (await correcting.corrected(heard)) or (
        correcting.slot_named(heard, heard.text) and await correcting.named_with_value(heard)
    ):
        return True
    found = forms.find(heard.text, order=[name for name, _ in listed])
    if len(found) == 1:
        await correcting.ask_anew(heard, str(found[0]))
        return True
    said = answers.yes_or_no(heard.text)
    if said is False:  # nothing to change after all
        frame.waiting = "confirm"
        await run.ask_again(flow, frame)
        return True
    if answers.asks(heard.text) or heard.other_matter():
        return False
    frame.tries += 1
    if frame.tries >= heard.step.tries:
        frame.waiting = "offer"
        doing.offer(run, frame)
        return True
    doing.change(run, flow, frame)
    return True


async def offered(heard: Heard) -> bool | None:
    """A yes or no to the offer of a person; None: it is neither, and maybe what was asked before."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    said = answers.yes_or_no(heard.text)
    if said is True:
        if run.tenant.hooks.implemented("open_handoff"):
            run.handoff = HandoffRequest("flow_stuck", data={"flow": frame.flow, "step": frame.step})
            await run.finish(frame, "handoff")
        else:
            await steering.cancel(heard)
        return True
    step = heard.step
    frame.waiting = "confirm" if step.kind == "confirm" else "ask"
    frame.tries = 0
    if said is False:
        await run.ask_again(flow, frame)
        return True
    return None
