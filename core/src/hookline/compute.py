"""Where CPU work runs: never on the event loop.

Two lanes of threads, for libraries that release the GIL (onnxruntime, FAISS, tantivy): the interactive one for what
a customer waits for, the batch one for what can wait.  Processes for parsing and training, which hold the GIL.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import multiprocessing
import os
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Compute:
    """The process's worker threads and processes; made once, closed once."""

    def __init__(self, threads: int = 0, processes: int = 0) -> None:
        cores = os.cpu_count() or 1
        self._interactive = concurrent.futures.ThreadPoolExecutor(threads or max(2, cores), "hookline-interactive")
        self._batch = concurrent.futures.ThreadPoolExecutor(max(1, cores // 2), "hookline-batch")
        self._processes: concurrent.futures.ProcessPoolExecutor | None = None
        self._process_count = processes or max(1, cores // 2)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in a thread of the interactive lane: a customer is waiting."""
        return await self._in(self._interactive, function, *args, **kwargs)

    async def batch(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in a thread of the batch lane."""
        return await self._in(self._batch, function, *args, **kwargs)

    async def process(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in another process; function, arguments and result are pickled.

        A worker that dies (out of memory, a crash in a parser) raises `BrokenProcessPool` here and is replaced; so does it
        to all that the workers had to do just then.
        """
        call = functools.partial(function, *args, **kwargs)
        # In a thread: handing work over may start a process, which takes its time.
        pool = self._pool()
        try:
            submitted = await self._in(self._interactive, pool.submit, call)
        except concurrent.futures.BrokenExecutor:  # before this call, which nobody may have waited to hear
            pool = self._pool(instead_of=pool)
            submitted = await self._in(self._interactive, pool.submit, call)
        try:
            return await asyncio.wrap_future(submitted)
        except concurrent.futures.BrokenExecutor:
            if self._processes is pool:  # else another that it broke for has replaced it
                self._processes = None
            raise

    def _pool(
        self, instead_of: concurrent.futures.ProcessPoolExecutor | None = None
    ) -> concurrent.futures.ProcessPoolExecutor:
        if self._processes is instead_of or self._processes is None:
            context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
            self._processes = concurrent.futures.ProcessPoolExecutor(
                self._process_count, mp_context=context, initializer=_begin
            )
        return self._processes

    async def _in(
        self, pool: concurrent.futures.Executor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        call = functools.partial(function, *args, **kwargs) if kwargs else functools.partial(function, *args)
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    def close(self) -> None:
        """Wait for what runs, drop what waits."""
        self._interactive.shutdown(cancel_futures=True)
        self._batch.shutdown(cancel_futures=True)
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)


def _begin() -> None:
    """What a worker process does first.

    Ctrl-C reaches the whole group of processes; only the server itself shall act on it.  A server that was killed
    can't end its workers, and they would wait for ever: so each looks out for it.
    """
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="hookline-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
