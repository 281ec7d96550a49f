"""What a translation must leave as it is: numbers, money, ids, addresses, placeholders and names; masked, and checked."""

from __future__ import annotations

import re
from collections import Counter

from .words import tokens

_KEPT = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|\{\{?[^{}]*\}\}?|%\(?\w*\)?[sd]|\$\{[^}]*\}"
    r"|[₹$€£]\s?[\w.,/:-]*\d[\w.,/:%-]*|[\w#+/-]*\d(?:[\w.,/:%-]|[\u202f\u00a0](?=\d))*(?<![.,:])%?|\b[A-Z]{2,}[\w-]*\b"
)
_NAME = re.compile(r"(?<=[^\s.!?:;\n] )(?:[A-ZÀ-Þ][\w'’-]+)(?: [A-ZÀ-Þ][\w'’-]+)*")
_MARK = re.compile(r"<\s*n\s*(\d+)\s*/?\s*>")
_DIGIT = re.compile(r"\d")
_COMMON = frozenset(
    "I I'm I've I'd I'll Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December English Hindi French Tamil Telugu Kannada Marathi Gujarati".split()
)


class Changed(ValueError):
    """The translation changed what it had to keep; the text says what."""


def mask(text: str) -> tuple[str, list[str]]:
    """The text with marks (`<n1/>`) in place of what is kept, and that by number."""
    spans: list[tuple[int, int]] = [(m.start(), m.end()) for m in _KEPT.finditer(text) if m[0].strip()]
    for found in _NAME.finditer(text):
        if not set(found[0].split()) & _COMMON and not any(a < found.end() and found.start() < b for a, b in spans):
            spans.append((found.start(), found.end()))
    parts, kept, at = [], [], 0
    for start, end in sorted(spans):
        if start < at:
            continue
        kept.append(text[start:end])
        parts += [text[at:start], f"<n{len(kept)}/>"]
        at = end
    return "".join([*parts, text[at:]]), kept


def unmask(text: str, kept: list[str]) -> str:
    """The translation with what was kept back in its place; raises `Changed` if a mark is lost, doubled or new, or a
    number has been added."""
    marks = Counter(int(number) for number in _MARK.findall(text))
    wanted = Counter(range(1, len(kept) + 1))
    if marks != wanted:
        lost = [kept[n - 1] for n in wanted - marks]
        raise Changed(f"{', '.join(repr(one) for one in lost) or 'a mark'} was not kept once")
    if _DIGIT.search(_MARK.sub("", text)):
        raise Changed("a number was added")
    return _MARK.sub(lambda m: kept[int(m[1]) - 1], text)


def worth(masked: str) -> bool:
    """Whether there is anything to translate besides what is kept."""
    return bool(tokens(_MARK.sub(" ", masked)))
