"""Whether a message is about any of the intents at all: signs of it, and how they are weighed.

Nobody has examples of all that customers may ask besides.  So what out of scope looks like is learned from the
tenant's own examples: each intent in turn is taken away, and its examples are what the rest has never seen.  Where
there are few, the weights stay near those learned from public sets of intents (`PRIORS`, by `bench/intents.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
SIGNS = ("best", "lead", "probability", "meaning", "written", "around", "own", "novelty")
NEIGHBOURS = 5
COUNTED = 1000.0
PENALTY = 0.3


@attrs.frozen
class Prior:
    """Mean and spread of each sign, and the weights of the signs and the constant, where little is known."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]


PRIORS: Mapping[str, Prior] = {
    "vectors": Prior(
        (0.688, 0.551, 0.904, 0.751, 0.483, 0.73, 0.866, 0.101),
        (0.242, 0.302, 0.201, 0.162, 0.196, 0.341, 0.421, 0.15),
        (-0.972, -0.501, -0.163, -0.118, -0.474, 0.064, -0.16, 0.037, -1.92),
    ),
    "words": Prior(
        (0.614, 0.458, 0.848, 0.0, 0.483, 0.374, 0.472, 0.101),
        (0.259, 0.305, 0.255, 1.0, 0.196, 0.151, 0.203, 0.15),
        (-0.743, -0.851, 0.025, 0.0, 0.41, -0.45, -0.756, -0.014, -1.764),
    ),
}


def softmax(scores: Floats, sharpness: float) -> Floats:
    """Probabilities of the columns."""
    grown = np.exp(sharpness * (scores - scores.max(1, keepdims=True)))
    return np.asarray(grown / grown.sum(1, keepdims=True), np.float32)


def signs(
    scores: Floats, sharpness: float, meaning: Floats, written: Floats, kernel: Floats, labels: Ints, novelty: Floats
) -> Floats:
    """The signs of texts (rows): `scores` by intent, and how near they are to the landmarks (columns), whose intents
    are `labels`: by meaning, by what is written, and by both."""
    best = scores.argmax(1)
    top = scores.max(1)
    second = np.partition(scores, -2, axis=1)[:, -2] if scores.shape[1] > 1 else np.zeros_like(top)
    few = min(NEIGHBOURS, kernel.shape[1])
    around = np.partition(kernel, -few, axis=1)[:, -few:].mean(1)
    own = np.where(labels[None, :] == best[:, None], kernel, 0.0).max(1)
    probability = softmax(scores, sharpness).max(1)
    found = (top, top - second, probability, meaning.max(1), written.max(1), around, own, novelty)
    return np.stack(found, 1).astype(np.float32)


@attrs.frozen(eq=False)
class Scope:
    """Weighs the signs."""

    mean: Doubles
    spread: Doubles
    weights: Doubles

    def outside(self, values: Floats) -> Doubles:
        """How likely each text (row of signs) is out of scope."""
        told = (values - self.mean) / self.spread @ self.weights[:-1] + self.weights[-1]
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(told, -30.0, 30.0))), np.float64)


def learn(prior: Prior, inside: Floats, *outside: Floats) -> Scope:
    """Weigh the signs so that `inside` is told from all of `outside`, whose groups count alike, and in sum as much."""
    mean, spread = np.asarray(prior.mean), np.asarray(prior.spread)
    start = np.asarray(prior.weights)
    groups = [group for group in outside if len(group)]
    if not len(inside) or not groups:
        return Scope(mean, spread, start)
    values = (np.concatenate([inside, *groups]) - mean) / spread
    values = np.hstack([np.clip(values, -6.0, 6.0), np.ones((len(values), 1))])
    wanted = np.concatenate([np.zeros(len(inside)), np.ones(sum(map(len, groups)))])
    total = min(len(inside), COUNTED) / 2
    weights = np.concatenate(
        [np.full(len(inside), total / len(inside)), *(np.full(len(g), total / len(groups) / len(g)) for g in groups)]
    )
    return Scope(mean, spread, _newton(values, wanted, weights, start))


def _newton(values: Doubles, wanted: Doubles, weights: Doubles, start: Doubles) -> Doubles:
    """Logistic regression that stays near `start` where the values say little."""
    found = start.copy()
    penalty = np.full(len(start), PENALTY)
    for _ in range(30):
        told = 1.0 / (1.0 + np.exp(-np.clip(values @ found, -30.0, 30.0)))
        slope = values.T @ (weights * (told - wanted)) + penalty * (found - start)
        bend = (values.T * (weights * told * (1.0 - told))) @ values + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        found = found - np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-7:
            break
    return found
