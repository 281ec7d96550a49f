"""What the embedders behind an API have in common: batches, prefixes, limits, and vectors that are looked at before use."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from hookline.errors import ServiceError

from .config import RemoteConfig
from .embedder import Description, Health, Vectors, cleaned, unit
from .estimate import estimate

HEALTH_LIMIT = 2.0  # seconds; `check_health` as a whole has three
HEALTH_KEPT = 15.0  # seconds; a page that is watched must not cost the service a request each second
MOST_BYTES = 64 * 2**20  # of one response
BLANK = "."  # stands for a text without a character to read: most services refuse an empty one

T = TypeVar("T")
R = TypeVar("R")
Numbers = Sequence[Sequence[float]]


class TooLarge(Exception):
    """The response is longer than `MOST_BYTES`."""

    def __init__(self) -> None:
        super().__init__(f"its answer is longer than {MOST_BYTES >> 20} MiB")


class RemoteEmbedder(ABC):
    """One model of one service; `where` names both in errors.  `_request` and `_ping` raise `ServiceError`."""

    def __init__(self, config: RemoteConfig, where: str, now: Callable[[], float]) -> None:
        self._config = config
        self.where = where
        self._now = now
        self._dimension = config.dimension
        self._healthy: tuple[Health, float] | None = None

    @abstractmethod
    async def _request(self, texts: Sequence[str], query: bool) -> Numbers:
        """The vectors of at most `batch` texts, as the service gave them."""

    @abstractmethod
    async def _ping(self) -> None:
        """Find out whether the service is there and has the model, without making vectors."""

    @abstractmethod
    async def identity(self) -> Sequence[str]:
        """What, besides the dimension, tells these vectors from all others."""

    async def embed(self, texts: Sequence[str], query: bool) -> Vectors:
        """A request for each `batch` texts; raises `ServiceUnavailable`, or `ServiceError` for unusable vectors."""
        config = self._config
        prefix = config.query_prefix if query else config.passage_prefix
        ready = [prefix + (self._cut(cleaned(text)) or BLANK) for text in texts]
        parts = [ready[start : start + config.batch] for start in range(0, len(ready), config.batch)]

        async def request(part: Sequence[str]) -> Vectors:
            return self._checked(await self._request(part, query), len(part))

        done = await spread(parts, config.parallel, request)
        if done:
            return np.concatenate(done)
        return np.zeros((0, (await self.describe()).dimension), np.float32)

    async def count(self, texts: Sequence[str]) -> list[int]:
        """An estimate: the service has no way to ask."""
        return [estimate(text) for text in texts]

    async def describe(self) -> Description:
        """The dimension is asked for once, unless the config says it."""
        config = self._config
        parts = [*await self.identity()]
        if not self._dimension:
            await self.embed(["dimension"], False)
        parts.append(str(self._dimension))
        if config.passage_prefix:
            parts.append(hashlib.sha256(config.passage_prefix.encode()).hexdigest()[:6])
        return Description("-".join(parts), self._dimension, config.max_tokens, config.languages)

    async def health(self) -> Health:
        """Down where the service does not answer or does not have the model; asked at most every `HEALTH_KEPT` s."""
        if self._healthy is None or self._now() - self._healthy[1] > HEALTH_KEPT:
            self._healthy = await self._look(), self._now()
        return self._healthy[0]

    async def _look(self) -> Health:
        try:
            async with asyncio.timeout(HEALTH_LIMIT):
                await self._ping()
        except ServiceError as error:
            return Health("down", str(error))
        except TimeoutError:
            return Health("down", f"{self.where} did not answer within {HEALTH_LIMIT:g} s")
        return Health("ok", self.where)

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""

    def _cut(self, text: str) -> str:
        """The text's beginning that the model reads; blank ones become nothing."""
        text = text.strip()
        most = self._config.max_tokens
        while most and (found := estimate(text)) > most:
            text = text[: min(len(text) - 1, len(text) * most // found)].rstrip()
        return text

    def _checked(self, embeddings: Any, wanted: int) -> Vectors:
        """The vectors with length 1; raises `ServiceError` where they can't be used."""
        if not isinstance(embeddings, list) or not all(isinstance(vector, list) for vector in embeddings):
            raise ServiceError(f"{self.where} gave an answer without vectors")
        if len(embeddings) != wanted:
            raise ServiceError(f"{self.where} gave {len(embeddings)} vectors for {wanted} texts")
        dimensions = {len(vector) for vector in embeddings}
        expected = self._dimension or max(dimensions)
        if dimensions != {expected} or not expected:
            given = ", ".join(map(str, sorted(dimensions)))
            raise ServiceError(
                f"{self.where} gave vectors of dimension {given} and must give {expected or 'some'}: "
                "correct `dimension` in its config, or remove it"
            )
        try:
            vectors = np.array(embeddings, np.float64)
        except (TypeError, ValueError):
            raise ServiceError(f"{self.where} gave a vector that does not consist of numbers") from None
        if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
            raise ServiceError(f"{self.where} gave a vector without a direction (all zeros, or not numbers)")
        self._dimension = expected
        return unit(np.asarray(vectors / np.abs(vectors).max(axis=1, keepdims=True), np.float32))


async def spread(jobs: Sequence[T], parallel: int, work: Callable[[T], Awaitable[R]]) -> list[R]:
    """The results of the jobs in their order, `parallel` at a time; after the first failure none is begun."""
    results: dict[int, R] = {}
    waiting = iter(enumerate(jobs))

    async def worker() -> None:
        for at, job in waiting:
            results[at] = await work(job)

    tasks = [asyncio.create_task(worker()) for _ in range(min(parallel, len(jobs)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [results[at] for at in range(len(jobs))]


def bounded(stream: type[Any]) -> Callable[[Any], Awaitable[None]]:
    """An httpx event hook that ends a response with `TooLarge`; `stream` is the library's `AsyncByteStream`."""

    class Bounded(stream):  # type: ignore[misc]  # httpx and httpx2 each have a class of their own
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        async def __aiter__(self) -> Any:
            size = 0
            async for part in self._inner:
                size += len(part)
                if size > MOST_BYTES:
                    raise TooLarge
                yield part

        async def aclose(self) -> None:
            await self._inner.aclose()

    async def hook(response: Any) -> None:
        response.stream = Bounded(response.stream)

    return hook


def is_loopback(address: str) -> bool:
    """Whether the address (a URL, or host and port) is this machine's own: no proxy is asked for it."""
    name = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
