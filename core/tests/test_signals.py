"""Signals between processes: a process that was deaf for a moment, or is without knowing it, hears again."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Self

import asyncpg
import pytest
import sqlalchemy as sa

from hookline.live import LocalLive
from hookline.signals import LANE, Notifier, PostgresLive, PostgresSignals

pytestmark = pytest.mark.service("postgresql")

CLOSE = "close"
SILENCE = "silence"


class Wire:
    """Carries bytes between a client and the server; `cut` looks at what the server says and may end or hush a connection."""

    def __init__(self, url: str) -> None:
        self.to = sa.make_url(url)
        self.connections = 0
        self.cut: Callable[[int, bytes], str] = lambda _connection, _said: ""
        self._server: asyncio.Server
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        found = self.to.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
        return found.render_as_string(hide_password=False)

    async def _carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.connections += 1
        reader, writer = await asyncio.open_connection(self.to.host or "127.0.0.1", self.to.port or 5432)
        tasks = [
            asyncio.create_task(self._onwards(client, writer)),
            asyncio.create_task(self._backwards(self.connections, reader, back)),
        ]
        self._tasks.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, back):
            end.close()

    async def _onwards(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while said := await reader.read(65536):
                writer.write(said)
                await writer.drain()

    async def _backwards(self, connection: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while said := await reader.read(65536):
                what = self.cut(connection, said)
                if what != SILENCE:
                    writer.write(said)
                    await writer.drain()
                if what == CLOSE:
                    return


@pytest.fixture
async def wire(postgres_url: str) -> AsyncIterator[Wire]:
    async with Wire(postgres_url) as wire:
        yield wire


class Process:
    """One that hears by the wire; what it heard is in `woken`."""

    def __init__(self, url: str, beat: float = 15.0, patience: float = 10.0) -> None:
        self.notifier = Notifier(url)
        self.live = PostgresLive(LocalLive(), self.notifier, "here")
        self.signals = PostgresSignals(url, self.notifier, "here", beat=beat, patience=patience)
        self.woken: list[str] = []
        self.news = asyncio.Event()

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(20):
            await self.signals.start(self._wake, lambda _tenant, _lane, _inbox_id: None, self.live)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.signals.close()
        await self.notifier.close()

    def _wake(self, _tenant: str, lane: str) -> None:
        self.woken.append(lane)
        self.news.set()

    async def hears(self, url: str) -> None:
        """Return once it hears what another process says, which says it again and again."""
        other = await asyncpg.connect(url)
        try:
            async with asyncio.timeout(20):
                while not self.woken:
                    await other.execute("SELECT pg_notify($1, $2)", LANE, f"there acme {uuid.uuid4().hex}")
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await self.news.wait()
        finally:
            await other.close()


@pytest.mark.parametrize("listens", [1, 2, 3])
async def test_a_connection_lost_while_it_begins_to_listen_is_made_anew(
    wire: Wire, postgres_url: str, listens: int
) -> None:
    said: dict[int, int] = {}

    def cut(connection: int, text: bytes) -> str:
        said[connection] = said.get(connection, 0) + text.count(b"LISTEN\x00")
        return CLOSE if connection <= 3 and said[connection] == listens else ""

    wire.cut = cut
    async with Process(wire.url) as process:
        async with asyncio.timeout(20):
            while wire.connections < 4:  # one that is cut later may have heard something before
                await asyncio.sleep(0.01)
        process.woken.clear()
        await process.hears(postgres_url)


async def test_a_connection_that_has_gone_silent_is_noticed(wire: Wire, postgres_url: str) -> None:
    silent: set[int] = set()
    wire.cut = lambda connection, _said: SILENCE if connection in silent else ""
    async with Process(wire.url, beat=0.05, patience=0.2) as process:
        silent.add(1)
        await process.hears(postgres_url)
    assert wire.connections >= 2


async def test_who_subscribes_is_told_that_live_events_of_others_may_have_passed_by(
    wire: Wire, postgres_url: str
) -> None:
    async with Process(wire.url) as process, process.live.subscribe("acme", "documents") as events:
        server = await asyncpg.connect(postgres_url)
        try:
            name = sa.make_url(postgres_url).database
            ended = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
            )
            assert await server.fetch(ended, name)
        finally:
            await server.close()
        async with asyncio.timeout(20):
            told = await anext(events)
        assert (told.tenant, told.topic, told.kind) == ("acme", "documents", "lost")


async def test_a_notice_that_can_not_be_sent_does_not_hold_up_the_next(wire: Wire, postgres_url: str) -> None:
    async with Process(postgres_url) as process:
        notifier = Notifier(wire.url, patience=0.2)
        try:
            notifier.send(LANE, "there acme first")
            async with asyncio.timeout(20):
                await process.news.wait()
            wire.cut = lambda connection, _said: SILENCE if connection == 1 else ""
            notifier.send(LANE, "there acme second")
            async with asyncio.timeout(20):
                while wire.connections < 2:
                    notifier.send(LANE, "there acme third")
                    await asyncio.sleep(0.05)
                while "third" not in process.woken:
                    process.news.clear()
                    await process.news.wait()
        finally:
            await notifier.close()
