"""Finds the words of lists (cities, models, colours) in a message, in any case, with case endings, and mistyped.

A list's words are kept in a tree by token, so that a match is never part of a longer word, however long the lists are.
A mistyped word counts only if it is no ordinary word of the language, begins with the same letter, and is near enough.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import attrs
from rapidfuzz import process
from rapidfuzz.distance import OSA

from .fields import Field
from .reading import Reading
from .tokens import keys


@attrs.define
class _Node:
    below: dict[str, _Node] = attrs.Factory(dict)
    here: list[tuple[str, Any]] = attrs.Factory(list)


@attrs.frozen
class Match:
    """A value of a field over the tokens `first` to before `last`."""

    field: str
    value: Any
    first: int
    last: int
    confidence: float


class Gazetteer:
    """The words of all fields of kind list and flag."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._root = _Node()
        self._stems: dict[str, list[tuple[str, Any]]] = {}
        self._fuzzy: dict[tuple[int, str], dict[str, list[tuple[str, Any, int]]]] = {}
        for name, field in fields.items():
            if field.kind == "list":
                for value, words in field.values.items():
                    for word in (value.replace("_", " "), *words):
                        self._add(word, name, value, field.fuzzy)
            elif field.kind == "flag":
                for word in field.when:
                    self._add(word, name, True, 0)
                for word in field.unless:
                    self._add(word, name, False, 0)

    def _add(self, phrase: str, name: str, value: Any, fuzzy: int) -> None:
        path = keys(phrase)
        if not path:
            return
        node = self._root
        for word in path:
            node = node.below.setdefault(word, _Node())
        if (name, value) not in node.here:
            node.here.append((name, value))
        if (
            len(path) == 1
            and not path[0].isascii()
            and len(path[0]) >= 5
            and unicodedata.category(path[0][-1]) in {"Mc", "Mn"}
        ):
            self._stems.setdefault(path[0][:-1], []).append(
                (name, value)
            )  # what an ending takes the last vowel's place of
        joined = "".join(path)
        if fuzzy and len(joined) >= 5:
            self._fuzzy.setdefault((len(path), joined[0]), {}).setdefault(joined, []).append((name, value, fuzzy))

    def find(self, reading: Reading) -> Iterator[Match]:
        """The longest matches from left to right; then mistyped words in what is left."""
        tokens = [(at, t) for at, t in enumerate(reading.tokens) if t.kind != "s"]
        at = 0
        rest: list[int] = []
        while at < len(tokens):
            length, here = self._longest(tokens, at)
            if not length:
                here = self._inflected(tokens[at][1].key)
                length = 1 if here else 0
            if length:
                first, last = tokens[at][0], tokens[at + length - 1][0] + 1
                for name, value in here:
                    yield Match(name, value, first, last, 0.95)
                at += length
            else:
                rest.append(at)
                at += 1
        if self._fuzzy:
            yield from self._mistyped([(tokens[at][0], tokens[at][1].key) for at in rest])

    def _longest(self, tokens: list[tuple[int, Any]], at: int) -> tuple[int, list[tuple[str, Any]]]:
        node, length, here = self._root, 0, []
        for step in range(at, len(tokens)):
            if step > at and tokens[step][0] - tokens[step - 1][0] > 2:
                break
            found = node.below.get(tokens[step][1].key)
            if found is None:
                break
            node = found
            if node.here:
                length, here = step - at + 1, node.here
        return length, here

    def _inflected(self, word: str) -> list[tuple[str, Any]]:
        """An Indic word with a case ending, an English plural."""
        if word.isascii():
            if word.endswith("s") and len(word) >= 4:
                node = self._root.below.get(word[:-1])
                return node.here if node is not None else []
            return []
        for length in range(len(word) - 1, max(3, len(word) - 9), -1):
            node = self._root.below.get(word[:length])
            if node is not None and node.here and len(word) - length <= (8 if length >= 6 else 5):
                return node.here
            if len(word) - length < (9 if length >= 5 else 7) and word[:length] in self._stems:
                return self._stems[word[:length]]
        return []

    def _mistyped(self, rest: list[tuple[int, str]]) -> Iterator[Match]:
        taken = -1
        for place, (at, _) in enumerate(rest):
            if at <= taken:
                continue
            for count in (2, 1):
                window = rest[place : place + count]
                if len(window) < count or window[-1][0] - at != count - 1:
                    continue
                joined = "".join(word for _, word in window)
                if len(joined) < 5 or (not joined.isalnum() and joined.isascii()) or (count == 1 and ordinary(joined)):
                    continue
                if count == 2 and all(ordinary(word) for _, word in window):
                    continue
                found = self._nearest(count, joined)
                for name, value in found:
                    yield Match(name, value, at, window[-1][0] + 1, 0.75)
                if found:
                    taken = window[-1][0]
                    break

    @functools.lru_cache(maxsize=2048)  # noqa: B019  one for each snapshot, gone with it
    def _nearest(self, count: int, joined: str) -> tuple[tuple[str, Any], ...]:
        choices = self._fuzzy.get((count, joined[0]))
        if not choices:
            return ()
        near = process.extractOne(
            joined, choices.keys(), scorer=OSA.distance, score_cutoff=2 if len(joined) >= 8 else 1
        )
        if near is None:
            return ()
        if len(joined) < 6 and sorted(joined) != sorted(near[0]):
            return ()  # of a short word only letters that changed places
        likeness = 100 * (1 - near[1] / max(len(joined), len(near[0])))
        return tuple((name, value) for name, value, fuzzy in choices[near[0]] if likeness >= fuzzy)


@functools.cache
def _ordinary() -> frozenset[str]:
    return frozenset(resources.files(__package__).joinpath("gazetteer.txt").read_text(encoding="utf-8").split())


def ordinary(word: str) -> bool:
    """Whether a word is one that anybody uses, and so no mistyped name."""
    return word in _ordinary()
