"""The real model: fidelity, meaning, speed; and how loaded models are shared."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from hookline_embeddings.cache import read_model
from hookline_embeddings.onnx_engine import (
    BATCH_TEXTS,
    BATCH_TOKENS,
    LoadedModels,
    Model,
    OnnxEmbedder,
    batches,
)

REFERENCE = Path(__file__).parent / "minilm_reference.npz"
"""Sentences with their vectors in float, from BERT's arithmetic on the published weights."""


@pytest.fixture(scope="module")
def shared():
    return LoadedModels()


@pytest.fixture(scope="module")
def model(minilm, shared):
    model = shared.acquire(minilm)
    yield model
    shared.release(model)


def test_int8_vectors_are_within_two_per_cent_of_the_float_reference(model):
    with np.load(REFERENCE) as reference:
        sentences, wanted = reference["sentences"].tolist(), reference["vectors"]

    vectors = model.embed(sentences)

    assert vectors.shape == (len(sentences), 384)
    assert vectors.dtype == np.float32
    cosines = dict(zip(sentences, (vectors * wanted).sum(1).tolist(), strict=True))
    assert min(cosines.values()) >= 0.98, cosines


def test_a_question_has_the_same_vector_alone_and_among_others(model):
    sentences = [f"Is branch number {n} open on Sundays?" + " Please tell me." * n for n in range(20)]

    together = model.embed(sentences)

    for sentence, vector in zip(sentences, together, strict=True):
        assert model.embed([sentence])[0] @ vector > 0.9999


def test_what_means_the_same_is_nearer_than_what_does_not(model):
    ask, same, other = model.embed(
        ["I forgot my password", "How can I reset my login?", "What does a home loan cost each month?"]
    )

    assert ask @ same > 0.5
    assert ask @ same > ask @ other + 0.3


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0", "\ud800 lone surrogate", "मुझे ऋण चाहिए", "你好", "🙂", "x" * 100_000, "word " * 50_000],
    ids=["empty", "blank", "null", "surrogate", "hindi", "chinese", "emoji", "one long word", "many words"],
)
def test_any_text_gets_a_vector_of_length_one(model, text):
    (vector,) = model.embed([text])

    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


def test_only_the_first_256_tokens_count(model):
    start = "The first part of a long contract. " * 60

    one, other = model.embed([start + "cats", start + "interest rates"])

    assert len(model.tokenize([start])[0]) == 256
    np.testing.assert_array_equal(one, other)


def test_coverage_tells_languages_that_the_model_reads_from_those_it_does_not(model):
    english = model.coverage("I want to apply for a home loan and know the interest rate")
    french = model.coverage("Je voudrais connaître les horaires d'ouverture de votre agence principale")
    hindi = model.coverage("मुझे गृह ऋण के लिए आवेदन करना है")
    telugu = model.coverage("నాకు గృహ రుణం కావాలి")

    assert english == 1.0
    assert french < english
    assert hindi < 0.5
    assert telugu == 0.0
    assert model.coverage("?!") == 1.0


def test_batches_hold_texts_of_like_length_and_bounded_size():
    lengths = [3, 256, 4, 255] * 50

    groups = batches(lengths)

    assert sorted(i for group in groups for i in group) == list(range(200))
    for group in groups:
        assert len(group) <= BATCH_TEXTS
        assert len(group) * max(lengths[i] for i in group) <= BATCH_TOKENS
    mixed = [g for g in groups if {lengths[i] > 100 for i in g} == {True, False}]
    assert len(mixed) <= 1


def test_batches_of_nothing_are_none():
    assert batches([]) == []


@pytest.mark.slow
async def test_a_thousand_passages_go_through_without_holding_up_the_event_loop(minilm, compute, shared, capsys):
    model = shared.acquire(minilm)
    embedder = OnnxEmbedder(shared, model, compute)
    texts = [
        f"Article {n}: the account holder may close the account by giving {n} days of notice." for n in range(1000)
    ]
    gaps: list[float] = []

    async def tick():
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.002)
            gaps.append(time.perf_counter() - before)

    ticking = asyncio.create_task(tick())
    start = time.perf_counter()
    vectors = await embedder.embed(texts, False)
    took = time.perf_counter() - start
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await embedder.close()

    singles = [await _timed(minilm, shared, compute, text) for text in texts[:30]]
    figures = (
        f"{1000 / took:.0f} passages/s, a question {sorted(singles)[15] * 1e3:.1f} ms, gap {max(gaps) * 1e3:.0f} ms"
    )
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201 - figures for who runs the test
    assert vectors.shape == (1000, 384)
    assert vectors[999] @ model.embed([texts[999]])[0] > 0.9999
    assert max(gaps) < 0.5


async def _timed(folder, shared, compute, text):
    embedder = OnnxEmbedder(shared, shared.acquire(folder), compute)
    start = time.perf_counter()
    await embedder.embed([text], True)
    took = time.perf_counter() - start
    await embedder.close()
    return took


async def test_no_passages_are_no_rows(minilm, compute, shared):
    embedder = OnnxEmbedder(shared, shared.acquire(minilm), compute)

    vectors = await embedder.embed([], False)
    await embedder.close()

    assert vectors.shape == (0, 384)


def test_a_model_is_loaded_once_and_let_go_after_its_last_user(minilm):
    models = LoadedModels()

    first, second = models.acquire(minilm), models.acquire(minilm)
    assert first is second
    models.release(first)
    assert len(models) == 1
    models.release(second)

    assert len(models) == 0


def test_a_loaded_model_says_what_its_manifest_says(minilm):
    manifest, contents = read_model(minilm)

    model = Model(manifest, contents["model.onnx"], contents["tokenizer.json"])

    assert model.manifest.id == "all-MiniLM-L6-v2-53aa51172d14-int8t2"
    assert model.manifest.dimension == 384
    assert model.manifest.languages == ("en",)
