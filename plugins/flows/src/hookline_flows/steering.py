"""The words that steer a flow: cancel, back, restart, skip, what have I said, where were we."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answers, doing

if TYPE_CHECKING:
    from .heard import Heard


async def command(heard: Heard) -> bool:
    """Cancel, back, restart, skip, what have I said, where were we."""
    found = answers.command(heard.text)
    if found is None or await _is_choice(heard):
        return False
    if found == "skip":
        return await skip(heard)
    if found in ("greeting", "resume"):
        if found == "greeting" and not heard.long_ago and _is_text(heard):
            return False
        key = "flows-resume" if heard.long_ago or found == "greeting" else "flows-again-question"
        await heard.run.ask_again(heard.flow, heard.frame, heard.run.phrase(key, title=heard.title()))
        return True
    act = {"cancel": cancel, "back": _back, "restart": _restart, "recap": _recap}[found]
    await act(heard)
    return True


def _is_text(heard: Heard) -> bool:
    return heard.frame.waiting == "ask" and heard.flow.slots[heard.step.ask].kind in ("text", "person")


async def _is_choice(heard: Heard) -> bool:
    """Whether the open question offers exactly these words as an answer."""
    if heard.frame.waiting != "ask":
        return False
    forms = heard.run.texts.choices(heard.flow, heard.flow.slots[heard.step.ask])
    return forms is not None and forms.exactly(heard.text) is not None and not heard.text.strip().isdigit()


async def cancel(heard: Heard) -> None:
    """End the flow; the one around it goes on."""
    heard.run.say(heard.run.phrase("flows-cancelled", title=heard.title()))
    heard.run.note(heard.frame, heard.frame.step, "cancel")
    await heard.run.finish(heard.frame, "cancelled")
    if not heard.run.waiting:
        await heard.run.go()


async def _back(heard: Heard) -> None:
    run, frame, flow = heard.run, heard.frame, heard.flow
    target = ""
    while frame.asked and not target:
        name = frame.asked.pop()
        target = next((s.id for s in flow.steps if s.kind == "ask" and s.ask == name), "")
    if not target:  # what was said in one go can be asked for one by one
        before = [
            s
            for s in flow.steps[: max(0, flow.place(frame.step))]
            if s.kind == "ask" and frame.slots.get(s.ask) is not None
        ]
        target = before[-1].id if before else ""
    run.note(frame, frame.step, "back")
    if not target:
        await run.ask_again(flow, frame, run.phrase("flows-at-start"))
        return
    heard.forget(target)
    await run.go()


async def _restart(heard: Heard) -> None:
    run, frame, flow = heard.run, heard.frame, heard.flow
    heard.use_up()
    kept = {*flow.given} | ({*flow.slots} - flow.filled)  # what whoever began the flow gave it
    frame.slots = {name: value for name, value in frame.slots.items() if name in kept}
    frame.values = {name: value for name, value in frame.values.items() if name in kept}
    frame.asked, frame.done, frame.tries = [], {}, 0
    frame.used["+"] = []
    frame.step, frame.waiting = flow.steps[0].id, ""
    run.note(frame, frame.step, "restart")
    run.say(run.phrase("flows-restarted"))
    await run.go()


async def _recap(heard: Heard) -> None:
    run = heard.run
    listed = doing.recap(run, heard.flow, heard.frame)
    run.say(f"{run.phrase('flows-recap')}\n{listed}" if listed else run.phrase("flows-recap-nothing"))
    await run.ask_again(heard.flow, heard.frame)


async def skip(heard: Heard) -> bool:
    """Leave the open question out, where it may be left out."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    if frame.waiting != "ask":
        return False
    slot = flow.slots[heard.step.ask]
    if slot.optional:
        frame.slots[heard.step.ask] = None
        frame.asked.append(heard.step.ask)
        run.on(flow, frame, heard.step, "skip")
        await run.go()
        return True
    if await heard.run.filling.read(flow, frame, heard.step.ask, heard.text) is not None and slot.kind != "text":
        return False
    await run.ask_again(flow, frame, run.phrase("flows-cant-skip"))
    return True
