"""The passages as the model gets them: numbered, within the budget, and as data that can't pose as instructions."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import regex

from hookline.message import Passage

from .sentences import MARKER, spans

_TAG = regex.compile(r"<(?=\s*/?\s*(?:documents|question|facts)\b)", regex.IGNORECASE)
_SMALLEST = 40


@attrs.frozen
class Source:
    """A passage under its number; `text` is the beginning of the passage's text that the model sees."""

    number: int
    passage: Passage
    text: str


def choose(passages: Sequence[Passage], chars: int) -> list[Source]:
    """As many passages as fit, in their order; the last one is cut at the end of a sentence.

    `len(render(...))` of the result is at most `chars`.
    """
    chosen: list[Source] = []
    left = chars
    for passage in passages:
        number = len(chosen) + 1
        frame = len(_render(Source(number, passage, ""))) + (1 if chosen else 0)
        text = _cut(passage.text.rstrip(), left - frame, whatever=not chosen)
        if not text:
            break
        source = Source(number, passage, text)
        chosen.append(source)
        left -= frame + len(text)
        if len(text) < len(passage.text.rstrip()):
            break
    return chosen


def render(sources: Sequence[Source]) -> str:
    """The context: each passage behind its number and title."""
    return "\n".join(_render(source) for source in sources)


def shown(source: Source) -> dict[str, object]:
    """A source as the API tells of it: where it is from and how sure we are, without its text."""
    one = source.passage
    category = one.meta.get("category")
    return {
        "document": one.document,
        "version": one.version,
        "start": one.start,
        "end": one.start + len(source.text),
        "title": one.title,
        "source": one.source,
        "score": round(one.score, 4),
        "confidence": round(one.confidence, 4),
        **({"category": category} if category else {}),
    }


def disarm(text: str) -> str:
    """The text without what would close its fence or look like a passage's number; of the same length."""
    text = _TAG.sub("(", text)
    return MARKER.sub(lambda match: f"({match.group()[1:-1]})", text)


def _render(source: Source) -> str:
    title = " ".join(disarm(source.passage.title).split())[:80]
    return f"[{source.number}] {title}\n{disarm(source.text)}" if title else f"[{source.number}] {disarm(source.text)}"


def _cut(text: str, room: int, *, whatever: bool) -> str:
    """The whole sentences that fit; if `whatever`, then of a longer first sentence the words that fit."""
    if len(text) <= room:
        return text
    ends = [end for _, end in spans(text) if end <= room]
    if ends and (whatever or ends[-1] >= _SMALLEST):
        return text[: ends[-1]]
    return text[:room].rsplit(maxsplit=1)[0].rstrip() if whatever and room > 0 else ""
