"""How often: codes sent and wrong codes taken, counted for an account, a claim, a contact and an address.

What is counted for is kept as a keyed hash.  A count is one row; its window begins with the first.

An account has several claims (its number, a phone, an e-mail address).  Its own count is never told: who knows two claims
could else use one up, and see at the other whether they are the same person's.  Where it is full no code is sent and none
is right, as if there were no such account.
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
    """Whom an attempt is counted for: `who` (an account, or a claim that is none), the claim, a contact, an address."""

    who: str
    claim: str = ""
    contact: str = ""
    address: str = ""


@attrs.frozen
class Counter:
    """One count: its key, how many are allowed, in how many seconds; `told`: that it is full may be said."""

    key: str
    most: int
    seconds: float
    told: bool = True


def counters(tenant: Tenant, keys: Keys, what: Literal["send", "wrong"], subject: Subject) -> list[Counter]:
    """The counts of an attempt, in one order, so that two who write them never wait for each other."""
    limits = tenant.config.limits
    if what == "send":
        account, contact, address = limits.account_sends, limits.contact_sends, limits.address_sends
        seconds = limits.send_seconds
    else:
        account, contact, address = limits.account_wrong, limits.contact_wrong, limits.address_wrong
        seconds = limits.wrong_seconds
    parts = (
        ("account", subject.who, account),
        ("claim", subject.claim, account),
        ("contact", subject.contact, contact),
        ("address", subject.address, address),
    )
    made = [
        Counter(key_of(keys, what, kind, value), most, seconds, kind != "account")
        for kind, value, most in parts
        if value
    ]
    return sorted(made, key=lambda one: one.key)


def key_of(keys: Keys, what: str, kind: str, value: str) -> str:
    """The key of a count."""
    return f"{what}:{kind}:{keys.digest('count', what, kind, value)[:32]}"


@attrs.frozen
class Wait:
    """The seconds until another attempt is allowed (0.0: now) by the counts that may be told, and by those that may not."""

    told: float = 0.0
    untold: float = 0.0


async def wait_for(tenant: Tenant, counted: Sequence[Counter]) -> Wait:
    """How long to wait until another attempt is allowed."""
    now = tenant.clock.now()
    rows = {row.key: row for row in await tenant.db.fetch(sql.COUNTS, {"p_keys": [one.key for one in counted]})}
    full = [
        (one.told, rows[one.key].since + one.seconds - now)
        for one in counted
        if one.key in rows and rows[one.key].n >= one.most
    ]
    told, untold = (max([0.0, *(float(wait) for kind, wait in full if kind is which)]) for which in (True, False))
    return Wait(told, untold)


def count(collected: Collected, counted: Sequence[Counter], now: float) -> None:
    """Count an attempt."""
    for one in counted:
        collected.write(sql.COUNT, {"key": one.key, "since": now, "p_before": now - one.seconds})


def clear(collected: Collected, counted: Sequence[Counter]) -> None:
    """Begin anew."""
    if counted:
        collected.write(sql.CLEAR, {"p_keys": [one.key for one in counted]})
