"""Named places on the way of a message where a crash test kills the process.

`HOOKLINE_FAILPOINT=turn.committed:3` kills it, as `kill -9` does, when that place is reached for the third time.
Without the variable each place costs one comparison.
"""

from __future__ import annotations

import os
import signal

PLACES = (
    "accept.begun",
    "accept.durable",
    "turn.begun",
    "turn.decided",
    "turn.durable",
    "deliver.begun",
    "deliver.claimed",
    "deliver.done",
    "deliver.durable",
    "timer.fired",
)

_name, _, _count = os.environ.get("HOOKLINE_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def reach(place: str) -> None:
    """The process has come to this place."""
    if place == _name:
        _die()


def _die() -> None:
    global _left  # noqa: PLW0603  a process dies once
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
