"""What the loopback servers of model providers have in common: a port of their own, and faults to order."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeAlias

import attrs
from aiohttp import web


@attrs.frozen
class Status:
    """Refuse the request with this status; `retry_after` is sent as it stands in the header of that name."""

    status: int = 503
    retry_after: str = ""


@attrs.frozen
class Silence:
    """Say nothing more after so many pieces of the answer, until `release` or the client hangs up."""

    after: int = 0


@attrs.frozen
class Cut:
    """Break the connection off after so many pieces, as a server that is killed does."""

    after: int = 1


@attrs.frozen
class EndEarly:
    """End the response properly after so many pieces, without the word that the answer is complete."""

    after: int = 1


@attrs.frozen
class Garbage:
    """Send a line that is no JSON after so many pieces."""

    after: int = 1


@attrs.frozen
class ErrorLine:
    """Send an error in mid-stream, in the provider's shape, after so many pieces."""

    after: int = 1
    text: str = "an error was encountered while running the model"


@attrs.frozen
class WrongType:
    """Answer with this content type and text in place of an answer, as a proxy's error page does, with status 200."""

    content_type: str = "text/html"
    text: str = "<html><body>Sign in to continue</body></html>"


@attrs.frozen
class Endless:
    """Say the answer over and over and never end, whatever limit was asked for, until the client hangs up."""


Fault: TypeAlias = Status | Silence | Cut | EndEarly | Garbage | ErrorLine | WrongType | Endless


class Loopback(ABC):
    """A server on 127.0.0.1 and a free port, as `async with`; what it is asked is kept in `requests`.

    `requests` holds (path, decoded JSON body) of each request that reached it, also of refused ones.  Faults are
    met one each by the next requests for an answer; then all is well again.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.port = 0
        self._faults: deque[Fault] = deque()
        self._always: Fault | None = None
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._answering = 0

    @abstractmethod
    def add_routes(self, app: web.Application) -> None:
        """Register the provider's routes."""

    @property
    def host(self) -> str:
        """The server's address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def fail(self, *faults: Fault) -> None:
        """Meet the next requests for an answer with these faults, one each."""
        self._faults.extend(faults)

    def always(self, fault: Fault | None) -> None:
        """Meet every request for an answer with this fault, until told otherwise (None)."""
        self._always = fault

    def release(self) -> None:
        """Let requests that a `Silence` holds go on."""
        self._released.set()

    async def refuse_connections(self) -> None:
        """Stop listening and hang up on everybody; the port stays this server's, for `accept_connections`."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def accept_connections(self) -> None:
        """Listen, on the same port as before."""
        if self._runner is not None:
            return
        self._released.clear()
        app = web.Application()
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def __aenter__(self) -> Self:
        await self.accept_connections()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.refuse_connections()

    # -- for the providers' handlers -------------------------------------------------------------------------------

    @property
    def open_answers(self) -> int:
        """How many answers are being sent now: a client that has hung up is not counted."""
        return self._answering

    def next_fault(self) -> Fault | None:
        """The fault for the request at hand, taken from the list."""
        return self._faults.popleft() if self._faults else self._always

    async def pieces(self, request: web.Request, pieces: Sequence[str], fault: Fault | None) -> AsyncIterator[str]:
        """The pieces of the answer up to where a `Silence` or `Cut` strikes, or one of the other faults is due."""
        self._answering += 1
        try:
            after = getattr(fault, "after", None)
            for number, piece in enumerate(pieces):
                if number == after:
                    break
                yield piece
            if isinstance(fault, Silence):
                await self._hold(request)
                for piece in pieces[fault.after :]:
                    yield piece
            elif isinstance(fault, Endless):
                while request.transport is not None and not request.transport.is_closing():
                    for piece in pieces:
                        yield piece
                        await asyncio.sleep(0)
                raise ConnectionResetError("the client hung up")
            elif isinstance(fault, Cut) and request.transport is not None:
                request.transport.abort()
                raise ConnectionResetError("the connection was cut, as ordered")
        finally:
            self._answering -= 1

    async def _hold(self, request: web.Request) -> None:
        """Wait for `release`, or until the client hangs up."""
        while not self._released.is_set():
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError("the client hung up")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await self._released.wait()


def in_pieces(text: str) -> list[str]:
    """A text in pieces as a model sends it: words with the space before them."""
    pieces: list[str] = []
    for word in text.split(" "):
        pieces.append(word if not pieces else f" {word}")
    return [piece for piece in pieces if piece]
