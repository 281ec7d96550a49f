"""What speaks for a passage: how much of the question it holds, and which of its sentences hold it.

The sentences are chosen by the question's words, weighted by how rare each is in the index.  Measured on paragraphs,
vectors of single sentences add half a point to that in English and take points away in Hindi, and would double the
work of ingestion: so they are not made.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

import attrs
import regex

from .lexicon import GUESSED
from .question import Question, Term
from .sentences import sentences
from .terms import TONAL, accents, grammed, grams, pairs, stem, words

_GRAM_SHARE = 0.7
_ITEM = regex.compile(r"(?:[-*•]|\(?\p{N}{1,3}[.)])\s")
_MOST_LIST = 900
_WHOLE = 180  # characters that are quoted whole
_ENOUGH = 400  # characters of a quote to which no sentence is added
_MOST = 4  # sentences of a quote; measured on fourteen sets, two hold the answer five points less often
_RELATED = 0.1  # of the best one's score, for a third sentence
_MANY = math.log1p(20)  # passages among which it says something that one alone has a word
_ONWARD = 0.03  # what follows a sentence belongs to it a little more than what precedes it

_THERE = 0.5  # of a word: with less of its grams it is another

Frequency = Callable[[frozenset[str]], int]


@attrs.frozen
class Weights:
    """A question's words with their rarity in an index of `count` chunks.

    `total` is the sum over the words that carry meaning.
    """

    terms: tuple[tuple[Term, float], ...]
    total: float
    count: int = 0
    rarities: tuple[float, ...] = attrs.field(init=False, eq=False, repr=False)
    wanted: _Wanted = attrs.field(init=False, eq=False, repr=False)  # shared by all passages of one search

    @rarities.default
    def _rarities(self) -> tuple[float, ...]:
        return tuple(rarity for _, rarity in self.terms)

    @wanted.default
    def _made_ready(self) -> _Wanted:
        return _Wanted(self.terms)


def rarity_of(frequency: int, count: int) -> float:
    """How much a word says that so many of `count` chunks hold."""
    return math.log(1.0 + (count + 5.0) / (frequency + 0.5))


def weigh(question: Question, count: int, frequency: Frequency) -> Weights:
    """Weigh the question's words for an index of `count` chunks in which `frequency` tells how many hold a word."""
    weighed = tuple((term, rarity_of(frequency(term.forms), count)) for term in question.content)
    return Weights(weighed, sum(rarity for _, rarity in weighed), count)


@attrs.frozen
class Evidence:
    """What one passage holds of a question.

    coverage     the share of the question's weight in the passage with its heading, 0..1
    head         the same in the heading (or a record's question) alone
    window       the same in the sentences chosen
    missing      the share of the heaviest word that is nowhere in it: what a passage about another thing lacks
    start, end   document offsets of the sentences chosen
    lacking      the share of the question's weight in words that other passages hold and this one lacks
    rarest       the rarity of the rarest word that it holds, 1 for one that no other passage of many has
    action       how much the word for what the question wants to do is missing in it, 0..1; 0 where there is none
    object       the share of its other words that is missing in it and that other passages hold; 0 where there is none
    strange      the words that the question needs and that are not in it, each with its share of all weight
    spans        the document offsets of all its sentences, and `shares` how much of the question each holds
    """

    coverage: float
    head: float
    window: float
    start: int
    end: int
    spans: tuple[tuple[int, int], ...] = ()
    shares: tuple[float, ...] = ()
    missing: float = 0.0
    lacking: float = 0.0
    rarest: float = 0.0
    action: float = 0.0
    object: float = 0.0
    strange: tuple[tuple[str, float], ...] = ()


class _Wanted:
    """A question's words, made ready to be looked for in many sentences."""

    def __init__(self, terms: Sequence[tuple[Term, float]]) -> None:
        self.count = len(terms)
        self._known: dict[str, dict[str, tuple[Sequence[int], Sequence[int]] | None]] = {}
        self.places: dict[str, list[int]] = {}
        self.guessed: dict[str, list[int]] = {}
        self.grams: dict[int, list[str]] = {}
        for at, (term, _) in enumerate(terms):
            for variant in term.variants:
                self.places.setdefault(variant, []).append(at)
            for form in term.guessed:
                self.guessed.setdefault(form, []).append(at)
            if term.grammed:
                self.grams[at] = grams(term.word)

    def held(self, text: str, language: str) -> list[float]:
        """How much of each word is in the text: 1 for the word or its stem, less for a guess or a share of its grams."""
        found = [0.0] * self.count
        told = {*words(text), *accents(text)}
        if language in TONAL:
            told.update(pairs(text))
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = {}
        for word in told:
            try:
                meant = known[word]
            except KeyError:
                meant = known[word] = self._meant(word, language)
            if meant is None:
                continue
            for at in meant[0]:
                found[at] = 1.0
            for at in meant[1]:
                found[at] = max(found[at], GUESSED)
        missing = [at for at in self.grams if not found[at]] if self.grams else ()
        if missing:
            pieces = {gram for word in told if grammed(word, language) for gram in grams(word)}
            for at in missing:
                own = self.grams[at]
                found[at] = _GRAM_SHARE * sum(piece in pieces for piece in own) / len(own)
        return found

    def _meant(self, word: str, language: str) -> tuple[Sequence[int], Sequence[int]] | None:
        """The question's words that a word of a text is, and those that it is by a guess; None for most words."""
        stemmed = stem(word, language)
        places = self.places.get(word) or self.places.get(stemmed) or ()
        guessed = self.guessed.get(word) or self.guessed.get(stemmed) or ()
        return (places, guessed) if places or guessed else None


def _share(held: Sequence[float], weights: Weights) -> float:
    if not weights.total:
        return 0.0
    held_weight: float = sum(map(operator.mul, held, weights.rarities))
    return held_weight / weights.total


def _missing(held: Sequence[float], weights: Weights) -> float:
    if not weights.total:
        return 0.0
    return max((1.0 - part) * rarity for part, (_, rarity) in zip(held, weights.terms, strict=True)) / weights.total


def _lacking(held: Sequence[float], weights: Weights) -> float:
    if not weights.total:
        return 0.0
    nowhere = rarity_of(0, weights.count)
    lost = sum((1.0 - part) * r for part, r in zip(held, weights.rarities, strict=True) if r < nowhere)
    return lost / weights.total


def _rarest(held: Sequence[float], weights: Weights) -> float:
    rarities = (part * rarity for part, rarity in zip(held, weights.rarities, strict=True))
    many = min(1.0, math.log1p(weights.count) / _MANY)
    return many * min(1.0, max(rarities, default=0.0) / rarity_of(1, weights.count))


def _action(held: Sequence[float], weights: Weights) -> float:
    return max((1.0 - part for part, (term, _) in zip(held, weights.terms, strict=True) if term.action), default=0.0)


def _object(held: Sequence[float], weights: Weights) -> float:
    if not any(term.action for term, _ in weights.terms):
        return 0.0
    nowhere = rarity_of(0, weights.count)
    others = [(1.0 - part, r) for part, (term, r) in zip(held, weights.terms, strict=True) if not term.action]
    lost = sum(part * r for part, r in others if r < nowhere)
    return lost / (sum(r for _, r in others) or 1.0)


def _strange(held: Sequence[float], weights: Weights) -> tuple[tuple[str, float], ...]:
    lost = [
        (term.word, (1.0 - part) * r)
        for part, (term, r) in zip(held, weights.terms, strict=True)
        if term.needed and part < _THERE
    ]
    return tuple((word, weight / weights.total) for word, weight in lost)


def examine(weights: Weights, text: str, start: int, answer: int, head: str, language: str, *, whole: bool) -> Evidence:
    """Look for the question in a passage.

    `text` is the passage, which begins at the document's offset `start`; what may be quoted begins at `answer`.
    `whole` passages (records, table rows) are quoted from there to their end.
    """
    wanted = weights.wanted
    head_held = wanted.held(head, language)
    spans = sentences(text, answer - start)
    if not spans:
        spans = [(answer - start, len(text))]
    held = [wanted.held(text[a:b], language) for a, b in spans]
    shares = [_share(parts, weights) for parts in held]
    total = [max(parts) for parts in zip(head_held, *held, strict=True)] if weights.terms else []
    low, high = (0, len(spans) - 1) if whole else choose(text, spans, shares)
    chosen = [max(parts) for parts in zip(*held[low : high + 1], strict=True)] if weights.terms else []
    return Evidence(
        coverage=_share(total, weights),
        head=_share(head_held, weights),
        window=_share(chosen, weights),
        start=start + spans[low][0],
        end=start + spans[high][1],
        spans=tuple((start + a, start + b) for a, b in spans),
        shares=tuple(shares),
        missing=_missing(total, weights),
        lacking=_lacking(total, weights),
        rarest=_rarest(total, weights),
        action=_action(total, weights),
        object=_object(total, weights),
        strange=_strange(total, weights),
    )


def chosen_again(evidence: Evidence, text: str, start: int, cosines: Sequence[float]) -> Evidence:
    """The evidence with its sentences chosen by words and vectors together; `cosines` are those of `spans`."""
    scores = [share + cosine for share, cosine in zip(evidence.shares, cosines, strict=True)]
    spans = [(a - start, b - start) for a, b in evidence.spans]
    low, high = choose(text, spans, scores)
    return attrs.evolve(evidence, start=evidence.spans[low][0], end=evidence.spans[high][1])


def choose(text: str, spans: Sequence[tuple[int, int]], scores: Sequence[float]) -> tuple[int, int]:
    """The first and last of the sentences to quote: the best, the better of its neighbours, a list as a whole.

    A passage of a line or two is quoted whole; more sentences are taken while the quote is short and they are related.
    """
    best = max(range(len(spans)), key=lambda at: (scores[at], -at))
    low = high = best
    if spans[-1][1] - spans[0][0] <= _WHOLE:
        return 0, len(spans) - 1
    while high - low + 1 < min(_MOST, len(spans)):
        taken = high - low + 1
        if taken > 1 and spans[high][1] - spans[low][0] >= _ENOUGH:
            break
        left = scores[low - 1] if low > 0 else -1.0
        right = scores[high + 1] + _ONWARD if high + 1 < len(spans) else -1.0
        if taken > 1 and max(left, right) <= scores[best] * _RELATED:
            break
        if right >= left:
            high += 1
        else:
            low -= 1
    return _with_list(text, spans, low, high)


def _with_list(text: str, spans: Sequence[tuple[int, int]], low: int, high: int) -> tuple[int, int]:
    def item(at: int) -> bool:
        return 0 <= at < len(spans) and _ITEM.match(text, spans[at][0]) is not None

    first, last = low, high
    introduces = text[spans[high][0] : spans[high][1]].rstrip().endswith(":")
    if not (introduces or any(item(at) for at in range(low, high + 1))):
        return low, high
    while item(last + 1):
        last += 1
    while item(first) and first > 0 and (item(first - 1) or text[spans[first - 1][0] : spans[first - 1][1]][-1] == ":"):
        first -= 1
    if spans[last][1] - spans[first][0] <= _MOST_LIST:
        return min(low, first), max(high, last)
    return low, high
