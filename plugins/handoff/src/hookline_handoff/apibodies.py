"""The bodies of `/api/v1/handoff`, which the reference systems' own clients speak; see `bodies` for the routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import attrs
import msgspec

from .bodies import Remark, State, Word


@attrs.frozen
class EscalateBody:
    """Hand a conversation over; `session_id` is its id."""

    session_id: str
    reason: Word = ""
    priority: Annotated[int, msgspec.Meta(ge=-1, le=2)] = 0
    summary: Remark = ""
    skill: Word = ""


@attrs.frozen
class ConnectBody:
    """The customer of a session asks for a person; `summary` of the talk, where the caller has made one."""

    session_id: str
    reason: Word = ""
    summary: Remark = ""


@attrs.frozen
class Connected:
    """What the customer's page is told."""

    handoff_id: str
    session_id: str
    state: State
    created: bool
    position: int | None
    message: str


@attrs.frozen
class StatusBody:
    """Where the work on a handoff stands: a state's name that can be reached from here, or one of the words of
    `plugins.handoff.statuses`."""

    handoff_id: str
    status: str


@attrs.frozen
class MessageBody:
    """An agent's message by session."""

    session_id: str
    message: str
    client_id: str = ""


@attrs.frozen
class ActiveItem:
    """A handoff in the queue or in hand: priority first, then the longest wait; `wait` in seconds.

    `since` is when it was asked for, `claimed_at` and `handled_at` when somebody took it.
    """

    id: str
    session_id: str
    conversation: str
    channel: str
    address: str
    name: str
    state: State
    reason: str
    summary: str
    priority: int
    score: float | None
    agent_id: str
    agent_name: str
    status: str
    since: float
    wait: float
    position: int | None
    claimed_at: float | None = None
    handled_at: float | None = None


@attrs.frozen
class Active:
    """Everything that is not resolved."""

    handoffs: Sequence[ActiveItem]
    count: int
