"""Another desk in place of our console: Twilio's TaskRouter, or any system that takes webhooks; what it is asked to do.

`backendwork` reads the event log and has jobs done; a desk (`taskrouter`, `webhookdesk`) does them; its routes hear what
it says, and `backendheard` does that here.  Everything may be asked twice, and has to be safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from .records import Handoff


@attrs.frozen
class Case:
    """A handoff as the other desk is told of it.

    `n` tells the times apart that one handoff waits.  `customer` is their name or address; `summary` says what it is
    about; `said` are the last messages, ("customer" | "bot" | "agent", text) each, oldest first.
    """

    handoff: Handoff
    n: int
    customer: str
    address: str
    summary: str
    said: tuple[tuple[str, str], ...] = ()
    data: Mapping[str, Any] = attrs.Factory(dict)


class Backend(Protocol):
    """A desk that is not ours.

    Raises `ServiceUnavailable` where another try may work, `GiveUp` where none will.
    """

    async def open(self, case: Case) -> str:
        """Have somebody take the case; its id there."""

    async def close(self, task: str, reason: str, *, done: bool) -> None:
        """Nobody is needed any more: it is `done`, or the bot or another person has it."""

    async def room(self, conversation: str, title: str) -> str:
        """The place where the conversation's messages are shown, made if it is not there; "" if the desk has none."""

    async def tell(self, room: str, conversation: str, ident: str, author: str, text: str) -> None:
        """Show a message there; `ident` is the same at each try."""

    async def forget(self, room: str, conversation: str) -> None:
        """Remove what is there of the conversation."""
