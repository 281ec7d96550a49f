"""OpenAI's chat completions, by its own client, for all who speak them: OpenAI, Groq, Gemini, vLLM, llama.cpp."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from hookline.message import Prompt

from .client import Outcome
from .refusal import ModelFailed, refused
from .toolcalls import called, conversation

if TYPE_CHECKING:
    from .config import Provider


class OpenAIClient:
    """OpenAI's own client, for all who speak its chat completions; one pool of connections."""

    def __init__(self, name: str, provider: Provider) -> None:
        import openai

        self.name = name
        self._provider = provider
        self._own = (urlsplit(provider.base_url).hostname or "").endswith("openai.com")
        # Without an organisation and a project of its own the library takes OpenAI's from the environment, and
        # sends them to whoever is asked.
        foreign = {} if self._own else {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        self._client = openai.AsyncOpenAI(
            base_url=provider.base_url,
            api_key=provider.api_key.value or "none",
            timeout=provider.total,
            max_retries=0,  # tries, their waits and their limit are ours
            default_headers=cast("Mapping[str, str]", foreign),
        )

    async def stream(self, prompt: Prompt, outcome: Outcome) -> AsyncGenerator[str, None]:
        """See `Client`."""
        extra: dict[str, Any] = {"max_completion_tokens" if self._own else "max_tokens": prompt.max_tokens}
        if prompt.schema is not None:
            wanted = {"name": "answer", "schema": dict(prompt.schema)}
            extra["response_format"] = {"type": "json_schema", "json_schema": wanted}
        if prompt.tools:
            extra["tools"] = [{"type": "function", "function": dict(tool)} for tool in prompt.tools]
        calls: dict[int, list[str]] = {}
        with self._told():
            chunks = await self._client.chat.completions.create(
                model=prompt.model or self._provider.model,
                messages=cast("Any", _messages(prompt)),
                stream=True,
                stream_options={"include_usage": True},
                temperature=prompt.temperature,
                **extra,
            )
        with self._told("broke the connection off"):
            async with chunks:
                async for chunk in chunks:
                    if chunk.usage is not None:
                        outcome.prompt_tokens = chunk.usage.prompt_tokens
                        outcome.answer_tokens = chunk.usage.completion_tokens
                    for choice in chunk.choices or ():
                        if choice.delta is not None and choice.delta.content:
                            yield choice.delta.content
                        for part in (choice.delta is not None and choice.delta.tool_calls) or ():
                            call = calls.setdefault(part.index, ["", ""])
                            if part.function is not None:
                                call[0] += part.function.name or ""
                                call[1] += part.function.arguments or ""
                        if choice.finish_reason:
                            outcome.finish = choice.finish_reason
            if calls:
                yield called([(name, _arguments(text)) for name, text in calls.values()])
            if not outcome.finish:
                raise ModelFailed(self.name, "ended its answer before it was complete", again=True)

    async def check(self) -> str:
        """See `Client`."""
        with self._told():
            models = [model.id async for model in self._client.models.list()]
        wanted = self._provider.model
        # Gemini writes "models/…" before the name; llama.cpp and vLLM answer to any name where they have one model.
        if not models or len(models) == 1 or wanted in models or f"models/{wanted}" in models:
            return ""
        return f"has no model {wanted!r}"

    async def close(self) -> None:
        """See `Client`."""
        await self._client.close()

    @contextmanager
    def _told(self, lost: str = "can't be reached") -> Generator[None, None, None]:
        import httpx2
        import openai

        try:
            yield
        except ModelFailed:
            raise
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise ModelFailed(self.name, "does not answer in time") from None
        except openai.APIConnectionError:
            raise ModelFailed(self.name, lost, again=True) from None
        except openai.APIStatusError as error:
            model = self._provider.model
            raise refused(self.name, model, error.status_code, error.response.headers, error.code) from None
        except httpx2.HTTPError:
            raise ModelFailed(self.name, "broke the connection off", again=True) from None
        except openai.OpenAIError:
            raise ModelFailed(self.name, "reported an error in its answer", again=True) from None
        except ValueError:
            raise ModelFailed(self.name, "sent something that is no answer", again=True) from None


def _arguments(text: str) -> Mapping[str, Any]:
    """What a model wrote as arguments; raises `ValueError` for what is no JSON object."""
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError("the arguments of a tool call are no object")  # noqa: TRY004 - like the JSON decoder's
    return found


def _messages(prompt: Prompt) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in conversation(prompt):
        message: dict[str, Any] = {"role": one.role, "content": one.text}
        if one.calls:
            message["content"] = None
            message["tool_calls"] = [
                {"id": key, "type": "function", "function": {"name": name, "arguments": json.dumps(dict(arguments))}}
                for key, name, arguments in one.calls
            ]
        if one.tool:
            message["tool_call_id"] = one.key
        found.append(message)
    return found
