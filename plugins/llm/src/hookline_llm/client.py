"""The real client libraries behind one small interface; their many errors are turned into `ModelFailed`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Protocol

import attrs

from hookline.message import Prompt

if TYPE_CHECKING:
    from .config import Provider


@attrs.define
class Outcome:
    """How an answer ended: `finish` is "stop", "length" (cut at the longest answer) or the provider's other word.

    The token counts are the provider's own; None where it gives none.
    """

    provider: str = ""
    model: str = ""
    finish: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


class Client(Protocol):
    """A provider of models; all methods raise `ModelFailed`."""

    def stream(self, prompt: Prompt, outcome: Outcome) -> AsyncGenerator[str, None]:
        """The answer, piece by piece; the end of a complete answer is noted in `outcome`."""

    async def check(self) -> str:
        """What is wrong with it though it answers; "" if nothing is."""

    async def close(self) -> None:
        """Close its connections."""


def make_client(name: str, provider: Provider) -> Client:
    """The client for the provider; imports its library, so call it in a thread."""
    if provider.kind == "ollama":
        from .ollama_client import OllamaClient

        return OllamaClient(name, provider)
    if provider.kind == "bedrock":
        from .bedrock_client import BedrockClient

        return BedrockClient(name, provider)
    from .openai_client import OpenAIClient

    return OpenAIClient(name, provider)
