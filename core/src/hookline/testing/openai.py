"""A loopback server of OpenAI's chat completions, as OpenAI, Groq, Gemini, vLLM and llama.cpp speak it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from .loopback import EndEarly, ErrorLine, Fault, Garbage, Loopback, Status, WrongType, in_pieces

ROLES = ("system", "developer", "user", "assistant", "tool")
CREATED = 1_760_742_847

Answer = str | Sequence[Mapping[str, Any]] | Callable[[Mapping[str, Any]], str | Sequence[Mapping[str, Any]]]
"""A text, or the tools that the model calls: {"name", "arguments"} each; or what makes one of the request's body."""

KNOWN = frozenset(
    """messages model frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata modalities n
    parallel_tool_calls prediction presence_penalty reasoning_effort response_format seed service_tier stop store stream
    stream_options temperature tool_choice tools top_logprobs top_p user""".split()
)
"""The fields of a request; another one is refused, as OpenAI does."""


class Refused(Exception):
    """The request is refused with this status, text and code."""

    def __init__(self, status: int, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


class FakeOpenAI(Loopback):
    """`async with FakeOpenAI(answer="Yes. [1]") as openai:` then `openai.base_url` is for the real client.

    `api_key` is the one it lets in; "" lets all in, as a server of one's own does.  `prefix` is the path before
    `/chat/completions` (Groq: `/openai/v1`).
    """

    def __init__(
        self,
        answer: Answer = "Hello! How can I help you today?",
        *,
        models: Sequence[str] = ("llama3-8b-8192",),
        api_key: str = "test-key",
        prefix: str = "/openai/v1",
    ) -> None:
        super().__init__()
        self.answer = answer
        self.models = list(models)
        self.api_key = api_key
        self.prefix = prefix

    @property
    def base_url(self) -> str:
        """What the client's `base_url` must be."""
        return f"{self.host}{self.prefix}"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of the requests for an answer, refused ones included."""
        return [body for path, body in self.requests if path.endswith("/chat/completions")]

    def add_routes(self, app: web.Application) -> None:
        """Chat completions and the list of models."""
        app.router.add_post(f"{self.prefix}/chat/completions", self._guarded(self._chat))
        app.router.add_get(f"{self.prefix}/models", self._guarded(self._models))

    def _guarded(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_key(request)
                response: web.StreamResponse = await handler(request)
            except Refused as refused:
                return web.json_response(_error(str(refused), refused.code), status=refused.status)
            return response

        return guarded

    def _check_key(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not self.api_key:
            return
        if not given.startswith("Bearer ") or given == "Bearer ":
            raise Refused(401, "You didn't provide an API key.")
        if given != f"Bearer {self.api_key}":
            key = given.removeprefix("Bearer ")
            raise Refused(401, f"Incorrect API key provided: {key}.", "invalid_api_key")

    async def _models(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, None))
        models = [{"id": name, "object": "model", "created": CREATED, "owned_by": "test"} for name in self.models]
        return web.json_response({"object": "list", "data": models})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = _decoded(await request.text())
        self.requests.append((request.path, body))
        fault = self.next_fault()
        if isinstance(fault, Status):
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.json_response(_error("Rate limit reached", "rate_limit_exceeded"), status=fault.status,
                                     headers=headers)  # fmt: skip
        if isinstance(fault, WrongType):
            return web.Response(text=fault.text, content_type=fault.content_type)
        _check_chat(body)
        if body["model"] not in self.models:
            text = f"The model `{body['model']}` does not exist or you do not have access to it."
            raise Refused(404, text, "model_not_found")
        said = self.answer(body) if callable(self.answer) else self.answer
        if not isinstance(said, str):
            return _calls(body, said)
        pieces = in_pieces(said)
        limit = body.get("max_completion_tokens") or body.get("max_tokens") or len(pieces)
        reason = "length" if limit < len(pieces) else "stop"
        if not body.get("stream", False):
            if isinstance(fault, Garbage):
                return web.Response(text='{"id": ', content_type="application/json")
            return web.json_response(_completion(body["model"], "".join(pieces[:limit]), reason))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # cut as ordered, or the client hung up
            counted = bool((body.get("stream_options") or {}).get("include_usage"))
            async for data in self._events(request, body["model"], pieces[:limit], reason, fault, counted=counted):
                await response.write(f"data: {data}\n\n".encode())
            await response.write_eof()
        return response

    async def _events(
        self,
        request: web.Request,
        model: str,
        pieces: Sequence[str],
        reason: str,
        fault: Fault | None,
        *,
        counted: bool,
    ) -> AsyncIterator[str]:
        yield json.dumps(_chunk(model, {"role": "assistant", "content": ""}))
        async for piece in self.pieces(request, pieces, fault):
            yield json.dumps(_chunk(model, {"content": piece}))
        if isinstance(fault, Garbage):
            yield '{"id": "chatcmpl-1", "choi'
        if isinstance(fault, ErrorLine):
            yield json.dumps(_error(fault.text, None, "server_error"))
        if not isinstance(fault, EndEarly | ErrorLine):
            yield json.dumps(_chunk(model, {}, reason))
            if counted:
                yield json.dumps({**_chunk(model, {}), "choices": [], "usage": _usage(len(pieces))})
            yield "[DONE]"


def _decoded(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refused(400, "We could not parse the JSON body of your request.") from error
    if not isinstance(body, dict):
        raise Refused(400, "We could not parse the JSON body of your request.")
    return body


def _check_chat(body: Mapping[str, Any]) -> None:
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refused(400, "you must provide a model parameter")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "Missing required parameter: 'messages'.", "missing_required_parameter")
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise Refused(400, f"Invalid value: 'messages[{number}].role'.", "invalid_value")
        if "content" not in message and not message.get("tool_calls"):
            raise Refused(400, f"Missing required parameter: 'messages[{number}].content'.")
        if message["role"] == "tool" and not message.get("tool_call_id"):
            raise Refused(400, f"Missing required parameter: 'messages[{number}].tool_call_id'.")
    for name in body:
        if name not in KNOWN:
            raise Refused(400, f"Unrecognized request argument supplied: {name}", "unknown_parameter")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise Refused(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "invalid_value")
    shape = body.get("response_format")
    if isinstance(shape, dict) and shape.get("type") == "json_schema" and not shape.get("json_schema", {}).get("name"):
        raise Refused(
            400, "Missing required parameter: 'response_format.json_schema.name'.", "missing_required_parameter"
        )


def _error(text: str, code: str | None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": text, "type": kind, "param": None, "code": code}}


def _completion(model: str, text: str, reason: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": None, "finish_reason": reason}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": CREATED, "model": model, "choices": [choice],
            "usage": _usage(len(text.split()))}  # fmt: skip


def _usage(words: int) -> dict[str, int]:
    return {"prompt_tokens": 11, "completion_tokens": words, "total_tokens": 11 + words}


def _calls(body: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> web.Response:
    """A model that calls tools; in a stream the arguments come in two pieces."""
    known = {tool["function"]["name"] for tool in body.get("tools") or ()}
    if unknown := [call["name"] for call in calls if call["name"] not in known]:
        raise Refused(400, f"the ordered answer calls {unknown[0]}, which the request does not offer")
    written = [(n, f"call_{n}", call["name"], json.dumps(call["arguments"])) for n, call in enumerate(calls)]
    if not body.get("stream"):
        whole = [
            {"id": key, "type": "function", "function": {"name": name, "arguments": text}}
            for _, key, name, text in written
        ]
        answer = _completion(body["model"], "", "tool_calls")
        answer["choices"][0]["message"] |= {"content": None, "tool_calls": whole}
        return web.json_response(answer)
    deltas: list[dict[str, Any]] = []
    for n, key, name, text in written:
        half = len(text) // 2
        deltas.append({"index": n, "id": key, "type": "function", "function": {"name": name, "arguments": text[:half]}})
        deltas.append({"index": n, "function": {"arguments": text[half:]}})
    chunks = [_chunk(body["model"], {"tool_calls": [delta]}) for delta in deltas]
    chunks.append(_chunk(body["model"], {}, "tool_calls"))
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return web.Response(text=text, content_type="text/event-stream")


def _chunk(model: str, delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": model,
            "choices": [choice]}  # fmt: skip
