"""Errors as the outside sees them: problem details (RFC 9457), never a stack trace or an exception's name."""

from __future__ import annotations

import http
import math
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from .db import CharacterRefused, ConstraintViolated, StatementFailed
from .errors import BadRequest, Conflict, RateLimited, ServiceUnavailable, TenantUnavailable, UnknownTenant
from .ledger import ConversationClosed

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """Answer the request with this problem; `field` is the JSON path of the culprit, "" where there is none."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self, request_id: str = "") -> web.Response:
        """The problem as an HTTP response."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": http.HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        if self.field:
            body["errors"] = [{"field": self.field, "detail": self.detail}]
        if request_id:
            body["request_id"] = request_id
        return web.Response(
            status=self.status, body=msgspec.json.encode(body), content_type=CONTENT_TYPE, headers=self.headers
        )


def problem_of(error: BaseException) -> Problem | None:
    """What an exception means to the outside; None for one that nobody meant to raise."""
    match error:
        case Problem():
            return error
        case BadRequest():
            return Problem(400, str(error), field=error.field)
        case Conflict():
            return Problem(409, str(error))
        case ConversationClosed():
            return Problem(409, "the conversation is not open any more")
        case RateLimited():
            return Problem(429, str(error), headers={"Retry-After": str(math.ceil(error.retry_after))})
        case UnknownTenant():
            return Problem(404, "there is no such tenant on this server")
        case TenantUnavailable():
            return Problem(
                503,
                "this tenant is out of service; its operator finds the cause with `hookline doctor`",
                headers={"Retry-After": "30"},
            )
        case ServiceUnavailable():
            return Problem(
                503, "a service that this needs does not answer; try again later", headers={"Retry-After": "5"}
            )
        case CharacterRefused():
            return Problem(
                400, "what was sent holds the character U+0000, which has no place in any text: leave it out"
            )
        case StatementFailed() if not isinstance(error, ConstraintViolated):
            return Problem(503, "this can't be stored at the moment; try again later", headers={"Retry-After": "5"})
        case web.RequestPayloadError() | BadHttpMessage():
            return Problem(400, "the body is not what its headers say (length, chunks or Content-Encoding)")
        case web.HTTPRequestEntityTooLarge():
            return Problem(413, "the body is too large")
        case web.HTTPNotFound():
            return Problem(404, "there is nothing here; /docs lists what there is")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return Problem(405, f"{error.method} is not allowed here; allowed: {allowed}", headers={"Allow": allowed})
        case web.HTTPException() if error.status >= 400:
            headers = {k: v for k, v in error.headers.items() if k.lower() not in ("content-type", "content-length")}
            return Problem(error.status, error.reason, headers=headers)
    return None
