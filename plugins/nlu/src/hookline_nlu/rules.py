"""The first layer: keywords, phrases and patterns.  What they find is certain, costs microseconds, and needs no model.

Whole words only, in any script, folded as `words` does.  Of several intents that match, the one with the longest match
(in words) is meant; then the higher priority, then the one with more matches.  Where that leaves several, the
classifier decides between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs
import regex

from .intentfile import Declared
from .words import LONGEST, words

PATIENCE = 0.25  # seconds of the whole process for one pattern: a bad one must not hold a message up for long


@attrs.frozen
class Match:
    """What made it an intent: the phrase or pattern, as it stands in the file."""

    intent: str
    by: str
    weight: int
    priority: int


@attrs.frozen
class _Phrase:
    words: tuple[str, ...]
    open: bool  # the last word is only the beginning of one
    intent: int
    text: str

    def at(self, told: Sequence[str], start: int) -> bool:
        """Whether it stands there."""
        end = start + len(self.words)
        if end > len(told):
            return False
        if not self.open:
            return tuple(told[start:end]) == self.words
        return tuple(told[start : end - 1]) == self.words[:-1] and told[end - 1].startswith(self.words[-1])


class _Phrases:
    """Phrases by their first word, so that a text is gone through once."""

    def __init__(self) -> None:
        self._by_word: defaultdict[str, list[_Phrase]] = defaultdict(list)
        self._by_start: defaultdict[str, list[_Phrase]] = defaultdict(list)

    def add(self, text: str, intent: int) -> None:
        """`kharid*` is all words that begin so."""
        found = words(text)
        phrase = _Phrase(found, text.rstrip().endswith("*"), intent, text)
        if phrase.open and len(found) == 1:
            self._by_start[found[0][:3]].append(phrase)
        else:
            self._by_word[found[0]].append(phrase)

    def within(self, told: Sequence[str]) -> Iterable[tuple[_Phrase, int]]:
        """Each phrase that stands in the text, and where."""
        for start, word in enumerate(told):
            candidates = self._by_word.get(word, ())
            for phrase in candidates:
                if phrase.at(told, start):
                    yield phrase, start
            if self._by_start:
                for length in range(1, 4):
                    for phrase in self._by_start.get(word[:length], ()) if length <= len(word) else ():
                        if len(phrase.words[0][:3]) == length and phrase.at(told, start):
                            yield phrase, start


class Rules:
    """The rules of all intents."""

    def __init__(self, intents: Sequence[Declared]) -> None:
        self._intents = intents
        self._keywords, self._alone, self._unless = _Phrases(), _Phrases(), _Phrases()
        self._patterns: list[tuple[int, regex.Pattern[str]]] = []
        for place, intent in enumerate(intents):
            for phrases, store in ((intent.keywords, self._keywords), (intent.alone, self._alone)):
                for text in (text for texts in phrases.values() for text in texts):
                    store.add(text, place)
            for text in intent.unless:
                self._unless.add(text, place)
            self._patterns += [
                (place, regex.compile(pattern, regex.IGNORECASE | regex.VERSION1)) for pattern in intent.patterns
            ]

    def find(self, text: str) -> list[Match]:
        """The intents that match equally well, the best of all; more than one where the rules can't decide."""
        told = words(text)
        if not told:
            return []
        barred = {phrase.intent for phrase, _ in self._unless.within(told)}
        best: dict[int, tuple[int, str]] = {}
        counts: defaultdict[int, int] = defaultdict(int)
        for phrase, _ in self._keywords.within(told):
            self._note(best, counts, phrase.intent, len(phrase.words), phrase.text)
        for place, pattern in self._patterns:
            weight = self._matched(pattern, text)
            if weight:
                self._note(best, counts, place, weight, pattern.pattern)
        for place in barred:
            best.pop(place, None)
        if not best:
            self._greet(told, best, counts)
        ranked = {place: (best[place][0], self._intents[place].priority, counts[place]) for place in best}
        top = max(ranked.values(), default=None)
        return [
            Match(self._intents[place].name, best[place][1], best[place][0], self._intents[place].priority)
            for place in sorted(best)
            if ranked[place] == top
        ]

    def _greet(self, told: Sequence[str], best: dict[int, tuple[int, str]], counts: defaultdict[int, int]) -> None:
        """Intents whose phrases are all that is said, in any order and number."""
        covered: defaultdict[int, set[int]] = defaultdict(set)
        for phrase, start in self._alone.within(told):
            covered[phrase.intent].update(range(start, start + len(phrase.words)))
            self._note(best, counts, phrase.intent, len(phrase.words), phrase.text)
        for place, places in covered.items():
            if len(places) < len(told):
                del best[place]

    @staticmethod
    def _note(
        best: dict[int, tuple[int, str]], counts: defaultdict[int, int], intent: int, weight: int, by: str
    ) -> None:
        counts[intent] += 1
        if intent not in best or weight > best[intent][0]:
            best[intent] = (weight, by)

    @staticmethod
    def _matched(pattern: regex.Pattern[str], text: str) -> int:
        """The words in the longest match; a pattern that takes too long has none."""
        try:
            found = pattern.search(text, 0, LONGEST, timeout=PATIENCE)
        except TimeoutError:
            return 0
        return max(1, len(words(found[0]))) if found else 0
