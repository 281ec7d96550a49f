"""Live events: what pages see as it happens.  Ephemeral; the truth is in the database, and clients refetch on a gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Protocol

import attrs


@attrs.frozen
class LiveEvent:
    """One event on a topic of a tenant.  `kind` "lost" says that some were missed, and that the subscriber must refetch."""

    tenant: str
    topic: str
    kind: str
    data: Mapping[str, Any] = attrs.Factory(dict)


class Subscription(Protocol):
    """`async with live.subscribe(...) as events: async for event in events`; whoever stops waiting may wait again."""

    async def __aenter__(self) -> AsyncIterator[LiveEvent]: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Live(Protocol):
    """The port: carries live events to this process's subscribers, and to other processes where there are some."""

    def publish(self, tenant: str, topic: str, kind: str, data: Mapping[str, Any]) -> None:
        """Send to all who are subscribed now; never blocks, never fails."""

    def subscribe(self, tenant: str, topic: str) -> Subscription:
        """Receive what is published on the topic from entering the context on."""

    def subscribers(self, tenant: str, topic: str) -> int:
        """How many subscribe to the topic in this process."""

    def heard(self, tenant: str, topic: str) -> bool:
        """Whether anybody may hear what is published on the topic; an event that takes time to make can ask first."""

    async def close(self) -> None:
        """Stop carrying."""


class LocalLive:
    """Live events within one process."""

    def __init__(self, backlog: int = 1000) -> None:
        self.backlog = backlog
        self._topics: dict[tuple[str, str], set[_Queue]] = {}

    def publish(self, tenant: str, topic: str, kind: str, data: Mapping[str, Any]) -> None:
        """Put it into the queue of each subscriber; one that has fallen behind is told so instead."""
        queues = self._topics.get((tenant, topic))
        if queues:
            event = LiveEvent(tenant, topic, kind, data)
            for queue in queues:
                queue.put(event)

    def subscribe(self, tenant: str, topic: str) -> Subscription:
        """Receive what is published on the topic from entering the context on."""
        return _Queue(self, (tenant, topic))

    def subscribers(self, tenant: str, topic: str) -> int:
        """How many subscribe to the topic."""
        return len(self._topics.get((tenant, topic), ()))

    def heard(self, tenant: str, topic: str) -> bool:
        """Whether anybody subscribes to the topic."""
        return (tenant, topic) in self._topics

    def missed(self) -> None:
        """Tell all who subscribe, to whatever topic, that events may have passed them by."""
        for (tenant, topic), queues in self._topics.items():
            for queue in queues:
                queue.put(LiveEvent(tenant, topic, "lost"))

    async def close(self) -> None:
        """Nothing to do."""

    def add(self, key: tuple[str, str], queue: _Queue) -> None:
        """Register a subscriber; called by the subscription itself."""
        self._topics.setdefault(key, set()).add(queue)

    def remove(self, key: tuple[str, str], queue: _Queue) -> None:
        """Forget a subscriber; called by the subscription itself."""
        queues = self._topics.get(key, set())
        queues.discard(queue)
        if not queues:
            self._topics.pop(key, None)


class _Queue:
    def __init__(self, live: LocalLive, key: tuple[str, str]) -> None:
        self._live = live
        self._key = key
        self._events: asyncio.Queue[LiveEvent] = asyncio.Queue()

    def put(self, event: LiveEvent) -> None:
        if self._events.qsize() >= self._live.backlog:
            while not self._events.empty():
                self._events.get_nowait()
            event = LiveEvent(event.tenant, event.topic, "lost")
        self._events.put_nowait(event)

    async def __aenter__(self) -> AsyncIterator[LiveEvent]:
        self._live.add(self._key, self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.remove(self._key, self)

    # No generator: that would be at its end when somebody stops waiting for the next event.

    def __aiter__(self) -> AsyncIterator[LiveEvent]:
        return self

    async def __anext__(self) -> LiveEvent:
        return await self._events.get()
