"""A sentence laid beside the sentences that it repeats: what was exchanged, added or left out on the way.

Most of what models make of passages follows their wording.  Where it does, a name that stands in another's place, a
"not" too many or a changed amount shows as a difference in place, though every word of it is in the passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

import attrs

from . import spelled
from .classes import BRIDGES
from .facts import Fact
from .words import Sentence, Word, akin

CLOSE = 0.6  # the share of a sentence's words from which on it counts as following the wording
NEAR = 0.7  # … as keeping to it, but for some words
LITERAL = 0.8  # … as repeating it, but for an exchanged word or two
LONG = 4  # words left out in a row are a clause that was not wanted

Token = Word | Fact


@attrs.frozen
class Exchange:
    """`said` stands where the passage has `known`; either may be empty."""

    said: Sequence[Token]
    known: Sequence[Token]


@attrs.frozen(slots=False, eq=False)
class Alignment:
    """A sentence beside the passage's sentences, in their order."""

    said: Sentence
    known: Sentence
    topic: frozenset[str] = frozenset()  # stems of the passages' titles
    asked: frozenset[str] = frozenset()  # and of the question

    @cached_property
    def mine(self) -> list[Token]:
        """The words and facts that are said."""
        return tokens(self.said)

    @cached_property
    def theirs(self) -> list[Token]:
        """Those of the passage."""
        return tokens(self.known)

    @cached_property
    def _matcher(self) -> SequenceMatcher[int]:
        numbered: list[Token] = []
        theirs = [_number(token, numbered) for token in self.theirs]
        mine = [_number(token, numbered) for token in self.mine]
        return SequenceMatcher(None, theirs, mine, autojunk=False)

    @cached_property
    def share(self) -> float:
        """The share of what is said that stands in the passage in the same order."""
        if not self.mine:
            return 0.0
        return sum(block.size for block in self._matcher.get_matching_blocks()) / len(self.mine)

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """The differences in place, between the first and the last word that both have."""
        return [
            Exchange(self.mine[c:d], self.theirs[a:b])
            for kind, a, b, c, d in self._matcher.get_opcodes()
            if kind != "equal"
        ]

    def exchanged(self) -> str:
        """What is wrong with an exchange, in a word; "" if nothing is."""
        if self.share < CLOSE:
            return ""
        for one in self.exchanges:
            if not one.said or len(one.known) > 2 * LONG:
                continue
            reason = self._wrong(one)
            if reason:
                return reason
        return ""

    def _wrong(self, one: Exchange) -> str:
        said_facts = [token for token in one.said if isinstance(token, Fact)]
        known_facts = [token for token in one.known if isinstance(token, Fact)]
        for fact in said_facts:
            alike = [other for other in known_facts if other.kind == fact.kind]
            if alike and not any(fact.agrees(other) for other in alike):
                return f"{fact.kind} exchanged"
        mine, theirs = _values(one.said), _values(one.known)
        if mine and theirs and not mine & theirs and bool(said_facts) != bool(known_facts):
            return "number exchanged"
        said_names = [token for token in one.said if isinstance(token, Word) and self._name(token, self.said)]
        known_names = [token for token in one.known if isinstance(token, Word) and self._name(token, self.known)]
        if said_names and known_names and not _any_akin(said_names, known_names):
            return "name exchanged"
        if self.share >= NEAR:
            said = [token for token in one.said if isinstance(token, Word) and token.content]
            known = [token for token in one.known if isinstance(token, Word) and token.content]
            strange = [word for word in said if not self._may_stand(word)]
            if known and len(said) <= 2 and strange and not _any_akin(said, known):
                return "word exchanged"
        return ""

    def _may_stand(self, word: Word) -> bool:
        """Whether a word may be said in place of another: it only joins others, it names the passage's topic, or it
        stands elsewhere in the sentence, or, in a sentence that goes its own way, in the question."""
        if word.shown.casefold() in BRIDGES or word.key in self.topic:
            return True
        if self.share < LITERAL and any(akin(word.key, key) for key in self.asked):
            return True
        return any(akin(word.key, other.key) for other in self.known.content)

    def _name(self, word: Word, sentence: Sentence) -> bool:
        if not word.capital:
            return False
        first = sentence.words[0].start == word.start if sentence.words else False
        return not first or word.frequency < 4.5

    def denials(self) -> tuple[int, int]:
        """How often the sentence denies, and how often the part of the passage that it follows does."""
        left_out = [one.known for one in self.exchanges if not one.said and len(one.known) >= LONG]
        spans = [(some[0].start, some[-1].end) for some in left_out]
        known = [at for at in self.known.negations if not any(a <= at < b for a, b in spans)]
        return len(self.said.negations), len(known)


def _values(some: Sequence[Token]) -> frozenset[object]:
    """The numbers among them, with the words that may be one ("one", "premier", "दो")."""
    found: set[object] = set()
    for token in some:
        if isinstance(token, Fact):
            found |= token.plain if token.kind == "number" else frozenset()
        elif (value := spelled.value(token.shown.casefold())) is not None:
            found.add(float(value))
    return frozenset(found)


def _any_akin(some: Sequence[Word], others: Sequence[Word]) -> bool:
    return any(akin(a.key, b.key) for a in some for b in others)


def tokens(sentence: Sentence) -> list[Token]:
    """Words and facts of a sentence, from left to right."""
    both: list[Token] = [*sentence.words, *sentence.facts]
    return sorted(both, key=lambda token: token.start)


def _number(token: Token, numbered: list[Token]) -> int:
    """The same number for what is the same."""
    for number, other in enumerate(numbered):
        if isinstance(token, Fact):
            if isinstance(other, Fact) and token.agrees(other):
                return number
        elif isinstance(other, Word) and (
            token.key == other.key or (token.content and other.content and akin(token.key, other.key))
        ):
            return number
    numbered.append(token)
    return len(numbered) - 1
