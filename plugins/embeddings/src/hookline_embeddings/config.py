"""`[plugins.embeddings]` in tenant.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import attrs
import msgspec

from .recipe import MINILM, RECIPES

Positive = Annotated[int, msgspec.Meta(gt=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class OnnxConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="onnx"):
    """A model that `hookline model fetch` gets, run on onnxruntime in this process."""

    model: str = MINILM.name

    def __post_init__(self) -> None:
        """Refuse a model that can't be fetched."""
        if self.model not in RECIPES:
            raise ValueError(f"unknown model {self.model!r}; allowed: {', '.join(RECIPES)}")


class HashingConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="hashing"
):
    """Feature hashing: no model, any language, finds what is written alike."""

    dimension: Annotated[int, msgspec.Meta(ge=64, le=65536)] = 1024


class OllamaConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ollama"
):
    """A model on an Ollama server.

    `dimension` 0 takes what the model gives, another asks for it and insists on it.  The prefixes are put before
    questions and passages, for models that were trained with them ("search_query: ").  `languages` are those that
    the model was trained on, `["*"]` for all.  Times are in seconds; `connect_timeout` is a part of `timeout`.
    """

    model: str
    host: str = "http://127.0.0.1:11434"
    dimension: Annotated[int, msgspec.Meta(ge=0)] = 0
    max_tokens: Annotated[int, msgspec.Meta(ge=0)] = 0
    languages: tuple[str, ...] = ("*",)
    query_prefix: str = ""
    passage_prefix: str = ""
    batch: Positive = 32
    timeout: Seconds = 60.0
    connect_timeout: Seconds = 3.0
    keep_alive: str = "30m"


ModelConfig: TypeAlias = OnnxConfig | HashingConfig | OllamaConfig


@attrs.frozen
class Config:
    """The embedders by the names under which `embed` is asked for them.

    models      none: one named "default", MiniLM where it was fetched and feature hashing where not
    cache       the folder of fetched models; "" is `$HOOKLINE_CACHE`, else the user's cache folder
    remember    how many questions' vectors are kept, for each embedder
    """

    models: Mapping[str, ModelConfig] = attrs.Factory(dict)
    cache: str = ""
    remember: Positive = 2048

    @property
    def named(self) -> Mapping[str, ModelConfig]:
        """The models, with the one that is there when none is configured."""
        return self.models or {"default": OnnxConfig()}
