"""This plugin's part of `hookline doctor`: are credentials, numbers and webhook as the provider has to have them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import attrs
import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from hookline.examination import Examination, Finding

WEBHOOK = "/whatsapp/webhook"
_NEEDED = {
    "meta": ("access_token", "app_secret", "verify_token"),
    "twilio": ("account_sid", "auth_token"),
    "gupshup": ("api_key", "token"),
}
_NAMES = {"meta": "Meta", "twilio": "Twilio", "gupshup": "Gupshup"}


class Unanswered(Exception):
    """The provider did not answer, or with what is none of its answers; the text says which."""


@attrs.frozen
class Answer:
    """What the provider says: its status and the JSON of its body."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return self.status < 300


async def ask(about: Examination, method: str, url: str, **options: Any) -> Answer:
    """Ask the provider; raises `Unanswered`."""
    name = _NAMES[about.config.provider]
    try:
        async with about.http.request(method, url, allow_redirects=False, **options) as response:
            raw, status = await response.read(), response.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unanswered(f"{name} does not answer at {url.partition('?')[0]}: {type(error).__name__}") from None
    try:
        return Answer(status, msgspec.json.decode(raw or b"null"))
    except msgspec.DecodeError:
        raise Unanswered(f"{name} answered {status} with what is no JSON at {url.partition('?')[0]}") from None


async def examine(about: Examination) -> AsyncIterator[Finding]:
    """Look at the config, then ask the provider."""
    config = about.config
    if config.carrier == "simulator":
        if about.settings.public_url:
            yield about.warning("the provider is the simulator, which reaches nobody, and this tenant has a public_url")
        else:
            yield about.ok("the provider is the simulator: its page is /whatsapp/simulator, and it reaches nobody")
        return
    bad = about.error if about.online else about.warning
    if not config.numbers:
        yield bad("there is no number: add [plugins.whatsapp.numbers.NAME] with the id that the provider knows it by")
    table = getattr(config, config.provider)
    lacking = [key for key in _NEEDED[config.provider] if not getattr(table, key)]
    for key in lacking:
        value = getattr(table, key)
        unset = f" (the variable {value.name} is not set)" if getattr(value, "name", "") else ""
        yield bad(f"[plugins.whatsapp.{config.provider}] {key} is not set{unset}: {_where(config.provider, key)}")
    if not about.settings.public_url:
        yield bad(
            f"public_url is not set: {_NAMES[config.provider]} needs an address that it can reach; with a tunnel to this machine's "
            "port, set public_url to the tunnel's https:// address"
        )
    if not about.online:
        return
    if about.settings.public_url:
        async for finding in _reached(about):
            yield finding
        for line in _paste(about):
            yield about.note(line)
    if lacking or not config.numbers:
        return
    from . import gupshupdoctor, metadoctor, twiliodoctor

    module: Any = {"meta": metadoctor, "twilio": twiliodoctor, "gupshup": gupshupdoctor}[config.provider]
    try:
        async for finding in module.examine(about):
            yield finding
    except Unanswered as error:
        yield about.error(str(error))


def webhook(about: Examination) -> str:
    """The address to give to the provider."""
    return f"{about.settings.public_url.rstrip('/')}/t/{quote(about.tenant)}{WEBHOOK}"


def is_ours(about: Examination, url: str) -> bool:
    """Whether the address leads to this tenant's webhook, also by an alias or where the tenant is served at the root."""
    base = about.settings.public_url.rstrip("/")
    paths = [WEBHOOK]
    for alias, target in about.settings.routes.items():
        if target.strip() in (f"POST {WEBHOOK}", WEBHOOK):
            paths.append(alias.strip().rpartition(" ")[2])
    known = {f"{base}{before}{path}" for path in paths for before in ("", f"/t/{quote(about.tenant)}")}
    return bool(base) and url.partition("?")[0] in known


def _where(provider: str, key: str) -> str:
    """Where the value is to be found."""
    return {
        "access_token": "Business settings, System users, Generate new token, with whatsapp_business_messaging",
        "app_secret": "App Dashboard, App settings, Basic, App secret",
        "verify_token": "a text of your own choice, typed into Meta's form for the webhook too",
        "account_sid": "Twilio's Console, Account Info, Account SID",
        "auth_token": "Twilio's Console, Account Info, Auth Token",
        "api_key": "Gupshup's dashboard, the app's settings, API key",
        "token": "a long random text of your own choice, which becomes part of the callback's address",
    }[key]


def _paste(about: Examination) -> list[str]:
    """What to type into the provider's pages; secrets are named by their variables."""
    config, url = about.config, webhook(about)
    if config.provider == "meta":
        return [
            f"App Dashboard, WhatsApp, Configuration, Webhook: Callback URL {url}",
            (
                f"Verify token: the value of {_named(config.meta.verify_token, 'plugins.whatsapp.meta.verify_token')}; then subscribe to "
                "the field messages"
            ),
        ]
    if config.provider == "twilio":
        return [
            (
                f"Console, Messaging, Senders, WhatsApp senders, your sender: Webhook URL for incoming messages {url}, POST; the same as "
                "Status callback URL (of the sandbox: Messaging, Try it out, Sandbox settings)"
            )
        ]
    token = _named(config.gupshup.token, "plugins.whatsapp.gupshup.token")
    return [
        f"Gupshup's dashboard, the app's Webhooks, Callback URL: {url}?token=TOKEN, with the value of {token} for TOKEN; all events"
    ]


def _named(secret: Any, key: str) -> str:
    return secret.name or key


async def _reached(about: Examination) -> AsyncIterator[Finding]:
    """Does the public address lead to this tenant's webhook?"""
    base, nonce = webhook(about), secrets.token_hex(8)
    query: Mapping[str, str] = {}
    if about.config.provider == "meta" and about.config.meta.verify_token:
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": about.config.meta.verify_token.value,
            "hub.challenge": nonce,
        }
    try:
        async with about.http.get(base, params=query, allow_redirects=False) as response:
            status, text = response.status, (await response.content.read(2000)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        yield about.error(
            f"{base} does not answer ({type(error).__name__}): start the server (hookline serve), open the tunnel to its port, and "
            "see that public_url is the tunnel's address of today"
        )
        return
    if query and status == 200 and text == nonce:
        yield about.ok(f"{base} is reached, and answers Meta's question")
    elif status in (400, 503) and ("posts to this address" in text or "hub.mode" in text or "is not set" in text):
        yield about.ok(f"{base} is reached")
    elif status == 403:
        yield about.error(
            f"{base} has another verify_token than this configuration: reload or restart the server (hookline reload)"
        )
    elif status == 404:
        yield about.error(
            f"{base} answers 404: the server behind it does not have this tenant with the plugin whatsapp, or public_url has a path "
            "that a proxy takes away"
        )
    else:
        yield about.error(f"{base} answers {status}, as no Hookline does: what is behind public_url is something else")
