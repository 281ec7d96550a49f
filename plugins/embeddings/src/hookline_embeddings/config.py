"""`[plugins.embeddings]` in tenant.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

import attrs
import msgspec

from hookline.settings import Secret

from .recipe import MINILM, RECIPES

Positive = Annotated[int, msgspec.Meta(gt=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
NO_KEY = Secret("")
BEDROCK_FAMILIES = ("titan-embed-text", "cohere.embed")


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


class TransformersConfig(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="sentence-transformers",
):
    """A model of sentence-transformers, on torch in this process; its extra has to be installed.

    `model` is a folder, or a name that is in the user's Hugging Face cache: nothing is downloaded.  The prompts are
    the model's own.  `languages` are those that it was trained on, `["*"]` for all.
    """

    model: str
    languages: tuple[str, ...] = ("*",)
    batch: Positive = 32


class RemoteConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all models behind an API have.

    `dimension` 0 takes what the model gives, another asks for it and insists on it.  `max_tokens` is the longest text
    that is sent, longer ones are cut (0: whole).  The prefixes are put before questions and passages, for models that
    were trained with them ("search_query: ").  `languages` are those that the model was trained on, `["*"]` for all.
    `batch` texts go in one request, `parallel` requests at a time.  Times are in seconds; `connect_timeout` is a part
    of `timeout`.
    """

    model: str
    dimension: Annotated[int, msgspec.Meta(ge=0, le=65536)] = 0
    max_tokens: Annotated[int, msgspec.Meta(ge=0)] = 0
    languages: tuple[str, ...] = ("*",)
    query_prefix: str = ""
    passage_prefix: str = ""
    batch: Annotated[int, msgspec.Meta(gt=0, le=2048)] = 32
    parallel: Annotated[int, msgspec.Meta(gt=0, le=64)] = 1
    timeout: Seconds = 60.0
    connect_timeout: Seconds = 3.0


class OllamaConfig(RemoteConfig, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ollama"):
    """A model on an Ollama server."""

    host: str = "http://127.0.0.1:11434"
    keep_alive: str = "30m"


class OpenAIConfig(RemoteConfig, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="openai"):
    """A model behind OpenAI's API of embeddings: OpenAI, Gemini, vLLM, llama.cpp and others at their `base_url`.

    `retries` are tries after the first where the service is busy (429, 5xx), each after as long as it asks for.
    """

    base_url: str = "https://api.openai.com/v1"
    api_key: Secret = NO_KEY
    max_tokens: Annotated[int, msgspec.Meta(ge=0)] = 8000
    batch: Annotated[int, msgspec.Meta(gt=0, le=2048)] = 64
    parallel: Annotated[int, msgspec.Meta(gt=0, le=64)] = 4
    retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        if urlsplit(self.base_url).scheme not in ("http", "https") or not urlsplit(self.base_url).hostname:
            raise ValueError(f"base_url {self.base_url!r} is no address; write it as https://host/v1")


class BedrockConfig(
    RemoteConfig, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="bedrock"
):
    """A model of Titan or Cohere on Amazon Bedrock; its extra has to be installed.

    Without `access_key` the credentials are AWS's usual ones (environment, profile, role), and so is the region.
    `endpoint` is for a private one.
    """

    model: str = "amazon.titan-embed-text-v2:0"
    region: str = ""
    profile: str = ""
    endpoint: str = ""
    access_key: Secret = NO_KEY
    secret_key: Secret = NO_KEY
    session_token: Secret = NO_KEY
    batch: Annotated[int, msgspec.Meta(gt=0, le=96)] = 96
    parallel: Annotated[int, msgspec.Meta(gt=0, le=64)] = 8
    retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2

    def __post_init__(self) -> None:
        """Refuse a model that is asked in another way."""
        if not any(family in self.model for family in BEDROCK_FAMILIES):
            raise ValueError(
                f"unknown model {self.model!r}; its name must hold one of {', '.join(BEDROCK_FAMILIES)}, "
                f"as in amazon.titan-embed-text-v2:0 or cohere.embed-multilingual-v3"
            )


ModelConfig: TypeAlias = OnnxConfig | HashingConfig | TransformersConfig | OllamaConfig | OpenAIConfig | BedrockConfig


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
