"""Other names for the fields of JSON bodies: what an alias's clients call ours (`[wire]` in the config)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from .problems import Problem
from .settings import Wire


async def rename_request(request: web.Request, wire: Wire) -> None:
    """Replace the outside's field names in the request's JSON body by ours, before a handler reads it."""
    if not wire.request or not request.can_read_body or "json" not in request.content_type:
        return
    body = _decode(await request.read())
    ours = {theirs: ours for ours, theirs in wire.request.items()}
    # aiohttp has no public way to hand a handler another body; this is where `read`, `text` and `json` look.
    request._read_bytes = msgspec.json.encode(_renamed(body, ours))  # noqa: SLF001


def rename_response(response: web.StreamResponse, wire: Wire) -> web.StreamResponse:
    """Replace our field names in a JSON response by the outside's."""
    if not wire.response or not isinstance(response, web.Response) or response.content_type != "application/json":
        return response
    if isinstance(response.body, bytes):
        response.body = msgspec.json.encode(_renamed(msgspec.json.decode(response.body), wire.response))
    return response


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Problem(400, f"the body is no valid JSON: {error}") from None


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The keys of an object, or of the objects in a list, renamed; what lies deeper stays."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, dict):
        return {names.get(key, key): item for key, item in value.items()}
    return value
