"""Language tags (BCP 47): how one is written, what it falls back to, its script and direction, and its names."""

from __future__ import annotations

import functools
import re

from babel import Locale as Cldr
from babel import UnknownLocaleError
from babel.core import get_global

_TAG = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:[-_](?P<script>[A-Za-z]{4}))?(?:[-_](?P<region>[A-Za-z]{2}|\d{3}))?(?:[-_].*)?"
)
_NAMES = {"hinglish": "hi-Latn", "bangla": "bn", "oriya": "or", "farsi": "fa", "mandarin": "zh", "filipino": "fil"}


@functools.lru_cache(maxsize=1024)
def canonical(tag: str) -> str:
    """The tag as it is written: "hi_latn" is "hi-Latn", "EN-in" is "en-IN", "eng" is "en"; "" for what is no tag."""
    matched = _TAG.fullmatch(tag.strip())
    if not matched:
        return ""
    language = matched["language"].lower()
    if len(language) == 3:
        language = get_global("language_aliases").get(language, language)
    parts = [language, (matched["script"] or "").title(), (matched["region"] or "").upper()]
    return "-".join(part for part in parts if part)


@functools.lru_cache(maxsize=1024)
def lineage(tag: str) -> tuple[str, ...]:
    """The tag and what it falls back to, nearest first: "sr-Latn-RS" to "sr-Latn" to "sr"; () for what is no tag."""
    parts = canonical(tag).split("-")
    return tuple("-".join(parts[:end]) for end in range(len(parts), 0, -1) if parts[0])


def first(tag: str) -> str:
    """The language alone, without script and region: "hi" of "hi-Latn"; "" for what is no tag."""
    return canonical(tag).split("-", maxsplit=1)[0]


@functools.lru_cache(maxsize=1024)
def script(tag: str) -> str:
    """The script that the language is written in (ISO 15924): "Latn" of "hi-Latn", "Deva" of "hi"; "" if not known."""
    written = canonical(tag)
    subtags = get_global("likely_subtags")
    for part in written.split("-"):
        if len(part) == 4 and part.isalpha():
            return part
    likely = subtags.get(written.replace("-", "_")) or subtags.get(first(tag), "")
    return next((part for part in likely.split("_")[1:] if len(part) == 4), "")


@functools.lru_cache(maxsize=256)
def cldr(tag: str) -> Cldr:
    """What CLDR knows of the language, or of the nearest it falls back to; English where it knows none."""
    for near in lineage(tag):
        try:
            return Cldr.parse(near, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Cldr("en")


@functools.lru_cache(maxsize=256)
def right_to_left(tag: str) -> bool:
    """Whether the language is written from right to left, as Arabic, Hebrew, Persian and Urdu are."""
    return cldr(tag).text_direction == "rtl" if script(tag) != "Latn" else False


@functools.lru_cache(maxsize=256)
def named(name: str) -> str:
    """The tag that a tag or an English name means: "hindi" is "hi", "hinglish" is "hi-Latn"; "" for neither."""
    low = name.strip().lower()
    if low in _NAMES:
        return _NAMES[low]
    for code, english in Cldr("en").languages.items():
        if english.lower() == low:
            return canonical(code)
    found = canonical(low)
    return found if first(found) in Cldr("en").languages else ""


@functools.lru_cache(maxsize=1024)
def shown(tag: str, language: str = "") -> str:
    """The language's name in itself, or in `language`: "हिन्दी", "Hindi"; the tag where nobody has named it."""
    if first(tag) == "hi" and script(tag) == "Latn":
        return "Hinglish"
    return cldr(language or tag).languages.get(first(tag), "") or tag
