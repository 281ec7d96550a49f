"""How many tokens a text takes where the tokenizer is out of reach: rather too many than too few."""

from __future__ import annotations

import regex

_PIECE = regex.compile(r"[a-zA-Z]+|\p{N}+|[\p{L}\p{M}]+|[^\s\p{L}\p{M}\p{N}]")
_WIDE = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]")
_LONG = 5  # letters of an English word that most vocabularies hold whole
_DIGITS = 3  # a token holds one to three


def estimate(text: str) -> int:
    """About the number of tokens that the models' tokenizers (WordPiece, SentencePiece, byte pairs) make of the text.

    English words are 1.1 to 1.4 tokens; a token for each three digits, two letters of any other script, wide
    character, emoji and mark.
    """
    count = 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece.isascii():
            count += 1 + max(0, len(piece) - _LONG) // 4 if piece.isalpha() else -(-len(piece) // _DIGITS)
        else:
            count += len(piece) if _WIDE.match(piece) else -(-len(piece) // 2)
    return count
