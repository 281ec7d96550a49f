"""The jobs that send a code: it is opened in the account's own lane, then goes out; text and code meet only here.

Opening comes first and is committed, so that whoever gets the code can use it at once; in the account's lane nobody gets more than
are allowed, however many ask at the same time.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from hookline.errors import GiveUp, ServiceUnavailable

from . import registered
from . import statements as sql
from .sealing import Unsealable, keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookline.message import Job
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .registered import Target

_MODULES = {
    "twilio": "twiliosender", "twilio_verify": "verify", "smtp": "mail", "webhook": "webhook", "folder": "outgoing",
}  # fmt: skip
_PATIENT = 3  # tries by one way before the next is taken


@attrs.frozen(repr=False)
class Letter:
    """What goes out: never logged, never stored.  `ident` is the same at each try."""

    ident: str
    way: str
    address: str
    code: str
    text: str
    subject: str
    language: str


class Sender(Protocol):
    """A module that sends."""

    async def send(self, tenant: Tenant, letter: Letter) -> None:
        """Hand it over; raises `ServiceUnavailable` (try again) or `GiveUp` (it will never work), saying neither code
        nor address."""


async def open_code(tenant: Tenant, turn: Turn, payload: Mapping[str, Any]) -> None:
    """Let the code be used from now on, and have it sent, unless the account has had too many."""
    ident, now = str(payload["challenge"]), tenant.clock.now()
    rows = await tenant.db.fetch(sql.GET, {"p_id": ident})
    if not rows or rows[0].state != "queued":
        return
    row, allowed = rows[0], tenant.config.limits
    lately = {"p_who": row.who, "p_account": row.account, "p_after": now - allowed.send_seconds}
    (sent,) = await tenant.db.fetch(sql.SENT_LATELY, lately)
    if sent.n >= allowed.account_sends:
        # It is open all the same, and goes nowhere: nobody shall see that it was one too many.
        turn.write(sql.KEEP_BACK, {"p_id": ident, "p_reason": "limit"})
        return
    turn.write(sql.OPEN, {"p_id": ident, "p_now": now}, rows=1)
    turn.job("send", payload, key=ident)


async def send_code(tenant: Tenant, turn: Turn, job: Job) -> None:
    """Send the code to a registered address: by the way it was meant for, or where that fails by the next."""
    ident = str(job.payload["challenge"])
    rows = await tenant.db.fetch(sql.GET, {"p_id": ident})
    if not rows or rows[0].state != "open" or rows[0].expires_at <= tenant.clock.now():
        return
    row, keys = rows[0], await keys_of(tenant)
    account = await tenant.hooks.find_account(row.account or "-")
    if not row.target:
        return  # nobody to send it to
    all_targets = registered.targets(tenant, keys, account) if account else []
    first = [one for one in all_targets if one.digest == row.target and one.way == row.way]
    if not first:
        turn.write(sql.VOID, {"p_id": ident, "p_reason": "moved"})
        return
    who = registered.account_digest(keys, row.account)
    seen = {one.target for one in await tenant.db.fetch(sql.SEEN, {"p_who": who}) if one.first == 1}
    others = [one for one in all_targets if one not in first and one.digest in seen and one.backend != "twilio_verify"]
    try:
        code = keys.unseal(str(job.payload["code"]), ident)
    except Unsealable as error:
        raise GiveUp(f"a code can't be sent: {error}") from None
    used = await _by_one_of(tenant, [first[0], *others], ident, code, str(job.payload.get("language", "")), job.attempt)
    if used is None:
        turn.write(sql.SENT_BY, _by(first[0], ident, "undelivered"))
        turn.event("identity.undelivered", {"way": row.way}, conversation=row.conversation)
        return
    turn.write(sql.SENT_BY, _by(used, ident, ""))
    turn.event("identity.sent", {"way": used.way, "backend": used.backend}, conversation=row.conversation)


def _by(target: Target, ident: str, reason: str) -> dict[str, str]:
    return {
        "p_id": ident, "p_way": target.way, "p_backend": target.backend, "p_target": target.digest, "p_reason": reason,
    }  # fmt: skip


async def _by_one_of(
    tenant: Tenant, ways: Sequence[Target], ident: str, code: str, language: str, attempt: int
) -> Target | None:
    """The first of the ways that took it; None if none did."""
    for n, target in enumerate(ways):
        last = n == len(ways) - 1
        try:
            await sender_of(target.backend).send(tenant, letter(tenant, target, ident, code, language))
        except GiveUp as error:
            tenant.log.warning("a code was not taken", way=target.way, backend=target.backend, reason=str(error))
        except ServiceUnavailable as error:
            if attempt < (tenant.settings.turns.attempts if last else _PATIENT):
                raise
            tenant.log.warning("a code goes another way", way=target.way, backend=target.backend, reason=str(error))
        else:
            return target
    return None


def letter(tenant: Tenant, target: Target, ident: str, code: str, language: str) -> Letter:
    """The message with its code, in the customer's language."""
    minutes = max(1, round(tenant.config.otp.seconds / 60))
    told = {"code": code, "minutes": minutes, "title": tenant.settings.title}
    key = {"voice": "identity-call", "email": "identity-mail"}.get(target.way, "identity-text")
    if target.way == "voice":
        told["code"] = ", ".join(code)
    return Letter(
        ident,
        target.way,
        target.address,
        code,
        tenant.phrase(key, language, **told),
        tenant.phrase("identity-mail-subject", language, title=tenant.settings.title),
        language or tenant.settings.language,
    )


def sender_of(backend: str) -> Sender:
    """The module of a backend, imported when it is needed."""
    found: Any = importlib.import_module(f".{_MODULES[backend]}", __package__)
    return found  # type: ignore[no-any-return]  # a module is a Sender by its function
