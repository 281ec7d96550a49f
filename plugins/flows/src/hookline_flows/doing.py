"""What each kind of step does.  A doer returns True if the flow waits for the customer then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from hookline.errors import ServiceError
from hookline.message import HandoffRequest

from .amounts import seconds
from .model import Flow, Slot, Step

if TYPE_CHECKING:
    from .running import Run
    from .stack import Frame

Doer = Callable[["Run", Flow, "Frame", Step], Awaitable[bool]]
MOST_CHANGES = 12


async def ask(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Ask for a slot, unless it is known."""
    slot = flow.slots[step.ask]
    if not frame.filled(step.ask):
        await run.filling.known(flow, frame, step.ask)
    refused = await run.filling.rechecked(flow, frame, step.ask)
    if frame.filled(step.ask):
        run.on(flow, frame, step, "known")
        return False
    if refused is not None:
        run.say(refused.said or run.phrase(refused.key, **run.bounds(flow, slot, refused.values)))
    frame.waiting = "ask"
    frame.tries = 0
    run.note(frame, step.id, "ask")
    await put(run, flow, frame, step)
    if slot.kind == "text" and slot.optional and not run.replies and not step.open:
        run.replies = [run.phrase("flows-skip")]
    return True


async def put(run: Run, flow: Flow, frame: Frame, step: Step) -> None:
    """Say the question, with its buttons."""
    question = run.rendered(flow, frame, step.text)
    if not question and not step.open:
        question = run.phrase("flows-ask", name=run.texts.name(step.ask, flow.slots.get(step.ask), run.language))
    offered = run.buttons(offers(run, flow, frame, step))
    run.say(f"{question}\n{offered}" if offered else question)


def offers(run: Run, flow: Flow, frame: Frame, step: Step) -> list[str]:
    """What can be tapped as an answer."""
    slot = flow.slots[step.ask]
    if slot.kind == "boolean":
        found = [run.phrase("flows-yes"), run.phrase("flows-no")]
    elif slot.choices:
        found = [run.texts.label(flow, slot, value, run.language) for value in order(run, flow, frame, step)]
    else:
        found = [run.render(flow, frame, text) for text in step.replies]
    if slot.optional and found and not step.open:
        found.append(run.phrase("flows-skip"))
    return found


def order(run: Run, flow: Flow, frame: Frame, step: Step) -> list[str]:
    """The values of a choice in the order in which they are shown."""
    slot = flow.slots[step.ask]
    values = list(slot.choices)
    if step.first:
        best = run.value(flow, frame, step.first)
        values.sort(key=lambda value: value != best)
    return values


async def confirm(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Show the summary, and wait for a yes."""
    frame.waiting = "confirm"
    frame.tries = 0
    run.note(frame, step.id, "ask")
    await summary(run, flow, frame, step)
    return True


async def summary(run: Run, flow: Flow, frame: Frame, step: Step) -> None:
    """Say the summary, with yes and no."""
    text = run.render(flow, frame, step.confirm)
    more = run.rendered(flow, frame, step.text)
    offered = run.buttons([run.phrase("flows-yes"), run.phrase("flows-no")])
    run.say("\n".join(part for part in (text, more, offered) if part))


def change(run: Run, flow: Flow, frame: Frame) -> None:
    """Ask what of the summary is to be changed."""
    offered = run.buttons([name for _, name in changeable(run, flow, frame)])
    question = run.phrase("flows-change-what")
    run.say(f"{question}\n{offered}" if offered else question)


def changeable(run: Run, flow: Flow, frame: Frame) -> list[tuple[str, str]]:
    """The slots that a customer can change, with what they are called."""
    asked = [step.ask for step in flow.steps if step.kind == "ask"]
    return [
        (name, _upper(run.texts.name(name, flow.slots[name], run.language)))
        for name in dict.fromkeys([*asked, *frame.slots])
        if name in flow.slots and name in frame.slots and (name in asked)
    ][:MOST_CHANGES]


def offer(run: Run, frame: Frame) -> None:
    """After too many tries: offer a person where there are any, else to stop."""
    key = "flows-offer-person" if run.tenant.hooks.implemented("open_handoff") else "flows-offer-stop"
    offered = run.buttons([run.phrase("flows-yes"), run.phrase("flows-no")])
    question = run.phrase(key)
    run.say(f"{question}\n{offered}" if offered else question)


async def say(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Say something, once for each content."""
    text = run.rendered(flow, frame, step.say)
    if run.once(frame, step, text):
        run.say(text)
        _besides(run, flow, frame, step)
    run.on(flow, frame, step, "next")
    return False


def _besides(run: Run, flow: Flow, frame: Frame, step: Step) -> None:
    """The files and quick replies of a step."""
    from .running import attached

    for expression in step.attachments:
        run.attachments += attached(run.value(flow, frame, expression))
    if step.replies:
        run.replies = [run.render(flow, frame, text) for text in step.replies]


async def assign(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Set slots and values."""
    put_values(run, flow, frame, step.set)
    run.on(flow, frame, step, "next")
    return False


def put_values(run: Run, flow: Flow, frame: Frame, given: Mapping[str, str]) -> None:
    """Compute each expression, in order, and keep what it gives; null empties a slot."""
    for name, expression in given.items():
        value = run.value(flow, frame, expression)
        if name not in flow.slots:
            frame.values[name] = value
        elif value is None:
            frame.slots.pop(name, None)
        else:
            frame.slots[name] = value


async def branch(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Take the first way whose condition holds."""
    for n, arm in enumerate(step.branch):
        if run.holds(flow, frame, arm.when):
            run.on(flow, frame, step, str(n), arm.go)
            return False
    run.on(flow, frame, step, "else")
    return False


async def call(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Call a function of the tenant; again only if its arguments have changed."""
    arguments = {name: run.value(flow, frame, text) for name, text in step.arguments.items()}
    if step.id in frame.done and not run.once(frame, step, arguments):
        run.on(flow, frame, step, "next")
        return False
    result = await run.tenant.hooks.call_function(run.turn, step.call, arguments)
    run.once(frame, step, arguments)
    if isinstance(step.into, Mapping):
        if not isinstance(result, Mapping):
            raise ServiceError(f"function {step.call!r} returned {type(result).__name__}; `into` needs a mapping")
        for mine, theirs in step.into.items():
            _put(flow, frame, mine, result.get(theirs))
    elif step.into:
        _put(flow, frame, step.into, result)
    run.on(flow, frame, step, "next")
    return False


def _put(flow: Flow, frame: Frame, name: str, value: Any) -> None:
    if name not in flow.slots:
        frame.values[name] = value
    elif value is None:
        frame.slots.pop(name, None)
    else:
        frame.slots[name] = value


async def subflow(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Begin another flow within this one; with `with` its slots are given."""
    given = {name: run.value(flow, frame, text) for name, text in step.arguments.items()}
    if not run.once(frame, step, given):
        run.on(flow, frame, step, "next")
        return False
    frame.waiting = "sub"
    run.note(frame, step.id, "begin")
    await run.begin(step.flow, {name: value for name, value in given.items() if value is not None})
    return False


async def handoff(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Ask for a person; the flow ends with that, unless the step says where it goes on."""
    if run.once(frame, step, step.handoff):
        run.say(run.rendered(flow, frame, step.text))
        known = (
            {name: value for name, value in frame.slots.items() if not flow.slots[name].personal} if flow.slots else {}
        )
        run.handoff = HandoffRequest(step.handoff, data={"flow": frame.flow, "slots": known})
    if step.next:
        run.on(flow, frame, step, "next")
        return False
    run.note(frame, step.id, "end")
    await run.finish(frame, "handoff")
    return run.waiting


async def task(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Make a task for the staff."""
    assert step.task is not None
    wanted = step.task
    due = seconds(wanted.due) if wanted.due else None
    payload = {
        "title": run.render(flow, frame, wanted.title),
        "detail": run.render(flow, frame, wanted.detail) if wanted.detail else "",
        "due_at": _due(run, flow, frame, wanted.due)
        if wanted.due and due is None
        else run.now + (due or 0.0)
        if wanted.due
        else None,
        "reference": str(run.value(flow, frame, wanted.reference)) if wanted.reference else "",
        "contact": run.turn.contact.id,
        "conversation": run.turn.conversation.id,
        "kind": wanted.kind or frame.flow,
    }
    if run.once(frame, step, "made") and run.service.has_plugin("handoff"):
        run.turn.command("task", payload, plugin="handoff", key=f"flows:{run.turn.inbox_id}:{frame.id}:{step.id}")
    run.on(flow, frame, step, "next")
    return False


def _due(run: Run, flow: Flow, frame: Frame, text: str) -> float:
    """The time that an expression gives: ISO 8601, or how long from now ("48h")."""
    value = run.value(flow, frame, text)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return run.now + float(value)
    long = seconds(str(value))
    if long is not None:
        return run.now + long
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        from .running import FlowError

        raise FlowError(
            f"flow {frame.flow!r}, step {frame.step!r}: {text!r} gives {value!r}, which is no time"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=run.service.zone)
    return moment.timestamp()


async def timer(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Have the flow go on later, at another step; now it goes on at the next."""
    wanted = step.timer
    assert wanted is not None
    if wanted.cancel:
        run.turn.cancel_timer(f"step:{wanted.kind}", key=frame.flow)
    else:
        text = wanted.after or wanted.at
        long = seconds(text)
        due = run.now + long if long is not None else _due(run, flow, frame, text)
        if run.once(frame, step, [text, round(due)] if long is None else text):
            payload = {
                "frame": frame.id, "flow": frame.flow, "digest": frame.digest, "version": frame.version, "step": step.id,
                "slots": frame.slots, "values": frame.values, "language": run.language,
            }  # fmt: skip
            run.turn.timer(f"step:{wanted.kind}", max(0.0, due - run.now), payload=payload, key=frame.flow)
    run.on(flow, frame, step, "next")
    return False


async def reference(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """Take a new reference id, once."""
    if run.once(frame, step, step.reference):
        into = step.into if isinstance(step.into, str) and step.into else "reference"
        _put(flow, frame, into, await run.tenant.reference(step.reference))
    run.on(flow, frame, step, "next")
    return False


async def end(run: Run, flow: Flow, frame: Frame, step: Step) -> bool:
    """End the flow."""
    run.say(run.rendered(flow, frame, step.text))
    _besides(run, flow, frame, step)
    run.note(frame, step.id, "end")
    await run.finish(frame, step.outcome)
    return run.waiting


DOERS: Mapping[str, Doer] = {
    "ask": ask, "confirm": confirm, "say": say, "set": assign, "branch": branch, "call": call, "flow": subflow,
    "handoff": handoff, "task": task, "timer": timer, "reference": reference, "end": end,
}  # fmt: skip


def recap(run: Run, flow: Flow, frame: Frame) -> str:
    """What was found out so far, a line each."""
    found = []
    for name, slot in flow.slots.items():
        if frame.slots.get(name) is not None and not slot.personal:
            found.append(
                f"- {_upper(run.texts.name(name, slot, run.language))}: {shown(run, flow, slot, frame.slots[name])}"
            )
    return "\n".join(found)


def shown(run: Run, flow: Flow, slot: Slot, value: Any) -> str:
    """A value as the customer reads it."""
    return run.texts.shown(flow, slot, value, run.language)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
