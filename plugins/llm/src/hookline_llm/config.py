"""What `[plugins.llm]` in a tenant's config may say."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

import attrs
import msgspec

from hookline.settings import Secret

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Positive = Annotated[int, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
NO_KEY = Secret("")


@attrs.frozen
class Provider:
    """Where a model is asked.  What is left out comes from the preset of the provider's name, if there is one.

    kind         "ollama", or "openai" for everything that speaks its chat completions
    host         of an Ollama server
    base_url     of an OpenAI-compatible server, with its path (`…/v1`)
    first_token  seconds to the first piece of the answer, repeated tries included; then the next provider is asked
    stall        seconds between two pieces
    total        seconds in all
    attempts     tries before the first piece; `backoff`: seconds before the second, doubled each time, with jitter
    failures     failed answers in a row after which it is left alone for `recovery` seconds
    keep_alive   how long Ollama keeps the model in memory
    """

    kind: Literal["", "ollama", "openai"] = ""
    host: str = ""
    base_url: str = ""
    api_key: Secret = NO_KEY
    model: str = ""
    first_token: Seconds = 8.0
    stall: Seconds = 15.0
    total: Seconds = 60.0
    attempts: Positive = 3
    backoff: Seconds = 0.25
    failures: Positive = 3
    recovery: Seconds = 30.0
    keep_alive: str = "30m"


@attrs.frozen
class Preset:
    """What is known of a provider by its name; `key` is the variable that its key is usually in ("": needs none)."""

    kind: Literal["ollama", "openai"]
    host: str = ""
    base_url: str = ""
    model: str = ""
    key: str = ""


PRESETS: Mapping[str, Preset] = {
    "ollama": Preset("ollama", host="http://127.0.0.1:11434", model="llama3:8b"),
    "groq": Preset("openai", base_url="https://api.groq.com/openai/v1", model="llama3-8b-8192", key="GROQ_API_KEY"),
    "openai": Preset("openai", base_url="https://api.openai.com/v1", model="gpt-4o-mini", key="OPENAI_API_KEY"),
    "gemini": Preset(
        "openai",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai/",
        model="gemini-2.5-flash",
        key="GOOGLE_API_KEY",
    ),
    "vllm": Preset("openai", base_url="http://127.0.0.1:8000/v1"),
    "llamacpp": Preset("openai", base_url="http://127.0.0.1:8080/v1", model="default"),
}


@attrs.frozen(slots=False)
class Config:
    """The chain of providers, and what they are told.

    chain           providers by name, asked in this order; empty: no model answers, extractive answers do
    providers       their settings by name; a name of `PRESETS` needs none
    context_chars   the longest context (code points) that is made of passages
    min_confidence  below it (the best passage's) no model is asked
    without_documents  while the documents can't be reached: "decline" leaves the answer to others, "answer" lets the
                    model say what it can in general, without figures, and with confidence 0
    history         how many earlier messages the model sees
    max_tokens      the longest answer
    """

    chain: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = attrs.Factory(dict)
    context_chars: Annotated[int, msgspec.Meta(ge=200)] = 2000
    min_confidence: Share = 0.5
    without_documents: Literal["decline", "answer"] = "decline"
    history: Annotated[int, msgspec.Meta(ge=0)] = 4
    max_tokens: Positive = 400
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.0

    def __attrs_post_init__(self) -> None:
        """Complete and check the providers; raises `ValueError` that names the culprit and the remedy."""
        if "llm" in self.providers:
            raise ValueError("a provider can't be called 'llm': that is the name of the whole chain")
        if len(set(self.chain)) < len(self.chain):
            raise ValueError("chain names a provider twice")
        for name in self.complete:
            if name in self.chain or name in self.providers:
                _check(name, self.complete[name])
        if self.chain and not self.usable:
            raise ValueError(f"no provider of the chain can be used: {'; '.join(self.left_out.values())}")

    @cached_property
    def complete(self) -> Mapping[str, Provider]:
        """Each provider that the config names, with what its preset knows."""
        return {name: self._complete(name) for name in dict.fromkeys((*self.chain, *self.providers))}

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """The providers that can't be asked, because the variable of their key is unset, with the reason."""
        return {
            name: f"provider {name!r} needs {provider.api_key.name or PRESETS[name].key}, which is unset"
            for name, provider in self.complete.items()
            if not provider.api_key and (provider.api_key.name or (name in PRESETS and PRESETS[name].key))
        }

    @cached_property
    def usable(self) -> tuple[str, ...]:
        """The chain without what is left out."""
        return tuple(name for name in self.chain if name not in self.left_out)

    def _complete(self, name: str) -> Provider:
        given = self.providers.get(name, Provider())
        preset = PRESETS.get(name)
        if preset is None:
            if not given.kind:
                near = difflib.get_close_matches(name, PRESETS, n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                raise ValueError(
                    f"provider {name!r} is not known{hint}; known: {', '.join(PRESETS)}; for another write kind, "
                    f"model and host or base_url under [plugins.llm.providers.{name}]"
                )
            return given
        return attrs.evolve(
            given,
            kind=given.kind or preset.kind,
            host=given.host or preset.host,
            base_url=given.base_url or preset.base_url,
            model=given.model or preset.model,
        )


def _check(name: str, provider: Provider) -> None:
    """What a provider must say; its place in the config is named by whoever reads the config."""
    table = f"[plugins.llm.providers.{name}]"
    preset = PRESETS.get(name)
    if not provider.model:
        raise ValueError(f"provider {name!r} has no model; write model under {table}")
    address = provider.host if provider.kind == "ollama" else provider.base_url
    if not address.startswith(("http://", "https://")):
        key = "host" if provider.kind == "ollama" else "base_url"
        raise ValueError(f"provider {name!r}: given {key} {address!r}; allowed: an address with http:// or https://")
    if preset and preset.key and not provider.api_key and not provider.api_key.name:
        raise ValueError(
            f'provider {name!r} needs a key: set {preset.key} and write api_key = "${{{preset.key}}}" under {table}'
        )
