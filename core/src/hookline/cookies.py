"""The cookies of people who signed in, for our own pages alone.

Both are HttpOnly and SameSite=Strict, bound to the tenant's own paths, and Secure where the public address is https.
A request that they open must come from one of our own pages: its Origin, where the browser says one, is this server,
and whatever is no mere reading has the header `X-Hookline-CSRF: 1`, which no form and no page of another site can send.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from .assets import base_of
from .logins import Signed
from .problems import Problem
from .settings import Settings

CSRF_HEADER = "X-Hookline-CSRF"
SAFE = ("GET", "HEAD", "OPTIONS")


def is_secure(request: web.Request, settings: Settings) -> bool:
    """Whether the browser speaks https with us, or with the proxy before us."""
    return settings.public_url.startswith("https://") or request.scheme == "https"


def access_name(request: web.Request, tenant: str, settings: Settings) -> str:
    """The name of the cookie with the access token."""
    return f"{'__Secure-' if is_secure(request, settings) else ''}hookline_{tenant}"


def refresh_name(request: web.Request, tenant: str, settings: Settings) -> str:
    """The name of the cookie with the refresh token, which only `/auth` gets."""
    return f"{access_name(request, tenant, settings)}_refresh"


def cookies_of(request: web.Request, name: str) -> list[str]:
    """All values of a cookie: paths may nest, and then a browser sends the nearest first."""
    pairs = (
        part.strip().partition("=") for line in request.headers.getall(hdrs.COOKIE, ()) for part in line.split(";")
    )
    return [value for key, _, value in pairs if key == name and value]


def set_cookies(
    response: web.StreamResponse, request: web.Request, tenant: str, settings: Settings, signed: Signed
) -> None:
    """Give the browser what it stays signed in with; a page of another site can't sign anybody in."""
    if not is_own_origin(request, settings):
        return
    secure, base = is_secure(request, settings), base_of(request, tenant)
    for name, value, path, seconds in (
        (access_name(request, tenant, settings), signed.access, f"{base}/", signed.expires_in),
        (refresh_name(request, tenant, settings), signed.refresh, f"{base}/auth", signed.refresh_expires_in),
    ):
        response.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="Strict")


def clear_cookies(response: web.StreamResponse, request: web.Request, tenant: str, settings: Settings) -> None:
    """Take from the browser what it stayed signed in with; a page of another site can't."""
    if not is_own_origin(request, settings):
        return
    secure, base = is_secure(request, settings), base_of(request, tenant)
    for name, path in (
        (access_name(request, tenant, settings), f"{base}/"),
        (refresh_name(request, tenant, settings), f"{base}/auth"),
    ):
        response.del_cookie(name, path=path, secure=secure, httponly=True, samesite="Strict")


def is_own_origin(request: web.Request, settings: Settings) -> bool:
    """Whether the request comes from a page of this server, or from no page at all."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return False
    origin = request.headers.get(hdrs.ORIGIN, "")
    if not origin:
        return True
    try:
        netloc = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    own = (request.headers.get(hdrs.HOST, "").lower(), urlsplit(settings.public_url).netloc.lower())
    return bool(netloc) and netloc in own


def check_own_page(request: web.Request, settings: Settings) -> None:
    """Raise `Problem` 403 unless the request may be opened by a cookie."""
    if not is_own_origin(request, settings):
        raise Problem(403, "what a browser stays signed in with opens nothing to pages of other sites")
    if request.method not in SAFE and not request.headers.get(CSRF_HEADER):
        raise Problem(
            403, f"a request that changes something and comes with a cookie needs the header {CSRF_HEADER}: 1"
        )
