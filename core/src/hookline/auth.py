"""Who may call what: API keys with a role, scoped to a tenant, and admin routes opened for a local demo.

A key has 256 random bits and is stored as its SHA-256 digest; nobody can look at it a second time.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress
import secrets
from typing import Literal, get_args
from urllib.parse import urlsplit

import attrs
import sqlalchemy as sa
from aiohttp import web

from .clock import Clock
from .db import EVERY_TENANT, Database, Op, Script
from .errors import BadRequest
from .models import api_key
from .problems import Problem
from .settings import Settings

Role = Literal["admin", "agent", "viewer"]
ROLES: tuple[str, ...] = get_args(Role)
_RANK = {"viewer": 1, "agent": 2, "admin": 3}
SERVER = EVERY_TENANT
"""The tenant of a key for the whole server."""

b = sa.bindparam
_COLUMNS = (api_key.c.tenant, api_key.c.id, api_key.c.name, api_key.c.role, api_key.c.created_at, api_key.c.revoked_at)
_FIND = sa.select(*_COLUMNS, api_key.c.digest).where(api_key.c.digest == b("p_digest"))
_ALL = sa.select(*_COLUMNS, api_key.c.digest).where(api_key.c.revoked_at.is_(None))
_LIST = sa.select(*_COLUMNS).where(api_key.c.tenant == b("p_tenant")).order_by(api_key.c.created_at, api_key.c.id)
_REVOKE = (
    sa.update(api_key)
    .where(api_key.c.tenant == b("p_tenant"), api_key.c.id == b("p_id"), api_key.c.revoked_at.is_(None))
    .values(revoked_at=b("p_now"))
)


@attrs.frozen
class Key:
    """An API key as it may be shown.  `tenant` "" means the whole server; `revoked_at` None: it works."""

    tenant: str
    id: str
    name: str
    role: str
    created_at: float
    revoked_at: float | None = None


@attrs.frozen
class Caller:
    """Who makes a request: a key's holder, or nobody in particular (`role` "public")."""

    name: str
    role: str
    tenant: str = ""


ANYONE = Caller("", "public")


class KeyStore:
    """The server's API keys.

    One process owns an embedded database, so there the keys are kept in memory, and a revocation counts at once;
    on a shared database each look-up asks it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._cache: dict[str, Key] | None = None

    async def create(self, tenant: str, name: str, role: str) -> tuple[Key, str]:
        """A new key and its text, which is shown this once; raises BadRequest for an unknown role."""
        if role not in ROLES:
            raise BadRequest(f"given {role!r}; allowed: {', '.join(ROLES)}", "role")
        if not name.strip():
            raise BadRequest("a key needs a name, so that one knows later which one to revoke", "name")
        text = f"hk_{secrets.token_urlsafe(32)}"
        key = Key(tenant, secrets.token_hex(4), name.strip(), role, self.clock.now())

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
                },
            )

        await self.database.run(script(), tenant=tenant)
        self._cache = None
        return key, text

    async def list(self, tenant: str) -> list[Key]:
        """The tenant's keys, also revoked ones, oldest first."""
        rows = await self.database.fetch(_LIST, {"p_tenant": tenant}, tenant=tenant)
        return [Key(*row[:6]) for row in rows]

    async def revoke(self, tenant: str, key_id: str) -> bool:
        """Make a key useless from now on; False if the tenant has no such key, or it is revoked already."""

        def script() -> Script[bool]:
            done = yield Op(_REVOKE, {"p_tenant": tenant, "p_id": key_id, "p_now": self.clock.now()})
            return done.rowcount == 1

        revoked = await self.database.run(script(), tenant=tenant)
        self._cache = None
        return revoked

    async def find(self, text: str) -> Key | None:
        """The key with that text, if it works."""
        wanted = digest(text)
        if self.database.dialect == "sqlite":
            if self._cache is None:
                rows = await self.database.fetch(_ALL, {}, tenant=EVERY_TENANT)
                self._cache = {row.digest: Key(*row[:6]) for row in rows}
            for known, key in self._cache.items():
                if hmac.compare_digest(known, wanted):
                    return key
            return None
        for row in await self.database.fetch(_FIND, {"p_digest": wanted}, tenant=EVERY_TENANT):
            if hmac.compare_digest(row.digest, wanted) and row.revoked_at is None:
                return Key(*row[:6])
        return None

    async def caller(self, request: web.Request, tenant: str, access: str) -> Caller:
        """Who makes the request, if it may do what takes `access`; raises `Problem` 401 or 403.

        `tenant` "" asks for a key of the server; a key of the server opens every tenant.
        """
        if access == "public":
            return ANYONE
        text = presented(request)
        if not text:
            raise Problem(
                401,
                "this needs an API key, as X-API-Key or Authorization: Bearer",
                headers={"WWW-Authenticate": "Bearer"},
            )
        key = await self.find(text)
        if key is None or key.tenant not in (SERVER, tenant):
            raise Problem(
                401,
                "the API key is not known here, or was revoked",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        if _RANK.get(key.role, 0) < _RANK.get(access, 99):
            raise Problem(403, f"this takes a key with the role {access}; yours has {key.role}")
        return Caller(key.name, key.role, key.tenant)


def digest(text: str) -> str:
    """What is stored of a key.  A key is random, so that a plain hash can't be guessed from."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


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
