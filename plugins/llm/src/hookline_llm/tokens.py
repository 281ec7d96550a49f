"""How many tokens a text will be, without its model's tokenizer: an estimate from its words, digits and scripts.

The weights were fitted by least squares to counts of two tokenizers, Llama 3's and OpenAI's o200k, over paragraphs in
English, French, Hindi and Tamil; on them 98 % and 99 % of the estimates are within 15 % of the count.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import regex

_PIECE = regex.compile(
    r"(?P<latin>\p{Latin}+)|(?P<devanagari>\p{Devanagari}+)|(?P<tamil>\p{Tamil}+)"
    r"|(?P<digits>\p{Nd}+)|(?P<letters>[\p{L}\p{M}]+)|(?P<line>\n+)|(?P<sign>[^\s\p{L}\p{M}\p{Nd}])"
)
MESSAGE = 4  # what wraps one message of a conversation


@attrs.frozen
class Weights:
    """Tokens for a Latin word, for each letter of it past the sixth, for each accented letter, for each character of
    Devanagari, Tamil and other scripts, for three digits, for an end of line, for any other sign."""

    word: float
    long: float
    accent: float
    devanagari: float
    tamil: float
    letter: float
    digits: float
    line: float
    sign: float


LLAMA = Weights(1.044, 0.078, 1.39, 0.63, 1.55, 1.3, 1.565, 0.0, 0.83)
OPENAI = Weights(1.04, 0.077, 0.36, 0.68, 0.685, 0.8, 1.658, 0.35, 0.72)


def estimate(text: str, weights: Weights = LLAMA) -> int:
    """About how many tokens the text is; 0 for an empty one."""
    total = 0.0
    for match in _PIECE.finditer(text):
        piece, kind = match.group(), match.lastgroup
        if kind == "latin":
            accents = 0 if piece.isascii() else sum(not c.isascii() for c in piece)
            total += weights.word + weights.long * max(0, len(piece) - 6) + weights.accent * accents
        elif kind == "digits":
            total += weights.digits * ((len(piece) + 2) // 3)
        elif kind == "devanagari":
            total += weights.devanagari * len(piece)
        elif kind == "tamil":
            total += weights.tamil * len(piece)
        elif kind == "letters":
            total += weights.letter * len(piece)
        else:
            total += weights.line if kind == "line" else weights.sign
    return max(1, round(total)) if text else 0


def estimate_messages(texts: Iterable[str], weights: Weights = LLAMA) -> int:
    """About how many tokens a conversation is, with what wraps each message."""
    return sum(estimate(text, weights) + MESSAGE for text in texts)
