"""What a search found, weighed: the evidence of each passage, near duplicates left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import attrs

from hookline.message import Passage

from .chunk import SEPARATOR
from .confidence import confidence, features
from .evidence import Evidence, Weights, examine, rarity_of
from .index import Ref
from .kind import is_priced, names, number_asked, price_asked
from .question import Question
from .search import Hit, Share
from .terms import words

WHOLE = ("record", "row", "code")  # kinds of chunks that are quoted whole


@attrs.define
class Candidate:
    """A hit with its row and what speaks for it; `part` is the question of a message that it is for.

    `also` are the other questions that it may answer: question, start and end of what answers it, confidence.
    """

    hit: Hit
    row: Any
    evidence: Evidence
    values: dict[str, float]
    confidence: float
    part: int = 0
    also: tuple[tuple[int, int, int, float], ...] = ()
    bag: frozenset[str] = frozenset()
    reranked: float | None = None


@attrs.frozen
class Found:
    """What a question found, best first.

    `parts` are the questions that the message was taken apart into, each as it was understood; `shares` how much
    vectors counted for each; `namespaces` what was searched, the most important first; `ms` the times of the steps.
    """

    question: Question
    candidates: Sequence[Candidate]
    share: Share
    ms: Mapping[str, float]
    namespaces: tuple[str, ...] = ()
    parts: tuple[Question, ...] = ()

    @property
    def dense_weight(self) -> float:
        """How much vectors counted."""
        return self.share.dense


Fits = Callable[[Any], bool]


def fitting(now: float, tags: Collection[str]) -> Fits:
    """Whether a row may answer now: its document is valid, and has one of the tags where tags are asked for."""

    def fits(row: Any) -> bool:
        if row.valid_from is not None and now < row.valid_from:
            return False
        if row.valid_until is not None and now >= row.valid_until:
            return False
        return not tags or not set(tags).isdisjoint(row.tags)

    return fits


def weighed(
    weights: Weights,
    hits: Sequence[Hit],
    rows: Mapping[Ref, Any],
    *,
    vectors: bool = False,
    known: bool = False,
    same: float,
    room: int = 0,
    asked: str = "",
    script: str = "",
    language: str = "",
) -> list[Candidate]:
    """The evidence of each hit that has a row and says something new, as far as they fit into `room` (0: all).

    `asked` is the question as it came; `vectors`, `known` and `script` are as in `features`.  Two passages say the same from a Jaccard similarity of `same` of their words on.
    """
    found: list[Candidate] = []
    there = [hit for hit in hits if hit.ref in rows]
    used = 0
    wanted = number_asked(asked)
    nowhere = rarity_of(0, weights.count)
    price = price_asked(asked)
    told = set(names(asked)) if language != "de" else set()
    strange = any(term.word in told and rarity >= nowhere for term, rarity in weights.terms)
    for hit in there:
        row = rows[hit.ref]
        bag = frozenset(words(row.text))
        if any(alike(bag, other.bag) >= same for other in found):
            continue
        evidence = examine(weights, row.text, row.start, row.answer, row.head, row.language, whole=row.kind in WHOLE)
        numberless = bool(wanted) and not any(one.search(f"{row.head}\n{row.text}") for one in wanted)
        values = features(
            evidence, weights, hit, there, vectors=vectors, known=known, numberless=numberless,
            priceless=price and _unpriced(weights, evidence, row), headless=not row.head, english=language == "en", script=script,
        )  # fmt: skip
        if strange:
            values["nameless"] = 1.0
        found.append(Candidate(hit, row, evidence, values, confidence(values), bag=bag))
        used += len(row.text)
        if room and used > room:
            break
    return found


def _unpriced(weights: Weights, evidence: Evidence, row: Any) -> bool:
    """Whether a passage tells no price, or only that of something that the question does not name.

    The price of a thing stands in the sentence that names it, in the one behind it, or under a heading of its own: a
    title names all that is told below it.
    """
    heading = row.head.split(SEPARATOR)[-1]
    if row.kind in WHOLE:
        return not is_priced(f"{row.head}\n{row.text}")
    told = [row.text[a - row.start : b - row.start] for a, b in evidence.spans]
    priced = [f"{before}\n{one}" for before, one in zip(["", *told], told, strict=False) if is_priced(one)]
    if not priced:
        return not is_priced(heading)
    near = weights.wanted.held("\n".join([heading, *priced]), row.language)
    anywhere = weights.wanted.held(f"{row.head}\n{row.text}", row.language)
    asked = [at for at, (term, _) in enumerate(weights.terms) if term.needed and anywhere[at]]
    return bool(asked) and not any(near[at] for at in asked)


def alike(one: Collection[str], other: Collection[str]) -> float:
    """The Jaccard similarity of two sets of words, 0..1."""
    first, second = frozenset(one), frozenset(other)
    union = len(first | second)
    return len(first & second) / union if union else 1.0


def passage(one: Candidate, url: str, *, priority: int = 0) -> Passage:
    """A candidate as the turn carries it.

    `meta["answer"]` are the document offsets of the sentences that answer, `meta["part"]` the question of the message
    that it is for, `meta["also"]` other questions of it with offsets and confidence, `meta["priority"]` that of its
    namespace (0 is the highest).
    """
    row, evidence = one.row, one.evidence
    meta = {
        **row.meta, "kind": row.kind, "n": row.n, "heading": row.head, "language": row.language,
        "answer": [evidence.start, evidence.end], "part": one.part, "priority": priority,
        **({"also": one.also} if one.also else {}),
    }  # fmt: skip
    return Passage(
        row.document, row.version, row.start, row.end, row.text, row.title, url, row.source, row.namespace,
        one.hit.score, one.hit.dense, one.hit.lexical, one.confidence, meta,
    )  # fmt: skip
