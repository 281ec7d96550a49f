"""Days as facts, and whether a message speaks of the past: what both kinds of dates share."""

from __future__ import annotations

import datetime as dt

from . import calendars as names
from .reading import Found, Reading

ORDINALS = {"st", "nd", "rd", "th", "er", "e", "eme", "ere", "tarikh", "तारीख"}
_HAPPENED = set(
    "was were had did paid bought received since depuis etait ai came got made sent debited charged happened failed transferred ordered debite preleve "
    "paye recu envoye achete vire retire effectue hier".split()
)


def past(reading: Reading) -> bool:
    """Whether a verb of the message is in the past."""
    return bool(reading.keys & (names.PAST | _HAPPENED))


def date(year: int, month: int, day: int) -> dt.date | None:
    """The day, if there is such a one."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def found(day: dt.date, start: int, end: int, confidence: float) -> Found:
    """A day as a fact."""
    return Found("date", day.isoformat(), start, end, "", confidence, 65)


def period(begin: dt.date, finish: dt.date, start: int, end: int) -> Found:
    """A period as a fact."""
    return Found("period", {"from": begin.isoformat(), "to": finish.isoformat()}, start, end, "", 0.9, 66)
