"""What a tenant demands of the metadata of what is taken in: a chunk that lacks a field is left out, and named.

`metadata_schema.yaml`:

    inventory:                  # a loader's name, a namespace, or "default" for all others
      required: [model, price]
      types: {price: number, year: integer}
      allowed: {fuel: [petrol, diesel, electric]}
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from hookline.errors import ConfigError

from .errors import BrokenDocument
from .outline import Outline

_KEYS = ("required", "types", "allowed")
_TYPES = ("text", "number", "integer", "date", "boolean")
_SIGNS = re.compile(r"[\s,'\u00a0\u202f₹€$£%]|Rs\.?|INR|USD|EUR|FCFA", re.IGNORECASE)
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%dT%H:%M:%S")


@attrs.frozen
class Rules:
    """What one kind of document must have: `required` fields, the `types` and `allowed` values of others."""

    required: tuple[str, ...] = ()
    types: Mapping[str, str] = attrs.Factory(dict)
    allowed: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)

    def wrong(self, fields: Mapping[str, Any]) -> str:
        """What is wrong with a row's or document's fields, "" for nothing."""
        found = {_key(name): "" if value is None else str(value).strip() for name, value in fields.items()}
        missing = [name for name in self.required if not found.get(_key(name))]
        if missing:
            return f"lacks {', '.join(missing)}"
        for name, kind in self.types.items():
            value = found.get(_key(name), "")
            if value and not _IS[kind](value):
                return f"has {name} {value[:60]!r}, which is no {kind}"
        for name, values in self.allowed.items():
            value = found.get(_key(name), "")
            if value and value.casefold() not in {one.casefold() for one in values}:
                return f"has {name} {value[:60]!r}; allowed are {', '.join(values)}"
        return ""

    def checked(self, name: str, outline: Outline, which: str = "", meta: Mapping[str, Any] | None = None) -> Outline:
        """The outline without the rows and records that are wrong, each of them noted with its place.

        A document without rows is judged by its own metadata.  Raises `BrokenDocument` for a document that is wrong
        itself, or where nothing of it is left.
        """
        own = {**(meta or {}), **outline.meta, "title": outline.title, "content": outline.text, "source": name}
        if not outline.entries:
            wrong = self.wrong(own)
            if wrong:
                raise BrokenDocument(
                    name, f"{which}{wrong}, though metadata_schema.yaml demands it", "mend it in the file"
                )
            return outline
        bad: dict[int, str] = {}
        for entry in outline.entries:
            wrong = self.wrong({**own, **entry.fields})
            if wrong:
                bad[entry.block] = (
                    f"{which}{entry.where} {wrong}, though metadata_schema.yaml demands it; it is left out"
                )
        if len(bad) == len(outline.entries):
            first = next(iter(bad.values())).removesuffix("; it is left out")
            raise BrokenDocument(name, first + (", and so all others" if len(bad) > 1 else ""), "mend it in the file")
        kept = tuple(block for at, block in enumerate(outline.blocks) if at not in bad)
        return attrs.evolve(outline, blocks=kept, notes=(*outline.notes, *bad.values()), entries=())


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _is_number(value: str) -> bool:
    try:
        float(_SIGNS.sub("", value))
    except ValueError:
        return False
    return True


def _is_integer(value: str) -> bool:
    return _SIGNS.sub("", value).lstrip("+-").isdecimal()


def _is_date(value: str) -> bool:
    for form in _DAYS:
        try:
            dt.datetime.strptime(value, form)
        except ValueError:
            continue
        return True
    return False


_IS: Mapping[str, Callable[[str], bool]] = {
    "text": bool,
    "number": _is_number,
    "integer": _is_integer,
    "date": _is_date,
    "boolean": lambda value: value.casefold() in ("true", "false", "yes", "no", "0", "1"),
}


def load(path: Path) -> dict[str, Rules]:
    """The rules of a `metadata_schema.yaml` by name.  Raises `ConfigError` naming the file and the key."""
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: the metadata schema can't be read ({error.strerror}); check its path") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is no YAML ({' '.join(str(error).split())}); mend it there") from None
    if not isinstance(told, Mapping):
        raise ConfigError(
            f"{path}: must map names (a loader, a namespace, default) to rules, not {type(told).__name__}"
        )
    return {str(name): _rules(path, str(name), rules) for name, rules in told.items()}


def _rules(path: Path, name: str, told: Any) -> Rules:
    if not isinstance(told, Mapping):
        raise ConfigError(f"{path}: {name} must be a mapping with {', '.join(_KEYS)}, not {type(told).__name__}")
    unknown = [str(key) for key in told if key not in _KEYS]
    if unknown:
        raise ConfigError(f"{path}: {name} has the unknown key {unknown[0]!r}; allowed are {', '.join(_KEYS)}")
    required, types, allowed = told.get("required") or [], told.get("types") or {}, told.get("allowed") or {}
    if not _texts(required):
        raise ConfigError(f"{path}: {name}.required must be a list of fields' names")
    if not isinstance(types, Mapping) or any(kind not in _TYPES for kind in types.values()):
        raise ConfigError(f"{path}: {name}.types must map fields to one of {', '.join(_TYPES)}")
    if not isinstance(allowed, Mapping) or not all(_texts(values) for values in allowed.values()):
        raise ConfigError(f"{path}: {name}.allowed must map fields to lists of texts")
    return Rules(
        tuple(required),
        {str(key): str(kind) for key, kind in types.items()},
        {str(key): tuple(values) for key, values in allowed.items()},
    )


def _texts(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(one, str) for one in value)
