"""Hybrid search: the weighted sum of what the vectors and what the words say, and it knows when vectors are blind.

Measured on paragraphs and FAQs: a weighted sum of normalised scores (0.6 dense for English) beats rank fusion; the
best of heading and text beats either; where the embedder can't read the language, its vectors must hardly count.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs
import numpy as np
import numpy.typing as npt

from .index import Floats, Ref, Snapshot
from .question import Question

_DEPTH = 50
_HASHED = 0.25


@attrs.frozen
class Hit:
    """A chunk found: `score` fused in 0..1, `dense` its cosine and `lexical` its BM25 (None: not found by it)."""

    ref: Ref
    position: int
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


def search(
    snapshot: Snapshot, question: Question, vector: Floats | None, *, dense_weight: float = 0.6, limit: int = 12
) -> list[Hit]:
    """The best chunks, best first.  CPU work of about a millisecond at 10,000 chunks: run it in a thread."""
    if not len(snapshot):
        return []
    lexical = {}
    for uid, score in snapshot.words.search(question, _DEPTH):
        at = snapshot.position(uid)
        if at >= 0:
            lexical[at] = score
    if vector is None or dense_weight <= 0 or not snapshot.dense:
        return _lexical_only(snapshot, lexical, vector, limit)
    query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
    candidates = set(lexical)
    _, nearest = snapshot.vectors.search(query, min(_DEPTH, len(snapshot)))
    candidates.update(int(at) for at in nearest[0] if at >= 0)
    places = np.fromiter(sorted(candidates), np.int64, len(candidates))
    cosines = _dense(snapshot, places, query[0])
    words = np.array([lexical.get(int(at), 0.0) for at in places], np.float32)
    fused = dense_weight * _stretch(cosines) + (1 - dense_weight) * (words / words.max() if words.max() > 0 else words)
    order = np.argsort(-fused, kind="stable")[:limit]
    return [
        Hit(
            snapshot.refs[int(places[at])], int(places[at]), float(min(1.0, max(0.0, fused[at]))), float(cosines[at]),
            lexical.get(int(places[at])),
        )
        for at in order
    ]  # fmt: skip


def _dense(snapshot: Snapshot, places: npt.NDArray[np.int64], query: Floats) -> Floats:
    return np.asarray(snapshot.vectors.reconstruct_batch(places) @ query, np.float32)


def _stretch(cosines: Floats) -> Floats:
    low, high = float(cosines.min()), float(cosines.max())
    return (cosines - low) / (high - low) if high > low else np.ones_like(cosines)


def _lexical_only(snapshot: Snapshot, lexical: dict[int, float], vector: Floats | None, limit: int) -> list[Hit]:
    if not lexical:
        return []
    top = max(lexical.values())
    found = sorted(lexical.items(), key=lambda item: (-item[1], item[0]))[:limit]
    cosines: dict[int, float] = {}
    if vector is not None and snapshot.dense:
        places = np.array([at for at, _ in found], np.int64)
        cosines = {at: float(c) for (at, _), c in zip(found, _dense(snapshot, places, vector.reshape(-1)), strict=True)}
    return [Hit(snapshot.refs[at], at, score / top, cosines.get(at), score) for at, score in found]
