"""Feature hashing: vectors from words and their character n-grams, with no model at all.

It finds what is written alike, in any language, not what means the same.  The same text gives the same vector in
every process and on every machine.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from .embedder import ANY_LANGUAGE, Description, Health, Vectors, unit
from .words import words

if TYPE_CHECKING:
    from hookline.compute import Compute

REVISION = "v1"  # part of the id: grows when the same text would get another vector
DIMENSION = 1024
SHORTEST, LONGEST = 3, 5  # n-grams, in characters, with the marks of the word's start and end
LONG_WORD = 8  # characters, from which on a word has its full weight
CHUNK = 256  # texts in one go on a thread
REMEMBERED_WORDS = 50_000

Feature = tuple[int, float]  # where in the vector, and how much


class Hasher:
    """Makes the vectors; its methods block and may be called from any thread."""

    def __init__(self, dimension: int = DIMENSION) -> None:
        self.dimension = dimension
        self._features = functools.lru_cache(maxsize=REMEMBERED_WORDS)(self._hash_word)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts; one without words gets a direction of its own."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            # Sublinear: a word said ten times does not say ten times as much.
            for word, count in Counter(words(text) or [""]).items():
                weight = 1.0 + math.log(count)
                for index, value in self._features(word):
                    vector[index] += weight * value
        return unit(vectors)

    def _hash_word(self, word: str) -> tuple[Feature, ...]:
        marked = f"<{word}>"
        grams = [
            marked[start : start + size]
            for size in range(SHORTEST, LONGEST + 1)
            for start in range(len(marked) - size + 1)
        ]
        # Short words say little in most languages ("how", "the", "के"); a number says all that it can.
        weight = 1.0 if any(map(str.isdigit, word)) else max(1, min(len(word), LONG_WORD)) / LONG_WORD
        # All n-grams of a word together weigh twice what the word does, however long it is.
        share = 2.0 * weight / math.sqrt(len(grams) or 1)
        return (self._place("w" + word, weight), *(self._place("g" + gram, share) for gram in grams))

    def _place(self, feature: str, weight: float) -> Feature:
        digest = int.from_bytes(blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "little")
        # One bit says plus or minus, so that features which share a place cancel out on the average.
        return (digest >> 1) % self.dimension, weight if digest & 1 else -weight


class HashingEmbedder:
    """Vectors by feature hashing; `degraded` says why it stands in for a better one, "" where it was chosen."""

    def __init__(self, compute: Compute, dimension: int = DIMENSION, *, degraded: str = "") -> None:
        self._hasher = Hasher(dimension)
        self._compute = compute
        self._degraded = degraded

    async def embed(self, texts: Sequence[str], query: bool) -> Vectors:
        """Chunk by chunk, on a thread."""
        lane = self._compute.run if query else self._compute.batch
        vectors = np.empty((len(texts), self._hasher.dimension), np.float32)
        for start in range(0, len(texts), CHUNK):
            some = slice(start, start + CHUNK)
            vectors[some] = await lane(self._hasher.embed, texts[some])
        return vectors

    async def count(self, texts: Sequence[str]) -> list[int]:
        """A token is a word."""
        return await self._compute.batch(lambda: [len(words(text)) for text in texts])

    async def describe(self) -> Description:
        """The id holds the revision and the dimension."""
        dimension = self._hasher.dimension
        return Description(f"hashing-{REVISION}-{dimension}", dimension, 0, ANY_LANGUAGE)

    async def health(self) -> Health:
        """Degraded where it stands in for another."""
        if self._degraded:
            return Health("degraded", f"feature hashing stands in: {self._degraded}")
        return Health("ok", (await self.describe()).id)

    async def close(self) -> None:
        """Nothing is held."""
