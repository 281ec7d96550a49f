"""The embedder as rag uses it: by its config name through the hooks, described once, never another one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from hookline.errors import ServiceNotFound

from .index import Floats
from .script import language_of, script_of
from .tokens import estimate

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_REMEMBERED = 2000  # passages whose sentences' vectors stay in memory: some 20 MB


@attrs.frozen
class Described:
    """What made the vectors: `languages` are those that it reads ("*": any), `max_tokens` what it takes of a text,
    marks included (0: all)."""

    id: str
    dimension: int
    languages: tuple[str, ...]
    max_tokens: int = 0

    def sees(self, text: str, language: str = "") -> bool:
        """Whether the vectors of this text say anything: its language is read, or it is in letters that are."""
        if "*" in self.languages:
            return True
        script = script_of(text)
        return script in {"", "Latin"} or (language or language_of(text)) in self.languages


NONE = Described("", 0, ())


class Embedder:
    """The tenant's embedder under its config name; "" is none, and everything goes by words."""

    def __init__(self, tenant: Tenant, name: str) -> None:
        self._tenant = tenant
        self._name = name
        self._described: Described | None = None
        self._counts = True
        self._sentences: OrderedDict[str, Floats] = OrderedDict()

    async def describe(self) -> Described:
        """What makes the vectors.  Raises `ServiceError` where nothing serves the name."""
        if not self._name:
            return NONE
        if self._described is None:
            told = await self._tenant.hooks.describe_embedder(self._name)
            languages = tuple(str(code) for code in told.get("languages", ()))
            self._described = Described(
                str(told["id"]), int(told["dimension"]), languages, int(told.get("max_tokens") or 0)
            )
        return self._described

    async def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is to the embedder; estimated where it can't count.  Raises `ServiceError`."""
        if self._name and self._counts:
            try:
                return list(await self._tenant.hooks.count_tokens(self._name, texts))
            except ServiceNotFound:
                self._counts = False
        return [estimate(text) for text in texts]

    async def embed(self, texts: Sequence[str], *, query: bool) -> Floats:
        """One vector of length 1 a text.  Raises `ServiceError`."""
        return await self._tenant.hooks.embed(self._name, texts, query=query)

    async def sentences(self, key: str, texts: Sequence[str]) -> Floats:
        """The vectors of a passage's sentences, remembered by the passage's hash.  Raises `ServiceError`."""
        known = self._sentences.get(key)
        if known is None or len(known) != len(texts):
            known = self._sentences[key] = np.array(await self.embed(texts, query=False), np.float32)
            if len(self._sentences) > _REMEMBERED:
                self._sentences.popitem(last=False)
        self._sentences.move_to_end(key)
        return known
