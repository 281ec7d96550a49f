"""Sends by Twilio, with Twilio's own client, and gets its media.

Source: the published descriptions api_v2010 (Messages) and content_v1.  Buttons and lists are contents, made once for each set of choices
and kept by their name; the text is their variable.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import attrs

from hookline.errors import PluginError
from hookline.tenant import ResourceKey

from . import fetching
from .failures import SendDelayed, SendRefused, failure
from .parts import Abilities, ChoicePart, MediaPart, Part, TemplatePart, TextPart
from .reading import code_at, text_at

if TYPE_CHECKING:
    from twilio.rest import Client

    from hookline.fetch import Fetched
    from hookline.tenant import Tenant

    from .config import Number, Twilio
    from .incoming import MediaRef

_ABILITIES = Abilities(text=1600, body=1024, caption=1600)
_PLAIN = attrs.evolve(_ABILITIES, choices=False)
_MODULES = (
    "twilio.http.async_http_client",
    "twilio.request_validator",
    "twilio.rest.api.v2010.account.message",
)
_SECONDS = 20.0
_KEPT = 500  # sets of choices whose content is remembered
_QUIET = logging.getLogger("hookline.whatsapp.twilio")
_QUIET.disabled = True  # the client logs what it sends, with numbers
_HOSTS = ("twilio.com",)


class _Pool:
    """The client of one account, kept over reloads, closed with the tenant; and the contents that it has made."""

    def __init__(self, config: Twilio) -> None:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.rest import Client

        self._http = AsyncTwilioHttpClient(timeout=_SECONDS, logger=_QUIET)
        self.client: Client = Client(config.account_sid, config.auth_token.value, http_client=self._http)
        self.client.api.base_url = config.url
        self.contents: dict[str, str] = {}

    async def close(self) -> None:
        """Hang up."""
        session = self._http.session
        if session is not None:
            await session.close()


def abilities(tenant: Tenant) -> Abilities:
    """Choices are contents: without their API they are numbers."""
    return _ABILITIES if tenant.config.twilio.content_url else _PLAIN


async def ready(tenant: Tenant) -> None:
    """Import the client, which takes a second."""
    await asyncio.to_thread(_load)


def _load() -> None:
    try:
        for name in _MODULES:
            importlib.import_module(name)
    except ImportError:
        raise PluginError(
            "plugin 'whatsapp': the provider twilio needs Twilio's client: pip install 'hookline-whatsapp[twilio]'"
        ) from None


def lacks(tenant: Tenant) -> tuple[str, ...]:
    """The keys that are not set."""
    config = tenant.config.twilio
    return tuple(f"twilio.{key}" for key in ("account_sid", "auth_token") if not getattr(config, key))


async def _pool(tenant: Tenant) -> _Pool:
    config: Twilio = tenant.config.twilio

    async def make() -> _Pool:
        await ready(tenant)
        return _Pool(config)

    secret = hashlib.sha256(config.auth_token.value.encode()).hexdigest()[:12]
    return await tenant.keep(ResourceKey[_Pool](f"twilio:{config.account_sid}:{secret}:{config.url}"), make)


async def send(tenant: Tenant, number: Number, address: str, part: Part, tag: str) -> str:
    """Have it sent; statuses come to the webhook, where `public_url` is known."""
    pool = await _pool(tenant)
    told: dict[str, Any] = {"to": f"whatsapp:{address}", "from_": f"whatsapp:{number.phone or number.id}"}
    base = tenant.settings.public_url.rstrip("/")
    if base:
        told["status_callback"] = f"{base}/t/{quote(tenant.name)}/whatsapp/webhook"
    match part:
        case TextPart():
            told["body"] = part.text
        case MediaPart():
            told["media_url"] = [part.url]
            if part.caption:
                told["body"] = part.caption
        case TemplatePart():
            told["content_sid"] = part.name
            if part.variables:
                told["content_variables"] = json.dumps(dict(part.variables), ensure_ascii=False)
        case ChoicePart():
            told["content_sid"] = await _content(tenant, pool, part)
            told["content_variables"] = json.dumps({"1": part.text}, ensure_ascii=False)
    made = await _done(pool.client.messages.create_async(**told))
    return str(made.sid)


async def _content(tenant: Tenant, pool: _Pool, part: ChoicePart) -> str:
    """The sid of the content with these choices, made if there is none yet."""
    types = _types(part)
    name = f"hookline_{hashlib.sha256(json.dumps(types, sort_keys=True).encode()).hexdigest()[:24]}"
    if name not in pool.contents:
        asked = {"friendly_name": name, "language": "en", "variables": {"1": "…"}, "types": types}
        made = await _make_content(tenant.config.twilio, tenant.http, asked)
        while len(pool.contents) >= _KEPT:
            pool.contents.pop(next(iter(pool.contents)))
        pool.contents[name] = made
    return pool.contents[name]


async def _make_content(config: Twilio, http: aiohttp.ClientSession, asked: dict[str, Any]) -> str:
    """Make a content; by hand, as Twilio's asynchronous client posts a form where the API takes JSON."""
    headers = {"Authorization": _basic(config), "Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with http.post(
            f"{config.content_url}/v1/Content",
            data=json.dumps(asked),
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            raw, status = await response.read(), response.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SendDelayed(f"Twilio does not answer: {type(error).__name__}") from None
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = {}
    if status >= 300 or not text_at(answer, "sid"):
        raise failure("twilio", code_at(answer, "code"), status, "a content for quick replies")
    return text_at(answer, "sid")


def _basic(config: Twilio) -> str:
    pair = f"{config.account_sid}:{config.auth_token.value}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _types(part: ChoicePart) -> dict[str, Any]:
    if not part.listed:
        return {
            "twilio/quick-reply": {
                "body": "{{1}}", "actions": [{"type": "QUICK_REPLY", "title": one.title, "id": one.id} for one in part.options],
            }
        }  # fmt: skip
    items = [{"item": one.title, "id": one.id, "description": one.description} for one in part.options]
    return {"twilio/list-picker": {"body": "{{1}}", "button": part.button, "items": items}}


async def seen(tenant: Tenant, number: Number, message: str, *, typing: bool) -> None:
    """Twilio marks what it delivers as read by its own settings."""


async def fetch(tenant: Tenant, media: MediaRef) -> Fetched:
    """Get the file; the account's credentials go to Twilio's own hosts alone, and never on with a redirect."""
    config = tenant.config.twilio
    credentials = {}
    if fetching.is_host(media.ref, _HOSTS, config.url):
        credentials = {"Authorization": _basic(config)}
    return await fetching.fetch(tenant, media.ref, credentials, own=config.url if credentials else "")


async def _done(work: Any) -> Any:
    """Await a call of the client; raises the errors of `failures`."""
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return await work
    except TwilioRestException as error:
        raise failure("twilio", int(error.code or 0) or -1, error.status) from None
    except (TwilioException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SendDelayed(f"Twilio does not answer: {type(error).__name__}") from None
    except (TypeError, KeyError) as error:
        raise SendRefused(f"Twilio's client can't send this: {type(error).__name__}") from None
