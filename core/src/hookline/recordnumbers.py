"""Numbers and amounts in records: exact, compared and summed by the database, written as the tenant's people write them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from babel.numbers import get_currency_precision
from sqlalchemy.types import TypeDecorator, TypeEngine

from .recordkinds import PLAIN, Kind, Writing, refuse

_LARGEST = 2**63 - 1
_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?")
_GROUPED = {
    "french": re.compile(r"[-+]?\d{1,3}( \d{3})*(,\d+)?|[-+]?\d+(,\d+)?"),
    "indian": re.compile(r"[-+]?\d{1,3}(,\d{2,3})*(\.\d+)?"),
    "english": re.compile(r"[-+]?\d{1,3}(,\d{3})*(\.\d+)?"),
}
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_CURRENCY = re.compile(r"(?i)^(₹|rs\.?|inr|\$|€)\s*|\s*(₹|inr|f\s?cfa|xof|xaf|€|\$)$")


class ScaledNumber(TypeDecorator[Decimal]):
    """A decimal number as an integer of its smallest unit: exact, and summed and compared by the database."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> int | None:
        """Raises ValueError for a number with more places than there are."""
        if value is None:
            return None
        scaled = Decimal(str(value)).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        """The number; PostgreSQL's sum() of integers is a decimal already."""
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


@attrs.frozen
class Integer(Kind):
    """A whole number from `least` to `most`."""

    name: ClassVar[str] = "integer"
    ranges: ClassVar[bool] = True

    least: int | None = None
    most: int | None = None

    def column(self) -> TypeEngine[Any]:
        """A large integer."""
        return sa.BigInteger()

    def read(self, given: Any, writing: Writing = PLAIN) -> int:
        """Also of a text such as "12,500"."""
        number = _number(given, writing, "a whole number")
        if number != number.to_integral_value():
            raise refuse(given, "a whole number")
        return int(_within(number, self.least, self.most, given, 0))

    def describe(self) -> dict[str, Any]:
        """Its bounds."""
        return {"least": self.least, "most": self.most}


class _Exact(Kind):
    """A number that is kept exactly, as a Decimal."""

    ranges: ClassVar[bool] = True

    def tell(self, value: Any) -> str | None:
        """As text."""
        return None if value is None else f"{value:f}"

    def write(self, value: Any) -> str:
        """With a point, without groups."""
        return "" if value is None else f"{value:f}"


@attrs.frozen
class Number(_Exact):
    """A number with at most `places` decimal places, kept exactly, as a Decimal: a rate, a ratio."""

    name: ClassVar[str] = "number"

    places: int = 2
    least: Decimal | float | None = None
    most: Decimal | float | None = None
    unit: str = ""

    def column(self) -> TypeEngine[Any]:
        """An integer of the last place."""
        return ScaledNumber(self.places)

    def read(self, given: Any, writing: Writing = PLAIN) -> Decimal:
        """Also of a text as the tenant's people write numbers."""
        number = _number(given, writing, "a number")
        return _within(number, self.least, self.most, given, self.places)

    def describe(self) -> dict[str, Any]:
        """Its places and bounds."""
        return {"places": self.places, "unit": self.unit, **_bounds(self.least, self.most)}


@attrs.frozen
class Money(_Exact):
    """An amount in one currency (ISO 4217), with as many places as that has, as a Decimal."""

    name: ClassVar[str] = "money"

    currency: str
    least: Decimal | float | None = 0
    most: Decimal | float | None = None

    @property
    def places(self) -> int:
        """Of the currency: 2 of INR, 0 of XOF."""
        return int(get_currency_precision(self.currency))

    def column(self) -> TypeEngine[Any]:
        """An integer of the smallest unit."""
        return ScaledNumber(self.places)

    def read(self, given: Any, writing: Writing = PLAIN) -> Decimal:
        """Also of a text as the tenant's people write amounts, with or without the currency."""
        told = _CURRENCY.sub("", given.strip()) if isinstance(given, str) else given
        number = _number(told, writing, "an amount")
        return _within(number, self.least, self.most, given, self.places)

    def describe(self) -> dict[str, Any]:
        """Its currency and bounds."""
        return {"currency": self.currency, "places": self.places, **_bounds(self.least, self.most)}


def _bounds(least: Any, most: Any) -> dict[str, str | None]:
    return {"least": None if least is None else str(least), "most": None if most is None else str(most)}


def _number(given: Any, writing: Writing, what: str) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        raise refuse(given, what)
    told = f"{given:f}" if isinstance(given, Decimal) else str(given)
    text = _SPACES.sub(" ", told.strip().replace("\u2212", "-"))
    grouped = _GROUPED.get(writing.style)
    if not _PLAIN.fullmatch(text):
        if not isinstance(given, str):
            raise refuse(given, what)
        if grouped is None or not grouped.fullmatch(text):
            example = {"french": "1 250 000,50", "indian": "12,50,000.50", "english": "1,250,000.50"}
            also = f' or "{example[writing.style]}"' if writing.style else ""
            raise refuse(given, f'{what} as "1250000.50"{also}')
        text = text.replace(" ", "")
        text = text.replace(",", ".") if writing.style == "french" else text.replace(",", "")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise refuse(given, what) from None


def _within(number: Decimal, least: Any, most: Any, given: Any, places: int) -> Decimal:
    if least is not None and number < Decimal(str(least)):
        raise ValueError(f"given {str(given)[:60]!r}; allowed: {least} or more")
    if most is not None and number > Decimal(str(most)):
        raise ValueError(f"given {str(given)[:60]!r}; allowed: {most} or less")
    if abs(number.scaleb(places)) > _LARGEST:
        raise ValueError(f"given {str(given)[:60]!r}, which is too large")
    rounded = round(number, places)
    if number != rounded:
        raise ValueError(f"given {str(given)[:60]!r}; allowed: at most {places} decimal places")
    return rounded or abs(rounded)  # there is one nought, as in the database
