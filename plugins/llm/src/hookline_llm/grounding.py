"""Whether a sentence of the model is borne out by the passages, and by which sentences of them.

A sentence is dropped if it holds a number or a name that neither the passages nor the question have, or if too few
of its words are theirs.  That can't find every untruth (a "not" too many, a fact turned round); it finds what models
add from memory.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

import attrs
import regex

from hookline.message import Citation

from .sentences import MARKER, spans
from .sources import Source
from .stopwords import STOPWORDS

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_NUMBER = regex.compile(r"\p{Nd}+(?:[.,٫٬\u00a0\u202f'’]\p{Nd}+)*")
_GROUPS = regex.compile(r"\d{1,3}(?:[,.٬\u00a0\u202f'’]\d{2,3})*[,.٬\u00a0\u202f'’]\d{3}")
_DATE = regex.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{2}|\d{4})|\d{4}\.\d{1,2}\.\d{1,2}")
_LIST_NUMBER = regex.compile(r"^\s*(?:[-*•]\s*)?(?:\p{Nd}{1,2}[.)]\s+)?")
_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?|(?=\p{L}*\p{Nd})\p{L}+\p{Nd}[\p{L}\p{Nd}]*")
_FIRST_WORD = regex.compile(r"^[^\p{L}\p{N}]*[\p{L}\p{M}\p{N}'’]+")
_STEM = 5
_SHORT = 4
ENOUGH = 0.5
RELATED = 0.25


@attrs.frozen(slots=False)
class Facts:
    """What a text holds that can be looked up in another."""

    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        """The beginnings of its words that carry meaning: long ones, and all that are not written in Latin letters."""
        found = (match.group().casefold() for match in _WORD.finditer(self.text))
        return frozenset(_stem(word) for word in found if not word[0].isdigit() and _carries(word))

    @cached_property
    def all_words(self) -> frozenset[str]:
        """All its words, as `words` has them."""
        return frozenset(_stem(match.group().casefold()) for match in _WORD.finditer(self.text))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers in every way in which they may be read."""
        return frozenset(reading for number in numbers(self.text) for reading in number)

    @cached_property
    def scripts(self) -> frozenset[str]:
        """The scripts that its words are written in."""
        return frozenset(_script(word) for word in self.words)


@attrs.frozen
class Grounded:
    """A sentence that may be said: without the model's markers, with what bears it out."""

    text: str
    citations: tuple[Citation, ...]


class Grounding:
    """Checks the sentences of one answer against its sources."""

    def __init__(self, question: str, sources: Sequence[Source]) -> None:
        self._sources = {source.number: source for source in sources}
        self._question = Facts(question)
        self._known = Facts("\n".join(f"{source.passage.title}\n{source.text}" for source in sources))
        self._sentences = {
            source.number: [(start, end, Facts(source.text[start:end])) for start, end in spans(source.text)]
            for source in sources
        }

    def says_something(self, sentence: str) -> bool:
        """Whether there is anything in it to be checked; "Certainly!" says nothing."""
        facts = Facts(_bare(sentence))
        return bool(facts.words or facts.numbers)

    def check(self, sentence: str) -> Grounded | None:
        """The sentence with its citations; None if it is not borne out."""
        text = _bare(sentence)
        facts = Facts(text)
        if not self._numbers_known(text) or not self._names_known(text):
            return None
        share = self._share(facts)
        if share is not None and share < ENOUGH:
            return None
        cited = [self._sources[number] for number in markers(sentence) if number in self._sources]
        found = [citation for citation, weight in self._spans(facts, cited) if share is None or weight >= RELATED]
        if not found and share is not None:
            best = max(self._spans(facts, self._sources.values()), key=lambda item: item[1], default=None)
            found = [best[0]] if best and best[1] >= RELATED else []
        return Grounded(text, tuple(dict.fromkeys(found))) if found else None

    def _share(self, facts: Facts) -> float | None:
        """How many of the words are the passages'; those of the question count neither way.

        None if there is nothing to compare: the passages are written in another script.
        """
        words = {word for word in facts.words if _script(word) in self._known.scripts}
        if not words:
            return None if facts.words else 1.0
        known = words & self._known.all_words
        asked = (words - known) & self._question.all_words
        return len(known) / len(words - asked) if words - asked else 0.0

    def _numbers_known(self, text: str) -> bool:
        known = self._known.numbers | self._question.numbers
        return all(number & known for number in numbers(_LIST_NUMBER.sub("", text)))

    def _names_known(self, text: str) -> bool:
        text = _LIST_NUMBER.sub("", text)
        known = self._known.all_words | self._question.all_words
        first = _FIRST_WORD.match(text)
        begin = first.end() if first else 0
        names = [match.group() for match in _NAME.finditer(text) if match.start() >= begin]
        return all(_stem(name.casefold()) in known for name in names)

    def _spans(self, facts: Facts, sources: Iterable[Source]) -> list[tuple[Citation, float]]:
        """For each source its sentence that is nearest, and how near it is (0..1)."""
        found = []
        for source in sources:
            weighed = [(_nearness(facts, other), start, end) for start, end, other in self._sentences[source.number]]
            if weighed:
                weight, start, end = max(weighed, key=lambda item: item[0])
                begin = source.passage.start
                found.append((source.passage.citation(begin + start, begin + end), weight))
        return found


def markers(sentence: str) -> list[int]:
    """The numbers that the sentence's markers name, ranges written out."""
    found: list[int] = []
    for match in MARKER.finditer(sentence):
        for part in regex.split(r"[,;]", match.group()[1:-1]):
            ends = [int(number) for number in regex.findall(r"\p{Nd}+", part)]
            found += range(ends[0], min(ends[-1], ends[0] + 20) + 1)
    return list(dict.fromkeys(found))


def numbers(text: str) -> list[frozenset[str]]:
    """The numbers in the text, each with all values it may have: "4,20" is 4.2, "1,00,000" is 100000."""
    found: list[frozenset[str]] = []
    for match in _NUMBER.finditer(text):
        digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in match.group())
        if _DATE.fullmatch(digits):
            found += [frozenset({_plain(part)}) for part in digits.split(".")]
        else:
            found.append(_readings(digits))
    return found


def _readings(digits: str) -> frozenset[str]:
    bare = regex.sub(r"\D", "", digits)
    whole, mark, fraction = digits.replace(",", ".").replace("٫", ".").rpartition(".")
    found = {_plain(f"{regex.sub(r'[^0-9]', '', whole)}.{fraction}")} if mark and fraction.isdigit() else {_plain(bare)}
    if _GROUPS.fullmatch(digits):
        found.add(_plain(bare))
    return frozenset(found)


def _plain(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _bare(sentence: str) -> str:
    """The sentence without markers and the white space around it."""
    return regex.sub(rf"\s*{MARKER.pattern}", "", sentence).strip()


def _nearness(said: Facts, other: Facts) -> float:
    words = len(said.words & other.all_words) + 2 * len(said.numbers & other.numbers)
    return words / (len(said.words) + 2 * len(said.numbers)) if said.words or said.numbers else 0.0


def _stem(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    return word[:_STEM] if len(word) > _STEM else word


def _carries(word: str) -> bool:
    if word in STOPWORDS:
        return False
    return len(word) >= (_SHORT if _script(word) in ("LATIN", "CYRILLIC", "GREEK") else 2)


def _script(word: str) -> str:
    return unicodedata.name(word[0], "?").split(maxsplit=1)[0]
