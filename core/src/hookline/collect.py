"""What is to be stored and done, collected first and committed all at once: by a turn, or by an action of a person."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from .db import Op
from .journal import Journal
from .message import Author, Reply
from .tenancy import check


@attrs.frozen
class Outgoing:
    """A message to send; `key` makes sending it twice harmless ("": it has none).

    `if_open`: an action that has nobody to tell, as the conversation is closed, goes on without it.
    """

    reply: Reply
    conversation: str
    author: Author = "bot"
    key: str = ""
    if_open: bool = False


@attrs.frozen
class NewWork:
    """A job, command or timer to be done; `delay` in seconds."""

    kind: str
    plugin: str
    name: str
    payload: Mapping[str, Any]
    key: str = ""
    lane: str = ""
    delay: float = 0.0
    by: str = ""


@attrs.frozen
class CancelTimer:
    """Timers of a plugin that shall not fire: all of the kind and key in the lane."""

    plugin: str
    kind: str
    lane: str
    key: str


@attrs.frozen
class Taken:
    """A conversation that changes hands: from `held_by` to `by` ("": the bot)."""

    conversation: str
    by: str
    held_by: str


@attrs.frozen
class Bound:
    """A conversation of a made-up id that is from now on the client's alone who has the key of that digest."""

    conversation: str
    client: str


@attrs.frozen
class Noted:
    """A row for the event log."""

    kind: str
    conversation: str
    payload: Mapping[str, Any]


@attrs.frozen
class Audited:
    """A row for the audit log."""

    who: str
    what: str
    subject: str
    detail: Mapping[str, Any]


@attrs.frozen
class Shown:
    """A live event to publish after the commit."""

    topic: str
    kind: str
    data: Mapping[str, Any]


@attrs.define(eq=False, kw_only=True)
class Collected(ABC):
    """What was collected so far, and by whom (`journal`); nothing of it is stored before the commit, then all of it."""

    tenant: str
    lane: str = ""
    writes: list[tuple[str, Op]] = attrs.Factory(list)
    outgoing: list[Outgoing] = attrs.Factory(list)
    work: list[NewWork] = attrs.Factory(list)
    cancelled_timers: list[CancelTimer] = attrs.Factory(list)
    taken: list[Taken] = attrs.Factory(list)
    bound: list[Bound] = attrs.Factory(list)
    noted: list[Noted] = attrs.Factory(list)
    audited: list[Audited] = attrs.Factory(list)
    shown: list[Shown] = attrs.Factory(list)
    journal: Journal = attrs.Factory(Journal)

    @property
    @abstractmethod
    def collector(self) -> str:
        """The plugin that is collecting now."""

    @property
    def actor(self) -> str:
        """Who is behind what is collected, for the audit log."""
        return self.collector

    @property
    def about(self) -> str:
        """The conversation that is meant where none is named."""
        return ""

    def write(
        self,
        statement: sa.Executable,
        params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        *,
        rows: int | None = None,
    ) -> None:
        """Run the statement on the plugin's own tables at the commit; confined to the tenant.

        With `rows` nothing at all is stored unless it changes exactly so many: a turn is then run again, an action
        raises `Conflict`.  Raises `CrossTenantStatement` at once for a statement that could reach another tenant's rows.
        """
        check(statement, params)
        self._add(self.writes, (self.collector, Op(statement, params, tenant=self.tenant, rows=rows)))

    def job(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        plugin: str = "",
        key: str = "",
        lane: str = "",
        delay: float = 0.0,
    ) -> None:
        """Have `on_job` of the plugin (default: the caller) called, durably; with a `key` only once.

        Jobs of one lane run one after the other; the default is a lane for each kind and key.  `delay` in seconds.
        """
        self._add(self.work, NewWork("job", plugin or self.collector, kind, payload, key, lane, delay))

    def command(
        self, kind: str, payload: Mapping[str, Any], *, plugin: str = "", key: str = "", lane: str = ""
    ) -> None:
        """Have `on_command` of the plugin (default: the caller) called, in the order of the lane (default: this)."""
        new = NewWork("command", plugin or self.collector, kind, payload, key, self._lane(lane), by=self.actor)
        self._add(self.work, new)

    def timer(
        self, kind: str, delay: float, *, payload: Mapping[str, Any] | None = None, key: str = "", lane: str = ""
    ) -> None:
        """Have `on_timer` of the calling plugin called in `delay` seconds, in this lane or another.

        A waiting timer of the same kind, key and lane is replaced.
        """
        self._add(self.work, NewWork("timer", self.collector, kind, payload or {}, key, self._lane(lane), delay))

    def cancel_timer(self, kind: str, *, key: str = "", lane: str = "") -> None:
        """Cancel a waiting timer of the calling plugin."""
        self._add(self.cancelled_timers, CancelTimer(self.collector, kind, self._lane(lane), key))

    def bind(self, client: str, *, conversation: str = "") -> None:
        """Give a conversation of a made-up id to one client alone; `client` is the digest of its key (`binding.CLIENT`).

        Where it is another's already nothing is stored: a turn is run again, an action raises `Conflict`.
        """
        self._add(self.bound, Bound(conversation or self.about, client))

    def event(self, kind: str, payload: Mapping[str, Any] | None = None, *, conversation: str = "") -> None:
        """Put a row into the event log, which observers get as a `Record`; `kind` begins with the plugin's name.

        Names and figures, nothing that was said: the log is kept longer than messages are.
        """
        if kind.partition(".")[0] != self.collector:
            raise ValueError(f"an event of plugin {self.collector!r} is called {self.collector}.…, not {kind!r}")
        self._add(self.noted, Noted(kind, conversation or self.about, payload or {}))

    def audit(self, what: str, subject: str = "", detail: Mapping[str, Any] | None = None) -> None:
        """Put a row into the audit log: who (the actor) did what to which subject."""
        self._add(self.audited, Audited(self.actor, what, subject, detail or {}))

    def publish(self, topic: str, kind: str, data: Mapping[str, Any]) -> None:
        """Publish a live event once all is stored."""
        self._add(self.shown, Shown(topic, kind, data))

    def _lane(self, lane: str) -> str:
        return lane or self.lane

    def _add(self, into: list[Any], item: Any) -> None:
        self.journal.add(self.collector, into, item)
