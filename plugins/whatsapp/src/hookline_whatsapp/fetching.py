"""Gets files from providers: by the checked fetcher, so that a payload can't lead us inside our own network."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from yarl import URL

from hookline.addresses import Allowed
from hookline.fetch import Fetcher, Limits
from hookline.tenant import ResourceKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookline.fetch import Fetched
    from hookline.tenant import Tenant


async def fetch(tenant: Tenant, url: str, credentials: Mapping[str, str], *, own: str = "") -> Fetched:
    """The answer; raises `FetchError`.  `own` is the provider's address in the config, which is trusted as it stands."""
    limits = tenant.config.media
    allowed = [*limits.allowed_hosts]
    if own and (host := URL(own)).host:
        allowed.append(f"{host.host}:{host.port}")
    fetcher = await _fetcher(tenant, tuple(allowed))
    bounds = Limits(bytes=limits.max_bytes, seconds=limits.seconds, redirects=5)
    return await fetcher.get(url, credentials=credentials, limits=bounds)


async def _fetcher(tenant: Tenant, allowed: tuple[str, ...]) -> Fetcher:
    async def make() -> Fetcher:
        return Fetcher(allowed=Allowed.parse(allowed))

    digest = hashlib.sha256(repr(sorted(allowed)).encode()).hexdigest()[:16]
    return await tenant.keep(ResourceKey[Fetcher](f"fetcher:{digest}"), make)


def is_host(url: str, hosts: Sequence[str], own: str = "") -> bool:
    """Whether the address is of one of the hosts or below it, by https; or of the provider's own in the config."""
    try:
        target = URL(url)
        if own and target.origin() == URL(own).origin():
            return True
    except ValueError:
        return False
    host = target.host or ""
    return target.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in hosts)
