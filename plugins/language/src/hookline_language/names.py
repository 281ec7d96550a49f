"""Languages as customers call them, in many languages: "Tamil", "tamoul", "तमिल", "தமிழில்"."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from hookline import languages

from .words import folded

_OTHERS = {
    "en": "english inglish angrezi angreji anglais इंग्लिश अंग्रेजी अंग्रेज़ी इंग्रजी અંગ્રેજી ઇંગ્લિશ ஆங்கில இங்கிலீஷ் ఇంగ్లీష్ ఆంగ్ల ಇಂಗ್ಲಿಷ್ ಇಂಗ್ಲೀಷ್",
    "hi": "hindi hindee हिंदी हिन्दी हिंदि હિન્દી ஹிந்தி இந்தி హిందీ ಹಿಂದಿ",
    "hi-Latn": "hinglish हिंग्लिश",
    "mr": "marathi मराठी मराठि",
    "gu": "gujarati gujrati ગુજરાતી गुजराती",
    "ta": "tamil tamizh tamoul தமிழ் தமிழ तमिल",
    "te": "telugu telegu télougou తెలుగు तेलुगु",
    "kn": "kannada ಕನ್ನಡ कन्नड",
    "fr": "french francais français फ्रेंच",
}
_IN = ("en", "fr", "hi", "mr", "gu", "ta", "te", "kn")
_NO_NAMES = {
    "man",
    "mo",
    "or",
    "as",
    "is",
    "ii",
    "to",
    "he",
    "no",
    "so",
    "da",
    "na",
    "ga",
    "ha",
    "ig",
    "lo",
    "se",
    "tu",
    "war",
    "than",
}


@functools.lru_cache(maxsize=32)
def names(tags: tuple[str, ...]) -> Mapping[str, str]:
    """What the languages are called, in small letters, with their tags; of one name for two, the tenant's own comes first."""
    found: dict[str, str] = {}
    for tag in (*tags, *_OTHERS):
        for name in _OTHERS.get(tag, "").split():
            found.setdefault(folded(name), tag)
    everywhere = dict(languages.cldr("en").languages)
    for tag in dict.fromkeys([*tags, *(code for code in everywhere if len(code) == 2)]):
        said = {*(languages.shown(tag, one) for one in _IN), *([languages.shown(tag)] if tag in tags else [])}
        for name in said:
            low = folded(name)
            if len(low) > 3 and " " not in low and low not in _NO_NAMES:
                found.setdefault(low, tag)
    return found


def named(word: str, known: Mapping[str, str]) -> str:
    """The tag of the language that a word names, also with an ending ("தமிழில்", "kannadadalli"); "" for none."""
    low = folded(word)
    if low in known:
        return known[low]
    for cut in range(min(len(low) - 1, len(low)), max(3, len(low) - 7), -1):
        stem = low[:cut]
        if stem in known and (not low.isascii() or low[cut:] in _ENDINGS):
            return known[stem]
    return ""


_ENDINGS = ("il", "ile", "la", "lo", "dalli", "alli", "t", "madhye", "ma", "maa", "me", "mein", "ki", "mai", "le", "li")
