"""What requests say about documents: bodies read and checked, field by field, and rows as they are told."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hookline.errors import BadRequest

from .knowledge import Ingested, checked_namespace

if TYPE_CHECKING:
    from aiohttp import web

_MOST_TAGS = 50
_LONGEST = 200  # characters of a tag or an owner
_DIGITS = 9
_FAR = 1e11  # seconds: later than any time that is meant
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ABOUT = ("tags", "valid_from", "valid_until", "owner", "refresh_seconds")


async def object_of(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty one."""
    raw = await request.read()
    try:
        body = msgspec.json.decode(raw or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body is no JSON: {error}") from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def text_of(body: Mapping[str, Any], key: str, where: str = "") -> str:
    """A text of the body, "" where it is left out."""
    value = body.get(key) or ""
    if not isinstance(value, str):
        raise BadRequest(f"{where or key} must be a text, not {type(value).__name__}", where or key)
    return value


def count_of(body: Mapping[str, Any], key: str) -> int:
    """A whole number of the body, 0 where it is left out."""
    value = body.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000:
        raise BadRequest(f"{key} must be a whole number from 0 to 10000", key)
    return value


def is_number(text: str) -> bool:
    """Whether it is a whole number in plain digits, as a query writes one, of at most nine of them."""
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def form_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """A form's fields as a JSON body has them, without those left empty: a form knows texts alone."""
    told: dict[str, Any] = {key: value for key, value in fields.items() if value}
    with contextlib.suppress(KeyError, ValueError):
        told["refresh_seconds"] = float(told["refresh_seconds"])
    return told


def about_of(body: Mapping[str, Any], where: str = "", *, move: bool = False) -> dict[str, Any]:
    """The columns that the body names (tags, valid_from, valid_until, owner, refresh_seconds; with `move` namespace)."""
    about: dict[str, Any] = {}
    for key in _ABOUT:
        if key in body:
            about[key] = _READERS[key](body[key], f"{where}{key}")
    if move and "namespace" in body:
        about["namespace"] = checked_namespace(text_of(body, "namespace"))
    since, until = about.get("valid_from"), about.get("valid_until")
    if since is not None and until is not None and until <= since:
        raise BadRequest("valid_until must be after valid_from", f"{where}valid_until")
    return about


def _tags(value: Any, where: str) -> list[str]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise BadRequest(f"{where} must be a list of texts", where)
    tags = sorted({one.strip() for one in value})
    if len(tags) > _MOST_TAGS or any(len(one) > _LONGEST for one in tags):
        raise BadRequest(f"{where}: at most {_MOST_TAGS} tags of at most {_LONGEST} characters", where)
    return tags


def _owner(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadRequest(f"{where} must be a text of at most {_LONGEST} characters", where)
    return value.strip()


def _age(value: Any, where: str) -> float | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _FAR:
        raise BadRequest(f"{where} must be a number of seconds above 0, or null for the config's", where)
    return float(value)


def _from(value: Any, where: str) -> float | None:
    return _moment(value, where, dt.timedelta(0))


def _until(value: Any, where: str) -> float | None:
    return _moment(value, where, dt.timedelta(days=1))


def _moment(value: Any, where: str, whole_day: dt.timedelta) -> float | None:
    """Seconds since the epoch, of a number or an ISO 8601 text (UTC unless it says otherwise); a day alone means the
    whole of it."""
    if value in (None, ""):
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _FAR:
        return float(value)
    if isinstance(value, str):
        try:
            found = dt.datetime.fromisoformat(value)
            if found.tzinfo is None:
                found = found.replace(tzinfo=dt.UTC)
            return (found + (whole_day if _DAY.fullmatch(value) else dt.timedelta(0))).timestamp()
        except (ValueError, OverflowError):
            pass
    raise BadRequest(f"{where} must be a date like 2026-12-31, a time like 2026-12-31T18:00:00Z, or null", where)


_READERS: Mapping[str, Any] = {
    "tags": _tags, "valid_from": _from, "valid_until": _until, "owner": _owner, "refresh_seconds": _age,
}  # fmt: skip


# -- told ------------------------------------------------------------------------------------------------------------


def ingested(done: Ingested | None, failed: Mapping[str, str]) -> dict[str, Any]:
    """What became of documents: how many answer now, which are still worked on, and what failed."""
    puts = done.puts if done is not None else ()
    live = done.live if done is not None else frozenset()
    errors = done.errors if done is not None else {}
    return {
        "ingested": sum(put.id in live for put in puts),
        "unchanged": sum(put.what == "unchanged" for put in puts),
        "documents": [
            {"id": put.id, "version": put.newest, "what": put.what,
             "status": "live" if put.id in live else "failed" if put.id in errors else "queued"}
            for put in puts
        ],
        "failed": [{"name": name, "error": error} for name, error in failed.items()]
        + [{"id": ident, "error": error} for ident, error in errors.items()],
    }  # fmt: skip


def document(row: Any, now: float, age: float) -> dict[str, Any]:
    """A document's row as it is told.  `status` is "stale" from its age on; `valid` whether it answers now."""
    own = row.refresh_seconds if row.refresh_seconds is not None else age
    stale = row.status == "live" and own > 0 and row.checked_at + own <= now
    begun = row.valid_from is None or row.valid_from <= now
    told = {
        "id": row.id, "title": row.title, "source": row.source, "namespace": row.namespace, "meta": row.meta,
        "version": row.version, "newest": row.newest, "status": "stale" if stale else row.status, "error": row.error,
        "created_at": row.created_at, "updated_at": row.updated_at, "checked_at": row.checked_at,
        "tags": row.tags, "owner": row.owner, "origin": row.origin, "valid_from": row.valid_from,
        "valid_until": row.valid_until, "refresh_seconds": row.refresh_seconds,
        "valid": begun and (row.valid_until is None or row.valid_until > now),
        "progress": {"done": row.done, "total": row.total},
    }  # fmt: skip
    return told | ({"chunks": row.chunks} if hasattr(row, "chunks") else {})


def version(row: Any, live: int) -> dict[str, Any]:
    """A version as it is told, without its text."""
    return {
        "version": row.version, "title": row.title, "source": row.source, "created_at": row.created_at,
        "made_by": row.made_by, "restored_from": row.restored_from, "chars": row.chars, "live": row.version == live,
    }  # fmt: skip


def run(row: Any) -> dict[str, Any]:
    """A run as it is told; `told` counts what became of what it took in."""
    return {
        "id": row.id, "kind": row.kind, "namespace": row.namespace, "state": row.state, "done": row.done,
        "total": row.total, "error": row.error, "started_by": row.started_by, "created_at": row.created_at,
        "updated_at": row.updated_at, "finished_at": row.finished_at, "told": row.told,
    }  # fmt: skip


def runs(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Runs as they are told."""
    return [run(row) for row in rows]
