"""How fast a number may send: each has its own pace, and stops for a while when the provider says so.

The pace is kept by each server process for itself: where several send from one number, each gets its share by `per_second`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hookline.ratelimit import TokenBuckets
from hookline.tenant import ResourceKey

if TYPE_CHECKING:
    from hookline.clock import Clock
    from hookline.tenant import Tenant

_PATIENCE = 10.0
"""Seconds that a message waits for its turn in memory; with more before it, it is parked."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0


class Pacer:
    """The pace of the tenant's numbers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets = TokenBuckets(now=clock.now)
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._pauses: dict[str, int] = {}

    def wait_for(self, number: str, per_second: float) -> float:
        """Seconds until a message that comes now is better tried again; 0.0: it may queue up."""
        pause = self._until.get(number, 0.0) - self._clock.now()
        queued = self._waiting.get(number, 0) / per_second
        return max(pause, queued if queued > _PATIENCE else 0.0, 0.0)

    async def slot(self, number: str, per_second: float) -> None:
        """Return when it is one's turn to send, in the order of the calls."""
        self._waiting[number] = self._waiting.get(number, 0) + 1
        try:
            async with self._turns.setdefault(number, asyncio.Lock()):
                burst = max(1, round(per_second))
                while wait := self._buckets.take(number, burst, burst / per_second):
                    await self._clock.wait(asyncio.Event(), wait)
        finally:
            self._waiting[number] -= 1

    def stop(self, number: str, retry_after: float = 0.0) -> None:
        """The provider says that it is too much: send nothing for as long as it says, else longer each time."""
        now = self._clock.now()
        if self._until.get(number, 0.0) > now and not retry_after:
            return  # said of what was on its way already
        tries = self._pauses[number] = self._pauses.get(number, 0) + 1
        pause = retry_after or _FIRST_PAUSE * 2.0 ** min(tries - 1, 10)
        self._until[number] = max(self._until.get(number, 0.0), now + min(pause, _LONGEST_PAUSE))

    def went(self, number: str) -> None:
        """The provider has taken one: the next pause is a short one again."""
        self._pauses.pop(number, None)


async def pacer_of(tenant: Tenant) -> Pacer:
    """The pacer, which outlives reloads."""

    async def make() -> Pacer:
        return Pacer(tenant.clock)

    return await tenant.keep(ResourceKey[Pacer]("pacer"), make)
