"""Summaries, translations and suggestions, as they travel; see `deskbodies` for the routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import attrs
import msgspec

from .deskbodies import Language


@attrs.frozen
class SummaryAnswer:
    """What the bot answered, shortened, with its sources (`Citation`s as in a message)."""

    question: str
    text: str
    citations: Sequence[Mapping[str, Any]]


@attrs.frozen
class SummaryView:
    """What a person who takes over must know.

    `problem` in a sentence or two, in the customer's words or the model's; `asked` what they asked, oldest first;
    `entities` by name; `sentiment` -1..1 or null; `made_by` "extractive" or the model's name; `upto` the `seq` of the
    newest message that it knows, `stale` if there are newer ones; `translated` is `problem` in the reader's language.
    """

    conversation: str
    handoff: str
    problem: str
    asked: Sequence[str]
    answered: Sequence[SummaryAnswer]
    unanswered: Sequence[str]
    entities: Mapping[str, Any]
    score: float | None
    score_reasons: Sequence[str]
    sentiment: float | None
    mood: str
    language: str
    reason: str
    made_by: str
    made_at: float
    upto: int
    stale: bool = False
    translated: str = ""


@attrs.frozen
class TranslateBody:
    """A text, or messages by their `seq`, into a language ("" is the reader's)."""

    text: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    seqs: Annotated[Sequence[int], msgspec.Meta(max_length=50)] = ()
    source: Language = ""
    target: Language = ""


@attrs.frozen
class Translated:
    """The translations: of `text` in `text`, of messages by their `seq` (as text) in `messages`."""

    target: str
    text: str
    messages: Mapping[str, str]


@attrs.frozen
class SuggestBody:
    """The question to answer; "" is the customer's newest that is not just asking for a person."""

    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""


@attrs.frozen
class Suggestion:
    """What the bot would answer, with its sources; `answered` is false where it does not know."""

    question: str
    text: str
    answered: bool
    confidence: float | None
    citations: Sequence[Mapping[str, Any]]


@attrs.frozen
class Panels:
    """Side panels: `title`, `element`, `script`, `data` each (`PanelView`)."""

    panels: Sequence[Mapping[str, Any]]
