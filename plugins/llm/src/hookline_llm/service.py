"""What the plugin does: answers from the chain of providers, grounded and cited, or leaves it to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from hookline.errors import ServiceNotFound
from hookline.message import Citation, Prompt, Reply, Segment

from .client import Outcome, make_client
from .endpoint import Endpoint
from .facts import facts
from .grounding import Grounded, Grounding
from .prompt import NO_ANSWER, compose, read_instructions
from .refusal import ModelFailed
from .sentences import SentenceStream
from .sources import Source, choose, shown

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

T = TypeVar("T")
CHAIN = "llm"


class Answers:
    """The models of one snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._config: Config = tenant.config
        self._endpoints: dict[str, Endpoint] = {}
        self._instructions: dict[str, str] = {}
        self._general_instructions: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which `generate` is served: "llm" for the chain, and each provider's own."""
        usable = [name for name in self._config.complete if name not in self._config.left_out]
        return (CHAIN, *usable) if self._config.chain else tuple(usable)

    async def open(self) -> None:
        """Make the clients, and read the instructions."""
        tenant, compute = self._tenant, self._tenant.compute
        for name, provider in self._config.complete.items():
            if name in self._config.left_out:
                tenant.log.warning("model provider left out", provider=name, reason=self._config.left_out[name])
                continue
            client = await compute.run(make_client, name, provider)
            self._endpoints[name] = Endpoint(
                name, provider, client, tenant=tenant.name, clock=tenant.clock, log=tenant.log
            )
        self._instructions = await compute.run(read_instructions, tenant.folder)
        self._general_instructions = await compute.run(read_instructions, tenant.folder, "general")

    async def close(self) -> None:
        """Close the clients' connections."""
        endpoints, self._endpoints = self._endpoints, {}
        for endpoint in endpoints.values():
            await endpoint.client.close()

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
        return self._first(endpoints, lambda endpoint: endpoint.stream(prompt, Outcome()))

    async def _first(
        self, endpoints: Sequence[Endpoint], ask: Callable[[Endpoint], AsyncGenerator[T, None]]
    ) -> AsyncGenerator[T, None]:
        """What the first provider gives that gives anything; one that fails later is not replaced.

        Raises the last one's `ModelFailed`.
        """
        for endpoint in endpoints:
            given = False
            try:
                async with aclosing(ask(endpoint)) as items:
                    async for item in items:
                        given = True
                        yield item
                return
            except ModelFailed as error:
                if given or endpoint is endpoints[-1]:
                    raise
                self._tenant.log.warning("next model provider asked", provider=endpoint.name, reason=error.reason)

    # -- answers ---------------------------------------------------------------------------------------------------

    def respond(self, turn: Turn) -> AsyncIterator[Segment | Reply] | None:
        """The answer, sentence by sentence, and in the end the whole `Reply`; None where no model is to be asked.

        An iterator without any item means that the model had nothing to say that the passages bear out.
        """
        config = self._config
        if self._chain and config.without_documents == "answer" and any(f.hook == "retrieve" for f in turn.failures):
            return self._first(self._chain, lambda endpoint: self._general(endpoint, turn))
        best = max((passage.confidence for passage in turn.passages), default=0.0)
        if not self._chain or not turn.passages or best < config.min_confidence:
            return None
        sources = choose(turn.passages, config.context_chars)
        earlier = [message for message in turn.history if message.id != turn.message.id]
        prompt = compose(
            self._instructions,
            self._tenant.settings,
            turn.language,
            turn.message.text,
            sources,
            earlier[-config.history :] if config.history else (),
            max_tokens=config.max_tokens,
            temperature=config.temperature,
        )
        return self._first(self._chain, lambda endpoint: self._answer(endpoint, prompt, turn, sources, best))

    async def _general(self, endpoint: Endpoint, turn: Turn) -> AsyncGenerator[Segment | Reply, None]:
        """What the model can say while the documents can't be reached; a sentence with a figure of its own is dropped."""
        prompt = compose(
            self._general_instructions,
            self._tenant.settings,
            turn.language,
            turn.message.text,
            (),
            (),
            max_tokens=self._config.max_tokens,
            temperature=self._config.temperature,
        )
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
        self, endpoint: Endpoint, prompt: Prompt, turn: Turn, sources: Sequence[Source], confidence: float
    ) -> AsyncGenerator[Segment | Reply, None]:
        outcome = Outcome()
        grounding = await self._tenant.compute.run(Grounding, turn.message.text, sources, turn.language)
        cited: dict[Citation, int] = {}
        said: list[str] = []
        before = ""  # what says nothing by itself ("Certainly!") waits for what it introduces
        dropped: list[str] = []
        async with aclosing(_sentences(endpoint.stream(prompt, outcome), outcome)) as sentences:
            async for sentence in sentences:
                if NO_ANSWER in sentence:
                    break
                if not grounding.says_something(sentence):
                    before += sentence
                    continue
                grounded = grounding.judge(sentence)
                if not isinstance(grounded, Grounded):
                    before = ""
                    dropped.append(grounded.reason)
                    continue
                for citation in grounded.citations:
                    cited.setdefault(citation, len(cited) + 1)
                marks = "".join(f"[{cited[citation]}]" for citation in grounded.citations)
                gap = sentence[len(sentence.rstrip()) :] or " "
                text = f"{before}{grounded.text} {marks}{gap}"
                before = ""
                said.append(text)
                yield Segment(text, grounded.citations)
        if dropped:
            self._tenant.log.warning("sentences not borne out by the passages", provider=endpoint.name, dropped=len(dropped), reasons=sorted(set(dropped)),
                                     kept=len(said))  # fmt: skip
        if said:
            data = {"provider": outcome.provider, "model": outcome.model, "passages": [shown(one) for one in sources]}
            yield Reply("".join(said).strip(), citations=tuple(cited), confidence=round(confidence, 4), data=data)

    # -- health ----------------------------------------------------------------------------------------------------

    async def health(self) -> Mapping[str, Any]:
        """The part "llm": ok while the first of the chain is well, degraded while it is not, off without a chain."""
        if not self._config.chain:
            return {"llm": {"status": "off", "detail": "no provider in the chain; answers are extractive"}}
        troubles = dict(self._config.left_out)
        checks = await asyncio.gather(*(endpoint.check() for endpoint in self._chain))
        troubles |= {endpoint.name: trouble for endpoint, trouble in zip(self._chain, checks, strict=True) if trouble}
        told = []
        for name in self._config.chain:
            provider = self._config.complete[name]
            told.append(f"{name}: {troubles[name]}" if name in troubles else f"{name}: {provider.model} ready")
        status = "degraded" if self._config.chain[0] in troubles else "ok"
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
