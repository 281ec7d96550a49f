"""JSON in and out: bodies read strictly, and with other names for their fields where an alias's clients use such
(`[wire]`); numbers of the query; answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from .errors import BadRequest
from .problems import Problem, problem_of
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


def moment(text: str, field: str = "expires") -> float:
    """A date or time in ISO 8601, as seconds since the epoch; a date means its end, a time without a zone is UTC.

    Raises `BadRequest`, naming the field.
    """
    try:
        found = dt.datetime.fromisoformat(text.strip())
        if not 1970 < found.year < 9999:  # at the ends a day or a zone more is no time any more
            raise ValueError
    except ValueError:
        raise BadRequest(f'{field}: given {text[:40]!r}; allowed: "2027-01-31" or "2027-01-31T18:00Z"', field) from None
    if len(text.strip()) == len("2027-01-31"):
        found += dt.timedelta(days=1)
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()


async def translated(
    request: web.Request, wire: Wire, answer: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The answer to the request, or its refusal (`Problem`), both as the clients of an alias know them."""
    try:
        await rename_request(request, wire)
        return rename_response(await answer(), wire)
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise rename_problem(problem, wire) from error


async def rename_request(request: web.Request, wire: Wire) -> None:
    """Replace the outside's field names in the request's JSON or form by ours, before a handler reads it."""
    if not (wire.request or wire.values) or not request.can_read_body or request.content_type.startswith("multipart/"):
        return
    body = await request.read()
    ours = {theirs: ours for ours, theirs in wire.request.items()}
    words = {name: {theirs: ours for ours, theirs in known.items()} for name, known in wire.values.items()}
    if "json" in request.content_type or _like_json(body):
        renamed = msgspec.json.encode(_revalued(_renamed(decode(body, Any), ours), words))
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
    """Replace our field names and values in a JSON response by the outside's."""
    if not (wire.response or wire.values):
        return response
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return response
    if isinstance(response.body, bytes):
        told = _revalued(msgspec.json.decode(response.body), wire.values)
        response.body = msgspec.json.encode(_renamed(told, wire.response))
    return response


def rename_problem(problem: Problem, wire: Wire) -> Problem:
    """The same refusal with the outside's status, and its name of the field that is at fault."""
    status = wire.statuses.get(str(problem.status), problem.status)
    ours, detail = problem.field, problem.detail
    theirs = wire.request.get(ours, ours)
    if theirs != ours:
        detail = re.sub(rf"^{re.escape(ours)}(?=:)|(?<=`){re.escape(ours)}(?=`)", theirs.replace("\\", r"\\"), detail)
    return Problem(status, detail, field=theirs, headers=problem.headers, more=problem.more)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The keys of an object, or of the objects in a list, renamed.

    A name with dots means what lies deeper: `agents.id` is `id` of each object in `agents`; other deeper ones stay.
    """
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    deeper = _deeper(names)
    given = {names[key] for key in value if key in names}  # a field of ours that has such a name makes room
    return {
        names.get(key, key): _renamed(item, deeper[key]) if key in deeper else item
        for key, item in value.items()
        if key in names or key not in given
    }


def _revalued(value: Any, values: Mapping[str, Mapping[str, str]]) -> Any:
    """The same, with the texts of these fields replaced: `{"state": {"queued": "pending"}}`."""
    if not values:
        return value
    if isinstance(value, list):
        return [_revalued(item, values) for item in value]
    if not isinstance(value, dict):
        return value
    deeper = _deeper(values)
    told = {key: _revalued(item, deeper[key]) if key in deeper else item for key, item in value.items()}
    for key, words in values.items():
        if isinstance(told.get(key), str):
            told[key] = words.get(told[key], told[key])
    return told


def _deeper(names: Mapping[str, T]) -> dict[str, dict[str, T]]:
    """What the names with dots say, by their first part."""
    deeper: dict[str, dict[str, T]] = {}
    for name, theirs in names.items():
        first, dot, rest = name.partition(".")
        if dot:
            deeper.setdefault(first, {})[rest] = theirs
    return deeper
