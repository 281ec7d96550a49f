"""What flows do without a message: on timers that are due, when nobody answers, and when a system starts one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .amounts import seconds
from .running import Run
from .stack import Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.message import Command, Timer
    from hookline.turn import Turn

    from .service import Service

SILENCE, KEEP, STEP = "silence", "keep", "step:"
_HELD = 3600.0  # seconds after which a timer is tried again where a person has the conversation


async def due(service: Service, turn: Turn, timer: Timer) -> None:
    """A timer of this plugin is due."""
    if turn.conversation.held_by and timer.kind != KEEP:
        turn.timer(timer.kind, _HELD, payload=timer.payload, key=timer.key)
        return
    run = Run(service, turn)
    run.language = str(timer.payload.get("language") or turn.language)
    if timer.kind == SILENCE:
        await _silent(run, timer)
    elif timer.kind == KEEP:
        await _given_up(run, timer)
    else:
        await _resumed(run, timer.payload)


async def _silent(run: Run, timer: Timer) -> None:
    """The customer has said nothing for a while."""
    run.stack.state.pop(SILENCE, None)
    frame = run.stack.top
    if frame is None or not frame.waiting:
        return
    flow = await run.flow(frame)
    if flow.timeout is None:
        return
    wanted = seconds(flow.timeout.after) or 0.0
    left = run.stack.at + wanted - run.now
    if left > 1.0:
        run.turn.timer(SILENCE, left, payload=timer.payload)
        run.stack.state[SILENCE] = 1
        return
    said = run.rendered(flow, frame, flow.timeout.say)
    if flow.timeout.go:
        run.say(said)
        run.note(frame, frame.step, "timeout")
        run.jump(flow, frame, flow.timeout.go)
        await run.go()
    elif flow.timeout.then == "end":
        run.say(said or run.phrase("flows-cancelled", title=run.service.title(frame.flow, flow, run.language)))
        run.note(frame, frame.step, "timeout")
        await run.finish(frame, "timed_out")
        if not run.waiting:
            await run.go()
    else:
        await run.ask_again(flow, frame, said or run.phrase("flows-still-there"))
    await send(run, again=False)


async def _given_up(run: Run, timer: Timer) -> None:
    """Nobody goes on with the flow: it is given up, without a word."""
    run.stack.state.pop(KEEP, None)
    if run.stack.top is None:
        return
    left = run.stack.at + run.service.config.keep - run.now
    if left > 1.0:
        run.turn.timer(KEEP, left, payload=timer.payload)
        run.stack.state[KEEP] = run.now
        return
    while run.stack.frames:
        ended = run.stack.pop("abandoned")
        run.turn.event(
            "flows.ended", {"flow": ended.flow, "outcome": "abandoned", "seconds": round(run.now - ended.began, 1)}
        )
    run.keep(heard=False)


async def _resumed(run: Run, payload: Mapping[str, Any]) -> None:
    """A timer of a step: the flow goes on at the step that it names."""
    past = Frame(
        int(payload["frame"]),
        str(payload["flow"]),
        str(payload["digest"]),
        int(payload["version"]),
        str(payload["step"]),
    )
    past.slots, past.values = dict(payload["slots"]), dict(payload["values"])
    flow = await run.flow(past)
    step = flow.step(str(payload["step"]))
    if step is None or step.timer is None:
        return
    top = run.stack.top
    frame = top if top is not None and top.id == past.id else past
    run.say(run.rendered(flow, frame, step.timer.say))
    if step.timer.go:
        if frame is past:
            frame = run.stack.push(past.flow, past.digest, past.version, step.timer.go, run.now)
            frame.slots, frame.values = past.slots, past.values
            frame.done["start"] = "1"
            run.turn.event("flows.started", {"flow": past.flow, "version": past.version, "by": "timer"})
        else:
            frame.step = step.timer.go
            frame.waiting = ""
        run.note(frame, step.id, "timer")
        await run.go()
    await send(run)


async def start(service: Service, turn: Turn, command: Command) -> None:
    """Begin a flow in the conversation, for a system or a person."""
    if turn.conversation.held_by:
        return
    payload = command.payload
    name = str(payload["flow"])
    if name not in service.flows.by_name:
        service.tenant.log.warning("a flow that was to begin is not there any more", flow=name)
        return
    run = Run(service, turn)
    run.language = str(payload.get("language") or turn.language)
    frame = await run.begin(name)
    given = payload.get("slots") or {}
    slots = service.flows.by_name[name].flow.slots
    frame.slots.update({key: value for key, value in given.items() if key in slots})
    frame.values.update({key: value for key, value in given.items() if key not in slots})
    run.turn.event("flows.called", {"flow": name})
    await run.go()
    await send(run)


async def send(run: Run, *, again: bool = True) -> None:
    """Send what was said, outside a customer's turn."""
    run.keep(heard=again)
    reply = run.reply()
    if run.handoff is not None:
        run.turn.reply = reply
        reply = await run.tenant.hooks.open_handoff(run.turn, run.handoff) or reply
    if reply is not None and (reply.text or reply.attachments):
        run.turn.send(reply)


def arm(run: Run, after: float | None) -> None:
    """Set the timers of a conversation that is in a flow; those that wait already see for themselves when they are due."""
    state, turn = run.stack.state, run.turn
    if run.stack.top is None:
        for kind in (SILENCE, KEEP):
            if state.pop(kind, None) is not None:
                turn.cancel_timer(kind)
        return
    payload = {"language": run.language}
    if after is not None and state.get(SILENCE) is None:
        turn.timer(SILENCE, after, payload=payload)
        state[SILENCE] = 1
    if state.get(KEEP) is None:
        turn.timer(KEEP, run.service.config.keep, payload=payload)
        state[KEEP] = run.now
