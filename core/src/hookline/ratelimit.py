"""Token buckets: so many requests at once, refilled evenly."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable


class TokenBuckets:
    """A bucket for each key: `take` costs one token; `requests` fit in, and `seconds` refill it from empty.

    At most `capacity` keys are remembered; a forgotten one starts full again.
    """

    def __init__(self, capacity: int = 100_000, now: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._now = now
        # By key: when the bucket will be full again.  That one number is the whole state (GCRA).
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, key: Hashable, requests: int, seconds: float) -> float:
        """Take a token: 0.0 if there was one, else the seconds until there will be.  No limit if `requests` is 0."""
        if requests <= 0 or seconds <= 0:
            return 0.0
        now = self._now()
        each = seconds / requests
        full_at = max(self._full_at.pop(key, now), now)
        wait = full_at + each - now - seconds
        # A little slack, so that rounding does not refuse the last of a full bucket.
        self._full_at[key] = full_at + each if wait <= 1e-9 else full_at
        while len(self._full_at) > self._capacity:
            self._full_at.popitem(last=False)
        return wait if wait > 1e-9 else 0.0

    def put_back(self, key: Hashable, requests: int, seconds: float) -> None:
        """Put a token back that was taken for nothing."""
        if key in self._full_at and requests > 0:
            self._full_at[key] -= seconds / requests
