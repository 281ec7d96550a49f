"""An answer in the documents' own words: the sentences that answer, checked against the stored text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import attrs
import regex

from hookline.message import Citation, Passage, Reply

from .kind import shortfall
from .terms import words

Span = Callable[[str, int, int, int], Awaitable[str | None]]

_BREAKS = regex.compile(r"(?<![:\n])\n(?!\s*(?:[-*•]|\(?\p{N}{1,3}[.)])\s)")
_EQUAL = 0.05  # rows of a table whose confidence is so close to the best answer together
_SAME_WORDS = 0.1  # of the BM25 score: by so much rows differ that hold the same words
_MOST_ROWS = 5
_CERTAIN = 0.9
_AS_GOOD = 0.015  # of the confidence: by so much it says nothing about which is the better
_MARKS = " ?？؟.,!"
_BULLET = regex.compile(r"^- (?=\S)")


async def answer(
    passages: Sequence[Passage], span: Span, *, least: float, question: str = "", language: str = ""
) -> Reply | None:
    """The best passage's answer to the question with its citation; None where none is sure enough.

    `span` reads document, version, start, end from the stored text: a citation that does not stand there word for
    word, or whose document is gone by now, is not given, and the next passage is tried.
    """
    best = await _best(passages, span, least, question, language)
    if best is None:
        return None
    cited, sure = best
    citations = [cited, *await _equals(passages, cited, sure, span, least)]
    told = "\n".join(f"{readable(one.text)} [{at}]" for at, one in enumerate(citations, 1))
    return Reply(
        told, citations=tuple(citations), confidence=round(sure, 4),
        data={"passages": [shown(one) for one in passages]},
    )  # fmt: skip


async def answers(
    passages: Sequence[Passage],
    span: Span,
    *,
    least: float,
    questions: Sequence[str],
    unknown: str,
    language: str = "",
    compared: bool = False,
) -> Reply | None:
    """The answers to several questions, one a paragraph, each with its citation; None where none is sure enough.

    What is `compared` is quoted from one table, where there is one.  `meta["part"]` of a passage says which question it is for, `meta["also"]` which it may answer besides.  A question
    that stays open is named, with `unknown`.
    """
    told: list[str] = []
    citations: list[Citation] = []
    sure: list[float] = []
    opened: list[str] = []
    rows = _side_by_side(passages, questions, least) if compared else {}
    for at, question in enumerate(questions):
        own = [rows[at]] if at in rows else [one for one in passages if one.meta.get("part", 0) == at]
        best = await _best(own, span, least, question, language)
        best = best or await _best(_shared(passages, at), span, least, question, language)
        if best is None:
            opened.append(question)
            continue
        cited, chance = best
        sure.append(chance)
        if not any(_within(cited, one) for one in citations):
            citations.append(cited)
            told.append(f"{readable(cited.text)} [{len(citations)}]")
    if not citations:
        return None
    told += [f"{question.rstrip(_MARKS)}: {unknown}" for question in opened]
    return Reply(
        "\n\n".join(told), citations=tuple(citations), confidence=round(min(sure), 4),
        data={"passages": [shown(one) for one in passages], "open": opened},
    )  # fmt: skip


def _side_by_side(passages: Sequence[Passage], questions: Sequence[str], least: float) -> dict[int, Passage]:
    """For each question the row of one table that names what it is about; empty where one has none.

    All that is compared stands in one table, by name: that is as sure as half the way from `least` to certain.
    """
    sure = (1.0 + least) / 2.0
    tables: dict[tuple[str, str], dict[int, Passage]] = {}
    for at, question in enumerate(questions):
        named = set(words(question))
        for one in passages:
            if one.meta.get("kind") == "row" and not named.isdisjoint(_firsts(one.text)):
                found = tables.setdefault((one.document, str(one.meta.get("heading", ""))), {})
                found.setdefault(at, attrs.evolve(one, confidence=max(one.confidence, sure)))
    return next((rows for rows in tables.values() if len(rows) == len(questions)), {})


def _firsts(row: str) -> list[str]:
    """The words of a row's first cell, Gust in "Plan: Gust; Data: 25 GB": what the row is about."""
    return words(row.partition(";")[0].rpartition(":")[2])


def _shared(passages: Sequence[Passage], at: int) -> list[Passage]:
    """The passages of other questions that may answer the one numbered `at` too, as they answer it."""
    return [
        attrs.evolve(one, confidence=sure, meta={**one.meta, "answer": [start, end]})
        for one in passages
        for part, start, end, sure in one.meta.get("also", ())
        if part == at
    ]


def _within(one: Citation, other: Citation) -> bool:
    return (
        one.document == other.document and one.version == other.version
        and other.start <= one.start and one.end <= other.end
    )  # fmt: skip


async def _equals(
    passages: Sequence[Passage], cited: Citation, sure: float, span: Span, least: float
) -> list[Citation]:
    """Other rows of a table that answer as well as the one cited: "what does a plan cost?" asks for all of them."""
    found = [one for one in passages if one.document == cited.document and one.start <= cited.start < one.end]
    if not found or found[0].meta.get("kind") != "row":
        return []
    first = found[0]
    rows = [
        one for one in passages
        if one is not first and one.document == first.document and one.meta.get("kind") == "row"
        and one.meta.get("heading") == first.meta.get("heading")
        and (one.confidence > sure - _EQUAL or (one.confidence >= least and _alike(one, first)))
    ]  # fmt: skip
    given = [one.citation(*(one.meta.get("answer") or (None, None))) for one in rows[: _MOST_ROWS - 1]]
    return [one for one in given if await span(one.document, one.version, one.start, one.end) == one.text]


def _alike(one: Passage, other: Passage) -> bool:
    """Whether two rows hold the same words of the question: which of them is nearer in meaning is then chance."""
    if one.lexical is None or other.lexical is None:
        return False
    return abs(one.lexical - other.lexical) <= _SAME_WORDS * max(one.lexical, other.lexical)


async def _best(
    passages: Sequence[Passage], span: Span, least: float, question: str, language: str
) -> tuple[Citation, float] | None:
    def worth(one: Passage) -> float:
        return one.confidence - shortfall(question, f"{one.meta.get('heading', '')}\n{one.text}", language)

    worths = sorted(((worth(one), one) for one in passages if one.confidence >= least), key=lambda one: -one[0])
    # Those that are as good as the best, in the order in which they were found; then the rest.
    equal = [one for value, one in worths if worths[0][0] - _AS_GOOD <= value < _CERTAIN]
    ordered = [one for _, one in worths]
    if worths and worths[0][0] < _CERTAIN:
        ordered[: len(equal)] = sorted(equal, key=lambda one: -one.score)
    for passage in ordered:
        start, end = passage.meta.get("answer") or (passage.start, passage.end)
        start, end = max(start, passage.start), min(end, passage.end)
        if end <= start:
            start, end = passage.start, passage.end
        cited = passage.citation(start, end)
        if await span(cited.document, cited.version, cited.start, cited.end) == cited.text:
            return cited, passage.confidence
    return None


def readable(text: str) -> str:
    """A quoted span as a customer reads it: lists keep their lines, other line ends become spaces."""
    text = _BREAKS.sub(" ", text.strip())
    lines = text.split("\n")
    return _BULLET.sub("", text) if len(lines) == 1 else text


def shown(passage: Passage) -> dict[str, object]:
    """A passage as the API tells of it: where it is from and how sure we are, without its text."""
    return {
        "document": passage.document, "version": passage.version, "start": passage.start, "end": passage.end,
        "title": passage.title, "source": passage.source, "score": round(passage.score, 4),
        "confidence": round(passage.confidence, 4), **_category(passage),
    }  # fmt: skip


def _category(passage: Passage) -> dict[str, object]:
    category = passage.meta.get("category")
    return {"category": category} if category else {}
