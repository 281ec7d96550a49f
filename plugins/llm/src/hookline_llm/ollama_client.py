"""Ollama, by its own client: chat, tools, JSON by a schema, models, pulling them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from hookline.message import Prompt

from .client import Outcome
from .refusal import ModelFailed, refused
from .toolcalls import called, conversation

if TYPE_CHECKING:
    import httpx

    from .config import Provider


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
        options = {
            "temperature": prompt.temperature,
            "num_predict": prompt.max_tokens,
            # Without it Ollama cuts a longer prompt at its own default, the instructions first, and says nothing.
            "num_ctx": self._provider.context,
        }
        with self._told():
            parts = await self._client.chat(
                model=prompt.model or self._provider.model,
                messages=_messages(prompt),
                tools=cast("Any", [{"type": "function", "function": dict(tool)} for tool in prompt.tools] or None),
                stream=True,
                format=cast("Any", prompt.schema),
                options=options,
                keep_alive=self._provider.keep_alive,
            )
            calls: list[tuple[str, Mapping[str, Any]]] = []
            async with aclosing(cast("AsyncGenerator[Any, None]", parts)):
                async for part in parts:
                    if part.message.content:
                        yield part.message.content
                    calls += [(one.function.name, one.function.arguments) for one in part.message.tool_calls or ()]
                    if part.done:
                        outcome.finish = part.done_reason or "stop"
                        outcome.prompt_tokens, outcome.answer_tokens = part.prompt_eval_count, part.eval_count
            if calls:
                yield called(calls)
            if not outcome.finish:
                raise ModelFailed(self.name, "ended its answer before it was complete", again=True)

    async def check(self) -> str:
        """See `Client`."""
        with self._told():
            models = [model.model or "" for model in (await self._client.list()).models]
        wanted = self._provider.model
        if wanted in models or f"{wanted}:latest" in models:
            return ""
        return f"has no model {wanted!r} (it has {', '.join(models) or 'none'}); run: hookline llm pull {wanted}"

    @property
    def model(self) -> str:
        """The configured model."""
        return self._provider.model

    async def models(self) -> list[dict[str, Any]]:
        """The models that it has: name, size in bytes, family, parameters and quantisation."""
        with self._told():
            found = (await self._client.list()).models
        return [
            {
                "name": one.model or "",
                "bytes": int(one.size or 0),
                "family": (one.details and one.details.family) or "",
                "parameters": (one.details and one.details.parameter_size) or "",
                "quantisation": (one.details and one.details.quantization_level) or "",
            }
            for one in found
        ]

    async def pull(self, model: str) -> AsyncGenerator[tuple[str, int, int], None]:
        """Have it fetch a model: (what it does, bytes done, bytes in all) as it goes on; it ends with "success"."""
        status = ""
        with self._told():
            parts = await self._client.pull(model, stream=True)
            async with aclosing(cast("AsyncGenerator[Any, None]", parts)):
                async for part in parts:
                    status = part.status or ""
                    yield status, int(part.completed or 0), int(part.total or 0)
        if status != "success":
            raise ModelFailed(self.name, f"ended the pull of {model!r} before it was complete", again=True)

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


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _messages(prompt: Prompt) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in conversation(prompt):
        message: dict[str, Any] = {"role": one.role, "content": one.text}
        if one.calls:
            message["tool_calls"] = [{"function": {"name": n, "arguments": dict(a)}} for _, n, a in one.calls]
        if one.tool:
            message["tool_name"] = one.tool
        found.append(message)
    return found
