"""The sentiment of a message whose words say nothing, by a model of the plugin llm."""

from __future__ import annotations

import json

import pytest

import hookline_llm
import hookline_nlu
from hookline.testing.ollama import FakeOllama

ASKING = """
[plugins]
enabled = ["llm", "nlu", "loopback"]

[plugins.nlu]
embedder = ""

[plugins.nlu.sentiment]
model = "llm"

[plugins.llm]
chain = ["ollama"]

[plugins.llm.providers.ollama]
host = "{host}"
backoff = 0.01
"""


async def test_where_the_words_say_nothing_the_model_is_asked(make_bot):
    async with FakeOllama(answer=json.dumps({"value": -0.8})) as ollama:
        config = ASKING.format(host=ollama.host)
        bot = await make_bot(plugins=[hookline_llm.plugin, hookline_nlu.plugin], config=config, blocking=2.0)

        unsure = await bot.ask("My parcel went round the world twice")
        plain = await bot.ask("terrible service")

        assert [(e.value, e.unit) for e in unsure.entities if e.name == "sentiment"] == [(-0.8, "negative")]
        assert [e.unit for e in plain.entities if e.name == "sentiment"] == ["negative"]
        assert len(ollama.chats) == 1


@pytest.mark.parametrize("answer", ["delighted", '{"value": "x"}', ""])
async def test_a_model_that_says_something_else_leaves_it_to_the_words(make_bot, answer):
    async with FakeOllama(answer=answer) as ollama:
        config = ASKING.format(host=ollama.host)
        bot = await make_bot(plugins=[hookline_llm.plugin, hookline_nlu.plugin], config=config, blocking=2.0)

        turn = await bot.ask("My parcel went round the world twice")

        assert [(e.value, e.unit) for e in turn.entities if e.name == "sentiment"] == [(0.0, "neutral")]
