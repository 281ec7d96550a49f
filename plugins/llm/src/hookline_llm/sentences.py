"""Where sentences end: in a stream that is still being written, and in a text that is whole.

A full stop ends none after an abbreviation, an initial or a list's number, inside a number, or before a small letter.
Citation markers behind it belong to the sentence: "It costs 4.20. [1] ".
"""

from __future__ import annotations

import regex

MARKER = regex.compile(r"[\[【]\s*\p{Nd}{1,3}(?:\s*[,;–-]\s*\p{Nd}{1,3})*\s*[\]】]")
# Possessive, so that a marker is never left to the next sentence for want of a character behind it.
_BEHIND = rf"(?:[ \u00a0\u202f]?»|[\"'”’)\]*_])*+(?:[ \t]*{MARKER.pattern})*+"
_END = regex.compile(
    rf"(?P<plain>[.!?…]++){_BEHIND}(?P<gap>\s+)(?=\S)"
    rf"|[।॥؟۔።。！？]++{_BEHIND}\s*+(?=\S)"
    r"|(?P<line>\n\s*)(?=\S)"
)
_FINISHED = regex.compile(rf"[.!?…।॥؟۔።。！？]{_BEHIND}\s*$")
_OPEN_MARKER = regex.compile(r"[\[【][\s\p{Nd},;–-]*$")
_LAST_WORD = regex.compile(r"[\p{L}\p{M}\p{N}.]+$")
_NUMBERED = regex.compile(r"^\s*(?:[-*•]\s*)?(?:\p{Nd}{1,3}|[a-zA-Z])$")
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st sr jr vs dept est fig no nos approx min max tel ext e.g i.e eg ie cf jan feb mar apr jun
    jul aug sep sept oct nov dec m mme mlle env ex art p c.-à-d rs u.s u.k डॉ श्री रु""".split()
)


class SentenceStream:
    """Cuts a growing text into sentences; each comes with the white space behind it."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that the piece completes; what may still go on is kept."""
        self._text += piece
        found, rest = _cut(self._text, whole=False)
        self._text = rest
        return found

    def close(self, *, complete: bool = True) -> list[str]:
        """What is left; not `complete`: the text was cut off, and an unfinished sentence is dropped."""
        found, rest = _cut(self._text, whole=True)
        self._text = ""
        if rest.strip() and (complete or _FINISHED.search(rest)):
            found.append(rest)
        return found


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence of a whole text, without the white space around it."""
    found: list[tuple[int, int]] = []
    at = 0
    sentences, rest = _cut(text, whole=True)
    for sentence in (*sentences, rest):
        bare = sentence.strip()
        if bare:
            start = at + sentence.index(bare)
            found.append((start, start + len(bare)))
        at += len(sentence)
    return found


def _cut(text: str, *, whole: bool) -> tuple[list[str], str]:
    found: list[str] = []
    begin = 0
    for match in _END.finditer(text):
        if match.start() < begin:
            continue
        following = text[match.end() :]
        if not whole and _OPEN_MARKER.match(following):
            break  # the marker that is being written may belong to this sentence
        if match.group("plain") == "." and not _ends(text, begin, match):
            continue
        found.append(text[begin : match.end()])
        begin = match.end()
    return found, text[begin:]


def _ends(text: str, begin: int, match: regex.Match[str]) -> bool:
    """Whether a full stop that is followed by white space ends the sentence that began at `begin`."""
    if text[match.end()].islower() and "\n" not in match.group("gap"):
        return False
    before = text[begin : match.start()]
    if _NUMBERED.match(before):
        return False
    word = _LAST_WORD.search(before)
    if word is None:
        return True
    last = word.group()
    if last.casefold() in _ABBREVIATIONS:
        return False
    return not (len(last) == 1 and last.isupper())
