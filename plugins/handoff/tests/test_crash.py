"""Kills a real server with -9 while customers are handed over, answered and given back: no transition is lost or doubled.

On SQLite with one process, on PostgreSQL with two.  Customers and agents go on trying, as people do; afterwards each
conversation has had exactly one handoff, all of whose steps are there in order, and each answer of an agent once.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random

import aiohttp
import pytest

from hookline.catalogue import Catalogue
from hookline.testing.process import ServerProcess, serving

KILLS = int(os.environ.get("HOOKLINE_CRASHES", "4"))
CUSTOMERS = 5
TIMEOUT = aiohttp.ClientTimeout(total=4)
CONFIG = """
[plugins]
enabled = ["handoff"]
[ratelimit]
requests = 0
contact_requests = 0
[turns]
backoff = 0.05
"""


class Office:
    """Customers and agents who go on trying until somebody says that it is done."""

    def __init__(self, http, servers, keys):
        self.http, self.servers, self.keys = http, servers, keys

    async def call(self, method, path, body=None, who="", *, done=()):
        """Ask one server after the other until one answers with 2xx (None for a status in `done`)."""
        headers = {"X-API-Key": self.keys[who]} if who else {}
        for n in range(1000):
            url = self.servers[n % len(self.servers)].url
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self.http.request(
                    method, f"{url}{path}", json=body, headers=headers, timeout=TIMEOUT
                ) as answer:
                    if answer.status in done:
                        return None
                    if answer.status < 300:
                        return await answer.json()
                    assert answer.status in (404, 409, 503), (path, answer.status, await answer.text())
            await asyncio.sleep(0.03)
        raise AssertionError(f"{method} {path} was never done")

    async def serve(self, n):
        """One customer's talk, from the first word to the end; its id."""
        talk = (await self.call("POST", "/sessions", {"user_id": f"customer{n}"}))["session_id"]
        await self.call("POST", "/api/v1/handoff/connect", {"session_id": talk})
        one = f"/console/api/conversations/{talk}"
        agents = sorted(self.keys)
        await asyncio.gather(*(self.call("POST", f"{one}/claim", {}, who, done=(409,)) for who in agents))
        item = await self.call("GET", one, who=agents[0])
        mine = item["handoff"]["agent_name"]
        for number in range(3):
            await self.call("POST", f"{one}/reply", {"text": f"answer {number}", "client_id": f"m{number}"}, mine)
        # What was done although its answer was lost can't be done again: that it was is what counts.
        await self.call("POST", f"{one}/snooze", {"seconds": 3600}, mine)
        await self.call("POST", f"{one}/wake", {}, mine, done=(409,))
        await self.call("POST", f"{one}/resolve", {"note": "done"}, mine, done=(409,))
        return talk


def key(server, name):
    made = server.command("key", "create", "--tenant", "crash", "--name", name, "--role", "agent")
    return next(word for word in made.split() if word.startswith("hk_"))


async def chaos(servers, kills):
    """Talks under fire; the steps and the messages of each, and what the agents have in hand at the end."""
    keys = {name: key(servers[0], name) for name in ("asha", "ben")}
    chance = random.Random(kills)
    async with aiohttp.ClientSession() as http:
        office = Office(http, servers, keys)
        try:
            await serving(http, servers)

            async def executioner():
                for n in range(kills):
                    await asyncio.sleep(chance.uniform(0.05, 0.5))
                    victim = servers[n % len(servers)]
                    victim.kill()
                    victim.start()
                    await victim.ready(http)

            killing = asyncio.create_task(executioner())
            talks, n = [], 0
            while not killing.done() or n < CUSTOMERS:
                talks += await asyncio.gather(*(office.serve(n + m) for m in range(CUSTOMERS)))
                n += CUSTOMERS
            await killing
            told = []
            for talk in talks:
                steps = await office.call("GET", f"/console/api/conversations/{talk}/steps", who="asha")
                thread = await office.call("GET", f"/console/api/conversations/{talk}?limit=100", who="asha")
                told.append((steps["steps"], thread))
            people = await office.call("GET", "/console/api/agents", who="asha")
            return told, people["agents"]
        finally:
            for server in servers:
                server.kill()


def prove(told, people):
    """Each talk: one handoff, its steps complete and each once, and each answer once."""
    assert len(told) >= CUSTOMERS
    for steps, thread in told:
        assert len({step["handoff"] for step in steps}) == 1
        assert [step["n"] for step in steps] == list(range(1, len(steps) + 1))
        events = [step["event"] for step in steps]
        assert events[:3] == ["request", "queue", "claim"]
        assert events[-1] == "resolve"
        assert "snooze" in events
        for before, after in itertools.pairwise(steps):
            assert after["before"] == before["after"]
        assert thread["handoff"]["state"] == "resolved"
        assert thread["conversation"]["held_by"] == ""
        said = [m["text"] for m in thread["messages"] if m["author"] == "agent"]
        assert said == ["answer 0", "answer 1", "answer 2"]
    assert [one["load"] for one in people] == [0] * len(people)


@pytest.fixture
def database_plugins():
    return Catalogue.load().plugins  # a server checks the tables of all that are installed


@pytest.fixture
def tenants(tmp_path):
    (tmp_path / "tenants" / "crash").mkdir(parents=True)
    (tmp_path / "tenants" / "crash" / "tenant.toml").write_text(CONFIG)
    return tmp_path / "tenants"


@pytest.mark.slow
async def test_a_server_killed_again_and_again_loses_and_doubles_nothing(tenants, tmp_path):
    told, people = await chaos([ServerProcess(tenants, "crash", tmp_path / "data")], KILLS)

    prove(told, people)


@pytest.mark.slow
@pytest.mark.service("postgresql")
async def test_and_two_servers_on_one_database_neither(tenants, tmp_path, postgres_url):
    servers = [ServerProcess(tenants, "crash", tmp_path / f"data{n}", postgres_url) for n in range(2)]
    told, people = await chaos(servers, max(2, KILLS // 2))

    prove(told, people)
