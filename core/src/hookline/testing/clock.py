"""A clock that stands still until it is told to move."""

from __future__ import annotations

import asyncio

from hookline.clock import Clock


class FrozenClock(Clock):
    """The time is what it was last set to; starts in October 2025."""

    def __init__(self, now: float = 1_760_000_000.0) -> None:
        self._now = now
        self._moved = asyncio.Event()

    def now(self) -> float:
        """The time it was last set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on, and wake all who wait for it."""
        self._now += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when the event is set, or the clock was moved past the seconds."""
        until = self._now + seconds
        while self._now < until and not event.is_set():
            waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._moved.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
