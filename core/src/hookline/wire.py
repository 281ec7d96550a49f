"""JSON in and out: bodies read strictly, and with other names for their fields where an alias's clients use such
(`[wire]`); numbers of the query; answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from .problems import Problem
from .settings import Wire

T = TypeVar("T")


async def read_body(request: web.Request, kind: type[T]) -> T:
    """The request's body as that type (an attrs class, `dict`, ...); raises `Problem` 400 naming the field.

    It is JSON, whatever the content type says (curl's `-d` says form); or else a form, if that is what it says.
    """
    body = await request.read()
    if _is_form(request) and body and not _like_json(body):
        return cast("T", _checked(lambda: msgspec.convert(dict(_pairs(body)), kind, strict=False)))
    return cast("T", decode(body, kind))


def decode(body: bytes, kind: Any) -> Any:
    """The JSON text as that type; raises `Problem` 400 naming the field."""
    if not body:
        raise Problem(400, "the body is empty; send a JSON object")
    return _checked(lambda: msgspec.json.decode(body, type=kind))


def _checked(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at `$")
        missing = re.search(r"missing required field `([^`]+)`", said)
        field = ".".join(part for part in (at.strip("`."), missing[1] if missing else "") if part)
        raise Problem(400, f"{field}: {said}" if field else said, field=field) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, f"the body is no valid JSON: {error}") from None
    except RecursionError:
        raise Problem(400, "the body is nested too deeply") from None


def query_number(request: web.Request, name: str, default: int, most: int) -> int:
    """A number of the query, 0 to `most`; raises `Problem` 400 for anything else."""
    given = request.query.get(name, "")
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 20 or int(given) > most:
        raise Problem(400, f"{name}: given {given[:40]!r}; allowed: 0 to {most}", field=name)
    return int(given)


def path_number(request: web.Request, name: str) -> int:
    """A number of the path, such as an id of the database; raises `Problem` 404 for one that no row can have."""
    given = request.match_info[name]
    if len(given) > 19 or int(given) >= 2**63:
        raise Problem(404, f"there is nothing with the {name} {given[:40]}")
    return int(given)


def json_response(body: object, status: int = 200) -> web.Response:
    """The value as a JSON response."""
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


def shown_time(seconds: float) -> str:
    """A time as the API shows it: ISO 8601 in UTC, to the millisecond."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")


async def rename_request(request: web.Request, wire: Wire) -> None:
    """Replace the outside's field names in the request's JSON or form by ours, before a handler reads it."""
    if not wire.request or not request.can_read_body or request.content_type.startswith("multipart/"):
        return
    body = await request.read()
    ours = {theirs: ours for ours, theirs in wire.request.items()}
    if "json" in request.content_type or _like_json(body):
        renamed = msgspec.json.encode(_renamed(decode(body, Any), ours))
    elif _is_form(request):
        renamed = urlencode([(ours.get(name, name), value) for name, value in _pairs(body)]).encode()
    else:
        return
    # aiohttp has no public way to hand a handler another body; this is where `read`, `text` and `json` look.
    request._read_bytes = renamed  # noqa: SLF001


def _is_form(request: web.Request) -> bool:
    return request.content_type == "application/x-www-form-urlencoded"


def _like_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:  # also of an encoding
        raise Problem(400, "the body is no valid form: send names and values in UTF-8, percent-encoded") from None


def rename_response(response: web.StreamResponse, wire: Wire) -> web.StreamResponse:
    """Replace our field names in a JSON response by the outside's."""
    if not wire.response or not isinstance(response, web.Response) or response.content_type != "application/json":
        return response
    if isinstance(response.body, bytes):
        response.body = msgspec.json.encode(_renamed(msgspec.json.decode(response.body), wire.response))
    return response


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The keys of an object, or of the objects in a list, renamed; what lies deeper stays."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, dict):
        return {names.get(key, key): item for key, item in value.items()}
    return value
