"""How many tokens a text takes, without a tokenizer: close for English, on the safe side for everything else."""

from __future__ import annotations

import regex

_PIECE = regex.compile(r"[a-zA-Z]+|\p{N}+|[\p{L}\p{M}]+|[^\s\p{L}\p{M}\p{N}]")
_WIDE = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]")
_UNSPACED = regex.compile(r"[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]")


def estimate(text: str) -> int:
    """About the number of word pieces that a BERT-like tokenizer makes of the text.

    English words are 1.1 to 1.2 pieces, accented Latin ones 2, Indic and Arabic ones 3; wide characters one each.
    """
    count = 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        size = len(piece)
        if piece.isascii():
            count += 1 if not piece.isalpha() and not piece.isdigit() else 1 + max(0, size - 5) // 4
        elif _WIDE.match(piece):
            count += size
        else:
            count += max(1, (size + 1) // 2)
    return count


def fair(text: str) -> int:
    """About the number of tokens that a tokenizer makes which knows the text's language.

    One that does not takes a letter for a token, or a whole word of any length: passages of its sizes are a sentence
    or a page.  By this one a passage holds as much in Arabic, Telugu or Thai as in English.
    """
    count = 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        size = len(piece)
        if _UNSPACED.match(piece):
            count += (size + 3) // 4
        elif _WIDE.match(piece):
            count += size
        else:
            count += 1 + max(0, size - 5) // 4
    return count
