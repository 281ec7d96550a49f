"""The search index of one namespace: vectors in FAISS and words in tantivy, as immutable snapshots.

A cache of the database: it can be thrown away at any time.  A snapshot is never changed once it is made, because
FAISS crashes when it is written while it is read; `changed` makes the next one from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import faiss
import numpy as np
import numpy.typing as npt

from .lexicon import Entry, Lexicon, Words

faiss.omp_set_num_threads(1)  # more threads fight with onnxruntime for the cores

Floats = npt.NDArray[np.float32]
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
    vectors: Any  # faiss.IndexFlatIP; read from disk it is typed as any index
    words: Words
    versions: frozenset[Version]
    missing: int = 0

    def __len__(self) -> int:
        return len(self.refs)

    @property
    def dense(self) -> bool:
        """Whether there are vectors to search at all."""
        return self.dimension > 0 and self.missing < len(self.refs)


def matrix(index: Any) -> Floats:
    """The vectors of a flat index; all of them are copied."""
    if index.ntotal == 0:
        return np.zeros((0, index.d), np.float32)
    flat: Floats = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
    return flat.reshape(index.ntotal, index.d)


def _flat(vectors: Floats, dimension: int) -> faiss.IndexFlatIP:
    index = faiss.IndexFlatIP(max(1, dimension))
    if len(vectors):
        index.add(np.ascontiguousarray(vectors, np.float32))
    return index


def empty(lexicon: Lexicon, embedder: str, dimension: int) -> Snapshot:
    """A snapshot of nothing; the lexicon must be empty too."""
    none = np.zeros((0, max(1, dimension)), np.float32)
    return Snapshot(
        embedder, dimension, 0, (), np.zeros(0, np.int64), {}, _flat(none, dimension), lexicon.words(()), frozenset()
    )


def changed(
    old: Snapshot, lexicon: Lexicon, *, removed: Iterable[Version], added: Sequence[Row], revision: int
) -> Snapshot:
    """The snapshot after documents' versions went out and chunks came in.  CPU work: run it in a thread.

    A vector that is missing, or of another length, leaves its chunk to the words alone.
    """
    gone = set(removed)
    width = max(1, old.dimension)
    keep = np.array([(ref.document, ref.version) not in gone for ref in old.refs], bool)
    out = [int(uid) for uid in old.uids[~keep]]
    first = int(old.uids[-1]) + 1 if len(old.uids) else 1
    uids = np.concatenate([old.uids[keep], np.arange(first, first + len(added), dtype=np.int64)])
    refs = (*(ref for ref, kept in zip(old.refs, keep, strict=True) if kept), *(row.ref for row in added))

    fresh = np.zeros((len(added), width), np.float32)
    for at, row in enumerate(added):
        if row.vector is not None and len(row.vector) == old.dimension:
            fresh[at] = row.vector
    vectors = np.concatenate([matrix(old.vectors)[keep], fresh])

    languages = Counter(dict(old.languages))  # only chooses which stemmers a question meets: what went out may stay
    languages.update(row.language for row in added if row.language)
    lexicon.change(out, [Entry(first + at, row.head, row.text, row.language) for at, row in enumerate(added)])
    common = [code for code, _ in languages.most_common(MOST_LANGUAGES)]
    return Snapshot(
        old.embedder, old.dimension, revision, refs, uids, dict(languages), _flat(vectors, old.dimension),
        lexicon.words(common), frozenset((ref.document, ref.version) for ref in refs),
        missing=int((~vectors.any(axis=1)).sum()),
    )  # fmt: skip
