"""The registered addresses of an account: which of them a code may go to, by which way, and what is shown of them.

An address that was registered lately gets no code: somebody who could change the record could else take the account over
at once.  What was there when the account was first seen may be used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import phonenumbers

from hookline import formats

from . import statements as sql

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.message import Account
    from hookline.tenant import Tenant

    from .sealing import Keys

DOTS = "••••"
_PHONE = re.compile(r"\+?\d(?:[ .()/-]*\d){6,14}")
_TAKES = {
    "sms": ("sms", "phone"),
    "whatsapp": ("whatsapp",),
    "voice": ("voice", "phone", "sms"),
    "email": ("email",),
}
"""Which kinds of registered addresses a way can use."""


@attrs.frozen
class Target:
    """Where a code goes: the way, what sends it, the address, and its keyed hash."""

    way: str
    backend: str
    address: str
    digest: str


def claim_of(tenant: Tenant, keys: Keys, claim: str) -> str:
    """The keyed hash of a claim; a phone number is one claim, however it is written."""
    plain = "".join(c for c in claim.casefold() if c.isalnum() or c in "+@.")
    return keys.digest("who", "claim", phone_in(tenant, claim) or plain)


def who_is(tenant: Tenant, keys: Keys, account: Account | None, claim: str) -> str:
    """Whom a claim means, as a keyed hash: the account, or the claim where there is none."""
    return account_digest(keys, account.id) if account else claim_of(tenant, keys, claim)


def account_digest(keys: Keys, account: str) -> str:
    """The keyed hash of an account, by its id."""
    return keys.digest("who", "account", account)


def targets(tenant: Tenant, keys: Keys, account: Account) -> list[Target]:
    """All addresses that a code could go to, by the tenant's order of ways, then the account's."""
    found = []
    for way, backend in tenant.config.deliver.items():
        for kind, address in account.addresses:
            if kind in _TAKES[way] and (known := canonical(tenant, kind, address)):
                found.append(Target(way, backend, known, digest_of(keys, account.id, known)))
    return found


def canonical(tenant: Tenant, kind: str, address: str) -> str:
    """An address as it is sent to: a phone number as +491701234567; "" for one that can't be."""
    address = address.strip()
    if kind == "email":
        return address if "@" in address and not any(c.isspace() or c in "<>," for c in address) else ""
    try:
        number = phonenumbers.parse(address.removeprefix("whatsapp:"), formats.region(tenant.settings))
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_in(tenant: Tenant, claim: str) -> str:
    """The phone number that the claim is, as +491701234567; "" for any other claim."""
    return canonical(tenant, "phone", claim) if _PHONE.fullmatch(claim.strip()) else ""


async def account_of(tenant: Tenant, claim: str) -> Account | None:
    """Whom the claim means.  A phone number is looked for as it was written and in full, so that it is one however it is written."""
    account: Account | None = await tenant.hooks.find_account(claim)
    phone = phone_in(tenant, claim)
    if phone and phone != claim:  # in any case: the work shall not tell whether there is an account
        in_full: Account | None = await tenant.hooks.find_account(phone)
        account = account or in_full
    return account


def digest_of(keys: Keys, account: str, address: str) -> str:
    """The keyed hash of an address of the account."""
    return keys.digest("address", account, address.casefold())


async def usable(
    tenant: Tenant, keys: Keys, collected: Collected, who: str, account: Account | None
) -> tuple[Sequence[Target], str]:
    """The addresses that a code may go to now, and why there is none; new ones are noted.

    It reads the same whether there is an account or not.
    """
    now = tenant.clock.now()
    rows = await tenant.db.fetch(sql.SEEN, {"p_who": who})
    if account is None:  # something to remember here too, so that it is as much work
        nobody = digest_of(keys, "", who)
        if nobody not in {row.target for row in rows}:
            collected.write(sql.SEE, [{"who": who, "target": nobody, "seen_at": now, "first": sql.DECOY}])
        return (), "unknown"
    all_targets = targets(tenant, keys, account)
    known = {row.target: row for row in rows}
    there = {one.digest for one in all_targets}
    first = 0 if known else 1
    fresh = [{"who": who, "target": one, "seen_at": now, "first": first} for one in sorted(there - set(known))]
    if fresh:
        collected.write(sql.SEE, fresh)
    if not all_targets:  # what was seen stays, and this is remembered: what is registered next is new all the same
        if not known:
            mark = {"who": who, "target": digest_of(keys, account.id, ""), "seen_at": now, "first": 0}
            collected.write(sql.SEE, [mark])
        return (), "unreachable"
    gone = sorted(set(known) - there)
    if gone:
        collected.write(sql.UNSEE, {"p_who": who, "p_targets": gone})
    cool = tenant.config.cooldown_seconds
    ready = [
        one
        for one in all_targets
        if not known or (one.digest in known and (known[one.digest].first or known[one.digest].seen_at + cool <= now))
        or not cool
    ]  # fmt: skip
    return ready, "" if ready else "changed"


def mask_of(tenant: Tenant, keys: Keys, target: Target | None, claim: str) -> str:
    """What is shown of the address; of a claim that is no account's, what one could have.

    Nothing is shown where codes go to phones and to mailboxes: whichever it were, only a customer has the rarer kind.  Nor
    to who gives a phone number: of a customer it would be that number's own end.
    """
    if (
        tenant.config.mask == "none"
        or phone_in(tenant, claim)
        or len({way == "email" for way in tenant.config.deliver}) > 1
    ):
        return ""
    if target is None:
        way = next(iter(tenant.config.deliver), "sms")
        plain = "".join(c for c in claim.casefold() if c.isalnum())
        number = int(keys.digest("decoy", plain)[:12], 16)
        return f"{DOTS}@{DOTS}" if way == "email" else f"{DOTS}{number % 100:02d}"
    if target.way == "email":
        return f"{DOTS}@{DOTS}"
    return f"{DOTS}{target.address[-2:]}"
