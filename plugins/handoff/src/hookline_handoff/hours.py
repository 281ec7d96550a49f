"""When people work: a calendar of weekly hours, holidays and single days, and the counting of time within it.

Holidays come from the package `holidays`; zones from the system (`zoneinfo`).  Times are seconds since the epoch.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FARTHEST_DAYS = 1100  # three years: no service promise reaches farther
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")
_WHOLE_DAY = ("00:00-24:00",)

Span = tuple[int, int]  # minutes since midnight of the day it begins; the end may lie in the next day


@attrs.frozen
class CalendarConfig:
    """Weekly hours in a time zone.

    `timezone`: an IANA name.  `hours`: weekday ("mon" … "sun") to spans "09:00-18:00", the end after midnight where it
    is before the start; a weekday left out is free; no weekday at all means always open.  `holidays`: a country's code,
    or with its part ("IN", "IN-MH", "FR"), whose public holidays are free.  `days`: single days ("2026-12-24") with
    spans of their own, none for a free one; they count before weekdays and holidays.
    """

    timezone: str = "UTC"
    hours: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    holidays: str = ""
    days: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """Refuse what can't be read; each text says what is allowed."""
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"timezone: given {self.timezone!r}; allowed: an IANA name as Asia/Kolkata") from None
        for day in self.hours:
            if day not in WEEKDAYS:
                raise ValueError(f"hours: given {day!r}; allowed: {', '.join(WEEKDAYS)}")
        for day in self.days:
            _date(day)
        for day, spans in (*self.hours.items(), *self.days.items()):
            _spans(day, spans)
        if self.holidays:
            _holidays(self.holidays)


class Hours:
    """The counting of working time by one calendar."""

    def __init__(self, config: CalendarConfig | None = None) -> None:
        config = config or CalendarConfig()
        self.zone = ZoneInfo(config.timezone)
        always = not config.hours
        self._week = tuple(_spans(day, _WHOLE_DAY if always else config.hours.get(day, ())) for day in WEEKDAYS)
        self._days = {_date(day): _spans(day, spans) for day, spans in config.days.items()}
        self._holidays = config.holidays

    def is_open(self, at: float) -> bool:
        """Whether people work at that time."""
        start, end = next(self._stretches(at), (at + 1, 0.0))
        return start <= at < end

    def next_open(self, at: float) -> float | None:
        """The first moment from `at` on at which people work; None if there is none within three years."""
        found = next(self._stretches(at), None)
        return None if found is None else max(at, found[0])

    def add(self, at: float, seconds: float) -> float | None:
        """When so many seconds of working time have passed since `at`; None if that is more than three years away."""
        left = seconds
        for start, end in self._stretches(at):
            begin = max(start, at)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def between(self, start: float, end: float) -> float:
        """Seconds of working time from `start` until `end`; 0 where the end is not after the start."""
        total = 0.0
        for begin, stop in self._stretches(start):
            if begin >= end:
                break
            total += min(stop, end) - max(begin, start)
        return total

    def _stretches(self, at: float) -> Iterator[tuple[float, float]]:
        """The open stretches that end after `at`, in their order, none overlapping the next; for three years.

        They are as short as they are written, so that nobody who asks for an hour looks at years of open days.
        """
        first = dt.datetime.fromtimestamp(at, self.zone).date() - dt.timedelta(days=1)
        open_until = at - 2 * 86_400.0
        for n in range(FARTHEST_DAYS):
            day = first + dt.timedelta(days=n)
            for begin, stop in self._spans_of(day):
                start, end = max(self._moment(day, begin), open_until), self._moment(day, stop)
                if end <= at or end <= start:
                    continue
                open_until = end
                yield start, end

    def _spans_of(self, day: dt.date) -> tuple[Span, ...]:
        if day in self._days:
            return self._days[day]
        if self._holidays and day in _holidays(self._holidays, day.year):
            return ()
        return self._week[day.weekday()]

    def _moment(self, day: dt.date, minutes: int) -> float:
        """The wall clock's time as it is in that zone: what a change of the clocks skips or repeats included."""
        days, minutes = divmod(minutes, 1440)
        wall = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(minutes // 60, minutes % 60), self.zone)
        return wall.timestamp()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"days: given {text!r}; allowed: a day as 2026-12-24") from None


def _spans(day: str, spans: Iterable[str]) -> tuple[Span, ...]:
    found = []
    for text in spans:
        read = _SPAN.fullmatch(text)
        if read is None:
            raise ValueError(f"{day}: given {text!r}; allowed: a span as 09:00-18:00, at the latest until 24:00")
        begin = int(read[1]) * 60 + int(read[2])
        stop = int(read[3] or read[5]) * 60 + int(read[4] or read[6])
        if stop == begin:
            raise ValueError(f"{day}: given {text!r}, which is empty; write 00:00-24:00 for the whole day")
        found.append((begin, stop if stop > begin else stop + 1440))
    found.sort()
    return tuple(found)


@functools.cache
def _holidays(place: str, year: int = 2026) -> frozenset[dt.date]:
    """The public holidays of a country or a part of it in a year; some countries' are known for some decades only."""
    import holidays  # takes 60 ms, and not everybody has one

    country, _, part = place.partition("-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a year is beyond what is known
            return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        raise ValueError(
            f"holidays: given {place!r}; allowed: a country's code, with or without its part, as IN, IN-MH or FR"
        ) from None
