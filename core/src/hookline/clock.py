"""The time, as everything in the core asks for it, so that a test can hold it still and move it on."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """The machine's clock: seconds since the epoch (UTC)."""

    def now(self) -> float:
        """The time now."""
        return time.time()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when the event is set or the seconds are over, whichever is first."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


def backoff(first: float, tries: int, most: float) -> float:
    """The seconds to wait after so many failed tries: `first` after the first, then twice as long each time, up to `most`."""
    return float(min(most, first * 2 ** min(max(0, tries - 1), 60)))  # a number of any size is no float
