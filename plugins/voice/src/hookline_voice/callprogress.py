"""How far a call is: what was said at each step, what is asked now, and how it ended.  Pure values; made from the bot's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import msgspec

from hookline.message import Message

CHANNEL = "voice"
TALK = "talk"
"""The step of a call that walks no flow: whatever is said is taken, and answered."""
_PARAGRAPH = "\n\n"


@attrs.frozen
class Said:
    """What a step said last; `asked` if it waited for an answer then."""

    text: str
    language: str
    asked: bool = False


@attrs.frozen
class Question:
    """What is waited for: ask, confirm, change, offer, proof or talk; the `kind` of slot, its choices' values, and what may be said."""

    waiting: str = ""
    kind: str = ""
    values: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()


@attrs.frozen
class Progress:
    """Where a call is.

    said      by step, the latest
    order     the steps of the last reply
    at        the step that asks, "" where none does
    ended     nothing more is asked; `outcome` is how the flow ended
    transfer  why a person is asked for
    """

    said: Mapping[str, Said] = attrs.Factory(dict)
    order: tuple[str, ...] = ()
    at: str = ""
    question: Question = Question()
    ended: bool = False
    outcome: str = ""
    transfer: str = ""

    def advanced(self, told: Message) -> Progress:
        """After the bot's message."""
        flow, voice = _mapping(told.data.get("flow")), _mapping(told.data.get("voice"))
        transfer = str(voice.get("transfer", "")) or self.transfer
        ended = "outcome" in flow or (bool(transfer) and not flow.get("waiting"))
        last = TALK if not flow else str(flow.get("step") or "")
        spoken = _divided(told.text, flow.get("parts"), last or "end")
        at = "" if ended else last
        said = {**self.said}
        for step, text in spoken:
            said[step] = Said(text, told.language, asked=step == at)
        if at and at not in said:
            said[at] = Said("", told.language, asked=True)
        order = tuple(dict.fromkeys([*(step for step, _ in spoken), *([at] if at else [])]))
        question = Question() if ended else _question(flow, told.quick_replies)
        outcome = "agent" if transfer and ended else str(flow.get("outcome", ""))
        return Progress(said, order, at, question, ended, outcome, transfer)

    def builtins(self) -> dict[str, Any]:
        """As it is stored."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of(cls, stored: object) -> Progress:
        """As it was stored."""
        return msgspec.convert(stored, cls)


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _question(flow: Mapping[str, Any], replies: Sequence[str]) -> Question:
    return Question(
        str(flow.get("waiting", "") or ("" if flow else TALK)),
        str(flow.get("kind", "")),
        tuple(str(value) for value in flow.get("values", ())),
        tuple(replies),
    )


def _divided(text: str, parts: object, last: str) -> list[tuple[str, str]]:
    """The text by the steps that said it.  What reviewers put below it belongs to the last; where they took something
    away nobody can tell any more, and all of it does."""
    paragraphs = text.split(_PARAGRAPH)
    counted = [(str(step), int(count)) for step, count in parts] if isinstance(parts, Sequence) and parts else []
    if not counted or len(paragraphs) < sum(count for _, count in counted):
        return [(counted[-1][0] if counted else last, text)] if text else []
    found: list[tuple[str, str]] = []
    at = 0
    for n, (step, count) in enumerate(counted):
        to = len(paragraphs) if n == len(counted) - 1 else at + count
        found.append((step, _PARAGRAPH.join(paragraphs[at:to])))
        at = to
    return found
