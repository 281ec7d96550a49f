"""The search index of one namespace: vectors in FAISS and words in tantivy, as immutable snapshots.

A cache of the database: it can be thrown away at any time.  A snapshot is never changed once it is made, because
FAISS crashes when it is written while it is read; `changed` makes the next one from it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import attrs
import numpy as np
import numpy.typing as npt

from . import dense
from .dense import Dense, Floats
from .lexicon import Entry, Lexicon, Words

__all__ = ["Floats", "Ref", "Row", "Snapshot", "Version", "changed", "empty"]

Version = tuple[str, int]
MOST_LANGUAGES = 4


@attrs.frozen
class Ref:
    """Where a chunk is in the database."""

    document: str
    version: int
    n: int


@attrs.frozen(eq=False)
class Row:
    """One chunk on its way into the index; a vector is None where it has not been made."""

    ref: Ref
    head: str
    text: str
    language: str
    vector: Floats | None


@attrs.frozen(eq=False)
class Snapshot:
    """What one search sees.  Positions count the chunks from 0 in the order of `refs`.

    embedder   the id of what made the vectors; "" for an index of words alone
    uids       the lexicon's number of each chunk, rising
    missing    how many chunks have no vector
    """

    embedder: str
    dimension: int
    revision: int
    refs: tuple[Ref, ...]
    uids: npt.NDArray[np.int64]
    languages: Mapping[str, int]
    vectors: Dense
    words: Words
    versions: frozenset[Version]
    missing: int = 0

    def __len__(self) -> int:
        return len(self.refs)

    @property
    def dense(self) -> bool:
        """Whether there are vectors to search at all."""
        return self.dimension > 0 and self.missing < len(self.refs)


def empty(lexicon: Lexicon, embedder: str, dimension: int) -> Snapshot:
    """A snapshot of nothing; the lexicon must be empty too."""
    return Snapshot(
        embedder, dimension, 0, (), np.zeros(0, np.int64), {}, dense.empty(dimension), lexicon.words(()), frozenset()
    )


def changed(
    old: Snapshot, lexicon: Lexicon, *, removed: Iterable[Version], added: Sequence[Row], revision: int
) -> Snapshot:
    """The snapshot after documents' versions went out and chunks came in.  CPU work: run it in a thread.

    A vector that is missing, or of another length, leaves its chunk to the words alone.
    """
    gone = set(removed)
    width = max(1, old.dimension)
    keep = np.ones(len(old), bool)
    if gone:
        keep[:] = [(ref.document, ref.version) not in gone for ref in old.refs]
    out = [int(uid) for uid in old.uids[~keep]]
    first = int(old.uids[-1]) + 1 if len(old.uids) else 1
    uids = np.concatenate([old.uids[keep], np.arange(first, first + len(added), dtype=np.int64)])
    kept = tuple(itertools.compress(old.refs, keep)) if gone else old.refs
    refs = (*kept, *(row.ref for row in added))

    fresh = np.zeros((len(added), width), np.float32)
    for at, row in enumerate(added):
        if row.vector is not None and len(row.vector) == old.dimension:
            fresh[at] = row.vector
    folder = None if lexicon.folder is None else lexicon.folder.parent
    vectors = old.vectors.changed(keep, fresh, uids, folder)

    languages = Counter(dict(old.languages))  # only chooses which stemmers a question meets: what went out may stay
    languages.update(row.language for row in added if row.language)
    lexicon.change(out, [Entry(first + at, row.head, row.text, row.language) for at, row in enumerate(added)])
    common = [code for code, _ in languages.most_common(MOST_LANGUAGES)]
    return Snapshot(
        old.embedder, old.dimension, revision, refs, uids, dict(languages), vectors, lexicon.words(common),
        (old.versions - gone) | {(row.ref.document, row.ref.version) for row in added},
        missing=int((~vectors.present).sum()),
    )  # fmt: skip
