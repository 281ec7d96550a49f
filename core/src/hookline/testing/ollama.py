"""A loopback Ollama: the routes of its published API description that a bot needs, and its refusals.

What it says is ordered, not thought up: `answer` is a text, or a function of the request's body.  Vectors are hashed
words, so that texts with the same words are near each other.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from .loopback import Cut, EndEarly, ErrorLine, Fault, Garbage, Loopback, Status, WrongType, in_pieces

ROLES = ("system", "user", "assistant", "tool")
NOW = "2025-10-17T23:14:07.414671Z"
VERSION = "0.12.6"

Answer = str | Sequence[Mapping[str, Any]] | Callable[[Mapping[str, Any]], str | Sequence[Mapping[str, Any]]]
"""A text, or the tools that the model calls: {"name", "arguments"} each; or what makes one of the request's body."""


class Refused(Exception):
    """The request is refused with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class FakeOllama(Loopback):
    """`async with FakeOllama(answer="Yes. [1]") as ollama:` then `ollama.host` is for the real client.

    `models` are those that it has, `library` those that it can pull; `dimension` is that of its vectors.
    """

    def __init__(
        self,
        answer: Answer = "Hello! How can I help you today?",
        *,
        models: Sequence[str] = ("llama3:8b",),
        library: Sequence[str] = ("llama3.2:1b",),
        dimension: int = 64,
    ) -> None:
        super().__init__()
        self.answer = answer
        self.models = [_full_name(model) for model in models]
        self.library = [_full_name(model) for model in library]
        self.dimension = dimension

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of the requests for an answer, refused ones included."""
        return [body for path, body in self.requests if path == "/api/chat"]

    def add_routes(self, app: web.Application) -> None:
        """The routes of the published description that are served."""
        app.router.add_post("/api/chat", self._guarded(self._chat))
        app.router.add_post("/api/embed", self._guarded(self._embed))
        app.router.add_post("/api/show", self._guarded(self._show))
        app.router.add_post("/api/pull", self._guarded(self._pull))
        app.router.add_get("/api/tags", self._tags)
        app.router.add_get("/api/version", self._version)

    def _guarded(
        self, handler: Callable[[web.Request, dict[str, Any], Fault | None], Any]
    ) -> Callable[[web.Request], Any]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                body = _decoded(await request.text())
                self.requests.append((request.path, body))
                fault = self.next_fault() if request.path != "/api/show" else None
                if isinstance(fault, WrongType):
                    return web.Response(text=fault.text, content_type=fault.content_type)
                if isinstance(fault, Status):
                    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
                    text = "server busy, please try again.  maximum pending requests exceeded"
                    return web.json_response({"error": text}, status=fault.status, headers=headers)
                self._check_model(body, pulling=request.path == "/api/pull")
                response: web.StreamResponse = await handler(request, body, fault)
            except Refused as refused:
                return web.json_response({"error": str(refused)}, status=refused.status)
            return response

        return guarded

    def _check_model(self, body: Mapping[str, Any], *, pulling: bool) -> None:
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise Refused(400, "model is required")
        if pulling:
            return
        if _full_name(model) not in self.models:
            raise Refused(404, f"model '{model}' not found")

    # -- /api/chat -------------------------------------------------------------------------------------------------

    async def _chat(self, request: web.Request, body: dict[str, Any], fault: Fault | None) -> web.StreamResponse:
        _check_chat(body)
        model = body["model"]
        if not body["messages"]:
            return web.json_response(_part(model, "", done=True, reason="load"))
        said = self.answer(body) if callable(self.answer) else self.answer
        if not isinstance(said, str):
            return await self._calls(request, body, said)
        pieces = in_pieces(said)
        limit = (body.get("options") or {}).get("num_predict", -1)
        reason = "length" if 0 <= limit < len(pieces) else "stop"
        pieces = pieces[:limit] if reason == "length" else pieces
        if not body.get("stream", True):
            return await self._whole(request, model, pieces, reason, fault)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # cut as ordered, or the client hung up
            async for line in self._lines(request, model, pieces, reason, fault):
                await response.write(line.encode() + b"\n")
            await response.write_eof()
        return response

    async def _calls(
        self, request: web.Request, body: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]
    ) -> web.StreamResponse:
        """A model that calls tools says so in a part of its own."""
        known = {tool["function"]["name"] for tool in body.get("tools") or ()}
        if unknown := [call["name"] for call in calls if call["name"] not in known]:
            raise Refused(400, f"the ordered answer calls {unknown[0]}, which the request does not offer")
        part = _part(body["model"], "")
        part["message"]["tool_calls"] = [{"function": dict(call)} for call in calls]
        end = _part(body["model"], "", done=True, reason="stop", count=len(calls))
        if not body.get("stream", True):
            return web.json_response({**end, "message": part["message"]})
        text = "".join(f"{json.dumps(one)}\n" for one in (part, end))
        return web.Response(text=text, content_type="application/x-ndjson")

    async def _lines(
        self, request: web.Request, model: str, pieces: Sequence[str], reason: str, fault: Fault | None
    ) -> AsyncIterator[str]:
        async for piece in self.pieces(request, pieces, fault):
            yield json.dumps(_part(model, piece))
        if isinstance(fault, Garbage):
            yield '{"model": "llama3:8b", "message": {"role": "assi'
        if isinstance(fault, ErrorLine):
            yield json.dumps({"error": fault.text})
        if not isinstance(fault, EndEarly | ErrorLine):
            yield json.dumps(_part(model, "", done=True, reason=reason, count=len(pieces)))

    async def _whole(
        self, request: web.Request, model: str, pieces: Sequence[str], reason: str, fault: Fault | None
    ) -> web.Response:
        if isinstance(fault, Garbage):
            return web.Response(text='{"model": ', content_type="application/json")
        if isinstance(fault, ErrorLine):
            return web.json_response({"error": fault.text}, status=500)
        said: list[str] = []
        with contextlib.suppress(ConnectionError):
            said = [piece async for piece in self.pieces(request, pieces, fault)]
        return web.json_response(_part(model, "".join(said), done=True, reason=reason, count=len(said)))

    # -- the other routes ------------------------------------------------------------------------------------------

    async def _embed(self, request: web.Request, body: dict[str, Any], fault: Fault | None) -> web.Response:
        given = body.get("input")
        texts = [given] if isinstance(given, str) else given
        if given is None or not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise Refused(400, "invalid input type")
        dimension = body.get("dimensions") or self.dimension
        vectors = [_vector(text, min(dimension, self.dimension)) for text in texts]
        if isinstance(fault, Garbage):
            return web.Response(text='{"embeddings": [[0.1, ', content_type="application/json")
        answer = {"model": body["model"], "embeddings": vectors, "total_duration": 14143917, "load_duration": 1019500,
                  "prompt_eval_count": sum(len(text.split()) for text in texts)}  # fmt: skip
        return web.json_response(answer)

    async def _pull(self, request: web.Request, body: dict[str, Any], fault: Fault | None) -> web.StreamResponse:
        name = _full_name(body["model"])
        if name not in (*self.library, *self.models):
            raise Refused(500, "pull model manifest: file does not exist")
        digest = f"sha256:{_digest(name)}"
        parts: list[dict[str, Any]] = [{"status": "pulling manifest"}]
        parts += [
            {"status": f"pulling {digest[7:19]}", "digest": digest, "total": 4000, "completed": done}
            for done in range(0, 4001, 1000)
        ]
        parts += [{"status": "verifying sha256 digest"}, {"status": "writing manifest"}, {"status": "success"}]
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            async for line in self.pieces(request, [json.dumps(part) for part in parts], fault):
                await response.write(line.encode() + b"\n")
            if isinstance(fault, ErrorLine):
                await response.write(json.dumps({"error": fault.text}).encode() + b"\n")
            elif not isinstance(fault, EndEarly | Cut) and name not in self.models:
                self.models.append(name)
            await response.write_eof()
        return response

    async def _show(self, request: web.Request, body: dict[str, Any], fault: Fault | None) -> web.Response:
        return web.json_response({
            "parameters": "num_ctx 8192", "license": "", "modified_at": NOW, "template": "{{ .Prompt }}",
            "details": _details(), "capabilities": ["completion", "embedding"],
            "model_info": {"general.architecture": "llama", "llama.context_length": 8192,
                           "llama.embedding_length": self.dimension},
        })  # fmt: skip

    async def _tags(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, None))
        models = [
            {"name": name, "model": name, "modified_at": NOW, "size": 4661224676, "digest": _digest(name),
             "details": _details()}
            for name in self.models
        ]  # fmt: skip
        return web.json_response({"models": models})

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": VERSION})


def _decoded(text: str) -> dict[str, Any]:
    if not text:
        raise Refused(400, "missing request body")
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refused(400, f"invalid character in JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused(400, f"json: cannot unmarshal {type(body).__name__} into a request")
    return body


def _check_chat(body: Mapping[str, Any]) -> None:
    """What the description requires of a request to /api/chat."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise Refused(400, "messages is required and must be a list")
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise Refused(400, f"each message needs a role, one of {', '.join(ROLES)}")
        if not isinstance(message.get("content"), str) and not message.get("tool_calls"):
            raise Refused(400, "each message needs a content, which is a string")
        for call in message.get("tool_calls") or ():
            if not isinstance(call.get("function", {}).get("arguments"), dict):
                raise Refused(400, "json: the arguments of a tool call must be an object")
    for tool in body.get("tools") or ():
        function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
        if (
            not isinstance(function, dict)
            or not function.get("name")
            or not isinstance(function.get("parameters"), dict)
        ):
            raise Refused(400, "each tool needs type function and a function with name and parameters")
    if not isinstance(body.get("options", {}), dict | None):
        raise Refused(400, "options must be an object")
    if not isinstance(body.get("stream", True), bool):
        raise Refused(400, "stream must be a boolean")
    wanted = body.get("format")
    if not (wanted is None or wanted in ("", "json") or isinstance(wanted, dict)):
        raise Refused(400, f'invalid format: {wanted!r}; expected "json" or a valid JSON Schema object')


def _part(model: str, text: str, *, done: bool = False, reason: str = "", count: int = 0) -> dict[str, Any]:
    part: dict[str, Any] = {
        "model": model, "created_at": NOW, "message": {"role": "assistant", "content": text}, "done": done,
    }  # fmt: skip
    if done:
        part |= {"done_reason": reason, "total_duration": 174560334, "load_duration": 101397084,
                 "prompt_eval_count": 11, "prompt_eval_duration": 13074791, "eval_count": count,
                 "eval_duration": 52479709}  # fmt: skip
    return part


def _full_name(model: str) -> str:
    return model if ":" in model else f"{model}:latest"


def _details() -> dict[str, Any]:
    return {"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "8.0B",
            "quantization_level": "Q4_0"}  # fmt: skip


def _digest(name: str) -> str:
    return f"{zlib.crc32(name.encode()):08x}" * 8


def _vector(text: str, dimension: int) -> list[float]:
    """Hashed words, of length 1; the first axis alone where there is no word."""
    values = [0.0] * dimension
    for word in re.findall(r"\S+", text.casefold()):
        values[zlib.crc32(word.encode()) % dimension] += 1.0
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else [1.0, *values[1:]]
