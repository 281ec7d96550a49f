"""A period of whole days in a time zone, and the figures that are made of durations."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from hookline.problems import Problem
from hookline.spreadsheet import lines

from .floorbodies import Spread
from .hours import Hours

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_MOST_DAYS = 400


@attrs.frozen
class Period:
    """From the beginning of a day until the end of another one (`until` is excluded), in a zone."""

    since: float
    until: float
    zone: ZoneInfo

    def day(self, at: float) -> str:
        """The day of that time in the zone."""
        return dt.datetime.fromtimestamp(at, self.zone).date().isoformat()


def read_period(query: Mapping[str, str], default_zone: str, now: float) -> Period:
    """`from`, `to` (days, both included; the last seven if left out) and `timezone` of a query; raises `Problem` 400."""
    name = query.get("timezone") or default_zone or "UTC"
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem(
            400, f"timezone: given {name[:60]!r}; allowed: an IANA name as Asia/Kolkata", field="timezone"
        ) from None
    today = dt.datetime.fromtimestamp(now, zone).date()
    last = _day(query, "to", today)
    first = _day(query, "from", last - dt.timedelta(days=6))
    if not 0 <= (last - first).days < _MOST_DAYS:
        raise Problem(400, f"from: at most {_MOST_DAYS} days, and not after `to`", field="from")
    after = last + dt.timedelta(days=1)
    since, until = (dt.datetime.combine(day, dt.time(), zone).timestamp() for day in (first, after))
    return Period(since, until, zone)


def zone_of(tenant: Tenant) -> ZoneInfo:
    """Whose days count for the tenant: `desk.timezone`, else that of its default calendar."""
    named = tenant.config.desk.timezone
    return ZoneInfo(named) if named else Hours(tenant.config.calendars.get("default")).zone


def _day(query: Mapping[str, str], name: str, default: dt.date) -> dt.date:
    given = query.get(name, "")
    if not given:
        return default
    try:
        day = dt.date.fromisoformat(given)
    except ValueError:
        raise Problem(400, f"{name}: given {given[:40]!r}; allowed: a day as 2026-11-01", field=name) from None
    if not 1971 <= day.year <= 9990:
        raise Problem(400, f"{name}: given {given[:40]!r}; allowed: a day from 1971 on", field=name)
    return day


def spread(durations: Iterable[float]) -> Spread:
    """How many, the median, and the 90th percentile (the smallest that at least nine in ten do not exceed)."""
    told = sorted(durations)
    if not told:
        return Spread(0, None, None)
    return Spread(len(told), statistics.median(told), told[math.ceil(0.9 * len(told)) - 1])


def share(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """The rows as CSV (RFC 4180, UTF-8 with a mark for spreadsheets); no cell is a formula to a spreadsheet."""
    return "\ufeff" + lines([columns, *([_rounded(row[name]) for name in columns] for row in rows)])


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
