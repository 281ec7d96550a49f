"""Canned replies, as they travel; see `deskbodies` for the routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import attrs
import msgspec

from .deskbodies import Language, Text


@attrs.frozen
class CannedBody:
    """A canned reply: `shortcut` (typed after "/"), `text` with variables as {{contact.name|there}}; `shared` with all."""

    shortcut: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[^\s/{}]+$")]
    text: Text
    title: Annotated[str, msgspec.Meta(max_length=120)] = ""
    language: Language = ""
    shared: bool = False


@attrs.frozen
class CannedView:
    """A canned reply; `filled` is null unless a conversation was named, `missing` are variables without a value."""

    id: str
    shortcut: str
    text: str
    title: str
    language: str
    shared: bool
    owner: str
    used: int
    updated_at: float
    filled: str | None = None
    missing: Sequence[str] = ()


@attrs.frozen
class CannedPage:
    """Those that fit what was typed, the best first."""

    canned: Sequence[CannedView]
    variables: Sequence[str]


@attrs.frozen
class PreviewBody:
    """A text whose variables are to be put in; without a `conversation` only those of the agent and the tenant are."""

    text: Text
    conversation: str = ""


@attrs.frozen
class Preview:
    """The text as the customer would read it; `missing` are variables without a value, `problem` is what is wrong."""

    text: str
    missing: Sequence[str] = ()
    problem: str = ""


@attrs.frozen
class UseBody:
    """In which conversation it is used."""

    conversation: str
