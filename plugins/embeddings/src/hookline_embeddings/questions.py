"""Questions of turns that wait at the same time, embedded together, and remembered."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from .embedder import Vectors

Embed = Callable[[Sequence[str]], Awaitable[Vectors]]

TOGETHER = 64  # questions in one run


class Questions:
    """The questions put to one embedder by one tenant.

    While a run is under way the next ones gather, and go together in the run after it.  The same question is
    embedded once, and up to `remember` vectors are kept, those unused for longest forgotten first.
    """

    def __init__(self, embed: Embed, remember: int, runs: int = 1) -> None:
        self._embed = embed
        self._remember = remember
        self._runs = runs
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Vectors]] = {}  # waiting or in a run
        self._waiting: list[str] = []
        self._maker = ""
        self._running: set[asyncio.Task[None]] = set()

    def made_by(self, ident: str) -> None:
        """Say what makes the vectors now; what something else made is forgotten."""
        if ident != self._maker:
            self._maker = ident
            self._known.clear()

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the questions, one row each; raises what the embedder raises."""
        return np.stack([row if isinstance(row, np.ndarray) else await asyncio.shield(row) for row in self._ask(texts)])

    def _ask(self, texts: Sequence[str]) -> list[Vectors | asyncio.Future[Vectors]]:
        rows: list[Vectors | asyncio.Future[Vectors]] = []
        for text in texts:
            known = self._known.get(text)
            if known is not None:
                self._known.move_to_end(text)
                rows.append(known)
                continue
            future = self._asked.get(text)
            if future is None:
                future = self._asked[text] = asyncio.get_running_loop().create_future()
                # Whoever asked may be cancelled; a failure that nobody awaits any more is no warning.
                future.add_done_callback(lambda f: f.cancelled() or f.exception())
                self._waiting.append(text)
            rows.append(future)
        if self._waiting and len(self._running) < self._runs:
            task = asyncio.get_running_loop().create_task(self._drain())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return rows

    async def _drain(self) -> None:
        while self._waiting:
            texts, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            maker = self._maker
            try:
                vectors = dict(zip(texts, await self._embed(texts), strict=True))
            except asyncio.CancelledError:
                for text in texts:
                    self._asked.pop(text).cancel()
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who asked
                for text in texts:
                    self._asked.pop(text).set_exception(error)
                continue
            for text, vector in vectors.items():
                found = vector.copy()  # else each would keep the whole run in memory
                if maker == self._maker:
                    self._known[text] = found
                self._asked.pop(text).set_result(found)
            while len(self._known) > self._remember:
                self._known.popitem(last=False)

    async def close(self) -> None:
        """End the runs; who still waits is cancelled."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for future in self._asked.values():
            future.cancel()
