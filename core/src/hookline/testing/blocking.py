"""Finds hooks that block the event loop, and names them."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Self

from hookline.watchdog import Watchdog


class BlockingWatch:
    """A thread that looks whether the event loop still turns; `found` has one text for each time it did not.

    Only blocks during a hook count: a slow machine or a garbage collection between hooks is nobody's fault.
    """

    def __init__(self, watchdog: Watchdog, limit: float = 0.2) -> None:
        self.watchdog = watchdog
        self.limit = limit
        self.found: list[str] = []
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._beat = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="hookline-blocking", daemon=True)

    def start(self) -> Self:
        """Begin to look."""
        self._tick()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()

    def _tick(self) -> None:
        self._beat = time.monotonic()
        if not self._stopped.is_set():
            self._loop.call_later(self.limit / 10, self._tick)

    def _look(self) -> None:
        reported = suspected = ("", 0, 0.0)
        while not self._stopped.wait(self.limit / 4):
            beat = self._beat
            place = self._place() if time.monotonic() - beat >= self.limit else None
            if place is None:
                continue
            seen = (place.filename, place.lineno or 0, beat)
            if seen == suspected != reported:  # still there at the second look: no mere pause of a busy machine
                reported = seen
                call = self.watchdog.calls[-1] if self.watchdog.calls else None
                hook = f"plugin {call.plugin!r}, hook {call.hook!r}: " if call else ""
                self.found.append(f"{hook}{place.filename}:{place.lineno} in {place.name} ({place.line})")
            suspected = seen

    def _place(self) -> traceback.FrameSummary | None:
        """Where the loop's thread is, as the hook's own line; None outside hooks."""
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001  the only way to see another thread
        stack = traceback.extract_stack(frame) if frame else []
        for outer, inner in itertools.pairwise(stack):
            if Path(outer.filename).match("hookline/dispatch.py") and not Path(inner.filename).match(
                "hookline/dispatch.py"
            ):
                return inner
        return None
