"""Kills a real server with -9 while customers prove who they are, at each named place and at random times.

Between the question, the code sent, the code typed, the proof and the reply: for one request one code is made, however often it is
handed over; a proof that was given is neither lost nor given twice, and its answer is heard once.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import os
import random
import re
import shutil
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

BANK = Path(__file__).parent.parent / "tenants" / "financial"
CUSTOMERS = {"C001": "45,200.50", "C002": "98,765.40", "C003": "7,312.85", "C004": "2,63,418.75", "C005": "1,840.25"}
RANDOM_KILLS = max(4, int(os.environ.get("HOOKLINE_CRASHES", "4")) // 10)  # each takes seconds
CONFIG = """
[locale]
phone_region = "IN"
[plugins]
enabled = ["tenant_financial", "identity", "flows", "postman"]
[plugins.postman]
provider = "http://127.0.0.1:{port}/replies"
[plugins.identity]
claim_pattern = "C\\\\d{{3}}"
deliver = {{ sms = "webhook" }}
secret = "0123456789abcdef0123456789abcdef"
otp = {{ resend_seconds = 1 }}
limits = {{ account_sends = 1000, contact_sends = 1000, address_sends = 1000 }}
[plugins.identity.webhook]
url = "http://127.0.0.1:{port}/codes"
secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
[ratelimit]
requests = 0
contact_requests = 0
[turns]
backoff = 0.05
[deliveries]
backoff = 0.05
attempts = 1000
"""
PLACES_TRIED = [place for place in PLACES if not place.startswith("timer")]


@attrs.define
class World:
    """What is outside: the channel's provider, which hears replies, and the receiver of codes."""

    heard: dict[str, list[str]] = attrs.Factory(lambda: collections.defaultdict(list))
    keys: dict[str, str] = attrs.Factory(dict)
    codes: dict[str, dict[str, set[str]]] = attrs.Factory(lambda: collections.defaultdict(dict))
    port: int = 0

    async def reply(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["key"] not in self.keys:
            self.heard[body["to"]].append(body["text"])
        assert self.keys.setdefault(body["key"], body["text"]) == body["text"], "a repeat says the same"
        return web.json_response({"id": f"p-{body['key']}"})

    async def code(self, request: web.Request) -> web.Response:
        data = (await request.json())["data"]
        self.codes[data["to"]].setdefault(request.headers["webhook-id"], set()).add(data["code"])
        return web.json_response({})

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[World]:
        app = web.Application()
        app.router.add_post("/replies", self.reply)
        app.router.add_post("/codes", self.code)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()


async def until(condition: Any, what: str) -> None:
    async with asyncio.timeout(600):  # a start takes ten seconds where the machine is busy
        while not condition():
            await asyncio.sleep(0.02)
    assert condition(), what


async def say(
    http: aiohttp.ClientSession, servers: Sequence[ServerProcess], world: World, who: str, ident: str, text: str
) -> str:
    """One message, as a provider sends it, again and again until somebody says 200; and what is heard then."""
    before = len(world.heard[who])
    for n in itertools.count(len(ident)):
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            url, body = servers[n % len(servers)].url, {"id": ident, "from": who, "text": text}
            async with http.post(f"{url}/postman", json=body, timeout=aiohttp.ClientTimeout(total=3)) as answer:
                if answer.status == 200:
                    break
        await asyncio.sleep(0.02)
    await until(lambda: len(world.heard[who]) > before, f"an answer to {text!r}")
    return world.heard[who][before]


async def chaos(servers: Sequence[ServerProcess]) -> tuple[World, int]:
    """Customers prove who they are again and again while servers are killed; what was seen, and how many rounds there were."""
    world = World()
    async with world.serving(), aiohttp.ClientSession() as http:
        (servers[0].tenants / "crash" / "tenant.toml").write_text(CONFIG.format(port=world.port))
        finished = asyncio.Event()
        rounds: collections.Counter[str] = collections.Counter()

        async def customer(number: str, balance: str) -> None:
            who, phone = f"w-{number}", f"+91980000000{number[-1]}"
            while not finished.is_set():
                rounds[number] = n = rounds[number] + 1
                assert "who you are" in await say(http, servers, world, who, f"{who}-{n}-a", "balance")
                assert "code of six digits" in await say(http, servers, world, who, f"{who}-{n}-b", number)
                await until(lambda n=n: len(world.codes[phone]) == n, f"code {n} of {number}")
                (code,) = list(world.codes[phone].values())[-1]
                told = await say(http, servers, world, who, f"{who}-{n}-c", code)
                assert balance in told, "the proof and its answer"
                assert "signed out" in await say(http, servers, world, who, f"{who}-{n}-d", "log out")
                await asyncio.sleep(1.1)  # another code may be asked for after a second

        async def executioner() -> None:
            chance = random.Random(RANDOM_KILLS)
            for n, place in enumerate([*PLACES_TRIED, *PLACES_TRIED, *[""] * RANDOM_KILLS]):
                victim = servers[n % len(servers)]
                victim.kill()
                if place:
                    victim.start(f"{place}:{chance.randint(1, 3)}")
                    await victim.dies()
                else:
                    victim.start()
                    await asyncio.sleep(chance.uniform(1.0, 2.5))
                    victim.kill()
                victim.start()
                await victim.ready(http)
            finished.set()

        try:
            servers[0].command("tenant", "seed", "crash")
            await serving(http, servers)
            async with asyncio.TaskGroup() as group:
                for number, balance in CUSTOMERS.items():
                    group.create_task(customer(number, balance))
                group.create_task(executioner())
        finally:
            for server in servers:
                server.kill()
    return world, sum(rounds.values())


async def prove(servers: Sequence[ServerProcess]) -> None:
    world, rounds = await chaos(servers)
    made = [codes for by_phone in world.codes.values() for codes in by_phone.values()]
    assert len(made) == rounds, "one code for each request"
    assert all(len(codes) == 1 for codes in made), "handed over again it was the same"
    assert sum(len(texts) for texts in world.heard.values()) == 4 * rounds, "each message was answered once"
    asked = {
        "proved": "SELECT count(*) FROM event WHERE kind = 'identity.proved'",
        "used": "SELECT count(*) FROM identity_challenge WHERE state = 'used'",
        "made": "SELECT count(*) FROM identity_challenge",
        "unfinished": "SELECT count(*) FROM inbox WHERE kind = 'message' AND state <> 'done'",
    }
    found = {what: (await servers[0].rows(statement))[0][0] for what, statement in asked.items()}
    assert found == {"proved": rounds, "used": rounds, "made": rounds, "unfinished": 0}
    for table in ("event", "message", "inbox", "audit", "outbox"):
        rows = await servers[0].rows(f"SELECT * FROM {table}")
        kept = [str(value) for row in rows for value in row if not isinstance(value, int)]  # a transaction has a number
        assert not spoken("\n".join(kept)) & {code for codes in made for code in codes}, table


def spoken(text: str) -> set[str]:
    """Each number of six digits that stands there by itself: not inside a longer one, a time's fraction or an id."""
    return set(re.findall(r"(?<![\w.-])\d{6}(?![\w-])", text))


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    folder = tmp_path / "tenants" / "crash"
    for part in ("locales", "data"):
        shutil.copytree(BANK / part, folder / part)
    (folder / "flows").mkdir()
    flow = (BANK / "flows" / "balance.yaml").read_text(encoding="utf-8")
    (folder / "flows" / "balance.yaml").write_text(flow.replace("intents: [balance]", "words: [balance]"))
    return tmp_path / "tenants"


@pytest.fixture
def database_plugins() -> Sequence[Plugin]:
    return Catalogue.load().plugins


@pytest.mark.slow
@pytest.mark.row("F11", "X09")
async def test_on_sqlite_no_proof_is_lost_or_given_twice(tenants: Path, tmp_path: Path) -> None:
    await prove([ServerProcess(tenants, "crash", tmp_path / "data")])


@pytest.mark.slow
@pytest.mark.service("postgresql")
async def test_on_postgresql_with_two_processes_neither(tenants: Path, tmp_path: Path, postgres_url: str) -> None:
    await prove([ServerProcess(tenants, "crash", tmp_path / f"data{n}", postgres_url) for n in range(2)])
