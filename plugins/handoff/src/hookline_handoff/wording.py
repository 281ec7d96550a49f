"""The tenant's own words of frustration and topics in a message: whole words, any case, any spaces between them."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import regex
import snowballstemmer

_WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_STEMMERS = {
    "en": "english",
    "fr": "french",
    "hi": "hindi",
    "ta": "tamil",
    "de": "german",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
}


class Wording:
    """Phrases to look for; `inflections`: other forms of the same words count too.

    `exceptions` are longer phrases in which they do not count.  Words are compared by their stems in the languages that have a stemmer; the others by the words themselves.
    """

    def __init__(self, phrases: Iterable[str], *, inflections: bool = False, exceptions: Iterable[str] = ()) -> None:
        self._exceptions = Wording(exceptions, inflections=inflections) if exceptions else None
        self.phrases = tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in phrases))
        self.inflections = inflections
        self._forms: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {}

    def find(self, text: str, language: str = "") -> str | None:
        """The first phrase that the text has, as the tenant wrote it; the longest where several begin at one word."""
        found = self.places(text, language)
        if not found:
            return None
        covered = self._exceptions.places(text, language) if self._exceptions else []
        for begin, end, written in found:
            if not any(first <= begin and end <= last for first, last, _ in covered):
                return written
        return None

    def places(self, text: str, language: str) -> list[tuple[int, int, str]]:
        """Every place at which a phrase stands, by numbers of words: from, to, and the phrase."""
        if not self.phrases:
            return []
        tag = language.partition("-")[0] if self.inflections else ""
        forms = self._forms.get(tag)
        if forms is None:
            forms = self._forms[tag] = self._index(tag)
        words = _split(text, tag if self.inflections else None)
        return [
            (at, at + len(phrase), written)
            for at, word in enumerate(words)
            for phrase, written in forms.get(word, ())
            if tuple(words[at : at + len(phrase)]) == phrase
        ]

    def _index(self, tag: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """The phrases by their first word, longest first."""
        forms: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for written in self.phrases:
            words = tuple(_split(written, tag if self.inflections else None))
            forms.setdefault(words[0], []).append((words, written.casefold()))
        for several in forms.values():
            several.sort(key=lambda one: -len(one[0]))
        return forms


def _split(text: str, tag: str | None) -> list[str]:
    """The words of a text; their stems where `tag` names a language ("" for English, which people mix with all others)."""
    words = [word.replace("’", "'") for word in _WORDS.findall(text.casefold())]
    return words if tag is None else [_stem(word, tag) for word in words]


@functools.lru_cache(maxsize=20_000)
def _stem(word: str, tag: str) -> str:
    name = "english" if word.isascii() and tag not in ("fr", "de", "es", "it", "pt") else _STEMMERS.get(tag, "")
    stem: str = snowballstemmer.stemmer(name).stemWord(word) if name else word
    return stem
