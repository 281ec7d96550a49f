"""How words are compared: without case, accents, punctuation and small slips, in any script; and the words that steer flows."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources

import attrs
from rapidfuzz import process
from rapidfuzz.distance import OSA

_NUKTA = {"\u093c", "\u09bc", "\u0abc"}
_JOINERS = {"\u200c", "\u200d", "\ufe0f"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})
_ONE = {"ँ": "ं"}  # chandrabindu is written as anusvara as often
LONG = 120  # characters up to which a message is compared with lists of short words


@functools.lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """The text as it is compared: small letters, no accents on Latin letters, digits in ASCII, words parted by one space."""
    found: list[str] = []
    latin = False
    for sign in unicodedata.normalize("NFD", text.translate(_APOSTROPHES).casefold()):
        kind = unicodedata.category(sign)
        if kind[0] == "M":
            if latin or sign in _NUKTA or sign in _JOINERS:
                continue
            found.append(_ONE.get(sign, sign))
        elif sign in _JOINERS:
            continue
        elif kind == "Nd":
            found.append(str(unicodedata.digit(sign)))
            latin = False
        elif kind[0] == "L":
            latin = sign < "\u0250"
            found.append(sign)
        elif sign == "'" or kind in ("So", "Sk"):
            found.append(f" {sign} " if kind == "So" else sign)
        else:
            found.append(" ")
    words = "".join(found).replace("œ", "oe").replace("æ", "ae").split()
    return unicodedata.normalize("NFC", " ".join(word.strip("'") for word in words if word.strip("'")))


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return plain(text).split()


def alike(one: str, other: str) -> bool:
    """Whether one is the other, mistyped: one slip from five letters on, two from nine, three from eleven."""
    if one == other:
        return True
    length = min(len(one), len(other))
    slips = allowed(length)
    if not slips or abs(len(one) - len(other)) > slips or one.isdigit() or other.isdigit():
        return False
    if one[0] != other[0] and length < 7:
        return False
    return OSA.distance(one, other, score_cutoff=slips) <= slips


def allowed(length: int) -> int:
    """How many slips a word of so many letters may have."""
    return 0 if length < 5 else 1 if length < 9 else 2 if length < 11 else 3


def within(phrase: Sequence[str], text: Sequence[str], *, typed: bool = False) -> int:
    """Where the words of the phrase stand in the text, one after the other; -1 where they don't.  `typed`: slips count."""
    size = len(phrase)
    for at in range(len(text) - size + 1):
        if all(a == b or (typed and alike(a, b)) for a, b in zip(phrase, text[at : at + size], strict=True)):
            return at
    return -1


@attrs.frozen(eq=False)
class Words:
    """A list of words and phrases, as they are compared."""

    phrases: frozenset[str]
    first: Mapping[str, tuple[tuple[str, ...], ...]]
    sized: Mapping[int, tuple[str, ...]]
    """The phrases by how many words they have."""

    @classmethod
    def of(cls, given: Iterable[str]) -> Words:
        """The list of these."""
        found = dict.fromkeys(plain(word) for word in given)
        found.pop("", None)
        first: dict[str, list[tuple[str, ...]]] = {}
        sized: dict[int, list[str]] = {}
        for part in sorted((tuple(phrase.split()) for phrase in found), key=len, reverse=True):
            first.setdefault(part[0], []).append(part)
            sized.setdefault(len(part), []).append(" ".join(part))
        return cls(
            frozenset(found),
            {word: tuple(some) for word, some in first.items()},
            {size: tuple(some) for size, some in sized.items()},
        )

    def opens(self, text: Sequence[str]) -> int:
        """How many words of the text's beginning are one of these phrases, the longest; 0: none."""
        for part in self.first.get(text[0], ()) if text else ():
            if tuple(text[: len(part)]) == part:
                return len(part)
        return 0

    def anywhere(self, text: Sequence[str]) -> bool:
        """Whether one of the phrases stands in the text."""
        return any(self.opens(text[at:]) for at in range(len(text)))

    def is_one(self, text: Sequence[str]) -> bool:
        """Whether the text is one of these, or nearly."""
        joined = " ".join(text)
        if joined in self.phrases:
            return True
        slips = sum(allowed(len(word)) for word in text)
        near = slips and process.extract(
            joined, self.sized.get(len(text), ()), scorer=OSA.distance, score_cutoff=slips, limit=None
        )
        return any(all(map(alike, phrase.split(), text)) for phrase, _, _ in near or ())


@functools.lru_cache(maxsize=1024)
def listed(given: tuple[str, ...]) -> Words:
    """The list of a flow file's words, made once."""
    return Words.of(given)


@functools.cache
def lists() -> Mapping[str, Words]:
    """The words that come with the plugin, by what they mean."""
    return {
        meaning: Words.of(form for tag, some in by_language.items() for word in some for form in _typed(tag, word))
        for meaning, by_language in _file().items()
        if meaning not in ("ordinals", "shares")
    }


def _typed(language: str, phrase: str) -> Iterator[str]:
    """The phrase, and as it is typed on a telephone: French without apostrophes ("cest", "c est")."""
    yield phrase
    if language == "fr" and "'" in phrase:
        yield phrase.replace("'", "")
        yield phrase.replace("'", " ")


@functools.cache
def ordinals() -> Mapping[str, int]:
    """The words for places ("second"), as they are compared, to the place; -1 is the last."""
    return {plain(word): int(place) for place, some in _file()["ordinals"].items() for word in some}


@functools.cache
def shares() -> Mapping[str, float]:
    """The words for a part of something ("half"), as they are compared, to the part."""
    return {plain(word): float(part) for part, some in _file()["shares"].items() for word in some}


@functools.cache
def _file() -> Mapping[str, Mapping[str, Sequence[str]]]:
    import yaml

    text = (resources.files(__package__) / "wording.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    found: Mapping[str, Mapping[str, Sequence[str]]] = yaml.load(text, Loader=loader)  # noqa: S506  plain texts: `no` is a word
    return found


def polite(text: Sequence[str]) -> list[str]:
    """The words without those that change nothing."""
    listed = lists()["polite"]
    kept: list[str] = []
    at = 0
    while at < len(text):
        size = listed.opens(text[at:])
        if not size:
            kept.append(text[at])
        at += size or 1
    return kept
