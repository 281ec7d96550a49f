"""Tokens, cost, budget and rate: counted, kept, shown, and held against the limits."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from hookline.app import KEYS, make_app
from hookline.errors import ServiceUnavailable
from hookline.message import Passage, Prompt
from hookline.metrics import REGISTRY
from hookline.testing.clock import FrozenClock
from hookline.testing.loopback import Endless
from hookline_llm.cli import llm
from hookline_llm.commands import usage_since
from hookline_llm.rate import Rate
from hookline_llm.tokens import LLAMA, OPENAI, estimate

SAID = "Roaming in France costs 4.20 euros per minute. [1]"
ASKED = "How much is roaming in France?"
COUNTED = json.loads((Path(__file__).parent / "counted_tokens.json").read_text(encoding="utf-8"))
AT = 1_795_200_000.0  # 2026-11-20


@pytest.mark.row("A161")
@pytest.mark.parametrize(("tokenizer", "weights"), [("llama3", LLAMA), ("o200k", OPENAI)])
def test_the_estimate_is_within_15_percent_of_what_the_tokenizers_count(tokenizer, weights):
    errors = [estimate(one["text"], weights) / one[tokenizer] - 1 for one in COUNTED]

    assert {one["language"] for one in COUNTED} == {"en", "fr", "hi", "ta"}
    assert sum(abs(error) <= 0.15 for error in errors) >= 0.95 * len(errors)
    assert abs(sum(errors) / len(errors)) < 0.05


def test_nothing_is_no_token_and_a_sign_is_one():
    assert [estimate(text) for text in ("", "!", "ॐ")] == [0, 1, 1]


@pytest.mark.row("A161")
async def test_what_is_used_is_counted_by_day_and_model_and_outlives_the_server(make, config, ollama):
    clock = FrozenClock(AT)
    ollama.answer = SAID
    bot = await make(config("price_in = 2.0\nprice_out = 10.0"), clock=clock)

    await bot.say(ASKED)
    await bot.say(ASKED)
    clock.advance(86400)
    await bot.say(ASKED)
    found = await usage_since(bot.tenant("llm"), 30)

    day = {"provider": "ollama", "model": "llama3:8b", "estimated": 0, "prompt_tokens": 11, "answer_tokens": 9}
    cost = (11 * 2.0 + 9 * 10.0) / 1e6
    assert [(row["day"], row["requests"], row["prompt_tokens"], row["answer_tokens"]) for row in found["rows"]] == [
        ("2026-11-20", 2, 22, 18),
        ("2026-11-21", 1, day["prompt_tokens"], day["answer_tokens"]),
    ]
    assert found["total"]["cost"] == pytest.approx(3 * cost)
    labels = {"tenant": "acme", "model": "ollama/llama3:8b", "kind": "answer"}
    assert REGISTRY.get_sample_value("hookline_llm_tokens_total", labels) >= 27


async def test_an_answer_that_breaks_off_is_counted_by_an_estimate(make, config, ollama):
    bot = await make(config())
    ollama.answer = "one two three"
    pieces = bot.tenant().hooks.generate("ollama", Prompt((("user", "hi there"),)))
    await anext(pieces)
    await pieces.aclose()

    (row,) = (await usage_since(bot.tenant("llm"), 1))["rows"]

    assert (row["estimated"], row["answer_tokens"]) == (1, 1)
    assert 4 < row["prompt_tokens"] < 10


@pytest.mark.row("A161")
async def test_once_the_budget_is_spent_what_costs_is_left_out_until_the_next_day(
    make, config, groq_config, ollama, groq
):
    clock = FrozenClock(AT)
    ollama.answer, groq.answer = SAID, SAID
    text = config(chain=("groq", "ollama"), top="budget = { day = 0.0001 }")
    bot = await make(f"{text}{groq_config}price_out = 10.0\n", env={"GROQ_API_KEY": "gsk-very-secret"}, clock=clock)

    providers = [(await bot.say(ASKED)).data["provider"] for _ in range(3)]
    clock.advance(86400)
    providers.append((await bot.say(ASKED)).data["provider"])

    assert providers == ["groq", "groq", "ollama", "groq"]


@pytest.mark.row("A161")
@pytest.mark.service("postgresql")
async def test_the_budget_is_the_tenants_in_all_processes_together(
    make, config, groq_config, ollama, groq, postgres_url
):
    ollama.answer, groq.answer = SAID, SAID
    text = config(chain=("groq", "ollama"), top="budget = { day = 0.0001 }")
    more = {"env": {"GROQ_API_KEY": "gsk-very-secret"}, "database_url": postgres_url, "clock": FrozenClock(AT)}
    bots = [await make(f"{text}{groq_config}price_out = 10.0\n", **more) for _ in range(2)]

    providers = []
    for n in range(4):
        providers.append((await bots[n % 2].say(ASKED, who=f"who{n}")).data["provider"])
        await usage_since(bots[n % 2].tenant("llm"), 1)  # until it is stored
    budget = (await usage_since(bots[0].tenant("llm"), 1))["budget"]["day"]

    assert providers == ["groq", "groq", "ollama", "ollama"]
    assert budget["spent"] >= 0.0001


async def test_an_answer_of_nothing_that_is_billed_is_counted_each_time(make, config, groq_config, groq):
    """As of a model that thinks until its tokens are used up."""
    text = config(chain=("groq",))
    bot = await make(f"{text}{groq_config}price_out = 10.0\n", env={"GROQ_API_KEY": "gsk-very-secret"})
    groq.answer = ""

    await bot.say(ASKED)
    found = await usage_since(bot.tenant("llm"), 1)

    assert len(groq.chats) == found["total"]["requests"] == 3, "as many as it was asked"
    assert found["total"]["prompt_tokens"] > 0


@pytest.mark.parametrize("days", ["0", "3661", "9" * 5000, "²", "-1", "1.5", ""])
async def test_a_number_of_days_that_can_not_be_is_a_mistake_of_the_client(make, config, days):
    bot = await make(config())
    app = make_app(bot.runtime)
    _, key = await app[KEYS].create("acme", "test", "admin")
    async with TestClient(TestServer(app)) as client:
        response = await client.get(
            "/t/acme/llm/usage", params={"days": days}, headers={"Authorization": f"Bearer {key}"}
        )

        assert response.status == 400, await response.text()
        assert "days: given" in (await response.json())["detail"]


async def test_a_chain_without_any_provider_that_can_be_asked_says_so_to_who_asks_it(make, config, groq_config):
    bot = await make(f"{config(chain=('groq', 'extractive'))}{groq_config}")

    with pytest.raises(ServiceUnavailable, match="GROQ_API_KEY, which is unset"):
        [piece async for piece in bot.tenant().hooks.generate("llm", Prompt((("user", "hi"),)))]


@pytest.mark.row("K98")
async def test_the_61st_request_of_a_minute_falls_back_and_never_errs(make, config, ollama):
    clock = FrozenClock(AT)
    ollama.answer = SAID
    bot = await make(config("rpm = 60"), clock=clock)

    for _ in range(60):
        assert (await bot.say(ASKED)).text.startswith("Roaming in France")
    reply = await bot.say(ASKED)
    clock.advance(61)
    later = await bot.say(ASKED)

    assert reply.text.startswith("From the library")
    assert reply.data["fallback"] is True
    assert later.text.startswith("Roaming in France")
    assert len(ollama.chats) == 61


def test_the_rate_holds_in_every_window_of_a_minute():
    clock = FrozenClock(AT)
    rate = Rate(clock)
    taken = []
    for _ in range(600):
        if rate.wait(5) == 0:
            rate.take()
            taken.append(clock.now())
        clock.advance(1)

    assert len(taken) == 50
    assert all(b - a >= 60 for a, b in zip(taken, taken[5:], strict=False))


def test_without_a_limit_no_more_than_a_minute_is_remembered():
    clock = FrozenClock(AT)
    rate = Rate(clock)
    for _ in range(1000):
        assert rate.wait(0) == 0
        rate.take()
        clock.advance(1)

    assert len(rate._taken) <= 61


@pytest.mark.row("A161")
async def test_a_prompt_that_is_too_long_loses_its_last_passages_and_nothing_else(make, config, ollama, library, logs):
    ollama.answer = SAID
    filler = "Other pages tell of other things at some length, and of nothing that was asked. " * 12
    library.passages = [
        *library.passages[:1],
        *(
            Passage(f"d{n}", 1, 0, len(filler), filler, title=f"Page {n}", confidence=0.9, score=0.4 - n / 100)
            for n in range(4)
        ),
    ]
    bot = await make(config("context = 1000", top="context_chars = 8000\nmax_tokens = 200"))

    await bot.say(ASKED)

    system, user = (message["content"] for message in ollama.chats[-1]["messages"])
    assert "Use only what stands between <documents>" in system
    assert f"<question>\n{ASKED}\n</question>" in user
    assert "[1] Roaming guide" in user
    assert "Page 3" not in user
    assert estimate(system) + estimate(user) <= 800
    assert next(entry["left_out"] for entry in logs if entry["event"] == "passages left out") >= 2
    assert ollama.chats[-1]["options"]["num_ctx"] == 1000


async def test_a_prompt_that_can_not_fit_is_not_sent(make, config, ollama):
    ollama.answer = SAID
    bot = await make(config("context = 300", top="max_tokens = 200"))

    reply = await bot.say(ASKED)

    assert reply.text.startswith("From the library")
    assert ollama.chats == []


async def test_a_model_that_does_not_stop_is_stopped(make, config, ollama, until):
    ollama.answer = SAID
    ollama.fail(Endless())
    bot = await make(config(top="max_tokens = 40"))

    reply = await bot.say(ASKED)

    assert reply.text.startswith("Roaming in France")
    await until(lambda: ollama.open_answers == 0)


async def test_the_api_shows_usage_to_staff(make, config, ollama):
    ollama.answer = SAID
    bot = await make(config(top="budget = { month = 5.0 }"))
    await bot.say(ASKED)

    found = await usage_since(bot.tenant("llm"), 7)

    assert found["budget"]["month"] == {"limit": 5.0, "spent": 0.0}
    assert found["total"]["requests"] == 1


def tenant_folder(tmp_path, ollama):
    folder = tmp_path / "tenants" / "acme"
    folder.mkdir(parents=True)
    (folder / "tenant.toml").write_text(
        f'[plugins]\nenabled = ["llm"]\n[plugins.llm]\nchain = ["ollama"]\nbudget = {{ day = 1.5 }}\n'
        f'[plugins.llm.providers.ollama]\nhost = "{ollama.host}"\n',
        encoding="utf-8",
    )
    return ["--tenants", str(folder.parent), "--data", str(tmp_path / "data"), "--tenant", "acme"]


async def run(arguments):
    return await asyncio.to_thread(CliRunner().invoke, llm, arguments, catch_exceptions=False)


async def test_the_command_line_pulls_a_model_with_progress_and_lists_what_is_there(tmp_path, ollama):
    place = tenant_folder(tmp_path, ollama)

    pulled = await run(["pull", *place, "llama3.2:1b"])
    listed = await run(["models", *place])

    assert pulled.output.splitlines()[-1] == "llama3.2:1b is there"
    assert "llama3.2:1b" in listed.output
    assert "8.0B" in listed.output
    with pytest.raises(ServiceUnavailable, match="'ollama' had an error of its own"):
        await run(["pull", *place, "no-such-model"])


async def test_the_command_line_tells_usage_and_prompts(tmp_path, ollama):
    place = tenant_folder(tmp_path, ollama)

    usage = await run(["usage", *place, "--days", "7"])
    prompts = await run(["prompts", *place])

    assert "in all" in usage.output
    assert "budget a day: 0.0000 of 1.5 spent" in usage.output
    assert "answer                  hi      hookline_llm/prompts/answer.hi.md" in prompts.output
