"""Numbers and dates of a spreadsheet's cells as the sheet shows them, by the cell's number format.

The formats are those of ECMA-376, part 1, 18.8.30 and 18.8.31.  What depends on the reader's own settings (the format
"14", a short date) is written so that everybody reads it alike: 2026-11-21.
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import math
from decimal import Decimal

import attrs
import regex

_TOKEN = regex.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<pad>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<ampm>AM/PM|A/P)|(?P<exponent>E[+-](?=[0#?]))|(?P<dates>y+|m+|d+|h+|s+|b+|e+)"
    r"|(?P<digits>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)|(?P<slash>/)|(?P<other>.)",
    flags=regex.IGNORECASE | regex.DOTALL,
)
_CURRENCY = regex.compile(r"\$(?P<symbol>[^-]*)(?:-.*)?")
_CONDITION = regex.compile(r"(?P<sign><=|>=|<>|<|>|=)\s*(?P<limit>-?\d+(?:\.\d+)?)")
_ELAPSED = regex.compile(r"(?P<unit>h+|m+|s+)", flags=regex.IGNORECASE)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOCAL_DATE = frozenset(["mm-dd-yy", "m/d/yy", "m/d/yyyy", "mm/dd/yy", "dd-mm-yy"])  # built-in 14, whatever wrote it

Told = str | float | int | bool | dt.datetime | dt.date | dt.time | dt.timedelta


@attrs.frozen
class _Part:
    kind: str
    text: str


def shown(value: Told, form: str = "General") -> str:
    """A cell's value as a reader sees it; a format that can't be understood gives the plain value."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not math.isfinite(value):
        return ""
    try:
        return _shown(value, form or "General").strip()
    except (ValueError, IndexError, OverflowError, decimal.InvalidOperation):
        return _plain(value)


def _plain(value: Told) -> str:
    match value:
        case dt.datetime():
            return value.isoformat(" ", "minutes") if value.time() != dt.time() else value.date().isoformat()
        case dt.date():
            return value.isoformat()
        case dt.time():
            return value.isoformat("minutes" if not value.second else "seconds")
        case dt.timedelta():
            return str(value)
        case float():
            return _general(value)
        case _:
            return str(value)


def _general(value: float) -> str:
    """At most eleven digits, as the format General shows them."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    told = f"{value:.10g}"
    return f"{Decimal(told):f}" if 1e-9 < abs(value) < 1e15 else told


def _shown(value: Told, form: str) -> str:
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        if form.partition(";")[0].rpartition("]")[2].strip('"@ ').lower() in _LOCAL_DATE or form == "General":
            return _plain(value)
        parts = _parts(_sections(form)[0])
        if isinstance(value, dt.timedelta):
            return _date(parts, value, dt.datetime(1900, 1, 1) + value)
        moment = (
            dt.datetime.combine(dt.date(1900, 1, 1), value)
            if isinstance(value, dt.time)
            else value
            if isinstance(value, dt.datetime)
            else dt.datetime.combine(value, dt.time())
        )
        return _date(parts, None, moment)
    if not isinstance(value, int | float):
        return str(value)
    section, signed = _choose(_sections(form), float(value))
    parts = _parts(section)
    if not parts:
        return ""
    if any(part.kind == "general" for part in parts):
        number = _general(float(value) if signed else abs(float(value)))
        return "".join(number if part.kind == "general" else part.text for part in parts)
    if not any(part.kind == "digits" for part in parts):
        told = "".join(_general(float(value)) if part.kind == "text" else part.text for part in parts)
        return told if any(part.kind in ("literal", "text") for part in parts) else _general(float(value))
    if any(part.kind == "slash" for part in parts):
        return _general(float(value))
    return _number(parts, Decimal(repr(value)), signed)


@functools.lru_cache(1024)
def _sections(form: str) -> tuple[str, ...]:
    found, current, at = [], "", 0
    while at < len(form):
        char = form[at]
        end = form.find('"', at + 1) if char == '"' else form.find("]", at + 1) if char == "[" else at
        end = at + 1 if char in "\\_*" else end
        if char == ";":
            found.append(current)
            current = ""
        else:
            current += form[at : (max(end, at)) + 1]
        at = max(at, end) + 1
    return (*found, current)


def _choose(sections: tuple[str, ...], value: float) -> tuple[str, bool]:
    """The section for a value, and whether a minus has to be written before it."""
    conditions = [_CONDITION.search(bracket) for bracket in map(_bracket, sections)]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(value, condition["sign"], float(condition["limit"])):
                return section, True
        return sections[-1], True
    if len(sections) >= 3 and value == 0:
        return sections[2], False
    if len(sections) >= 2 and value < 0:
        return sections[1], False
    return sections[0], True


def _bracket(section: str) -> str:
    return " ".join(f"[{one}]" for one in regex.findall(r"\[([^\]]*)\]", section) if not one.startswith("$"))


def _holds(value: float, sign: str, limit: float) -> bool:
    return {
        "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit, "=": value == limit,
        "<>": value != limit,
    }[sign]  # fmt: skip


@functools.lru_cache(1024)
def _parts(section: str) -> tuple[_Part, ...]:
    found = []
    for match in _TOKEN.finditer(section):
        kind, text = match.lastgroup or "other", match.group(match.lastgroup or 0)
        if kind == "bracket":
            currency, elapsed = _CURRENCY.fullmatch(text), _ELAPSED.fullmatch(text)
            if currency and currency["symbol"]:
                found.append(_Part("literal", currency["symbol"]))
            elif elapsed:
                found.append(_Part("elapsed", text.lower()))
            continue
        if kind == "pad":
            found.append(_Part("literal", " "))
        elif kind in ("quoted", "escaped", "other"):
            found.append(_Part("literal", text))
        elif kind != "fill":
            found.append(_Part(kind, text))
    return tuple(found)


def _number(parts: tuple[_Part, ...], value: Decimal, signed: bool) -> str:
    places = [at for at, part in enumerate(parts) if part.kind == "digits"]
    point = next((at for at, part in enumerate(parts) if part.kind == "point"), None)
    exponent = next((at for at, part in enumerate(parts) if part.kind == "exponent"), None)
    value *= Decimal(100) ** sum(part.kind == "percent" for part in parts)
    last = places[-1] if point is None else max((at for at in places if at < point), default=places[-1])
    # A comma between digits groups thousands, one after the last of them divides by a thousand.
    commas = [at for at, part in enumerate(parts) if part.kind == "comma"]
    grouped = any(places[0] < at < last for at in commas)
    value /= Decimal(1000) ** sum(1 for at in commas if last < at < (point or 0) or at > places[-1])
    whole = [at for at in places if (point is None or at < point) and (exponent is None or at < exponent)]
    broken = [at for at in places if point is not None and at > point and (exponent is None or at < exponent)]
    power = 0
    if exponent is not None:
        power = value.adjusted() if value else 0
        value = value.scaleb(-power)
    rounded = abs(value).quantize(Decimal(1).scaleb(-len(broken)), rounding=decimal.ROUND_HALF_UP)
    integer, _, fraction = f"{rounded:f}".partition(".")
    integer = "" if integer == "0" and whole and parts[whole[-1]].text != "0" else integer
    minus = signed and value < 0 and rounded != 0
    return ("-" if minus else "") + _filled(parts, whole, broken, integer, fraction, grouped, point, exponent, power)


def _filled(
    parts: tuple[_Part, ...],
    whole: list[int],
    broken: list[int],
    integer: str,
    fraction: str,
    grouped: bool,
    point: int | None,
    exponent: int | None,
    power: int,
) -> str:
    digits = _spread(parts, whole, integer, grouped)
    keep = len(fraction)
    while keep and parts[broken[keep - 1]].text != "0" and fraction[keep - 1] == "0":
        keep -= 1
    digits |= {at: fraction[n] if n < keep else "" for n, at in enumerate(broken)}
    told = []
    for at, part in enumerate(parts):
        if at in digits:
            told.append(digits[at])
        elif at == point:
            told.append("." if keep or not broken else "")
        elif at == exponent:
            told.append(f"E{'-' if power < 0 else '+' if '+' in part.text else ''}{abs(power):02d}")
        elif part.kind in ("literal", "percent"):
            told.append(part.text)
    return "".join(told)


def _spread(parts: tuple[_Part, ...], whole: list[int], integer: str, grouped: bool) -> dict[int, str]:
    """The digits of the integer on their places from the right; the first place takes all that are left over."""
    found: dict[int, str] = {}
    rest, count = integer, 0
    for n, at in enumerate(reversed(whole)):
        first = n == len(whole) - 1
        took = rest if first else rest[-1:]
        rest = "" if first else rest[:-1]
        if not took and parts[at].text == "0":
            took = "0"
        told = ""
        for digit in reversed(took):
            told = digit + ("," if grouped and count and count % 3 == 0 else "") + told
            count += 1
        found[at] = told
    return found


def _date(parts: tuple[_Part, ...], elapsed: dt.timedelta | None, moment: dt.datetime) -> str:
    half = any(part.kind == "ampm" for part in parts)
    told = []
    before = ""  # the last part that said something of the time, to tell minutes from months
    for at, part in enumerate(parts):
        if part.kind == "dates":
            unit = part.text.lower()
            if unit[0] == "m" and (before == "h" or _next_unit(parts, at) == "s"):
                told.append(f"{moment.minute:0{min(len(unit), 2)}d}")
            else:
                told.append(_unit(unit, moment, half))
            before = unit[0]
        elif part.kind == "elapsed":
            seconds = int((elapsed or (moment - dt.datetime(1900, 1, 1))).total_seconds())
            told.append(str(seconds // {"h": 3600, "m": 60, "s": 1}[part.text[0]]).zfill(len(part.text)))
            before = part.text[0]
        elif part.kind == "ampm":
            told.append("AM" if moment.hour < 12 else "PM")
        elif part.kind in ("literal", "slash", "point", "comma"):
            told.append(part.text)
    return "".join(told)


def _next_unit(parts: tuple[_Part, ...], at: int) -> str:
    return next((part.text[0].lower() for part in parts[at + 1 :] if part.kind in ("dates", "elapsed")), "")


def _unit(unit: str, moment: dt.datetime, half: bool) -> str:
    size = len(unit)
    match unit[0]:
        case "y" | "e":
            return str(moment.year) if size > 2 or unit[0] == "e" else f"{moment.year % 100:02d}"
        case "m":
            name = _MONTHS[moment.month - 1]
            return (
                name[0] if size == 5 else name if size >= 4 else name[:3] if size == 3 else f"{moment.month:0{size}d}"
            )
        case "d":
            name = _DAYS[moment.weekday()]
            return name if size >= 4 else name[:3] if size == 3 else f"{moment.day:0{size}d}"
        case "h":
            return f"{(moment.hour % 12 or 12) if half else moment.hour:0{min(size, 2)}d}"
        case "s":
            return f"{moment.second:0{min(size, 2)}d}"
        case _:
            return ""
