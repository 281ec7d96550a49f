"""Training of the classifier: pure numpy, the same result each time, in seconds.

The head is kernel ridge regression: one score for each intent, near 1 for the right one and near 0 for the others.  Its
kernel adds how near two texts are by meaning (the embedder's vectors) and by what is written (`lexical`), so that each
carries what the other can't.  It was chosen because it says in closed form what it would have answered for an example
without that example, which calibrates the probabilities, and for a whole intent without that intent, which shows what
out of scope looks like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from .classifier import Classifier, Similar, similar
from .lexical import Lexicon, Sparse, dense
from .scope import PRIORS, learn, signs, softmax

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
LANDMARKS = 2400
LOOKED_AT = 3000
TRIED = 1000
MIXES = (0.25, 0.75, 2.0, 5.0)
SHARPNESSES = (4.0, 6.0, 8.0, 10.0, 13.0, 17.0, 22.0, 30.0)
USUAL = 14.0
RIDGE = 0.3
NULL = -1


@attrs.frozen(eq=False)
class Examples:
    """What is learned from.

    `labels` are numbers of `names`, or NULL for what is known to be out of scope; `named` says which rows are names of
    intents rather than examples; `vectors` are the embedder's (no columns: there is none), and `readable` in 0..1 says
    how far it can read each text.
    """

    names: tuple[str, ...]
    texts: Sequence[str]
    labels: Ints
    named: npt.NDArray[np.bool_]
    vectors: Floats
    readable: Floats


@attrs.frozen(eq=False)
class Fit:
    """A solved head: coefficients (landmarks x intents), and what each row adds to them (landmarks x rows)."""

    kernel: Floats
    wanted: Floats
    coefficients: Floats
    hat: Floats
    fitted: Floats

    def without_each(self) -> Floats:
        """The scores of each row by a head that was solved without it."""
        own = np.einsum("ij,ji->i", self.kernel, self.hat)[:, None]
        return np.asarray((self.fitted - own * self.wanted) / np.maximum(1.0 - own, 1e-3), np.float32)

    def without(self, rows: Ints) -> Floats:
        """The scores of the rows by a head that was solved without all of them."""
        own = self.kernel[rows] @ self.hat[:, rows]
        missing = np.linalg.solve((1.0 + 1e-4) * np.eye(len(rows)) - own, self.wanted[rows] - self.fitted[rows])
        return np.asarray(self.wanted[rows] - missing, np.float32)


def solve(kernel: Floats, among: Floats, weights: Floats, wanted: Floats) -> Fit:
    """Ridge regression on the kernel of rows and landmarks; `among` is that of the landmarks themselves."""
    rows, columns = kernel.shape
    if rows == columns:
        hat = np.linalg.inv(kernel + np.diag(RIDGE / weights))
    else:
        weighted = kernel.T * weights
        system = weighted @ kernel + RIDGE * among
        system[np.diag_indices(columns)] += 1e-6 * np.trace(system) / columns
        hat = np.linalg.solve(system, weighted)
    hat = np.asarray(hat, np.float32)
    coefficients = hat @ wanted
    fitted = np.asarray(kernel @ coefficients, np.float32)
    return Fit(kernel, wanted, np.asarray(coefficients, np.float32), hat, fitted)


def landmarks(labels: Ints, count: int, most: int) -> Ints:
    """Which rows are landmarks: all, or a fair share of each intent's, evenly spaced."""
    if len(labels) <= most:
        return np.arange(len(labels))
    sizes = np.bincount(labels, minlength=count)
    level = 1
    while np.minimum(sizes, level + 1).sum() <= most:
        level += 1
    chosen = []
    for label in range(count):
        rows = np.flatnonzero(labels == label)
        if len(rows):
            places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), level)).astype(np.int64))
            chosen.append(rows[places])
    return np.sort(np.concatenate(chosen))[: max(most, count)]


def train(examples: Examples) -> Classifier:
    """The classifier of these examples; they must hold at least one with an intent."""
    inside = np.flatnonzero(examples.labels != NULL)
    labels = examples.labels[inside]
    count = len(examples.names)
    lexicon = Lexicon.of([examples.texts[row] for row in inside.tolist()])
    sparse = [lexicon.sparse(examples.texts[row]) for row in inside.tolist()]
    vectors, readable = examples.vectors[inside], examples.readable[inside]
    marks = landmarks(labels, count, LANDMARKS)
    written = dense([sparse[row] for row in marks.tolist()], len(marks))
    near = similar(vectors, sparse, vectors[marks], written)
    sizes = np.bincount(labels, minlength=count)[labels].astype(np.float32)
    weights = np.clip(np.sqrt(sizes.mean() / sizes), 0.3, 3.0)
    wanted = np.eye(count, dtype=np.float32)[labels]

    mix = _mix(near, readable, marks, labels, weights, wanted)
    kernel = near.kernel(mix, readable, readable[marks])
    fit = solve(kernel, kernel[marks], weights, wanted)
    scores = fit.without_each()
    sharpness = min(SHARPNESSES, key=lambda sharp: _loss(scores, labels, sharp) + _surprise(sharp) / len(labels))

    told = Classifier(
        names=examples.names,
        lexicon=lexicon,
        sparse=[sparse[row] for row in marks.tolist()],
        vectors=vectors[marks],
        readable=readable[marks],
        labels=labels[marks],
        coefficients=fit.coefficients,
        mix=mix,
        sharpness=sharpness,
        scope=learn(PRIORS["vectors" if vectors.shape[1] else "words"], np.zeros((0, 8), np.float32)),
    )
    alone, unseen = _novelties(sparse, labels)
    itself = np.zeros(kernel.shape, bool)
    itself[marks, np.arange(len(marks))] = True
    real = np.flatnonzero(~examples.named[inside])
    real = real[:: -(-len(real) // LOOKED_AT)] if len(real) else real
    right = real[scores.argmax(1)[real] == labels[real]]  # one that is told wrongly had better be refused
    known = _signs(scores, sharpness, near, kernel, readable, labels[marks], alone, itself, right)
    groups = [_left_out(fit, sharpness, near, kernel, readable, labels, marks, unseen, real)] if count > 1 else []
    outside = np.flatnonzero(examples.labels == NULL)
    if len(outside):
        texts = [examples.texts[row] for row in outside.tolist()]
        groups.append(told.signs(texts, examples.vectors[outside], examples.readable[outside]))
    return attrs.evolve(told, scope=learn(PRIORS["vectors" if vectors.shape[1] else "words"], known, *groups))


def _mix(near: Similar, readable: Floats, marks: Ints, labels: Ints, weights: Floats, wanted: Floats) -> float:
    """How much what is written counts: what predicts the examples best, each without itself."""
    if not near.meaning.any():
        return 1.0
    some = np.arange(0, len(marks), -(-len(marks) // TRIED))
    rows = marks[some]
    among = Similar(near.meaning[np.ix_(rows, some)], near.written[np.ix_(rows, some)])

    def loss(mix: float) -> float:
        kernel = among.kernel(mix, readable[rows], readable[rows])
        scores = solve(kernel, kernel, weights[rows], wanted[rows]).without_each()
        return min(_loss(scores, labels[rows], sharp) for sharp in SHARPNESSES)

    return min(MIXES, key=loss)


def _loss(scores: Floats, labels: Ints, sharpness: float) -> float:
    told = softmax(scores, sharpness)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(told, 1e-6)).mean())


def _surprise(sharpness: float) -> float:
    """How unusual it is: a few examples that are all told rightly are no reason for certainty."""
    return 8.0 * float(np.log(sharpness / USUAL)) ** 2


def _novelties(sparse: Sequence[Sparse], labels: Ints) -> tuple[Floats, Floats]:
    """For each text the share of its words that no other text has, and that no other intent has."""
    rows: dict[int, set[int]] = defaultdict(set)
    for row, text in enumerate(sparse):
        for word in text.words.tolist():
            rows[word].add(row)
    once = {word for word, found in rows.items() if len(found) == 1}
    within = {word for word, found in rows.items() if len({int(labels[row]) for row in found}) == 1}

    def share(text: Sparse, among: set[int]) -> float:
        return sum(word in among for word in text.words.tolist()) / max(1, len(text.words))

    return (
        np.array([share(text, once) for text in sparse], np.float32),
        np.array([share(text, within) for text in sparse], np.float32),
    )


def _signs(
    scores: Floats,
    sharpness: float,
    near: Similar,
    kernel: Floats,
    readable: Floats,
    labels: Ints,
    novelty: Floats,
    hidden: npt.NDArray[np.bool_],
    rows: Ints,
) -> Floats:
    """The signs of these rows, with the landmarks that are `hidden` from each out of sight."""
    away = hidden[rows]
    return signs(
        scores[rows],
        sharpness,
        np.where(away, np.float32(0), near.meaning[rows] * readable[rows, None]),
        np.where(away, np.float32(0), near.written[rows]),
        np.where(away, np.float32(0), kernel[rows]),
        labels,
        novelty[rows],
    )


def _left_out(
    fit: Fit,
    sharpness: float,
    near: Similar,
    kernel: Floats,
    readable: Floats,
    labels: Ints,
    marks: Ints,
    novelty: Floats,
    rows: Ints,
) -> Floats:
    """The signs of these rows where the intent of each is not there."""
    scores = np.empty_like(fit.fitted)
    for label in np.unique(labels):
        group = np.flatnonzero(labels == label)
        scores[group] = fit.without(group)
        scores[group, label] = scores[group].min() - 1.0
    hidden = labels[:, None] == labels[marks][None, :]
    return _signs(scores, sharpness, near, kernel, readable, labels[marks], novelty, hidden, rows)
