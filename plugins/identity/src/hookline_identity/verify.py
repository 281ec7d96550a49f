"""The backend `twilio_verify`: Twilio makes the code, sends it and checks it; ours is then of no use.

Source: the published description verify_v2 (Verifications, VerificationCheck).  A check can't be repeated: Twilio forgets a
verification once it is approved.  What was approved is remembered for a while, for a turn that runs again.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from hookline.errors import GiveUp
from hookline.tenant import ResourceKey

from . import registered
from .sealing import keys_of
from .twilioclient import Busy, Refused, client_of, done

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .sending import Letter

_CHANNELS = {"sms": "sms", "whatsapp": "whatsapp", "voice": "call", "email": "email"}
_MOST = 1000
_LASTS = 600.0  # seconds that a verification lasts
_TOO_MANY_SENDS, _TOO_MANY_CHECKS = 60203, 60202


class Spent(Exception):
    """Twilio takes no more tries until the verification is over: `seconds` after it began, at the latest."""

    seconds = _LASTS


class _Approved:
    """The codes that Twilio has approved, by their hash."""

    def __init__(self) -> None:
        self.known: OrderedDict[str, None] = OrderedDict()


async def send(tenant: Tenant, letter: Letter) -> None:
    """Have Twilio make a code and send it.

    The limit of five sends to one address holds until the verification is over: then another way is better than to wait.
    """
    config = tenant.config.twilio_verify
    client = await client_of(tenant, config)
    service = client.verify.v2.services(config.service_sid)
    try:
        await done(service.verifications.create_async(to=letter.address, channel=_CHANNELS[letter.way]))
    except Busy as busy:
        if busy.code == _TOO_MANY_SENDS:
            raise GiveUp(str(busy)) from None
        raise


async def checked(tenant: Tenant, row: Any, code: str) -> bool:
    """Whether Twilio approves the code; raises `Spent` and `ServiceUnavailable`."""
    keys, config = await keys_of(tenant), tenant.config.twilio_verify

    async def make() -> _Approved:
        return _Approved()

    approved = (await tenant.keep(ResourceKey[_Approved]("approved"), make)).known
    mark = keys.digest("approved", row.id, code)
    if mark in approved:
        return True
    account = await tenant.hooks.find_account(row.account)
    found = [one for one in registered.targets(tenant, keys, account) if one.digest == row.target] if account else []
    if not found:
        return False
    client = await client_of(tenant, config)
    checks = client.verify.v2.services(config.service_sid).verification_checks
    try:
        result = await done(checks.create_async(to=found[0].address, code=code))
    except Refused as refused:
        if refused.status == 404:  # none is under way: approved before, expired, or tried too often
            return False
        raise
    except Busy as busy:
        if busy.code == _TOO_MANY_CHECKS:
            raise Spent from None
        raise
    if result.status != "approved":
        return False
    approved[mark] = None
    while len(approved) > _MOST:
        approved.popitem(last=False)
    return True
