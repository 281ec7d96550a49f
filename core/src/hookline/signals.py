"""Signals: "lane X has work", to the other processes; the truth is in the database, and a sweep heals a lost one.

In one process nothing is needed.  On PostgreSQL the signal commits with the inbox row (NOTIFY in its transaction).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
import structlog

from .live import Live, LocalLive, Subscription

log = structlog.get_logger("hookline.signals")

LANE = "hookline_lane"
LIVE = "hookline_live"
_LIVE_BYTES = 7500  # PostgreSQL refuses a payload of 8000
_AT_ONCE = 100  # live events that wait go out together


class Signals(Protocol):
    """The port: hears which lanes have work."""

    async def start(self, wake: Callable[[str, str], None], live: Live) -> None:
        """Call `wake(tenant, lane)` for each signal from now on."""

    async def close(self) -> None:
        """Stop hearing."""


class LocalSignals:
    """One process: whoever adds work pushes it to the lanes itself."""

    async def start(self, wake: Callable[[str, str], None], live: Live) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""


class PostgresSignals:
    """Hears NOTIFY on a connection of its own, which is opened again when it breaks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._task: asyncio.Task[None] | None = None

    async def start(self, wake: Callable[[str, str], None], live: Live) -> None:
        """Listen; returns when the first connection hears."""
        hearing = asyncio.Event()
        self._task = asyncio.create_task(self._listen(wake, live, hearing), name="signals")
        await hearing.wait()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self, wake: Callable[[str, str], None], live: Live, hearing: asyncio.Event) -> None:
        import asyncpg

        def on_lane(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
            tenant, _, lane = str(payload).partition(" ")
            wake(tenant, lane)

        def on_live(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
            if isinstance(live, PostgresLive):
                live.hear(str(payload))

        pause = 0.1
        while True:
            lost = asyncio.Event()
            connection = None
            try:
                connection = await asyncpg.connect(self.url)
                connection.add_termination_listener(lambda _c, lost=lost: lost.set())
                await connection.add_listener(LANE, on_lane)
                await connection.add_listener(LIVE, on_live)
                hearing.set()
                pause = 0.1
                await lost.wait()
                log.warning("signals lost; connecting again")
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("signals not heard; the sweep goes on", reason=str(error))
                hearing.set()
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)
            finally:
                if connection is not None and not connection.is_closed():
                    await connection.close()


class PostgresLive:
    """Live events of several processes: published here at once, to the others by NOTIFY, outside hot transactions."""

    def __init__(self, local: LocalLive, url: str, owner: str) -> None:
        self.local = local
        self.url = url
        self.owner = owner
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(10_000)
        self._task: asyncio.Task[None] | None = None

    def publish(self, tenant: str, topic: str, kind: str, data: Mapping[str, Any]) -> None:
        """To this process's subscribers at once, to others' soon; what is too long arrives there as "lost"."""
        self.local.publish(tenant, topic, kind, data)
        encoded = msgspec.json.encode([self.owner, tenant, topic, kind, data]).decode()
        if len(encoded.encode()) > _LIVE_BYTES:
            encoded = msgspec.json.encode([self.owner, tenant, topic, "lost", {}]).decode()
        with contextlib.suppress(asyncio.QueueFull):
            self._outgoing.put_nowait(encoded)
        if self._task is None:
            self._task = asyncio.create_task(self._send(), name="live")

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
                payloads = [await self._outgoing.get()]
                while len(payloads) < _AT_ONCE and not self._outgoing.empty():
                    payloads.append(self._outgoing.get_nowait())
                try:
                    if connection is None or connection.is_closed():
                        connection = await asyncpg.connect(self.url)
                    await connection.execute("SELECT pg_notify($1, each) FROM unnest($2::text[]) each", LIVE, payloads)
                except (OSError, asyncpg.PostgresError) as error:
                    log.warning("live events not sent to other processes", reason=str(error))
                    await asyncio.sleep(0.5)
        finally:
            if connection is not None and not connection.is_closed():
                await connection.close()


def make_signals(url: str, *, shared: bool) -> Signals:
    """The signals that fit the database."""
    return PostgresSignals(url) if shared else LocalSignals()
