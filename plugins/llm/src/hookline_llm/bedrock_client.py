"""Amazon Bedrock's Converse, by aiobotocore; the extra `hookline-llm[bedrock]` brings it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from hookline.errors import ConfigError
from hookline.message import Prompt

from .client import Outcome
from .refusal import ModelFailed, refused
from .toolcalls import called, conversation

if TYPE_CHECKING:
    from .config import Provider

_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tool_calls", "max_tokens": "length"}


class BedrockClient:
    """One pool of connections; signed with the configured keys and no others."""

    def __init__(self, name: str, provider: Provider) -> None:
        try:
            from aiobotocore.session import get_session
        except ImportError as error:
            raise ConfigError(
                f"provider {name!r} needs the package aiobotocore: pip install 'hookline-llm[bedrock]'"
            ) from error
        self.name = name
        self._provider = provider
        self._session = get_session()
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._client: Any = None

    async def _open(self) -> Any:
        """The client, made at its first use: that takes an event loop."""
        from aiobotocore.config import AioConfig

        async with self._opening:
            if self._client is None:
                limits = AioConfig(
                    connect_timeout=self._provider.first_token,
                    read_timeout=self._provider.total,
                    retries={"total_max_attempts": 1},  # tries, their waits and their limit are ours
                )
                made = self._session.create_client(
                    "bedrock-runtime",
                    region_name=self._provider.region,
                    endpoint_url=self._provider.base_url or None,
                    aws_access_key_id=self._provider.access_key.value,
                    aws_secret_access_key=self._provider.secret_key.value,
                    aws_session_token=self._provider.session_token.value or None,
                    config=limits,
                )
                self._client = await self._stack.enter_async_context(made)
        return self._client

    async def stream(self, prompt: Prompt, outcome: Outcome) -> AsyncGenerator[str, None]:
        """See `Client`."""
        with self._told():
            client = await self._open()
            answer = await client.converse_stream(**_request(prompt, prompt.model or self._provider.model))
            calls: dict[int, list[str]] = {}
            stream = answer["stream"]
            try:
                async for event in stream:
                    if "contentBlockStart" in event:
                        start = event["contentBlockStart"]
                        if "toolUse" in start.get("start", {}):
                            calls[start["contentBlockIndex"]] = [start["start"]["toolUse"]["name"], ""]
                    elif "contentBlockDelta" in event:
                        delta = event["contentBlockDelta"]["delta"]
                        if delta.get("text"):
                            yield delta["text"]
                        if "toolUse" in delta:
                            calls[event["contentBlockDelta"]["contentBlockIndex"]][1] += delta["toolUse"]["input"]
                    elif "messageStop" in event:
                        reason = event["messageStop"]["stopReason"]
                        outcome.finish = _FINISH.get(reason, reason)
                    elif "metadata" in event:
                        used = event["metadata"].get("usage", {})
                        outcome.prompt_tokens = used.get("inputTokens")
                        outcome.answer_tokens = used.get("outputTokens")
            finally:
                stream.close()
            if calls:
                yield called([(name, json.loads(text or "{}")) for name, text in calls.values()])
            if not outcome.finish:
                raise ModelFailed(self.name, "ended its answer before it was complete", again=True)

    async def check(self) -> str:
        """See `Client`: nothing can be asked that costs nothing, so that it can be reached is all."""
        return ""

    async def close(self) -> None:
        """See `Client`."""
        await self._stack.aclose()
        self._client = None

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        import botocore.exceptions as errors
        from aiohttp import ClientError
        from botocore.eventstream import ParserError

        try:
            yield
        except ModelFailed:
            raise
        except errors.ClientError as error:
            about = error.response.get("ResponseMetadata", {})
            code = error.response.get("Error", {}).get("Code", "")
            if about.get("HTTPStatusCode", 200) < 400:  # told in mid-stream
                raise ModelFailed(self.name, "reported an error in its answer", again=True) from None
            status = 429 if code == "ThrottlingException" else about["HTTPStatusCode"]
            headers = about.get("HTTPHeaders", {})
            raise refused(self.name, self._provider.model, status, headers, code.lower()) from None
        except (errors.ConnectTimeoutError, errors.ReadTimeoutError, TimeoutError):
            raise ModelFailed(self.name, "does not answer in time") from None
        except errors.EndpointConnectionError:
            raise ModelFailed(self.name, "can't be reached", again=True) from None
        except (errors.HTTPClientError, errors.ResponseStreamingError, ClientError, ConnectionError):
            raise ModelFailed(self.name, "broke the connection off", again=True) from None
        except (errors.BotoCoreError, ParserError, ValueError, KeyError):
            raise ModelFailed(self.name, "sent something that is no answer", again=True) from None


def _request(prompt: Prompt, model: str) -> dict[str, Any]:
    """The prompt as Converse takes it: system texts apart, roles by turns, a schema in words (not every model takes tools)."""
    system: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for one in conversation(prompt):
        if one.role == "system":
            system.append({"text": one.text})
            continue
        role = "assistant" if one.role == "assistant" else "user"
        blocks: list[dict[str, Any]] = []
        if one.calls:
            blocks = [{"toolUse": {"toolUseId": k, "name": n, "input": dict(a)}} for k, n, a in one.calls]
        elif one.tool:
            blocks = [{"toolResult": {"toolUseId": one.key, "content": [{"text": one.text}]}}]
        else:
            blocks = [{"text": one.text}]
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    request: dict[str, Any] = {
        "modelId": model,
        "messages": messages,
        "inferenceConfig": {"maxTokens": prompt.max_tokens, "temperature": prompt.temperature},
    }
    if prompt.schema is not None:
        system.append({"text": f"Answer with JSON alone that fits this schema: {json.dumps(dict(prompt.schema))}"})
    if system:
        request["system"] = system
    if prompt.tools:
        request["toolConfig"] = {"tools": [_tool(tool) for tool in prompt.tools]}
    return request


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    spec = {"name": tool["name"], "inputSchema": {"json": tool.get("parameters") or {"type": "object"}}}
    if tool.get("description"):
        spec["description"] = tool["description"]
    return {"toolSpec": spec}
