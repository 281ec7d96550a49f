"""The embedders of one tenant, by the names in its config."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from hookline.errors import ServiceNotFound

from .config import Config
from .embedder import Embedder, Vectors
from .questions import Questions
from .registry import OPENERS, Surroundings


@attrs.frozen
class _Open:
    embedder: Embedder
    questions: Questions


class Embeddings:
    """Opens what the config names and hands texts to it; opened by `start`, closed by `stop`."""

    def __init__(self, config: Config, around: Surroundings) -> None:
        self._config = config
        self._around = around
        self._open: dict[str, _Open] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are served."""
        return tuple(self._config.named)

    async def start(self) -> None:
        """Open all embedders; those that can't serve now say so when they are asked."""
        runs = max(1, (os.cpu_count() or 1) // 2)  # the other half is for passages
        try:
            for name, config in self._config.named.items():
                embedder = await OPENERS[type(config)](config, self._around)
                embed = functools.partial(embedder.embed, query=True)
                self._open[name] = _Open(embedder, Questions(embed, self._config.remember, runs))
        except BaseException:
            await self.stop()  # nobody stops what did not start
            raise

    async def stop(self) -> None:
        """Close all embedders."""
        while self._open:
            _, opened = self._open.popitem()
            await opened.questions.close()
            await opened.embedder.close()

    async def embed(self, name: str, texts: Sequence[str], query: bool) -> Vectors:
        """The texts' vectors; questions that were asked before come from memory."""
        opened = self._named(name)
        if query and texts:
            return await opened.questions.vectors(texts)
        return await opened.embedder.embed(texts, False)

    async def count(self, name: str, texts: Sequence[str]) -> Sequence[int]:
        """How many tokens each text is."""
        return await self._named(name).embedder.count(texts)

    async def describe(self, name: str) -> Mapping[str, Any]:
        """What makes the vectors: `id`, `dimension`, `max_tokens`, `languages`."""
        opened = self._named(name)
        described = await opened.embedder.describe()
        opened.questions.made_by(described.id)
        return attrs.asdict(described)

    async def health(self) -> Mapping[str, Any]:
        """The state of each embedder, as `embedder:<name>`."""
        opened = dict(self._open)
        states = await asyncio.gather(*(one.embedder.health() for one in opened.values()))
        return {f"embedder:{name}": state.as_mapping() for name, state in zip(opened, states, strict=True)}

    def _named(self, name: str) -> _Open:
        try:
            return self._open[name]
        except KeyError:
            known = ", ".join(self.names)
            raise ServiceNotFound(f"no embedder {name!r} in [plugins.embeddings.models] (there are: {known})") from None
