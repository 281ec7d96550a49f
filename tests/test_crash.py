"""Kills a real server with -9 at each named place of the way of a message, and at random times.

What must hold afterwards, on SQLite with one process and on PostgreSQL with two: each inbound id has exactly one
committed turn, the provider saw every reply, repeats carry the same key, and no conversation was out of order.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web

from hookline.failpoints import PLACES

RANDOM_KILLS = int(os.environ.get("HOOKLINE_CRASHES", "4"))
CONVERSATIONS = 6


@attrs.define
class Provider:
    """The provider of the channel `postman`: keeps what it saw, and now and then answers late."""

    seen: list[dict[str, Any]] = attrs.Factory(list)
    port: int = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.seen.append(body)
        return web.json_response({"id": f"p-{body['key']}"})

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Provider]:
        app = web.Application()
        app.router.add_post("/", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()


@attrs.define
class Server:
    """One server process that is started again whenever it is dead."""

    folder: Path
    data: Path
    database: str
    port: int
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self, failpoint: str = "") -> None:
        command = [
            sys.executable, "-m", "hookline", "serve", "--tenant", "crash", "--tenants", str(self.folder), "--port",
            str(self.port), "--data", str(self.data), *(["--database", self.database] if self.database else []),
        ]  # fmt: skip
        env = {**os.environ, "HOOKLINE_FAILPOINT": failpoint, "HOOKLINE_LEASE_SECONDS": "1.5"}
        self.starts += 1
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")[-3000:]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


async def ready(session: aiohttp.ClientSession, server: Server) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{server.url}/health", timeout=aiohttp.ClientTimeout(total=2)) as response:
                    if response.status == 200:
                        return
            if server.dead:
                if server.process is not None and server.process.returncode != -signal.SIGKILL:
                    raise AssertionError(f"the server ended by itself:\n{server.log()}")
                return
            await asyncio.sleep(0.05)


async def send(session: aiohttp.ClientSession, servers: Sequence[Server], who: str, number: int) -> None:
    """Send one message as a provider does: again and again until somebody says 200."""
    body = {"id": f"{who}-{number}", "from": who, "text": f"{who}#{number}"}
    turn = number
    while True:
        turn += 1
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with session.post(
                f"{servers[turn % len(servers)].url}/postman", json=body, timeout=aiohttp.ClientTimeout(total=3)
            ) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.02)


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    (tmp_path / "tenants" / "crash").mkdir(parents=True)
    return tmp_path / "tenants"


def write_config(tenants: Path, provider: Provider) -> None:
    (tenants / "crash" / "tenant.toml").write_text(
        f"""
[plugins]
enabled = ["postman"]
[plugins.postman]
provider = "http://127.0.0.1:{provider.port}/"
work = true
[ratelimit]
requests = 0
contact_requests = 0
[turns]
backoff = 0.05
[deliveries]
backoff = 0.05
attempts = 1000
"""
    )


@pytest.fixture
def postgres() -> Iterator[str]:
    """A database of its own, dropped afterwards."""
    base = os.environ.get("HOOKLINE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
    name = f"hookline_crash_{uuid.uuid4().hex[:8]}"
    _psql(base, f"CREATE DATABASE {name}")
    url = re.sub(r"/[^/]*$", f"/{name}", base)
    try:
        yield url
    finally:
        _psql(base, f"DROP DATABASE {name} WITH (FORCE)")


def _psql(url: str, statement: str) -> list[tuple[Any, ...]]:
    async def run() -> list[tuple[Any, ...]]:
        import asyncpg

        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    with asyncio.Runner() as runner:
        return runner.run(run())


async def chaos(
    tenants: Path, tmp_path: Path, database: str, kills: int, places: Sequence[str], messages: int
) -> tuple[Provider, dict[str, int]]:
    """Send messages while killing servers; what the provider saw, and how many messages each customer sent."""
    provider = Provider()
    async with provider.serving(), aiohttp.ClientSession() as session:
        write_config(tenants, provider)
        servers = [
            Server(tenants, tmp_path / f"data{n}", database, free_port()) for n in range(2 if database else 1)
        ]  # fmt: skip
        pending = list(places)
        try:
            for server in servers:
                server.start()
            await asyncio.gather(*(ready(session, server) for server in servers))
            finished = asyncio.Event()

            async def customer(who: str) -> None:
                number = 0
                while number < messages or not finished.is_set():
                    await send(session, servers, who, number)
                    sent[who] = number = number + 1
                    await asyncio.sleep(0.05 if number < messages else 0.2)

            async def executioner() -> None:
                chance = random.Random(kills)
                for n in range(kills + len(places)):
                    victim = servers[n % len(servers)]
                    if pending:
                        place = pending.pop(0)
                        victim.kill()
                        victim.start(f"{place}:{chance.randint(1, 4)}")
                        async with asyncio.timeout(60):
                            while not victim.dead:
                                await asyncio.sleep(0.01)
                        assert victim.process is not None
                        assert victim.process.returncode == -signal.SIGKILL, victim.log()
                    else:
                        await asyncio.sleep(chance.uniform(0.0, 0.4))
                        victim.kill()
                    victim.start()
                    await ready(session, victim)
                finished.set()

            sent: dict[str, int] = {}
            async with asyncio.TaskGroup() as group:
                for n in range(CONVERSATIONS):
                    group.create_task(customer(f"c{n}"))
                group.create_task(executioner())
            await settled(provider, sent)
        finally:
            for server in servers:
                server.kill()
    return provider, sent


def prove(tenants: Path, tmp_path: Path, database: str) -> None:
    """Chaos, then a look at what the provider saw and at what the database holds."""
    provider, sent = asyncio.run(chaos(tenants, tmp_path, database, RANDOM_KILLS, PLACES, 30))
    check_provider(provider, sent)
    check_database(tmp_path / "data0" / "hookline.db", database, sum(sent.values()))


async def settled(provider: Provider, sent: dict[str, int]) -> None:
    """Wait until the provider has seen a reply, a job and a timer for each message."""
    expected = 3 * sum(sent.values())
    async with asyncio.timeout(90):
        while len({body["key"] for body in provider.seen}) < expected:
            await asyncio.sleep(0.1)


def check_provider(provider: Provider, sent: dict[str, int]) -> None:
    texts: dict[str, set[str]] = collections.defaultdict(set)
    replies: dict[str, list[str]] = collections.defaultdict(list)
    first: dict[str, list[int]] = collections.defaultdict(list)
    known: set[str] = set()
    for body in provider.seen:
        texts[body["key"]].add(body["text"])
        if body["key"] not in known:
            known.add(body["key"])
            first[body["to"]].append(body["seq"])
            if ":" in body["text"] and body["text"].split(":")[0].isdigit():
                replies[body["to"]].append(body["text"])
    assert all(len(said) == 1 for said in texts.values()), "a repeat said something else"
    for who, count in sent.items():
        assert replies[who] == [f"{n + 1}:{who}#{n}" for n in range(count)], f"replies to {who}"
        assert first[who] == sorted(first[who]), f"{who} was answered out of order"
        for kind in ("job", "timer"):
            said = [t for s in texts.values() for t in s if t.startswith(f"{kind}:{who}#")]
            assert sorted(said) == sorted(f"{kind}:{who}#{n}" for n in range(count)), f"{kind}s of {who}"


def check_database(file: Path, database: str, messages: int) -> None:
    questions = {
        "a message without exactly one turn": (
            "SELECT count(*) FROM (SELECT i.id FROM inbox i LEFT JOIN message m ON m.tenant = i.tenant "
            "AND m.inbox_id = i.id AND m.direction = 'outbound' WHERE i.kind = 'message' "
            "GROUP BY i.id HAVING count(m.id) <> 1) AS wrong"
        ),
        "work that is not done": "SELECT count(*) FROM inbox WHERE state <> 'done'",
        "a reply that was not sent": "SELECT count(*) FROM outbox WHERE state <> 'sent'",
    }
    counts = {what: _ask(file, database, statement) for what, statement in questions.items()}
    assert counts == dict.fromkeys(questions, 0)
    assert _ask(file, database, "SELECT count(*) FROM inbox WHERE kind = 'message'") == messages
    assert _ask(file, database, "SELECT count(*) FROM event WHERE kind = 'turn'") >= 3 * messages


def _ask(file: Path, database: str, statement: str) -> int:
    if database:
        return int(_psql(database, statement)[0][0])
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(statement).fetchone()[0])
    finally:
        connection.close()


@pytest.mark.slow
def test_sqlite_loses_doubles_and_disorders_nothing(tenants: Path, tmp_path: Path) -> None:
    prove(tenants, tmp_path, "")


@pytest.mark.slow
@pytest.mark.service("postgresql")
def test_two_processes_on_postgresql_lose_double_and_disorder_nothing(
    tenants: Path, tmp_path: Path, postgres: str
) -> None:
    from hookline import migrate
    from hookline.catalogue import Catalogue

    migrate.upgrade(postgres, Catalogue.load().plugins)
    prove(tenants, tmp_path, postgres)
