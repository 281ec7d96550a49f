"""A message while it is read: its tokens and numbers once for all readers, and what they found in it."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from . import tokens
from .numbers import Number, Reader
from .tokens import Folded, Token
from .units import is_unit


@attrs.frozen
class Found:
    """Something found over the folded characters `start`..`end`.

    `kind` is what it is (money, date, …), `name` the field it fills ("" until that is decided).  Of two that overlap the
    one with the higher `rank` stays, then the longer one.  `lower` is the lower end of a range.
    """

    kind: str
    value: Any
    start: int
    end: int
    unit: str = ""
    confidence: float = 1.0
    rank: int = 0
    name: str = ""
    lower: Any = None
    negated: bool = False
    sign: bool = True


@attrs.frozen
class Reading:
    """A message: folded, in tokens, with its numbers by the token they begin with and the one after their last."""

    folded: Folded
    tokens: Sequence[Token]
    numbers: Sequence[Number]
    begins: Mapping[int, Number]
    ends: Mapping[int, Number]
    keys: frozenset[str]

    @property
    def text(self) -> str:
        """The folded text."""
        return self.folded.text

    def key(self, at: int) -> str:
        """The key of the token at the place; "" outside the message."""
        return self.tokens[at].key if 0 <= at < len(self.tokens) else ""

    def place(self, start: int) -> int:
        """The first token that begins at the folded character or after it."""
        return bisect.bisect_left(self.tokens, start, key=lambda token: token.start)

    def before(self, at: int, count: int) -> list[str]:
        """The keys of the tokens before the place, nearest first, within its clause."""
        found = []
        for token in reversed(self.tokens[max(0, at - count) : at]):
            if token.kind == "s" and token.text in ".!?;।|\n":
                break
            found.append(token.key)
        return found

    def after(self, at: int, count: int) -> list[str]:
        """The keys of the tokens from the place on, within its clause."""
        found = []
        for token in self.tokens[at : at + count]:
            if token.kind == "s" and token.text in ".!?;।|\n":
                break
            found.append(token.key)
        return found

    def having(self, number: Number | None, fits: Callable[[Number], bool]) -> Number | None:
        """The number, if there is one and it fits."""
        return number if number is not None and fits(number) else None

    def words(self) -> Iterator[tuple[int, Token]]:
        """The words, with their places among the tokens."""
        return ((at, token) for at, token in enumerate(self.tokens) if token.kind == "w")

    def glued(self, at: int) -> bool:
        """Whether the token stands in a longer piece of letters and digits ("MH12", "A-1042", "1.2.3.4")."""
        start = self.tokens[at].start
        if start == 0:
            return False
        left, further = self.text[start - 1], self.text[start - 2] if start > 1 else " "
        if left.isalpha() or left in "_#@\\":
            return True
        if left == "-":
            return further.isalpha() or (further.isdecimal() and at > 2 and self.tokens[at - 3].text == "-")
        return left in "./:" and further.isdecimal()


def read(text: str, reader: Reader) -> Reading:
    """Fold a message and read its tokens and numbers."""
    folded = tokens.fold(text)
    found = tokens.tokenise(folded)
    counted = reader.read(found, is_unit)
    keys = frozenset(token.key for token in found)
    return Reading(folded, found, counted, {n.first: n for n in counted}, {n.last: n for n in counted}, keys)
