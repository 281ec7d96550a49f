"""Words, numbers and signs of a message, each with its place in the message as it was written.

A text is folded before it is read: Indic and full-width digits become ASCII ones, letters small, spaces plain, and a
letter with its accent one character.  Every folded character knows which of the message's it came from, so that the
span of an entity is counted in the message's own code points.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

import attrs
import regex

_SPACES = {ord(c): " " for c in "\u00a0\u202f\u2009\u2007\u2002\u2003\u2008\u200a\u3000\t\r"}
_APOSTROPHES = {ord(c): "'" for c in "’‘ʼ´`＇"}
_DASHES = {ord(c): "-" for c in "‐‑‒–—−"}
_NOTHING = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f")
_TOKEN = regex.compile(
    r"(?P<n>\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?(?![\d])"
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?!\d)"
    r"|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"
    r"|\d{1,3}(?: \d{3})+(?:,\d+)?(?![\d])"
    r"|\d{1,3}(?:'\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d+(?:[.,]\d+)?)"
    r"|(?P<e>\b(?:d|l|j|m|n|s|t|c|qu|jusqu|lorsqu|puisqu)')(?=\p{L})"
    r"|(?P<w>[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?)"
    r"|(?P<s>[^\s])"
)
_NASAL = regex.compile(r"[नणम]्(?=[क-म])")
_LATIN_MARKS = regex.compile(r"[\u0300-\u036f]")


@attrs.frozen
class Folded:
    """A text made plain; `places[i]` is where its i-th character stands in the message, with the end as the last."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the message that the folded characters `start`..`end` came from."""
        return self.places[start], self.places[end - 1] + 1 if end > start else self.places[start]


@attrs.frozen
class Token:
    """A word ("w"), number ("n") or sign ("s"); `text` is folded, `key` is what tables are asked for."""

    kind: str
    text: str
    key: str
    start: int
    end: int


def fold(text: str) -> Folded:
    """Make a text plain; see the module."""
    if text.isascii():
        return Folded(text.lower().translate(_SPACES).replace("`", "'"), range(len(text) + 1))
    found: list[str] = []
    places: list[int] = []
    for place, cluster in _clusters(text):
        for char in cluster:
            if char in _NOTHING:
                continue
            code = ord(char)
            plain = _SPACES.get(code) or _APOSTROPHES.get(code) or _DASHES.get(code) or _one(char)
            found.append(plain)
            places.extend([place] * len(plain))
    places.append(len(text))
    return Folded("".join(found), places)


def _clusters(text: str) -> list[tuple[int, str]]:
    """Each base with its accents composed; a text that is composed already goes character by character."""
    if unicodedata.is_normalized("NFC", text):
        return list(enumerate(text))
    clusters: list[tuple[int, str]] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.combining(text[place]):
            clusters.append((start, unicodedata.normalize("NFC", text[start:place])))
            start = place
    return clusters


@functools.lru_cache(maxsize=4096)
def _one(char: str) -> str:
    if char.isdigit() and not char.isascii():
        try:
            return str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char
        except ValueError:
            return char
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0).lower()
    return char.lower() if len(char.lower()) == 1 else char


@functools.lru_cache(maxsize=16384)
def key(word: str) -> str:
    """What tables are asked for: without Latin accents, with one spelling of Devanagari's nasals and nukta."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFC", word.lower())
    if "\u0900" <= word[0] <= "\u097f":
        word = unicodedata.normalize("NFD", word).replace("़", "").replace("ँ", "ं")
        return _NASAL.sub("ं", word).replace("ई", "इ").replace("ऊ", "उ").rstrip("ः")
    if word[0] < "\u0250":
        word = word.replace("œ", "oe").replace("æ", "ae")
        return _LATIN_MARKS.sub("", unicodedata.normalize("NFD", word))
    return word


def tokenise(folded: Folded) -> list[Token]:
    """The tokens of a folded text, in order."""
    found = []
    for match in _TOKEN.finditer(folded.text):
        kind = match.lastgroup or "s"
        text = match.group()
        if kind == "n":
            found.append(Token("n", text, text, *match.span()))
        elif kind == "s":
            found.append(Token("s", text, text, *match.span()))
        else:
            found.append(Token("w", text, key(text.rstrip("'")), *match.span()))
    return found


def keys(phrase: str) -> tuple[str, ...]:
    """The keys of a phrase's words and numbers: how a list's entries are kept and looked up."""
    return tuple(token.key for token in tokenise(fold(phrase)) if token.kind != "s")
