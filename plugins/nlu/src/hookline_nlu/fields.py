"""What facts a tenant wants to know: the fields of its `entities.yaml`, and those that come with the plugin."""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import attrs
import msgspec
import regex

from hookline import yamlfile
from hookline.errors import ConfigError

Kind = Literal[
    "list", "flag", "scale", "pattern", "text",
    "money", "percent", "number", "quantity", "duration", "date", "period", "time",
    "phone", "email", "url", "upi", "pincode", "name", "age", "children", "family_size",
    "card", "iban", "pan", "aadhaar", "gstin", "ifsc", "vin", "vehicle_registration",
]  # fmt: skip
PRESETS = ("contact", "money", "time", "person", "ids", "places", "vehicle", "property", "banking", "feedback")
GENERAL = ("contact", "money", "time", "person", "ids", "places")


@attrs.frozen
class Field:
    """One field.

    kind     what it is: one of the kinds that are recognised everywhere, or
             list (one of `values`, each with other words for it), flag (true by one of `when`, false by one of `unless`), scale (a whole number from `min` to `max` near one of `cues`), pattern (a regular expression),
             text (what follows one of `after`)
    values   of a list: the value to its other words, in any language; the value's own words count too
    file     of a list: a CSV file beside the YAML one, whose `column` holds the values; `synonyms` the column of other
             words, separated by "|"
    fuzzy    of a list: how near (0 to 100) a mistyped word must be to count; 0: exactly
    cues     words near which a thing of the kind fills this field
    hints    words near which it does where no field's cue is near
    cued     it counts only near one of its cues
    default  a thing of the kind without any cue near fills this field, where several are of the kind
    many     all that is found is kept, as a list
    units    of a quantity: those that count
    past     of a date or period: it is about what has happened, so that a day without a year is the last such one
    own      of a list: it counts only where customers speak of themselves ("I am a doctor", not "call my doctor")
    personal its value is masked, as those of card, PAN, Aadhaar and IBAN are
    """

    kind: Kind
    values: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    file: str = ""
    column: str = ""
    synonyms: str = ""
    fuzzy: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    cues: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    cued: bool = False
    default: bool = False
    many: bool = False
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    min: int = 0
    max: int = 10
    pattern: str = ""
    after: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    past: bool = False
    own: bool = False
    personal: bool = False

    def __attrs_post_init__(self) -> None:
        """Check what belongs together; raises ValueError that says what is missing."""
        if self.kind == "list" and not self.values and not self.file:
            raise ValueError("a list needs values, or a file with a column")
        if self.file and not self.column:
            raise ValueError("column is missing: the name of the column that holds the values")
        if self.kind == "flag" and not self.when and not self.unless:
            raise ValueError("a flag needs when or unless: the words that mean so, or not so")
        if self.kind == "text" and not self.after:
            raise ValueError("a text needs after: the words that it follows")
        if self.kind == "scale" and (self.min >= self.max or not self.cues):
            raise ValueError("a scale needs min below max, and cues")
        if self.cued and not self.cues:
            raise ValueError("cued needs cues: the words near which it counts")
        if (self.kind == "pattern") != bool(self.pattern):
            raise ValueError("a field of kind pattern, and no other, needs a pattern")
        if self.pattern:
            try:
                regex.compile(self.pattern)
            except regex.error as error:
                raise ValueError(f"pattern: given {self.pattern!r}; allowed: a regular expression ({error})") from None


@attrs.frozen
class Declared:
    """The content of an `entities.yaml`.  `without` names fields of the presets that this tenant does not want."""

    fields: Mapping[str, Field] = attrs.Factory(dict)
    without: tuple[str, ...] = ()


@functools.cache
def _presets() -> Mapping[str, Mapping[str, Field]]:
    text = resources.files(__package__).joinpath("fields.yaml").read_text(encoding="utf-8")
    return yamlfile.parse(text, "fields.yaml", dict[str, dict[str, Field]])


def preset(name: str) -> Mapping[str, Field]:
    """The fields of a preset."""
    return _presets()[name]


def load(presets: Sequence[str], path: Path | None) -> dict[str, Field]:
    """All fields of a tenant: its own replace those of the presets of the same name.

    Raises `ConfigError` with file and line.
    """
    found: dict[str, Field] = {}
    for name in presets:
        found |= preset(name)
    if path is None or not path.exists():
        return found
    declared, place = _declared(path)
    unknown = [name for name in declared.without if name not in found]
    if unknown:
        known = ", ".join(sorted(found))
        raise ConfigError(
            f"{place('without')}: without: no preset has a field {', '.join(unknown)}; those of the presets are {known}"
        )
    found = {name: field for name, field in found.items() if name not in declared.without}
    for name, field in declared.fields.items():
        if not regex.fullmatch(r"[\p{L}_][\p{L}\p{N}_]*", name):
            raise ConfigError(f"{place('fields', name)}: fields.{name}: a field's name has letters, digits and _ only")
        found[name] = _with_rows(field, name, path, place("fields", name, "file")) if field.file else field
    return found


def named_files(path: Path) -> tuple[str, ...]:
    """The files with values that the tenant's fields name, as they name them; raises `ConfigError`."""
    return tuple(field.file for field in _declared(path)[0].fields.values() if field.file)


def _declared(path: Path) -> tuple[Declared, Callable[..., str]]:
    """The tenant's own fields, and the file and line of a part of them."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}; it must be a YAML file in UTF-8") from None
    declared, line = yamlfile.located(text, str(path), Declared)
    return declared, lambda *key: f"{path}:{line(*key)}"


def _with_rows(field: Field, name: str, path: Path, place: str) -> Field:
    """The field with the values of its CSV file, which stands at the place."""
    file = path.parent / field.file
    if not file.resolve().is_relative_to(path.parent.resolve()):
        raise ConfigError(f"{place}: fields.{name}.file: given {field.file!r}; allowed: a file in the tenant's folder")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{place}: fields.{name}.file: {file} can't be read: {error}") from None
    columns = list(rows[0]) if rows else []
    for column in filter(None, (field.column, field.synonyms)):
        if column not in columns:
            known = ", ".join(columns) or "none"
            raise ConfigError(f"{place}: fields.{name}: {file} has no column {column!r}; its columns are {known}")
    values = dict(field.values)
    for row in rows:
        value = (row[field.column] or "").strip()
        more = tuple(w.strip() for w in (row.get(field.synonyms) or "").split("|") if w.strip())
        if value:
            values[value] = (*values.get(value, ()), *more)
    return attrs.evolve(field, values=values)
