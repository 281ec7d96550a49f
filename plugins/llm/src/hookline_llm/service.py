"""What the plugin does: answers from the chain of providers, grounded and cited, or leaves it to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import attrs

from hookline.errors import ConfigError, ServiceNotFound
from hookline.message import Citation, Prompt, Reply, Segment
from hookline.tenant import ResourceKey

from . import packs
from .client import Outcome, make_client
from .endpoint import Endpoint
from .facts import facts
from .grounding import Grounded, Grounding
from .prompt import NO_ANSWER, Material, guidance, known_facts, values
from .rate import Rate
from .refusal import ModelFailed
from .sentences import SentenceStream
from .sources import Source, choose, shown
from .usage import Ledger

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

T = TypeVar("T")
CHAIN = "llm"
LEDGER: ResourceKey[Ledger] = ResourceKey("ledger")


@attrs.define
class Note:
    """What became of the models' answer to one turn: why sentences were dropped, and whether they failed it."""

    dropped: list[str] = attrs.Factory(list)
    failed: bool = False


class Answers:
    """The models of one snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._config: Config = tenant.config
        self._endpoints: dict[str, Endpoint] = {}
        self._packs = packs.Packs({})
        self._notes: WeakKeyDictionary[Turn, Note] = WeakKeyDictionary()
        self._ledger: Ledger

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which `generate` is served: "llm" for the chain, and each provider's own."""
        usable = [name for name in self._config.complete if name not in self._config.left_out]
        return (CHAIN, *usable) if self._config.models else tuple(usable)

    async def open(self) -> None:
        """Make the clients, and read the prompts; raises `ConfigError` for prompts that can't be used."""
        tenant, compute = self._tenant, self._tenant.compute
        self._ledger = await tenant.keep(LEDGER, Ledger(tenant).open)
        for name, provider in self._config.complete.items():
            if name in self._config.left_out:
                tenant.log.warning("model provider left out", provider=name, reason=self._config.left_out[name])
                continue
            client = await compute.run(make_client, name, provider)
            self._endpoints[name] = Endpoint(
                name,
                provider,
                client,
                tenant=tenant.name,
                clock=tenant.clock,
                log=tenant.log,
                rate=await tenant.keep(ResourceKey[Rate](f"rate:{name}"), self._rate),
                ledger=self._ledger,
                spent=self._spent,
            )
        self._packs, problems = await compute.run(packs.read, self._config, tenant.folder)
        if problems:
            raise ConfigError("\n".join(problems))

    async def close(self) -> None:
        """Close the clients' connections."""
        endpoints, self._endpoints = self._endpoints, {}
        for endpoint in endpoints.values():
            await endpoint.client.close()

    async def _rate(self) -> Rate:
        return Rate(self._tenant.clock)

    async def _spent(self) -> str:
        """Why nothing more may be spent, by any of the processes that serve the tenant; "" while it may."""
        if self._config.budget.day or self._config.budget.month:
            await self._ledger.refresh()
        for period in ("day", "month"):
            limit = getattr(self._config.budget, period)
            if limit and self._ledger.spent(period) >= limit:
                return f"is left out: the budget of {limit:g} a {period} is spent"
        return ""

    @property
    def _chain(self) -> list[Endpoint]:
        return [self._endpoints[name] for name in self._config.usable if name in self._endpoints]

    # -- the service `generate` ------------------------------------------------------------------------------------

    def generate(self, name: str, prompt: Prompt) -> AsyncIterator[str]:
        """A model's answer, piece by piece; "llm" asks the chain, a provider's name that provider alone.

        Raises `ServiceNotFound`, and `ModelFailed` while it is read.
        """
        if name != CHAIN and name not in self._endpoints:
            raise ServiceNotFound(f"no model provider {name!r}; there are: {', '.join(self.names) or 'none'}")
        endpoints = self._chain if name == CHAIN else [self._endpoints[name]]
        if not endpoints:
            reason = "; ".join(self._config.left_out.values()) or "the chain names none"
            raise ModelFailed(CHAIN, f"has no provider that can be asked: {reason}", blame=False)
        return self._first(endpoints, lambda endpoint: endpoint.stream(prompt, Outcome()))

    async def _first(
        self,
        endpoints: Sequence[Endpoint],
        ask: Callable[[Endpoint], AsyncGenerator[T, None]],
        note: Note | None = None,
    ) -> AsyncGenerator[T, None]:
        """What the first provider gives that gives anything; one that fails later is not replaced.

        Raises the last one's `ModelFailed`.
        """
        for endpoint in endpoints:
            begun = False
            try:
                async with aclosing(ask(endpoint)) as results:
                    async for result in results:
                        begun = True
                        yield result
                return
            except ModelFailed as error:
                if begun or endpoint is endpoints[-1]:
                    if note is not None:
                        note.failed = True
                    raise
                self._tenant.log.warning("next model provider asked", provider=endpoint.name, reason=error.reason)

    # -- answers ---------------------------------------------------------------------------------------------------

    def respond(self, turn: Turn) -> AsyncIterator[Segment | Reply] | None:
        """The answer, sentence by sentence, and in the end the whole `Reply`; None where no model is to be asked.

        An iterator without any item means that the model had nothing to say that the passages bear out.
        """
        config = self._config
        facts_known = known_facts(turn)
        if config.models and facts_known:
            turn.state("llm")["facts"] = facts_known
        if config.models and not self._chain:
            self._notes[turn] = Note(failed=True)
        if self._chain and config.without_documents == "answer" and any(f.hook == "retrieve" for f in turn.failures):
            return self._first(self._chain, lambda endpoint: self._general(endpoint, turn, facts_known))
        readable = [passage for passage in turn.passages if not passage.quote_only]
        best = max((passage.confidence for passage in readable), default=0.0)
        if not self._chain or not readable or best < config.min_confidence:
            return None
        earlier = [message for message in turn.history if message.id != turn.message.id]
        material = Material(
            self._pack(turn),
            values(turn, self._tenant.settings.title, facts_known, config.variables),
            choose(readable, config.context_chars),
            earlier[-config.history :] if config.history else (),
            guidance(turn),
        )
        note = self._notes[turn] = Note()
        return self._first(self._chain, lambda endpoint: self._answer(endpoint, material, turn, best, note), note)

    def _pack(self, turn: Turn) -> packs.Pack:
        kind = next(
            (self._config.prompts[one.name] for one in turn.intents if one.name in self._config.prompts), packs.ANSWER
        )
        return self._packs.find(kind, turn.language, self._tenant.settings.language)

    async def _general(
        self, endpoint: Endpoint, turn: Turn, facts_known: Mapping[str, str]
    ) -> AsyncGenerator[Segment | Reply, None]:
        """What the model can say while the documents can't be reached; a sentence with a figure of its own is dropped."""
        settings, config = self._tenant.settings, self._config
        pack = self._packs.find(packs.GENERAL, turn.language, settings.language)
        material = Material(pack, values(turn, settings.title, facts_known, config.variables), (), (), guidance(turn))
        prompt = material.compose(max_tokens=config.max_tokens, temperature=config.temperature)
        outcome = Outcome()
        known = facts(turn.message.text)
        said: list[str] = []
        async with aclosing(_sentences(endpoint.stream(prompt, outcome), outcome)) as sentences:
            async for sentence in sentences:
                if NO_ANSWER in sentence:
                    break
                if all(any(fact.agrees(other) for other in known) for fact in facts(sentence)):
                    said.append(sentence)
                    yield Segment(sentence)
        if said:
            data = {"provider": outcome.provider, "model": outcome.model, "grounded": False}
            yield Reply("".join(said).strip(), confidence=0.0, data=data)

    async def _answer(
        self, endpoint: Endpoint, material: Material, turn: Turn, confidence: float, note: Note
    ) -> AsyncGenerator[Segment | Reply, None]:
        config = self._config
        room = endpoint.provider.context - config.max_tokens
        fitted = material.fit(
            room, max_tokens=config.max_tokens, temperature=config.temperature, weights=endpoint.weights
        )
        if fitted is None:
            reason = f"can't hold the prompt: {room} tokens are left for it; raise context, or shorten it"
            raise ModelFailed(endpoint.name, reason, blame=False)
        prompt, held = fitted
        sources: Sequence[Source] = material.sources[:held]
        if held < len(material.sources):
            self._tenant.log.info("passages left out", provider=endpoint.name, left_out=len(material.sources) - held)
        outcome = Outcome()
        grounding = await self._tenant.compute.run(Grounding, turn.message.text, sources, turn.language)
        cited: dict[Citation, int] = {}
        said: list[str] = []
        before = ""  # what says nothing by itself ("Certainly!") waits for what it introduces
        async with aclosing(_sentences(endpoint.stream(prompt, outcome), outcome)) as sentences:
            async for sentence in sentences:
                if NO_ANSWER in sentence:
                    break
                if not grounding.says_something(sentence):
                    before += sentence
                    continue
                grounded = await self._tenant.compute.run(grounding.judge, sentence)
                if not isinstance(grounded, Grounded):
                    before = ""
                    note.dropped.append(grounded.reason)
                    continue
                for citation in grounded.citations:
                    cited.setdefault(citation, len(cited) + 1)
                marks = "".join(f"[{cited[citation]}]" for citation in grounded.citations)
                gap = sentence[len(sentence.rstrip()) :] or " "
                text = f"{before}{grounded.text} {marks}{gap}"
                before = ""
                said.append(text)
                yield Segment(text, grounded.citations)
        if note.dropped:
            self._tenant.log.warning("sentences not borne out by the passages", provider=endpoint.name,
                                     dropped=len(note.dropped), reasons=sorted(set(note.dropped)), kept=len(said))  # fmt: skip
        if said:
            data = {"provider": outcome.provider, "model": outcome.model, "passages": [shown(one) for one in sources]}
            yield Reply("".join(said).strip(), citations=tuple(cited), confidence=round(confidence, 4), data=data)

    def review(self, turn: Turn, reply: Reply) -> Reply:
        """The reply, marked: `fallback` where the models failed and another plugin answered, `dropped` with the
        reasons why sentences of a model were."""
        note = self._notes.get(turn)
        if note is None or reply.partial:
            return reply
        marks: dict[str, Any] = {}
        if note.failed:
            marks["fallback"] = True
        if note.dropped:
            marks["dropped"] = sorted(set(note.dropped))
        return attrs.evolve(reply, data={**reply.data, **marks}) if marks else reply

    # -- health and figures ----------------------------------------------------------------------------------------

    async def health(self) -> Mapping[str, Any]:
        """The part "llm": ok while the first of the chain is well, degraded while it is not, off without a chain."""
        if not self._config.models:
            return {"llm": {"status": "off", "detail": "no provider in the chain; answers are extractive"}}
        troubles = dict(self._config.left_out)
        checks = await asyncio.gather(*(endpoint.check() for endpoint in self._chain))
        troubles |= {endpoint.name: trouble for endpoint, trouble in zip(self._chain, checks, strict=True) if trouble}
        told = []
        for name in self._config.models:
            provider = self._config.complete[name]
            told.append(f"{name}: {troubles[name]}" if name in troubles else f"{name}: {provider.model} ready")
        status = "degraded" if self._config.models[0] in troubles else "ok"
        return {"llm": {"status": status, "detail": "; ".join(told)}}


async def _sentences(pieces: AsyncGenerator[str, None], outcome: Outcome) -> AsyncGenerator[str, None]:
    """The stream cut into sentences; an unfinished last one is left out where the answer was cut at its limit."""
    stream = SentenceStream()
    async with aclosing(pieces):
        async for piece in pieces:
            for sentence in stream.feed(piece):
                yield sentence
    for sentence in stream.close(complete=outcome.finish != "length"):
        yield sentence
