"""What a field of a record may hold: how it is stored, read from JSON, CSV cells and people's typing, and shown.

`read` takes a JSON value, a Python value or a text as the tenant's people write it, and raises ValueError that says what
was given and what is allowed.  `tell` gives JSON (amounts as text, so that no digit is lost), `write` a CSV cell.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import attrs
import msgspec
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from . import formats
from .errors import BadRequest
from .models import Json
from .particulars import checked_email, storable
from .settings import Settings

Label = str | Mapping[str, str]
"""A text for people: in English, or in each language by its tag."""

_FIRST, _LAST = (int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) for year in (1901, 9999))
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_YES = frozenset({"true", "yes", "y", "1", "oui", "vrai", "x", "हाँ", "हां"})
_NO = frozenset({"false", "no", "n", "0", "non", "faux", "", "नहीं"})


@attrs.frozen
class Writing:
    """How the people of a tenant write: "indian", "french", "english" or "" (plain figures alone), their region and zone."""

    style: str = ""
    region: str = ""
    zone: ZoneInfo = attrs.field(factory=lambda: ZoneInfo("UTC"))

    @classmethod
    def of(cls, settings: Settings) -> Writing:
        """Those of the tenant."""
        return cls(formats.style(settings), formats.region(settings), formats.timezone(settings))


PLAIN = Writing()


class DayText(TypeDecorator[dt.date]):
    """A day as ISO text: sorts right, and is the same on every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        """A date, or its ISO text."""
        return value.isoformat() if isinstance(value, dt.date) else value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> dt.date | None:
        """The date."""
        return None if value is None else dt.date.fromisoformat(value)


class Kind(ABC):
    """What a field holds; see the module."""

    name: ClassVar[str]
    empty: ClassVar[Any] = None  # what a field that is not required holds where nothing was given
    sorts: ClassVar[bool] = True
    ranges: ClassVar[bool] = False  # whether "from" and "to" make sense

    def column(self) -> TypeEngine[Any]:
        """The type of its column."""
        return sa.Text()

    @abstractmethod
    def read(self, given: Any, writing: Writing = PLAIN) -> Any:
        """The value; raises ValueError."""

    def tell(self, value: Any) -> Any:
        """As JSON."""
        return value

    def write(self, value: Any) -> str:
        """As a CSV cell."""
        return "" if value is None else str(value)

    def describe(self) -> dict[str, Any]:
        """What a page has to know of it."""
        return {}


def refuse(given: Any, allowed: str) -> ValueError:
    """The error that says what was given and what is allowed."""
    return ValueError(f"given {str(given)[:60]!r}; allowed: {allowed}")


@attrs.frozen
class Text(Kind):
    """A text of at most `most` characters; `lines`: it may have several lines; `pattern`: a regular expression that
    all of it has to match, which `hint` puts in words."""

    name: ClassVar[str] = "text"
    empty: ClassVar[Any] = ""

    most: int = 200
    lines: bool = False
    pattern: str = ""
    hint: str = ""

    def read(self, given: Any, writing: Writing = PLAIN) -> str:
        """Without the space around it, and on one line unless it may have several."""
        del writing
        if not isinstance(given, str | int) or isinstance(given, bool):
            raise refuse(given, "a text")
        text = storable(str(given)).strip()
        text = text.replace("\r\n", "\n").replace("\r", "\n") if self.lines else " ".join(text.split())
        if len(text) > self.most:
            raise ValueError(f"has {len(text)} characters; at most {self.most} are allowed")
        if text and self.pattern and not re.fullmatch(self.pattern, text):
            raise refuse(given, self.hint or f"what matches {self.pattern}")
        return text

    def describe(self) -> dict[str, Any]:
        """Its length."""
        return {"most": self.most, "lines": self.lines, "hint": self.hint}


@attrs.frozen
class Day(Kind):
    """A day, as a date."""

    name: ClassVar[str] = "day"
    ranges: ClassVar[bool] = True

    def column(self) -> TypeEngine[Any]:
        """ISO text."""
        return DayText()

    def read(self, given: Any, writing: Writing = PLAIN) -> dt.date:
        """Also of "31/12/2026", the day first."""
        if isinstance(given, dt.date) and not isinstance(given, dt.datetime):
            return given
        try:
            text = given.strip()
            found = _DAY.fullmatch(text) if writing.region != "US" else None
            return dt.date(int(found[3]), int(found[2]), int(found[1])) if found else dt.date.fromisoformat(text)
        except (ValueError, AttributeError):
            raise refuse(given, '"2026-12-31" or "31/12/2026"') from None

    def tell(self, value: Any) -> str | None:
        """ISO 8601."""
        return None if value is None else value.isoformat()


@attrs.frozen
class Moment(Kind):
    """A moment: seconds since the epoch in the database and in code, ISO 8601 outside."""

    name: ClassVar[str] = "moment"
    ranges: ClassVar[bool] = True

    def column(self) -> TypeEngine[Any]:
        """Seconds."""
        return sa.Double()

    def read(self, given: Any, writing: Writing = PLAIN) -> float:
        """Without a zone it is the tenant's."""
        if isinstance(given, float | int) and not isinstance(given, bool):
            if not _FIRST < given < _LAST:
                raise refuse(given, f"from {_FIRST} to {_LAST} seconds since 1970")
            return float(given)
        try:
            at = given if isinstance(given, dt.datetime) else dt.datetime.fromisoformat(given.strip())
            if not 1900 < at.year < 9999:
                raise ValueError
            return (at if at.tzinfo else at.replace(tzinfo=writing.zone)).timestamp()
        except (ValueError, AttributeError, TypeError):
            raise refuse(given, '"2026-12-31T18:00" or "2026-12-31T18:00Z"') from None

    def tell(self, value: Any) -> str | None:
        """ISO 8601 in UTC."""
        return None if value is None else dt.datetime.fromtimestamp(value, dt.UTC).isoformat(timespec="seconds")

    def write(self, value: Any) -> str:
        """ISO 8601 in UTC."""
        return self.tell(value) or ""


@attrs.frozen
class Flag(Kind):
    """Yes or no."""

    name: ClassVar[str] = "flag"
    empty: ClassVar[Any] = False

    def column(self) -> TypeEngine[Any]:
        """A boolean."""
        return sa.Boolean()

    def read(self, given: Any, writing: Writing = PLAIN) -> bool:
        """Also of "yes", "oui", "1"."""
        del writing
        if isinstance(given, bool):
            return given
        word = str(given).strip().casefold()
        if word not in _YES | _NO:
            raise refuse(given, "true or false")
        return word in _YES

    def write(self, value: Any) -> str:
        """In English: "true" or "false"."""
        return "true" if value else "false"


@attrs.frozen
class Choice(Kind):
    """One of several values; `choices` gives each the label that people read, or is the values alone."""

    name: ClassVar[str] = "choice"
    empty: ClassVar[Any] = ""

    choices: Mapping[str, Label] | Sequence[str]

    @property
    def labels(self) -> Mapping[str, Label]:
        """By value."""
        if isinstance(self.choices, Mapping):
            return self.choices
        return {value: value for value in self.choices}

    def read(self, given: Any, writing: Writing = PLAIN) -> str:
        """The value, or a label of it in any language."""
        del writing
        labels, word = self.labels, str(given).strip().casefold()
        for value, label in labels.items():
            spoken = label.values() if isinstance(label, Mapping) else [label]
            if word in {value.casefold(), *(one.casefold() for one in spoken)}:
                return value
        raise refuse(given, ", ".join(labels))

    def describe(self) -> dict[str, Any]:
        """Values and labels, in their order."""
        return {"choices": [{"value": value, "label": label} for value, label in self.labels.items()]}


@attrs.frozen
class Phone(Kind):
    """A telephone number, kept as E.164: "+221771234567"."""

    name: ClassVar[str] = "phone"
    empty: ClassVar[Any] = ""

    def read(self, given: Any, writing: Writing = PLAIN) -> str:
        """Without a country's code it is one of the tenant's region."""
        import phonenumbers

        if isinstance(given, str) and not given.strip():
            return ""
        try:
            found = phonenumbers.parse(str(given), writing.region or None)
        except phonenumbers.NumberParseException:
            raise refuse(given, 'a telephone number, "+221 77 123 45 67"') from None
        if not phonenumbers.is_possible_number(found):
            raise refuse(given, 'a telephone number, "+221 77 123 45 67"')
        return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


@attrs.frozen
class Email(Kind):
    """An e-mail address, in small letters."""

    name: ClassVar[str] = "email"
    empty: ClassVar[Any] = ""

    def read(self, given: Any, writing: Writing = PLAIN) -> str:
        """As it is kept."""
        del writing
        if isinstance(given, str) and not given.strip():
            return ""
        try:
            return checked_email(str(given)).lower()
        except BadRequest:
            raise refuse(given, "an e-mail address") from None


@attrs.frozen
class Texts(Kind):
    """A list of texts; in a CSV cell they stand on lines of their own, or are parted by `|`, or are a JSON list."""

    name: ClassVar[str] = "texts"
    empty: ClassVar[Any] = ()
    sorts: ClassVar[bool] = False

    most: int = 50

    def column(self) -> TypeEngine[Any]:
        """JSON."""
        return Json()

    def read(self, given: Any, writing: Writing = PLAIN) -> list[str]:
        """Without empty ones."""
        del writing
        items = _listed(given) if isinstance(given, str) else given
        if not isinstance(items, list | tuple) or any(not isinstance(item, str) for item in items):
            raise refuse(given, "a list of texts")
        found = [storable(item).strip() for item in items if item.strip()]
        if len(found) > self.most:
            raise ValueError(f"has {len(found)} entries; at most {self.most} are allowed")
        return found

    def write(self, value: Any) -> str:
        """Parted by `|`; as JSON where that would not be read as the same."""
        texts = list(value or ())
        plain = " | ".join(texts)
        return plain if _listed(plain) == texts else msgspec.json.encode(texts).decode()


def _listed(text: str) -> list[str]:
    """The texts of a cell."""
    if text.lstrip().startswith("["):
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            return msgspec.json.decode(text, type=list[str])
    return [item for part in re.split(r"[|\n]", text) if (item := part.strip())]


@attrs.frozen
class Data(Kind):
    """Any JSON value."""

    name: ClassVar[str] = "data"
    sorts: ClassVar[bool] = False

    def column(self) -> TypeEngine[Any]:
        """JSON."""
        return Json()

    def read(self, given: Any, writing: Writing = PLAIN) -> Any:
        """JSON, also as text."""
        del writing
        if not isinstance(given, str):
            return given
        try:
            return msgspec.json.decode(given)
        except (msgspec.DecodeError, RecursionError) as error:
            raise refuse(given, f"JSON ({error})") from None

    def write(self, value: Any) -> str:
        """As text."""
        return "" if value is None else msgspec.json.encode(value).decode()
