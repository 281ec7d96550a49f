"""Hybrid search: the weighted sum of what the vectors and what the words say, and it knows when vectors are blind.

Measured on forty sets of paragraphs and FAQs in twenty-five languages: a weighted sum of normalised scores beats rank
fusion; where one side has a clear winner and the other has not, the first should count more; where the embedder can't
read the language, its vectors must hardly count, whatever it says of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import attrs
import numpy as np

from .index import Floats, Ref, Snapshot
from .question import Question

_DEPTH = 50
_HASHED = 0.25
_RELATED = 0.43  # of the weight, for another language in the embedder's own letters
_UNKNOWN = 0.65  # of the weight, for a question in those letters whose language does not show
_FEW = 4  # words of a question from which its language should show
_LEAN, _LEAN_FAR = 0.15, 0.3  # how far a clear winner of one side moves the weight, at most
_TOLD = 0.5  # of the weight, that vectors of a related language lose where one passage holds all words
_AGREE = 10  # the best by words is among so many by vectors, or one of them sees nothing
_BLUR, _CLEAR = 0.04, 0.1  # a model that can't read a language finds everything alike: cosines this close together


@attrs.frozen
class Hit:
    """A chunk found: `score` fused in 0..1, `dense` its cosine and `lexical` its BM25 (None: not found by it)."""

    ref: Ref
    score: float
    dense: float | None
    lexical: float | None


@attrs.frozen
class Share:
    """How much the vectors count: `dense` in 0..1; `lean` is how far a clear winner moves that.

    `related`: the question is in another language than the embedder's, in its letters.  `doubtful`: the embedder is not known to read this language, so its scores have to show that it does.
    """

    dense: float
    lean: float = _LEAN
    doubtful: bool = False
    related: bool = False


def weight(question: Question, embedder: str, languages: Collection[str], *, dense: float = 0.7) -> Share:
    """How much the vectors count for this question: `dense` where the embedder reads its language, else hardly.

    `languages` is what the embedder of that id says it reads; "*" is any.  A Latin text in another language shares
    word pieces with English; one in another script is noise to it.  Hashed words say little that BM25 does not say
    better.
    """
    if not embedder:
        return Share(0.0)
    if embedder.startswith("hashing"):
        return Share(dense * _HASHED, 0.0)
    if not question.script or question.language in languages:
        return Share(dense)
    if "*" in languages:
        return Share(dense, _LEAN_FAR, doubtful=True)
    if question.script != "Latin":
        return Share(0.0)
    if not question.language:
        short = len(question.terms) < _FEW
        return Share(dense) if short else Share(dense * _UNKNOWN, _LEAN_FAR, doubtful=True)
    # Models of English words take accents away, and with them what tells such words apart.
    told = question.text.split()
    plain = sum(word.isascii() for word in told) / max(1, len(told))
    return Share(dense * min(_RELATED, plain**2), _LEAN_FAR, related=True)


def by_words(snapshot: Snapshot, question: Question, depth: int = _DEPTH) -> dict[int, float]:
    """The positions that the words find, with their BM25.  CPU work of about a millisecond: run it in a thread."""
    found = snapshot.words.search(question, max(depth, _DEPTH))
    if not found:
        return {}
    uids = np.fromiter((uid for uid, _ in found), np.int64, len(found))
    places = np.searchsorted(snapshot.uids, uids)
    places[places == len(snapshot.uids)] = 0
    known = snapshot.uids[places] == uids
    return {int(at): score for at, (_, score), ours in zip(places, found, known, strict=True) if ours}


def fuse(
    snapshot: Snapshot,
    lexical: Mapping[int, float],
    vector: Floats | None,
    *,
    share: Share,
    limit: int,
    total: float = 0.0,
) -> list[Hit]:
    """The best of what the words found and of what is near the vector, best first.

    `total` is the weight of the question's words (see `evidence.Weights`).

    CPU work of about a millisecond at 10,000 chunks: run it in a thread.
    """
    if vector is None or share.dense <= 0 or not snapshot.dense:
        return _by_words_alone(lexical, snapshot, limit)
    query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
    _, nearest = snapshot.vectors.search(query, min(max(limit, _DEPTH), len(snapshot)))
    places = np.union1d(np.fromiter(lexical, np.int64, len(lexical)), nearest[0][nearest[0] >= 0])
    cosines = snapshot.vectors.reconstruct_batch(places) @ query[0]
    words = np.array([lexical.get(int(at), 0.0) for at in places], np.float32)
    fused = mix(cosines, words, share, total)
    order = np.argsort(-fused, kind="stable")[:limit]
    found = []
    for at in order:
        place = int(places[at])
        score = min(1.0, max(0.0, float(fused[at])))
        found.append(Hit(snapshot.refs[place], score, float(cosines[at]), lexical.get(place)))
    return found


def mix(cosines: Floats, words: Floats, share: Share, total: float = 0.0) -> Floats:
    """The weighted sum of both sides, each brought to 0..1; `words` are BM25 scores, 0 where the words found nothing.

    Vectors of another language than the embedder's count less, the more of the question's words one passage holds.
    """
    top = float(words.max(initial=0.0))
    dense, lexical = _stretch(cosines), words / (top or 1.0)
    amount = share.dense
    if 0.0 < amount < 1.0:
        amount += share.lean * (_second(lexical) - _second(dense))
        if share.related and total > 0.0:
            amount *= 1.0 - _TOLD * min(1.0, top / (1.5 * total))
        if share.doubtful:
            amount *= _sight(cosines, words)
        amount = min(0.95, max(0.0, amount))
    return amount * dense + (1.0 - amount) * lexical


def _second(scores: Floats) -> float:
    return float(np.partition(scores, -2)[-2]) if len(scores) > 1 else 0.0


def _sight(cosines: Floats, words: Floats) -> float:
    """How much the vectors seem to see, 0..1: all where they agree with the words or tell the passages well apart."""
    if not words.any() or int((cosines > cosines[int(words.argmax())]).sum()) < _AGREE:
        return 1.0
    best = np.sort(cosines)[::-1]
    spread = float(best[0] - best[min(_AGREE - 1, len(best) - 1)])
    return min(1.0, max(0.0, (spread - _BLUR) / _CLEAR))


def _stretch(cosines: Floats) -> Floats:
    low, high = float(cosines.min()), float(cosines.max())
    return (cosines - low) / (high - low) if high > low else np.ones_like(cosines)


def _by_words_alone(lexical: Mapping[int, float], snapshot: Snapshot, limit: int) -> list[Hit]:
    top = max(lexical.values(), default=0.0)
    found = sorted(lexical.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return [Hit(snapshot.refs[at], score / top, None, score) for at, score in found]
