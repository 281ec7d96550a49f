"""Asking for a code: who may have one, now, and where it goes.

All is done alike whether the claim is an account's or not: the same reads, the same rows, the same jobs, the same answer.
So neither the answer nor its time tells who is a customer.  Only the job that would send finds nobody to send to.

What an answer depends on is kept by the claim, not by the account that it means, so that two claims of one person look like
those of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from hookline.ledger import new_id

from . import limits, registered
from . import statements as sql
from .limits import Subject
from .sealing import keys_of, new_code

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.message import Account
    from hookline.tenant import Tenant

    from .sealing import Keys

KEPT = 7 * 86_400.0
"""Seconds for which codes that are over are kept, for the staff to see what happened."""


@attrs.frozen
class Wanted:
    """Who wants a code: `claim` as typed, the `account` that it means, where, and whence (an address)."""

    claim: str
    account: Account | None
    conversation: str = ""
    contact: str = ""
    address: str = ""
    origin: Literal["turn", "http"] = "turn"
    language: str = ""


@attrs.frozen
class Asked:
    """What came of it: `sent` (a code is on its way, if there is somebody to get it), or to `wait` so many seconds.

    `limited`: because too many were asked for.  `mask` is what may be shown of the address.
    """

    mask: str = ""
    wait: float = 0.0
    limited: bool = False
    challenge: str = ""

    @property
    def sent(self) -> bool:
        """Whether a code is on its way."""
        return not self.wait


async def ask_for(tenant: Tenant, collected: Collected, wanted: Wanted) -> Asked:
    """Make a code and have it sent, with what `collected` commits; or say how long to wait."""
    keys, now, config = await keys_of(tenant), tenant.clock.now(), tenant.config
    who = registered.who_is(tenant, keys, wanted.account, wanted.claim)
    claim = registered.claim_of(tenant, keys, wanted.claim)  # whatever is told goes by it, never by the account
    subject = Subject(who, claim, wanted.contact, wanted.address)
    counted = limits.counters(tenant, keys, "send", subject)
    blocked = await limits.wait_for(tenant, [*counted, *limits.counters(tenant, keys, "wrong", subject)])
    latest = await tenant.db.fetch(sql.NEWEST_OF, {"p_who": claim})
    before = await tenant.db.fetch(sql.NEWEST_HERE, {"p_conversation": wanted.conversation or "-"})
    ready, why = await registered.usable(tenant, keys, collected, who, wanted.account)
    if blocked.untold:
        ready, why = (), "limit"
    n = before[0].n + 1 if before and before[0].who == claim and before[0].created_at > now - config.otp.seconds else 0
    target = ready[n % len(ready)] if ready else None
    shown = target or _any(tenant, keys, wanted.account)
    mask = "" if n else registered.mask_of(tenant, keys, shown, wanted.claim)  # only a customer has a second address
    if blocked.told:
        return Asked(mask, blocked.told, limited=True)
    rest = max([0.0, *(row.created_at + config.otp.resend_seconds - now for row in (*latest, *before))])
    if rest > 0:
        return Asked(mask, rest)
    ident, code = new_id(), new_code()
    live = {"p_conversation": wanted.conversation} if wanted.conversation else {"p_who": claim}
    collected.write(sql.REPLACE_HERE if wanted.conversation else sql.REPLACE_WITHOUT_SESSION, live)
    for statement in (sql.FORGET_OLD, sql.FORGET_COUNTS, sql.FORGET_DECOYS):
        collected.write(statement, {"p_before": now - KEPT})
    collected.write(
        sql.MAKE,
        {
            "id": ident,
            "who": claim,
            "account": wanted.account.id if wanted.account else "",
            "conversation": wanted.conversation,
            "contact": wanted.contact,
            "origin": wanted.origin,
            "way": target.way if target else "",
            "backend": target.backend if target else "",
            "target": target.digest if target else "",
            "mask": mask,
            "digest": code_digest(keys, ident, code),
            "state": "queued",
            "reason": why,
            "tries_left": config.otp.tries,
            "n": n,
            "created_at": now,
            "expires_at": now + config.otp.seconds,
            "sent_at": None,
        },
    )
    limits.count(collected, counted, now)
    payload = {"challenge": ident, "code": keys.seal(code, ident), "language": wanted.language}
    collected.job("open", payload, key=ident, lane=f"identity:{who[:32]}")
    collected.event("identity.asked", {"origin": wanted.origin, "n": n}, conversation=wanted.conversation)
    return Asked(mask, challenge=ident)


def code_digest(keys: Keys, ident: str, code: str) -> str:
    """What is kept of a code."""
    return keys.digest("code", ident, code)


def _any(tenant: Tenant, keys: Keys, account: Account | None) -> registered.Target | None:
    """An address of the account that gets no code now: it is shown all the same, as its being new is nobody's affair."""
    found = registered.targets(tenant, keys, account) if account else []
    return found[0] if found else None
