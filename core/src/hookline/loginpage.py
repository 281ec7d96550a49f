"""The page where people sign in, or set a password with a link: plain HTML, no script, in the reader's language."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import TYPE_CHECKING

import attrs
from aiohttp import hdrs, web

from . import loginwords
from .assets import base_of
from .cookies import is_own_origin, set_cookies
from .errors import BadRequest, RateLimited
from .logins import LoginEnded, WrongPassword
from .passwords import LONGEST, SHORTEST, UnfitPassword
from .plugin import Page
from .problems import Problem
from .routing import Found, Route
from .signin import AREA, gate_of, logins_of, sign_in, throttle
from .wire import read_body

if TYPE_CHECKING:
    from .tenant import Tenant

_STYLE = """
:root{color-scheme:light dark;--text:light-dark(#1b1e23,#eceef1);--soft:light-dark(#59616d,#a6aeba);
--bg:light-dark(#fff,#16181c);--line:light-dark(#858d99,#79828f);--accent:#1f5fd0;--focus:light-dark(#1f5fd0,#8cb4ff);
--danger:light-dark(#b3221e,#ff9a93);--danger-bg:light-dark(#fdebea,#3d1f1e)}
*{box-sizing:border-box}
body{margin:0;min-height:100dvh;display:grid;place-items:center;padding:24px 16px;background:var(--bg);color:var(--text);
font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Devanagari","Noto Sans Tamil",sans-serif}
main{width:min(360px,100%)}
h1{font-size:1.25rem;font-weight:650;margin:0 0 4px;overflow-wrap:anywhere}
p{margin:0}
.soft{color:var(--soft);font-size:.8125rem}
form{display:grid;gap:8px;margin-top:20px}
label{font-weight:600;margin-top:8px}
input,button{font:inherit;min-height:44px;border-radius:8px;width:100%}
input{padding:0 12px;border:1px solid var(--line);background:var(--bg);color:inherit}
button{margin-top:16px;border:0;background:var(--accent);color:#fff;font-weight:600;cursor:pointer}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.alert{margin-top:16px;padding:8px 12px;border-radius:8px;background:var(--danger-bg);color:var(--danger)}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_LONGEST_NEXT = 2000


@attrs.frozen(repr=False)
class LoginForm:
    """What the page's form sends: an address and a password, or a link's `token` and the password to set."""

    email: str = ""
    password: str = ""
    token: str = ""
    next: str = ""


def routes() -> list[Route]:
    """The page, and where its form goes."""
    return [
        Route("GET", "/login", show, access="public", scope=AREA, page=Page()),
        Route("POST", "/login", enter, access="public", body=LoginForm, scope=AREA),
    ]


async def show(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """The page where people sign in."""
    token, onwards = request.query.get("token", ""), _onwards(request, tenant, request.query.get("next", ""))
    if not token and await _is_signed_in(request, tenant):
        raise web.HTTPSeeOther(onwards)
    return _page(request, tenant, LoginForm(token=token, next=onwards))


async def enter(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """Sign in by the page's form."""
    form = await read_body(request, LoginForm)
    words = _words(request, tenant)
    form = attrs.evolve(form, next=_onwards(request, tenant, form.next))
    if not is_own_origin(request, tenant.settings):
        raise Problem(403, "only the page of this server may send this form")
    try:
        if form.token:
            throttle(request, tenant)
            account = await logins_of(request).use_reset(tenant.name, form.token, form.password)
            form = attrs.evolve(form, email=account.email, token="")
        signed = await sign_in(request, tenant, form.email, form.password)
    except (WrongPassword, LoginEnded):
        return _page(request, tenant, form, words["wrong"], 401)
    except RateLimited as error:
        minutes = max(1, round(error.retry_after / 60))
        wait = (
            words["wait_minutes"].format(minutes)
            if error.retry_after >= 90
            else words["wait_seconds"].format(max(1, round(error.retry_after)))
        )
        answer = _page(request, tenant, form, wait, 429)
        answer.headers[hdrs.RETRY_AFTER] = str(int(error.retry_after) + 1)
        return answer
    except UnfitPassword as error:
        return _page(request, tenant, form, words[error.why].format(SHORTEST, LONGEST), 400)
    except BadRequest:
        return _page(request, tenant, attrs.evolve(form, token=""), words["link_ended"], 400)
    answer = web.Response(status=303, headers={hdrs.LOCATION: form.next})
    set_cookies(answer, request, tenant.name, tenant.settings, signed)
    return answer


async def _is_signed_in(request: web.Request, tenant: Tenant) -> bool:
    try:
        return (await gate_of(request).identify(request, tenant.name, tenant.settings)).kind == "staff"
    except Problem:
        return False


def _onwards(request: web.Request, tenant: Tenant, wanted: str) -> str:
    """Where it goes on: a path of this server and nothing else; by default where agents work, if there is such a page."""
    path = re.fullmatch(r"/(?![/\\])[!-~]*", wanted)
    if path is not None and "\\" not in wanted and len(wanted) <= _LONGEST_NEXT:
        return wanted
    from .app import ROUTES

    base = base_of(request, tenant.name)
    console = request.app[ROUTES].find("GET", "/console")
    has_console = isinstance(console, Found) and console.route.plugin in tenant.settings.plugins
    return f"{base}{'/console' if has_console else '/admin'}"


def _words(request: web.Request, tenant: Tenant) -> loginwords.Words:
    return loginwords.of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""), tenant.settings.language)


def _page(request: web.Request, tenant: Tenant, form: LoginForm, alert: str = "", status: int = 200) -> web.Response:
    words = _words(request, tenant)
    escape = html.escape
    heading = words["set"] if form.token else words["sign_in"]
    failed = f'<p class="alert" role="alert" id="alert">{escape(alert)}</p>' if alert else ""
    described = ' aria-describedby="alert" aria-invalid="true"' if alert else ""
    focus_email = " autofocus" if not form.email else ""
    focus_password = "" if focus_email else " autofocus"
    if form.token:
        fields = (
            f'<input type="hidden" name="token" value="{escape(form.token)}">'
            f'<label for="password">{escape(words["new_password"])}</label>'
            f'<input id="password" name="password" type="password" required minlength="{SHORTEST}" autofocus '
            f'autocomplete="new-password" aria-describedby="hint{" alert" if alert else ""}">'
            f'<p class="soft" id="hint">{escape(words["hint"].format(SHORTEST))}</p>'
        )
    else:
        fields = (
            f'<label for="email">{escape(words["email"])}</label>'
            f'<input id="email" name="email" type="email" required autocomplete="username" '
            f'value="{escape(form.email)}"{focus_email}{described}>'
            f'<label for="password">{escape(words["password"])}</label>'
            f'<input id="password" name="password" type="password" required autocomplete="current-password"'
            f"{focus_password}{described}>"
        )
    text = (
        f'<!doctype html><html lang="{words["tag"]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="same-origin"><link rel="icon" href="data:,">'
        f"<title>{escape(heading)} · {escape(tenant.settings.title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{escape(heading)}</h1><p class="soft">{escape(tenant.settings.title)}</p>{failed}'
        f'<form method="post" action="{escape(base_of(request, tenant.name))}/login">{fields}'
        f'<input type="hidden" name="next" value="{escape(form.next)}">'
        f'<button type="submit">{escape(words["save"] if form.token else words["sign_in"])}</button></form>'
        f"</main></body></html>"
    )
    headers = {"Content-Security-Policy": _POLICY, hdrs.CACHE_CONTROL: "no-store", "Referrer-Policy": "same-origin"}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)
