"""A circuit breaker: who fails again and again is left alone for a while, so that nobody waits for it in vain."""

from __future__ import annotations

from hookline.clock import Clock


class Breaker:
    """Closed: all may pass.  Open: nobody.  After `recovery` seconds one may try; its outcome decides."""

    def __init__(self, clock: Clock, failures: int, recovery: float) -> None:
        self._clock = clock
        self._limit = failures
        self._recovery = recovery
        self._failed = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def closed_in(self) -> float:
        """Seconds until somebody may try; 0 while it is closed."""
        return max(0.0, self._open_until - self._clock.now())

    def enter(self) -> bool:
        """Whether to go on; if so, `succeeded`, `failed` or `left` must follow."""
        if self.closed_in or self._trying:
            return False
        self._trying = self._failed >= self._limit
        return True

    def succeeded(self) -> None:
        """It answered: close."""
        self._failed = 0
        self._trying = False

    def failed(self, wait: float = 0.0) -> None:
        """It failed; `wait` is how many seconds it asked to be left alone."""
        self._failed += 1
        self._trying = False
        if self._failed >= self._limit:
            wait = max(wait, self._recovery)
        if wait:
            self._open_until = self._clock.now() + wait

    def left(self) -> None:
        """Whoever asked did not wait for the outcome: nothing was learned."""
        self._trying = False
