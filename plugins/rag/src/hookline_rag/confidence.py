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

_WORDS = (
    "coverage", "window", "best", "coverage2", "head", "head2", "bm25", "terms", "coverage_terms", "window_terms",
    "missing", "crowd", "lead_words", "lacking", "rarest", "headless", "headless_other",
)  # fmt: skip
_VECTORS = (*_WORDS, "agree", "spread")
_COSINES = (*_VECTORS, "lead_vectors", "above", "cosine", "cosine_high")
FEATURES: Mapping[str, tuple[str, ...]] = {
    "words": _WORDS,
    "other": _VECTORS,
    "first": _COSINES,
    "second": (*_COSINES, "sentence", "sentence_high", "heading"),
}
_NEEDED: Mapping[str, frozenset[str]] = {name: frozenset(needed) for name, needed in FEATURES.items()}
DOUBT = (0.1, 0.9)  # between them the second look is worth its few milliseconds
NEGATIVE = frozenset({"missing", "crowd", "lacking"})  # what never speaks for a passage
SHIFTS = (
    "headless",
    "headless_other",
)  # where they are, doubt begins elsewhere; the rest never speaks against a passage
_CROWD = math.log1p(1000)
_BESIDE = 6  # hits that a passage is compared with
_AROUND = 10  # hits that its cosine has to stand out from
_NO_ACTION = 3.4  # off the logit where it is asked how to do a thing, and the passage does not speak of doing that
_NO_OBJECT = 3.0  # off the logit where it speaks of doing that to something else
_HALF = 0.5  # of what it is to be done to: when more is missing, it is something else
_NO_NAME = 1.5  # off the logit where the question names what no passage at all does
_STRANGE = 12.0  # off the logit for each share of what the question needs and the passage lacks, beyond `_SPARED`
_SPARED = 0.25  # a word of four may be the customer's own
_AWAY = 30.0  # off the logit for each unit of cosine by which a word takes the question away, beyond `_NEAR`
_NEAR = 0.05
_KIN = 0.5  # how much a word counts that neither brings the question nearer nor takes it away
_MADE_UP = 0.08  # the cosine that makes up for a whole word
_NO_PRICE = 3.5  # off the logit where a price is asked for and the passage tells none, or one of something else
_LACKING = 0.25  # of a question's weight: from there on other passages speak of what this one lacks
_NO_NUMBER = 3.5  # off the logit where a number is asked for and the passage has none; see `features`

_FITTED = json.loads((resources.files(__package__) / "confidence.json").read_text(encoding="utf-8"))
_MODELS: Mapping[str, Mapping[str, float]] = _FITTED["models"]


def is_calibrated(embedder: str) -> bool:
    """Whether the cosines of this embedder (by its id) mean what the models learned."""
    return embedder.startswith(_FITTED["embedder"])


def features(
    evidence: Evidence,
    weights: Weights,
    hit: Hit,
    hits: Sequence[Hit],
    *,
    vectors: bool = False,
    known: bool = False,
    numberless: bool = False,
    priceless: bool = False,
    headless: bool = False,
    english: bool = False,
    script: str = "",
) -> dict[str, float]:
    """What the models look at, each about 0..1.  `hits` are all that were found, best first, `hit` among them.

    `headless`: the passage stands under no heading.  `script` is that of the question: in others than Latin, chance
    brings fewer words together.

    `english`: the question is; people put it in more other words than the word lists know.

    `vectors`: the embedder reads the question's language; `known`: and its cosines were measured.  `numberless`: a
    number is asked for, and the passage has none; it is in all models alike, because it is too rare to be fitted:
    measured on 23 sets, 1 % of the right passages and 5 % to 80 % of the wrong ones are so.  So is "actionless", where
    it is asked how to do what the passage does not speak of: some 10 % of the right ones, 45 % of the wrong ones.
    """
    others = [one for one in hits[: _BESIDE + 1] if one is not hit][:_BESIDE]
    scale = 1.5 * weights.total or 1.0
    own = hit.lexical or 0.0
    terms = min(len(weights.terms), 8) / 8
    found = {
        "coverage": evidence.coverage,
        "window": evidence.window,
        "best": max(evidence.shares, default=0.0),
        "coverage2": evidence.coverage**2,
        "head": evidence.head,
        "head2": evidence.head**2,
        "bm25": min(1.0, own / scale),
        "terms": terms,
        # Half of eight words is more than half of two.
        "coverage_terms": evidence.coverage * terms,
        "window_terms": evidence.window * terms,
        "missing": evidence.missing,
        # Among many passages one holds the words by chance.
        # What is said elsewhere, in the very words of the question, is not said here; and who has a word that no other
        # passage has is meant.
        "lacking": evidence.lacking,
        "rarest": evidence.rarest,
        "headless": float(headless and script in {"", "Latin"}),
        "headless_other": float(headless and script not in {"", "Latin"}),
        "crowd": min(1.0, math.log1p(weights.count) / _CROWD),
        # A lead by words that carry no meaning is none.
        "lead_words": evidence.coverage
        * max(-0.5, min(0.5, (own - max((one.lexical or 0.0 for one in others), default=0.0)) / scale)),
    }
    if numberless:
        found["numberless"] = 1.0
    if priceless:
        found["priceless"] = 1.0
    if evidence.strange:
        found["strange"] = sum(share for _, share in evidence.strange) * (_KIN if known or english else 1.0)
    if evidence.action:
        # Who asks how to reset a router is not helped by how to return it, where others speak of resetting.
        found["actionless"] = evidence.action * min(1.0, evidence.lacking / _LACKING)
    elif evidence.object > _HALF:
        # Nor by how to reset a password.
        found["objectless"] = evidence.object
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
        around = [one.dense for one in hits[: _AROUND + 1] if one is not hit and one.dense is not None][:_AROUND]
        found |= {
            "lead_vectors": max(-0.3, min(0.3, lead)),
            "above": max(-0.5, min(0.5, hit.dense - sum(around) / len(around))) if around else 0.0,
            "cosine": hit.dense,
            "cosine_high": max(0.0, hit.dense - 0.5),
        }
    return found


def closer(values: Mapping[str, float], sentence: float, heading: float = 0.0) -> dict[str, float]:
    """The same with the cosine of the passage's best sentence, and that of its nearest heading (0: it has none)."""
    return {**values, "sentence": sentence, "sentence_high": max(0.0, sentence - 0.5), "heading": heading}


def strangeness(
    values: Mapping[str, float], strange: Sequence[tuple[str, float]], nearer: Sequence[float]
) -> dict[str, float]:
    """The same with what the vectors say of the words that the passage lacks.

    `nearer` is, for each of them, how much nearer the question is to the passage than it would be without the word: a
    word for what the passage says in another ("invoice" for "bill") brings it nearer, one for another thing takes it away.
    """
    counted = sum(
        share * max(0.0, min(1.0, _KIN - near / _MADE_UP)) for (_, share), near in zip(strange, nearer, strict=True)
    )
    return {**values, "strange": counted, "away": max(0.0, -min(nearer, default=0.0) - _NEAR)}


def model_of(values: Mapping[str, float]) -> str:
    """The model that knows most of what is given."""
    known = values.keys()
    return next(name for name in ("second", "first", "other", "words") if known >= _NEEDED[name])


def confidence(values: Mapping[str, float]) -> float:
    """The probability, by the model that knows most of what is given."""
    name = model_of(values)
    model = _MODELS[name]
    logit = model["bias"] + sum(model.get(feature, 0.0) * values[feature] for feature in FEATURES[name])
    logit -= _NO_OBJECT * values.get("objectless", 0.0)
    logit -= _STRANGE * max(0.0, values.get("strange", 0.0) - _SPARED) + _AWAY * values.get("away", 0.0)
    logit -= _NO_PRICE * values.get("priceless", 0.0)
    logit -= _NO_NAME * values.get("nameless", 0.0)
    logit -= _NO_NUMBER * values.get("numberless", 0.0) + _NO_ACTION * values.get("actionless", 0.0)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
