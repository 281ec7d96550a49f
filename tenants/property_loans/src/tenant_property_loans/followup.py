"""When the bot writes again: the day that the customer named, or one by how interested the customer is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from .config import FollowUp


@attrs.frozen
class Plan:
    """`at` is when, in the tenant's time zone; `by` is what decided: named, festival, high, medium or low."""

    at: dt.datetime
    by: str


class TooLate(ValueError):
    """The day that was named is over."""


class TooFar(ValueError):
    """The day that was named is further away than the lender promises."""


def plan(config: FollowUp, facts: Mapping[str, Any], interest: str, now: dt.datetime) -> Plan:
    """When to write again, `now` being the local time.

    `facts` are what the customer said: `date` ("2026-11-28"), `period` ({"from", "to"}), `time` ("17:00"), `part_of_day`,
    `festival`; what is not there was not said.  Raises `TooLate` and `TooFar`.
    """
    day = _day(facts, now.date())
    if day is None:
        if facts.get("festival"):
            day, by = now.date() + dt.timedelta(days=config.festival), "festival"
        elif facts.get("time") or facts.get("part_of_day"):
            day, by = now.date(), "named"
            if _at(config, facts, day, now) <= now:
                day += dt.timedelta(days=1)
        else:
            by = interest if interest in ("high", "medium", "low") else "medium"
            day = now.date() + dt.timedelta(days=getattr(config, by))
    else:
        by = "named"
    if day < now.date():
        raise TooLate
    if (day - now.date()).days > config.furthest:
        raise TooFar
    at = _at(config, facts, day, now)
    if at <= now:
        if facts.get("time") or facts.get("part_of_day"):
            raise TooLate
        at = now + dt.timedelta(hours=1)  # "today", and the usual hour is over
    return Plan(at, by)


def _day(facts: Mapping[str, Any], today: dt.date) -> dt.date | None:
    """The day that was named; of a period its first one that is still to come."""
    if isinstance(facts.get("date"), str):
        return dt.date.fromisoformat(facts["date"][:10])
    period = facts.get("period")
    if isinstance(period, Mapping) and period.get("from"):
        first = dt.date.fromisoformat(str(period["from"])[:10])
        last = dt.date.fromisoformat(str(period.get("to") or period["from"])[:10])
        return min(max(first, today + dt.timedelta(days=1)), max(first, last))
    return None


def _at(config: FollowUp, facts: Mapping[str, Any], day: dt.date, now: dt.datetime) -> dt.datetime:
    """The day with the hour that was named or is usual."""
    hour, minute = config.hour, 0
    part = facts.get("part_of_day")
    if part in ("morning", "afternoon", "evening"):
        hour = getattr(config, part)
    if isinstance(facts.get("time"), str):
        hour, minute = (int(piece) for piece in facts["time"].split(":")[:2])
    return dt.datetime.combine(day, dt.time(hour, minute), now.tzinfo)
