"""Reading what somebody else has written: JSON of any shape, without trusting any of it."""

from __future__ import annotations

import json
from typing import Any

from .refusing import malformed

_DEEP = 30


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object; raises `Problem` 400.  Null characters are left out, lone surrogates become U+FFFD."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise malformed("the body is no JSON") from None
    if not isinstance(found, dict):
        raise malformed("the body is no JSON object")
    if b"\\u" in body or b"\xed" in body or b"\x00" in body:  # 0xED begins a half surrogate that is no escape
        cleaned: dict[str, Any] = clean(found)
        return cleaned
    return found


def parse_within(text: str) -> dict[str, Any]:
    """The JSON object that a text of the payload is, cleaned as `parse` does: its escapes are hidden from that; {} for none."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return clean(found) if isinstance(found, dict) else {}


def clean(value: Any, depth: int = 0) -> Any:
    """The value without what no database takes; what is nested too deeply is left out."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if depth > _DEEP:
        return None
    if isinstance(value, dict):
        return {clean(key): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    return value


def at(value: Any, *path: str) -> Any:
    """What lies there in nested objects; None where nothing does."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text_at(value: Any, *path: str) -> str:
    """The text there, a number as text; "" where there is none."""
    for key in path:  # as `at`: this is called some ten times for each message
        if not isinstance(value, dict):
            return ""
        value = value.get(key)
    if isinstance(value, str):
        return value
    return str(value) if type(value) in (int, float) else ""


def objects_at(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of the list there."""
    found = at(value, *path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def number_at(value: Any, *path: str) -> int:
    """The whole number there, 0 where there is none."""
    found = text_at(value, *path)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else 0


def code_at(value: Any, *path: str) -> int:
    """The error code there, -1 where there is none: 0 is one of Meta's."""
    found = text_at(value, *path)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else -1


def time_at(value: Any, *path: str) -> float:
    """The time there in seconds since the epoch, also where it is given in milliseconds; 0.0 where there is none."""
    try:
        found = float(text_at(value, *path) or 0)
    except ValueError:
        return 0.0
    if not 0 < found < 1e15:
        return 0.0
    return found / 1000 if found > 1e11 else found


def size_at(value: Any, *path: str) -> int | None:
    """The size there, in bytes."""
    found = text_at(value, *path)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 16 else None
