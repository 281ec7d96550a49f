"""Slows down guessing of passwords: attempts are counted before the password is looked at, in the database.

Three counts, each with its limit: of an account from one address, of an address for whatever account, and of an
account from everywhere.  The third leaves out addresses from which somebody has signed in to it before; so a stranger can lock
nobody out of where they work.  An attempt that is refused is not counted: waiting as long as it says is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .clock import Clock
from .db import Database, Op, Script
from .models import login_attempt, staff_login

b = sa.bindparam

FIRST_WAIT, LONGEST_WAIT = 30.0, 900.0
"""Seconds: the wait doubles with each attempt beyond the limit."""
FORGOTTEN_AFTER = 3600.0
"""Seconds after the last attempt, or the end of the wait, after which counting begins anew."""
_KNOWN_FOR = 90 * 86400.0

_INSERT = {
    "sqlite": sqlite.insert(login_attempt).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(login_attempt).on_conflict_do_nothing(),
}
_KEY = (login_attempt.c.tenant == b("p_tenant"), login_attempt.c.key == b("p_key"))
_LOOK = (
    sa.select(login_attempt.c.failures, login_attempt.c.last_at, login_attempt.c.blocked_until)
    .where(*_KEY)
    .with_for_update()
)
_COUNT = (
    sa.update(login_attempt)
    .where(*_KEY)
    .values(failures=b("p_failures"), last_at=b("p_now"), blocked_until=b("p_until"))
)
_CLEAR = sa.delete(login_attempt).where(*_KEY)
_TAKE_BACK = (
    sa.update(login_attempt)
    .where(*_KEY, login_attempt.c.failures > 0)
    .values(
        failures=login_attempt.c.failures - 1,
        # only the wait that this very attempt has begun
        blocked_until=sa.case(
            (login_attempt.c.blocked_until == b("p_until"), 0.0), else_=login_attempt.c.blocked_until
        ),
    )
)
_FORGET = sa.delete(login_attempt).where(
    login_attempt.c.tenant == b("p_tenant"),
    login_attempt.c.last_at < b("p_before"),
    login_attempt.c.blocked_until < b("p_before"),
)
_KNOWN = (
    sa.select(staff_login.c.id)
    .where(
        staff_login.c.tenant == b("p_tenant"),
        staff_login.c.staff == b("p_staff"),
        staff_login.c.address == b("p_address"),
        staff_login.c.created_at > b("p_after"),
    )
    .limit(1)
)


@attrs.frozen
class Counted:
    """One count: its key in the table, and how many attempts are free."""

    key: str
    limit: int


@attrs.frozen
class Attempt:
    """An attempt: `wait` 0.0 if it may go on, else the seconds to wait.  `waits` are those that it has begun, by key."""

    wait: float
    waits: Mapping[str, float] = attrs.Factory(dict)


class Throttle:
    """Counts the attempts to sign in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def begin(self, tenant: str, account: str, address: str, staff: str = "") -> Attempt:
        """Count an attempt, if it may go on.

        `account` is the address that was typed, whether there is such an account or not; `staff` the id of the
        account, if there is one; `address` the client's.
        """
        now = self.clock.now()
        counts = counts_of(account, address)
        values = {"p_tenant": tenant, "p_staff": staff, "p_address": address, "p_after": now - _KNOWN_FOR}
        if await self.database.fetch(_KNOWN, values, tenant=tenant):
            counts = counts[:2]
        return await self.database.run(self._begin(tenant, counts, now), tenant=tenant)

    async def succeeded(self, tenant: str, account: str, address: str, attempt: Attempt) -> None:
        """The attempt that was counted was none to guess."""
        pair = counts_of(account, address)[0].key

        def script() -> Script[None]:
            for key, until in sorted(attempt.waits.items()):
                if key == pair:
                    yield Op(_CLEAR, {"p_tenant": tenant, "p_key": key})
                else:
                    yield Op(_TAKE_BACK, {"p_tenant": tenant, "p_key": key, "p_until": until})

        await self.database.run(script(), tenant=tenant)

    async def clear(self, tenant: str, account: str) -> None:
        """Let go of what was counted for the account from everywhere."""
        key = counts_of(account, "")[2].key

        def script() -> Script[None]:
            yield Op(_CLEAR, {"p_tenant": tenant, "p_key": key})

        await self.database.run(script(), tenant=tenant)

    def _begin(self, tenant: str, counts: Sequence[Counted], now: float) -> Script[Attempt]:
        yield Op(_FORGET, {"p_tenant": tenant, "p_before": now - 86400.0})
        found: list[tuple[Counted, int]] = []
        wait = 0.0
        for one in sorted(counts, key=lambda c: c.key):  # in one order, so that two never wait for each other
            yield Op(
                _INSERT[self.database.dialect],
                {"tenant": tenant, "key": one.key, "failures": 0, "last_at": now, "blocked_until": 0.0},
            )
            (row,) = (yield Op(_LOOK, {"p_tenant": tenant, "p_key": one.key})).rows
            wait = max(wait, row.blocked_until - now)
            rested = now - max(row.last_at, row.blocked_until) > FORGOTTEN_AFTER
            found.append((one, 0 if rested else row.failures))
        if wait > 0:
            return Attempt(wait)
        waits = {}
        for one, failures in found:
            excess = failures + 1 - one.limit
            until = now + min(FIRST_WAIT * 2.0 ** min(excess, 10), LONGEST_WAIT) if excess >= 0 else 0.0
            values = {"p_tenant": tenant, "p_key": one.key, "p_failures": failures + 1, "p_now": now, "p_until": until}
            yield Op(_COUNT, values)
            waits[one.key] = until
        return Attempt(0.0, waits)


def counts_of(account: str, address: str) -> list[Counted]:
    """What an attempt is counted for; the table shows neither addresses nor what was typed."""
    return [
        Counted(_hashed("pair", account, address), 5),
        Counted(_hashed("address", address), 30),
        Counted(_hashed("account", account), 50),
    ]


def _hashed(*parts: str) -> str:
    return parts[0] + ":" + hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]
