"""The scripts of a text, by the names of its letters (ISO 15924)."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter

_NAMES = {
    "LATIN": "Latn",
    "DEVANAGARI": "Deva",
    "GUJARATI": "Gujr",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "KANNADA": "Knda",
    "MALAYALAM": "Mlym",
    "BENGALI": "Beng",
    "GURMUKHI": "Guru",
    "ORIYA": "Orya",
    "SINHALA": "Sinh",
    "ARABIC": "Arab",
    "HEBREW": "Hebr",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "THAI": "Thai",
    "LAO": "Laoo",
    "KHMER": "Khmr",
    "MYANMAR": "Mymr",
    "ETHIOPIC": "Ethi",
    "HANGUL": "Kore",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "CJK": "Hani",
}


@functools.lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """The script of one letter; "" for what is none."""
    if letter.isascii():
        return "Latn" if letter.isalpha() else ""
    if not letter.isalpha():
        return ""
    return _NAMES.get(unicodedata.name(letter, "").partition(" ")[0].partition("-")[0], "Zzzz")


def scripts(words: list[str]) -> Counter[str]:
    """How many words of each script there are: a word is of the script of its first letter."""
    return Counter(script for word in words if (script := script_of(word[0])))


def same(one: str, other: str) -> bool:
    """Whether both are one script, or one written with the other: Japanese and Chinese take each other's signs."""
    east = {"Hani", "Hans", "Hant", "Jpan"}
    return one == other or (one in east and other in east)
