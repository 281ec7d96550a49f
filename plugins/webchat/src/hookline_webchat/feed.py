"""What the pages of a conversation see: what was missed, then what happens, with no gap and nothing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self

from hookline.live import LiveEvent, Subscription
from hookline.message import Message
from hookline.tenant import Tenant

from .service import history, view

Frame = dict[str, Any]
_PAGE = 200
_REMEMBERED = 1000


class Feed:
    """The frames of a conversation: `async with Feed(...) as feed`, `feed.missed(after)`, then `async for` over it.

    It subscribes before it reads the history, and knows each message by its `seq`.  A `seq` that is skipped is looked
    up, so that messages come in order also where their events did not, and where events were lost.
    """

    def __init__(self, tenant: Tenant, conversation: str) -> None:
        self.tenant = tenant
        self.conversation = conversation
        self._subscription: Subscription = tenant.live.subscribe(tenant.name, f"conversation:{conversation}")
        self._events: AsyncIterator[LiveEvent]
        self._floor = 0
        self._last: int | None = None
        self._sent: set[int] = set()

    @property
    def last(self) -> int | None:
        """The highest `seq` so far; None as long as there was none."""
        return self._last

    async def __aenter__(self) -> Self:
        self._events = await self._subscription.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._subscription.__aexit__(kind, error, traceback)

    async def missed(self, after: int) -> AsyncIterator[Frame]:
        """The messages after `after`, which the page has."""
        self._floor = self._last = after
        async for frame in self._read():
            yield frame

    async def __aiter__(self) -> AsyncIterator[Frame]:
        """What happens from now on; without `missed` before it, only what happens after entering."""
        async for event in self._events:
            match event.kind:
                case "message":
                    async for frame in self._message(event.data["message"]):
                        yield frame
                case "segment" | "turn":
                    yield {"type": event.kind, **event.data}
                case "typing" if _for_customer(event):
                    yield {
                        "type": "typing",
                        "author": event.data.get("author", ""),
                        "name": event.data.get("agent_name", ""),
                        "on": event.data.get("on", True),
                    }
                case "read" if _for_customer(event):
                    yield {"type": "read", "author": event.data.get("author", ""), "seq": event.data.get("seq", 0)}
                case "lost" if self._last is not None:
                    async for frame in self._read():
                        yield frame

    async def _message(self, told: Mapping[str, Any]) -> AsyncIterator[Frame]:
        seq = told["seq"]
        if self._last is not None and seq > self._last + 1:
            async for frame in self._read():
                yield frame
        if self._is_new(seq):
            yield self._frame(told)

    async def _read(self) -> AsyncIterator[Frame]:
        """Everything stored after the last one."""
        while True:
            page = await history(self.tenant, self.conversation, after=self._last or 0, limit=_PAGE)
            for told in page:
                if self._is_new(told.seq):
                    yield self._frame(told)
                self._last = max(self._last or 0, told.seq)
            if len(page) < _PAGE:
                return

    def _is_new(self, seq: int) -> bool:
        if seq <= self._floor or seq in self._sent:
            return False
        self._sent.add(seq)
        self._last = max(self._last or 0, seq)
        if len(self._sent) > _REMEMBERED:
            self._floor = max(self._floor, self._last - _REMEMBERED // 2)
            self._sent = {one for one in self._sent if one > self._floor}
        return True

    def _frame(self, told: Message | Mapping[str, Any]) -> Frame:
        message = view(told)
        frame: Frame = {"type": "message", "message": message}
        if "client_id" in message["data"]:
            frame["client_id"] = message["data"]["client_id"]
        return frame


def _for_customer(event: LiveEvent) -> bool:
    """Whether a sign comes from whoever talks to the customer; `aside` are those of colleagues who look on."""
    return event.data.get("author") != "contact" and not event.data.get("aside")
