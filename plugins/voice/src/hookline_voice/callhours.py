"""When somebody may be called: not in the quiet hours of the place where they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hookline import formats

if TYPE_CHECKING:
    from hookline.settings import Settings

    from .callsconfig import Outbound


def zones(address: str, settings: Settings) -> Sequence[dt.tzinfo]:
    """The time zones that a number may be in; the tenant's where it says none."""
    import phonenumbers
    from phonenumbers import timezone

    try:
        named = timezone.time_zones_for_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        named = ()
    found: list[dt.tzinfo] = []
    for name in named:
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return found or [formats.timezone(settings)]


def quiet_until(address: str, now: float, hours: Outbound, settings: Settings) -> float:
    """When the number may be called next: `now` outside of the quiet hours.

    A number that may be in several zones is called when it is day in all of them; where that is never, as from coast to coast of
    a very wide country with short hours, in the first.
    """
    places = zones(address, settings)
    at = now
    for _ in range(48):
        until = max(_until(at, zone, hours) for zone in places)
        if until <= at:
            return at
        at = until
    return _until(now, places[0], hours)


def _until(at: float, zone: dt.tzinfo, hours: Outbound) -> float:
    local = dt.datetime.fromtimestamp(at, zone)
    start, end = _clock(hours.quiet_from), _clock(hours.quiet_until)
    if start == end:
        return at
    time = local.time()
    quiet = (start <= time < end) if start < end else (time >= start or time < end)
    if not quiet:
        return at
    day = local.date() + dt.timedelta(days=1 if start > end and time >= start else 0)
    return dt.datetime.combine(day, end, zone).timestamp()


def _clock(text: str) -> dt.time:
    return dt.time.fromisoformat(text)
