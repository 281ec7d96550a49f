"""The service: several embedders opened together, closed together."""

from __future__ import annotations

import asyncio

import attrs
import numpy as np
import pytest

from hookline_embeddings.config import Config, HashingConfig, OllamaConfig, OnnxConfig
from hookline_embeddings.service import Embeddings


async def test_no_texts_are_no_rows(surroundings):
    service = Embeddings(Config(models={"words": HashingConfig()}), surroundings)
    await service.start()

    assert (await service.embed("words", [], True)).shape == (0, 1024)
    assert (await service.embed("words", [], False)).shape == (0, 1024)
    await service.stop()


async def test_many_turns_at_once_get_each_their_own_vector(surroundings, minilm_cache):
    service = Embeddings(Config(), attrs.evolve(surroundings, cache=minilm_cache))
    await service.start()
    questions = [f"What is the balance of account {n}?" for n in range(100)]

    together = await asyncio.gather(*(service.embed("default", [q], True) for q in questions))
    passages = await service.embed("default", questions, False)
    await service.stop()

    for (question,), passage in zip(together, passages, strict=True):
        assert question @ passage > 0.9999


async def test_a_question_and_a_passage_may_be_asked_for_at_once(surroundings):
    service = Embeddings(Config(models={"words": HashingConfig()}), surroundings)
    await service.start()

    question, passage = await asyncio.gather(
        service.embed("words", ["hello there"], True), service.embed("words", ["hello there"], False)
    )
    await service.stop()

    np.testing.assert_array_equal(question, passage)


async def test_a_service_that_is_down_does_not_hide_the_others(surroundings):
    models = {
        "words": HashingConfig(),
        "missing": OnnxConfig(),
        "far": OllamaConfig(model="bge-m3", host="http://127.0.0.1:1"),
    }
    service = Embeddings(Config(models=models), surroundings)
    await service.start()

    health = await service.health()
    await service.stop()

    assert {name: part["status"] for name, part in health.items()} == {
        "embedder:words": "ok",
        "embedder:missing": "degraded",
        "embedder:far": "down",
    }


async def test_what_was_opened_is_closed_when_another_can_not_be_opened(surroundings, minilm_cache):
    models = {"minilm": OnnxConfig(), "far": OllamaConfig(model="bge-m3", host="http://[not-an-address")}
    service = Embeddings(Config(models=models), attrs.evolve(surroundings, cache=minilm_cache))

    with pytest.raises(ValueError, match="Invalid IPv6 URL"):
        await service.start()

    assert len(surroundings.models) == 0
