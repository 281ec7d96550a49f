"""Turns configuration values into attrs classes, strictly, and finds everything that is wrong, not only the first.

msgspec decodes strictly but stops at its first error, lets unknown keys of attrs classes pass and knows no unions of
them; so records, unions and containers are walked here, and single values are left to msgspec.
"""

from __future__ import annotations

import difflib
import enum
import functools
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import attrs
import msgspec

from .environment import Given
from .settings import Secret

KeyPath = tuple[str, ...]


FAILED: Any = object()
"""Stands for a value that could not be decoded; its problem has been noted."""
UNSET: Any = object()
"""Stands for a value whose variable is unset: the field's default is taken."""

DELICATE = re.compile(r"key|token|secret|passw|credential", re.IGNORECASE)
"""In the name of a key: its value is not to be shown."""
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_KINDS = {bool: "true or false", int: "an integer", float: "a number", str: "text"}


@attrs.frozen
class Field:
    """One field of a record: its default is only looked at where it is not required."""

    name: str
    type: Any
    required: bool


@attrs.define
class Decoder:
    """Decodes values and notes problems and warnings as (key path, text)."""

    problems: list[tuple[KeyPath, str]] = attrs.Factory(list)
    warnings: list[tuple[KeyPath, str]] = attrs.Factory(list)

    def decode(self, kind: Any, value: Any, path: KeyPath, *, default: bool = True) -> Any:
        """The value as the type asks, or `FAILED`; `default`: there is one, to be taken if a variable is unset."""
        if isinstance(value, Given) and value.text is None:
            return self._unset(kind, value, path, default=default)
        return self._decode(kind, value, path)

    # -- which way -------------------------------------------------------------------------------------------------

    def _decode(self, kind: Any, value: Any, path: KeyPath) -> Any:
        origin, arguments = get_origin(kind), get_args(kind)
        if isinstance(kind, typing.NewType):
            return self._decode(kind.__supertype__, value, path)
        if origin is Annotated:
            return self._constrained(kind, arguments[0], value, path)
        if kind is Any or kind is object:
            return plain(value)
        if origin in (Union, types.UnionType):
            return self._union([a for a in arguments if a is not type(None)], value, path)
        if origin is Literal:
            return self._choice(arguments, value, path)
        if kind is Secret:
            return self._secret(value, path)
        if is_record(kind):
            return self._record(kind, value, path)
        container = origin or kind
        if isinstance(container, type):
            if issubclass(container, Mapping):
                return self._mapping(arguments or (str, Any), value, path)
            if issubclass(container, (list, tuple, set, frozenset)) or container is Sequence:
                return self._sequence(container, arguments, value, path)
            if issubclass(container, enum.Enum):
                found = self._choice(tuple(member.value for member in container), value, path)
                return found if found is FAILED else container(found)
            if issubclass(container, Path):
                found = self._scalar(str, value, path)
                return found if found is FAILED else Path(found)
        return self._scalar(kind, value, path)

    # -- single values ---------------------------------------------------------------------------------------------

    def _scalar(self, kind: Any, value: Any, path: KeyPath) -> Any:
        allowed = _name(kind)
        if isinstance(value, Given):
            assert value.text is not None
            read = _read(kind, value.text)
            return self._refuse(path, value, allowed) if read is FAILED else read
        if isinstance(kind, type) and isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        try:
            return msgspec.convert(value, kind, strict=True)
        except (msgspec.ValidationError, TypeError):
            return self._refuse(path, value, allowed)

    def _choice(self, choices: tuple[Any, ...], value: Any, path: KeyPath) -> Any:
        shown = ", ".join(_show(choice) for choice in choices)
        if isinstance(value, Given):
            for choice in choices:
                if _read(type(choice), value.text or "") == choice:
                    return choice
            return self._refuse(path, value, shown, _nearest(value.text, choices) if not value.names else "")
        for choice in choices:
            if value == choice and type(value) is type(choice):
                return choice
        return self._refuse(path, value, shown, _nearest(value, choices))

    def _secret(self, value: Any, path: KeyPath) -> Any:
        if isinstance(value, Given):
            return Secret(value.text or "", value.names[0] if value.names else "")
        if isinstance(value, str):
            if value:
                self.warnings.append((path, 'a secret stands in the file; write "${NAME}" and set NAME outside of it'))
            return Secret(value)
        self.problems.append((path, f'given {_article(value)}; allowed: a reference like "${{NAME}}"'))
        return FAILED

    def _unset(self, kind: Any, value: Given, path: KeyPath, *, default: bool) -> Any:
        names = " and ".join(value.unset)
        verb = "are" if len(value.unset) > 1 else "is"
        if holds_secret(kind):
            self.warnings.append((path, f"{names} {verb} unset: what needs it is off"))
            return Secret("", value.unset[0])
        if default:
            self.warnings.append((path, f"{names} {verb} unset: the default is used"))
            return UNSET
        if kind is str:
            self.warnings.append((path, f"{names} {verb} unset: it is empty"))
            return ""
        self.problems.append(
            (path, (f'{names} {verb} unset, and there is no default; set it, or write "${{{value.unset[0]}:-value}}"'))
        )
        return FAILED

    def _constrained(self, kind: Any, inner: Any, value: Any, path: KeyPath) -> Any:
        found = self._decode(inner, value, path)
        if found is FAILED:
            return FAILED
        try:
            msgspec.convert(found, kind, strict=True)
        except msgspec.ValidationError as error:
            return self._refuse(path, value, str(error).removeprefix("Expected ").partition(" - at")[0])
        except TypeError:
            return found  # a type that msgspec does not know can't be constrained by it
        return found

    # -- containers ------------------------------------------------------------------------------------------------

    def _mapping(self, arguments: tuple[Any, ...], value: Any, path: KeyPath) -> Any:
        if not isinstance(value, Mapping):
            return self._refuse(path, value, "a table")
        keys, values = arguments
        found = {}
        failed = False
        for key, item in value.items():
            name = self._decode(keys, key, (*path, key))
            decoded = self.decode(values, item, (*path, key), default=True)
            failed = failed or name is FAILED or decoded is FAILED
            if decoded is not UNSET:
                found[name] = decoded
        return FAILED if failed else found

    def _sequence(self, container: type, arguments: tuple[Any, ...], value: Any, path: KeyPath) -> Any:
        if isinstance(value, Given):
            value = [attrs.evolve(value, text=part.strip()) for part in (value.text or "").split(",") if part.strip()]
        if not isinstance(value, (list, tuple)):
            return self._refuse(path, value, "a list")
        if container is tuple and arguments and arguments[-1] is not ...:
            if len(value) != len(arguments):
                return self._refuse(path, value, f"a list of {len(arguments)}")
            inner = list(arguments)
        else:
            inner = [arguments[0] if arguments else Any] * len(value)
        found = [self.decode(t, v, (*path, str(n))) for n, (t, v) in enumerate(zip(inner, value, strict=True))]
        if FAILED in found:
            return FAILED
        made = container if container in (list, set, frozenset) else tuple
        return made(item for item in found if item is not UNSET)

    def _union(self, alternatives: Sequence[Any], value: Any, path: KeyPath) -> Any:
        if len(alternatives) == 1:
            return self._decode(alternatives[0], value, path)
        records = [a for a in alternatives if is_record(a)]
        if isinstance(value, Mapping) and records:
            return self._tagged(records, value, path)
        fitting = [a for a in alternatives if _may_be(a, value)]
        for alternative in fitting:
            attempt = Decoder()
            found = attempt._decode(alternative, value, path)
            if found is not FAILED:
                self.warnings += attempt.warnings
                return found
        return self._refuse(path, value, " or ".join(_name(a) for a in alternatives))

    def _tagged(self, records: Sequence[Any], value: Mapping[str, Any], path: KeyPath) -> Any:
        if len(records) == 1:
            return self._record(records[0], value, path)
        field, by_tag = _tags(tuple(records))
        given = value.get(field, FAILED)
        if given is FAILED:
            given = next((tag for tag, r in by_tag.items() if not _fields(r).get(field, _NO_FIELD).required), FAILED)
        if given is FAILED:
            self.problems.append((path, f"{field} is missing; allowed: {', '.join(_show(t) for t in by_tag)}"))
            return FAILED
        tag = self._choice(tuple(by_tag), given, (*path, field))
        if tag is FAILED:
            return FAILED
        record = by_tag[tag]
        if field not in _fields(record):  # a msgspec struct keeps its tag to itself
            value = {key: item for key, item in value.items() if key != field}
        return self._record(record, value, path)

    # -- records ---------------------------------------------------------------------------------------------------

    def _record(self, record: Any, value: Any, path: KeyPath) -> Any:
        if not isinstance(value, Mapping):
            return self._refuse(path, value, "a table")
        fields = _fields(record)
        found: dict[str, Any] = {}
        failed = False
        for key, item in value.items():
            if key not in fields:
                self.unknown((*path, key), tuple(fields))
                failed = True
                continue
            field = fields[key]
            decoded = self.decode(field.type, item, (*path, key), default=not field.required)
            failed = failed or decoded is FAILED
            if decoded is not UNSET:
                found[key] = decoded
        for name, field in fields.items():
            if field.required and name not in value:
                self.problems.append(((*path, name), f"missing; allowed: {_name(field.type)}"))
                failed = True
        if failed:
            return FAILED
        try:
            return record(**{_argument(record, name): item for name, item in found.items()})
        except (ValueError, TypeError) as error:
            self.problems.append((path, str(error.args[0]) if error.args else type(error).__name__))
            return FAILED

    def unknown(self, path: KeyPath, allowed: Sequence[str]) -> None:
        """Note a key that nothing reads."""
        near = _nearest(path[-1], allowed)
        known = ", ".join(allowed) or "no keys"
        self.problems.append((path, f"unknown key{near}; allowed: {known}"))

    def _refuse(self, path: KeyPath, value: Any, allowed: str, near: str = "") -> Any:
        # A secret written into the wrong field, or under a name that we don't know for one, is not repeated.
        shown = (
            _article(value) if any(DELICATE.search(key) for key in path) and isinstance(value, str) else _show(value)
        )
        self.problems.append((path, f"given {shown}{near}; allowed: {allowed}"))
        return FAILED


_NO_FIELD = Field("", None, required=True)


def plain(value: Any) -> Any:
    """The value with what came from outside as plain text."""
    if isinstance(value, Given):
        return value.text or ""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def is_record(kind: Any) -> bool:
    """Whether the type is an attrs class or a msgspec struct."""
    return isinstance(kind, type) and (attrs.has(kind) or issubclass(kind, msgspec.Struct)) and kind is not Secret


def holds_secret(kind: Any) -> bool:
    """Whether a single value of the type is a secret."""
    return kind is Secret or (get_origin(kind) in (Union, types.UnionType) and Secret in get_args(kind))


@functools.cache
def _fields(record: Any) -> dict[str, Field]:
    hints = typing.get_type_hints(record, include_extras=True)
    if issubclass(record, msgspec.Struct):
        return {f.encode_name: Field(f.name, hints[f.name], f.required) for f in msgspec.structs.fields(record)}
    return {
        f.name: Field(f.name, hints[f.name], required=f.default is attrs.NOTHING)
        for f in attrs.fields(record)
        if f.init
    }


def _argument(record: Any, name: str) -> str:
    if issubclass(record, msgspec.Struct):
        return _fields(record)[name].name
    return str(getattr(attrs.fields(record), name).alias)


@functools.cache
def _tags(records: tuple[Any, ...]) -> tuple[str, dict[Any, Any]]:
    """The field that tells the records apart, and each record by its value there."""
    if all(issubclass(r, msgspec.Struct) and r.__struct_config__.tag is not None for r in records):
        return records[0].__struct_config__.tag_field, {r.__struct_config__.tag: r for r in records}
    for name in _fields(records[0]):
        kinds = [_fields(r).get(name, _NO_FIELD).type for r in records]
        if all(get_origin(kind) is Literal for kind in kinds):
            return name, {tag: r for r, kind in zip(records, kinds, strict=True) for tag in get_args(kind)}
    names = ", ".join(r.__name__ for r in records)
    raise TypeError(f"{names} can't be told apart: give each a field of one name with a Literal of its own")


def _may_be(kind: Any, value: Any) -> bool:
    if isinstance(value, Given):
        return not is_record(kind)
    origin = get_origin(kind) or kind
    if kind is Secret or origin is Literal:
        return isinstance(value, str) or (origin is Literal and value in get_args(kind))
    if not isinstance(origin, type):
        return True
    if issubclass(origin, Mapping) or is_record(kind):
        return isinstance(value, Mapping)
    if issubclass(origin, (list, tuple, set, frozenset)) or origin is Sequence:
        return isinstance(value, list)
    return not isinstance(value, (Mapping, list))


def _read(kind: Any, text: str) -> Any:
    """A value of the type, read from a text that came from outside; `FAILED` if it is none."""
    word = text.strip().lower()
    if kind is bool:
        return True if word in _TRUE else False if word in _FALSE else FAILED
    readers: dict[Any, Callable[[str], Any]] = {int: int, float: float, str: str}
    try:
        return readers[kind](text) if kind in readers else msgspec.convert(text, kind, strict=False)
    except (ValueError, msgspec.ValidationError):
        return FAILED


def _nearest(given: Any, choices: Sequence[Any]) -> str:
    words = [choice for choice in choices if isinstance(choice, str)]
    near = difflib.get_close_matches(given, words, n=1) if isinstance(given, str) else []
    return f" (did you mean {near[0]!r}?)" if near else ""


def _name(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _name(arguments[0])
    if origin in (Union, types.UnionType):
        return " or ".join(_name(a) for a in arguments if a is not type(None))
    if origin is Literal:
        return ", ".join(_show(a) for a in arguments)
    if kind is Secret:
        return 'a reference like "${NAME}"'
    container = origin or kind
    if isinstance(container, type):
        if issubclass(container, Mapping) or is_record(container):
            return "a table"
        if issubclass(container, (list, tuple, set, frozenset)) or container is Sequence:
            return f"a list of {_name(arguments[0])}" if arguments else "a list"
    return _KINDS.get(kind) or str(getattr(kind, "__name__", kind))


def _article(value: Any) -> str:
    for kind, name in (
        (bool, "true or false"),
        (int, "an integer"),
        (float, "a number"),
        (str, "text"),
        (list, "a list"),
    ):
        if isinstance(value, kind):
            return name
    return "a table" if isinstance(value, Mapping) else type(value).__name__


def _show(value: Any) -> str:
    if isinstance(value, Given):
        return f"what {value.shown} is set to" if value.names else value.shown
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Mapping, list, tuple)):
        return _article(list(value) if isinstance(value, tuple) else value)
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
