"""The backend `webhook`: codes to a system of one's own, which sends them on; requests are signed (standardwebhooks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import msgspec

from hookline.errors import GiveUp, ServiceUnavailable
from hookline.signing import signed_headers

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .sending import Letter

_RETRIED = (408, 425, 429)
_SECONDS = 20.0


async def send(tenant: Tenant, letter: Letter) -> None:
    """Post `otp.requested`; `webhook-id` is the same at each try."""
    config = tenant.config.webhook
    data = {
        "way": letter.way,
        "to": letter.address,
        "code": letter.code,
        "text": letter.text,
        "language": letter.language,
    }
    body = msgspec.json.encode({"type": "otp.requested", "tenant": tenant.name, "data": data})
    ident = f"otp-{letter.ident}-{letter.way}"
    headers = {"Content-Type": "application/json"}
    if config.secret:
        headers |= signed_headers(config.secret.value, ident, body, tenant.clock.now())
    else:
        raise GiveUp("webhook.secret is not set: a code is sent in signed requests only")
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with tenant.http.post(
            config.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ServiceUnavailable(f"the receiver of codes does not answer: {type(error).__name__}") from None
    if status in _RETRIED or status >= 500:
        raise ServiceUnavailable(f"the receiver of codes answered {status}")
    if status >= 300:
        raise GiveUp(
            f"the receiver of codes answered {status}: look at `url` and `secret` in [plugins.identity.webhook]"
        )
