"""The faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TypeVar, cast

import attrs

from hookline.message import Reply, Segment

from .config import Config

T = TypeVar("T")


class Deliberate(Exception):
    """Raised on purpose."""


@attrs.define
class Faults:
    """Does what the config says, at the hook that it names."""

    config: Config
    done: int = 0

    async def at(self, hook: str, otherwise: T) -> T:
        """Fail if it is this hook's turn, else return `otherwise`."""
        if hook != self.config.hook or (self.config.times and self.done >= self.config.times):
            return otherwise
        self.done += 1
        if self.config.fault == "raise":
            raise Deliberate(f"{hook} fails on purpose")
        if self.config.fault == "hang":
            await asyncio.Event().wait()
        if self.config.fault == "block":
            time.sleep(0.6)
            return otherwise
        if self.config.fault == "stream":
            return cast("T", self._broken_stream())
        return cast("T", 42)

    async def _broken_stream(self) -> AsyncIterator[Segment | Reply]:
        yield Segment("This is the first half. ")
        raise Deliberate("the stream breaks on purpose")
