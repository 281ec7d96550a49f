"""The words of a text, in any script."""

from __future__ import annotations

import unicodedata

import regex

# Letters with their marks: Python's \w breaks Indic words at the vowel signs.
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


def words(text: str) -> list[str]:
    """The words in order, compatibility forms unified (NFKC) and case folded."""
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return found
