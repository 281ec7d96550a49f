"""The hard facts in a text: amounts with their units, dates, times of day, telephone numbers, links, addresses.

Each fact is read into values that are equal however it is written: "1,00,000", "one lakh" and "१,००,०००"; "12 March
2024", "March 12, 2024" and "12.03.2024"; "5 pm" and "17:00".
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from typing import Literal

import attrs
import regex

from . import spelled
from .units import AMBIGUOUS, MONEY, MULTIPLIERS, UNITS

Kind = Literal["number", "date", "time", "phone", "link", "mail"]
Day = tuple[int, int, int]  # year, month, day; 0 where it is not said

_SPACE = r"[\u0020\u00a0\u202f\u2009]"
_MAIL = regex.compile(r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+")
_LINK = regex.compile(
    r"(?:https?://|www\.)[^\s<>\"'»)\]]+"
    r"|(?<![\p{L}\p{N}@.-])(?:[\p{L}\p{N}-]+\.)+"
    r"(?:com|org|net|info|biz|io|in|fr|de|uk|eu|us|ai|app|dev|gov|edu|co|me|be|ch|it|es|help|shop|example|test|invalid)"
    r"(?![\p{L}\p{N}-])(?:/[^\s<>\"'»)\]]*)?",
    regex.IGNORECASE,
)
_PHONE = regex.compile(
    r"(?<![\p{Nd}.,])(?:\+|\(\+?)?\p{Nd}{1,5}\)?(?:[ \u00a0\u202f./()-]{1,2}\(?\p{Nd}{1,6}\)?){1,6}(?![\p{Nd}%])"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv januar jänner जनवरी ஜனவரி",
            "february feb février févr fevrier februar फरवरी फ़रवरी பிப்ரவரி",
            "march mar mars märz मार्च மார்ச்",
            "april apr avril avr अप्रैल ஏப்ரல்",
            "may mai मई மே",
            "june jun juin juni जून ஜூன்",
            "july jul juillet juil juli जुलाई ஜூலை",
            "august aug août aout अगस्त ஆகஸ்ட்",
            "september sep sept septembre सितंबर सितम्बर செப்டம்பர்",
            "october oct octobre oktober अक्टूबर अक्तूबर அக்டோபர்",
            "november nov novembre नवंबर नवम्बर நவம்பர்",
            "december dec décembre decembre dezember दिसंबर दिसम्बर டிசம்பர்",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?(?![\p{{L}}\p{{M}}])"
_DAY_MONTH = regex.compile(
    rf"(?<!\p{{Nd}})(?P<day>\p{{Nd}}{{1,2}}){_SPACE}?(?:st|nd|rd|th|er|ème|e|\.)?{_SPACE}?(?:of |de )?{_MONTH}"
    rf"(?:,?{_SPACE}+(?P<year>\p{{Nd}}{{4}})(?!\p{{Nd}}))?",
    regex.IGNORECASE,
)
_MONTH_DAY = regex.compile(
    rf"(?<![\p{{L}}\p{{M}}]){_MONTH}{_SPACE}+(?P<day>\p{{Nd}}{{1,2}})(?!\p{{Nd}})(?:st|nd|rd|th)?(?:,?{_SPACE}+(?P<year>\p{{Nd}}{{4}})(?!\p{{Nd}}))?",
    regex.IGNORECASE,
)
_MONTH_YEAR = regex.compile(
    rf"(?<![\p{{L}}\p{{M}}]){_MONTH},?{_SPACE}+(?:of |de )?(?P<year>\p{{Nd}}{{4}})(?!\p{{Nd}})(?P<day>)",
    regex.IGNORECASE,
)
_NUMERIC = regex.compile(
    r"(?<![\p{Nd}.,/-])(?:(?P<a>\p{Nd}{1,2})(?P<s>[./-])(?P<b>\p{Nd}{1,2})(?P=s)(?P<c>\p{Nd}{4}|\p{Nd}{2})"
    r"|(?P<y>\p{Nd}{4})(?P<t>[./-])(?P<m>\p{Nd}{1,2})(?P=t)(?P<d>\p{Nd}{1,2}))(?![\p{Nd}/-]|[.,]\p{Nd})"
)
_TIME = regex.compile(
    r"(?<![\p{Nd}.,])(?P<hour>\p{Nd}{1,2})(?:[:h](?P<minute>\p{Nd}{2})(?!\p{Nd}))?"
    r"(?:\s?(?P<half>a\.?m\.?|p\.?m\.?)(?![\p{L}\p{M}])|(?<=\p{Nd}{1,2}[:h]\p{Nd}{2}))",
    regex.IGNORECASE,
)
_NUMBER = regex.compile(
    rf"(?<![\p{{L}}\p{{M}}\p{{Nd}}])(?:[-−](?=\p{{Nd}}))?"
    rf"(?:(?P<before>[€$₹£¥]|(?i:Rs\.?|INR|EUR|USD|GBP|Rp\.?)|रु\.?){_SPACE}?)?"
    rf"(?P<digits>\p{{Nd}}+(?:[.,٫٬'’]\p{{Nd}}+|{_SPACE}\p{{Nd}}{{3}}(?!\p{{Nd}}))*)"
    r"(?P<ordinal>(?:st|nd|rd|th|er|ère|ème|e|वां|वीं|वें|वाँ)(?![\p{L}\p{M}]))?"
)
_BEHIND = regex.compile(rf"(?P<gap>{_SPACE}?|-)(?P<word>°[CF]|[%€$₹£¥°٪]|[\p{{L}}\p{{M}}][\p{{L}}\p{{M}}²]*(?:/s\b)?)")
_HALF_HOUR = regex.compile(r"\b(?:half(?: an|-)? ?hour|(?:une )?demi-heure|halbe Stunde|आधे? घंटे?)\b", regex.IGNORECASE)
_WORDS = regex.compile(r"[\p{L}\p{M}]+")
_GROUPED = regex.compile(r"\d{1,3}(?:[.,٬'’\u0020\u00a0\u202f\u2009]\d{2,3})*[.,٬'’\u0020\u00a0\u202f\u2009]\d{3}")


@attrs.frozen
class Fact:
    """One fact at `start`..`end` of its text.

    `values` are all readings it may have; two facts agree if they share one.  `unit` is a canonical unit, "" where
    none stands beside it.  Values of amounts with a unit are in the unit's base (seconds, megabytes).
    """

    kind: Kind
    values: frozenset[object]
    start: int
    end: int
    unit: str = ""
    plain: frozenset[object] = frozenset()

    def agrees(self, other: Fact) -> bool:
        """Whether the other may mean the same; an amount without a unit agrees with any unit's."""
        if self.kind == "phone" or other.kind == "phone":
            return _same_phone(self, other)
        if self.kind != other.kind:
            return False
        if self.kind == "date":
            return any(_same_day(a, b) for a in self.values for b in other.values)
        if self.unit and other.unit:
            return self.unit == other.unit and bool(self.values & other.values)
        return bool(self.plain & other.plain)


def facts(text: str) -> list[Fact]:
    """All facts of the text, from left to right; none overlaps another."""
    found: list[Fact] = []
    taken = bytearray(len(text))
    for reader in (_mails, _links, _dates, _times, _phones, _halves, _amounts, _spelled):
        for fact in reader(text):
            if not any(taken[fact.start : fact.end]):
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
                found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def digits_of(text: str) -> str:
    """The text with the digits of every script as 0-9."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)


# -- readers: each yields facts of one kind ---------------------------------------------------------------------------


def _mails(text: str) -> Iterator[Fact]:
    for match in _MAIL.finditer(text):
        yield Fact(
            "mail", frozenset({match.group().casefold()}), *match.span(), plain=frozenset({match.group().casefold()})
        )


def _links(text: str) -> Iterator[Fact]:
    for match in _LINK.finditer(text):
        shown = match.group().rstrip(".,;:!?…।")
        value = frozenset({regex.sub(r"^(?:https?://)?(?:www\.)?", "", shown.casefold()).rstrip("/")})
        yield Fact("link", value, match.start(), match.start() + len(shown), plain=value)


def _dates(text: str) -> Iterator[Fact]:
    for match in _NUMERIC.finditer(text):
        if match["y"]:
            days = [(int(match["y"]), int(match["m"]), int(match["d"]))]
        else:
            a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
            year = c if c > 99 else 2000 + c
            days = [(year, b, a), (year, a, b)]
        values = frozenset(day for day in days if _real(day))
        if values:
            yield Fact("date", values, *match.span())
    for pattern in (_DAY_MONTH, _MONTH_DAY, _MONTH_YEAR):
        for match in pattern.finditer(text):
            day = (int(match["year"] or 0), _MONTHS[match["month"].casefold()], int(match["day"] or 0))
            if _real(day):
                yield Fact("date", frozenset({day}), *match.span())


def _times(text: str) -> Iterator[Fact]:
    for match in _TIME.finditer(text):
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        half = (match["half"] or "")[:1].casefold()
        if hour > 24 or minute > 59 or (half and hour > 12):
            continue
        hours = {hour % 12 + (12 if half == "p" else 0)} if half else {hour % 24}
        value = frozenset((hour * 60 + minute) for hour in hours)
        yield Fact("time", value, *match.span(), plain=value)


def _phones(text: str) -> Iterator[Fact]:
    for match in _PHONE.finditer(text):
        digits = regex.sub(r"\D", "", digits_of(match.group()))
        if len(digits) < 7 or _GROUPED.fullmatch(digits_of(match.group()).strip()):
            continue
        if regex.fullmatch(r"\d{4}[-/–]\d{4}", digits_of(match.group())):  # a span of years
            continue
        yield Fact("phone", frozenset({digits}), *match.span(), plain=frozenset({digits}))


def _amounts(text: str) -> Iterator[Fact]:
    for match in _NUMBER.finditer(text):
        digits = digits_of(match["digits"])
        begin, end = match.span()
        readings = _readings(digits)
        behind = _BEHIND.match(text, end) if not match["ordinal"] else None
        factor = 1.0
        if behind and behind["word"].casefold() in MULTIPLIERS:
            factor, end = MULTIPLIERS[behind["word"].casefold()], behind.end()
            behind = _BEHIND.match(text, end)
            if behind and behind["word"].casefold() in MULTIPLIERS:  # "1.5 lakh crore"
                factor, end = factor * MULTIPLIERS[behind["word"].casefold()], behind.end()
                behind = _BEHIND.match(text, end)
        values = [reading * factor for reading in readings]
        unit, scale = UNITS.get((match["before"] or "").strip(" .\u00a0\u202f").casefold(), ("", 1.0))
        if not unit and behind:
            unit, scale = _unit(text, behind)
            end = behind.end() if unit else end
        yield _amount(values, unit, scale, begin, end)


def _halves(text: str) -> Iterator[Fact]:
    for match in _HALF_HOUR.finditer(text):
        yield _amount([30.0], "s", 60.0, *match.span())


def _spelled(text: str) -> Iterator[Fact]:
    matches = list(_WORDS.finditer(text))
    words = [match.group().casefold() for match in matches]
    at = 0
    while at < len(words):
        number = spelled.read(words[at : at + 9])
        if number is None:
            at += 1
            continue
        value, count = number
        last = matches[at + count - 1]
        behind = _BEHIND.match(text, last.end())
        unit, scale = _unit(text, behind) if behind else ("", 1.0)
        if count > 1 or unit or words[at] not in spelled.VAGUE:
            end = behind.end() if unit and behind else last.end()
            yield _amount([value], unit, scale, matches[at].start(), end)
        at += count


def _amount(values: list[float], unit: str, scale: float, start: int, end: int) -> Fact:
    plain = frozenset(_round(value) for value in values)
    return Fact("number", frozenset(_round(v * scale) for v in values), start, end, unit, plain)


def _unit(text: str, behind: regex.Match[str]) -> tuple[str, float]:
    written = behind["word"]
    word = written.casefold()
    if word in ("°c", "°f"):
        word = {"°c": "celsius", "°f": "fahrenheit"}[word]
    if word in ("per", "pour") and regex.match(r"\s?cent", text[behind.end() :]):
        return "percent", 1.0
    unit = UNITS.get(word, ("", 1.0))
    if word in AMBIGUOUS and written not in AMBIGUOUS[word]:
        return "", 1.0
    return unit


def _readings(digits: str) -> list[float]:
    """All values that digits with marks may have: 4,20 is 4.2, 12.500 is 12.5 or 12500, 1,00,000 is 100000."""
    bare = float(regex.sub(r"\D", "", digits))
    whole, mark, fraction = regex.sub(r"[,٫]", ".", digits).rpartition(".")
    found = []
    if mark and fraction.isdigit():
        if len(regex.findall(r"[.,٫]", digits)) == 1 or len({c for c in digits if not c.isdigit()}) > 1:
            found.append(float(f"{regex.sub(r'[^0-9]', '', whole) or '0'}.{fraction}"))
    else:
        found.append(bare)
    if _GROUPED.fullmatch(digits) or not found:
        found.append(bare)
    return found


# -- what is the same -------------------------------------------------------------------------------------------------


def _round(value: float) -> float:
    return float(f"{value:.9g}")


def _real(day: Day) -> bool:
    year, month, date = day
    try:
        dt.date(year or 2000, month, date or 1)
    except ValueError:
        return False
    return True


def _same_day(said: object, known: object) -> bool:
    assert isinstance(said, tuple)
    assert isinstance(known, tuple)
    return all(
        a == b or not a or (not b and position == 0) for position, (a, b) in enumerate(zip(said, known, strict=True))
    )


def _same_phone(a: Fact, b: Fact) -> bool:
    mine = {str(int(v)) if isinstance(v, float) else str(v) for v in a.plain}
    theirs = {str(int(v)) if isinstance(v, float) else str(v) for v in b.plain}
    long = [(x, y) for x in mine for y in theirs if min(len(x), len(y)) >= 7]
    return any(
        x == y or x.endswith(y.lstrip("0")[-9:]) or y.endswith(x.lstrip("0")[-9:])
        for x, y in long
        if abs(len(x) - len(y)) <= 4
    )


def is_money(fact: Fact) -> bool:
    """Whether it is an amount of money."""
    return fact.unit in MONEY
