"""One message to the flow that waits for it, and what the modules that take it need of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answers, doing
from .model import Flow, Slot, Step
from .slots import GENERAL, NUMERIC, entities, from_entity
from .wording import lists, polite, words

if TYPE_CHECKING:
    from .running import Run
    from .stack import Frame

SURE = 0.9  # of an intent that counts for more than what else the message may be
NOTHING_KNOWN = "out_of_scope"  # what nlu calls a message that is about nothing it knows
FEW = 8  # words of a message that tells one thing
SHORT = 3  # words of a message that, not understood, is taken for an answer that was meant


class Heard:
    """One message to the innermost flow."""

    def __init__(self, run: Run, flow: Flow, frame: Frame) -> None:
        self.run = run
        self.flow = flow
        self.frame = frame
        self.text = run.turn.message.text
        step = flow.step(frame.step)
        assert step is not None
        self.step: Step = step
        self.long_ago = bool(run.stack.at) and run.now - run.stack.at > run.service.config.resume_after

    def forget(self, target: str) -> None:
        """Stand before a question again, as if it had not been answered."""
        frame, flow = self.frame, self.flow
        slot = flow.steps[flow.place(target)].ask
        frame.slots.pop(slot, None)
        self.use_up()
        frame.step, frame.waiting, frame.tries = target, "", 0

    def use_up(self) -> None:
        """What is known now fills nothing later."""
        self.frame.used.update({name: entity.value for name, entity in self.run.turn.known.items()})

    async def exact(self, slot: Slot) -> bool:
        """Whether the message is one of the choices, to the letter: then it is an answer, whatever it sounds like."""
        forms = self.run.texts.choices(self.flow, slot)
        return forms is not None and forms.exactly(self.text) is not None

    def names_only(self, slot: Slot) -> bool:
        """Whether the message does nothing but name one of the choices: "it's a shop", but not "to extend the shop"."""
        forms = self.run.texts.choices(self.flow, slot)
        said = polite(words(self.text))
        said = said[lists()["elliptic"].opens(said) :]
        bare = [word for word in said if word not in lists()["linking"].phrases]
        return forms is not None and (len(bare) <= 1 or tuple(bare) in forms.forms)

    async def choice_of_another(self, but: str) -> tuple[str, object] | None:
        """The slot and value where the message is exactly one of another slot's choices: "the shop", where a town is asked for."""
        said = polite(words(self.text))
        while len(said) > 1 and said[0] in ("the", "a", "an", "my", "la", "le", "ma", "mon", "un", "une"):
            said = said[1:]
        for name, slot in self.flow.slots.items():
            forms = self.run.texts.choices(self.flow, slot) if name != but and slot.kind == "choice" else None
            if forms is not None and tuple(said) in forms.forms and not said[0].isdigit():
                return name, forms.forms[tuple(said)]
        return None

    def meant(self, slot: Slot) -> str:
        """The message, without a "no," before a value of the same slot."""
        if slot.named or slot.kind in ("money", "number", "duration", "date", "email", "phone"):
            denied = slot.kind == "date" and words(self.text)[:1] in (["not"], ["pas"])  # "not today"
            if denied:
                return self.text
            told = answers.instead(self.text[self.run.filling.amended(slot) :])
            return answers.correction(told) or told
        return self.text

    def other_matter(self) -> bool:
        """Whether it is about something that other plugins know: an intent was found, and it is more than a few words."""
        if answers.certain(self.text):
            return False
        best = next(iter(self.run.turn.intents), None)
        if best is not None and best.name in self.flow.starts.intents and len(words(self.text)) <= SHORT:
            return False  # "6 millions" sounds like what the flow is about anyway
        score = best.score if best is not None and best.name != NOTHING_KNOWN else 0.0
        return score >= SURE or (score >= max(0.5, self.run.service.config.sure) and len(words(self.text)) > SHORT)

    def tells(self) -> bool:
        """Whether the message has a fact that the flow asks for."""
        told = {entity.name for entity in self.run.turn.entities}
        return any(told & {*entities(name, slot)} for name, slot in self.flow.slots.items())

    def tells_anew(self) -> bool:
        """Whether it says in few words what an answer is now, and no more: "mon salaire c'est plutôt 400 mille"."""
        told = {entity.name for entity in self.run.turn.entities if isinstance(entity.value, (int, float))}
        mine = {
            fact
            for name, slot in self.flow.slots.items()
            if slot.kind in NUMERIC and isinstance(self.frame.slots.get(name), (int, float))
            for fact in entities(name, slot)
        }
        best = next(iter(self.run.turn.intents), None)
        sure = best is not None and best.score >= SURE
        return bool(told & mine) and not sure and len(words(self.text)) <= FEW and not answers.asks(self.text)

    def use_facts(self, name: str) -> None:
        """The facts of this message that fit the slot are used up."""
        slot = self.flow.slots[name]
        wanted = {*entities(name, slot), *GENERAL.get(slot.kind, ())}
        value = self.frame.slots.get(name)
        for entity in self.run.turn.entities:
            same = from_entity(slot, entity, self.run.filling.place, self.run.texts.choices(self.flow, slot)) == value
            if entity.name in wanted or (same and value is not None):
                self.frame.used[entity.name] = entity.value
                self.run.filling.taken.add(id(entity))

    def noted(self, name: str) -> None:
        """Say that a value was taken."""
        run, slot = self.run, self.flow.slots[name]
        value = doing.shown(run, self.flow, slot, self.frame.slots[name])
        run.say(run.phrase("flows-noted", name=run.texts.name(name, slot, run.language), value=value))

    def bounds(self, slot: Slot, values: object) -> dict[str, object]:
        """The bounds as the customer reads them."""
        return self.run.bounds(self.flow, slot, values)

    def title(self) -> str:
        """What the customer knows the flow as."""
        return self.run.service.title(self.frame.flow, self.flow, self.run.language)
