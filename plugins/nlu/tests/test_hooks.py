"""Intents in whole turns, on a real database, with the real embedder's stand-in that needs no model."""

from __future__ import annotations

import asyncio
import json
import time

import numpy as np
import pytest
import yaml

import hookline_nlu
from hookline.catalogue import Catalogue
from hookline.errors import ServiceUnavailable
from hookline.hookspecs import hookimpl
from hookline.plugin import Plugin
from hookline.testing.loopback import Silence, Status
from hookline.testing.ollama import FakeOllama
from hookline_nlu.intents import Intents

EMBEDDINGS, LLM_PLUGIN = (Catalogue.load().get(name) for name in ("embeddings", "llm"))
BANK = {
    "intents": [
        {
            "name": "lost_card",
            "route": ["cards"],
            "flags": ["urgent"],
            "keywords": {"en": ["lost card", "stolen"]},
            "examples": [
                "I lost my card", "my card is gone", "I can't find my card", "somebody took my card",
                "please block my card", "the card was in my wallet and that is gone",
            ],
        },
        {
            "name": "opening_hours",
            "examples": [
                "when is the branch open", "opening hours on Sunday", "are you open tomorrow",
                "until when can I come to the branch", "at what time do you close", "is the branch closed on holidays",
            ],
        },
        {
            "name": "top_up",
            "examples": [
                "how do I top up my account", "I want to add money to my account", "top up by bank transfer",
                "load money on the account", "add funds", "my top up has not arrived",
            ],
        },
        {"name": "greeting", "alone": {"en": ["hello", "good morning"]}},
    ],
    "out_of_scope": ["who won the match", "tell me a joke"],
}  # fmt: skip
HASHING = '[plugins.embeddings.models.default]\nkind = "hashing"\n'
ODD = "is it possible that the branch has my funds tomorrow"


def config(*enabled, more=""):
    return f"[plugins]\nenabled = {json.dumps([*enabled, 'loopback'])}\n\n{more}"


async def start(make_bot, intents=BANK, text="", **more):
    """A bot whose first tenant has these intents."""
    plugins = [EMBEDDINGS, LLM_PLUGIN, hookline_nlu.plugin]
    bot = await make_bot(plugins=plugins, config=text or config("embeddings", "nlu", more=HASHING), **more)
    await declare(bot, intents)
    return bot


async def declare(bot, intents, tenant="acme"):
    content = yaml.safe_dump(intents, allow_unicode=True)
    (bot.folder / "tenants" / tenant / "intents.yaml").write_text(content, encoding="utf-8")
    assert await bot.runtime.load(tenant), bot.runtime_of(tenant).error


def service(bot, tenant=""):
    return Intents(bot.tenant("nlu", tenant))


async def test_a_rule_tells_and_says_by_what(make_bot):
    bot = await start(make_bot)

    turn = await bot.ask("help, my bag was stolen!")

    (intent,) = turn.intents
    assert intent.name == "lost_card"
    assert intent.score == 0.95
    assert intent.data == {"layer": "rules", "by": "stolen", "route": ["cards"], "flags": ["urgent"]}


@pytest.mark.parametrize(
    ("text", "name"),
    [("ADD funds!", "top_up"), ("Tell me a joke.", "out_of_scope"), ("top-up by bank transfer", "top_up")],
)
async def test_an_example_word_for_word_is_certain(make_bot, text, name):
    bot = await start(make_bot)

    (intent,) = (await bot.ask(text)).intents

    assert (intent.name, intent.score, intent.data["by"]) == (name, 0.95, "example")


async def test_the_classifier_tells_what_is_worded_otherwise(make_bot):
    bot = await start(make_bot)

    turn = await bot.ask("my card has gone, block it")

    assert turn.intents[0].name == "lost_card"
    assert turn.intents[0].data["layer"] == "classifier"
    assert turn.intents[0].data["route"] == ["cards"]
    assert turn.intents[0].score > 0.5
    assert [one.score for one in turn.intents] == sorted((one.score for one in turn.intents), reverse=True)


async def test_out_of_scope_is_an_answer(make_bot):
    bot = await start(make_bot)

    turn = await bot.ask("who composed the ninth symphony")

    assert turn.intents[0].name == "out_of_scope"
    assert turn.intents[0].score > 0.5
    assert all(one.score < 0.5 for one in turn.intents[1:])


@pytest.mark.parametrize("text", ["🎉", "…", "?!"])
async def test_where_nothing_is_said_nothing_is_meant(make_bot, text):
    bot = await start(make_bot)

    assert list((await bot.ask(text)).intents) == []


async def test_a_tenant_without_intents_has_none(make_bot):
    bot = await make_bot(plugins=[hookline_nlu.plugin])

    assert list((await bot.ask("my card is lost")).intents) == []


async def test_words_alone_tell_where_there_is_no_embedder(make_bot):
    bot = await start(make_bot, text=config("nlu"))

    assert (await bot.ask("my card has gone, block it")).intents[0].name == "lost_card"


async def test_the_greatest_message_is_told_in_time(make_bot):
    bot = await start(make_bot)

    turn = await bot.ask("my card has gone, block it. " * 350)

    assert turn.intents[0].name == "lost_card"


# -- the model -----------------------------------------------------------------------------------------------------------

LLM = (
    HASHING + '[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{host}"\nattempts = 1\n'
    '[plugins.nlu]\nmodel = "llm"\n{more}'
)


async def with_model(make_bot, ollama, more=""):
    text = config("embeddings", "nlu", "llm", more=LLM.format(host=ollama.host, more=more))
    return await start(make_bot, text=text)


@pytest.mark.row("F61")
async def test_a_rule_asks_no_model_and_an_odd_sentence_asks_one(make_bot):
    async with FakeOllama(answer='{"intent": "top_up"}') as ollama:
        bot = await with_model(make_bot, ollama, 'ask = "no_rule"\n')
        intents = service(bot)
        await intents.start()

        assert (await intents.classify("my purse was stolen"))[0].data["layer"] == "rules"
        assert ollama.chats == []

        found = await intents.classify(ODD)
        assert found[0].name == "top_up"
        assert found[0].data["layer"] == "llm"
        assert len(ollama.chats) == 1


async def test_the_model_chooses_among_the_declared_intents_only(make_bot):
    async with FakeOllama(answer='{"intent": "out_of_scope"}') as ollama:
        bot = await with_model(make_bot, ollama, 'ask = "no_rule"\n')
        intents = service(bot)
        await intents.start()

        assert (await intents.classify(ODD))[0].name == "out_of_scope"

        (chat,) = ollama.chats
        allowed = chat["format"]["properties"]["intent"]["enum"]
        assert allowed == ["lost_card", "opening_hours", "top_up", "greeting", "out_of_scope"]
        assert chat["messages"][-1]["content"] == ODD
        assert "I lost my card" in chat["messages"][0]["content"]


async def test_a_sure_classifier_asks_no_model(make_bot):
    async with FakeOllama(answer='{"intent": "top_up"}') as ollama:
        bot = await with_model(make_bot, ollama)
        intents = service(bot)
        await intents.start()

        found = await intents.classify("please block my card, my card is gone")

        assert found[0].name == "lost_card"
        assert found[0].data["layer"] == "classifier"
        assert ollama.chats == []


@pytest.mark.parametrize("answer", ['{"intent": "buy_a_ship"}', "I think it is top_up", '{"name": "top_up"}', ""])
async def test_what_the_model_makes_up_does_not_count(make_bot, answer):
    async with FakeOllama(answer=answer) as ollama:
        bot = await with_model(make_bot, ollama, 'ask = "no_rule"\n')
        intents = service(bot)
        await intents.start()

        found = await intents.classify(ODD)

        assert found[0].data["layer"] == "classifier"
        assert ollama.chats


@pytest.mark.row("A01")
async def test_where_the_model_is_down_the_fallback_stands(make_bot):
    rules = {"intents": [{"name": "BUY", "keywords": {"en": ["buy"]}}, {"name": "INFO", "keywords": {"en": ["hours"]}}]}
    async with FakeOllama(answer='{"intent": "BUY"}') as ollama:
        bot = await make_bot(
            plugins=[LLM_PLUGIN, hookline_nlu.plugin],
            config=config("nlu", "llm", more=LLM.format(host=ollama.host, more="").removeprefix(HASHING)),
        )
        await declare(bot, rules)
        text = (bot.folder / "tenants" / "acme" / "tenant.toml").read_text()
        (bot.folder / "tenants" / "acme" / "tenant.toml").write_text(text + 'fallback = "INFO"\n')
        assert await bot.runtime.load("acme"), bot.runtime_of().error

        assert (await bot.ask("I want to buy one")).intents[0].name == "BUY"
        assert ollama.chats == []
        assert (await bot.ask("something else")).intents[0].name == "BUY"
        assert len(ollama.chats) == 1
        ollama.always(Status(500))
        (intent,) = (await bot.ask("something else")).intents
        assert intent.name == "INFO"
        assert intent.data["layer"] == "fallback"


async def test_a_model_that_takes_too_long_is_not_waited_for(make_bot):
    async with FakeOllama(answer='{"intent": "top_up"}') as ollama:
        ollama.always(Silence(after=0))
        bot = await with_model(make_bot, ollama, 'ask = "no_rule"\npatience = 0.2\n')
        intents = service(bot)
        await intents.start()
        before = time.perf_counter()

        found = await intents.classify(ODD)

        assert found[0].data["layer"] == "classifier"
        assert time.perf_counter() - before < 3.0
        ollama.release()


# -- life ------------------------------------------------------------------------------------------------------------------


async def test_a_classifier_is_trained_once_and_then_remembered(make_bot):
    bot = await start(make_bot)
    first, again = service(bot), service(bot)

    await first.start()
    await again.start()
    assert again.learned is not None
    assert again.learned.cached

    changed = {**BANK, "out_of_scope": [*BANK["out_of_scope"], "what is the weather"]}
    await declare(bot, changed)
    other = service(bot)
    assert len(list((bot.tenant("nlu").data / "intents").glob("*.npz"))) == 2
    await other.start()
    assert other.learned.classifier.encode() != again.learned.classifier.encode()


async def test_a_damaged_cache_is_trained_anew(make_bot, capsys):
    bot = await start(make_bot)
    (held,) = (bot.tenant("nlu").data / "intents").glob("*.npz")
    whole = held.read_bytes()
    held.write_bytes(whole[:1000])

    await bot.restart()

    assert (await bot.ask("my card has gone, block it")).intents[0].name == "lost_card"
    assert held.read_bytes() == whole
    assert "a trained classifier can't be used, training it anew" in capsys.readouterr().out


async def test_a_reload_in_mid_turn_leaves_the_turn_what_it_began_with(make_bot):
    bot = await start(make_bot)
    old = bot.snapshot()
    renamed = {"intents": [{"name": "gone", "keywords": {"en": ["stolen"]}}]}

    with old:
        await declare(bot, renamed)
        hooks = old.hooks
        turn = await bot.ask("my bag was stolen")
        found = await hooks.classify_intent(turn)

    assert [one.name for one in found] == ["lost_card"]
    assert turn.intents[0].name == "gone"


async def test_two_tenants_know_nothing_of_each_other(make_bot):
    text = config("embeddings", "nlu", more=HASHING)
    bot = await make_bot(plugins=[EMBEDDINGS, hookline_nlu.plugin], tenants={"bank": text, "shop": text})
    shop = [
        {"name": "returns", "examples": ["I want to send it back", "return the shoes", "how do I return something"]},
        {"name": "sizes", "examples": ["which size should I take", "is it too small", "does it come in large"]},
    ]
    await declare(bot, BANK, "bank")
    await declare(bot, {"intents": shop}, "shop")

    in_bank = await bot.ask("somebody took my card, block it", tenant="bank")
    in_shop = await bot.ask("somebody took my card, block it", tenant="shop")

    assert in_bank.intents[0].name == "lost_card"
    assert {one.name for one in in_shop.intents} <= {"returns", "sizes", "out_of_scope"}
    assert not set((bot.tenant("nlu", "bank").data / "intents").iterdir()) & set(
        (bot.tenant("nlu", "shop").data / "intents").iterdir()
    )


async def test_the_loop_goes_on_while_hundreds_of_examples_are_learned(make_bot):
    bot = await start(make_bot)
    verbs = "block close open check send lose find change order renew".split()
    things = "card account loan cheque pin limit letter branch transfer statement".split()
    intents = [
        {
            "name": f"{verb}_{thing}",
            "examples": [f"{how} {verb} the {thing}" for how in ("please", "how to", "I must", "can you", "help me")],
        }
        for verb in verbs
        for thing in things
    ]
    gaps = []

    async def watch():
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            gaps.append(time.perf_counter() - before)

    watcher = asyncio.create_task(watch())
    await declare(bot, {"intents": intents})
    watcher.cancel()

    found = await bot.ask("PLEASE renew the loan!")
    assert found.intents[0].name == "renew_loan"
    assert len(gaps) > 50
    assert sorted(gaps)[int(len(gaps) * 0.95)] < 0.03


class Embedder:
    """Two directions: what is about money, and what is not; it can be reached or not."""

    reached = True
    described = True

    def plugin(self):
        outer = self

        class TenantHooks:
            def __init__(self, tenant):
                self.serves = {"embed": ("default",), "describe_embedder": ("default",)}

            @hookimpl
            async def embed(self, name, texts, query):
                if not outer.reached:
                    raise ServiceUnavailable("the embedder hung up")
                money = [("money" in text or "top" in text or "dough" in text) for text in texts]
                return np.array([[1.0, 0.0] if one else [0.0, 1.0] for one in money], np.float32)

            @hookimpl
            async def describe_embedder(self, name):
                if not outer.described:
                    raise ServiceUnavailable("the embedder hung up")
                return {"id": "told-1", "dimension": 2, "max_tokens": 0, "languages": ("en",)}

        return Plugin("embedder", TenantHooks)


async def test_what_means_the_same_is_told_by_the_embedder(make_bot):
    bot = await make_bot(plugins=[Embedder().plugin(), hookline_nlu.plugin])
    await declare(bot, BANK)

    turn = await bot.ask("dough, please")

    assert max((one for one in turn.intents if one.name != "out_of_scope"), key=lambda one: one.score).name == "top_up"
    health = await bot.snapshot().hooks.check_health()
    assert health["intents"] == {"status": "ok", "detail": "4 intents, classifier on default"}


async def test_without_the_embedder_the_rules_go_on_and_health_says_so(make_bot):
    embedder = Embedder()
    bot = await make_bot(plugins=[embedder.plugin(), hookline_nlu.plugin])
    await declare(bot, BANK)
    embedder.reached = False

    assert list((await bot.ask("add some money for me")).intents) == []
    assert (await bot.ask("my bag was stolen")).intents[0].name == "lost_card"
    health = await bot.snapshot().hooks.check_health()
    assert health["intents"]["status"] == "degraded"
    assert health["intents"]["detail"].startswith("rules alone tell intents, because the embedder can't be reached")

    embedder.reached = True
    await bot.ask("add some money for me")
    assert (await bot.snapshot().hooks.check_health())["intents"]["status"] == "ok"


@pytest.mark.parametrize("described", [True, False])
async def test_a_tenant_whose_embedder_is_away_at_the_start_learns_from_words_alone(make_bot, described):
    embedder = Embedder()
    embedder.reached, embedder.described = False, described
    bot = await make_bot(plugins=[embedder.plugin(), hookline_nlu.plugin])

    await declare(bot, BANK)

    assert (await bot.ask("my card has gone, block it")).intents[0].name == "lost_card"
    health = await bot.snapshot().hooks.check_health()
    assert health["intents"]["status"] == "degraded"
    assert health["intents"]["detail"].startswith("intents are told by words alone")
