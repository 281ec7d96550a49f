"""Runs a flow from where it is until it waits for the customer, or all flows have ended; collects what is said."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hookline.errors import FunctionRefused, HooklineError, ServiceError
from hookline.message import Attachment, Entity, HandoffRequest, Reply

from . import doing, spoken
from .amounts import seconds, turned
from .expressions import Expression, ExpressionError, compiled
from .filling import Filling
from .model import END, RESERVED, WAITING, Flow, Slot, Step, Text, lines
from .stack import PLUGIN, Frame, Stack
from .texts import VOICE, Texts

if TYPE_CHECKING:
    from hookline.turn import Turn

    from .service import Service

MOST_STEPS = 300
LASTING = ("person", "phone", "email")


class FlowError(HooklineError):
    """A flow could not go on; the text names flow and step."""


class Run:
    """The work of one turn on the flows of its conversation."""

    def __init__(self, service: Service, turn: Turn) -> None:
        self.service = service
        self.tenant = service.tenant
        self.turn = turn
        self.texts: Texts = service.texts
        self.stack = Stack(turn.state(PLUGIN))
        self.channel = turn.conversation.channel or turn.message.channel
        self.language = turn.language
        self.now = service.tenant.clock.now()
        self.said: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.replies: list[str] = []
        self.attachments: list[Attachment] = []
        self.handoff: HandoffRequest | None = None
        self.path: list[tuple[str, str, str]] = []
        self.ended: list[tuple[str, str]] = []
        self.filling = Filling(self)
        self.patience: float | None = None
        self.state = ""

    # -- what a flow knows ---------------------------------------------------------------------------------------------

    async def flow(self, frame: Frame) -> Flow:
        """The definition that the frame runs on, its own version or the one that it was moved to."""
        return await self.service.versions.definition(frame)

    def variables(self, flow: Flow, frame: Frame, **more: Any) -> dict[str, Any]:
        """What expressions may name."""
        turn = self.turn
        found: dict[str, Any] = {name: frame.slots.get(name) for name in flow.slots}
        found.update(frame.values)
        found.update(
            slots={name: value for name, value in frame.slots.items() if value is not None},
            known={name: entity.value for name, entity in turn.known.items()},
            account=turn.account,
            channel=self.channel,
            language=self.language,
            intent=turn.intents[0].name if turn.intents else "",
            text=turn.message.text,
            today=self.filling.place.today.isoformat(),
            now=self.service.local(self.now).isoformat(timespec="seconds"),
            tries=frame.tries,
            contact={"name": turn.contact.name, "email": turn.contact.email, "phone": turn.contact.phone},
        )
        found.update(more)
        return found

    def expression(self, flow: Flow, text: str) -> Expression:
        """The expression, compiled once."""
        return compiled(text, {*flow.names, *RESERVED})

    def holds(self, flow: Flow, frame: Frame, text: str, **more: Any) -> bool:
        """Whether the condition holds; an empty one does."""
        return not text or self.expression(flow, text).holds(self.variables(flow, frame, **more))

    def value(self, flow: Flow, frame: Frame, text: str, **more: Any) -> Any:
        """What the expression gives; raises `FlowError`."""
        try:
            return self.expression(flow, text).value(self.variables(flow, frame, **more))
        except ExpressionError as error:
            raise FlowError(f"flow {frame.flow!r}, step {frame.step!r}: {error}") from error

    # -- what is said --------------------------------------------------------------------------------------------------

    def render(self, flow: Flow, frame: Frame, text: Text, **more: Any) -> str:
        """A text with the flow's values in it."""
        values = self.texts.values(flow, frame.slots, frame.values, self.language)
        return self.texts.say(text, self.language, {**values, **more}, self.channel)

    def rendered(self, flow: Flow, frame: Frame, said: Any, **more: Any) -> str:
        """All lines of a `say` or `text` whose condition holds."""
        found = [
            self.render(flow, frame, line.text, **more) for line in lines(said) if self.holds(flow, frame, line.when)
        ]
        return "\n".join(text for text in found if text)

    def phrase(self, key: str, **values: Any) -> str:
        """One of the words that come with the plugin."""
        return self.texts.phrase(key, self.language, values, self.channel)

    def say(self, text: str) -> None:
        """Say it, as a paragraph of the reply."""
        if text:
            self.said.append(text)
            top = self.stack.top
            self.told.append((top.step if top else "", text))

    def reply(self) -> Reply | None:
        """All that was said, as one reply; None where nothing was."""
        if not self.said and not self.attachments:
            return None
        data: dict[str, Any] = {}
        top = self.stack.top
        if top is not None:
            data["flow"] = {**self.service.shown(top), **({"state": self.state} if self.state else {})}
        elif self.ended:
            data["flow"] = {
                "flow": self.ended[-1][0],
                "step": "",
                "slot": "",
                "state": "",
                "outcome": self.ended[-1][1],
            }
        if self.channel == VOICE and "flow" in data:
            data["flow"] |= spoken.parts(self.told, self.said) | spoken.waiting(self, top)
        return Reply(
            "\n\n".join(self.said),
            quick_replies=tuple(self.replies),
            attachments=tuple(self.attachments),
            data=data,
        )

    # -- the way -------------------------------------------------------------------------------------------------------

    async def begin(self, name: str, slots: Mapping[str, Any] | None = None, step: str = "") -> Frame:
        """Push a flow; it runs with `go`."""
        loaded = self.service.flows.by_name[name]
        frame = self.stack.push(name, loaded.digest, loaded.flow.version, step or loaded.flow.steps[0].id, self.now)
        frame.slots.update(slots or {})
        frame.used.update(self.stack.state.get("mine", {}).get(name, {}))
        self.turn.event("flows.started", {"flow": name, "version": loaded.flow.version})
        return frame

    async def go(self) -> None:
        """Run until the customer is waited for, or nothing is left to do."""
        for _ in range(MOST_STEPS):
            frame = self.stack.top
            if frame is None:
                return
            flow = await self.flow(frame)
            if frame.step == END or flow.step(frame.step) is None:
                await self.finish(frame, "done")
                if self.waiting:
                    return  # `finish` has put the question of the flow around it
                continue
            step = flow.step(frame.step)
            assert step is not None
            try:
                waits = await self._step(flow, frame, step)
            except FunctionRefused as refused:
                self.say(str(refused))
                waits = await self._failed(flow, frame, step, refused)
            except (FlowError, ServiceError) as error:
                self.tenant.log.warning("a step of a flow failed", flow=frame.flow, step=frame.step, reason=str(error))
                waits = await self._failed(flow, frame, step, error)
            if waits:
                self._wait(flow)
                return
        top = self.stack.top
        where = f"flow {top.flow!r}, step {top.step!r}" if top else "a flow"
        raise FlowError(
            f"{where}: {MOST_STEPS} steps without waiting for the customer; the flow goes round in a circle"
        )

    def _wait(self, flow: Flow) -> None:
        """Note how long the customer has until something happens."""
        if flow.timeout is not None:
            self.patience = seconds(flow.timeout.after)

    @property
    def waiting(self) -> bool:
        """Whether the innermost flow waits for the customer."""
        top = self.stack.top
        return top is not None and top.waiting in ("ask", "confirm", "change", "offer", "proof")

    async def _step(self, flow: Flow, frame: Frame, step: Step) -> bool:
        """Do the step; True if it waits for the customer."""
        frame.waiting = ""
        if not self.holds(flow, frame, step.when):
            self.on(flow, frame, step, "skip")
            return False
        if await self.challenged(flow, frame, step):
            return True
        return await doing.DOERS[step.kind](self, flow, frame, step)

    async def challenged(self, flow: Flow, frame: Frame, step: Step) -> bool:
        """Whether a proof of who the customer is has to come first, and is asked for."""
        hooks = self.tenant.hooks
        first = "start" not in frame.done
        needed = step.identity or (flow.identity and first)
        if not first and not needed:
            return False
        challenge = await hooks.require_identity(self.turn, f"flow:{frame.flow}") if first else None
        if challenge is None and needed and not self.turn.account:
            challenge = await hooks.require_identity(
                self.turn, f"step:{frame.flow}.{step.id}" if step.identity else f"step:{frame.flow}"
            )
            if challenge is None and not self.turn.account:  # nobody could ask for the proof: it stays shut
                self.say(self.phrase("flows-no-proof"))
                await self.finish(frame, "no_proof")
                return True
        if challenge is not None:
            frame.waiting = "proof"
            self.say(challenge.reply.text)
            self.replies = list(challenge.reply.quick_replies)
            self.note(frame, step.id, "proof")
            return True
        frame.done["start"] = "1"
        return False

    def on(self, flow: Flow, frame: Frame, step: Step, edge: str, target: str = "") -> None:
        """Leave the step, by the edge, for the target, or what follows."""
        self.note(frame, step.id, edge)
        self.jump(flow, frame, target or flow.after(step.id))

    def jump(self, flow: Flow, frame: Frame, target: str) -> None:
        """Go to a step.  Going back to a question asks it again; what is done from there on is done anew."""
        frame.waiting = ""
        if target == END or flow.step(target) is None:
            frame.step = END
            return
        here, there = flow.place(frame.step), flow.place(target)
        if there <= here:
            for step in flow.steps[there:]:
                frame.done.pop(step.id, None)
            aimed = flow.steps[there]
            if aimed.kind == "ask":
                frame.slots.pop(aimed.ask, None)
                frame.used.update({name: entity.value for name, entity in self.turn.known.items()})
        frame.step = target
        frame.tries = 0

    def rewind(self, flow: Flow, frame: Frame, slot: str) -> None:
        """Go back to where the slot is asked, as it has changed: what depends on it is done anew, what doesn't is not repeated."""
        there = next((n for n, step in enumerate(flow.steps) if step.kind == "ask" and step.ask == slot), 0)
        if there < flow.place(frame.step):
            frame.step = flow.steps[there].id
        frame.waiting = ""
        frame.tries = 0

    def note(self, frame: Frame, step: str, edge: str) -> None:
        """Remember the way taken, for the event log and the path report."""
        self.path.append((frame.flow, step, edge))

    def once(self, frame: Frame, step: Step, content: Any) -> bool:
        """Whether the step with this content has not been done yet; it is now."""
        digest = hashlib.blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=6).hexdigest()
        if frame.done.get(step.id) == digest:
            return False
        frame.done[step.id] = digest
        return True

    async def finish(self, frame: Frame, outcome: str) -> None:
        """End the innermost flow; the one around it goes on, or its question is asked again."""
        while self.stack.frames[-1] is not frame:
            self.stack.pop("cancelled")
        self.learn(frame)
        ended = self.stack.pop(outcome)
        self.ended.append((ended.flow, outcome))
        self.turn.event(
            "flows.ended",
            {"flow": ended.flow, "outcome": outcome, "seconds": round(self.now - ended.began, 1)},
        )
        around = self.stack.top
        if around is None:
            return
        flow = await self.flow(around)
        step = flow.step(around.step)
        if around.waiting == "sub" and step is not None:
            into = step.into if isinstance(step.into, Mapping) else {step.into: ""} if step.into else {}
            for mine, theirs in into.items():
                found = {**ended.values, **{k: v for k, v in ended.slots.items() if v is not None}}
                value = found.get(theirs) if theirs else {**found, "outcome": outcome}
                if mine in flow.slots:
                    around.slots[mine] = value
                else:
                    around.values[mine] = value
            around.waiting = ""
            if outcome in ("cancelled", "timed_out") and step.otherwise:
                self.on(flow, around, step, "otherwise", step.otherwise)
            else:
                self.on(flow, around, step, "next")
        elif around.waiting and not (step is not None and step.open):
            self.say(self.phrase("flows-return", title=self.service.title(around.flow, flow, self.language)))
            await self.ask_again(flow, around)

    async def _failed(self, flow: Flow, frame: Frame, step: Step, error: Exception) -> bool:
        """What follows a failure: the step's `otherwise`, else the end."""
        if step.otherwise:
            frame.values["problem"] = str(error) if isinstance(error, FunctionRefused) else "unavailable"
            self.on(flow, frame, step, "otherwise", step.otherwise)
            return False
        if not isinstance(error, FunctionRefused):
            self.say(self.phrase("flows-failed"))
        self.note(frame, step.id, "failed")
        await self.finish(frame, "failed")
        return self.waiting

    # -- questions -----------------------------------------------------------------------------------------------------

    async def ask_again(self, flow: Flow, frame: Frame, preface: str = "") -> None:
        """Put the open question once more."""
        self._wait(flow)
        step = flow.step(frame.step)
        if preface:
            self.say(preface)
        if step is None:
            return
        if frame.waiting == "confirm":
            await doing.summary(self, flow, frame, step)
        elif frame.waiting == "change":
            doing.change(self, flow, frame)
        elif frame.waiting == "offer":
            doing.offer(self, frame)
        elif step.kind in WAITING:
            await doing.put(self, flow, frame, step)

    def buttons(self, labels: Sequence[str]) -> str:
        """Offer these; the list with numbers, where the channel has no buttons, is returned to be put below the question."""
        self.replies = list(labels)
        if self.channel in self.service.config.buttons or self.channel == VOICE:
            return ""
        return "\n".join(f"{n}. {label}" for n, label in enumerate(labels, 1))

    def bounds(self, flow: Flow, slot: Slot, values: object) -> dict[str, Any]:
        """The bounds of a slot as the customer reads them."""
        found = dict(values) if isinstance(values, Mapping) else {}
        for name in ("min", "max"):
            if isinstance(found.get(name), (int, float)) and slot.kind in ("money", "number", "duration"):
                found[name] = doing.shown(self, flow, slot, found[name])
        return found

    # -- the end of the turn -------------------------------------------------------------------------------------------

    def learn(self, frame: Frame) -> None:
        """Have other plugins know what the flow found out, by the name of the fact that fills the slot; each once."""
        loaded = self.service.flows.by_name.get(frame.flow)
        if loaded is None:
            return
        found: dict[str, Entity] = {}
        for name, slot in loaded.flow.slots.items():
            value = frame.slots.get(name)
            if value is not None and not slot.personal and slot.kind != "file":
                fact = next(iter(slot.entities or ()), name)
                unit = self.filling.place.currency if slot.kind == "money" else ""
                if slot.kind == "duration":
                    value, unit = turned(value, slot.unit or "months", "months"), "month"
                found[fact] = Entity(fact, value, unit=unit)
        for name in loaded.flow.learn:
            if frame.values.get(name) is not None:
                found[name] = Entity(name, frame.values[name])
        fresh = [
            one
            for one in found.values()
            if one.name not in self.turn.known or self.turn.known[one.name].value != one.value
        ]
        if fresh:
            self.turn.learn(*fresh)
        lasting = {
            fact
            for name, slot in loaded.flow.slots.items()
            if slot.kind in LASTING
            for fact in (next(iter(slot.entities or ()), name),)
        }
        mine = {one.name: one.value for one in found.values() if one.name not in lasting}
        if mine:  # begun again, the flow asks again, but for what doesn't change from one time to the next
            self.stack.state.setdefault("mine", {}).setdefault(frame.flow, {}).update(mine)
            frame.used.update(mine)

    def keep(self, *, heard: bool = True) -> None:
        """Put the flows into the state, set what shall happen if nobody answers, and tell the event log which way was taken."""
        from .later import arm

        for frame in self.stack.frames:
            self.learn(frame)
        self.stack.keep(self.now if heard else None)
        arm(self, self.patience)
        top = self.stack.top
        if self.path:
            place: dict[str, Any] = {"flow": top.flow, "step": top.step} if top else {"flow": "", "step": ""}
            if top is not None:
                place["state"] = self.service.shown(top)["state"]
            self.turn.event("flows.step", {**place, "path": [list(one) for one in self.path[-60:]]})


def attached(found: Any) -> list[Attachment]:
    """The files that an expression gives: one or a list of {url, media_type, name, size}."""
    given = found if isinstance(found, (list, tuple)) else [found]
    made = []
    for one in given:
        if isinstance(one, Mapping) and one.get("url"):
            size = one.get("size")
            made.append(
                Attachment(
                    str(one["url"]),
                    str(one.get("media_type", "application/octet-stream")),
                    str(one.get("name", "")),
                    int(size) if isinstance(size, (int, float)) else None,
                )
            )
    return made
