"""Dates and times of day, resolved against the moment the message was sent.

Own code, because what a customer's message holds is short and mixed ("kal shaam 5 baje", "le 3 mars à 10h"), a bare number
(a price) must never become a date, and dateparser knows no relative Hindi and takes milliseconds.  A date is ISO 8601
("2026-03-03"), a time "17:30", a period {"from", "to"} with both days included.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence

import attrs
import regex

from . import calendars as names
from . import days
from .durations import Span
from .reading import Found, Reading
from .relative import Relative
from .tokens import key

_NUMERIC = regex.compile(
    r"(?<![\d.,/:\-])(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{4}|\d{2})"
    r"|(?P<e>\d{1,2})/(?P<f>\d{1,2}))(?![\d/\-]|\.\d|,\d|:\d)(?!%)"
)
_TENTH = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split()  # fmt: skip
_NTH = {word: day for day, word in enumerate(_TENTH, 1)} | {
    "thirtieth": 30,
    "premier": 1,
    "pehli": 1,
    "पहली": 1,
    "दूसरी": 2,
}
_ON = {
    "on",
    "by",
    "before",
    "after",
    "until",
    "till",
    "from",
    "since",
    "le",
    "du",
    "au",
    "avant",
    "apres",
    "ko",
    "को",
    "tak",
    "तक",
    "se",
    "dated",
    "date",
    "to",
}
_OF_MONTH = regex.compile(
    r"(?<![\d/.,])(?P<d>\d{1,2})(?:st|nd|rd|th|er)?\s+(?:(?:de|du) ce mois(?:[- ]ci)?|du mois(?:[- ]ci|(?P<last>\s+(?:dernier|pass[eé]|pr[eé]c[eé]dent)))?"
    r"|of (?:this|(?P<last>last)) month)(?!\p{L})"
)


@attrs.frozen
class Dates:
    """Reads dates: `now` is the moment of the message in the tenant's zone; `day_first`: 3/4 is the third of April;
    `kal`: what "kal" means where neither verb nor part of the day tells (1: tomorrow, -1: yesterday); `past`: what is
    spoken of has happened, so that a day without a year is the last such one."""

    now: dt.datetime
    day_first: bool = True
    kal: int = 1
    past: bool = False

    @property
    def today(self) -> dt.date:
        """The day of the message."""
        return self.now.date()

    def find(self, reading: Reading, lengths: Sequence[Span]) -> Iterator[Found]:
        """All dates and periods; times are `times.find`'s."""
        yield from self._numeric(reading)
        yield from self._of_month(reading)
        yield from self._written(reading)
        yield from Relative(self.today, self.kal, past=self.past).find(reading, lengths)

    def _past(self, reading: Reading) -> bool:
        return self.past or days.past(reading)

    # -- 12/03/2026 ----------------------------------------------------------------------------------------------------

    def _numeric(self, reading: Reading) -> Iterator[Found]:
        for match in _NUMERIC.finditer(reading.text):
            if match["y"]:
                day = days.date(int(match["y"]), int(match["m"]), int(match["d"]))
            elif match["a"]:
                year = int(match["c"])
                if year < 100:
                    year += 2000 if year <= (self.today.year + 15) % 100 else 1900
                if match["sep"] == "." and len(match["c"]) == 2 and not (len(match["a"]) == 2 == len(match["b"])):
                    continue  # a version
                day = self._either(year, int(match["a"]), int(match["b"]))
            else:
                before = reading.text[: match.start()].split()[-1:]
                after = reading.text[match.end() :].split()[:1]
                led = (match.group() == reading.text.strip() and max(int(match["e"]), int(match["f"])) > 12) or (
                    before
                    and (
                        before[0].strip("',") in _ON
                        or key(before[0].strip("',")) in names.weekdays()
                        or before[0] in {"this", "ce"}
                    )
                )
                if not led and not (after and after[0] in {"ko", "को", "tak", "तक", "at", "à"}):
                    continue
                day = self._either(self.today.year, int(match["e"]), int(match["f"]))
                if day is not None and self.past and day > self.today:
                    day = days.date(day.year - 1, day.month, day.day)
                elif day is not None and not self.past and day < self.today - dt.timedelta(days=180):
                    day = days.date(day.year + 1, day.month, day.day)
            if day is not None and 1900 <= day.year <= 2100:
                yield days.found(day, match.start(), match.end(), 0.95)

    def _of_month(self, reading: Reading) -> Iterator[Found]:
        """As in "le 5 de ce mois", "the 5th of last month"."""
        for match in _OF_MONTH.finditer(reading.text):
            first = self.today.replace(day=1)
            if match["last"]:
                first = (first - dt.timedelta(days=1)).replace(day=1)
            day = days.date(first.year, first.month, int(match["d"]))
            if day is not None:
                found = days.found(day, match.start(), match.end(), 0.9)
                yield attrs.evolve(found, rank=67)  # above the month, which it stands in

    def _either(self, year: int, first: int, second: int) -> dt.date | None:
        day, month = (first, second) if self.day_first else (second, first)
        return days.date(year, month, day) or days.date(year, day, month)

    # -- 12 March 2026 -------------------------------------------------------------------------------------------------

    def _written(self, reading: Reading) -> Iterator[Found]:
        tokens, months = reading.tokens, names.months()
        for at, token in reading.words():
            month = months.get(token.key)
            if month is None:
                continue
            end = at + 1
            if (
                reading.key(end) == "."
                and tokens[end].start == token.end
                and len(token.key) <= 5
                and end + 1 < len(tokens)
            ):
                end += 1
            day, first = self._day_before(reading, at)
            if day is None:
                day, end = self._day_after(reading, at, end)
            year, end = self._year_after(reading, end)
            if day is None:
                yield from self._month_alone(reading, at, end, month, year)
                continue
            found = days.date(year, month, day) if year else self._nearest(month, day, reading, end)
            if found is None:
                continue
            start, last = tokens[first].start, tokens[end - 1].end
            lower = self._range_start(reading, first, found, last)
            if lower is not None:
                yield lower
                continue
            yield days.found(found, start, last, 0.97)

    def _day_before(self, reading: Reading, at: int) -> tuple[int | None, int]:
        place = at - 1
        if reading.key(place) in {"of", "de", "-", "/"}:
            place -= 1
        if reading.key(place) in days.ORDINALS:
            place -= 1
        key = reading.key(place)
        if key.isdecimal() and len(key) <= 2 and 1 <= int(key) <= 31 and not (reading.glued(place)):
            return int(key), place
        if key in _NTH:
            tens = {"twenty": 20, "thirty": 30}.get(reading.key(place - 1 - (reading.key(place - 1) == "-")), 0)
            if tens and _NTH[key] < 10:
                return tens + _NTH[key], place - 1 - (reading.key(place - 1) == "-")
            return _NTH[key], place
        number = reading.having(reading.ends.get(place + 1), lambda n: not n.digits and n.value <= 31)
        if number is not None and not number.scaled and number.value >= 1:
            return int(number.value), number.first
        return None, at

    def _day_after(self, reading: Reading, at: int, end: int) -> tuple[int | None, int]:
        place = end + 1 if reading.key(end) in {"the", "-", "/", ","} else end
        key = reading.key(place)
        if reading.key(end) == "," and reading.key(place + 1) not in days.ORDINALS:
            return None, end
        if not (key.isdecimal() and len(key) <= 2 and 1 <= int(key) <= 31):
            if key in _NTH:
                return _NTH[key], place + 1
            number = reading.having(reading.begins.get(place), lambda n: not n.digits and not n.scaled)
            if number is not None and 1 <= number.value <= 31 and number.value == int(number.value):
                more = _NTH.get(reading.key(number.last + (reading.key(number.last) == "-")), 0)
                if number.value in {20, 30} and 0 < more < 10:
                    return int(number.value) + more, number.last + 1 + (reading.key(number.last) == "-")
                return int(number.value), number.last
            return None, end
        follows = reading.key(place + 1)
        if follows in {"lakh", "lakhs", "%", "km", "rs", "am", "pm", "baje", ":", "k", "crore", "people"}:
            return None, end
        return int(key), place + 2 if follows in days.ORDINALS else place + 1

    def _year_after(self, reading: Reading, end: int) -> tuple[int | None, int]:
        place = end + 1 if reading.key(end) in {",", "of", "de", "-", "/", "'"} else end
        key = reading.key(place)
        if key.isdecimal() and len(key) == 4 and 1900 <= int(key) <= 2100:
            return int(key), place + 1
        if key.isdecimal() and len(key) == 2 and reading.key(end) in {"'", "-", "/"}:
            return 2000 + int(key), place + 1
        return None, end

    def _month_alone(self, reading: Reading, at: int, end: int, month: int, year: int | None) -> Iterator[Found]:
        first, before = at, reading.key(at - 1)
        led = before in {
            "in",
            "of",
            "en",
            "since",
            "until",
            "till",
            "by",
            "this",
            "next",
            "last",
            "depuis",
            "de",
            "d",
            "from",
        }
        if year is None and names.doubtful(reading.key(at)) and not (led and before not in {"of", "de", "d"}):
            return
        if before in names.NEXT | names.LAST | names.THIS:
            first = at - 1
        when = year or self.today.year
        if year is None:
            if before in names.LAST:
                when -= month >= self.today.month
            elif month < self.today.month and not self._past(reading):
                when += 1
            elif month > self.today.month and self._past(reading):
                when -= 1
        last = calendar.monthrange(when, month)[1]
        yield days.period(
            dt.date(when, month, 1),
            dt.date(when, month, last),
            reading.tokens[first].start,
            reading.tokens[end - 1].end,
        )

    def _nearest(self, month: int, day: int, reading: Reading, end: int) -> dt.date | None:
        """The year that a day without one is in: the coming one, unless the verb is in the past."""
        this = days.date(self.today.year, month, day)
        if this is None:
            step = -1 if self.past else 1
            return next(
                filter(None, (days.date(self.today.year + more * step, month, day) for more in range(1, 9))), None
            )
        if this < self.today and not self._past(reading):
            return days.date(self.today.year + 1, month, day)
        if this > self.today and self._past(reading) and not set(reading.after(end, 5)) & names.FUTURE:
            return days.date(self.today.year - 1, month, day)
        return this

    def _range_start(self, reading: Reading, first: int, upper: dt.date, end: int) -> Found | None:
        """As in "3 to 7 March", "du 3 au 5 mai": the first day before a date that has one."""
        if reading.key(first - 1) in {"the", "le"}:
            first -= 1
        if reading.key(first - 1) not in {"to", "-", "and", "au", "et", "se", "से", "until", "till"}:
            return None
        place = first - 2 if reading.key(first - 2) not in days.ORDINALS else first - 3
        key = reading.key(place)
        if not (key.isdecimal() and len(key) <= 2) or not 1 <= int(key) <= 31:
            return None
        month = names.months().get(reading.key(place - 1))
        begin = days.date(upper.year, month or upper.month, int(key))
        if begin is None or begin >= upper:
            return None
        start = reading.tokens[place - 1 if month else place].start
        return days.period(begin, upper, start, end)
