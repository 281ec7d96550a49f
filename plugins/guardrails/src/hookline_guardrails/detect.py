"""Whether a message, or a passage of a document, is an attack on the bot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import regex

from .classifier import probability
from .clean import clean, hidden
from .words import gives_orders

WINDOW = 500  # characters that are judged together; a longer text is judged piece by piece too
_SENTENCES = 160  # the same in a document: an order is one sentence among many that are none
_WHOLE = 3000  # characters of a long text that are judged together besides
_END = regex.compile(r"(?<=[.!?।؟…\n])\s+")
_PATIENCE = 0.25  # seconds of the process, its other threads' too, that a tenant's own pattern may take


@attrs.frozen
class Finding:
    """What was found: the check's name, and how sure it is (0..1)."""

    check: str
    score: float = 1.0

    def __str__(self) -> str:
        return f"{self.check} {self.score:.2f}"


class Detector:
    """Judges texts; `refuse` and `allow` are the tenant's own patterns.

    `documents`: what is judged are documents, which say much that no customer would; an attack is then only what also
    holds the words of an order.
    """

    def __init__(
        self, threshold: float, refuse: Sequence[str] = (), allow: Sequence[str] = (), *, documents: bool = False
    ) -> None:
        self.threshold = threshold
        self._documents = documents
        self._refuse = [regex.compile(pattern, regex.IGNORECASE) for pattern in refuse]
        self._allow = [regex.compile(pattern, regex.IGNORECASE) for pattern in allow]

    def judge(self, text: str) -> Finding | None:
        """What is wrong with the text; None if nothing is.

        Raises TimeoutError where one of the tenant's patterns takes too long: the hook then fails closed.
        """
        if not text or text.isspace():
            return None
        plain = clean(text)
        if any(pattern.search(plain, timeout=_PATIENCE) for pattern in self._allow):
            return None
        if any(pattern.search(plain, timeout=_PATIENCE) for pattern in self._refuse):
            return Finding("pattern")
        score = self.score(plain)
        if score >= self.threshold:
            return Finding("injection", score)
        for veiled in hidden(text):
            score = self.score(veiled)
            if score >= self.threshold:
                return Finding("encoded", score)
        return None

    def score(self, plain: str) -> float:
        """How likely the cleaned text, or a piece of it, is an attack."""
        window = _SENTENCES if self._documents else WINDOW
        return max(
            (probability(piece) for piece in pieces(plain, window) if not self._documents or gives_orders(piece)),
            default=0.0,
        )


def pieces(text: str, window: int = WINDOW) -> Iterator[str]:
    """The text, whole where it is short, else its beginning and pieces of whole sentences that overlap by one."""
    if len(text) <= window:
        yield text
        return
    yield text[:_WHOLE]
    piece: list[str] = []
    size = 0
    for sentence in _sentences(text, window):
        if piece and size + len(sentence) > window:
            yield " ".join(piece)
            piece, size = piece[-1:], len(piece[-1])
            if size + len(sentence) > window:
                piece, size = [], 0
        piece.append(sentence)
        size += len(sentence) + 1
    if piece:
        yield " ".join(piece)


def _sentences(text: str, window: int) -> Iterator[str]:
    """The sentences, those that are longer than a window cut at it."""
    for sentence in _END.split(text):
        for start in range(0, len(sentence), window):
            yield sentence[start : start + window]
