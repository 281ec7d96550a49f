"""Names across scripts: whether a word in one script sounds like one in another ("पेरिस" and "Paris")."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import regex

_CONSONANTS = str.maketrans(
    {
        **dict.fromkeys("कखक़ख़கక", "k"), **dict.fromkeys("गघग़గ", "g"), **dict.fromkeys("चछசచ", "c"),
        **dict.fromkeys("जझज़ஜజ", "j"), **dict.fromkeys("टठतथடதట", "t"), **dict.fromkeys("डढदधड़ढ़డ", "d"),
        **dict.fromkeys("नणङञंँநனணంన", "n"), **dict.fromkeys("पபప", "p"), **dict.fromkeys("फफ़", "p"),
        **dict.fromkeys("बभబ", "b"), **dict.fromkeys("मமమ", "m"), **dict.fromkeys("यயయ", ""),
        **dict.fromkeys("रர", "r"), **dict.fromkeys("लळலளల", "l"), **dict.fromkeys("वவవ", "v"),
        **dict.fromkeys("शषसஸஷస", "s"), **dict.fromkeys("हஹహ\u093c", ""),
    }
)  # fmt: skip
_LATIN = (
    ("tion", "sn"), ("sch", "s"), ("ch", "c"), ("ck", "k"), ("sh", "s"), ("ph", "p"), ("th", "t"), ("kh", "k"),
    ("gh", "g"), ("dh", "d"), ("bh", "b"), ("qu", "kv"), ("ce", "se"), ("ci", "si"), ("cy", "sy"), ("ge", "je"),
    ("x", "ks"), ("c", "k"), ("q", "k"), ("z", "j"), ("f", "p"), ("w", "v"), ("h", ""), ("y", ""),
)  # fmt: skip


@lru_cache(16384)
def sound(word: str) -> str:
    """The consonants of a word in rough Latin, none twice in a row."""
    word = word.casefold()
    if word.isascii():
        for written, heard in _LATIN:
            word = word.replace(written, heard)
    else:
        word = word.translate(_CONSONANTS)
    return regex.sub(r"(.)\1+", r"\1", regex.sub(r"[^bcdgjklmnprstv]", "", word))


def sounds_like(word: str, others: Iterable[str]) -> bool:
    """Whether one of the others may be the word in another script."""
    mine = sound(word)
    if not mine:
        return True
    for other in others:
        theirs = sound(other)
        if mine == theirs or (len(mine) >= 3 and len(theirs) >= 3 and _near(mine, theirs)):
            return True
    return False


def _near(a: str, b: str) -> bool:
    """Equal but for the ending, or for one consonant of four or more."""
    short, long = sorted((a, b), key=len)
    if long.startswith(short) and len(long) - len(short) <= 2:
        return True
    if len(a) == len(b) and len(a) >= 4:
        return sum(x != y for x, y in zip(a, b, strict=True)) <= 1
    return False
