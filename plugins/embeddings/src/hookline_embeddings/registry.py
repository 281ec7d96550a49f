"""Which kind of config is opened how.  A new kind is a config class, an embedder, and a line here.

The kinds and their fields are in `config`; msgspec picks the class by `kind`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import PluginError

from .cache import ModelDamaged, ModelMissing, model_folder
from .config import (
    BedrockConfig,
    HashingConfig,
    ModelConfig,
    OllamaConfig,
    OnnxConfig,
    OpenAIConfig,
    TransformersConfig,
)
from .embedder import Embedder
from .hashing import HashingEmbedder
from .onnx_engine import LoadedModels, OnnxEmbedder
from .recipe import RECIPES

if TYPE_CHECKING:
    from hookline.clock import Clock
    from hookline.compute import Compute


@attrs.frozen
class Surroundings:
    """What an embedder may need besides its config; `cache` is the folder of fetched models."""

    models: LoadedModels
    compute: Compute
    clock: Clock
    log: Any
    cache: Path


async def open_onnx(config: OnnxConfig, around: Surroundings) -> Embedder:
    """The fetched model, or feature hashing in its place: with a warning, and degraded in the health check."""
    folder = model_folder(around.cache, RECIPES[config.model])
    try:
        model = await around.compute.run(around.models.acquire, folder)
    except (ModelMissing, ModelDamaged) as error:
        if around.models.tell_once(str(error)):
            around.log.warning("embedding model not usable, feature hashing stands in", reason=str(error))
        return HashingEmbedder(around.compute, degraded=f"{error}, then `hookline reload`")
    return OnnxEmbedder(around.models, model, around.compute)


async def open_hashing(config: HashingConfig, around: Surroundings) -> Embedder:
    """Feature hashing, as chosen."""
    return HashingEmbedder(around.compute, config.dimension)


async def open_ollama(config: OllamaConfig, around: Surroundings) -> Embedder:
    """Does not ask the server yet: it may start later than this one."""
    return await around.compute.run(_make_ollama, config, around.clock)


def _make_ollama(config: OllamaConfig, clock: Clock) -> Embedder:
    # On a thread: importing the client and reading the certificates takes half a second.
    from .ollama import OllamaEmbedder

    return OllamaEmbedder(config, clock.now)


async def open_openai(config: OpenAIConfig, around: Surroundings) -> Embedder:
    """Does not ask the service yet."""
    return await around.compute.run(_make_openai, config, around.clock)


def _make_openai(config: OpenAIConfig, clock: Clock) -> Embedder:
    from .openai import OpenAIEmbedder

    return OpenAIEmbedder(config, clock.now)


async def open_bedrock(config: BedrockConfig, around: Surroundings) -> Embedder:
    """Does not ask the service yet."""
    try:
        return await around.compute.run(_make_bedrock, config, around.clock)
    except ModuleNotFoundError as error:
        raise _extra_missing("bedrock", error) from error


def _make_bedrock(config: BedrockConfig, clock: Clock) -> Embedder:
    from .bedrock import BedrockEmbedder, prepared

    return BedrockEmbedder(config, prepared(config), clock.now)


async def open_transformers(config: TransformersConfig, around: Surroundings) -> Embedder:
    """Loads the model, or takes the one that another tenant has loaded."""
    from .transformers import TransformersEmbedder, load

    try:
        model = await around.compute.run(load, config.model, around.models)
    except ModuleNotFoundError as error:
        raise _extra_missing("sentence-transformers", error) from error
    return TransformersEmbedder(around.models, model, around.compute, config)


def _extra_missing(kind: str, error: ModuleNotFoundError) -> PluginError:
    return PluginError(
        f'an embedder of kind "{kind}" needs {error.name}: install it with `pip install "hookline-embeddings[{kind}]"`'
    )


Opener = Callable[[Any, Surroundings], Awaitable[Embedder]]

OPENERS: Mapping[type[ModelConfig], Opener] = {
    OnnxConfig: open_onnx,
    HashingConfig: open_hashing,
    TransformersConfig: open_transformers,
    OllamaConfig: open_ollama,
    OpenAIConfig: open_openai,
    BedrockConfig: open_bedrock,
}
