"""Words as the rules and the classifier read them: whole, of letters and marks of any script, folded.

Folding takes away what customers leave out or write in two ways: case, accents of Latin letters, the Indic nukta, the
half moon for an anusvara, joiners.  A script that puts no spaces between words gives one word a character.
"""

from __future__ import annotations

import functools
import unicodedata

import regex

_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(rf"[{_ALONE}]\p{{M}}*|[\p{{L}}\p{{M}}\p{{N}}--[{_ALONE}]]+|\p{{Extended_Pictographic}}", regex.V1)
_DROPPED = regex.compile(r"['’ʼ\u200b-\u200d\u2060\ufeff\u00ad\ufe0f]|\p{Emoji_Modifier}")
_LATIN_MARK = regex.compile(r"(?<=[a-z])\p{Mn}+")
_INDIC = str.maketrans({"\u0901": "\u0902", "\u0981": "\u0982", "\u0a81": "\u0a82", "\u0b01": "\u0b02"})
_NUKTA = regex.compile("[\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc]")
_OTHER_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
LONGEST = 20_000
"""Code points of a message that are looked at."""


def fold(text: str) -> str:
    """The text as it is compared."""
    told = unicodedata.normalize("NFKD", _DROPPED.sub("", text[:LONGEST])).casefold()
    told = _NUKTA.sub("", _LATIN_MARK.sub("", told).translate(_INDIC))
    return unicodedata.normalize("NFC", told).translate(_OTHER_LETTERS)


@functools.lru_cache(maxsize=256)
def words(text: str) -> tuple[str, ...]:
    """The folded words of the text, in order; an emoji is a word."""
    return tuple(_WORD.findall(fold(text)))
