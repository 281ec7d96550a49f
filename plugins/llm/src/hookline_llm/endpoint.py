"""A provider as the chain asks it: within its time limits, tried again where that may help, left alone when it fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from hookline.clock import Clock
from hookline.message import Prompt
from hookline.metrics import LLM_SECONDS

from .breaker import Breaker
from .client import Client, Outcome
from .rate import Rate
from .refusal import ModelFailed
from .tokens import LLAMA, OPENAI, Weights, estimate, estimate_messages
from .usage import Ledger, Used

if TYPE_CHECKING:
    from .config import Provider

CHECK_LIMIT = 1.5
CHECK_KEPT = 10.0
ENDLESS = 2.0  # times the tokens that were asked for: then a model that does not stop is stopped


class Endpoint:
    """One provider of one tenant's snapshot.

    `spent` says why nothing more may be spent on models that cost something; "" while it may.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        client: Client,
        *,
        tenant: str,
        clock: Clock,
        log: Any,
        rate: Rate,
        ledger: Ledger,
        spent: Callable[[], Awaitable[str]],
    ) -> None:
        self.name = name
        self._rate = rate
        self._ledger = ledger
        self._spent = spent
        self.provider = provider
        self.client = client
        self.breaker = Breaker(clock, provider.failures, provider.recovery)
        self._tenant = tenant
        self._log = log
        self._checking = asyncio.Lock()
        self._checked: tuple[float, str] | None = None

    @property
    def weights(self) -> Weights:
        """How this provider's models count tokens, about."""
        return OPENAI if self.provider.model.startswith(("gpt-", "o1", "o3", "o4", "gemini")) else LLAMA

    @property
    def costs(self) -> bool:
        """Whether it costs anything."""
        return bool(self.provider.price_in or self.provider.price_out)

    async def stream(self, prompt: Prompt, outcome: Outcome) -> AsyncGenerator[str, None]:
        """The answer, piece by piece.

        Tried again only before the first piece.  Raises `ModelFailed`, also in mid-stream.
        """
        if self.costs and (reason := await self._spent()):
            raise ModelFailed(self.name, reason, blame=False)
        if not self.breaker.enter():
            seconds = self.breaker.closed_in
            raise ModelFailed(
                self.name, f"is left alone for {seconds:.0f} s after failing" if seconds else "is on trial"
            )
        outcome.provider = self.name
        outcome.model = prompt.model or self.provider.model
        began = asyncio.get_running_loop().time()
        ended = "left"
        said: list[str] = []
        most = ENDLESS * prompt.max_tokens
        tokens = 0.0
        try:
            async with aclosing(self._within_limits(prompt, outcome, began)) as pieces:
                async for piece in pieces:
                    said.append(piece)
                    yield piece
                    tokens += 0.2 * len(piece)  # no tokenizer makes fewer of a Latin text; one of a piece at least
                    if len(said) > most and tokens > most:
                        outcome.finish = "length"
                        self._log.warning("model does not stop", provider=self.name, pieces=len(said))
                        break
            ended = "answered"
            self.breaker.succeeded()
        except ModelFailed as error:
            ended = "failed"
            if error.blame:
                self.breaker.failed(error.wait)
            raise
        finally:
            self.breaker.left()
            seconds = asyncio.get_running_loop().time() - began
            if said:
                self._count(prompt, "".join(said), outcome)
            LLM_SECONDS.labels(self._tenant, f"{self.name}/{outcome.model}", ended).observe(seconds)

    def _count(self, prompt: Prompt, said: str, outcome: Outcome) -> None:
        """Note what was used: the provider's counts, or estimates where it gave none."""
        asked, answered = outcome.prompt_tokens, outcome.answer_tokens
        estimated = asked is None or answered is None
        if asked is None:
            asked = estimate_messages((text for _, text in prompt.messages), self.weights)
        if answered is None:
            answered = estimate(said, self.weights)
        cost = (asked * self.provider.price_in + answered * self.provider.price_out) / 1e6
        self._ledger.add(Used(self.name, outcome.model, asked, answered, cost, estimated))

    async def _within_limits(self, prompt: Prompt, outcome: Outcome, began: float) -> AsyncGenerator[str, None]:
        # Time limits go around the waits for a piece, never around a yield: the time in which the reader works is
        # not the provider's, and a limit that strikes there would cancel the reader.
        loop = asyncio.get_running_loop()
        limits = self.provider
        first, pieces = await self._begin(prompt, outcome, began)
        async with aclosing(pieces):
            yield first
            while True:
                try:
                    async with asyncio.timeout_at(min(loop.time() + limits.stall, began + limits.total)):
                        piece = await anext(pieces, None)
                except TimeoutError:
                    over = loop.time() >= began + limits.total
                    limit = f"{limits.total:g} s for an answer" if over else f"{limits.stall:g} s between two pieces"
                    raise ModelFailed(self.name, f"stopped in mid-answer: {limit}") from None
                if piece is None:
                    return
                yield piece

    async def _begin(self, prompt: Prompt, outcome: Outcome, began: float) -> tuple[str, AsyncGenerator[str, None]]:
        """The first piece, and the stream that goes on from there."""
        loop = asyncio.get_running_loop()
        limits = self.provider
        until = began + min(limits.first_token, limits.total)
        attempt = 0
        while True:
            attempt += 1
            await self._await_rate(until)
            pieces = self.client.stream(prompt, outcome)
            try:
                async with asyncio.timeout_at(until):
                    return await anext(pieces), pieces
            except StopAsyncIteration:
                error = ModelFailed(self.name, "answered with nothing", again=True)
            except TimeoutError:
                error = ModelFailed(self.name, f"said nothing within {limits.first_token:g} s")
            except ModelFailed as failed:
                error = failed
            if outcome.prompt_tokens is not None:  # it thought, and said nothing: that is billed too
                self._count(prompt, "", outcome)
                outcome.prompt_tokens = outcome.answer_tokens = None
            delay = max(error.wait, limits.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))
            if not error.again or attempt >= limits.attempts or loop.time() + delay >= until:
                raise error
            self._log.warning("model asked again", provider=self.name, reason=error.reason, attempt=attempt,
                              seconds=round(delay, 2))  # fmt: skip
            outcome.finish = ""
            await asyncio.sleep(delay)

    async def _await_rate(self, until: float) -> None:
        """Wait for the rate's turn; raises `ModelFailed` if it does not come in time."""
        while wait := self._rate.wait(self.provider.rpm):
            if asyncio.get_running_loop().time() + wait >= until:
                raise ModelFailed(self.name, f"has had its {self.provider.rpm} requests of this minute", blame=False)
            await asyncio.sleep(wait)
        self._rate.take()

    async def check(self) -> str:
        """What is wrong with the provider; "" if nothing is.  Asked at most every `CHECK_KEPT` seconds."""
        async with self._checking:
            now = asyncio.get_running_loop().time()
            if self._checked is None or now - self._checked[0] > CHECK_KEPT:
                self._checked = (now, await self._check())
            return self._checked[1]

    async def _check(self) -> str:
        try:
            async with asyncio.timeout(CHECK_LIMIT):
                return await self.client.check()
        except TimeoutError:
            return f"does not answer within {CHECK_LIMIT:g} s"
        except ModelFailed as error:
            return error.reason
