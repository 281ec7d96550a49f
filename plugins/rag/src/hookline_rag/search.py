"""Hybrid search: the weighted sum of what the vectors and what the words say, and it knows when vectors are blind.

Measured on paragraphs and FAQs: a weighted sum of normalised scores (0.6 dense for English) beats rank fusion; the
best of heading and text beats either; where the embedder can't read the language, its vectors must hardly count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import attrs
import numpy as np

from .index import Floats, Ref, Snapshot
from .question import Question

_DEPTH = 50
_HASHED = 0.25


@attrs.frozen
class Hit:
    """A chunk found: `score` fused in 0..1, `dense` its cosine and `lexical` its BM25 (None: not found by it)."""

    ref: Ref
    score: float
    dense: float | None
    lexical: float | None


def weight(question: Question, embedder: str, languages: Collection[str], *, dense: float = 0.6) -> float:
    """How much the vectors count for this question: `dense` where the embedder reads its language, else hardly.

    `languages` is what the embedder of that id says it reads; "*" is any.  A Latin text in another language shares
    word pieces with English; one in another script is noise to it.  Hashed words say little that BM25 does not say
    better.
    """
    if embedder.startswith("hashing"):
        return dense * _HASHED
    if "*" in languages or not question.script:
        return dense
    if question.language in languages or not question.language:
        return dense
    return dense / 2 if question.script == "Latin" else 0.0


def by_words(snapshot: Snapshot, question: Question) -> dict[int, float]:
    """The positions that the words find, with their BM25.  CPU work of about a millisecond: run it in a thread."""
    found = snapshot.words.search(question, _DEPTH)
    if not found:
        return {}
    uids = np.fromiter((uid for uid, _ in found), np.int64, len(found))
    places = np.searchsorted(snapshot.uids, uids)
    places[places == len(snapshot.uids)] = 0
    known = snapshot.uids[places] == uids
    return {int(at): score for at, (_, score), ours in zip(places, found, known, strict=True) if ours}


def fuse(
    snapshot: Snapshot, lexical: Mapping[int, float], vector: Floats | None, *, dense_weight: float, limit: int
) -> list[Hit]:
    """The best of what the words found and of what is near the vector, best first.

    CPU work of about a millisecond at 10,000 chunks: run it in a thread.
    """
    if vector is None or dense_weight <= 0 or not snapshot.dense:
        return _by_words_alone(lexical, snapshot, limit)
    query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
    _, nearest = snapshot.vectors.search(query, min(_DEPTH, len(snapshot)))
    places = np.union1d(np.fromiter(lexical, np.int64, len(lexical)), nearest[0][nearest[0] >= 0])
    cosines = snapshot.vectors.reconstruct_batch(places) @ query[0]
    words = np.array([lexical.get(int(at), 0.0) for at in places], np.float32)
    fused = dense_weight * _stretch(cosines) + (1 - dense_weight) * (words / (words.max() or 1.0))
    order = np.argsort(-fused, kind="stable")[:limit]
    found = []
    for at in order:
        place = int(places[at])
        score = min(1.0, max(0.0, float(fused[at])))
        found.append(Hit(snapshot.refs[place], score, float(cosines[at]), lexical.get(place)))
    return found


def _stretch(cosines: Floats) -> Floats:
    low, high = float(cosines.min()), float(cosines.max())
    return (cosines - low) / (high - low) if high > low else np.ones_like(cosines)


def _by_words_alone(lexical: Mapping[int, float], snapshot: Snapshot, limit: int) -> list[Hit]:
    top = max(lexical.values(), default=0.0)
    found = sorted(lexical.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return [Hit(snapshot.refs[at], score / top, None, score) for at, score in found]
