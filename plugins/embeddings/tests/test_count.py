"""How many tokens a text is: by the model's own tokenizer, by words, or estimated."""

from __future__ import annotations

import random
import time

import pytest

from hookline_embeddings import plugin
from hookline_embeddings.config import Config, HashingConfig, OllamaConfig, OnnxConfig
from hookline_embeddings.estimate import estimate
from hookline_embeddings.onnx_engine import LONG_TEXT, LoadedModels

SENTENCES = [
    "I want to apply for a home loan and know the interest rate.",
    "The annual percentage rate (APR) is 7.25 %, payable in 240 monthly instalments of Rs. 41,250.",
    "Unsubscribe by texting STOP to +1 555 010 9999; confirmation arrives within minutes.",
    "Je voudrais connaître les horaires d'ouverture de votre agence principale à Genève.",
    "मुझे गृह ऋण के लिए आवेदन करना है और ब्याज दर जाननी है।",
    "నాకు గృహ రుణం కావాలి, వడ్డీ రేటు ఎంత?",
    "我想申请住房贷款。",
    "🙂🙂 ok!!",
]


@pytest.fixture(scope="module")
def model(minilm):
    models = LoadedModels()
    model = models.acquire(minilm)
    yield model
    models.release(model)


def test_the_model_counts_what_it_embeds_less_start_and_end(model):
    counts = model.count(SENTENCES)

    assert counts == [len(row) - 2 for row in model.tokenize(SENTENCES)]
    assert model.count(["", " \n"]) == [0, 0]
    assert model.count([]) == []


def test_a_text_longer_than_the_model_reads_is_counted_whole(model):
    assert model.count(["rate " * 10_000]) == [10_000]
    assert len(model.tokenize(["rate " * 10_000])[0]) == 256


def test_a_huge_text_is_counted_in_pieces_that_make_no_difference(model):
    chosen = random.Random(3)
    text = " ".join(chosen.choice(["rate", "instalment", "loan"]) for _ in range(60_000))
    assert len(text) > 3 * LONG_TEXT

    (whole,) = model.count([text])

    assert whole == sum(model.count(text.split(" ")))


def test_counting_is_fast_enough_for_every_sentence_of_a_book(model):
    sentences = [f"{sentence} {n}" for n in range(1000) for sentence in SENTENCES[:3]]
    begun = time.process_time()
    model.count(sentences)

    assert time.process_time() - begun < 3.0  # some 0.2 s; three thousand sentences


async def test_a_plugin_counts_tokens_by_the_config_name(make_bot, minilm_cache):
    bot = await make_bot(
        plugins=[plugin],
        config=f"""
            [plugins.embeddings]
            cache = "{minilm_cache}"
            [plugins.embeddings.models.minilm]
            kind = "onnx"
            [plugins.embeddings.models.words]
            kind = "hashing"
        """,
    )
    hooks = bot.snapshot().hooks

    assert await hooks.count_tokens("minilm", ["I forgot my password.", ""]) == [5, 0]
    assert await hooks.count_tokens("words", ["I forgot my passwords.", "मुझे ऋण चाहिए"]) == [4, 3]


async def test_what_can_not_be_asked_is_estimated(place, models):
    hooks = plugin.hooks.func(place(Config(models={"far": OllamaConfig(model="bge-m3")})), models)
    await hooks.start()

    counts = await hooks.count_tokens("far", SENTENCES)
    await hooks.stop()

    assert counts == [estimate(sentence) for sentence in SENTENCES]


def test_an_estimate_is_near_the_tokenizer_and_rather_above(model):
    for sentence, counted in zip(SENTENCES[:6], model.count(SENTENCES[:6]), strict=True):
        assert 0.7 * counted <= estimate(sentence) <= 2.0 * counted, sentence


def test_an_estimate_of_nothing_is_nothing():
    assert estimate("") == 0
    assert estimate(" \n\t") == 0
    assert estimate("x") == 1


def test_the_names_that_count_are_those_that_embed(place, models):
    config = Config(models={"a": HashingConfig(), "b": OnnxConfig()})

    hooks = plugin.hooks.func(place(config), models)

    assert hooks.serves["count_tokens"] == hooks.serves["embed"] == ("a", "b")
