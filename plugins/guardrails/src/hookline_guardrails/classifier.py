"""How much a text looks like an attack: a logistic regression over the features of `words`.

The weights are plain data (`classifier.npz`, made by `bench/guardrails_train.py`), read once a process when first asked.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources
from typing import Any

import attrs
import numpy as np

from .words import BUCKETS, CONCEPT_WEIGHT, features

WEIGHTS = "classifier.npz"


@attrs.frozen(eq=False)
class Weights:
    """`table`: one signed byte for each place, to be multiplied by `scale`; `bias`: of a text without features."""

    table: bytes
    scale: float
    bias: float


@cache
def weights() -> Weights:
    """The weights that the plugin carries.  Raises ValueError for a file that does not fit this version of it."""
    with resources.files(__package__).joinpath(WEIGHTS).open("rb") as file, np.load(file, allow_pickle=False) as held:
        table: np.ndarray[Any, Any] = held["table"]
        if table.shape != (BUCKETS,) or table.dtype != np.int8:
            raise ValueError(f"{WEIGHTS}: {table.dtype} of shape {table.shape}, expected int8 of ({BUCKETS},)")
        return Weights(
            (table.astype(np.int16) + 128).astype(np.uint8).tobytes(), float(held["scale"]), float(held["bias"])
        )


def probability(text: str) -> float:
    """How likely the cleaned text is an attack, 0..1."""
    held = weights()
    table = held.table
    total = 0.0
    for weight, places in zip((1.0, 1.0, CONCEPT_WEIGHT), features(text), strict=True):
        if places:
            total += weight * (sum([table[place] for place in places]) - 128 * len(places)) / math.sqrt(len(places))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, held.bias + held.scale * total))))
