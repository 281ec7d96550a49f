"""What is asked: the message's text prepared for both sides of the search."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .script import is_stopword, language_of, script_of
from .terms import variants, words

_MOST_TERMS = 32


@attrs.frozen
class Term:
    """One word of a question: folded, the forms it may be indexed as, and whether it carries meaning."""

    word: str
    variants: frozenset[str]
    content: bool
    grammed: bool


@attrs.frozen
class Question:
    """A question: `text` is what is embedded, `terms` what is looked up, `language` a guess ("": none)."""

    text: str
    language: str
    script: str
    terms: tuple[Term, ...]

    @property
    def content(self) -> tuple[Term, ...]:
        """The words that carry meaning; all of them where none does."""
        return tuple(term for term in self.terms if term.content) or self.terms


def understand(text: str, languages: Sequence[str] = (), *, hint: str = "") -> Question:
    """Prepare a question for an index that holds the given languages.

    `hint` is the conversation's language; the question's own script and words overrule it.
    """
    text = " ".join(text.split())
    language = language_of(text) or hint
    stems = tuple(dict.fromkeys([language, *languages])) if language else tuple(languages)
    seen: dict[str, Term] = {}
    for word in words(text):
        if word not in seen and len(seen) < _MOST_TERMS:
            seen[word] = Term(
                word, variants(word, stems), not is_stopword(word, language), not word.isascii() and len(word) > 2
            )
    return Question(text, language, script_of(text), tuple(seen.values()))
