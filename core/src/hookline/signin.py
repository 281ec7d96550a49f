"""The routes with which people sign in, stay signed in, sign out, and look after their own account."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from .cookies import check_own_page, clear_cookies, cookies_of, refresh_name, set_cookies
from .errors import BadRequest, RateLimited
from .gate import Gate
from .logins import JustRefreshed, LoginEnded, Logins, Signed, WrongPassword
from .problems import Problem
from .proxies import bucket_of
from .roles import Caller, check_role
from .routing import Route
from .staff import Account, Staff, StaffStore, UnknownStaff
from .tokens import Keyring
from .wire import json_response, read_body, shown_time

if TYPE_CHECKING:
    from .tenant import Tenant

AREA = "account"
Handler = Callable[[web.Request, "Tenant"], Awaitable[web.StreamResponse]]


@attrs.frozen(repr=False)
class LoginBody:
    """Who signs in.  `cookies` false: the tokens come in the answer alone, and no cookie is set."""

    email: str
    password: str
    cookies: bool = True


@attrs.frozen(repr=False)
class RefreshBody:
    """The refresh token; without one the cookie's is taken."""

    refresh_token: str = ""


@attrs.frozen(repr=False)
class RegisterBody:
    """A new account.  Who shows no key and is not signed in may only become a viewer, and that only where it is enabled."""

    email: str
    password: str
    role: str = "viewer"
    name: str = ""
    full_name: str = ""
    phone: str = ""
    language: str = ""


@attrs.frozen(repr=False)
class MeBody:
    """What changes of one's own account; a new `password` needs the old one, and signs out everywhere else."""

    name: str | None = None
    phone: str | None = None
    language: str | None = None
    password: str | None = None
    old_password: str = ""


@attrs.frozen(repr=False)
class ResetBody:
    """The link's token, and the password to set."""

    token: str
    password: str


def routes() -> list[Route]:
    """Signing in and the own account, also under the names of the canonical API."""
    return [
        Route("POST", "/auth/login", login, access="public", body=LoginBody, scope=AREA),
        Route("POST", "/auth/refresh", refresh, access="public", body=RefreshBody, scope=AREA),
        Route("POST", "/auth/logout", logout, access="public", body=RefreshBody, scope=AREA),
        Route("POST", "/auth/register", register, access="public", body=RegisterBody, scope=AREA),
        Route("POST", "/auth/reset", reset, access="public", body=ResetBody, scope=AREA),
        Route("GET", "/auth/me", me, access="viewer", scope=AREA),
        Route("PATCH", "/auth/me", change_me, access="viewer", body=MeBody, scope=AREA),
        Route("POST", "/api/v1/auth/login", login, access="public", body=LoginBody, scope=AREA),
        Route("POST", "/api/v1/auth/register", register, access="public", body=RegisterBody, scope=AREA),
    ]


def answering(handler: Handler) -> Handler:
    """Have the errors of signing in answered as what they are."""

    @functools.wraps(handler)
    async def answer(request: web.Request, tenant: Tenant) -> web.StreamResponse:
        try:
            return await handler(request, tenant)
        except (WrongPassword, LoginEnded) as error:
            raise Problem(401, str(error), headers={"WWW-Authenticate": "Bearer"}) from None
        except JustRefreshed as error:
            raise Problem(409, str(error)) from None
        except UnknownStaff as error:
            raise Problem(404, str(error)) from None
        except BadRequest as error:
            if error.field == "role":
                raise Problem(422, str(error), field="role") from None
            raise

    return answer


# -- in and out --------------------------------------------------------------------------------------------------------


@answering
async def login(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Sign in with e-mail address and password; browsers of our own pages get cookies besides."""
    body = await read_body(request, LoginBody)
    signed = await sign_in(request, tenant, body.email, body.password)
    return answer_with(request, tenant, signed, cookies=body.cookies)


async def sign_in(request: web.Request, tenant: Tenant, email: str, password: str) -> Signed:
    """Sign in; raises `WrongPassword` and `RateLimited`."""
    return await logins_of(request).sign_in(
        await keyring_of(request, tenant),
        tenant.settings.auth,
        email,
        password,
        address=address_of(request),
        client=request.headers.get("User-Agent", ""),
    )


@answering
async def refresh(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """New tokens for a refresh token, which is good once; one that comes again ends what it came of."""
    body = await read_body(request, RefreshBody) if request.can_read_body else RefreshBody()
    given, cookies = body.refresh_token, False
    if not given:
        given, cookies = _cookie(request, tenant), True
    logins, keyring = logins_of(request), await keyring_of(request, tenant)
    try:
        signed = await logins.refresh(keyring, tenant.settings.auth, given)
    except JustRefreshed:
        if not cookies:
            raise
        return json_response({"refreshed": "by another page"})  # whose cookies are this one's too
    except LoginEnded as error:
        answer = Problem(401, str(error)).response()
        if cookies:
            clear_cookies(answer, request, tenant.name, tenant.settings)
        return answer
    return answer_with(request, tenant, signed, cookies=cookies)


@answering
async def logout(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Sign out: the login ends, with all tokens that came of it."""
    body = await read_body(request, RefreshBody) if request.can_read_body else RefreshBody()
    logins = logins_of(request)
    found = ""
    if body.refresh_token:
        found = await logins.login_of(tenant.name, body.refresh_token)
    else:
        try:
            found = (await gate_of(request).identify(request, tenant.name, tenant.settings)).login
        except Problem as problem:
            if problem.status == 403:
                raise
        if not found:
            cookies = cookies_of(request, refresh_name(request, tenant.name, tenant.settings))
            if cookies:
                check_own_page(request, tenant.settings)
                found = await logins.login_of(tenant.name, cookies[0])
    if found:
        await logins.sign_out(tenant.name, found)
    answer = web.Response(status=204)
    clear_cookies(answer, request, tenant.name, tenant.settings)
    return answer


@answering
async def register(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Make an account: an admin any, anybody else one that may look, where `auth.registration` allows that."""
    body = await read_body(request, RegisterBody)
    role = check_role(body.role)
    by = await gate_of(request).identify(request, tenant.name, tenant.settings)
    if by.kind == "public":
        throttle(request, tenant)
    if by.scopes:
        raise Problem(403, "a key with scopes makes no accounts; take one without, or sign in")
    if not by.has("admin") and (role != "viewer" or by.kind != "public" or not tenant.settings.auth.registration):
        closed = "; auth.registration, which lets anybody make one, is off" if role == "viewer" else ""
        raise Problem(
            403,
            f"an account with the role {role} is made by an admin (POST /staff), or by `hookline user create`{closed}",
        )
    logins, staff = logins_of(request), staff_of(request)
    name = body.name or body.full_name
    hashed = await logins.set_up(body.password, about=(name, body.email, body.email.partition("@")[0]))
    made = await staff.create(
        tenant.name,
        body.email,
        role,
        by=by.who,
        name=name,
        phone=body.phone,
        language=body.language,
        password=hashed,
    )
    return json_response(view(made.staff), status=201)


@answering
async def reset(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Set a password with a link that an admin gave; what was signed in with the old one ends."""
    body = await read_body(request, ResetBody)
    throttle(request, tenant)
    account = await logins_of(request).use_reset(tenant.name, body.token, body.password)
    return json_response(view(account.staff))


# -- the own account -----------------------------------------------------------------------------------------------------


@answering
async def me(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Who one is: the account, or the API key, and what it may."""
    found = caller_of(request)
    if found.kind != "staff":
        return json_response({**_caller(found), "staff": None})
    account = await _own(request, tenant)
    return json_response({**_caller(found), "staff": view(account.staff), "expires_at": shown_time(found.until)})


@answering
async def change_me(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Change one's own name, language or password."""
    body, found = await read_body(request, MeBody), caller_of(request)
    account = await _own(request, tenant)
    logins, staff = logins_of(request), staff_of(request)
    values = {k: v for k in ("name", "phone", "language") if (v := getattr(body, k)) is not None}
    if body.password is not None:
        throttle(request, tenant)
        if not await logins.passwords.verify(account.password, body.old_password):
            raise Problem(403, "old_password: is not the password of this account", field="old_password")
        values["password"] = await logins.set_up(body.password, account)
    changed = await staff.change(tenant.name, account.id, by=found.who, but=found.login, **values)
    if "password" not in values:
        return json_response(view(changed.staff))
    signed = await logins.renew(await keyring_of(request, tenant), tenant.settings.auth, found.login)
    by_cookie = "Authorization" not in request.headers
    return answer_with(request, tenant, signed, cookies=by_cookie)


async def _own(request: web.Request, tenant: Tenant) -> Account:
    found = caller_of(request)
    account = await staff_of(request).get(tenant.name, found.id) if found.kind == "staff" else None
    if account is None:
        raise Problem(403, "an API key has no account; sign in for that")
    return account


# -- shared ----------------------------------------------------------------------------------------------------------------


def answer_with(request: web.Request, tenant: Tenant, signed: Signed, *, cookies: bool) -> web.Response:
    """The tokens as an answer, and as cookies; a page needs to see neither."""
    answer = json_response(
        {
            "access_token": signed.access,
            "refresh_token": signed.refresh,
            "token_type": "bearer",
            "expires_in": signed.expires_in,
            "staff": view(signed.account.staff),
        }
    )
    if cookies:
        set_cookies(answer, request, tenant.name, tenant.settings, signed)
    return answer


def view(one: Staff) -> dict[str, Any]:
    """An account as the API shows it."""
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "phone": one.phone,
        "role": one.role,
        "active": one.active,
        "invited": one.invited,
        "language": one.language,
        "created_at": shown_time(one.created_at),
        "seen_at": shown_time(one.seen_at) if one.seen_at is not None else None,
        "data": dict(one.data),
    }


def _caller(found: Caller) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "id": found.id,
        "name": found.name,
        "role": found.role,
        "scopes": list(found.scopes),
    }


def _cookie(request: web.Request, tenant: Tenant) -> str:
    cookies = cookies_of(request, refresh_name(request, tenant.name, tenant.settings))
    if not cookies:
        raise Problem(401, "refresh_token: missing; sign in", field="refresh_token")
    check_own_page(request, tenant.settings)
    return cookies[0]


def throttle(request: web.Request, tenant: Tenant) -> None:
    """Let one address do what takes a password's time only so often; raises `RateLimited`."""
    from .app import EDGE

    wait = request.app[EDGE].buckets.take((tenant.name, "password", address_of(request)), 20, 60.0)
    if wait:
        raise RateLimited("too many attempts; slow down", wait)


def address_of(request: web.Request) -> str:
    """The client, as limits count it."""
    from .app import client_address

    return bucket_of(client_address(request))


def caller_of(request: web.Request) -> Caller:
    """Who makes the request."""
    from .app import caller

    return caller(request)


def gate_of(request: web.Request) -> Gate:
    """The process's gate."""
    from .app import GATE

    return request.app[GATE]


def logins_of(request: web.Request) -> Logins:
    """The process's logins."""
    return gate_of(request).runtime.logins


def staff_of(request: web.Request) -> StaffStore:
    """The process's accounts."""
    return gate_of(request).runtime.staff


async def keyring_of(request: web.Request, tenant: Tenant) -> Keyring:
    """What the tenant's tokens are signed with."""
    return await gate_of(request).keyring(tenant.name, tenant.settings.auth)
