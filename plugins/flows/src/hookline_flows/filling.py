"""Fills the slots of a flow: from the answer, from facts in the message and from those known before; and checks what it gets."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from hookline.errors import FunctionRefused, HooklineError
from hookline.message import Entity

from . import answers, doing, slots
from .amounts import lasting
from .choices import listing
from .model import Call, Flow, Slot
from .slots import GENERAL, Place, Problem

if TYPE_CHECKING:
    from .running import Run
    from .stack import Frame


_AMOUNT = 1000  # a slot whose least amount is smaller may mean any number


@attrs.frozen
class Answer:
    """What a message gives for a slot: a value that can be kept, or why it can't be used."""

    value: Any = None
    problem: Problem | None = None


class Filling:
    """The filling of slots in one turn."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.place: Place = run.service.place(run.language)
        self.taken: set[int] = set()

    # -- an answer ------------------------------------------------------------------------------------------------------

    async def answer(
        self, flow: Flow, frame: Frame, name: str, text: str, *, strict: bool = False, facts: bool = True
    ) -> Answer | None:
        """What the text gives for the slot; None where it gives nothing.  `strict`: the slot was not the one asked for."""
        slot = flow.slots[name]
        entities = self.run.turn.entities if facts else ()
        for entity in self._of(name, slot, entities, general=not strict):
            value = slots.from_entity(slot, entity, self.place, self.run.texts.choices(flow, slot))
            if value is not None:
                answer = await self.check(flow, frame, name, value)
                if answer.problem is None or slot.kind in ("money", "duration", "date"):
                    self.taken.add(id(entity))
                    return answer
        text = self._amount_in(flow, slot, text)
        value = await self.read(flow, frame, name, text, strict=strict)
        if value is None:
            return None
        answer = await self.check(flow, frame, name, value)
        if answer.problem is not None and slot.kind == "duration" and not strict:
            return await self._in_small(flow, frame, name, text) or answer
        return answer

    async def _in_small(self, flow: Flow, frame: Frame, name: str, text: str) -> Answer | None:
        """A number alone as one of the slot's own unit, where in the other it can't be: "24", and 24 years are too long, is 24 months."""
        slot = flow.slots[name]
        if not slot.bare or slot.bare == slot.unit or lasting(text, comma=self.place.comma) is not None:
            return None
        value = slots.from_text(msgspec.structs.replace(slot, bare=slot.unit), text, self.place, None)
        answer = None if value is None else await self.check(flow, frame, name, value)
        return answer if answer is not None and answer.problem is None else None

    def _amount_in(self, flow: Flow, slot: Slot, text: str) -> str:
        """The text without the telephone number in it, which fills another slot and is no amount."""
        if slot.kind not in slots.NUMERIC:
            return text
        theirs = {
            fact
            for name, one in flow.slots.items()
            if one.kind == "phone"
            for fact in (*slots.entities(name, one), "phone")
        }
        message = self.run.turn.message.text
        for entity in self.run.turn.entities:
            if entity.name in theirs and entity.end > entity.start:
                text = text.replace(message[entity.start : entity.end], " ")
        return text

    async def read(self, flow: Flow, frame: Frame, name: str, text: str, *, strict: bool = False) -> Any:
        """The value that the text alone gives, unchecked; None where it gives none."""
        slot = flow.slots[name]
        if slot.kind == "date":
            if strict and not any(c.isdigit() for c in text):
                return None
            past = slots.past(slot, self.place)
            return await self.run.tenant.compute.run(
                functools.partial(slots.read_date, text, self.place.today, self.place.languages, past=past)
            )
        if slot.kind == "boolean":
            said = None if strict else answers.yes_or_no(text)
            return answers.numbered(text) if said is None and not strict else said
        if strict and slot.kind in ("text", "person", "list") and not slot.choices:
            return slots.from_text(slot, text, self.place, None, strict=True) if slot.kind == "person" else None
        forms = self.run.texts.choices(flow, slot)
        step = flow.step(frame.step)
        if forms is not None and not strict and step is not None and step.ask == name:
            from .doing import order

            if len(forms.values) > 1 or slot.kind == "choice":
                found = forms.find(text, many=slot.kind == "list", order=order(self.run, flow, frame, step))
                if slot.kind == "list":
                    return list(found) or None
                return found[0] if len(found) == 1 else None
        return slots.from_text(slot, text, self.place, forms, strict=strict)

    async def check(self, flow: Flow, frame: Frame, name: str, value: Any) -> Answer:
        """The value as it is kept, or why it can't be used: the slot's own rules, then its `check`."""
        slot = flow.slots[name]
        wrong = slots.problem(slot, value, self.place)
        if wrong is not None:
            return Answer(problem=wrong)
        value = slots.kept(slot, value, self.place)
        if slot.check is None:
            return Answer(value)
        return await self._checked(flow, frame, slot, value)

    async def rechecked(self, flow: Flow, frame: Frame, name: str) -> Problem | None:
        """Why a fact was no value for the slot, or one that was kept can't be any more, as another slot that its `check` looks at has
        changed; it is then unknown."""
        slot, value = flow.slots[name], frame.slots.get(name)
        told = frame.refused.pop(name, None)
        if told is not None and value is None:
            return Problem(*told)
        if value is None or not isinstance(slot.check, Call) or not slot.check.arguments:
            return None
        given = msgspec.json.encode([value, *(frame.slots.get(other) for other in flow.slots)]).hex()
        if frame.done.get(f"check:{name}") == given:
            return None
        answer = await self._checked(flow, frame, slot, value)
        if answer.problem is None:
            frame.done[f"check:{name}"] = given
            return None
        del frame.slots[name]
        return answer.problem

    async def _checked(self, flow: Flow, frame: Frame, slot: Slot, value: Any) -> Answer:
        """By the slot's `check`; a function may give the value that is kept."""
        run = self.run
        if isinstance(slot.check, str):
            fine = run.expression(flow, slot.check).holds(run.variables(flow, frame, value=value))
            return Answer(value, None if fine else Problem(f"flows-again-{slot.kind}"))
        assert isinstance(slot.check, Call)
        arguments = {key: run.value(flow, frame, text, value=value) for key, text in slot.check.arguments.items()}
        try:
            result = await run.tenant.hooks.call_function(run.turn, slot.check.call, {"value": value, **arguments})
        except FunctionRefused as refused:
            return Answer(value, Problem("", said=str(refused)))
        except HooklineError as error:
            run.tenant.log.warning(
                "an answer could not be checked", flow=frame.flow, function=slot.check.call, reason=str(error)
            )
            return Answer(value)
        if result is False:
            return Answer(value, Problem(f"flows-again-{slot.kind}"))
        given = isinstance(result, (str, int, float)) and not isinstance(result, bool)
        return Answer(result if given else value)

    # -- facts ---------------------------------------------------------------------------------------------------------

    async def known(self, flow: Flow, frame: Frame, name: str) -> None:
        """Fill the slot from what the conversation knows already, where that can be used."""
        slot = flow.slots[name]
        now = {entity.name for entity in self.run.turn.entities}
        for fact in slots.entities(name, slot):
            entity = self.run.turn.known.get(fact)
            if entity is None or (slot.fresh and fact not in now and fact not in frame.used.get("+", ())):
                continue
            if fact in frame.used and frame.used[fact] == entity.value:
                continue
            if await self._take(flow, frame, name, entity):
                return

    async def facts(
        self,
        flow: Flow,
        frame: Frame,
        *,
        but: str = "",
        empty: bool = False,
        kinds: Collection[str] = (),
        keep: Collection[str] = (),
    ) -> list[str]:
        """Fill empty slots, and change filled ones (not with `empty`), by facts of this message that are declared for them,
        of these kinds only if any are given, and none of those to `keep`; which ones."""
        filled: list[str] = []
        heard = frame.used.setdefault("+", [])
        heard += [e.name for e in self.run.turn.entities if e.name not in heard]
        for name, slot in flow.slots.items():
            if name == but or name in keep or (kinds and slot.kind not in kinds):
                continue
            own = slot.entities is None or name in slot.entities
            for entity in self._of(name, slot, self.run.turn.entities, general=False):
                shared = not own or self._shared(flow, entity.name) or self._anybodys(flow, name, entity.name)
                if frame.filled(name) and (empty or shared or frame.slots[name] is None):
                    continue
                before = frame.slots.get(name)
                if await self._take(flow, frame, name, entity):
                    if frame.slots[name] != before:
                        filled.append(name)
                    break
        return filled

    async def amounts(self, flow: Flow, frame: Frame) -> None:
        """Amounts of the message that begins a flow which say nothing of what they are, for the slots still to be asked for amounts, in
        the order of the questions: "pret auto 2 millions 2 ans 400000 cdi" tells the loan and then the income."""
        order = dict.fromkeys(
            step.ask for step in flow.steps if step.kind == "ask" and flow.slots[step.ask].kind == "money"
        )
        open_ones = [name for name in order if not frame.filled(name)]
        told = {fact for name in order for fact in (*slots.entities(name, flow.slots[name]), *GENERAL["money"])}
        taken = {frame.slots.get(name) for name in order}
        for entity in sorted(self.run.turn.entities, key=lambda one: one.start):
            if (
                entity.name not in (told | {"number"})
                or id(entity) in self.taken
                or entity.value in taken
                or not open_ones
            ):
                continue
            slot = flow.slots[open_ones[0]]
            least = slot.min if isinstance(slot.min, (int, float)) else 0
            if entity.name == "number" and (
                least < _AMOUNT or not isinstance(entity.value, (int, float)) or entity.value < least
            ):
                continue
            if await self._take(flow, frame, open_ones[0], entity):
                open_ones.pop(0)

    def pass_over(self, frame: Frame, entities: Iterable[Entity]) -> None:
        """These facts fill nothing later: they were said in a question."""
        frame.used.update({entity.name: entity.value for entity in entities})

    async def _take(self, flow: Flow, frame: Frame, name: str, entity: Entity) -> bool:
        slot = flow.slots[name]
        several = self._one_of(flow, slot, entity)
        if several:
            frame.refused[name] = ["flows-which", {"these": several}, ""]
            return False
        value = slots.from_entity(slot, entity, self.place, self.run.texts.choices(flow, slot))
        if value is None:
            return False
        answer = await self.check(flow, frame, name, value)
        if answer.problem is not None:
            if slot.kind in slots.NUMERIC and entity in self.run.turn.entities:
                frame.refused[name] = [answer.problem.key, dict(answer.problem.values), answer.problem.said]
            return False
        frame.refused.pop(name, None)
        frame.slots[name] = answer.value
        frame.used[entity.name] = entity.value
        self.taken.add(id(entity))
        self.tell_range(flow, name, answer.value)
        return True

    def _one_of(self, flow: Flow, slot: Slot, entity: Entity) -> str:
        """The labels of several things that the message names side by side ("a house and a shop") where one is asked for; "" else."""
        forms = self.run.texts.choices(flow, slot)
        if slot.kind != "choice" or forms is None or entity not in self.run.turn.entities:
            return ""
        text, end = self.run.turn.message.text, -1
        values: list[str] = []
        for one in sorted((e for e in self.run.turn.entities if e.name == entity.name), key=lambda e: e.start):
            value = slots.from_entity(slot, one, self.place, forms)
            if value is None or (values and not listing(text[end : one.start])):
                return ""
            end = one.end
            values += [value] if value not in values else []
        labels = [self.run.texts.label(flow, slot, value, self.run.language) for value in values]
        return ", ".join(labels) if len(labels) > 1 else ""

    def tell_range(self, flow: Flow, name: str, value: Any) -> None:
        """Say which end of a range was taken ("2 or 3 years"), so that the customer can take the other."""
        slot, entities = flow.slots[name], self.run.turn.entities
        if slot.kind not in slots.NUMERIC:
            return
        for one in entities:
            ends = one.value if one.name.endswith("_range") and isinstance(one.value, Mapping) else {}
            low, high = (
                slots.from_entity(slot, attrs.evolve(one, value=ends.get(end)), self.place, None)
                for end in ("from", "to")
            )
            if low is not None and high == value and low != high:
                taken, other = (doing.shown(self.run, flow, slot, end) for end in (high, low))
                self.run.say(self.run.phrase("flows-range", value=taken, other=other))
                return

    def _of(self, name: str, slot: Slot, entities: Iterable[Entity], *, general: bool) -> list[Entity]:
        """The facts that may fill the slot, those declared first."""
        after = self.amended(slot)
        given = [
            entity for entity in entities if id(entity) not in self.taken and (not entity.end or entity.end > after)
        ]
        wanted = [*slots.entities(name, slot), *(GENERAL.get(slot.kind, ()) if general else ())]
        return [entity for fact in dict.fromkeys(wanted) for entity in given if entity.name == fact]

    def amended(self, slot: Slot) -> int:
        """From where on the message counts for the slot: what stands before is taken back in the same breath."""
        if slot.kind not in slots.NUMERIC:
            return 0
        return answers.amended(self.run.turn.message.text, comma=self.place.comma)

    def _shared(self, flow: Flow, fact: str) -> bool:
        """Whether several slots of the flow are filled by facts of that name."""
        return sum(fact in slots.entities(name, slot) for name, slot in flow.slots.items()) > 1

    def _anybodys(self, flow: Flow, name: str, fact: str) -> bool:
        """Whether a fact that says nothing of what it is ("600 000 francs") may be of another slot of the kind as well."""
        kind = flow.slots[name].kind
        alike = [other for other, slot in flow.slots.items() if slot.kind == kind]
        return fact != name and fact in GENERAL.get(kind, ()) and len(alike) > 1

    def pieces(self, problem: Problem, flow: Flow, slot: Slot) -> Mapping[str, Any]:
        """The values of what is said about a problem."""
        return dict(problem.values)
