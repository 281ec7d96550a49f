"""Everyday words of each language, and how much of a word's uses belong to each: read from `words.txt` once."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from importlib import resources

_WORDS = re.compile(
    r"[^\W\d_][^\W\d_\u0300-\u036f]*(?:[\u0300-\u036f\u0900-\u0dff]+[^\W\d_]*)*(?:'[^\W\d_]+)*", re.UNICODE
)
_NOISE = re.compile(
    r"https?://\S+|www\.\S+|(?<!\S)[^\s@]+@\S+|[@#]\w+|\b[\w-]*\d[\w-]*\b|[\w.-]+\.(?:com|in|org|net|fr|sn)\b",
    re.IGNORECASE,
)
_LONG = re.compile(r"(.)\1{2,}")
_FOLD = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u200c": "", "\u200d": ""})
LONGEST = 1000
"""Characters of a message that are looked at: a language shows in far fewer."""
GROUPS = {"Latn": ("en", "fr", "hi-Latn"), "Deva": ("hi", "mr")}
"""The languages that are told apart here, by script."""

Shares = Mapping[str, float]


def tokens(text: str) -> list[str]:
    """The words as they stand, without addresses, numbers and what holds digits."""
    plain = unicodedata.normalize("NFC", _NOISE.sub(" ", text[:LONGEST])).translate(_FOLD)
    return [found[0] for found in _WORDS.finditer(plain)]


@functools.lru_cache(maxsize=8192)
def folded(word: str) -> str:
    """The word as lists have it: in small letters, without letters drawn out ("pleaaase")."""
    return _LONG.sub(r"\1\1", word.casefold())


@functools.cache
def lexicon() -> Mapping[str, Shares]:
    """Each known word with the share of each language in its uses; they add up to 1."""
    owners: dict[str, list[str]] = {}
    shared: dict[str, Shares] = {}
    section = ""
    for line in resources.files(__package__).joinpath("words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif line and not line.startswith("#") and section == "shared":
            word, *shares = line.split()
            shared[word] = {tag: float(share) for tag, _, share in (one.partition("=") for one in shares)}
        elif not line.startswith("#"):
            for word in line.split():
                if section not in owners.setdefault(folded(word), []):
                    owners[folded(word)].append(section)
    return {word: {tag: 1 / len(tags) for tag in tags} for word, tags in owners.items()} | shared
