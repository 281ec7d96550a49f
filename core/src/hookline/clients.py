"""Which client sends a request to a conversation of a made-up id: by a key in its cookie, or that it shows as a bearer."""

from __future__ import annotations

import attrs
from aiohttp import web

from .assets import base_of
from .auth import presented
from .binding import CLIENT
from .cookies import cookies_of, is_secure
from .message import Conversation
from .problems import Problem
from .settings import Settings
from .tokens import digest, random_token

_SECONDS = 30 * 86_400
_LONGEST = 200


@attrs.frozen
class Client:
    """Who sends a request: the `key` that it shows, or a `fresh` one that it is yet to be given."""

    key: str = attrs.field(repr=False)
    fresh: bool = False

    @property
    def digest(self) -> str:
        """What is kept of the key."""
        return digest(self.key)


def client_of(request: web.Request, tenant: str, settings: Settings, about: Conversation | None) -> Client:
    """Who sends this request to a conversation of a made-up id, or (None) is about to name one."""
    mine, cookies = (about.data.get(CLIENT, "") if about else ""), _cookies(request, tenant, settings)
    for key in (presented(request), *cookies):
        if mine and digest(key) == mine:
            return Client(key)
    return Client(cookies[0]) if cookies else Client(random_token(), fresh=True)


def check(request: web.Request, tenant: str, settings: Settings, about: Conversation) -> None:
    """Raise `Problem` 403 for a conversation that is another client's."""
    mine = about.data.get(CLIENT, "")
    if mine and client_of(request, tenant, settings, about).digest != mine:
        raise Problem(
            403,
            "session_id: somebody has proved in this session who they are, so it is theirs alone; show the cookie of its "
            "first answer or the token of the proof (Authorization: Bearer …), or use a session_id of your own",
            field="session_id",
        )


def give(response: web.StreamResponse, request: web.Request, tenant: str, settings: Settings, key: str) -> None:
    """Let the browser keep the key; pages can't read it."""
    path, name = f"{base_of(request, tenant)}/", _name(request, tenant, settings)
    secure = is_secure(request, settings)
    response.set_cookie(name, key, max_age=_SECONDS, path=path, secure=secure, httponly=True, samesite="Lax")


def _name(request: web.Request, tenant: str, settings: Settings) -> str:
    return f"{'__Secure-' if is_secure(request, settings) else ''}hookline_client_{tenant}"


def _cookies(request: web.Request, tenant: str, settings: Settings) -> list[str]:
    return [key for key in cookies_of(request, _name(request, tenant, settings)) if len(key) <= _LONGEST]
