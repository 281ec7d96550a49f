"""The sentences of the passages that a sentence of the model rests on, and what around them may be drawn on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import attrs

from .facts import Fact
from .sentences import spans
from .sources import Source
from .words import Sentence, Word, akin, tongue

UNCOMMON = 4.5  # Zipf frequency: a word below it is likely a name where names have no capitals
MOST = 3  # sentences that one sentence of the model may draw together


@attrs.frozen(slots=False, eq=False)
class Unit:
    """One sentence of a source, with its place in the source's text and the sentences beside it."""

    source: Source
    start: int
    end: int
    sentence: Sentence
    around: Sentence  # the title, the sentence before and the one after

    @cached_property
    def known(self) -> frozenset[str]:
        """The stems that it holds."""
        return self.sentence.keys


class Evidence:
    """All sentences of an answer's sources, and how much each stem tells."""

    def __init__(self, sources: Sequence[Source], language: str) -> None:
        self.units: list[Unit] = []
        for source in sources:
            cut = spans(source.text)
            for number, (start, end) in enumerate(cut):
                before = source.text[slice(*cut[number - 1])] if number else ""
                after = source.text[slice(*cut[number + 1])] if number + 1 < len(cut) else ""
                around = Sentence(f"{source.passage.title}\n{before}\n{after}", language)
                self.units.append(Unit(source, start, end, Sentence(source.text[start:end], language), around))
        counted = Counter(key for unit in self.units for key in unit.known)
        self._weights = {key: math.log(1 + len(self.units) / count) for key, count in counted.items()}
        titles = "\n".join(source.passage.title for source in sources)
        self.keys = frozenset(counted) | Sentence(titles, language).keys
        self._prefixes: dict[str, list[str]] = {}
        for key in self.keys:
            self._prefixes.setdefault(key[:3], []).append(key)
        self.scripts = frozenset(word.script for unit in self.units for word in unit.sentence.words)
        self.tongue = tongue("\n".join(source.text for source in sources))
        self.shown = frozenset(word for unit in self.units for word, _ in unit.sentence.plain)

    def weight(self, key: str) -> float:
        """How much a stem tells: what stands in few sentences tells more."""
        return self._weights.get(key, math.log(1 + len(self.units)))

    def same(self, key: str) -> frozenset[str]:
        """The stems of the sources that are the stem, or of the same word."""
        return frozenset(other for other in self._prefixes.get(key[:3], ()) if akin(key, other))

    def choose(self, said: Sentence, numbers: Iterable[int] = ()) -> list[Unit]:
        """The sentences that say most of it, best first: of the numbered sources, if they say about as much as any.

        A further sentence is taken only for what those before it lack.
        """
        wanted = {word.key: self.same(word.key) for word in said.content}
        everything = dict(wanted)
        missing = list(said.facts)
        scored = [(self._score(wanted, missing, unit), number, unit) for number, unit in enumerate(self.units)]
        if not scored:
            return []
        best = max(score for score, _, _ in scored)
        cited = set(numbers)
        among = [item for item in scored if item[2].source.number in cited]
        if not among or max(score for score, _, _ in among) < 0.6 * best:
            among = scored
        chosen: list[Unit] = []
        while among and len(chosen) < MOST:
            score, _, unit = max(among, key=lambda item: (item[0], -item[1]))
            if score <= 0 or (chosen and (score < 1.2 or not any(same & unit.known for same in everything.values()))):
                break
            chosen.append(unit)
            wanted = {key: same for key, same in wanted.items() if not same & unit.known}
            missing = [fact for fact in missing if not any(fact.agrees(other) for other in unit.sentence.facts)]
            among = [(self._score(wanted, missing, one), n, one) for _, n, one in among if one is not unit]
        return chosen

    def _score(self, wanted: Mapping[str, frozenset[str]], missing: Sequence[Fact], unit: Unit) -> float:
        words = sum(self.weight(key) for key, same in wanted.items() if same & unit.known)
        hard = sum(2.0 for fact in missing if any(fact.agrees(other) for other in unit.sentence.facts))
        return words + hard


Surroundings = tuple[Mapping[str, float], Mapping[str, float]]
OTHER_SIDE = 0.5  # what a word counts that stands before the one place and behind the other
NAMED = 5.0  # what a name counts, for it tells whose amount it is


def profile(words: Sequence[Word], at: int) -> Surroundings:
    """What stands before a place and behind it: each stem with a weight that falls with its distance in words."""
    content = [word for word in words if word.content]
    before = [word for word in reversed(content) if word.start < at]
    after = [word for word in content if word.start > at]
    return _weighted(before), _weighted(after)


def _weighted(words: Sequence[Word]) -> dict[str, float]:
    found: dict[str, float] = {}
    for distance, word in enumerate(words[:8]):
        named = NAMED if word.capital or word.frequency < UNCOMMON else 1.0
        found.setdefault(word.key, math.sqrt(named) * math.exp(-distance / 2.5))
    return found


def likeness(a: Surroundings, b: Surroundings) -> float:
    """How alike two surroundings are."""
    same = _alike(a[0], b[0]) + _alike(a[1], b[1])
    return same + OTHER_SIDE * (_alike(a[0], b[1]) + _alike(a[1], b[0]))


def _alike(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    total = 0.0
    for key, weight in a.items():
        if key in b:
            total += weight * b[key]
        else:
            near = [other for other in b if other[:4] == key[:4] and akin(key, other)]
            total += weight * max((b[other] for other in near), default=0.0)
    return total
