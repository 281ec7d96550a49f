"""How likely it is that a passage answers: logistic models over its evidence, fitted by `bench/calibrate.py`.

Four of them, because what is known differs.  `words` has no vectors: no embedder, hashed words, or a language that the
embedder does not read.  `other` has the vectors of an embedder whose cosines were not measured: only how far a
passage leads the others counts, in units of their spread.  `first` has the cosine of the passage by the embedder that
the models were fitted with, `second` the cosine of its best sentence besides, which is looked up only where `first`
is in doubt.  0.5 is the point where the bot begins to answer.

A passage is also judged by those beside it.  Where the document that answers is there, it leads in words and in
vectors; where it is missing, the best of the rest is hardly better than the next (`lead_*`, `agree`), and lacks the
word that matters (`missing`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources

import numpy as np

from .evidence import Evidence, Weights
from .search import Hit

_WORDS = ("coverage", "window", "coverage2", "head", "head2", "bm25", "terms", "missing", "lead_words")
FEATURES: Mapping[str, tuple[str, ...]] = {
    "words": _WORDS,
    "other": (*_WORDS, "agree", "spread"),
    "first": (*_WORDS, "agree", "spread", "lead_vectors", "cosine", "cosine_high"),
    "second": (*_WORDS, "agree", "spread", "lead_vectors", "cosine", "cosine_high", "sentence", "sentence_high"),
}
_NEEDED: Mapping[str, frozenset[str]] = {name: frozenset(needed) for name, needed in FEATURES.items()}
DOUBT = (0.15, 0.8)  # between them the second look is worth its few milliseconds
_BESIDE = 6  # hits that a passage is compared with

_FITTED = json.loads((resources.files(__package__) / "confidence.json").read_text(encoding="utf-8"))
_MODELS: Mapping[str, Mapping[str, float]] = _FITTED["models"]


def is_calibrated(embedder: str) -> bool:
    """Whether the cosines of this embedder (by its id) mean what the models learned."""
    return embedder.startswith(_FITTED["embedder"])


def features(
    evidence: Evidence, weights: Weights, hit: Hit, hits: Sequence[Hit], *, vectors: bool = False, known: bool = False
) -> dict[str, float]:
    """What the models look at, each about 0..1.  `hits` are all that were found, best first, `hit` among them.

    `vectors`: the embedder reads the question's language; `known`: and its cosines were measured.
    """
    others = [one for one in hits[: _BESIDE + 1] if one is not hit][:_BESIDE]
    scale = 1.5 * weights.total or 1.0
    own = hit.lexical or 0.0
    found = {
        "coverage": evidence.coverage,
        "window": evidence.window,
        "coverage2": evidence.coverage**2,
        "head": evidence.head,
        "head2": evidence.head**2,
        "bm25": min(1.0, own / scale),
        "terms": min(len(weights.terms), 8) / 8,
        "missing": evidence.missing,
        # A lead by words that carry no meaning is none.
        "lead_words": evidence.coverage
        * max(-0.5, min(0.5, (own - max((one.lexical or 0.0 for one in others), default=0.0)) / scale)),
    }
    if not vectors or hit.dense is None:
        return found
    beside = np.array([one.dense for one in others if one.dense is not None] or [0.0], np.float32)
    lead = hit.dense - float(beside.max())
    wide = float(beside.std()) if len(beside) > 2 else 0.1
    found |= {
        "agree": float(lead > 0 and found["lead_words"] > 0),
        "spread": max(-1.0, min(1.0, lead / (4.0 * max(wide, 0.02)))),
    }
    if known:
        found |= {
            "lead_vectors": max(-0.3, min(0.3, lead)),
            "cosine": hit.dense,
            "cosine_high": max(0.0, hit.dense - 0.5),
        }
    return found


def closer(values: Mapping[str, float], sentence: float) -> dict[str, float]:
    """The same with the cosine of the passage's best sentence."""
    return {**values, "sentence": sentence, "sentence_high": max(0.0, sentence - 0.5)}


def model_of(values: Mapping[str, float]) -> str:
    """The model that knows most of what is given."""
    known = values.keys()
    return next(name for name in ("second", "first", "other", "words") if known >= _NEEDED[name])


def confidence(values: Mapping[str, float]) -> float:
    """The probability, by the model that knows most of what is given."""
    name = model_of(values)
    model = _MODELS[name]
    logit = model["bias"] + sum(model.get(feature, 0.0) * values[feature] for feature in FEATURES[name])
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
