"""The lexical side of an index: BM25 over stems, headings and character grams, by tantivy.

A `Lexicon` is the writer's view of one folder (or of memory); a `Words` is an immutable reader of one commit.  The
field `plain` holds the words as they are written, once a chunk: the vocabulary that spelling is looked up in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs
import tantivy

from .question import Question, Term
from .terms import TONAL, accents, grammed, grams, pairs, terms, words
from .vocabulary import Vocabulary

_HEAP = 15_000_000  # the least that tantivy takes for a writer
_GRAM_WEIGHT = 0.35
_TIE = 0.3
GUESSED = 0.8  # how much a word counts that a question's word was read as
MOST_WORDS = 200_000  # words of a vocabulary, the commonest ones


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("uid", stored=True, indexed=True, fast=True)
    for name in ("body", "head", "grams"):
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("plain", stored=False, tokenizer_name="whitespace", index_option="basic")
    return builder.build()


@attrs.define(eq=False)
class Words:
    """One commit of a lexicon, as many threads may read it."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema
    languages: tuple[str, ...]
    _vocabulary: Vocabulary | None = None

    def search(self, question: Question, limit: int) -> list[tuple[int, float]]:
        """The best chunks by their words: (uid, BM25 score), best first; empty where no word is known."""
        query = self._query(question)
        if query is None:
            return []
        found = self.searcher.search(query, limit, count=False).hits
        addresses = [address for _, address in found]
        uids = self.searcher.fast_field_values("uid", addresses) if addresses else []
        return [(int(uid or 0), float(score)) for uid, (score, _) in zip(uids, found, strict=True)]

    def _query(self, question: Question) -> tantivy.Query | None:
        sides: list[tantivy.Query] = []
        for field in ("body", "head"):
            clauses = [self._any(field, term) for term in question.terms]
            if clauses:
                sides.append(tantivy.Query.boolean_query([(tantivy.Occur.Should, clause) for clause in clauses]))
        if not sides:
            return None
        best = tantivy.Query.disjunction_max_query(sides, _TIE)
        pieces = sorted({gram for term in question.terms if term.grammed for gram in grams(term.word)} | question.pairs)
        if not pieces:
            return best
        fuzzy = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "grams", piece, "freq")) for piece in pieces]
        )
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, best), (tantivy.Occur.Should, tantivy.Query.boost_query(fuzzy, _GRAM_WEIGHT))]
        )

    def _any(self, field: str, term: Term) -> tantivy.Query:
        queries = [self._term(field, form) for form in sorted(term.variants)]
        queries += [
            tantivy.Query.boost_query(self._term(field, form), GUESSED) for form in sorted(term.guessed - term.variants)
        ]
        return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)

    def _term(self, field: str, form: str) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, field, form, "freq")

    def vocabulary(self) -> Vocabulary:
        """The words of all chunks as they are written, read when first asked for: a millisecond a thousand words."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(dict(self.searcher.terms_with_prefix("plain", "", limit=MOST_WORDS)))
        return self._vocabulary

    def holds(self, word: str, forms: Iterable[str] = ()) -> bool:
        """Whether a chunk that is still there has the word as it is written, or one of its `forms`."""
        queries = [tantivy.Query.term_query(self.schema, "plain", word, "basic")]
        queries += [self._term("body", form) for form in forms]
        return any(self.searcher.search(query, 1, count=False).hits for query in queries)

    def frequency(self, variants: Iterable[str]) -> int:
        """In how many chunks a word is, in its commonest variant."""
        return max((self.searcher.doc_freq("body", term) for term in variants), default=0)


@attrs.frozen
class Entry:
    """One chunk as the lexicon takes it."""

    uid: int
    head: str
    text: str
    language: str


NEVER = -1


class Lexicon:
    """The index of one namespace's words; `folder` None keeps it in memory.  One writer at a time.

    `since` is the namespace's revision from which on it was written: no word of what went before is in it.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.since = NEVER
        if folder is None:
            self._index = tantivy.Index(_schema())
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(folder))

    def change(self, removed: Iterable[int], added: Sequence[Entry]) -> None:
        """Take chunks out and in, in one commit; readers of before are not disturbed."""
        writer = self._index.writer(_HEAP, 1)
        try:
            for uid in removed:
                writer.delete_documents_by_term("uid", uid)
            for entry in added:
                writer.add_document(_document(entry))
            writer.commit()
        finally:
            writer.wait_merging_threads()
        self._index.reload()

    def words(self, languages: Sequence[str]) -> Words:
        """A reader of what was committed last."""
        return Words(self._index.searcher(), self._index.schema, tuple(languages))


def _document(entry: Entry) -> tantivy.Document:
    head = terms(entry.head, entry.language)
    body = head + terms(entry.text, entry.language) + accents(entry.head) + accents(entry.text)
    pieces = [gram for word in words(entry.text) if grammed(word, entry.language) for gram in grams(word)]
    if entry.language in TONAL:
        joined = pairs(entry.text)
        pieces += joined
        body += joined
    plain = " ".join(sorted({*words(entry.head), *words(entry.text)}))
    return tantivy.Document(
        uid=entry.uid, body=" ".join(body), head=" ".join(head), grams=" ".join(pieces), plain=plain
    )
