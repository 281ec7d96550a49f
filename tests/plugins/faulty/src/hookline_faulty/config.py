"""Where and how to fail."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen
class Config:
    """`hook` is where; `fault` is how: raise, hang past any limit, return a wrong type, block the loop, break a stream.

    `times`: how often before it behaves; 0: always.
    """

    hook: str = ""
    fault: Literal["raise", "hang", "wrong", "block", "stream"] = "raise"
    times: int = 0
