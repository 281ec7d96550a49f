"""What every kind of embedder can do: the seam that a new kind implements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

ANY_LANGUAGE = ("*",)
"""In `languages`: none is known that the embedder is blind in."""


@attrs.frozen
class Description:
    """What made the vectors.

    `id` changes whenever the vectors would; `max_tokens` is what counts of a text (0: all of it); `languages` are
    BCP 47 tags, or `ANY_LANGUAGE`.
    """

    id: str
    dimension: int
    max_tokens: int
    languages: tuple[str, ...]


@attrs.frozen
class Health:
    """The state of an embedder, and for a state other than ok what to do about it."""

    status: Literal["ok", "degraded", "down"]
    detail: str

    def as_mapping(self) -> Mapping[str, Any]:
        """As `check_health` returns it."""
        return attrs.asdict(self)


class Embedder(Protocol):
    """Makes vectors: float32 of shape (len(texts), dimension), each of length 1, for any text."""

    async def embed(self, texts: Sequence[str], query: bool) -> Vectors:
        """The vectors of questions (`query`) or passages; `ServiceError` where it can't."""

    async def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, all of it, without marks of start and end."""

    async def describe(self) -> Description:
        """What makes the vectors; `ServiceError` where that can't be found out."""

    async def health(self) -> Health:
        """The state; never raises for a service that is down."""

    async def close(self) -> None:
        """Let go of what opening it took."""


def unit(vectors: Vectors) -> Vectors:
    """The same directions with length 1; a vector of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), np.float32)


def cleaned(text: str) -> str:
    """The text with lone surrogates, which no UTF-8 has, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
