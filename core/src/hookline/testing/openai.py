"""A loopback server of OpenAI's chat completions, as OpenAI, Groq, Gemini, vLLM and llama.cpp speak it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from .loopback import EndEarly, ErrorLine, Fault, Garbage, Loopback, Status, in_pieces

ROLES = ("system", "developer", "user", "assistant", "tool")
CREATED = 1_760_742_847

Answer = str | Callable[[Mapping[str, Any]], str]


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
        _check_chat(body)
        if body["model"] not in self.models:
            text = f"The model `{body['model']}` does not exist or you do not have access to it."
            raise Refused(404, text, "model_not_found")
        text = self.answer if isinstance(self.answer, str) else self.answer(body)
        pieces = in_pieces(text)
        limit = body.get("max_completion_tokens") or body.get("max_tokens") or len(pieces)
        reason = "length" if limit < len(pieces) else "stop"
        if not body.get("stream", False):
            if isinstance(fault, Garbage):
                return web.Response(text='{"id": ', content_type="application/json")
            return web.json_response(_completion(body["model"], "".join(pieces[:limit]), reason))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # cut as ordered, or the client hung up
            async for data in self._events(request, body["model"], pieces[:limit], reason, fault):
                await response.write(f"data: {data}\n\n".encode())
            await response.write_eof()
        return response

    async def _events(
        self, request: web.Request, model: str, pieces: Sequence[str], reason: str, fault: Fault | None
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


def _error(text: str, code: str | None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": text, "type": kind, "param": None, "code": code}}


def _completion(model: str, text: str, reason: str) -> dict[str, Any]:
    words = len(text.split())
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": None, "finish_reason": reason}
    usage = {"prompt_tokens": 11, "completion_tokens": words, "total_tokens": 11 + words}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": CREATED, "model": model, "choices": [choice],
            "usage": usage}  # fmt: skip


def _chunk(model: str, delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": model,
            "choices": [choice]}  # fmt: skip
