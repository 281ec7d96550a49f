"""The real client libraries behind one small interface, and their many errors turned into `ModelFailed`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

import attrs

from hookline.message import Prompt

from .refusal import ModelFailed, refused

if TYPE_CHECKING:
    import httpx

    from .config import Provider


@attrs.define
class Outcome:
    """How an answer ended: `finish` is "stop", "length" (cut at the longest answer) or the provider's other word."""

    provider: str = ""
    model: str = ""
    finish: str = ""


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
    return OllamaClient(name, provider) if provider.kind == "ollama" else OpenAIClient(name, provider)


class OllamaClient:
    """Ollama's own client; one pool of connections."""

    def __init__(self, name: str, provider: Provider) -> None:
        import httpx
        import ollama

        self.name = name
        self._provider = provider
        key = provider.api_key
        self._client = ollama.AsyncClient(
            host=provider.host,
            timeout=httpx.Timeout(provider.total),
            headers={"authorization": f"Bearer {key.value}"} if key else None,
            # A proxy from the environment is not for a server on this machine.
            trust_env=not _is_loopback(provider.host),
            # The library drops the headers of a refusal, and Retry-After with them.
            event_hooks={"response": [self._refuse]},
        )

    async def _refuse(self, response: httpx.Response) -> None:
        if response.status_code >= 400:
            raise refused(self.name, self._provider.model, response.status_code, response.headers)

    async def stream(self, prompt: Prompt, outcome: Outcome) -> AsyncGenerator[str, None]:
        """See `Client`."""
        options = {"temperature": prompt.temperature, "num_predict": prompt.max_tokens}
        with self._told():
            parts = await self._client.chat(
                model=prompt.model or self._provider.model,
                messages=[{"role": role, "content": text} for role, text in prompt.messages],
                stream=True,
                format=cast("Any", prompt.schema),
                options=options,
                keep_alive=self._provider.keep_alive,
            )
            async with aclosing(cast("AsyncGenerator[Any, None]", parts)):
                async for part in parts:
                    if part.message.content:
                        yield part.message.content
                    if part.done:
                        outcome.finish = part.done_reason or "stop"
            if not outcome.finish:
                raise ModelFailed(self.name, "ended its answer before it was complete", again=True)

    async def check(self) -> str:
        """See `Client`."""
        with self._told():
            models = [model.model or "" for model in (await self._client.list()).models]
        wanted = self._provider.model
        if wanted in models or f"{wanted}:latest" in models:
            return ""
        return f"has no model {wanted!r} (it has {', '.join(models) or 'none'}); run: ollama pull {wanted}"

    async def close(self) -> None:
        """See `Client`."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the library leaves it untyped

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        import httpx
        import ollama

        try:
            yield
        except ModelFailed:
            raise
        except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout):
            raise ModelFailed(self.name, "can't be reached", again=True) from None
        except httpx.TimeoutException:
            raise ModelFailed(self.name, "does not answer in time") from None
        except httpx.HTTPError:
            raise ModelFailed(self.name, "broke the connection off", again=True) from None
        except ollama.ResponseError:
            raise ModelFailed(self.name, "reported an error in its answer", again=True) from None
        except ValueError:  # of the JSON decoder and of pydantic, whose texts repeat what was sent
            raise ModelFailed(self.name, "sent something that is no answer", again=True) from None


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
        with self._told():
            chunks = await self._client.chat.completions.create(
                model=prompt.model or self._provider.model,
                messages=cast("Any", [{"role": role, "content": text} for role, text in prompt.messages]),
                stream=True,
                temperature=prompt.temperature,
                **extra,
            )
            async with chunks:
                async for chunk in chunks:
                    for choice in chunk.choices or ():
                        if choice.delta is not None and choice.delta.content:
                            yield choice.delta.content
                        if choice.finish_reason:
                            outcome.finish = choice.finish_reason
            if not outcome.finish:
                raise ModelFailed(self.name, "ended its answer before it was complete", again=True)

    async def check(self) -> str:
        """See `Client`."""
        with self._told():
            await self._client.models.list()
        return ""

    async def close(self) -> None:
        """See `Client`."""
        await self._client.close()

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        import httpx2
        import openai

        try:
            yield
        except ModelFailed:
            raise
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise ModelFailed(self.name, "does not answer in time") from None
        except openai.APIConnectionError:
            raise ModelFailed(self.name, "can't be reached", again=True) from None
        except openai.APIStatusError as error:
            model = self._provider.model
            raise refused(self.name, model, error.status_code, error.response.headers, error.code) from None
        except httpx2.HTTPError:
            raise ModelFailed(self.name, "broke the connection off", again=True) from None
        except openai.OpenAIError:
            raise ModelFailed(self.name, "reported an error in its answer", again=True) from None
        except ValueError:
            raise ModelFailed(self.name, "sent something that is no answer", again=True) from None


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
