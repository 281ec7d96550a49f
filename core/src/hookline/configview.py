"""A tenant's configuration as it is in force: each key with its value, secrets without theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
from attrs import NOTHING

from .decoder import DELICATE, is_record
from .settings import Secret

if TYPE_CHECKING:
    from .snapshot import Snapshot

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")  # in a URL, as that of a database


@attrs.frozen
class Shown:
    """A key, what may be shown of its value as TOML or in brackets, and whether it is what it would be unset."""

    key: str
    value: str
    default: bool


def view(snapshot: Snapshot) -> Iterator[Shown]:
    """All keys: the tenant's own, then each plugin's."""
    for shown in _record(snapshot.settings, ""):
        yield attrs.evolve(shown, key="plugins.enabled") if shown.key == "plugins" else shown
    for name, tenant in snapshot.tenants.items():
        if is_record(type(tenant.config)):
            yield from _record(tenant.config, f"plugins.{name}")


def _record(record: Any, path: str, default: Any = NOTHING) -> Iterator[Shown]:
    given = {name: value for name, value, _ in _fields(default)} if type(default) is type(record) else {}
    for name, value, known in _fields(record):
        yield from _value(value, given.get(name, known), f"{path}.{name}" if path else name)


def _fields(record: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each field of a record with its value and its default, `NOTHING` where it has none."""
    if isinstance(record, msgspec.Struct):
        for each in msgspec.structs.fields(record):
            made = each.default_factory
            default = each.default if made is msgspec.NODEFAULT else made()
            yield each.encode_name, getattr(record, each.name), NOTHING if default is msgspec.NODEFAULT else default
        return
    for field in attrs.fields(type(record)):
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class, whatever its stub says
            default = NOTHING if default.takes_self else default.factory()
        yield field.name, getattr(record, field.name), default


def _value(value: Any, default: Any, path: str) -> Iterator[Shown]:
    if is_record(type(value)):
        yield from _record(value, path, default)
    elif isinstance(value, Mapping) and value:
        for name, item in value.items():
            part = str(name) if _BARE.fullmatch(str(name)) else json.dumps(str(name), ensure_ascii=False)
            known = default.get(name, NOTHING) if isinstance(default, Mapping) else NOTHING
            yield from _value(item, known, f"{path}.{part}")
    elif isinstance(value, str) and value and DELICATE.search(path.rpartition(".")[2]):
        yield Shown(path, "(set)", value == default)
    else:
        yield Shown(path, _text(value), value == default)


def _text(value: Any) -> str:
    """As in TOML; what TOML has no word for stands in brackets."""
    if isinstance(value, Secret):
        return f"(set by {value.name})" if value and value.name else "(set)" if value else _unset(value.name)
    if value is None:
        return _unset("")
    if isinstance(value, str | Path):
        return json.dumps(_LOGIN.sub("…@", str(value)), ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_record(type(value)):
        return f"{{{', '.join(f'{name} = {_text(item)}' for name, item, _ in _fields(value))}}}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name} = {_text(item)}' for name, item in value.items())}}}"
    if isinstance(value, Sequence | AbstractSet):
        return f"[{', '.join(_text(item) for item in value)}]"
    return str(getattr(value, "value", value))


def _unset(name: str) -> str:
    return f"(not set: {name})" if name else "(not set)"
