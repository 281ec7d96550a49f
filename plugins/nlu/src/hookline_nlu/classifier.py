"""The trained classifier: what it says of a text, and how it is kept in a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import attrs
import msgspec
import numpy as np
import numpy.typing as npt

from .lexical import Lexicon, Sparse, dense
from .scope import Floats, Ints, Scope, signs, softmax

SHARPNESS = 2.0
CHUNK = 1024
FORMAT = "1"
"""Grows whenever a file of before would be read wrongly, or training would give another result."""


class BadFile(Exception):
    """The file is no classifier of this format."""


@attrs.frozen(eq=False)
class Similar:
    """How near texts (rows) are to landmarks (columns): by meaning, -1..1, and by what is written, 0..1."""

    meaning: Floats
    written: Floats

    def kernel(self, mix: float, readable: Floats, known: Floats) -> Floats:
        """Both in one; `readable` and `known` in 0..1 say how far the embedder can read rows and columns."""
        if not self.meaning.any():
            return mix * self.written
        near = np.exp(SHARPNESS * (self.meaning - 1.0)) * np.outer(readable, known)
        return np.asarray(near + mix * self.written, np.float32)


def similar(vectors: Floats, sparse: Sequence[Sparse], near: Floats, written: Floats) -> Similar:
    """How near the texts are to landmarks with the vectors `near` and the matrix `written`."""
    chunks = [sparse[start : start + CHUNK] for start in range(0, len(sparse), CHUNK)]
    return Similar(
        np.asarray(vectors @ near.T, np.float32),
        np.concatenate([dense(chunk, len(chunk)) @ written.T for chunk in chunks]),
    )


@attrs.frozen
class Told:
    """What is said of a text: how likely it is out of scope, and if it is not, the probability of each intent, best
    first."""

    outside: float
    intents: tuple[tuple[str, float], ...]


@attrs.frozen(eq=False)
class Classifier:
    """A head on landmarks, which are examples or a share of them."""

    names: tuple[str, ...]
    lexicon: Lexicon
    sparse: Sequence[Sparse]
    vectors: Floats
    readable: Floats
    labels: Ints
    coefficients: Floats
    mix: float
    sharpness: float
    scope: Scope
    _postings: Any = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Turn the landmarks round: for each place, who has something there."""
        owners = np.repeat(np.arange(len(self.sparse), dtype=np.int32), [len(one.places) for one in self.sparse])
        places = np.concatenate([one.places for one in self.sparse])
        weights = np.concatenate([one.weights for one in self.sparse])
        order = np.argsort(places, kind="stable")
        starts = np.searchsorted(places[order], np.arange(len(self.lexicon.rarity) + 1))
        object.__setattr__(self, "_postings", (starts, owners[order], weights[order]))

    def written(self, text: Sparse) -> Floats:
        """How near the text is to each landmark by what is written."""
        starts, owners, weights = self._postings
        firsts, lasts = starts[text.places], starts[text.places + 1]
        lengths = lasts - firsts
        if not lengths.sum():
            return np.zeros(len(self.sparse), np.float32)
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1]) - np.repeat(ends - lengths - firsts, lengths)
        shares = weights[at] * np.repeat(text.weights, lengths)
        return np.bincount(owners[at], shares, minlength=len(self.sparse)).astype(np.float32)

    def near(self, texts: Sequence[Sparse], vectors: Floats) -> Similar:
        """How near texts are to the landmarks."""
        return Similar(
            np.asarray(vectors @ self.vectors.T, np.float32), np.stack([self.written(text) for text in texts])
        )

    def signs(self, texts: Sequence[str], vectors: Floats, readable: Floats) -> Floats:
        """The signs of whether the texts are in scope."""
        return self._look(texts, vectors, readable)[1]

    def _look(self, texts: Sequence[str], vectors: Floats, readable: Floats) -> tuple[Floats, Floats]:
        sparse = [self.lexicon.sparse(text) for text in texts]
        near = self.near(sparse, vectors)
        kernel = near.kernel(self.mix, readable, self.readable)
        scores = kernel @ self.coefficients
        novelty = np.array([self.lexicon.novelty(text) for text in sparse], np.float32)
        meaning = near.meaning * readable[:, None]
        return scores, signs(scores, self.sharpness, meaning, near.written, kernel, self.labels, novelty)

    def tell(self, text: str, vector: Floats, readable: float) -> Told:
        """What the text is about; `vector` is the embedder's, of no length where there is none."""
        scores, found = self._look([text], vector[None, :], np.array([readable], np.float32))
        shares = softmax(scores, self.sharpness)[0]
        order = np.argsort(-shares, kind="stable")
        return Told(
            float(self.scope.outside(found)[0]), tuple((self.names[place], float(shares[place])) for place in order)
        )

    # -- in a file -------------------------------------------------------------------------------------------------

    def encode(self) -> bytes:
        """As the content of a file."""
        head = msgspec.json.encode([FORMAT, self.names, self.mix, self.sharpness])
        file = io.BytesIO()
        np.savez(
            file,
            head=np.frombuffer(head, np.uint8),
            rarity=self.lexicon.rarity,
            known=np.array(sorted(self.lexicon.known), np.uint32),
            lengths=np.array([(len(one.places), len(one.words)) for one in self.sparse], np.int64).reshape(-1, 2),
            places=np.concatenate([one.places for one in self.sparse]),
            weights=np.concatenate([one.weights for one in self.sparse]),
            words=np.concatenate([one.words for one in self.sparse]),
            vectors=self.vectors,
            readable=self.readable,
            labels=self.labels,
            coefficients=self.coefficients,
            mean=self.scope.mean,
            spread=self.scope.spread,
            scope=self.scope.weights,
        )
        return file.getvalue()

    @classmethod
    def decode(cls, content: bytes) -> Classifier:
        """From the content of a file; raises `BadFile`."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                told: dict[str, npt.NDArray[Any]] = dict(file)
            form, names, mix, sharpness = msgspec.json.decode(told["head"].tobytes())
            if form != FORMAT:
                raise BadFile(f"it has format {form}, not {FORMAT}")
            parts = [
                np.split(told[name], np.cumsum(told["lengths"][:, column])[:-1])
                for name, column in (("places", 0), ("weights", 0), ("words", 1))
            ]
            return cls(
                tuple(names),
                Lexicon(told["rarity"], frozenset(told["known"].tolist())),
                [Sparse(*some) for some in zip(*parts, strict=True)],
                told["vectors"],
                told["readable"],
                told["labels"],
                told["coefficients"],
                mix,
                sharpness,
                Scope(told["mean"], told["spread"], told["scope"]),
            )
        except BadFile:
            raise
        except Exception as error:  # whatever a damaged file makes numpy say
            raise BadFile(f"{type(error).__name__}: {error}") from error
