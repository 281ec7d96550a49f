"""Cuts a text where a message of WhatsApp may be no longer: between paragraphs, lines, sentences, words, in that order."""

from __future__ import annotations

import regex

# Where a sentence ends: after its mark (also the danda, and those of CJK and Arabic) and what closes behind it.
_SENTENCE = regex.compile(r"(?<=[.!?…][\p{Pe}\p{Pf}\"']*)\s+|(?<=[।॥؟。！？][\p{Pe}\p{Pf}\"']*)\s*")
_BREAKS = (regex.compile(r"\n\s*\n"), regex.compile(r"\n"), _SENTENCE, regex.compile(r"\s+"))


def split(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters as WhatsApp counts them; nothing but white space is lost."""
    pieces: list[str] = []
    rest = text.strip()
    while length(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in (*pieces, rest) if piece]


def length(text: str) -> int:
    """Characters as a phone counts them: those beyond the first plane count twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _fitting(text: str, limit: int) -> int:
    """How many code points of the text fit."""
    used = 0
    for at, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > limit:
            return at
    return len(text)


def _cut(text: str, limit: int) -> int:
    """Where to cut: at the last break of the first kind that leaves the piece at least a third full."""
    most = _fitting(text, limit)
    for pattern in _BREAKS:
        ends = [found.start() for found in pattern.finditer(text, 0, min(len(text), most + 2)) if found.start() <= most]
        if ends and ends[-1] * 3 >= most:
            return int(ends[-1])
    return _whole(text, most)


def _whole(text: str, most: int) -> int:
    """The last end of a grapheme, so that no letter loses its marks."""
    last = 0
    for found in regex.finditer(r"\X", text[: most + 32]):
        if found.end() > most:
            break
        last = found.end()
    return last or most
