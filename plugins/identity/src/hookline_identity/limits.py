"""How often: codes sent and wrong codes taken, counted for an account, a contact and an address.

What is counted for is kept as a keyed hash.  A count is one row; its window begins with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import attrs

from . import statements as sql

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.tenant import Tenant

    from .sealing import Keys


@attrs.frozen
class Subject:
    """Whom an attempt is counted for: `who` (an account, or a claim that is none), a contact and an address."""

    who: str
    contact: str = ""
    address: str = ""


@attrs.frozen
class Counter:
    """One count: its key, how many are allowed, in how many seconds."""

    key: str
    most: int
    seconds: float


def counters(tenant: Tenant, keys: Keys, what: Literal["send", "wrong"], subject: Subject) -> list[Counter]:
    """The counts of an attempt, in one order, so that two who write them never wait for each other."""
    limits = tenant.config.limits
    if what == "send":
        most, seconds = (limits.account_sends, limits.contact_sends, limits.address_sends), limits.send_seconds
    else:
        most, seconds = (limits.account_wrong, limits.contact_wrong, limits.address_wrong), limits.wrong_seconds
    parts = (("account", subject.who), ("contact", subject.contact), ("address", subject.address))
    made = [
        Counter(key_of(keys, what, kind, value), limit, seconds)
        for (kind, value), limit in zip(parts, most, strict=True)
        if value
    ]
    return sorted(made, key=lambda one: one.key)


def key_of(keys: Keys, what: str, kind: str, value: str) -> str:
    """The key of a count."""
    return f"{what}:{kind}:{keys.digest('count', what, kind, value)[:32]}"


async def wait_for(tenant: Tenant, counted: Sequence[Counter]) -> float:
    """The seconds until another attempt is allowed; 0.0: now."""
    now = tenant.clock.now()
    rows = {row.key: row for row in await tenant.db.fetch(sql.COUNTS, {"p_keys": [one.key for one in counted]})}
    waits = [
        rows[one.key].since + one.seconds - now for one in counted if one.key in rows and rows[one.key].n >= one.most
    ]
    return float(max([0.0, *waits]))


def count(collected: Collected, counted: Sequence[Counter], now: float) -> None:
    """Count an attempt."""
    for one in counted:
        collected.write(sql.COUNT, {"key": one.key, "since": now, "p_before": now - one.seconds})


def clear(collected: Collected, counted: Sequence[Counter]) -> None:
    """Begin anew."""
    if counted:
        collected.write(sql.CLEAR, {"p_keys": [one.key for one in counted]})
