"""Kills a real server with -9 in the midst of guided flows, at each named place and at random times.

On SQLite with one process and on PostgreSQL with two.  Whatever is killed, each customer hears word for word what one
hears whose server is never killed: no question twice, no answer lost, nothing called or booked twice, each timer once.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
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

RANDOM_KILLS = max(4, int(os.environ.get("HOOKLINE_CRASHES", "4")) // 10)  # each takes seconds
CUSTOMERS = 6
FLOW = """
title: {en: order}
starts: {words: [begin]}
slots:
  count: {kind: number, min: 1, name: {en: number}}
  size: {kind: choice, choices: {small: {label: {en: Small}}, large: {label: {en: Large}}}}
  street: {kind: text}
steps:
  - {ask: count, text: {en: How many?}}
  - {ask: size, text: {en: Which size?}}
  - {flow: address, into: {street: street}}
  - {reference: order, into: ref}
  - {call: book, with: {count: count, size: size, street: street}, into: result}
  - confirm: {en: "{count} {size_label} to {street}: {ref}?"}
  - {call: book, with: {sure: ref}, into: sure}
  - {timer: {after: 1s, kind: remind, go: remind}}
  - {end: ordered, text: {en: "Ordered {ref}."}}
  - {id: remind, say: {en: "Reminder of {count} {size} to {street}, {ref}."}}
  - {end: reminded}
"""
ADDRESS = """
title: {en: address}
slots: {street: {kind: text}}
steps:
  - {ask: street, text: {en: Which street?}}
"""
SCRIPT = (
    "begin",
    "3",
    "what is that?",
    "no, {n}",
    "large",
    "are you sure?",
    "{n} Hill Road",
    "yes",
)
"""What a customer says, one after the other, each after the answer to the one before; `{n}` differs in each round."""
CONFIG = """
[plugins]
enabled = ["flows", "postman"]
[plugins.postman]
provider = "http://127.0.0.1:{port}/"
[ratelimit]
requests = 0
contact_requests = 0
[turns]
backoff = 0.05
[deliveries]
backoff = 0.05
attempts = 1000
"""


@attrs.define
class Provider:
    """The provider of the channel `postman`: what it saw, each key once and in the order in which it came first."""

    heard: dict[str, list[str]] = attrs.Factory(dict)
    known: dict[str, str] = attrs.Factory(dict)
    wrong: list[str] = attrs.Factory(list)
    changed: asyncio.Event = attrs.Factory(asyncio.Event)
    port: int = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["key"] not in self.known:
            self.known[body["key"]] = body["text"]
            self.heard.setdefault(body["to"], []).append(body["text"])
            self.changed.set()
        elif self.known[body["key"]] != body["text"]:
            self.wrong.append(f"{self.known[body['key']]!r}, then under the same key {body['text']!r}")
        return web.json_response({"id": f"p-{body['key']}"})

    async def wait(self, who: str, count: int) -> list[str]:
        """What the customer has heard, once it is so much."""
        # A start takes ten seconds where the machine is busy, and most servers are killed before they say anything.
        async with asyncio.timeout(600):
            while len(self.heard.get(who, ())) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.heard[who]

    async def silence(self, who: str, before: int) -> list[str]:
        """What the customer has heard, once there is more than before and seconds pass without a word."""
        heard = await self.wait(who, before + 1)
        while True:
            count = len(heard)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(6):
                    heard = await self.wait(who, count + 1)
            if len(heard) == count:
                return heard

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Provider]:
        app = web.Application()
        app.router.add_post("/", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()


@attrs.define
class Customers:
    """Who talks, on whichever server listens."""

    http: aiohttp.ClientSession
    servers: Sequence[ServerProcess]
    provider: Provider
    numbers: Iterator[int] = attrs.Factory(lambda: itertools.count(10))

    async def send(self, who: str, ident: str, text: str) -> None:
        """One message, as a provider sends it: again and again until somebody says 200."""
        body = {"id": ident, "from": who, "text": text}
        for n in itertools.count(zlib.crc32(ident.encode())):
            server = self.servers[n % len(self.servers)]
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self.http.post(
                    f"{server.url}/postman", json=body, timeout=aiohttp.ClientTimeout(total=3)
                ) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.02)

    async def order(self, who: str, counts: Sequence[int] = ()) -> tuple[list[list[str]], int]:
        """One round: what was heard after each message, and the number that was ordered.

        `counts` says how many messages follow each; without it, it is found out by waiting until no more come.
        """
        number, told = next(self.numbers), []
        for at, text in enumerate(SCRIPT):
            before = len(self.provider.heard.get(who, ()))
            await self.send(who, f"{who}-{number}-{at}", text.format(n=number))
            if counts:
                heard = await self.provider.wait(who, before + counts[at])
            else:
                heard = await self.provider.silence(who, before)
            told.append(heard[before:])
        return told, number


def plain(told: Sequence[Sequence[str]], number: int) -> list[list[str]]:
    """What was heard without what differs from round to round: the number, the reference, how many messages there were.

    A job and a reply may come in either order.
    """

    def one(text: str) -> str:
        text = re.sub(rf"\b{number}\b", "N", text)
        text = re.sub(r"ORDER_\w+", "REF", text)
        return re.sub(r"^\d+:", "COUNT:", text)

    return [sorted(one(text) for text in some) for some in told]


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    flows = tmp_path / "tenants" / "crash" / "flows"
    flows.mkdir(parents=True)
    (flows / "order.yaml").write_text(FLOW)
    (flows / "address.yaml").write_text(ADDRESS)
    return tmp_path / "tenants"


@pytest.fixture
def database_plugins() -> Sequence[Plugin]:
    return Catalogue.load().plugins


async def chaos(
    servers: Sequence[ServerProcess], places: Sequence[str], kills: int
) -> tuple[list[list[str]], list[tuple[str, list[list[str]], int]]]:
    """The talk of one whom nobody disturbs, and those of customers whose servers are killed again and again."""
    provider, chance = Provider(), random.Random(kills)
    async with provider.serving(), aiohttp.ClientSession() as http:
        (servers[0].tenants / "crash" / "tenant.toml").write_text(CONFIG.replace("{port}", str(provider.port)))
        customers = Customers(http, servers, provider)
        try:
            await serving(http, servers)
            told, number = await customers.order("quiet")
            undisturbed, counts = plain(told, number), [len(some) for some in told]
            done = asyncio.Event()
            rounds: list[tuple[str, list[list[str]], int]] = []

            async def customer(who: str) -> None:
                while not done.is_set():
                    rounds.append((who, *(await customers.order(who, counts))))

            async def executioner() -> None:
                for n, place in enumerate([*places, *[""] * kills]):
                    victim = servers[n % len(servers)]
                    if place:
                        victim.kill()
                        victim.start(f"{place}:{chance.randint(1, 4)}")
                        await victim.dies()
                    else:
                        await asyncio.sleep(chance.uniform(0.0, 0.8))
                        victim.kill()
                    victim.start()
                    await victim.ready(http)
                done.set()

            async with asyncio.TaskGroup() as group:
                for n in range(CUSTOMERS):
                    group.create_task(customer(f"c{n}"))
                group.create_task(executioner())
            await asyncio.sleep(1.5)  # what nobody should hear would come now
            assert sum(map(len, provider.heard.values())) == sum(counts) * (1 + len(rounds)), "more was said than asked"
            assert provider.wrong == [], "a repeat said something else"
        finally:
            for server in servers:
                server.kill()
    return undisturbed, rounds


async def events(server: ServerProcess, kind: str) -> list[Mapping[str, Any]]:
    rows = await server.rows(f"SELECT payload FROM event WHERE kind = '{kind}'")
    return [json.loads(payload) if isinstance(payload, str) else payload for (payload,) in rows]


async def prove(servers: Sequence[ServerProcess]) -> None:
    """Chaos, then a look at what customers heard and at what was committed."""
    undisturbed, rounds = await chaos(servers, [*PLACES, "postman.booking"], RANDOM_KILLS)

    asked = [some[0].split("\n")[0] for some in undisturbed[:2]]
    assert asked == ["How many?", "Which size?"], "the undisturbed talk is the flow's"
    assert any("Reminder of N large to N Hill Road" in text for text in undisturbed[-1])
    assert len(rounds) >= CUSTOMERS
    for who, told, number in rounds:
        assert plain(told, number) == undisturbed, f"{who}, round {number}"

    numbers = sorted(number for _, _, number in rounds)
    booked = await events(servers[0], "postman.booked")
    assert sorted(one["count"] for one in booked if "count" in one and one["count"] != 10) == numbers
    sure = [one["sure"] for one in booked if "sure" in one]
    assert len(sure) == len(set(sure)) == len(rounds) + 1, "each reference was booked once"
    ended = [one["outcome"] for one in await events(servers[0], "flows.ended") if one["flow"] == "order"]
    assert sorted(ended) == sorted(["ordered", "reminded"] * (len(rounds) + 1))


@pytest.mark.row("X14")
@pytest.mark.slow
async def test_a_server_killed_in_mid_flow_asks_nothing_twice_and_loses_no_answer(
    tenants: Path, tmp_path: Path
) -> None:
    await prove([ServerProcess(tenants, "crash", tmp_path / "data")])


@pytest.mark.row("X14")
@pytest.mark.slow
@pytest.mark.service("postgresql")
async def test_and_two_servers_on_one_database_neither(tenants: Path, tmp_path: Path, postgres_url: str) -> None:
    await prove([ServerProcess(tenants, "crash", tmp_path / f"data{n}", postgres_url) for n in range(2)])
