"""What is asked: the message's text prepared for both sides of the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from .action import action
from .concepts import elsewhere
from .hinglish import EMPTY, meaning
from .prepare import ROMAN_HINDI, Prepared, prepare
from .regions import around
from .script import is_stopword, language_of, script_of
from .subject import is_plain, needed
from .synonyms import synonyms
from .terms import TONAL, accented, grammed, pairs, spans, stem, variants

if TYPE_CHECKING:
    from .lexicon import Words

_MOST_TERMS = 32


@attrs.frozen
class Term:
    """One word of a question: folded, the forms it may be indexed as, and whether it carries meaning.

    `guessed` are forms of what it may mean besides: spelt rightly, in another script, in English, by another word for
    it.  They count less.  `action`: it is what the question wants to do.  `needed`: a passage that answers speaks of it.
    """

    word: str
    variants: frozenset[str]
    content: bool
    grammed: bool
    guessed: frozenset[str] = frozenset()
    action: bool = False
    needed: bool = False

    @property
    def forms(self) -> frozenset[str]:
        """All forms, guessed ones too."""
        return self.variants | self.guessed


@attrs.frozen
class Question:
    """A question: `text` is what is embedded, `terms` what is looked up, `language` a guess ("": none).

    `read` are the words that were read as others, with what they were read as; `dropped` what was only polite;
    `pairs` neighbouring syllables that may be one word, in languages that are written so.
    """

    text: str
    language: str
    script: str
    terms: tuple[Term, ...]
    read: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    pairs: frozenset[str] = frozenset()

    @property
    def content(self) -> tuple[Term, ...]:
        """The words that carry meaning; all of them where none does."""
        return tuple(term for term in self.terms if term.content) or self.terms


def understand(
    text: str | Prepared, languages: Sequence[str] = (), *, hint: str = "", index: Words | None = None
) -> Question:
    """Prepare a question for an index that holds the given languages.

    `hint` is the conversation's language; the question's own script and words overrule it.  With the `index` itself,
    words that it does not hold are read as what they may mean there.
    """
    prepared = prepare(text) if isinstance(text, str) else text
    roman = prepared.language == ROMAN_HINDI
    language = "en" if roman else language_of(prepared.text) or hint
    stems = tuple(dict.fromkeys([language, *languages])) if language else tuple(languages)
    seen: dict[str, Term] = {}
    read: list[tuple[str, str]] = []
    told = prepared.asked if roman else prepared.text
    wanted = "" if roman else action(told, language)
    must = needed(told, language) if not roman and is_plain(told, language) else None
    for word, start, end in spans(told):
        if word in seen or len(seen) >= _MOST_TERMS:
            continue
        content = not (is_stopword(word, language) or (roman and word in EMPTY))
        raw = accented(told[start:end])
        own = variants(word, stems) | {raw}
        guessed = _guessed(word, own, stems, index, roman=roman) if content else []
        if content and index is not None:
            guessed = [*guessed, *_region(word, language, stems, index)]
        read.extend((word, one) for one in guessed)
        if content and index is not None:
            guessed = [*guessed, *_synonyms(word, language, stems, index)]
        if language in TONAL and raw != word:
            own, guessed = frozenset([raw]), [*guessed, word]
        forms = frozenset(form for one in guessed for form in variants(one, stems)) - own
        seen[word] = Term(
            word, own, content, grammed(word, language), forms, content and word == wanted,
            content and must is not None and must(word),
        )  # fmt: skip
    joined = frozenset(pairs(told)) if language in TONAL else frozenset()
    terms = [*seen.values()] if not joined else _paired(seen, told)
    return Question(
        prepared.text, language, script_of(prepared.text), tuple(terms), tuple(read), prepared.dropped, joined
    )


def _paired(seen: dict[str, Term], told: str) -> list[Term]:
    """The terms of a language of syllables, where it is pairs of them that carry meaning: single ones are everywhere."""
    found = [
        Term(pair, frozenset([pair]), True, False)
        for pair, (one, _, _), (other, _, _) in zip(pairs(told), spans(told), spans(told)[1:], strict=False)
        if one in seen and other in seen and (seen[one].content or seen[other].content)
    ]
    if not found:
        return [*seen.values()]
    return [*(attrs.evolve(term, content=False) for term in seen.values()), *dict.fromkeys(found)]


def _region(word: str, language: str, stems: Sequence[str], index: Words) -> list[str]:
    """What the index calls the region that a country is in."""
    names = around(word, language)
    return [one for one in sorted(names) if index.holds(one, {stem(one, code) for code in stems})] if names else []


def _synonyms(word: str, language: str, stems: Sequence[str], index: Words) -> list[str]:
    """Other words of its language for a word, as far as the index has them."""
    told = synonyms(word, stem(word, language), language or "en")
    return [one for one in told if index.holds(one, {stem(one, code) for code in stems})]


def _guessed(
    word: str, own: frozenset[str], stems: Sequence[str], index: Words | None, *, roman: bool
) -> Sequence[str]:
    """What else a word may mean: Hindi that is written in Latin letters always, others where the index lacks them."""
    known = meaning(word) if roman or not word.isascii() else None
    told = (*known.english, *known.devanagari) if known is not None else ()
    if index is None:
        return told if roman else ()
    if roman and told:
        return told
    if index.frequency(own):
        return ()
    vocabulary = index.vocabulary()
    found = [*told, *elsewhere(word), *vocabulary.alike(word)] or vocabulary.near(word)
    return [one for one in dict.fromkeys(found) if index.holds(one, {stem(one, code) for code in stems})]
