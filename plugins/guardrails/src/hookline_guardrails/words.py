"""The words of a text as numbers: what the classifier sees.

Three kinds of features, each a place in one table of weights (`BUCKETS` of them, by hash):

* words, pairs of neighbours and pairs with one word between;
* pieces of words, three to five characters long: they survive typing errors and endings;
* *concepts*: a word that means "ignore" in any of the languages is the concept IGN, one that means "instruction" is
  INS; concepts, their order and their nearness are what an attack in Tamil shares with one in English.

Each kind is scaled to length 1, so that a long text weighs no more than a short one.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources

import regex

BUCKETS = 1 << 18
NEAR = 7  # words between two concepts that still belong together
CONCEPT_WEIGHT = 1.6  # how much the third kind weighs beside the others
WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’\-][\p{L}\p{M}\p{N}]+)*|[?!<>\[\]{}|#=:\"“”«»`]")
_SHAPES = {
    **dict.fromkeys("<>[]{}|#=", "TAG"),
    **dict.fromkeys('"“”«»`', "QUOTE"),
    "?": "QM",
    ":": "COLON",
}
_LONGEST_WORD = 40


@cache
def concepts() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The concept of each whole word, and of each beginning of a word (`words.json`, where it ends with a star)."""
    table = json.loads(resources.files(__package__).joinpath("words.json").read_text(encoding="utf-8"))
    whole: dict[str, str] = {}
    stems: dict[str, str] = {}
    for concept, languages in table.items():
        for words in languages.values():
            for word in words.split():
                if word.endswith("*"):
                    stems.setdefault(word[:-1], concept)
                else:
                    whole.setdefault(word, concept)
    return whole, stems


def concept(word: str) -> str:
    """What the word stands for in any of the languages; "" if nothing that matters here."""
    whole, stems = concepts()
    found = whole.get(word) or _SHAPES.get(word)
    if found is not None:
        return found
    for end in range(min(len(word), 14), 2, -1):
        found = stems.get(word[:end])
        if found is not None:
            return found
    return ""


def _place(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) & (BUCKETS - 1)


@lru_cache(maxsize=20_000)
def _word(word: str) -> tuple[str, tuple[int, ...]]:
    """The concept of a word and the places of its pieces."""
    padded = f"<{word[:_LONGEST_WORD]}>"
    if len(padded) <= 3:
        return concept(word), ()
    pieces = {padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)}
    return concept(word), tuple(_place(f"c{piece}") for piece in pieces)


def split(text: str) -> list[str]:
    """The words of a text in small letters, with the marks that count."""
    return [match.replace("’", "'") for match in WORD.findall(text.lower())]


def _meanings(kinds: list[str]) -> Iterator[str]:
    """The concept features of a row of concepts ("" for other words)."""
    seen = [(i, kind) for i, kind in enumerate(kinds) if kind]
    if seen:
        yield f"^{seen[0][1]}"
        yield f"{seen[-1][1]}$"
    for n, (at, kind) in enumerate(seen):
        yield kind
        near = [(there, other) for there, other in seen[n + 1 : n + 7] if there - at <= NEAR]
        for m, (there, other) in enumerate(near):
            yield f"{kind}>{other}"
            if there - at <= 2:
                yield f"{kind}>>{other}"
            for _, third in near[m + 1 :]:
                yield f"{kind}>{other}>{third}"
    kinds_here = sorted({kind for _, kind in seen})
    for n, kind in enumerate(kinds_here):
        for other in kinds_here[n + 1 :]:
            yield f"{kind}+{other}"


def features(text: str) -> tuple[list[int], list[int], list[int]]:
    """Places of the words, of the pieces and of the concepts of a text that has been cleaned; each without repeats."""
    words = split(text)
    known = [_word(word) for word in words]
    grams = {f"w{word}" for word in words}
    grams.update(f"b{a} {b}" for a, b in itertools.pairwise(words))
    grams.update(f"s{a} {b}" for a, b in zip(words, words[2:], strict=False))
    pieces: set[int] = set()
    for _, places in known:
        pieces.update(places)
    meanings = {_place(f"m{m}") for m in _meanings([kind for kind, _ in known])}
    return [_place(gram) for gram in grams], list(pieces), list(meanings)


_ORDERS = (
    ({"IGN"}, {"INS", "PREV"}),
    ({"REV"}, {"SYS", "SEC"}, {"YOUR", "INS"}),
    ({"YOU"}, {"NOW"}, {"UNR", "AI", "ROLE"}),
    ({"AI"}, {"OBEY", "REV", "NEW"}, {"YOU", "NOW", "INS", "SYS"}),
)
_CANCELS = frozenset("रद्द मिटा मिटाए छोड़ छोड़े बंद".split())  # what customers do with standing orders, too
_HAPPENS = frozenset("सकते सकता सकती हो होते होता होती जाते जाता जाती किए किया गए गया".split())


def gives_orders(text: str) -> bool:
    """Whether the words that make an order to a model stand near each other: what a manual or code seldom has.

    "Never tell anyone your code" and "you can cancel all orders" are a bank's advice, and no orders to a model.
    """
    said = split(text)
    kinds = [_ordering(said, at) for at in range(len(said))]
    for start in range(0, max(1, len(kinds)), NEAR):
        near = set(kinds[start : start + 3 * NEAR])
        if any(all(near & group for group in order) for order in _ORDERS):
            return True
    return any(_all_of_it(kinds, at) or _without_limits(kinds, at) for at in range(len(kinds)))


def _ordering(said: list[str], at: int) -> str:
    """The concept of a word, without an IGN that only says what may happen and a REV that is forbidden."""
    kind = concept(said[at])
    if said[at] == "rule" and said[at + 1 : at + 2] == ["out"]:
        return ""
    if kind == "IGN" and said[at] in _CANCELS and _HAPPENS & {*said[at + 1 : at + 3]}:
        return ""
    if kind == "REV" and any(concept(word) == "NO" for word in said[max(0, at - 2) : at + 3]):
        return ""
    return kind


def _all_of_it(kinds: list[str], at: int) -> bool:
    """As in "forget everything"."""
    return kinds[at] == "IGN" and "ALL" in (*kinds[max(0, at - 1) : at], *kinds[at + 1 : at + 2])


def _without_limits(kinds: list[str], at: int) -> bool:
    """As in "you now have no rules"."""
    if kinds[at] != "NOW" or "YOU" not in kinds[max(0, at - 2) : at + 3]:
        return False
    near = kinds[max(0, at - NEAR) : at + NEAR + 1]
    return any(kind == "NO" and "INS" in near[max(0, n - 2) : n + 3] for n, kind in enumerate(near))
