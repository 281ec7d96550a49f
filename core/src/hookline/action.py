"""What a person does outside a turn (an agent claims, an admin changes): collected, then stored all at once."""

from __future__ import annotations

import attrs

from .collect import Collected, Outgoing, Taken
from .merging import Moved
from .message import Author, Message, Reply


@attrs.define(eq=False, kw_only=True)
class Action(Collected):
    """`async with tenant.action(by=…) as act`: all that is collected in the block is committed at its end, or nothing.

    `by` is who acts, for the audit log.  After the block `messages` are those that were sent, in their order.
    """

    plugin: str
    by: str
    messages: tuple[Message, ...] = ()
    moved: list[Moved] = attrs.Factory(list)

    @property
    def collector(self) -> str:
        """The plugin whose tenant the action was begun on."""
        return self.plugin

    @property
    def actor(self) -> str:
        """Who acts."""
        return self.by

    def take(self, conversation: str, by: str, *, held_by: str = "") -> None:
        """Give the conversation to `by` ("": back to the bot) if `held_by` has it at the commit, else `Conflict`.

        Its running turn is cancelled and the bot's messages not yet sent are withdrawn.
        """
        self._add(self.taken, Taken(conversation, by, held_by))

    def send(
        self, reply: Reply, *, conversation: str, author: Author = "agent", key: str = "", if_open: bool = False
    ) -> None:
        """Send a message by the outbox; with a `key` only once: a repeat gives the first one's message.

        Where the conversation is not open the commit raises `ConversationClosed`, or with `if_open` leaves it out.
        """
        self._add(self.outgoing, Outgoing(reply, conversation, author, key, if_open))

    def _lane(self, lane: str) -> str:
        if not lane:
            raise ValueError("outside a turn a timer or command needs a lane, e.g. a conversation's id")
        return lane

    def merge(self, moved: Moved) -> None:
        """Move identities and conversations from one contact to another, or back; see `Moved`.

        The commit raises `Conflict` where they are not as they were seen.
        """
        self._add(self.moved, moved)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (
            self.writes
            or self.outgoing
            or self.work
            or self.cancelled_timers
            or self.taken
            or self.bound
            or self.moved
            or self.noted
            or self.audited
            or self.shown
        )
