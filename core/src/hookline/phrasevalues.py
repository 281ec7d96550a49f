"""Values inside phrases: numbers, money, days and lists, as the tenant's customers write them in the message's language.

Where directions mix, a value stands between Unicode's isolation marks (FSI and PDI, UAX #9); elsewhere there are none,
so that plain texts are equal byte for byte.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.lists import format_list
from fluent.runtime.types import FluentFloat, FluentInt, FluentNone, FluentNumber, FluentType

from . import formats, languages
from .settings import Settings

FSI, PDI = "\u2068", "\u2069"
_FIGURES = re.compile(r"[\d.,]*")


class Text(FluentType, str):
    """A text from outside the message: shown as it is, of any length, or isolated."""

    __slots__ = ("isolated",)

    isolated: bool

    @classmethod
    def make(cls, text: str, *, isolated: bool = False) -> Text:
        """The text, isolated or not."""
        made = cls(text)
        made.isolated = isolated
        return made

    def format(self, locale: Any) -> str:  # type: ignore[override]  # FluentType's, which hides that of str
        """What the customer reads; itself no plain string, as Fluent would measure that."""
        return Text.make(f"{FSI}{self!s}{PDI}") if self.isolated else self


class Items(FluentType):
    """A list of values, joined as the language does."""

    def __init__(self, items: tuple[Any, ...], values: Values) -> None:
        self.items = items
        self.values = values

    def format(self, locale: Any) -> str:
        """What the customer reads."""
        return self.values.listed(self.items)


class Day(FluentType):
    """A day or a time."""

    def __init__(self, value: dt.date, values: Values) -> None:
        self.value = value
        self.values = values

    def format(self, locale: Any) -> str:
        """What the customer reads."""
        return self.values.plain_day(self.value)


class Whole(FluentInt):
    """A whole number, written in the tenant's groups."""

    values: Values

    def format(self, locale: Any) -> str:
        """What the customer reads."""
        return self.values.figures(self)


class Fraction(FluentFloat):
    """A number with decimals, which keeps the exact value that it was given."""

    values: Values
    exact: Any

    def format(self, locale: Any) -> str:
        """What the customer reads."""
        return self.values.figures(self)


class Values:
    """Makes the values for messages of one language of one tenant, and the functions that messages call."""

    def __init__(self, settings: Settings, language: str) -> None:
        self.settings = settings
        self.language = language
        self.backwards = languages.right_to_left(language)
        self.zone = formats.timezone(settings)
        self._money = functools.lru_cache(maxsize=1024)(self._write_money)
        self._duration = functools.lru_cache(maxsize=1024)(self._write_duration)
        self._number = functools.lru_cache(maxsize=1024)(lambda value: formats.number(value, settings))

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """By the names that messages call them."""
        return {
            "NUMBER": self.number,
            "PERCENT": self.percent,
            "MONEY": self.money,
            "DATE": self.date,
            "TIME": self.time,
            "DATETIME": self.datetime,
            "DURATION": self.duration,
            "LIST": self.list,
        }

    # -- what a turn hands over ----------------------------------------------------------------------------------------

    def make(self, value: Any) -> Any:
        """The value as messages take it; raises TypeError for what no message can say."""
        if isinstance(value, str):
            return self.text(value)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float, Decimal)):
            return self.figure(value)
        if isinstance(value, dt.date):
            return Day(value, self)
        if isinstance(value, dt.timedelta):
            return self.text(formats.duration(value.total_seconds(), self.language, self.settings, unit="second"))
        if isinstance(value, (list, tuple, set, frozenset)):
            return Items(tuple(value), self)
        raise TypeError(f"given a {type(value).__name__}; allowed: text, number, date, list, true or false")

    def text(self, value: str) -> str:
        """A text; isolated where it runs the other way than the message, or is longer than Fluent takes bare."""
        isolated = self._mixes(value)
        if not isolated and len(value) < 2000:
            return value
        return Text.make(value, isolated=isolated)

    def figure(self, value: float | Decimal, **options: Any) -> Any:
        """A number that messages can write and choose plural forms by."""
        formats.check(value)
        exact: Any = value
        if isinstance(value, Decimal) and value == value.to_integral_value():
            value = exact = int(value)
        if isinstance(value, int):
            whole = Whole(value, **options)
            whole.values = self
            return whole
        fraction = Fraction(float(value), **options)
        fraction.values, fraction.exact = self, getattr(exact, "exact", exact)
        return fraction

    def figures(self, number: Any) -> str:
        """A number, as the message's NUMBER says, else in the tenant's groups."""
        if number.options == type(number).default_number_format_options:
            return self._direct(self._number(getattr(number, "exact", number)))
        written = FluentNumber.format(number, formats.numbers(self.settings))
        return self._direct(formats.narrow(written) if formats.style(self.settings) == "french" else written)

    def plain_day(self, value: dt.date) -> str:
        """A day in full, a time with its day."""
        if isinstance(value, dt.datetime):
            return self._direct(formats.moment(self._local(value), self.language, self.settings))
        return self._direct(formats.date(value, self.language))

    def listed(self, items: tuple[Any, ...], style: Any = "standard") -> str:
        """The items, joined as the language does: "a, b et c"."""
        said = []
        for item in items:
            made = self.make(item)
            said.append(made.format(languages.cldr(self.language)) if isinstance(made, FluentType) else made)
        return format_list(said, style=style, locale=languages.cldr(self.language)) if said else ""

    # -- what messages call --------------------------------------------------------------------------------------------

    def number(self, value: Any, **options: Any) -> Any:
        """NUMBER($x, minimumFractionDigits: 2, useGrouping: 0): as the message says."""
        if isinstance(value, FluentNone):
            return value
        if "useGrouping" in options:
            options["useGrouping"] = bool(options["useGrouping"])
        return self.figure(_decimal(value), **{name: _plain(option) for name, option in options.items()})

    def percent(self, value: Any) -> Any:
        """PERCENT($x): 12.5 is "12.5%"."""
        return value if isinstance(value, FluentNone) else self._say(formats.percent(_decimal(value), self.settings))

    def money(self, value: Any, *, words: Any = "no", currency: Any = "") -> Any:
        """MONEY($x, words: "yes", currency: "USD")."""
        if isinstance(value, FluentNone):
            return value
        return self._say(self._money(_decimal(value), str(currency), str(words) == "yes"))

    def date(self, value: Any, *, style: Any = "") -> Any:
        """DATE($d, style: "weekday"): the day alone."""
        if isinstance(value, FluentNone):
            return value
        day = self._moment(value)
        return self._say(
            formats.date(self._local(day) if isinstance(day, dt.datetime) else day, self.language, str(style))
        )

    def time(self, value: Any) -> Any:
        """TIME($d): the time of day alone."""
        if isinstance(value, FluentNone):
            return value
        return self._say(formats.time(self._local(self._moment(value)), self.language, self.settings))

    def datetime(self, value: Any, *, dateStyle: Any = "", timeStyle: Any = "") -> Any:  # noqa: N803  Fluent's names
        """DATETIME($d, dateStyle: "long", timeStyle: "short"): the day and, of a time, the time."""
        if isinstance(value, FluentNone):
            return value
        day = self._moment(value)
        if not isinstance(day, dt.datetime) or (dateStyle and not timeStyle):
            return self.date(day, style=dateStyle)
        if timeStyle and not dateStyle:
            return self.time(day)
        return self._say(formats.moment(self._local(day), self.language, self.settings, str(dateStyle)))

    def duration(self, value: Any, *, unit: Any = "month", exact: Any = "no") -> Any:
        """DURATION($months), DURATION($n, unit: "hours"); exact: "yes" keeps the unit ("180 months")."""
        if isinstance(value, FluentNone):
            return value
        if isinstance(value, Text):
            return value  # a timedelta, said already
        return self._say(self._duration(float(_decimal(value)), str(unit), str(exact) == "yes"))

    def list(self, value: Any, *, style: Any = "standard") -> Any:
        """LIST($items, style: "or")."""
        if isinstance(value, FluentNone):
            return value
        items = value.items if isinstance(value, Items) else (value,)
        return self._say(self.listed(items, {"and": "standard"}.get(str(style), str(style))))

    # -- inside --------------------------------------------------------------------------------------------------------

    def _write_money(self, amount: Any, currency: str, words: bool) -> str:
        return formats.money(amount, self.settings, currency, words=words, language=self.language)

    def _write_duration(self, amount: float, unit: str, exact: bool) -> str:
        return formats.duration(amount, self.language, self.settings, unit=unit, exact=exact)

    def _say(self, text: str) -> Text:
        return Text.make(text, isolated=self._mixes(text) and FSI not in text)

    def _direct(self, text: str) -> str:
        return f"{FSI}{text}{PDI}" if self._mixes(text) else text

    def _mixes(self, text: str) -> bool:
        """Whether the text would disturb, or be disturbed by, the direction of the message around it."""
        if not self.backwards:
            return not text.isascii() and any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
        if _FIGURES.fullmatch(text):
            return False
        return any(unicodedata.bidirectional(c) in ("L", "EN") for c in text)

    def _moment(self, value: Any) -> Any:
        if isinstance(value, Day):
            return value.value
        if isinstance(value, (int, float)):
            return dt.datetime.fromtimestamp(float(value), dt.UTC)
        if isinstance(value, str):
            text = str(value)
            return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
        return value

    def _local(self, value: Any) -> dt.datetime:
        if not isinstance(value, dt.datetime):
            return dt.datetime(value.year, value.month, value.day)
        return value.astimezone(self.zone) if value.tzinfo else value


def _decimal(value: Any) -> Any:
    """A number as it was given: an amount in a text is read as one ("1250000.50")."""
    if isinstance(value, str):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise ValueError(f"{str(value)[:40]!r} is no number") from None
        formats.check(number)
        return number
    exact = getattr(value, "exact", value)
    return int(exact) if isinstance(exact, int) else exact if isinstance(exact, Decimal) else float(exact)


def _plain(option: Any) -> Any:
    return int(option) if isinstance(option, int) and not isinstance(option, bool) else option


__all__ = ["FSI", "PDI", "Values"]
