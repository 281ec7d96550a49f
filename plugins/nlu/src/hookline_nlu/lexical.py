"""A text as hashed words, pairs of words and characters: what is written alike has much of it in common.

Each text is a sparse vector of length 1 with `PLACES` places; half of its weight is words and pairs, half n-grams of
the characters of words.  The same text gives the same vector in every process.
"""

from __future__ import annotations

import functools
import itertools
import zlib
from collections.abc import Iterable, Sequence

import attrs
import numpy as np
import numpy.typing as npt

from .words import words

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
PLACES = 1 << 12
SHORTEST, LONGEST = 3, 5
REMEMBERED = 50_000


@attrs.frozen(eq=False)
class Sparse:
    """One text: places with signed weights, and the numbers of its words."""

    places: Ints
    weights: Floats
    words: npt.NDArray[np.uint32]


@functools.lru_cache(maxsize=REMEMBERED)
def _number(feature: str) -> int:
    return zlib.crc32(feature.encode("utf-8", "surrogatepass"))


@functools.lru_cache(maxsize=REMEMBERED)
def _grams(word: str) -> tuple[int, ...]:
    marked = f"<{word[:64]}>"
    return tuple(
        _number("c" + marked[start : start + size])
        for size in range(SHORTEST, LONGEST + 1)
        for start in range(len(marked) - size + 1)
    )


def features(text: str) -> tuple[list[int], list[int], list[int]]:
    """The numbers of the text's words, of its words and pairs, and of its n-grams."""
    found = words(text)
    single = [_number("w" + word) for word in found]
    pairs = [_number(f"b{first} {second}") for first, second in itertools.pairwise(found)]
    return single, single + pairs, [gram for word in found for gram in _grams(word)]


@attrs.frozen(eq=False)
class Lexicon:
    """How rare each place is among the examples, and which words they have."""

    rarity: Floats
    known: frozenset[int]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Lexicon:
        """The lexicon of these texts."""
        counts = np.zeros(PLACES, np.int64)
        known: set[int] = set()
        for text in texts:
            single, *parts = features(text)
            known.update(single)
            counts[list({number >> 1 & PLACES - 1 for part in parts for number in part})] += 1
        rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls(rarity.astype(np.float32), frozenset(known))

    def sparse(self, text: str) -> Sparse:
        """The text's vector."""
        single, *parts = features(text)
        places: list[Ints] = []
        weights: list[Floats] = []
        for part in parts:
            numbers, counts = np.unique(np.asarray(part, np.int64), return_counts=True)
            at = (numbers >> 1 & PLACES - 1).astype(np.int32)
            weight = (1 + np.log(counts)) * self.rarity[at]
            length = float(np.sqrt(np.sum(weight * weight))) or 1.0
            places.append(at)
            weights.append((np.where(numbers & 1, weight, -weight) / length * np.sqrt(0.5)).astype(np.float32))
        return Sparse(np.concatenate(places), np.concatenate(weights), np.asarray(single, np.int64).astype(np.uint32))

    def novelty(self, text: Sparse) -> float:
        """The share of the text's words that no example has; 0 without words."""
        if not len(text.words):
            return 0.0
        return sum(int(word) not in self.known for word in text.words) / len(text.words)


def dense(rows: Iterable[Sparse], count: int) -> Floats:
    """The vectors as a matrix of shape (count, PLACES)."""
    matrix = np.zeros((count, PLACES), np.float32)
    for row, sparse in zip(matrix, rows, strict=True):
        np.add.at(row, sparse.places, sparse.weights)
    return matrix
