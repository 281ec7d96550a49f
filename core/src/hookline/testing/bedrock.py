"""A loopback Bedrock: ConverseStream, with its event-stream encoding, its refusals and its signatures.

Requests are held against the service's own published description, which botocore carries; so this module needs
botocore (`pip install 'hookline-llm[bedrock]'`).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from .loopback import EndEarly, ErrorLine, Fault, Garbage, Loopback, Status, WrongType, in_pieces

Answer = str | Sequence[Mapping[str, Any]] | Callable[[Mapping[str, Any]], str | Sequence[Mapping[str, Any]]]
_NAMES = {400: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
          429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException"}  # fmt: skip


class Refused(Exception):
    """The request is refused with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class FakeBedrock(Loopback):
    """`async with FakeBedrock(answer="Yes. [1]") as bedrock:` then `bedrock.host` is the endpoint's URL.

    It lets in who signs with this access key for the region; the signature itself is checked against the secret key.
    """

    def __init__(
        self,
        answer: Answer = "Hello! How can I help you today?",
        *,
        models: Sequence[str] = ("anthropic.claude-3-haiku-20240307-v1:0",),
        access_key: str = "AKIAEXAMPLE",
        secret_key: str = "example-secret",  # noqa: S107 - a sample for tests
        region: str = "us-east-1",
    ) -> None:
        super().__init__()
        self.answer = answer
        self.models = list(models)
        self.access_key = access_key
        self.secret_key = secret_key
        self.region = region

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of the requests for an answer, refused ones included; `modelId` is the path's."""
        return [body for _, body in self.requests]

    def add_routes(self, app: web.Application) -> None:
        """ConverseStream."""
        app.router.add_post("/model/{model}/converse-stream", self._converse)

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        payload = await request.read()
        try:
            body = {**json.loads(payload), "modelId": unquote(request.match_info["model"])}
            self.requests.append((request.path, body))
            fault = self.next_fault()
            if isinstance(fault, Status):
                headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
                return _refusal(fault.status, "as ordered", headers)
            if isinstance(fault, WrongType):
                return web.Response(text=fault.text, content_type=fault.content_type)
            self._check(request, payload, body)
        except Refused as refused:
            return _refusal(refused.status, str(refused), {})
        said = self.answer(body) if callable(self.answer) else self.answer
        response = web.StreamResponse(headers={"Content-Type": "application/vnd.amazon.eventstream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # cut as ordered, or the client hung up
            async for event in self._events(request, body, said, fault):
                await response.write(event)
            await response.write_eof()
        return response

    def _check(self, request: web.Request, payload: bytes, body: Mapping[str, Any]) -> None:
        from botocore.loaders import Loader
        from botocore.model import ServiceModel
        from botocore.validate import ParamValidator

        self._check_signature(request, payload)
        model = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
        shape = model.operation_model("ConverseStream").input_shape
        assert shape is not None
        report = ParamValidator().validate(dict(body), shape)
        if report.has_errors():
            raise Refused(400, report.generate_report())
        unknown = set(body) - set(shape.members)
        if unknown:
            raise Refused(400, f"unknown member {min(unknown)}")
        roles = [message["role"] for message in body["messages"]]
        if roles[0] != "user" or any(a == b for a, b in itertools.pairwise(roles)):
            raise Refused(
                400, "A conversation must alternate between user and assistant roles, and begin with a user's."
            )
        if body["modelId"] not in self.models:
            raise Refused(400, "The provided model identifier is invalid.")

    def _check_signature(self, request: web.Request, payload: bytes) -> None:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        given = request.headers.get("Authorization", "")
        if f"Credential={self.access_key}/" not in given or f"/{self.region}/bedrock/aws4_request" not in given:
            raise Refused(403, "The security token included in the request is invalid.")
        signed = given.split("SignedHeaders=")[1].split(",")[0].split(";")
        headers = {name: request.headers[name] for name in signed if name != "host"}
        again = AWSRequest("POST", f"{self.host}{request.raw_path}", headers=headers, data=payload)
        again.context["timestamp"] = request.headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials(self.access_key, self.secret_key), "bedrock", self.region)
        text = signer.string_to_sign(again, signer.canonical_request(again))
        if signer.signature(text, again) != given.rsplit("Signature=", 1)[1]:
            raise Refused(403, "The request signature we calculated does not match the signature you provided.")

    async def _events(
        self,
        request: web.Request,
        body: Mapping[str, Any],
        said: str | Sequence[Mapping[str, Any]],
        fault: Fault | None,
    ) -> AsyncIterator[bytes]:
        yield event("messageStart", {"role": "assistant"})
        reason, words = "end_turn", 0
        if isinstance(said, str):
            pieces = in_pieces(said)
            limit = body.get("inferenceConfig", {}).get("maxTokens", len(pieces))
            reason = "max_tokens" if limit < len(pieces) else reason
            words = len(pieces[:limit])
            async for piece in self.pieces(request, pieces[:limit], fault):
                yield event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}})
            yield event("contentBlockStop", {"contentBlockIndex": 0})
        else:
            reason = "tool_use"
            for n, call in enumerate(said):
                start = {"toolUse": {"toolUseId": f"tooluse_{n}", "name": call["name"]}}
                yield event("contentBlockStart", {"contentBlockIndex": n, "start": start})
                text = json.dumps(call["arguments"])
                for half in (text[: len(text) // 2], text[len(text) // 2 :]):
                    yield event("contentBlockDelta", {"contentBlockIndex": n, "delta": {"toolUse": {"input": half}}})
                yield event("contentBlockStop", {"contentBlockIndex": n})
        if isinstance(fault, Garbage):
            yield b"\x00\x00\x00\x20this is no event of any kind...."
        if isinstance(fault, ErrorLine):
            yield event("modelStreamErrorException", {"message": fault.text}, exception=True)
        if not isinstance(fault, EndEarly | ErrorLine):
            yield event("messageStop", {"stopReason": reason})
            used = {"inputTokens": 11, "outputTokens": words, "totalTokens": 11 + words}
            yield event("metadata", {"usage": used, "metrics": {"latencyMs": 174}})


def event(name: str, content: Mapping[str, Any], *, exception: bool = False) -> bytes:
    """One message of an event stream: lengths and checksum, headers, payload, checksum."""
    kind = ("exception", "exception-type") if exception else ("event", "event-type")
    headers = b"".join(
        _header(key, value)
        for key, value in ((f":{kind[1]}", name), (":content-type", "application/json"), (":message-type", kind[0]))
    )
    payload = json.dumps(content).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()


def _refusal(status: int, text: str, headers: Mapping[str, str]) -> web.Response:
    named = {"x-amzn-ErrorType": _NAMES.get(status, "InternalServerException"), **headers}
    return web.json_response({"message": text}, status=status, headers=named)
