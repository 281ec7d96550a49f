"""The figures of retrieval and of telling answerable from not."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np


def ndcg(ranked: Sequence[str], relevant: Collection[str], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with binary relevance."""
    gain = sum(1 / math.log2(at + 2) for at, one in enumerate(ranked[:depth]) if one in relevant)
    best = sum(1 / math.log2(at + 2) for at in range(min(depth, len(relevant))))
    return gain / best if best else 0.0


def recall(ranked: Sequence[str], relevant: Collection[str], depth: int = 5) -> float:
    """The share of what is relevant among the first `depth`."""
    return len(set(ranked[:depth]) & set(relevant)) / len(relevant) if relevant else 0.0


def reciprocal(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """One by the place of the first relevant."""
    return next((1 / (at + 1) for at, one in enumerate(ranked) if one in relevant), 0.0)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative; None where one side is empty."""
    if not positive or not negative:
        return None
    high, low = np.asarray(positive)[:, None], np.asarray(negative)[None]
    return float((high > low).mean() + 0.5 * (high == low).mean())


def percent(share: float | None) -> str:
    """As a reader likes it."""
    return "–" if share is None else f"{100 * share:.1f} %"
