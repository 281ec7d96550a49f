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
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web

from hookline.catalogue import Catalogue
from hookline.failpoints import PLACES
from hookline.plugin import Plugin
from hookline.testing.process import ServerProcess, serving

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


async def send(session: aiohttp.ClientSession, servers: Sequence[ServerProcess], who: str, number: int) -> None:
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
def database_plugins() -> Sequence[Plugin]:
    return Catalogue.load().plugins


async def chaos(
    servers: Sequence[ServerProcess], kills: int, places: Sequence[str], messages: int
) -> tuple[Provider, dict[str, int]]:
    """Send messages while killing servers; what the provider saw, and how many messages each customer sent."""
    provider = Provider()
    async with provider.serving(), aiohttp.ClientSession() as session:
        write_config(servers[0].tenants, provider)
        pending = list(places)
        try:
            await serving(session, servers)
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
                        await victim.dies()
                    else:
                        await asyncio.sleep(chance.uniform(0.0, 0.4))
                        victim.kill()
                    victim.start()
                    await victim.ready(session)
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


async def prove(servers: Sequence[ServerProcess]) -> None:
    """Chaos, then a look at what the provider saw and at what the database holds."""
    provider, sent = await chaos(servers, RANDOM_KILLS, PLACES, 30)
    check_provider(provider, sent)
    await check_database(servers[0], sum(sent.values()))


async def settled(provider: Provider, sent: dict[str, int]) -> None:
    """Wait until the provider has seen a reply, a job and a timer for each message, or nothing new for a minute."""
    expected = 3 * sum(sent.values())
    known = -1
    while known < (now := len({body["key"] for body in provider.seen})) < expected:
        known = now
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len({body["key"] for body in provider.seen}) == known:
                    await asyncio.sleep(0.1)
    assert now >= expected, f"{expected - now} of {expected} were not sent within a minute"


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


async def check_database(server: ServerProcess, messages: int) -> None:
    none = {
        "a message without exactly one turn": (
            "SELECT count(*) FROM (SELECT i.id FROM inbox i LEFT JOIN message m ON m.tenant = i.tenant "
            "AND m.inbox_id = i.id AND m.direction = 'outbound' WHERE i.kind = 'message' "
            "GROUP BY i.id HAVING count(m.id) <> 1) AS wrong"
        ),
        "work that is not done": "SELECT count(*) FROM inbox WHERE state <> 'done'",
        "a reply that was not sent": "SELECT count(*) FROM outbox WHERE state <> 'sent'",
    }
    assert {what: await count(server, statement) for what, statement in none.items()} == dict.fromkeys(none, 0)
    assert await count(server, "SELECT count(*) FROM inbox WHERE kind = 'message'") == messages
    assert await count(server, "SELECT count(*) FROM event WHERE kind = 'turn'") >= 3 * messages


async def count(server: ServerProcess, statement: str) -> int:
    return int((await server.rows(statement))[0][0])


@pytest.mark.slow
async def test_sqlite_loses_doubles_and_disorders_nothing(tenants: Path, tmp_path: Path) -> None:
    await prove([ServerProcess(tenants, "crash", tmp_path / "data")])


@pytest.mark.slow
@pytest.mark.service("postgresql")
async def test_two_processes_on_postgresql_lose_double_and_disorder_nothing(
    tenants: Path, tmp_path: Path, postgres_url: str
) -> None:
    await prove([ServerProcess(tenants, "crash", tmp_path / f"data{n}", postgres_url) for n in range(2)])
