"""Who makes a request, and whether they may: API keys, access tokens and cookies, roles and scopes.

    caller = await admit(request, tenant, "agent", token=told["access_token"])

is for what authenticates by itself, such as a socket whose first message has the token.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from .auth import SERVER, Key, KeyStore, presented
from .cookies import access_name, check_own_page, cookies_of
from .problems import Problem
from .roles import ANYONE, Caller, opens
from .settings import Auth, Settings
from .tokens import InvalidToken, Keyring, kept_key

if TYPE_CHECKING:
    from .routing import Route
    from .runtime import Runtime
    from .tenant import Tenant

KEY_PREFIX = "hk_"
_NOTHING_SHOWN = "this needs an API key, as X-API-Key or Authorization: Bearer, or signing in (POST /auth/login)"
_KEYRING_FILE = "token.key"


class Gate:
    """The gate of a process: knows its API keys, its staff, and what it signs with."""

    def __init__(self, runtime: Runtime, keys: KeyStore) -> None:
        self.runtime = runtime
        self.keys = keys
        self._keyrings: dict[str, tuple[Auth, Keyring]] = {}
        self._kept: dict[str, bytes] = {}

    async def keyring(self, tenant: str, auth: Auth) -> Keyring:
        """What the tenant's access tokens are signed with."""
        known = self._keyrings.get(tenant)
        if known is not None and known[0] is auth:
            return known[1]
        configured = [one.value.encode() for one in (auth.secret, *auth.previous_secrets) if one]
        if not auth.secret:
            if tenant not in self._kept:
                path = self.runtime.data.plugin_folder(tenant, "core") / _KEYRING_FILE
                self._kept[tenant] = await asyncio.to_thread(kept_key, path)
            configured.insert(0, self._kept[tenant])
        keyring = Keyring(tenant, configured)
        self._keyrings[tenant] = (auth, keyring)
        return keyring

    async def caller(self, request: web.Request, tenant: str, route: Route, settings: Settings) -> Caller:
        """Who makes the request, if they may have the route; raises `Problem` 401 or 403."""
        if route.access == "public":
            return ANYONE
        found = await self.identify(request, tenant, settings)
        if found.kind == "public":
            raise Problem(401, _NOTHING_SHOWN, headers={"WWW-Authenticate": "Bearer"})
        check_access(found, route.access)
        check_scope(found, route, route.verb)
        return found

    async def identify(self, request: web.Request, tenant: str, settings: Settings, token: str = "") -> Caller:
        """Who makes the request: `ANYONE` where it shows nothing.  Raises `Problem` 401 for what is shown and not good,
        403 for a cookie that comes from elsewhere.

        `token` is an access token or an API key that came by another way than the headers.
        """
        shown = token.strip() or presented(request)
        if shown.startswith(KEY_PREFIX) or (shown and shown.count(".") != 2):
            return await self.by_key(shown, tenant)
        if shown:
            return await self._by_token(shown, tenant, settings.auth)
        cookies = cookies_of(request, access_name(request, tenant, settings))
        if not cookies:
            return ANYONE
        check_own_page(request, settings)
        for value in cookies[:-1]:
            try:
                return await self._by_token(value, tenant, settings.auth)
            except Problem:
                continue
        return await self._by_token(cookies[-1], tenant, settings.auth)

    async def by_key(self, text: str, tenant: str) -> Caller:
        """The holder of an API key of the tenant, or of the server ("": of that alone); raises `Problem` 401."""
        if not text:
            raise Problem(401, _NOTHING_SHOWN, headers={"WWW-Authenticate": "Bearer"})
        key = await self.keys.find(text)
        if key is None or key.tenant not in (SERVER, tenant):
            raise Problem(
                401,
                "the API key is not known here, or was revoked",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        self._note_use(key)
        return Caller(key.name, key.role, key.tenant, key.id, "key", key.scopes, until=key.expires_at or 0.0)

    async def _by_token(self, token: str, tenant: str, auth: Auth) -> Caller:
        try:
            account, claims = await self.runtime.logins.alive(await self.keyring(tenant, auth), token)
        except InvalidToken:
            raise Problem(
                401,
                "the access token is not good here, or not any more; refresh it or sign in again",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            ) from None
        shown = account.staff.shown_name
        return Caller(shown, account.role, tenant, account.id, "staff", login=claims.login, until=claims.expires_at)

    def _note_use(self, key: Key) -> None:
        if self.keys.should_note(key):
            self.runtime.background(self.keys.note_use(key))


@attrs.frozen
class Admission:
    """Somebody who was let in for longer than a request, as to a socket.

    `async with asyncio.TaskGroup()` or `asyncio.wait`: when `ended()` returns, what was let in must go.
    """

    caller: Caller
    _gate: Gate
    _tenant: str
    _settings: Settings
    _request: web.Request
    _token: str
    _access: str

    async def ended(self) -> str:
        """Return, with the reason, as soon as the caller may not stay: signed out, deactivated, lessened, or too long there."""
        runtime = self._gate.runtime
        # a key of the server is no tenant's
        async with runtime.live.subscribe(self.caller.tenant, f"{self.caller.kind}:{self.caller.id}") as events:
            while True:
                try:
                    found = await self._gate.identify(self._request, self._tenant, self._settings, self._token)
                    check_access(found, self._access)
                except Problem as problem:
                    return problem.detail
                rest = self.caller.until - runtime.clock.now() if self.caller.until else _LOOK_AGAIN
                try:
                    async with asyncio.timeout(min(max(rest, 0.05), _LOOK_AGAIN)):
                        await anext(aiter(events))
                except TimeoutError:
                    continue


_LOOK_AGAIN = 60.0


def check_access(caller: Caller, access: str) -> None:
    """Raise `Problem` 401 or 403 unless the caller has the role, or a higher one."""
    if caller.kind == "public" and caller.role == "public":
        raise Problem(401, _NOTHING_SHOWN, headers={"WWW-Authenticate": "Bearer"})
    if not caller.has(access):
        whose = "a key with the role" if caller.kind == "key" else "the role"
        has = "has" if caller.kind == "key" else "is"
        raise Problem(403, f"this takes {whose} {access}; yours {has} {caller.role}")


def check_scope(caller: Caller, route: Route, verb: str) -> None:
    """Raise `Problem` 403 for a key with scopes of which none opens the route; `verb` is "read" or "write"."""
    if caller.scopes and not opens(caller.scopes, route.area, verb, route.name):
        needed, has = f"{route.area}:{verb}", ", ".join(caller.scopes)
        raise Problem(403, f"this takes a key with the scope {needed}; yours has {has}")


async def admit(request: web.Request, tenant: Tenant, access: str, *, token: str = "") -> Admission:
    """Let somebody in who has the role `access` or a higher one; raises `Problem` 401 or 403.

    A key with scopes needs one for the route that the request came by: to write, unless `access` is "viewer".
    Shown is the `token` (an access token or an API key, e.g. from a socket's first message), or else what the request
    has: X-API-Key, Authorization, or the cookie of our own pages.
    """
    from .app import GATE
    from .routing import Match

    gate, match = request.app[GATE], request.match_info
    found = await gate.identify(request, tenant.name, tenant.settings, token)
    check_access(found, access)
    if isinstance(match, Match):
        check_scope(found, match.found.route, "read" if access == "viewer" else "write")
    return Admission(found, gate, tenant.name, tenant.settings, request, token, access)
