"""What the service does beside turns: a model's judgement, the command line, PostgreSQL, and servers that are killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys

import aiohttp
import pytest
import sqlalchemy as sa

from hookline.catalogue import Catalogue
from hookline.testing.loopback import Status
from hookline.testing.ollama import FakeOllama
from hookline_scoring import models

from .conftest import AUTOMOTIVE
from .crms import CONFIGS, ENV, FakeHubSpot

LLM = Catalogue.load().get("llm")
JUDGED = AUTOMOTIVE.read_text() + "llm: {name: llm, about: a car dealer}\n"
HOT = 'BUY model="Swift" budget=1600000 timeline="now" phone="+919876543210"'


def ollama_config(host):
    return f'[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{host}"\nbackoff = 0.01\n'


async def judged(dealer, ollama, text, **more):
    bot = await dealer(ollama_config(ollama.host), rules=more.pop("rules", JUDGED), more=[LLM], **more)
    await bot.hear(text)
    await bot.idle()
    return bot


# -- a model ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("A32")
@pytest.mark.parametrize(
    ("answer", "score"),
    [('{"points": 42, "reason": "asks for a quote"}', 42), ('{"points": 400, "reason": "x"}', 100)],
)
async def test_a_model_judges_what_no_rule_matches_once_and_within_0_and_100(dealer, leads, answer, score):
    async with FakeOllama(answer=answer) as ollama:
        bot = await judged(dealer, ollama, "can you do me a deal")
        [one] = await leads(bot)
        asked = [chat for chat in ollama.chats if "points" in str(chat.get("format", ""))]
        assert (one.score, len(asked)) == (score, 1)
        assert "can you do me a deal" in asked[0]["messages"][-1]["content"]
        rows = await bot.tenant("scoring").db.fetch(sa.select(models.score))
        assert [(row.kind, row.value) for row in rows] == [("llm", score)]
        assert rows[0].reasons[0]["kind"] == "llm"


@pytest.mark.row("A32")
async def test_a_model_is_not_asked_where_a_rule_matches(dealer, leads):
    async with FakeOllama(answer='{"points": 99, "reason": "x"}') as ollama:
        bot = await judged(dealer, ollama, "INFO")
        await bot.hear('thanks model="Swift"')
        await bot.idle()
        assert [one for one in ollama.chats if "points" in str(one.get("format", ""))] == []


@pytest.mark.row("A32")
@pytest.mark.parametrize("fault", ["down", "nonsense", "500"])
async def test_a_model_that_is_down_or_makes_no_sense_adds_nothing(dealer, leads, fault):
    async with FakeOllama(answer="I think this customer is nice.") as ollama:
        if fault == "500":
            ollama.always(Status(500))
        host = ollama.host
        if fault == "down":
            await ollama.refuse_connections()
        bot = await dealer(ollama_config(host), rules=JUDGED, more=[LLM])
        await bot.hear("can you do me a deal")
        await bot.idle()
        assert await leads(bot) == []
        assert (await bot.ask("can you do me a deal")).scores[0].value == 0


# -- PostgreSQL -----------------------------------------------------------------------------------------------------------


@pytest.mark.service("postgresql")
async def test_on_postgresql_leads_are_scored_merged_listed_sent_recalculated_and_erased(
    dealer, leads, service, served, postgres_url
):
    async with FakeHubSpot() as crm:
        bot = await dealer(CONFIGS["hubspot"].format(host=crm.host), env=ENV, database_url=postgres_url)
        await bot.say('BUY model="Swift"', who="web")
        await bot.say('FINANCE phone="9876543210"', who="wa")
        await bot.say(HOT, who="web")
        [one] = await leads(bot)
        assert one.phone == "+919876543210"
        async with asyncio.timeout(20):
            while (await leads(bot))[0].crm_state != "sent":
                await asyncio.sleep(0.02)
        assert crm.created == 1
        client, agent, admin = await served(bot, "agent", "admin")
        assert (await (await client.get("/api/v1/leads?q=98765&priority=hot,warm", headers=agent)).json())["total"] == 1
        assert (await (await client.get("/api/v1/leads/stats/summary", headers=agent)).json())["total"] == 1
        told = await client.patch(f"/api/v1/leads/{one.id}", json={"status": "won", "note": "paid"}, headers=agent)
        assert (await told.json())["status"] == "won"
        made = await asyncio.gather(
            *(client.post("/api/v1/leads", json={"email": "b@x.in"}, headers=agent) for _ in range(6))
        )
        assert sorted(answer.status for answer in made) == [200] * 5 + [201]
        again = await client.post("/api/v1/leads/recalculate", headers=admin)
        assert (await again.json())["leads"] == 2
        await bot.snapshot().hooks.erase_contact(one.contact)
        assert [lead.email for lead in await leads(bot)] == ["b@x.in"]
        await bot.until(lambda: crm.notes)


# -- a server that is killed -------------------------------------------------------------------------------------------------


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


async def up(session, base, process):
    async with asyncio.timeout(60):
        while True:
            assert process.poll() is None, "the server ended by itself"
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{base}/health", timeout=aiohttp.ClientTimeout(total=2)) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_server_killed_again_and_again_while_the_crm_comes_and_goes_sends_each_lead_once(tmp_path):
    folder = tmp_path / "tenants" / "dealer"
    folder.mkdir(parents=True)
    (folder / "scoring.yaml").write_text(AUTOMOTIVE.read_text())
    port, wanted = free_port(), 30
    base = f"http://127.0.0.1:{port}"
    options = ["--tenants", str(tmp_path / "tenants"), "--data", str(tmp_path / "data")]
    environment = {**os.environ, **ENV}
    async with FakeHubSpot() as crm, aiohttp.ClientSession() as session:
        (folder / "tenant.toml").write_text(
            '[plugins]\nenabled = ["scoring"]\n[plugins.scoring]\nrules = "scoring.yaml"\n[ratelimit]\nrequests = 0\n'
            + CONFIGS["hubspot"].format(host=crm.host).replace("backoff = 0.05", "backoff = 0.05\nbackoff_max = 0.3")
        )
        command = [
            sys.executable,
            "-m",
            "hookline",
            "key",
            "create",
            "--tenant",
            "dealer",
            "--name",
            "t",
            "--role",
            "agent",
        ]
        made = await asyncio.to_thread(
            subprocess.run, [*command, *options], capture_output=True, text=True, check=True, env=environment
        )
        key = {"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))}

        def start():
            serve = [sys.executable, "-m", "hookline", "serve", "--tenant", "dealer", "--port", str(port), *options]
            return subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        process = start()
        choose = random.Random(7)
        try:
            await up(session, base, process)
            await crm.refuse_connections()

            async def enter(n):
                body = {
                    "email": f"p{n}@example.com", "name": f"Person {n}", "intent": "BUY",
                    "entities": {"model": "Swift", "budget": 1_600_000, "timeline": "now"},
                }  # fmt: skip
                while True:
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                        limit = aiohttp.ClientTimeout(total=3)
                        async with session.post(
                            f"{base}/api/v1/leads", json=body, headers=key, timeout=limit
                        ) as answer:
                            if answer.status in (200, 201):
                                return
                    await asyncio.sleep(0.05)

            entering = asyncio.gather(*(enter(n) for n in range(wanted)))
            for round_ in range(4):
                if round_ % 2:
                    await crm.accept_connections()
                await asyncio.sleep(choose.uniform(0.05, 0.4))  # when it strikes is what is random here
                process.kill()
                process.wait()
                if round_ == 1:
                    await crm.refuse_connections()
                process = start()
                await up(session, base, process)
            await entering
            await crm.accept_connections()
            async with asyncio.timeout(60):
                while True:
                    async with session.get(f"{base}/api/v1/leads?crm=sent&page_size=1", headers=key) as answer:
                        if (await answer.json())["total"] == wanted:
                            break
                    await asyncio.sleep(0.05)
        finally:
            process.kill()
            process.wait()
        assert crm.created == wanted
        assert sorted(row["email"] for row in crm.records.values()) == sorted(
            f"p{n}@example.com" for n in range(wanted)
        )


# -- the command line ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_the_command_line_lists_tells_why_and_exports(tmp_path):
    folder = tmp_path / "tenants" / "dealer"
    folder.mkdir(parents=True)
    (folder / "scoring.yaml").write_text(AUTOMOTIVE.read_text())
    (folder / "tenant.toml").write_text('[plugins]\nenabled = ["scoring"]\n[plugins.scoring]\nrules = "scoring.yaml"\n')
    options = ["--tenants", str(tmp_path / "tenants"), "--data", str(tmp_path / "data"), "--tenant", "dealer"]

    async def leads(*words, ok=True):
        command = [sys.executable, "-m", "hookline", "leads", *words, *options]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
        assert (done.returncode == 0) is ok, done.stderr
        return done.stdout if ok else done.stderr

    assert await leads("list") == "0 of 0\n"
    assert "there is no lead 'x'" in await leads("why", "x", ok=False)
    assert (await leads("export")).startswith("id,created_at,name,")
    assert await leads("recalculate") == "0 leads, 0 changed\n"
    assert "this tenant has no CRM" in await leads("push", ok=False)
    assert "given 'boiling'" in await leads("list", "--priority", "boiling", ok=False)
