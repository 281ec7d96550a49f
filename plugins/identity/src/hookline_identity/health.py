"""Whether the plugin may run, and how sending does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.errors import ConfigError

from .models import challenge
from .sealing import keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.tenant import Tenant

_LATELY = 3600.0
_UNDELIVERED = sa.select(sa.func.count().label("n")).where(
    challenge.c.reason == "undelivered", challenge.c.created_at > sa.bindparam("p_after")
)


async def ready(tenant: Tenant) -> None:
    """Make the key, load what sends; raises `ConfigError` for a demo's backend on a public server."""
    config = tenant.config
    if "folder" in config.deliver.values() and tenant.settings.public_url:
        raise ConfigError(
            f'tenant {tenant.name!r}: plugins.identity.deliver: "folder" sends nobody anything and is for a demo on one\'s own '
            f"machine; this tenant has a public_url ({tenant.settings.public_url}): name a backend that sends, or take public_url out"
        )
    await keys_of(tenant)
    if {"twilio", "twilio_verify"} & set(config.deliver.values()):
        from .twilioclient import load

        await asyncio.to_thread(load)


async def state(tenant: Tenant) -> Mapping[str, Any]:
    """What is set up, and whether codes were not taken lately."""
    config = tenant.config
    if not config.deliver:
        return {"identity": {"status": "off", "detail": "no way to send codes: [plugins.identity] deliver names none"}}
    lacking = [name for name in dict.fromkeys(config.deliver.values()) if _lacks(config, name)]
    if lacking:
        return {"identity": {"status": "down", "detail": f"a secret is not set for {', '.join(lacking)}"}}
    (found,) = await tenant.db.fetch(_UNDELIVERED, {"p_after": tenant.clock.now() - _LATELY})
    if found.n:
        return {"identity": {"status": "degraded", "detail": f"{found.n} codes were not taken in the last hour"}}
    return {"identity": {"status": "ok", "ways": ", ".join(config.deliver)}}


def _lacks(config: Any, backend: str) -> bool:
    if backend in ("twilio", "twilio_verify"):
        return not getattr(config, backend).auth_token
    return backend == "webhook" and not config.webhook.secret
