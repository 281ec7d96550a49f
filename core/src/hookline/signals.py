"""Signals: "lane X has work", to the other processes; the truth is in the database, and a sweep heals a lost one.  And "end the turn
of lane X": a customer has broken in on a reply that may be streamed elsewhere, or an agent has taken the conversation; where that is
lost, the reply ends by itself, and an agent's conversation takes no commit of the bot's.

In one process nothing is needed.  On PostgreSQL a process tells the others by NOTIFY once the work is committed: on a
connection of its own, as a transaction that notifies holds a lock of the whole server until it is on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import structlog

from .live import Live, LocalLive, Subscription

if TYPE_CHECKING:
    import asyncpg

log = structlog.get_logger("hookline.signals")

LANE = "hookline_lane"
LIVE = "hookline_live"
END = "hookline_end"
_MOST_BYTES = 7500  # PostgreSQL refuses a payload of 8000
_AT_ONCE = 100  # what waits goes out together
_BACKLOG = 10_000
_PATIENCE = 10.0  # seconds after which a server that says nothing is taken for one that is gone
Wake = Callable[[str, str], None]
End = Callable[[str, str, int], None]
_NOTIFY = "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS each(channel, payload)"


class Signals(Protocol):
    """The port: tells and hears which lanes have work, and in which of them a turn is to end."""

    async def start(self, wake: Wake, end: End, live: Live) -> None:
        """Call `wake(tenant, lane)` or `end(tenant, lane, inbox_id)` for each signal of another process from now on."""

    def tell(self, tenant: str, lane: str) -> None:
        """Tell the other processes, soon, that the lane has work, which is committed; never blocks, never fails."""

    def end(self, tenant: str, lane: str, inbox_id: int) -> None:
        """Tell them, soon, that the reply to that message is to end, or with 0 whatever runs; never blocks, never fails."""

    async def close(self) -> None:
        """Stop telling and hearing."""


class LocalSignals:
    """One process: whoever adds work pushes it to the lanes itself."""

    async def start(self, wake: Wake, end: End, live: Live) -> None:
        """Nothing to do."""

    def tell(self, tenant: str, lane: str) -> None:
        """Nothing to do."""

    def end(self, tenant: str, lane: str, inbox_id: int) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""


class Notifier:
    """Sends NOTIFYs, many in one transaction; what can't be sent is dropped, as nothing depends on it."""

    def __init__(self, url: str, *, patience: float = _PATIENCE) -> None:
        self.url = url
        self.patience = patience
        self._outgoing: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_BACKLOG)
        self._task: asyncio.Task[None] | None = None

    def send(self, channel: str, payload: str) -> None:
        """Send soon."""
        with contextlib.suppress(asyncio.QueueFull):
            self._outgoing.put_nowait((channel, payload))
        if self._task is None:
            self._task = asyncio.create_task(self._send(), name="notify")

    async def close(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _send(self) -> None:
        import asyncpg

        connection = None
        try:
            while True:
                each = [await self._outgoing.get()]
                while len(each) < _AT_ONCE and not self._outgoing.empty():
                    each.append(self._outgoing.get_nowait())
                try:
                    if connection is None or connection.is_closed():
                        # what is told is in the database already, or worth nothing after a crash: no need to wait
                        connection = await asyncpg.connect(self.url, server_settings={"synchronous_commit": "off"})
                    channels, texts = [channel for channel, _ in each], [text for _, text in each]
                    await connection.execute(_NOTIFY, channels, texts, timeout=self.patience)
                except Exception as error:  # noqa: BLE001  whatever it is, the next has to be sent
                    log.warning(
                        "other processes not told; their sweeps go on", reason=str(error) or type(error).__name__
                    )
                    await _hang_up(connection)
                    await asyncio.sleep(0.5)
        finally:
            await _hang_up(connection)


async def _hang_up(connection: asyncpg.Connection[asyncpg.Record] | None) -> None:
    """Close a connection that may be of no use any more; raises nothing, and waits for a second at most."""
    if connection is not None and not connection.is_closed():
        with contextlib.suppress(Exception):
            await connection.close(timeout=1.0)


class PostgresSignals:
    """Hears NOTIFY on a connection of its own, which is opened again when it breaks; `owner` is this process."""

    def __init__(
        self, url: str, notifier: Notifier, owner: str, *, beat: float = 15.0, patience: float = _PATIENCE
    ) -> None:
        self.url = url
        self.notifier = notifier
        self.owner = owner
        self.beat = beat  # seconds after which a silent connection is asked whether it is still there
        self.patience = patience
        self._task: asyncio.Task[None] | None = None

    async def start(self, wake: Wake, end: End, live: Live) -> None:
        """Listen; returns when the first connection hears."""
        hearing = asyncio.Event()
        self._task = asyncio.create_task(self._listen(wake, end, live, hearing), name="signals")
        await hearing.wait()

    def tell(self, tenant: str, lane: str) -> None:
        """By NOTIFY, outside the transaction that stored the work."""
        self._send(LANE, f"{self.owner} {tenant} {lane}")

    def end(self, tenant: str, lane: str, inbox_id: int) -> None:
        """By NOTIFY."""
        self._send(END, f"{self.owner} {tenant} {inbox_id} {lane}")

    def _send(self, channel: str, payload: str) -> None:
        if len(payload.encode()) <= _MOST_BYTES:
            self.notifier.send(channel, payload)

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self, wake: Wake, end: End, live: Live, hearing: asyncio.Event) -> None:
        def on_lane(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
            owner, tenant, lane = str(payload).split(" ", 2)
            if owner != self.owner:
                wake(tenant, lane)

        def on_end(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
            owner, tenant, inbox_id, lane = str(payload).split(" ", 3)
            if owner != self.owner:
                end(tenant, lane, int(inbox_id))

        def on_live(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
            if isinstance(live, PostgresLive):
                live.hear(str(payload))

        pause = 0.1

        def heard() -> None:
            nonlocal pause
            pause = 0.1
            if hearing.is_set() and isinstance(live, PostgresLive):
                live.missed()  # this is not the first connection
            hearing.set()

        while True:
            try:
                await self._hear({LANE: on_lane, END: on_end, LIVE: on_live}, heard)
                log.warning("signals lost; connecting again")
            except Exception as error:  # noqa: BLE001  whatever it is, this process has to hear again
                log.warning("signals not heard; the sweep goes on", reason=str(error) or type(error).__name__)
                hearing.set()
            await asyncio.sleep(pause)
            pause = min(5.0, pause * 2)

    async def _hear(
        self, listeners: Mapping[str, Callable[[Any, int, str, Any], None]], heard: Callable[[], None]
    ) -> None:
        """Connect and listen, until the connection is lost; `heard` is called when it hears."""
        import asyncpg

        lost = asyncio.Event()
        connection = await asyncpg.connect(self.url)
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            for channel, listener in listeners.items():
                await connection.add_listener(channel, listener)
            heard()
            while not lost.is_set():
                try:
                    async with asyncio.timeout(self.beat):
                        await lost.wait()
                except TimeoutError:  # a router that forgets a silent connection tells nobody
                    await connection.execute("SELECT 1", timeout=self.patience)
        finally:
            await _hang_up(connection)


class PostgresLive:
    """Live events of several processes: published here at once, to the others by NOTIFY, outside hot transactions."""

    def __init__(self, local: LocalLive, notifier: Notifier, owner: str) -> None:
        self.local = local
        self.notifier = notifier
        self.owner = owner

    def publish(self, tenant: str, topic: str, kind: str, data: Mapping[str, Any]) -> None:
        """To this process's subscribers at once, to others' soon; what is too long arrives there as "lost"."""
        self.local.publish(tenant, topic, kind, data)
        encoded = msgspec.json.encode([self.owner, tenant, topic, kind, data]).decode()
        if len(encoded.encode()) > _MOST_BYTES:
            encoded = msgspec.json.encode([self.owner, tenant, topic, "lost", {}]).decode()
        self.notifier.send(LIVE, encoded)

    def subscribe(self, tenant: str, topic: str) -> Subscription:
        """As `LocalLive.subscribe`."""
        return self.local.subscribe(tenant, topic)

    def subscribers(self, tenant: str, topic: str) -> int:
        """Of this process."""
        return self.local.subscribers(tenant, topic)

    def heard(self, tenant: str, topic: str) -> bool:
        """Other processes may have subscribers, so yes."""
        return True

    def hear(self, payload: str) -> None:
        """What another process published."""
        owner, tenant, topic, kind, data = msgspec.json.decode(payload)
        if owner != self.owner:
            self.local.publish(tenant, topic, kind, data)

    def missed(self) -> None:
        """Others were not heard for a while: every subscriber of this process is told to fetch anew."""
        self.local.missed()

    async def close(self) -> None:
        """Stop sending."""
        await self.notifier.close()
