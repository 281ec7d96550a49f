"""How likely a word that no list knows is of each language, by its letters: weights learned by `bench/languages_train.py`."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Mapping, Sequence
from importlib import resources

import numpy as np

BUCKETS = {"Latn": 1 << 16, "Deva": 1 << 16}
"""Places of the weights, by script."""
LONGEST = 24
"""Letters of a word that are looked at."""


def features(word: str, buckets: int) -> list[int]:
    """The places, of so many, of a word's letters in the weights: the word, and each 1 to 5 letters in a row."""
    marked = f"<{word[:LONGEST]}>"
    grams = {marked}
    for size in range(1, 6):
        grams.update(marked[n : n + size] for n in range(len(marked) - size + 1))
    return [zlib.crc32(f"{gram}".encode()) % buckets for gram in grams]


class Classifier:
    """The weights of one group of languages that share a script."""

    def __init__(self, tags: Sequence[str], weights: np.ndarray, bias: np.ndarray) -> None:
        self.tags = tuple(tags)
        self._weights = weights
        self._bias = bias

    def shares(self, word: str) -> Mapping[str, float]:
        """How likely the word is of each language; they add up to 1."""
        places = features(word, len(self._weights))
        scores = self._weights[places].sum(axis=0) / len(places) ** 0.5 + self._bias
        odds = np.exp(scores - scores.max())
        return dict(zip(self.tags, (odds / odds.sum()).tolist(), strict=True))


@functools.cache
def classifiers() -> Mapping[str, Classifier]:
    """The classifiers by script, read once a process (0.2 MB)."""
    with resources.files(__package__).joinpath("classifier.npz").open("rb") as file, np.load(file) as stored:
        return {
            script: Classifier(
                str(stored[f"{script}_tags"]).split(),
                stored[f"{script}_weights"].astype(np.float32) * stored[f"{script}_scale"],
                stored[f"{script}_bias"],
            )
            for script in str(stored["scripts"]).split()
        }


__all__ = ["BUCKETS", "Classifier", "classifiers", "features"]
