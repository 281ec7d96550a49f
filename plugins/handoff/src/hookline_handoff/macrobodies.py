"""Macros, as they travel; see `deskbodies` for the routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import attrs
import msgspec

from .deskbodies import Name

Do = Literal["reply", "note", "tag", "untag", "priority", "status", "transfer", "snooze", "return", "resolve", "claim"]


@attrs.frozen
class Step:
    """One step of a macro: what to do, with the arguments that it needs.

    reply, note: `text` with variables; tag, untag: `tag`; priority: `number`; status: `text`; snooze: `number` seconds;
    transfer: `agent`, `team` or neither for the queue; return: `text` for the customer; resolve: `text` for the note.
    """

    do: Do
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    tag: Annotated[str, msgspec.Meta(max_length=40)] = ""
    number: float = 0
    agent: str = ""
    team: str = ""


@attrs.frozen
class MacroBody:
    """Steps that are done one after the other, in the name of whoever runs it and with that role."""

    name: Name
    steps: Annotated[Sequence[Step], msgspec.Meta(min_length=1, max_length=12)]
    shared: bool = False


@attrs.frozen
class MacroView:
    """A macro."""

    id: str
    name: str
    steps: Sequence[Step]
    shared: bool
    owner: str


@attrs.frozen
class Macros:
    """By name, my own first."""

    macros: Sequence[MacroView]


@attrs.frozen
class StepDone:
    """What became of a step: done | failed (with why) | skipped (after one that failed)."""

    do: str
    state: Literal["done", "failed", "skipped"]
    error: str = ""


@attrs.frozen
class MacroRun:
    """A run: all `done`, or some steps were not; what was done before stays done."""

    id: str
    macro: str
    done: bool
    steps: Sequence[StepDone]
