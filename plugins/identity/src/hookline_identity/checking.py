"""Whether a code is right: looked at, then settled with a condition, so that of two who try at once one wins.

A wrong code costs one of its tries, and counts against the account, the contact and the address.  A code whose address is
registered no more is void.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

from hookline.errors import GiveUp, ServiceUnavailable

from . import limits, registered
from . import statements as sql
from .codes import code_digest
from .limits import Subject
from .sealing import keys_of, same

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.tenant import Tenant

    from .sealing import Keys

Outcome = Literal["right", "wrong", "locked", "expired", "none"]


@attrs.frozen
class Verdict:
    """What a code is worth.

    `wrong`: with `tries_left`.  `locked`: no try is left, or too many wrong ones were made: `wait` seconds.  `none`:
    there is no such code any more (used, replaced, cancelled, or never was).  `row` is the challenge as it was seen.
    `unavailable`, `spent`: the code was not tried, as who checks it can't be asked, or takes no more tries for a while.
    """

    outcome: Outcome
    row: Any = None
    tries_left: int = 0
    wait: float = 0.0
    moved: bool = False
    unavailable: bool = False
    spent: bool = False


async def judge(tenant: Tenant, row: Any, code: str, contact: str, address: str) -> Verdict:
    """What the code is worth for the challenge `row` (None: there is none); nothing is changed."""
    keys, now = await keys_of(tenant), tenant.clock.now()
    wait = await limits.wait_for(tenant, limits.counters(tenant, keys, "wrong", _subject(keys, row, contact, address)))
    moved = await _moved(tenant, row)
    fits = same(code_digest(keys, row.id if row else "", code), row.digest if row else "0" * 64)
    if wait.told:
        return Verdict("locked", row, wait=wait.told)
    if row is None or row.state in ("used", "void"):
        return Verdict("none", row)
    if row.expires_at <= now:
        return Verdict("expired", row)
    if row.state == "locked" or row.tries_left <= 0:
        return Verdict("locked", row, wait=max(1.0, row.expires_at - now))
    if moved:
        return Verdict("none", row, moved=True)
    if wait.untold:
        fits = False
    elif row.backend == "twilio_verify" and row.state == "open":
        from .verify import Spent, checked

        try:
            fits = await checked(tenant, row, code)
        except Spent as spent:
            return Verdict("locked", row, wait=max(1.0, row.created_at + spent.seconds - now), spent=True)
        except (ServiceUnavailable, GiveUp) as error:
            tenant.log.warning("a code could not be checked", reason=str(error))
            return Verdict("wrong", row, row.tries_left, unavailable=True)
    if fits and row.state == "open" and row.target:
        return Verdict("right", row)
    left = row.tries_left - 1
    return Verdict("wrong", row, left) if left else Verdict("locked", row, wait=max(1.0, row.expires_at - now))


def settle(tenant: Tenant, keys: Keys, collected: Collected, verdict: Verdict, contact: str, address: str) -> None:
    """Write down what `judge` said; at the commit it is a `Conflict` where somebody else tried meanwhile."""
    row, now = verdict.row, tenant.clock.now()
    if (
        row is None
        or verdict.unavailable
        or verdict.spent
        or (verdict.outcome in ("none", "expired") and not verdict.moved)
    ):
        return
    about = row.conversation
    if verdict.moved:
        collected.write(sql.VOID, {"p_id": row.id, "p_reason": "moved"})
        collected.event("identity.voided", {"reason": "moved"}, conversation=about)
        return
    seen = {"p_id": row.id, "p_state": row.state, "p_tries": row.tries_left}
    counted = limits.counters(tenant, keys, "wrong", _subject(keys, row, contact, address))
    if verdict.outcome == "right":
        collected.write(sql.USE, seen, rows=1)
        limits.clear(collected, [one for one in counted if not one.key.startswith("wrong:address:")])
    elif row.state != "locked" and row.tries_left > 0 and row.expires_at > now and verdict.tries_left < row.tries_left:
        if verdict.outcome == "locked" and row.tries_left > 1:
            return  # by the counts: the code itself was not tried
        collected.write(sql.MISS, seen, rows=1)
        limits.count(collected, counted, now)
        collected.event("identity.missed", {"left": row.tries_left - 1}, conversation=about)
        if row.tries_left == 1:
            collected.audit("identity.locked", about, {"origin": row.origin})


def _subject(keys: Keys, row: Any, contact: str, address: str) -> Subject:
    """Whom a try at the challenge is counted for."""
    if row is None:
        return Subject("", "", contact, address)
    who = registered.account_digest(keys, row.account) if row.account else row.who
    return Subject(who, row.who, contact, address)


async def _moved(tenant: Tenant, row: Any) -> bool:
    """Whether the code went to an address that is the account's no more; looks as long for an account that is none."""
    keys = await keys_of(tenant)
    account = await tenant.hooks.find_account(row.account if row and row.account else "-")
    if row is None or not row.target:
        return False
    if account is None:
        return True
    return all(one.digest != row.target for one in registered.targets(tenant, keys, account))
