"""Working time by a calendar, against a count that goes minute by minute."""

from __future__ import annotations

import datetime as dt
import random
import time
from zoneinfo import ZoneInfo

import holidays
import pytest

from hookline_handoff.hours import WEEKDAYS, CalendarConfig, Hours

OFFICE = dict.fromkeys(WEEKDAYS[:5], ("09:00-13:00", "14:00-18:00"))


def at(text: str, zone: str = "UTC") -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def minute_by_minute(config: CalendarConfig, start: float, end: float) -> int:
    """Open minutes between two whole minutes, from the wall clock of each minute alone."""
    zone = ZoneInfo(config.timezone)
    country, _, part = config.holidays.partition("-")
    free = holidays.country_holidays(country, subdiv=part or None) if country else {}

    def spans(day: dt.date) -> tuple[str, ...]:
        if day.isoformat() in config.days:
            return config.days[day.isoformat()]
        return () if day in free else config.hours.get(WEEKDAYS[day.weekday()], ())

    def is_open(wall: dt.datetime) -> bool:
        clock, before = wall.strftime("%H:%M"), wall.date() - dt.timedelta(days=1)
        here = any(
            span[:5] <= clock < span[6:] if span[:5] < span[6:] else span[:5] <= clock for span in spans(wall.date())
        )
        return here or any(span[6:] < span[:5] and clock < span[6:] for span in spans(before))

    return sum(is_open(dt.datetime.fromtimestamp(m, zone)) for m in range(int(start), int(end), 60))


CALENDARS = {
    "an office in Mumbai with its holidays": CalendarConfig("Asia/Kolkata", OFFICE, "IN-MH"),
    "Paris, whose clocks change": CalendarConfig("Europe/Paris", dict.fromkeys(WEEKDAYS, ("01:00-05:00",)), "FR"),
    "New York by night": CalendarConfig("America/New_York", dict.fromkeys(WEEKDAYS[:5], ("22:00-06:00",)), "US"),
    "half an hour off": CalendarConfig("Asia/Kathmandu", {"sun": ("10:15-16:45",), "fri": ("10:00-15:00",)}),
    "with days of their own": CalendarConfig(
        "Asia/Dubai", OFFICE, "AE", {"2026-03-24": (), "2026-03-28": ("08:00-12:00",), "2026-03-30": ("00:00-24:00",)}
    ),
    "always, on summer days": CalendarConfig("Europe/London", dict.fromkeys(WEEKDAYS, ("00:00-24:00",))),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_it_counts_what_a_count_minute_by_minute_gives(name):
    config = CALENDARS[name]
    hours, told = Hours(config), random.Random(7)
    for begin in ("2026-03-20T00:00", "2026-10-20T00:00", "2025-12-22T00:00"):
        for _ in range(3):
            start = at(begin) + 60 * told.randrange(10 * 1440)
            end = start + 60 * told.randrange(4 * 1440)
            minutes = minute_by_minute(config, start, end)
            assert hours.between(start, end) == minutes * 60
            if minutes:
                due = hours.add(start, minutes * 60)
                assert minute_by_minute(config, start, due) == minutes, "the due time has just so much before it"
                assert minute_by_minute(config, start, due - 60) == minutes - 1, "and is the first that has"


def test_it_is_open_exactly_where_minutes_count():
    config = CALENDARS["New York by night"]
    hours = Hours(config)
    for minute in range(0, 4 * 1440, 7):
        when = at("2026-07-02T00:00") + 60 * minute
        assert hours.is_open(when) == bool(minute_by_minute(config, when, when + 60))


def test_without_hours_people_always_work():
    hours = Hours()
    assert hours.is_open(1.7e9)
    assert hours.add(1.7e9, 3600.5) == 1.7e9 + 3600.5
    assert hours.between(1.7e9, 1.7e9 + 86400 * 40) == 86400 * 40


def test_an_inbox_full_of_promises_is_counted_without_looking_at_years_of_open_days():
    hours = Hours()
    begun = time.process_time()
    for n in range(600):  # 200 handoffs with three promises each
        hours.between(1.7e9, 1.7e9 + n)
        hours.add(1.7e9, float(n))
        hours.is_open(1.7e9 + n)
    assert time.process_time() - begun < 2  # it took ten seconds


def test_the_next_opening_jumps_over_a_weekend_and_a_holiday():
    hours = Hours(CalendarConfig("Asia/Kolkata", OFFICE, "IN"))
    friday, monday_is_free = at("2026-01-23T18:00", "Asia/Kolkata"), at("2026-01-27T09:00", "Asia/Kolkata")
    assert not hours.is_open(friday)
    assert hours.next_open(friday) == monday_is_free
    assert hours.next_open(monday_is_free) == monday_is_free


def test_a_calendar_that_never_opens_promises_nothing():
    hours = Hours(CalendarConfig(hours={"mon": ()}))
    assert hours.next_open(1.7e9) is None
    assert hours.add(1.7e9, 1.0) is None
    assert hours.between(1.7e9, 1.8e9) == 0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"timezone": "Asia/Bombayy"}, "timezone: given 'Asia/Bombayy'; allowed: an IANA name as Asia/Kolkata"),
        ({"timezone": "../../etc/passwd"}, "allowed: an IANA name"),
        ({"hours": {"monday": ("09:00-18:00",)}}, "given 'monday'; allowed: mon, tue, wed, thu, fri, sat, sun"),
        ({"hours": {"mon": ("9-18",)}}, "mon: given '9-18'; allowed: a span as 09:00-18:00"),
        ({"hours": {"mon": ("09:00-24:30",)}}, "given '09:00-24:30'"),
        ({"hours": {"mon": ("09:00-09:00",)}}, "which is empty; write 00:00-24:00 for the whole day"),
        ({"days": {"24.12.2026": ()}}, "days: given '24.12.2026'; allowed: a day as 2026-12-24"),
        ({"holidays": "XX"}, "holidays: given 'XX'; allowed: a country's code"),
        ({"holidays": "IN-ZZ"}, "holidays: given 'IN-ZZ'"),
    ],
)
def test_what_can_t_be_read_is_named(given, text):
    with pytest.raises(ValueError, match=r".") as error:
        CalendarConfig(**given)
    assert text in str(error.value)
