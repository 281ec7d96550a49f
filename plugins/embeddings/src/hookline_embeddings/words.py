"""The words of a text, in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

# Letters with their marks: Python's \w breaks Indic words at the vowel signs.
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SPACE = regex.compile(r"\s")


def words(text: str) -> list[str]:
    """The words in order, compatibility forms unified (NFKC) and case folded."""
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return found


def pieces(text: str, size: int) -> Iterator[str]:
    """The text in pieces of about `size` characters, cut at white space; what has none by twice that is cut there."""
    start = 0
    while len(text) - start > 2 * size:
        space = _SPACE.search(text, start + size, start + 2 * size)
        end = space.start() if space else start + 2 * size
        yield text[start:end]
        start = end
    yield text[start:]
