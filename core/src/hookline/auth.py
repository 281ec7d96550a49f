"""API keys with a role, of a tenant or of the server, and admin routes opened for a local demo.

A key has 256 random bits and is stored as its SHA-256 digest; nobody can look at it a second time.
"""

from __future__ import annotations

import functools
import hmac
import ipaddress
import math
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs
import sqlalchemy as sa
from aiohttp import web

from .audit import append
from .clock import Clock
from .collect import Audited
from .db import EVERY_TENANT, Database, Op, Script
from .errors import BadRequest
from .live import Live
from .models import api_key
from .particulars import storable
from .roles import ANYONE, ROLES, Caller, check_role, check_scopes
from .settings import Settings
from .tokens import digest

__all__ = [
    "ANYONE",
    "ROLES",
    "SERVER",
    "Caller",
    "Key",
    "KeyStore",
    "is_local",
    "is_loopback",
    "is_opened",
    "presented",
]

SERVER = EVERY_TENANT
"""The tenant of a key for the whole server."""

b = sa.bindparam
_COLUMNS = (
    api_key.c.tenant,
    api_key.c.id,
    api_key.c.name,
    api_key.c.role,
    api_key.c.created_at,
    api_key.c.revoked_at,
    api_key.c.scopes,
    api_key.c.expires_at,
    api_key.c.used_at,
)
_FIND = sa.select(*_COLUMNS, api_key.c.digest).where(api_key.c.digest == b("p_digest"))
_ALL = sa.select(*_COLUMNS, api_key.c.digest).where(api_key.c.revoked_at.is_(None))
_LIST = sa.select(*_COLUMNS).where(api_key.c.tenant == b("p_tenant")).order_by(api_key.c.created_at, api_key.c.id)
_REVOKE = (
    sa.update(api_key)
    .where(api_key.c.tenant == b("p_tenant"), api_key.c.id == b("p_id"), api_key.c.revoked_at.is_(None))
    .values(revoked_at=b("p_now"))
)
_USED = (
    sa.update(api_key).where(api_key.c.tenant == b("p_tenant"), api_key.c.id == b("p_id")).values(used_at=b("p_now"))
)
_NOTED_EVERY = 60.0


@attrs.frozen
class Key:
    """An API key as it may be shown.  `tenant` "" means the whole server; `revoked_at` None: it was not revoked.

    `scopes` empty: all that the role opens; `expires_at` None: it has no end; `used_at` is about its last use.
    """

    tenant: str
    id: str
    name: str
    role: str
    created_at: float
    revoked_at: float | None = None
    scopes: tuple[str, ...] = ()
    expires_at: float | None = None
    used_at: float | None = None


class KeyStore:
    """The server's API keys.

    One process owns an embedded database, so there the keys are kept in memory, and a revocation counts at once;
    on a shared database each look-up asks it.
    """

    def __init__(self, database: Database, clock: Clock, live: Live | None = None) -> None:
        self.database = database
        self.clock = clock
        self.live = live
        self._cache: dict[str, Key] | None = None
        self._changes = 0  # what was being read while one came may lack it
        self._noted: dict[tuple[str, str], float] = {}

    async def create(
        self,
        tenant: str,
        name: str,
        role: str,
        *,
        scopes: Iterable[str] = (),
        expires_at: float | None = None,
        by: str = "",
    ) -> tuple[Key, str]:
        """A new key and its text, which is shown this once; raises BadRequest for what can't be."""
        check_role(role)
        if expires_at is not None and expires_at <= self.clock.now():
            raise BadRequest("expires: is past; give a time to come", "expires")
        if not name.strip():
            raise BadRequest("a key needs a name, so that one knows later which one to revoke", "name")
        text = f"hk_{secrets.token_urlsafe(32)}"
        key = Key(
            tenant,
            secrets.token_hex(4),
            storable(name).strip()[:200],
            role,
            self.clock.now(),
            scopes=check_scopes(scopes),
            expires_at=expires_at,
        )

        def script() -> Script[None]:
            yield Op(
                sa.insert(api_key),
                {
                    "tenant": key.tenant,
                    "id": key.id,
                    "name": key.name,
                    "role": key.role,
                    "digest": digest(text),
                    "created_at": key.created_at,
                    "scopes": list(key.scopes),
                    "expires_at": key.expires_at,
                },
            )
            detail = {"name": key.name, "role": key.role, "scopes": list(key.scopes)}
            yield from self._audited(tenant, by, "key.created", key.id, detail)

        await self.database.run(script(), tenant=tenant)
        self._changed()
        return key, text

    async def list(self, tenant: str) -> list[Key]:
        """The tenant's keys, also revoked ones, oldest first."""
        rows = await self.database.fetch(_LIST, {"p_tenant": tenant}, tenant=tenant)
        return [_key(row) for row in rows]

    async def revoke(self, tenant: str, key_id: str, *, by: str = "") -> bool:
        """Make a key useless from now on; False if the tenant has no such key, or it is revoked already.

        It is told on the live topic `key:<id>`, kind "changed", so that sockets that it opened end.
        """

        def script() -> Script[bool]:
            done = yield Op(_REVOKE, {"p_tenant": tenant, "p_id": key_id, "p_now": self.clock.now()})
            if done.rowcount == 1:
                yield from self._audited(tenant, by, "key.revoked", key_id, {})
            return done.rowcount == 1

        revoked = await self.database.run(script(), tenant=tenant)
        self._changed()
        if revoked and self.live is not None:
            self.live.publish(tenant, f"key:{key_id}", "changed", {"id": key_id})
        return revoked

    async def find(self, text: str) -> Key | None:
        """The key with that text, if it works."""
        found = await self._find(digest(text))
        return None if found is None or (found.expires_at or math.inf) <= self.clock.now() else found

    async def _find(self, wanted: str) -> Key | None:
        if self.database.dialect == "sqlite":
            cache = self._cache
            if cache is None:
                changes = self._changes
                rows = await self.database.fetch(_ALL, {}, tenant=EVERY_TENANT)
                cache = {row.digest: _key(row) for row in rows}
                if changes == self._changes:
                    self._cache = cache
            for known, key in cache.items():
                if hmac.compare_digest(known, wanted):
                    return key
            return None
        for row in await self.database.fetch(_FIND, {"p_digest": wanted}, tenant=EVERY_TENANT):
            if hmac.compare_digest(row.digest, wanted) and row.revoked_at is None:
                return _key(row)
        return None

    def _changed(self) -> None:
        self._cache = None
        self._changes += 1

    def should_note(self, key: Key) -> bool:
        """Whether its last use was noted long enough ago."""
        now, place = self.clock.now(), (key.tenant, key.id)
        if now - self._noted.get(place, key.used_at or 0.0) < _NOTED_EVERY:
            return False
        self._noted[place] = now
        return True

    async def note_use(self, key: Key) -> None:
        """Keep when the key was used."""

        def script() -> Script[None]:
            yield Op(_USED, {"p_tenant": key.tenant, "p_id": key.id, "p_now": self.clock.now()})

        await self.database.run(script(), tenant=key.tenant)

    def _audited(self, tenant: str, who: str, what: str, subject: str, detail: Mapping[str, Any]) -> Script[None]:
        told = Audited(who or "command line", what, subject, detail)
        yield from append(self.database.dialect, tenant, [told], self.clock.now())


def _key(row: Any) -> Key:
    return Key(
        row.tenant,
        row.id,
        row.name,
        row.role,
        row.created_at,
        row.revoked_at,
        tuple(row.scopes),
        row.expires_at,
        row.used_at,
    )


def presented(request: web.Request) -> str:
    """The key that the request shows; "" if none."""
    text = request.headers.get("X-API-Key", "")
    if not text:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        text = rest if scheme.lower() == "bearer" else ""
    return text.strip()


@functools.lru_cache(maxsize=4096)
def is_loopback(host: str) -> bool:
    """Whether a host name or address means this very machine."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def forwarded(request: web.Request) -> bool:
    """Whether a proxy stands between."""
    return any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"))


def host_of(request: web.Request) -> str:
    """The name in the Host header, without the port."""
    return host_in(f"//{request.headers.get('Host', '')}")


def host_in(url: str) -> str:
    """The host that a URL names; "" if it names none, or is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_local(request: web.Request) -> bool:
    """Whether the request comes from this machine, and from no web page of another site."""
    origin = request.headers.get("Origin", "")
    return (
        is_loopback(request.remote or "")
        and is_loopback(host_of(request))
        and not forwarded(request)
        and (not origin or is_loopback(host_in(origin)))
        and request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin", "same-site")
    )


def is_opened(request: web.Request, settings: Settings, routes: tuple[str, ...], *, loopback: bool) -> bool:
    """Whether `auth.open_routes` opens one of these names of the route to this request.

    `loopback`: the server listens on this machine alone.
    """
    return (
        loopback
        and not settings.public_url
        and any(route in settings.auth.open_routes for route in routes)
        and is_local(request)
    )
