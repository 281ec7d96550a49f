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
Price = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
NO_KEY = Secret("")
VARIABLES = {
    "title": "the tenant's title",
    "language": "the name of the answer's language",
    "no_answer": "the word that says that the documents do not answer",
    "question": "what the customer wrote",
    "documents": "the passages, numbered",
    "facts": "what is known of the customer and the conversation, a line each",
    "intent": "what the customer wants, by its name",
    "customer": "the customer's name",
    "date": "today",
}
"""The variables of every prompt, and what they become."""


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
    rpm          requests allowed in any minute (0: any number); one more waits while `first_token` lets it, else the
                 next provider is asked
    context      tokens that fit the model, prompt and answer together; a longer prompt loses passages, last ones first
    price_in, price_out  what a million tokens of prompt and answer cost, in the currency of the budget
    region, access_key, secret_key, session_token  of Bedrock
    """

    kind: Literal["", "ollama", "openai", "bedrock"] = ""
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
    rpm: Annotated[int, msgspec.Meta(ge=0)] = 0
    context: Annotated[int, msgspec.Meta(ge=256)] = 8192
    price_in: Price = 0.0
    price_out: Price = 0.0
    region: str = ""
    access_key: Secret = NO_KEY
    secret_key: Secret = NO_KEY
    session_token: Secret = NO_KEY

    @property
    def key(self) -> Secret:
        """The secret without which it can't be asked."""
        if self.kind == "bedrock":
            return self.access_key if not self.access_key else self.secret_key
        return self.api_key


@attrs.frozen
class Preset:
    """What is known of a provider by its name; `key` is the variable that its key is usually in ("": needs none)."""

    kind: Literal["ollama", "openai", "bedrock"]
    host: str = ""
    base_url: str = ""
    model: str = ""
    key: str = ""
    region: str = ""


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
    "bedrock": Preset(
        "bedrock", model="anthropic.claude-3-haiku-20240307-v1:0", key="AWS_ACCESS_KEY_ID", region="us-east-1"
    ),
}
EXTRACTIVE = ("extractive", "mock")
"""What may end a chain: the next plugin answers in the documents' own words, without a model."""


@attrs.frozen
class Budget:
    """What may be spent a day and a month (UTC), in the currency of the prices; 0: any amount.

    Providers that cost something are left out once it is spent; those without a price go on.
    """

    day: Price = 0.0
    month: Price = 0.0


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
    budget          what may be spent
    prompts         which type of prompt an intent gets: {"ask_price" = "price"}; "answer" is everybody else's
    variables       words of your own for the prompts, by name
    """

    chain: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = attrs.Factory(dict)
    context_chars: Annotated[int, msgspec.Meta(ge=200)] = 2000
    min_confidence: Share = 0.5
    without_documents: Literal["decline", "answer"] = "decline"
    history: Annotated[int, msgspec.Meta(ge=0)] = 4
    max_tokens: Positive = 400
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.0
    budget: Budget = Budget()
    prompts: Mapping[str, str] = attrs.Factory(dict)
    variables: Mapping[str, str] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """Complete and check the providers; raises `ValueError` that names the culprit and the remedy."""
        if "llm" in self.providers:
            raise ValueError("a provider can't be called 'llm': that is the name of the whole chain")
        if len(set(self.chain)) < len(self.chain):
            raise ValueError("chain names a provider twice")
        if any(name in EXTRACTIVE for name in (*self.chain[:-1], *self.providers)):
            raise ValueError(f"{' and '.join(map(repr, EXTRACTIVE))} are no providers; one of them may end the chain")
        for name in self.variables:
            if not name.isidentifier() or name in VARIABLES:
                raise ValueError(
                    f"variables: given {name!r}; allowed: letters, digits and _, and none of {', '.join(VARIABLES)}"
                )
        for name in self.complete:
            if name in self.chain or name in self.providers:
                _check(name, self.complete[name])
        if self.models and not self.usable and self.models == self.chain:
            raise ValueError(f"no provider of the chain can be used: {'; '.join(self.left_out.values())}")

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The providers of the chain, without the word that may end it."""
        return tuple(name for name in self.chain if name not in EXTRACTIVE)

    @cached_property
    def complete(self) -> Mapping[str, Provider]:
        """Each provider that the config names, with what its preset knows."""
        return {name: self._complete(name) for name in dict.fromkeys((*self.models, *self.providers))}

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """The providers that can't be asked, because the variable of their key is unset, with the reason."""
        return {
            name: f"provider {name!r} needs {provider.key.name or PRESETS[name].key}, which is unset"
            for name, provider in self.complete.items()
            if not provider.key and (provider.key.name or (name in PRESETS and PRESETS[name].key))
        }

    @cached_property
    def usable(self) -> tuple[str, ...]:
        """The chain without what is left out."""
        return tuple(name for name in self.models if name not in self.left_out)

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
            region=given.region or preset.region,
        )


def _check(name: str, provider: Provider) -> None:
    """What a provider must say; its place in the config is named by whoever reads the config."""
    table = f"[plugins.llm.providers.{name}]"
    preset = PRESETS.get(name)
    if not provider.model:
        raise ValueError(f"provider {name!r} has no model; write model under {table}")
    address = provider.host if provider.kind == "ollama" else provider.base_url
    if provider.kind == "bedrock":
        if not provider.region:
            raise ValueError(f"provider {name!r} has no region; write region under {table}")
        address = address or "https://"
    if not address.startswith(("http://", "https://")):
        key = "host" if provider.kind == "ollama" else "base_url"
        raise ValueError(f"provider {name!r}: given {key} {address!r}; allowed: an address with http:// or https://")
    if preset and preset.kind == "bedrock" and not provider.key and not provider.key.name:
        raise ValueError(
            f"provider {name!r} needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and write "
            f'access_key = "${{AWS_ACCESS_KEY_ID}}" and secret_key = "${{AWS_SECRET_ACCESS_KEY}}" under {table}'
        )
    if preset and preset.kind != "bedrock" and preset.key and not provider.key and not provider.key.name:
        raise ValueError(
            f'provider {name!r} needs a key: set {preset.key} and write api_key = "${{{preset.key}}}" under {table}'
        )
