"""A limit of requests a minute: no more than so many in any sixty seconds, whichever way they fall."""

from __future__ import annotations

from collections import deque

from hookline.clock import Clock

WINDOW = 60.0


class Rate:
    """Remembers the last minute's requests; one for each provider of a tenant, kept over reloads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: deque[float] = deque()

    def wait(self, limit: int) -> float:
        """Seconds until a request may be made; 0 if one may be made now.  `limit` 0 is none."""
        now = self._clock.now()
        while self._taken and self._taken[0] <= now - WINDOW:
            self._taken.popleft()
        if not limit or len(self._taken) < limit:
            return 0.0
        return max(0.001, self._taken[len(self._taken) - limit] + WINDOW - now)

    def take(self) -> None:
        """Note a request."""
        self._taken.append(self._clock.now())
