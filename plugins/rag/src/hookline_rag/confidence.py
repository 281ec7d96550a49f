"""How likely it is that a passage answers: logistic models over its evidence, fitted by `bench/calibrate.py`.

Three of them, because what is known differs: `words` for questions in a language that the embedder does not read,
`first` with the cosine of the passage, `second` with the cosine of its best sentence, which is looked up only where
`first` is in doubt.  0.5 is the point where the bot begins to answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib import resources

from .evidence import Evidence, Weights

FEATURES = {
    "words": ("coverage", "window", "coverage2", "head", "bm25", "terms"),
    "first": ("coverage", "window", "coverage2", "head", "bm25", "terms", "cosine", "cosine_high"),
    "second": ("coverage", "window", "coverage2", "head", "bm25", "terms", "cosine", "cosine_high",
               "sentence", "sentence_high"),
}  # fmt: skip
DOUBT = (0.15, 0.8)  # between them the second look is worth its few milliseconds

_FITTED = json.loads((resources.files(__package__) / "confidence.json").read_text(encoding="utf-8"))
_MODELS: Mapping[str, Mapping[str, float]] = _FITTED["models"]


def is_calibrated(embedder: str) -> bool:
    """Whether the cosines of this embedder (by its id) mean what the models learned; if not, words decide."""
    return embedder.startswith(_FITTED["embedder"])


def features(
    evidence: Evidence, weights: Weights, *, lexical: float | None, cosine: float | None = None,
    sentence: float | None = None,
) -> dict[str, float]:  # fmt: skip
    """What the models look at, each about 0..1.  `lexical` is the passage's BM25."""
    found = {
        "coverage": evidence.coverage,
        "window": evidence.window,
        "coverage2": evidence.coverage**2,
        "head": evidence.head,
        "bm25": min(1.0, (lexical or 0.0) / (1.5 * weights.total)) if weights.total else 0.0,
        "terms": min(len(weights.terms), 8) / 8,
    }
    if cosine is not None:
        found |= {"cosine": cosine, "cosine_high": max(0.0, cosine - 0.5)}
    if sentence is not None:
        found |= {"sentence": sentence, "sentence_high": max(0.0, sentence - 0.5)}
    return found


def confidence(values: Mapping[str, float]) -> float:
    """The probability, by the model that knows most of what is given."""
    name = "second" if "sentence" in values else "first" if "cosine" in values else "words"
    model = _MODELS[name]
    logit = model["bias"] + sum(model[feature] * values[feature] for feature in FEATURES[name])
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
