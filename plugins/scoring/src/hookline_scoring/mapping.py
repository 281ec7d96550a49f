"""The fields of a CRM as expressions over a lead: `{name}`, `{last_name|or:Unknown|max:80}`, `Score {score|int}`."""

from __future__ import annotations

import collections.abc
import re
from typing import Any

import attrs

NAMES = (
    "id", "name", "first_name", "last_name", "email", "phone", "company", "source", "channel", "intent", "score",
    "priority", "status", "interest", "owner", "summary", "reasons", "created_at", "updated_at", "contact",
    "conversation", "tenant",
)  # fmt: skip
_PREFIXES = ("fields.", "origin.")  # what was learnt in the conversation, and where the customer came from
FILTERS = ("or", "max", "int", "upper", "lower", "title", "bool")
_PART = re.compile(r"\{([^{}]*)\}")


class MappingError(ValueError):
    """An expression can't be read; the text says which, and what is allowed."""


@attrs.frozen
class _Use:
    name: str
    filters: tuple[tuple[str, str], ...]

    def value(self, lead: collections.abc.Mapping[str, Any]) -> Any:
        found: Any = lead.get(self.name)
        if found is None and "." in self.name:
            table, _, key = self.name.partition(".")
            found = (lead.get(table) or {}).get(key)
        for name, argument in self.filters:
            found = _filtered(name, argument, found)
        return found


def _filtered(name: str, argument: str, value: Any) -> Any:
    if name == "or":
        return argument if value in (None, "") else value
    if value is None:
        return None
    if name == "int":
        return round(value) if isinstance(value, int | float) else value
    if name == "bool":
        return bool(value)
    if name == "max":
        return str(value)[: int(argument)]
    return {"upper": str.upper, "lower": str.lower, "title": str.title}[name](str(value))


@attrs.frozen
class _Expression:
    """Texts and uses in turn; one use alone keeps its value's type."""

    parts: tuple[str | _Use, ...]

    @classmethod
    def of(cls, text: str) -> _Expression:
        parts: list[str | _Use] = []
        at = 0
        for found in _PART.finditer(text):
            if found.start() > at:
                parts.append(text[at : found.start()])
            parts.append(_use(found[1], text))
            at = found.end()
        if at < len(text):
            parts.append(text[at:])
        if any(isinstance(one, str) and ("{" in one or "}" in one) for one in parts):
            raise MappingError(f"{text!r}: a brace is open; write {{name}}")
        return cls(tuple(parts))

    def value(self, lead: collections.abc.Mapping[str, Any]) -> Any:
        if len(self.parts) == 1 and isinstance(self.parts[0], _Use):
            return self.parts[0].value(lead)
        told = ["" if (v := one if isinstance(one, str) else one.value(lead)) is None else str(v) for one in self.parts]
        return "".join(told).strip()


def _use(text: str, whole: str) -> _Use:
    name, *filters = (one.strip() for one in text.split("|"))
    if name not in NAMES and not (name.startswith(_PREFIXES) and len(name.partition(".")[2])):
        raise MappingError(
            f"{whole!r}: a lead has no {name!r}; allowed: {', '.join(NAMES)}, fields.NAME and origin.NAME"
        )
    told = []
    for one in filters:
        key, _, argument = one.partition(":")
        if key not in FILTERS or (key == "max" and not argument.isdigit()):
            raise MappingError(f"{whole!r}: no filter {one!r}; allowed: {', '.join(FILTERS)} (or:TEXT, max:NUMBER)")
        told.append((key, argument))
    return _Use(name, tuple(told))


@attrs.frozen
class Mapping:
    """The fields of one CRM."""

    fields: tuple[tuple[str, _Expression], ...]

    @classmethod
    def of(cls, fields: collections.abc.Mapping[str, str]) -> Mapping:
        """Read the expressions; raises `MappingError`."""
        return cls(tuple((name, _Expression.of(text)) for name, text in fields.items()))

    def of_lead(self, lead: collections.abc.Mapping[str, Any]) -> dict[str, Any]:
        """The fields with their values; those that are empty are left out, so that they wipe nothing."""
        found = {name: expression.value(lead) for name, expression in self.fields}
        return {name: value for name, value in found.items() if value not in (None, "")}
