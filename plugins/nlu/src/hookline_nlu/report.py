"""How well intents are told: figures from what was meant and what was said."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

BINS = 10
SHOWN = 15


@attrs.frozen
class Case:
    """One message: what was meant ("" for out of scope), what was said, how likely that was held, and the intent that
    was likeliest if it is in scope; `seconds` is what it took."""

    text: str
    meant: str
    said: str
    score: float
    likeliest: str
    seconds: float


def report(cases: Sequence[Case]) -> dict[str, Any]:
    """The figures, as JSON values; those on out of scope are None where no message is."""
    labels = sorted({case.meant for case in cases} | {case.said for case in cases})
    inside = [case for case in cases if case.meant]
    outside = [case for case in cases if not case.meant]
    refused = [case for case in cases if not case.said]
    caught = sum(not case.said for case in outside)
    per_intent = {label or "out_of_scope": _figures(cases, label) for label in labels}
    meant = {case.meant for case in inside}
    seconds = sorted(case.seconds for case in cases)
    wrong = Counter((c.meant or "out_of_scope", c.said or "out_of_scope") for c in cases if c.meant != c.said)
    return {
        "messages": len(cases),
        "in_scope": len(inside),
        "accuracy": _share(sum(case.said == case.meant for case in cases), len(cases)),
        "in_scope_accuracy": _share(sum(case.said == case.meant for case in inside), len(inside)),
        "in_scope_accuracy_without_refusing": _share(sum(c.likeliest == c.meant for c in inside), len(inside)),
        "macro_f1": _mean([per_intent[label]["f1"] for label in sorted(meant)]),
        "matthews_correlation": matthews(cases),
        "out_of_scope": {
            "messages": len(outside),
            "precision": _share(caught, len(refused)) if outside else None,
            "recall": _share(caught, len(outside)),
            "f1": per_intent["out_of_scope"]["f1"] if outside else None,
        },
        "calibration_error": calibration_error(cases),
        "seconds_per_message": {"p50": _quantile(seconds, 0.5), "p99": _quantile(seconds, 0.99)},
        "per_intent": per_intent,
        "confusions": [
            {"meant": meant, "said": said, "messages": count} for (meant, said), count in wrong.most_common(SHOWN)
        ],
    }


def matthews(cases: Sequence[Case]) -> float | None:
    """Matthews' correlation coefficient over all intents, out of scope being one of them (Gorodkin 2004)."""
    meant, said = Counter(case.meant for case in cases), Counter(case.said for case in cases)
    total, right = len(cases), sum(case.meant == case.said for case in cases)
    cross = sum(count * said[label] for label, count in meant.items())
    spread = (total**2 - sum(n * n for n in said.values())) * (total**2 - sum(n * n for n in meant.values()))
    return (right * total - cross) / math.sqrt(spread) if spread else None


def calibration_error(cases: Sequence[Case]) -> float | None:
    """How far scores are from how often they are right, over ten bins of scores, weighted (ECE)."""
    if not cases:
        return None
    bins: list[list[Case]] = [[] for _ in range(BINS)]
    for case in cases:
        bins[min(BINS - 1, int(case.score * BINS))].append(case)
    off = [abs(sum(c.said == c.meant for c in some) - sum(c.score for c in some)) for some in bins if some]
    return sum(off) / len(cases)


def _figures(cases: Sequence[Case], label: str) -> dict[str, Any]:
    right = sum(case.meant == label == case.said for case in cases)
    meant, said = sum(case.meant == label for case in cases), sum(case.said == label for case in cases)
    both = meant + said
    return {
        "messages": meant,
        "precision": _share(right, said),
        "recall": _share(right, meant),
        "f1": 2 * right / both if both else 0.0,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
