"""The flows of one snapshot of a tenant: which there are, when they begin, and what a turn does with them; knows nothing of hooks."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hookline import formats
from hookline.errors import ConfigError
from hookline.message import HandoffRequest, Reply

from . import answers, listening, loading, needs, spoken, wording
from .expressions import compiled
from .heard import NOTHING_KNOWN, Heard
from .model import RESERVED, Flow
from .running import Run
from .slots import Place, entities
from .stack import PLUGIN, Frame, place_of
from .texts import VOICE, Texts
from .versions import Versions
from .wording import Words, words

if TYPE_CHECKING:
    from hookline.message import Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

_ENOUGH = 3  # facts that the flow asks for, which begin it though no intent was made out
_EACH = 0.12  # of what an intent lacks, made up for by each fact that the flow asks for


class Service:
    """The service of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config
        self.flows = loading.read(tenant.folder) if tenant.folder is not None else loading.Flows({})
        self.texts = Texts(tenant)
        self.versions = Versions(self)
        self.zone = formats.timezone(tenant.settings)
        self._words = {name: Words.of(one.flow.starts.words) for name, one in self.flows.by_name.items()}
        self._asked: weakref.WeakKeyDictionary[Turn, Run] = weakref.WeakKeyDictionary()
        self._handoffs: weakref.WeakKeyDictionary[Turn, HandoffRequest] = weakref.WeakKeyDictionary()

    async def start(self) -> None:
        """Check the flows against what the other plugins offer; raises `ConfigError`."""
        hooks = self.tenant.hooks
        await self.tenant.compute.batch(wording.lists)  # no customer shall wait for them
        problems = await self.tenant.compute.batch(
            lambda: needs.started(
                self.flows,
                functions=hooks.functions,
                entities=hooks.found("extract_entities"),
                intents=hooks.found("classify_intent"),
                language=self.tenant.settings.language,
                identity=hooks.implemented("require_identity"),
            )
        )
        settings = self.tenant.settings
        problems += needs.untranslated(self.flows, [tag for tag in settings.languages if tag != settings.language])
        if problems:
            raise ConfigError("\n".join(problems))
        await self.versions.keep()

    def local(self, at: float) -> dt.datetime:
        """The time where the tenant is."""
        return dt.datetime.fromtimestamp(at, self.zone)

    def place(self, language: str = "") -> Place:
        """Where the tenant's customers live, and their day."""
        settings = self.tenant.settings
        return Place(
            comma=formats.style(settings) == "french",
            currency=formats.currency(settings),
            region=formats.region(settings),
            today=self.local(self.tenant.clock.now()).date(),
            languages=tuple(dict.fromkeys(tag for tag in (language, settings.language, "en") if tag)),
        )

    def has_plugin(self, name: str) -> bool:
        """Whether the tenant has the plugin."""
        return name in self.tenant.settings.plugins

    def title(self, name: str, flow: Flow, language: str) -> str:
        """What the customer knows a flow as."""
        return self.texts.say(flow.title, language, {}) if flow.title else name.replace("_", " ").replace("-", " ")

    def shown(self, frame: Frame) -> dict[str, Any]:
        """Where a flow is, as replies and pages say it."""
        loaded = self.flows.by_name.get(frame.flow)
        step = loaded.flow.step(frame.step) if loaded else None
        return {
            "flow": frame.flow,
            "step": frame.step,
            "slot": step.ask if step is not None else "",
            "state": step.state if step is not None else "",
        }

    # -- a turn --------------------------------------------------------------------------------------------------------

    async def respond(self, turn: Turn) -> Reply | None:
        """Go on with the flow that the conversation is in, or begin one; None leaves the message to other plugins."""
        if not self.flows.by_name:
            return None
        if place_of(turn.state(PLUGIN)) is None:
            name, given = self._named(turn.message)
            name = name or self.started(turn)
            return await self._begin(turn, name, given) if name else None
        return await self._go_on(turn)

    def _named(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """The flow that an event of a channel begins by its name, as a call does, with the values that it gives."""
        told = message.data.get("flow") if message.input_type == "event" else None
        if not isinstance(told, Mapping) or told.get("begin") not in self.flows.by_name:
            return "", {}
        given = told.get("slots")
        return str(told["begin"]), given if isinstance(given, Mapping) else {}

    async def _begin(self, turn: Turn, name: str, given: Mapping[str, Any] | None = None) -> Reply | None:
        run = Run(self, turn)
        frame = await run.begin(name)
        flow = await run.flow(frame)
        for key, value in (given or {}).items():
            (frame.slots if key in flow.slots else frame.values)[key] = value
        flow = await run.flow(frame)
        await run.filling.facts(flow, frame)
        await run.filling.amounts(flow, frame)
        await run.go()
        return self._done(run)

    async def _go_on(self, turn: Turn) -> Reply | None:
        run = Run(self, turn)
        frame = run.stack.top
        assert frame is not None
        flow = await run.flow(frame)
        if flow.step(frame.step) is None or not frame.waiting:
            await run.go()
            return self._done(run)
        heard = Heard(run, flow, frame)
        other = self._other(turn, frame, flow)
        if other and not await listening.answered(heard):
            inner = await run.begin(other)
            await run.filling.facts(await run.flow(inner), inner)
            await run.go()
            return self._done(run)
        if await listening.hear(heard):
            return self._done(run)
        self._asked[turn] = run
        question = await self._question(run, flow, frame)
        if question and (step := flow.step(frame.step)) is not None and not step.open:
            turn.guide(
                f"The customer is in the middle of {self.title(frame.flow, flow, 'en')!r}. The open question is: {question!r} "
                "Answer only what was asked now; the open question is repeated below your answer by itself."
            )
        run.keep()
        return None

    async def _question(self, run: Run, flow: Flow, frame: Frame) -> str:
        """The open question, as it would be asked now."""
        said, replies, run.said, run.replies = run.said, run.replies, [], []
        await run.ask_again(flow, frame)
        question = "\n".join(run.said)
        run.said, run.replies = said, replies
        return question

    def _done(self, run: Run) -> Reply | None:
        run.keep()
        if run.handoff is not None:
            self._handoffs[run.turn] = run.handoff
        reply = run.reply()
        if reply is None and run.handoff is not None:
            return Reply("")
        return reply

    def handoff(self, turn: Turn) -> HandoffRequest | None:
        """The person that a step of this turn has asked for."""
        return self._handoffs.pop(turn, None)

    # -- which flow ----------------------------------------------------------------------------------------------------

    def started(self, turn: Turn, *, but: str = "") -> str:
        """The flow that the message begins; "" where it begins none."""
        intents = [i.name for i in turn.intents[:1] if i.score >= self.config.sure]
        said = words(turn.message.text)
        facts, asks = {entity.name for entity in turn.entities}, answers.wonders(turn.message.text)
        for name, one in self.flows.by_name.items():
            if name == but:
                continue
            starts = one.flow.starts
            if starts.likely and answers.unwanted(turn.message.text):
                continue
            fits = bool({*starts.intents} & {*intents}) or bool(starts.words and self._words[name].anywhere(said))
            fits = fits or (not asks and bool(facts & {*starts.entities}))
            if fits and self._when(turn, one.flow):
                return name
        return "" if asks else self._likely(turn, but)

    def _likely(self, turn: Turn, but: str) -> str:
        """The flow that an intent and facts begin together, which neither would alone: "pret immo 15M 20 ans"."""
        best = next((i.name for i in turn.intents if i.name != NOTHING_KNOWN), "")
        if answers.denies(turn.message.text) or answers.unwanted(turn.message.text):
            return ""
        others = {i for one in self.flows.by_name.values() for i in one.flow.starts.intents}
        told = {entity.name for entity in turn.entities}
        for name, one in self.flows.by_name.items():
            starts = one.flow.starts
            if name == but or not starts.likely:
                continue
            facts = sum(bool(told & {*entities(slot, declared)}) for slot, declared in one.flow.slots.items())
            mine = next((i.score for i in turn.intents if i.name in starts.intents), 0.0)
            leads = best in starts.intents and mine >= max(starts.likely, self.config.sure - _EACH * facts)
            if ((facts and leads) or (facts >= _ENOUGH and best not in others)) and self._when(turn, one.flow):
                return name
        return ""

    def _when(self, turn: Turn, flow: Flow) -> bool:
        if not flow.starts.when:
            return True
        frame = Frame(0, "", "", 0)
        run = Run(self, turn)
        return compiled(flow.starts.when, {*flow.names, *RESERVED}).holds(run.variables(flow, frame))

    def _other(self, turn: Turn, frame: Frame, flow: Flow) -> str:
        """Another flow that the message begins in the midst of this one."""
        step = flow.step(frame.step)
        if step is None or answers.command(turn.message.text) is not None:
            return ""
        return self.started(turn, but=frame.flow)

    # -- after a question in between -----------------------------------------------------------------------------------

    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Repeat the open question below the answer to a question in between."""
        if reply.partial:
            return reply
        run = self._asked.pop(turn, None)
        if run is None:
            return reply
        frame = run.stack.top
        if frame is None or turn.handoff is not None:
            return reply
        flow = await run.flow(frame)
        step = flow.step(frame.step)
        if step is None or step.open or not (self.config.remind or not reply.answered):
            return reply
        run.said, run.replies = [], []
        await run.ask_again(flow, frame)
        question = "\n".join(run.said)
        data = {**reply.data, "flow": self.shown(frame)}
        if run.channel == VOICE:
            data["flow"] |= spoken.waiting(run, frame)
        if not reply.answered and not turn.responder:
            lead = run.phrase("flows-unknown")
            return attrs.evolve(
                reply, text=f"{lead}\n\n{question}", quick_replies=tuple(run.replies), data=data, answered=True
            )
        lead = run.phrase("flows-remind")
        text = f"{reply.text}\n\n{lead} {question}" if lead else f"{reply.text}\n\n{question}"
        return attrs.evolve(reply, text=text, quick_replies=tuple(run.replies), data=data)


def service_of(tenant: Tenant) -> Service:
    """The service of the tenant's snapshot, for its routes, pages and commands."""
    found: Service = tenant.implementation.service
    return found
