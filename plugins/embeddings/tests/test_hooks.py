"""The hooks, for the configs that people write."""

from __future__ import annotations

import numpy as np
import pytest
from structlog.testing import capture_logs

from hookline.errors import ServiceNotFound
from hookline_embeddings import plugin
from hookline_embeddings.config import Config, HashingConfig, OnnxConfig
from hookline_embeddings.hooks import TenantHooks


@pytest.fixture
async def opened(place, models):
    """Makes started hooks for a config; they are stopped after the test."""
    started = []

    async def make(config):
        hooks = TenantHooks(place(config), models)
        await hooks.start()
        started.append(hooks)
        return hooks

    yield make
    for hooks in started:
        await hooks.stop()


@pytest.mark.row("T34")
async def test_the_real_model_gives_vectors_of_384(opened, minilm_cache):
    models = {"minilm": OnnxConfig(model="all-MiniLM-L6-v2")}
    hooks = await opened(Config(models=models, cache=str(minilm_cache)))

    vectors = await hooks.embed("minilm", ["I forgot my password"], True)

    assert hooks.serves["embed"] == ("minilm",)
    assert vectors.shape == (1, 384)
    assert vectors.dtype == np.float32
    assert await hooks.describe_embedder("minilm") == {
        "id": "all-MiniLM-L6-v2-53aa51172d14-int8t2",
        "dimension": 384,
        "max_tokens": 256,
        "languages": ("en",),
    }
    assert await hooks.check_health() == {
        "embedder:minilm": {"status": "ok", "detail": "all-MiniLM-L6-v2-53aa51172d14-int8t2"}
    }


async def test_another_plugin_gets_vectors_by_the_config_name(make_bot, minilm_cache):
    bot = await make_bot(
        plugins=[plugin],
        config=f"""
            [plugins.embeddings]
            cache = "{minilm_cache}"
            [plugins.embeddings.models.minilm]
            kind = "onnx"
            [plugins.embeddings.models.words]
            kind = "hashing"
            dimension = 256
        """,
    )
    hooks = bot.snapshot().hooks

    passages = await hooks.embed("minilm", ["We open at ten."] * 200)
    question = await hooks.embed("minilm", ["When do you open?"], query=True)
    words = await hooks.embed("words", ["When do you open?"], query=True)

    assert passages.shape == (200, 384)
    assert question.shape == (1, 384)
    assert words.shape == (1, 256)
    assert (await hooks.describe_embedder("words"))["dimension"] == 256


@pytest.mark.row("T34")
async def test_without_the_model_hashing_stands_in_and_says_so(opened, tmp_path):
    with capture_logs() as logs:
        hooks = await opened(Config(cache=str(tmp_path)))

    vectors = await hooks.embed("default", ["I forgot my password"], False)
    described = await hooks.describe_embedder("default")
    health = (await hooks.check_health())["embedder:default"]

    assert vectors.shape == (1, 1024)
    assert described["id"] == "hashing-v1-1024"
    assert health["status"] == "degraded"
    assert "run `hookline model fetch`, then `hookline reload`" in health["detail"]
    (warning,) = logs
    assert warning["log_level"] == "warning"
    assert warning["event"] == "embedding model not usable, feature hashing stands in"
    assert f"no model at {tmp_path}" in warning["reason"]


async def test_the_missing_model_is_told_once_however_many_tenants_want_it(opened, tmp_path):
    with capture_logs() as logs:
        for _ in range(3):
            await opened(Config(models={"a": OnnxConfig(), "b": OnnxConfig()}, cache=str(tmp_path)))

    assert len(logs) == 1


async def test_two_tenants_share_one_model_in_memory(opened, models, minilm_cache):
    config = Config(cache=str(minilm_cache))

    await opened(config)
    await opened(config)

    assert len(models) == 1


async def test_stopping_the_last_tenant_lets_the_model_go(place, models, minilm_cache):
    hooks = TenantHooks(place(Config(cache=str(minilm_cache))), models)
    await hooks.start()

    await hooks.stop()

    assert len(models) == 0


async def test_another_name_is_refused_and_never_falls_through(opened):
    hooks = await opened(Config(models={"words": HashingConfig()}))

    with pytest.raises(ServiceNotFound) as refused:
        await hooks.embed("minilm", ["hello"], True)

    assert str(refused.value) == "no embedder 'minilm' in [plugins.embeddings.models] (there are: words)"


async def test_each_name_has_vectors_of_its_own(opened):
    hooks = await opened(Config(models={"small": HashingConfig(dimension=128), "large": HashingConfig(dimension=4096)}))

    assert (await hooks.embed("small", ["hello"], True)).shape == (1, 128)
    assert (await hooks.embed("large", ["hello"], True)).shape == (1, 4096)
    assert hooks.serves["describe_embedder"] == ("small", "large")
