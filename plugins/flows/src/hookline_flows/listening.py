"""What a customer's message means to the flow that waits for it: an answer, a command, a correction, a question in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answering, answers, confirming, leaving, steering
from .heard import SURE
from .wording import polite, words

if TYPE_CHECKING:
    from .heard import Heard


async def hear(heard: Heard) -> bool:
    """Take the message; False leaves it to other plugins, as a question in between."""
    frame, run = heard.frame, heard.run
    if frame.waiting == "proof":
        return await _proved(heard)
    if not words(heard.text) and not run.turn.message.attachments:
        await run.ask_again(heard.flow, frame)
        return True
    if heard.step.open and frame.waiting == "ask" and not polite(words(heard.text)):
        way = leaving.way_out(heard, (*heard.step.on, *heard.flow.on))
        return way is not None and await leaving.take(heard, way)
    if heard.step.open and answers.command(heard.text) == "greeting":
        return False
    if answers.command(heard.text) == "cancel":
        way = leaving.way_out(heard, (*heard.step.on, *heard.flow.on), sure=SURE)
        if way is not None and way.go:
            return await leaving.take(heard, way)
    if await steering.command(heard):
        return True
    if frame.waiting == "offer" and (done := await confirming.offered(heard)) is not None:
        return done
    if frame.waiting == "change":
        return await confirming.to_change(heard)
    if frame.waiting == "confirm":
        return await confirming.confirmed(heard)
    return await answering.asked(heard)


async def _proved(heard: Heard) -> bool:
    """While a proof is waited for: it may have come, and what was wanted goes on.  Questions are left to others."""
    run, frame = heard.run, heard.frame
    if not run.turn.account:
        found = answers.command(heard.text)
        if found == "cancel":
            await steering.cancel(heard)
            return True
        if answers.asks(heard.text):
            return False
    frame.waiting = ""
    await run.go()
    return True


async def answered(heard: Heard) -> bool:
    """Whether the message is a usable answer to what is open: then it begins no other flow."""
    frame, flow = heard.frame, heard.flow
    if frame.waiting in ("confirm", "offer"):
        return answers.yes_or_no(heard.text) is not None
    if answers.correction(heard.text) and any(c.isdigit() for c in heard.text):
        return True
    if frame.waiting != "ask":
        return False
    if heard.step.open and heard.tells() and (answers.supposes(heard.text) or heard.tells_anew()):
        return True
    slot = flow.slots[heard.step.ask]
    if slot.kind == "text" or await heard.exact(slot):
        return True
    if answers.wonders(heard.text):
        return False
    found = await heard.run.filling.answer(flow, frame, heard.step.ask, heard.meant(slot))
    heard.run.filling.taken.clear()
    return found is not None and found.problem is None
