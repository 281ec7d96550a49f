"""Which script and language a text is in: cheap, without a model, good enough to choose a stemmer and a weight.

Scripts decide where they can (Tamil, Telugu, …); within Latin, Devanagari, Arabic and Cyrillic the commonest words
do.  A text without any of them has no known language ("").
"""

from __future__ import annotations

import re
from collections import Counter

import regex

from .stopwords import FUNCTION_LETTERS, STOPWORDS
from .terms import fold

_SCRIPTS = (
    "Latin", "Devanagari", "Tamil", "Telugu", "Kannada", "Gujarati", "Bengali", "Gurmukhi", "Malayalam", "Oriya",
    "Arabic", "Hebrew", "Cyrillic", "Greek", "Armenian", "Georgian", "Thai", "Lao", "Khmer", "Myanmar", "Sinhala",
    "Han", "Hiragana", "Katakana", "Hangul", "Ethiopic",
)  # fmt: skip
_LETTERS = regex.compile("|".join(rf"(?P<{name}>\p{{Script={name}}}+)" for name in _SCRIPTS))
_WORDS = regex.compile(r"[\p{L}\p{M}]+")

# Where a script is as good as a language.
_ALONE = {
    "Tamil": "ta", "Telugu": "te", "Kannada": "kn", "Gujarati": "gu", "Bengali": "bn", "Gurmukhi": "pa",
    "Malayalam": "ml", "Oriya": "or", "Hebrew": "he", "Greek": "el", "Armenian": "hy", "Georgian": "ka",
    "Thai": "th", "Lao": "lo", "Khmer": "km", "Myanmar": "my", "Sinhala": "si", "Hangul": "ko",
    "Hiragana": "ja", "Katakana": "ja", "Han": "zh", "Ethiopic": "am",
}  # fmt: skip
_SHARED = {"Latin": "", "Devanagari": "hi", "Arabic": "ar", "Cyrillic": "ru"}
_STOPPED = {code: frozenset(map(fold, words)) for code, (_, words) in STOPWORDS.items()}
_ASCII_LETTER = re.compile(r"[A-Za-z]")
_BY_SCRIPT: dict[str, list[str]] = {}
_COMMON: dict[str, dict[str, list[tuple[str, float]]]] = {}  # of a script, by word: the languages and how common it is
for _code, (_script, _words) in STOPWORDS.items():
    _BY_SCRIPT.setdefault(_script, []).append(_code)
    for _word, _share in _words.items():
        _COMMON.setdefault(_script, {}).setdefault(_word, []).append((_code, _share))


def script_of(text: str) -> str:
    """The Unicode script that most letters of the text are in, e.g. "Latin"; "" where it has no letters."""
    if text.isascii():
        return "Latin" if _ASCII_LETTER.search(text, 0, 4000) else ""
    counts: Counter[str] = Counter()
    for match in _LETTERS.finditer(text[:4000]):
        counts[match.lastgroup or ""] += match.end() - match.start()
    if not counts:
        return ""
    if counts["Hiragana"] + counts["Katakana"] and counts.most_common(1)[0][0] == "Han":
        return "Hiragana"
    return counts.most_common(1)[0][0]


def language_of(text: str) -> str:
    """The language's code, e.g. "fr"; "" where nothing tells."""
    script = script_of(text)
    if script in _ALONE:
        return _ALONE[script]
    if script not in _SHARED:
        return ""
    common = _COMMON.get(script, {})
    hits: dict[str, float] = {}
    for word in _WORDS.findall(text[:4000]):
        for code, share in common.get(word.casefold(), ()):
            hits[code] = hits.get(code, 0.0) + share
    best, top = _SHARED[script], 0.0
    for code in _BY_SCRIPT.get(script, ()):
        if hits.get(code, 0.0) > top:
            best, top = code, hits[code]
    return best


def is_stopword(word: str, language: str) -> bool:
    """Whether a folded word (see `terms.fold`) carries no meaning by itself in the language ("": in English)."""
    if language in FUNCTION_LETTERS and not word.isascii():
        return not FUNCTION_LETTERS[language].isdisjoint(word)
    return word in _STOPPED.get(language or "en", ())
