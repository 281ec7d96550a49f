"""Amounts of money, numbers and days as the tenant's customers write them, by CLDR's rules (babel).

Indian: lakh and crore, groups of two (`₹80 lakh`, `₹12,50,000`).  French: groups of three parted by a narrow space that
does not break, the currency behind, decimals after a comma (`10 000 000 FCFA`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale as Cldr
from babel.core import get_global
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
    get_territory_currencies,
)
from babel.units import format_unit

from . import languages
from .settings import Locale, Settings

_INDIAN = frozenset({"IN", "PK", "BD", "NP", "LK"})
_REGIONS = {"fr": "FR", "ta": "IN", "te": "IN", "kn": "IN", "hi": "IN", "mr": "IN", "gu": "IN", "en": "IN"}
_SCALES = ((10_000_000, "crore"), (100_000, "lakh"))
_SAID = {
    "hi": {"crore": "करोड़", "lakh": "लाख"},
    "mr": {"crore": "कोटी", "lakh": "लाख"},
    "gu": {"crore": "કરોડ", "lakh": "લાખ"},
    "ta": {"crore": "கோடி", "lakh": "லட்சம்"},
    "te": {"crore": "కోట్లు", "lakh": "లక్షలు"},
    "kn": {"crore": "ಕೋಟಿ", "lakh": "ಲಕ್ಷ"},
    "bn": {"crore": "কোটি", "lakh": "লাখ"},
    "ml": {"crore": "കോടി", "lakh": "ലക്ഷം"},
    "pa": {"crore": "ਕਰੋੜ", "lakh": "ਲੱਖ"},
}
_MOST = 10**21  # beyond it CLDR's rules have no digits left
NARROW = "\u202f"
UNITS = {
    "year": 31_536_000,
    "month": 2_628_000,
    "week": 604_800,
    "day": 86_400,
    "hour": 3_600,
    "minute": 60,
    "second": 1,
}
"""Units of time in seconds; a month is the twelfth part of a year."""
_STEPS = {
    "year": ("year",),
    "month": ("year", "month"),
    "week": ("week",),
    "day": ("day",),
    "hour": ("day", "hour"),
    "minute": ("day", "hour", "minute"),
    "second": ("day", "hour", "minute", "second"),
}
_WORDS = {  # what CLDR leaves out: (one, several)
    "hi-Latn": {
        "year": ("saal", "saal"),
        "month": ("mahina", "mahine"),
        "week": ("hafta", "hafte"),
        "day": ("din", "din"),
        "hour": ("ghanta", "ghante"),
        "minute": ("minute", "minute"),
        "second": ("second", "second"),
    },
    "hi": {
        "year": ("वर्ष", "वर्ष"),
        "month": ("महीना", "महीने"),
        "week": ("सप्ताह", "सप्ताह"),
        "day": ("दिन", "दिन"),
        "hour": ("घंटा", "घंटे"),
        "minute": ("मिनट", "मिनट"),
        "second": ("सेकंड", "सेकंड"),
    },
    "gu": {
        "year": ("વર્ષ", "વર્ષ"),
        "month": ("મહિનો", "મહિના"),
        "week": ("અઠવાડિયું", "અઠવાડિયા"),
        "day": ("દિવસ", "દિવસ"),
        "hour": ("કલાક", "કલાક"),
        "minute": ("મિનિટ", "મિનિટ"),
        "second": ("સેકન્ડ", "સેકન્ડ"),
    },
}


def region(settings: Settings) -> str:
    """Where the tenant's customers live (ISO 3166): as configured, else by the tenant's language."""
    return settings.locale.phone_region or _REGIONS.get(settings.language.split("-")[0], "IN")


def currency(settings: Settings) -> str:
    """The tenant's currency (ISO 4217): as configured, else that of its region."""
    if settings.locale.currency:
        return settings.locale.currency
    return (get_territory_currencies(region(settings)) or ["INR"])[-1]


def style(settings: Settings) -> str:
    """How numbers are written: "indian", "french" or "english"; as configured, else by region and language."""
    if settings.locale.number:
        return settings.locale.number
    if region(settings) in _INDIAN:
        return "indian"
    return "french" if settings.language.split("-")[0] == "fr" else "english"


def timezone(settings: Settings) -> ZoneInfo:
    """The tenant's time zone: as configured, else that of its region where there is only one, else UTC."""
    if settings.locale.timezone:
        return ZoneInfo(settings.locale.timezone)
    zones = get_global("territory_zones").get(region(settings), ())
    return ZoneInfo("Asia/Kolkata" if region(settings) == "IN" else zones[0] if len(zones) == 1 else "UTC")


def numbers(settings: Settings) -> Cldr:
    """What CLDR says of numbers in the tenant's style."""
    return (
        Cldr("fr", "FR") if style(settings) == "french" else Cldr("en", "IN" if style(settings) == "indian" else "US")
    )


def check(value: float | Decimal) -> None:
    """Raise ValueError for a number that can't be written: infinite, none at all, or of very many digits."""
    if (isinstance(value, Decimal) and not value.is_finite()) or not -_MOST < value < _MOST:
        raise ValueError("a number can't be written that has no end, or more than 21 digits")


def money(
    amount: float | Decimal, settings: Settings, unit: str = "", *, words: bool = False, language: str = ""
) -> str:
    """An amount in `unit` (default: the tenant's currency).

    `words`: in Indian style lakhs and crores are said so where two decimals are enough: 8000000 is "₹80 lakh", in
    `language` hi "₹80 लाख".
    """
    code, way = unit or currency(settings), style(settings)
    check(amount)
    whole = amount == int(amount)
    if way == "indian" and words:
        for size, name in _SCALES:
            share = round(Decimal(str(amount)) / size, 2)
            if abs(share) >= 1 and share * size == Decimal(str(amount)):
                said = _SAID.get(language or "en", {}).get(name, name)
                return f"{get_currency_symbol(code, 'en_IN')}{format_decimal(share, locale='en_IN')} {said}"
    if way == "french":
        figures = format_decimal(
            amount, "#,##0" if whole else f"#,##0.{'0' * get_currency_precision(code)}", locale="fr_FR"
        )
        sign = "FCFA" if code in {"XOF", "XAF"} else get_currency_symbol(code, "fr_FR")
        return f"{narrow(figures)}{NARROW if code in {'XOF', 'XAF'} else ' '}{sign}"
    locale = "en_IN" if way == "indian" else "en_US"
    digits = format_currency(amount, code, locale=locale, currency_digits=True)
    return digits.removesuffix(".00") if whole else digits


def number(value: float | Decimal, settings: Settings) -> str:
    """A number, with the groups and the decimal sign of the tenant's style."""
    way = style(settings)
    check(value)
    if way == "french":
        return narrow(format_decimal(value, locale="fr_FR"))
    return format_decimal(value, locale="en_IN" if way == "indian" else "en_US")


def percent(value: float | Decimal, settings: Settings) -> str:
    """So many per cent: 12.5 is "12.5%", in French style "12,5 %"."""
    return f"{number(value, settings)}{NARROW if style(settings) == 'french' else ''}%"


def date(day: dt.date, language: str, way: str = "") -> str:
    """A day in full: "21 November 2026", "21 novembre 2026", "21 नवंबर 2026".

    `way`: "weekday" says that too; "short" and "medium" are the language's short forms.
    """
    pattern = {"": "d MMMM y", "long": "d MMMM y", "weekday": "EEEE d MMMM y", "full": "EEEE d MMMM y"}.get(way, way)
    return format_date(day, pattern, locale=languages.cldr(language))


def time(moment: dt.datetime, language: str, settings: Settings) -> str:
    """A time of day, as it is written where the tenant's customers live: "3:45 pm", "15:45"."""
    place = languages.cldr(f"{languages.first(language)}-{region(settings)}")
    return format_time(moment, "short", locale=place).replace(NARROW, " ")


def moment(when: dt.datetime, language: str, settings: Settings, way: str = "") -> str:
    """A day with its time of day: "21 November 2026, 3:45 pm"."""
    return f"{date(when, language, way)}, {time(when, language, settings)}"


def duration(amount: float, language: str, settings: Settings, *, unit: str = "month", exact: bool = False) -> str:
    """How long: 18 months are "1 year and 6 months", in French "1 an et 6 mois".

    `unit` is that of `amount`: year, month, week, day, hour, minute or second; `exact` keeps it.  Raises ValueError
    for another.
    """
    unit = unit.removesuffix("s")
    if unit not in UNITS:
        raise ValueError(f"{unit!r} is no unit of time; allowed: {', '.join(UNITS)}")
    steps = (unit,) if exact else _STEPS[unit]
    check(amount)
    rest, parts = round(amount * UNITS[unit]), []
    if exact or (len(steps) == 1 and amount != int(amount)):
        return _unit(amount, unit, language, settings)
    for step in steps:
        count, rest = divmod(rest, UNITS[step])
        if count:
            parts.append(_unit(count, step, language, settings))
    if not parts:
        return _unit(amount, unit, language, settings)
    return format_list(parts, style="standard", locale=languages.cldr(language))


def _unit(count: float, unit: str, language: str, settings: Settings) -> str:
    """So many of a unit; in English where CLDR has no word for it in the language."""
    figure = number(count, settings)
    for near in languages.lineage(language):
        if near in _WORDS:
            return f"{figure} {_WORDS[near][unit][abs(count) > 1]}"
    said = format_unit(1 if count == 1 else count, f"duration-{unit}", locale=languages.cldr(language))
    if f"duration-{unit}" in said:
        said = format_unit(count, f"duration-{unit}", locale="en")
    plain = format_decimal(count, locale=languages.cldr(language))
    said = said.replace(plain, "{}", 1).replace("\u00a0", " ").replace(NARROW, " ")
    return said.replace("{}", figure)


def narrow(text: str) -> str:
    """The text with narrow spaces between groups, as French typography wants them."""
    return text.replace("\u00a0", NARROW)


__all__ = [
    "NARROW",
    "UNITS",
    "Locale",
    "currency",
    "date",
    "duration",
    "moment",
    "money",
    "narrow",
    "number",
    "numbers",
    "percent",
    "region",
    "style",
    "time",
    "timezone",
]
