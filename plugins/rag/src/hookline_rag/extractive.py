"""An answer in the documents' own words: the sentences that answer, checked against the stored text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import regex

from hookline.message import Passage, Reply

Span = Callable[[str, int, int, int], Awaitable[str | None]]

_BREAKS = regex.compile(r"(?<![:\n])\n(?!\s*(?:[-*•]|\(?\p{N}{1,3}[.)])\s)")
_BULLET = regex.compile(r"^- (?=\S)")


async def answer(passages: Sequence[Passage], span: Span, *, least: float) -> Reply | None:
    """The best passage's answer with its citation; None where none is sure enough.

    `span` reads document, version, start, end from the stored text: a citation that does not stand there word for
    word, or whose document is gone by now, is not given, and the next passage is tried.
    """
    for passage in sorted(passages, key=lambda one: -one.confidence):
        if passage.confidence < least:
            break
        start, end = passage.meta.get("answer") or (passage.start, passage.end)
        start, end = max(start, passage.start), min(end, passage.end)
        if end <= start:
            start, end = passage.start, passage.end
        cited = passage.citation(start, end)
        if await span(cited.document, cited.version, cited.start, cited.end) != cited.text:
            continue
        return Reply(
            f"{readable(cited.text)} [1]", citations=(cited,), confidence=round(passage.confidence, 4),
            data={"passages": [shown(one) for one in passages]},
        )  # fmt: skip
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
