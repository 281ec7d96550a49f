"""What agents do with conversations: the bodies of their requests; see `bodies` for the routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import attrs
import msgspec

from .bodies import HandoffView, MessageView, Remark


@attrs.frozen
class ClaimBody:
    """Take a conversation.  `force` takes it from whoever has it, and over one's capacity: supervisors only."""

    force: bool = False


@attrs.frozen
class ReplyBody:
    """An agent's words for the customer.

    `client_id` is the page's own id of the message (1 to 64 letters, digits or . _ : -): the same again sends nothing
    and gives what was sent the first time.  `attachments` as the attachment routes returned them.
    """

    text: str
    client_id: str
    attachments: Sequence[Mapping[str, Any]] = ()


@attrs.frozen
class Sent:
    """What became of an agent's message; `duplicate` if the `client_id` was known already."""

    message: MessageView
    duplicate: bool
    handoff: HandoffView | None = None


@attrs.frozen
class TransferBody:
    """To whom: exactly one of `agent`, `team`, or `queue` = true for everybody; `note` is for them alone."""

    agent: str = ""
    team: str = ""
    queue: bool = False
    note: Remark = ""


@attrs.frozen
class SnoozeBody:
    """Until when: `until` (epoch seconds), or `seconds` from now; neither: until the customer writes."""

    until: float | None = None
    seconds: Annotated[float, msgspec.Meta(gt=0, le=31_536_000)] | None = None


@attrs.frozen
class ReturnBody:
    """Give the conversation back to the bot; `text` is said to the customer ("" for nothing)."""

    text: str = ""
    note: Remark = ""


@attrs.frozen
class ResolveBody:
    """Close the handoff; `note` is kept with it."""

    note: Remark = ""


@attrs.frozen
class PriorityBody:
    """-1 low, 0 normal, 1 high, 2 urgent."""

    priority: Annotated[int, msgspec.Meta(ge=-1, le=2)]


@attrs.frozen
class TypingBody:
    """Whether the agent is typing; it lapses by itself after a few seconds."""

    on: bool = True


@attrs.frozen
class ReadBody:
    """Up to which message the caller has read; the customer's channel is told where it can show it."""

    seq: Annotated[int, msgspec.Meta(ge=0)]
