"""The name in an answer ("it is in Hosur": "Hosur"); a sentence about something else has none."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence

from .wording import Words, lists, polite, words

_MOST = 5  # words of a name
_VERBS = (
    *("ತೀನಿ", "ತ್ತೇನೆ", "ದೇನೆ", "ದ್ದೀನಿ", "கிறேன்", "றேன்", "வேன்", "ட்டேன்", "స్తాను", "తాను", "న్నాను"),
    *("ूंगा", "ूँगा", "ूंगी", "ूँगी", "ऊंगा", "ऊँगा", "ऊंगी", "ऊँगी", "unga", "ungi", "ીશ"),
)
_SIGNS = " .,;:!?()\"'"


def named(text: str) -> str | None:
    """The name that the text is, without the words around it; None where it is a sentence, a yes or no, or nothing."""
    pieces = [piece for piece in text.split() if words(piece)]
    said = [" ".join(words(piece)) for piece in pieces]
    first, last = _inner(said, lists()["before_name"], lists()["after_name"])
    left = said[first:last]
    if not left or len(left) > _MOST or not polite(left) or all(mashed(word) for word in left):
        return None
    if any(
        lists()[name].is_one(left) for name in ("yes", "no", "unsure", "greeting", "cancel", "back", "skip", "resume")
    ):
        return None
    if any(lists()[name].anywhere(left) for name in ("statement", "deny", "hesitates", "times")) or _is_verb(left[-1]):
        return None
    return " ".join(pieces[first:last]).strip(_SIGNS) or None


_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn")
_DUMMY = frozenset(
    "test testing abc abcd abcde xyz blah blabla bla foo bar foobar lorem ipsum dummy sample null none na n/a".split()
)


def mashed(word: str) -> bool:
    """Whether nobody is or lives there: keys struck in a row ("asdf", "qwerty"), one letter held down, a word of tests, or
    a Latin word without a vowel."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))
    if plain in _DUMMY:
        return True
    if not plain.isascii() or not plain.isalpha() or len(plain) < 3:
        return False
    if len(set(plain)) == 1 or (len(plain) >= 6 and len(set(plain)) == 2):
        return True
    if len(plain) >= 4 and not re.search("[aeiouy]", plain):
        return True
    runs = sum(
        any(pair in row or pair in row[::-1] for row in _KEYS) for pair in map("".join, itertools.pairwise(plain))
    )
    return len(plain) >= 4 and runs >= len(plain) - 1 - (len(plain) > 6)


def _is_verb(word: str) -> bool:
    """Whether the word ends as a verb of who speaks does, in a language whose sentences close with it."""
    return word.endswith(_VERBS)


def _inner(said: Sequence[str], before: Words, after: Words) -> tuple[int, int]:
    """Where the name begins and ends, without the words that frame it."""
    first, last = 0, len(said)
    moved = True
    while moved and first < last:
        rest = said[first:last]
        size = before.opens(rest) or lists()["polite"].opens(rest)
        first += size
        cut = next(
            (
                n
                for n in range(1, len(rest) - size + 1)
                if after.opens(rest[-n:]) == n or (n == 1 and not polite(rest[-1:]))
            ),
            0,
        )
        last -= cut
        moved = bool(size or cut)
    return first, max(first, last)
