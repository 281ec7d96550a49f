"""What an answer or a fact means for a slot: its value, kept as JSON, or why it can't be used."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from hookline.message import Entity

from .amounts import CURRENCIES, figures, lasting, turned
from .choices import Forms
from .model import Slot
from .naming import mashed, named
from .wording import lists, plain, within, words

NUMERIC = ("number", "money", "duration")
GENERAL: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "quantity"),
    "money": ("money",),
    "date": ("date",),
    "duration": ("duration",),
    "phone": ("phone",),
    "email": ("email",),
    "person": ("name", "person"),
}
"""The facts of any field that answer an open question of a kind."""

_ENTITY_UNITS = {"month": "months", "months": "months", "year": "years", "years": "years", "day": "days", "days": "days",
                 "week": "weeks", "hour": "hours", "minute": "minutes"}  # fmt: skip
_EMAIL = re.compile(r"[^\s<>,;:()\"']+@[^\s<>,;:()\"']+")
_SPELLED_AT = re.compile(r"\s*[\[(]?\b(?:arobase|arobas|at the rate of|at the rate|at)\b[\])]?\s*", re.IGNORECASE)
_SPELLED_DOT = re.compile(r"\s*[\[(]?\b(?:point|dot)\b[\])]?\s*", re.IGNORECASE)
_RELATIVE = re.compile(r"([+-])\s*(\d+)\s*([dwmy])")
_NAMED = re.compile(
    r"^(?:my name is|my name's|i am|i'm|this is|it is|it's|name is|je m'appelle|je suis|mon nom est|c'est|moi c'est|mera naam|main|mera nam|"
    r"मेरा नाम|मैं|माझे नाव|माझं नाव|મારું નામ|என் பெயர்|నా పేరు|ನನ್ನ ಹೆಸರು)\s+",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(r"\s+(?:hai|है|hoon|hun|हूँ|हूं|आहे|છે|ஆகும்)$", re.IGNORECASE)
_AND = re.compile(
    r"\s*(?:[,;/&+]|\band\b|\bet\b|\baur\b|\bऔर\b|\bतथा\b|\bআর\b|\bआणि\b|\bઅને\b|\bமற்றும்\b|\bమరియు\b|\bಮತ್ತು\b)\s*",
    re.IGNORECASE,
)


@attrs.frozen
class Place:
    """Where the tenant's customers live, and their day."""

    comma: bool
    currency: str
    region: str
    today: dt.date
    languages: tuple[str, ...] = ("en",)


@attrs.frozen
class Problem:
    """Why a value can't be used: the key of what is said, with its values."""

    key: str
    values: Mapping[str, Any] = attrs.Factory(dict)
    said: str = ""


def entities(name: str, slot: Slot) -> tuple[str, ...]:
    """The names of the facts that fill a slot."""
    return slot.entities if slot.entities is not None else (name,)


# -- from what was written ------------------------------------------------------------------------------------------


def from_text(slot: Slot, text: str, place: Place, forms: Forms | None, *, strict: bool = False) -> Any:
    """The value that an answer gives; None where it gives none.

    `strict`: only what says itself what it is counts (a length of time with its unit), as for a slot that was not asked;
    beside a figure a choice only to the letter: "1 million de salaire" is no mistyped "salarié".
    """
    kind = slot.kind
    if kind in ("choice", "list") and forms is not None:
        return _chosen(slot, text, forms, typed=not (strict and figures(text, comma=place.comma)))
    if kind == "list":
        found = [part for part in (p.strip(" .!") for p in _AND.split(text.strip())) if part]
        return found or None
    if kind == "text":
        return named(text) if slot.named else text.strip() or None
    readers = {
        "number": _number,
        "money": _money,
        "duration": _duration,
        "phone": _phone,
        "email": _email,
        "person": _person,
    }
    reader = readers.get(kind)
    return reader(slot, text, place, strict) if reader else None


def _chosen(slot: Slot, text: str, forms: Forms, *, typed: bool) -> Any:
    found = forms.find(text, many=slot.kind == "list", typed=typed)
    if slot.kind == "list":
        return list(found) or None
    return found[0] if len(found) == 1 else None


def _number(slot: Slot, text: str, place: Place, strict: bool) -> Any:
    found = [f for f in figures(_undated(text, place.languages), comma=place.comma) if not f.currency]
    if len(found) != 1 or (strict and (found[0].unit or len(words(text)) > 3)):
        return None
    return _exact(found[0].value)


def _money(slot: Slot, text: str, place: Place, strict: bool) -> Any:
    found = [f for f in figures(_undated(text, place.languages), comma=place.comma) if not f.unit and not f.percent]
    marked = [f for f in found if f.currency or f.scaled]
    if marked:
        found = marked
    elif strict:
        return None
    elif len({f.value for f in found}) > 1:
        found = [f for f in found if not _outside(slot, f.value)]  # "1 500 000, we are two": two is no amount
    return _exact(found[0].value) if len({f.value for f in found}) == 1 else None


def _undated(text: str, languages: tuple[str, ...]) -> str:
    """The text without days in it, whose numbers are no amounts: "31 février", "12/11/2026"."""
    return _day_pattern(languages).sub(" ", _digits(text))


@functools.lru_cache(maxsize=64)
def _day_pattern(languages: tuple[str, ...]) -> re.Pattern[str]:
    from babel.dates import get_month_names

    tags = [tag.split("-")[0] for tag in languages if tag.split("-")[0] in _DATED]
    names = {
        str(n).strip(".")
        for tag in tags
        for w in ("wide", "abbreviated")
        for n in get_month_names(w, locale=tag).values()
    }
    months = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if not name.isdigit())
    month = rf"(?:{months})(?![^\W\d_])\.?"
    return re.compile(
        rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er)?\s+(?:of\s+|de\s+)?{month}(?:\s+\d{{4}}(?!\d))?"
        rf"|(?<![^\W\d_]){month}\s+\d{{1,2}}(?:st|nd|rd|th)?(?![\d.,])(?:,?\s+\d{{4}}(?!\d))?"
        r"|(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{2,4})?(?![\d/])|(?<!\d)\d{1,2}-\d{1,2}-\d{4}(?!\d)|(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)",
        re.IGNORECASE,
    )


def _duration(slot: Slot, text: str, place: Place, strict: bool) -> Any:
    found = lasting(text, comma=place.comma, bare="" if strict else slot.bare or slot.unit or "months")
    if found is None:
        return None
    unit = slot.unit or "months"
    value = turned(found[0], found[1], unit)
    if (
        slot.bare
        and slot.bare != unit
        and lasting(text, comma=place.comma) is None
        and _outside(slot, value)
        and not _outside(slot, found[0])
    ):
        return _exact(found[0])  # "36" where years are meant, and 36 years are too long: months
    return _exact(value)


def _outside(slot: Slot, value: float) -> bool:
    low, high = slot.min, slot.max
    return (isinstance(low, (int, float)) and value < low) or (isinstance(high, (int, float)) and value > high)


def _phone(slot: Slot, text: str, place: Place, strict: bool) -> Any:
    for match in phonenumbers.PhoneNumberMatcher(_digits(text), place.region):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    if strict:
        return None
    digits = re.sub(r"[^\d+]", "", _digits(text))
    letters = sum(c.isalpha() for c in text)
    return digits if len(digits) >= 6 and letters <= 25 else None


def _email(slot: Slot, text: str, place: Place, strict: bool) -> Any:
    match = _EMAIL.search(text) or _EMAIL.search(_SPELLED_DOT.sub(".", _SPELLED_AT.sub("@", text)))
    return match[0].rstrip(".!?") if match else None


def _person(slot: Slot, text: str, place: Place, strict: bool) -> Any:
    name = _NAMED_AFTER.sub("", _NAMED.sub("", text.strip(" .!,"))).strip(" .!,")
    if strict and name == text.strip(" .!,"):
        return None
    return " ".join(name.split()) or None


# -- from a fact ----------------------------------------------------------------------------------------------------


def from_entity(slot: Slot, entity: Entity, place: Place, forms: Forms | None) -> Any:
    """The value that a fact gives; None where it can't be one of the slot's."""
    value, kind = entity.value, slot.kind
    if value is None or value == "":
        return None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind in NUMERIC:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        if kind == "duration":
            unit = _ENTITY_UNITS.get(entity.unit, "seconds" if entity.unit in ("second", "seconds", "s") else "")
            if unit == "seconds":
                return _exact(turned(value / 60, "minutes", slot.unit or "months"))
            return _exact(turned(value, unit, slot.unit or "months")) if unit else None
        if kind == "money" and entity.unit and entity.unit not in CURRENCIES and len(entity.unit) != 3:
            return None
        return _exact(value)
    if kind == "choice":
        return _fitting(str(value), forms) if forms is not None else None
    if kind == "list":
        given = list(value) if isinstance(value, (list, tuple)) else [value]
        if forms is None:
            return [str(one) for one in given] or None
        found = [one for one in (_fitting(str(g), forms) for g in given) if one is not None]
        return found or None
    if kind == "date":
        if isinstance(value, Mapping):
            value = value.get("from") or value.get("date") or ""
        return str(value)[:10] if re.match(r"\d{4}-\d{2}-\d{2}", str(value)) else None
    return str(value) if not isinstance(value, (Mapping, list, tuple)) else None


def _fitting(value: str, forms: Forms) -> Any:
    found = forms.find(value, many=False)
    return found[0] if len(found) == 1 else None


# -- what may be ----------------------------------------------------------------------------------------------------


def problem(slot: Slot, value: Any, place: Place) -> Problem | None:
    """Why the value can't be used; None: it can.  Checks by the slot's own rules, not yet by `check`."""
    kind = slot.kind
    if kind in NUMERIC:
        return _bounds(slot, value)
    if kind == "date":
        return _day(slot, value, place)
    if kind == "phone":
        return _dialled(value, place)
    if kind == "email":
        return _reached(value)
    if kind == "list":
        return _how_many(slot, value)
    if kind in ("text", "person"):
        return _written(slot, str(value))
    if kind == "choice" and slot.choices and value not in slot.choices:
        return Problem("flows-again-choice")
    return None


def _bounds(slot: Slot, value: Any) -> Problem | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return Problem(f"flows-again-{slot.kind}")
    if slot.whole and not float(value).is_integer():
        return Problem("flows-again-whole")
    low, high = slot.min, slot.max
    unit = slot.unit or ("months" if slot.kind == "duration" else "")
    given = {"min": low, "max": high, "unit": unit, "kind": slot.kind}
    if (isinstance(low, (int, float)) and value < low) or (isinstance(high, (int, float)) and value > high):
        if isinstance(low, (int, float)) and isinstance(high, (int, float)):
            return Problem("flows-again-between", given)
        return Problem("flows-again-least" if isinstance(low, (int, float)) else "flows-again-most", given)
    return None


def _day(slot: Slot, value: Any, place: Place) -> Problem | None:
    try:
        day = dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return Problem("flows-again-date")
    low, high = day_of(slot.min, place.today), day_of(slot.max, place.today)
    if low and day < low:
        return Problem("flows-again-date-from", {"min": low})
    if high and day > high:
        return Problem("flows-again-date-until", {"max": high})
    return None


def day_of(bound: float | str | None, today: dt.date) -> dt.date | None:
    """The day that a bound means: "today", "2026-12-31", "+30d", "-18y"; raises ValueError for anything else."""
    if bound is None:
        return None
    text = str(bound).strip()
    if text == "today":
        return today
    match = _RELATIVE.fullmatch(text)
    if not match:
        return dt.date.fromisoformat(text)
    amount = int(match[2]) * (1 if match[1] == "+" else -1)
    if match[3] in "dw":
        return today + dt.timedelta(days=amount * (7 if match[3] == "w" else 1))
    months = today.year * 12 + today.month - 1 + amount * (12 if match[3] == "y" else 1)
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(today.day, 28) if today.day > 28 else today.day)


def _dialled(value: Any, place: Place) -> Problem | None:
    try:
        found = phonenumbers.parse(str(value), place.region)
    except phonenumbers.NumberParseException:
        return Problem("flows-again-phone")
    return None if phonenumbers.is_valid_number(found) else Problem("flows-again-phone")


def _reached(value: Any) -> Problem | None:
    try:
        validate_email(str(value), check_deliverability=False)
    except EmailNotValidError:
        return Problem("flows-again-email")
    return None


def _how_many(slot: Slot, value: Any) -> Problem | None:
    count = len(value)
    if isinstance(slot.min, (int, float)) and count < slot.min:
        return Problem("flows-again-more", {"min": int(slot.min)})
    if isinstance(slot.max, (int, float)) and count > slot.max:
        return Problem("flows-again-fewer", {"max": int(slot.max)})
    return None


def _written(slot: Slot, value: str) -> Problem | None:
    if slot.kind == "person":
        letters = [c for c in value if c.isalpha()]
        nobody = len(letters) < 2 or all(mashed(word) for word in value.split())
        if nobody or any(c.isdigit() for c in value) or "@" in value or len(value.split()) > 6:
            return Problem("flows-again-person")
    if len(value) < slot.min_chars:
        return Problem("flows-again-longer", {"min": slot.min_chars})
    if len(value) > slot.max_chars:
        return Problem("flows-again-shorter", {"max": slot.max_chars})
    if slot.pattern and not _pattern(slot.pattern).holds({"value": value}):
        return Problem("flows-again-text")
    return None


@functools.lru_cache(maxsize=512)
def _pattern(pattern: str) -> Any:
    """As CEL's `matches`, which is RE2: it takes no longer for any text."""
    from .expressions import compiled

    written = f"^(?:{pattern})$".replace("\\", "\\\\").replace("'", "\\'")
    return compiled(f"value.matches('{written}')", ("value",))


def kept(slot: Slot, value: Any, place: Place) -> Any:
    """The value as it is kept: a telephone number in E.164, an address as it is written correctly."""
    if slot.kind == "phone":
        return phonenumbers.format_number(
            phonenumbers.parse(str(value), place.region), phonenumbers.PhoneNumberFormat.E164
        )
    if slot.kind == "email":
        return validate_email(str(value), check_deliverability=False).normalized
    return value


def past(slot: Slot, place: Place) -> bool:
    """Whether the slot takes no day to come."""
    latest = day_of(slot.max, place.today) if slot.kind == "date" else None
    return latest is not None and latest <= place.today


def read_date(text: str, today: dt.date, languages: Sequence[str], *, past: bool = False) -> str | None:
    """The day in a text, as ISO 8601; of "12/11" the one that is near, or with `past` was last.  Blocks for some milliseconds."""
    import dateparser
    from dateparser.search import search_dates

    known = [tag.split("-")[0] for tag in languages if tag.split("-")[0] in _DATED] or ["en"]
    settings = {
        "RELATIVE_BASE": dt.datetime.combine(today, dt.time(12)), "PREFER_DATES_FROM": "past" if past else "future", "DATE_ORDER": "DMY",
        "REQUIRE_PARTS": ["day"],
    }  # fmt: skip
    digits = _digits(text)
    if lists()["now"].is_one(words(digits)) or _NUMBER.search(digits):
        return None
    whole = dateparser.parse(digits.strip(" .!?"), languages=known, settings=settings)
    if whole is not None:
        return str(whole.date().isoformat())
    found = search_dates(digits, languages=known, settings=settings) or []
    days = {moment.date() for said, moment in found if len(said) >= 3 and _is_day(said, digits)}
    return str(days.pop().isoformat()) if len(days) == 1 else None


def _is_day(said: str, text: str) -> bool:
    """Whether the piece of the text names a day: not "now", an hour or an age, and not denied ("not today")."""
    piece = words(said)
    at = within(piece, words(text))
    before, after = words(text)[: max(at, 0)], words(text)[at + len(piece) :] if at >= 0 else []
    if lists()["now"].is_one(piece) or {*piece} & _NO_DAY or after[:1] in (["old"], ["ago"]):
        return False
    return not (before and lists()["deny"].opens(before[-1:]))


_NUMBER = re.compile(r"\d{9}|\d{4,}[ -]\d{4,}(?!-)|\d{3}[ -]\d{3}[ -]\d{4}")
"""A telephone number and the like, which is no day."""
_NO_DAY = {"hour", "hours", "minute", "minutes", "min", "mins", "second", "seconds", "heure", "heures"}


_DATED = {"en", "fr", "hi", "mr", "gu", "ta", "te", "kn"}


def _digits(text: str) -> str:
    import unicodedata

    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text)


def _exact(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(float(value), 6)


def nothing(text: str) -> bool:
    """Whether the text says that there is nothing to say."""
    return lists()["skip"].is_one(plain(text).split())
