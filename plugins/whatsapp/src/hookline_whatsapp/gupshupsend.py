"""Sends by Gupshup, and gets its media.

Source: docs.gupshup.io, POST /wa/api/v1/msg and /wa/api/v1/template/msg: forms with the message as JSON, the key in `apikey`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from hookline.errors import ConfigError

from . import fetching
from .failures import SendDelayed, failure, seconds_of
from .parts import Abilities, ChoicePart, MediaPart, Part, TemplatePart, TextPart
from .reading import code_at, text_at

if TYPE_CHECKING:
    from hookline.fetch import Fetched
    from hookline.tenant import Tenant

    from .config import Number
    from .incoming import MediaRef

_ABILITIES = Abilities(per_second=20.0)
_SECONDS = 20.0


def abilities(tenant: Tenant) -> Abilities:
    """Text, choices and files."""
    return _ABILITIES


async def ready(tenant: Tenant) -> None:
    """Refuse a number that nothing can be sent from; raises `ConfigError`."""
    for name, number in tenant.config.numbers.items():
        if not number.phone:
            raise ConfigError(
                f"tenant {tenant.name!r}: plugins.whatsapp.numbers.{name}.phone: missing; Gupshup wants it as the source of what is sent"
            )


def lacks(tenant: Tenant) -> tuple[str, ...]:
    """The secrets that are not set."""
    return tuple(f"gupshup.{key}" for key in ("api_key", "token") if not getattr(tenant.config.gupshup, key))


async def send(tenant: Tenant, number: Number, address: str, part: Part, tag: str) -> str:
    """Post the message."""
    form = {
        "channel": "whatsapp",
        "source": number.phone.removeprefix("+"),
        "destination": address.removeprefix("+"),
        "src.name": number.id,
    }
    if isinstance(part, TemplatePart):
        path, told = "/wa/api/v1/template/msg", {"id": part.name, "params": list(part.variables.values())}
        form["template"] = msgspec.json.encode(told).decode()
    else:
        path = "/wa/api/v1/msg"
        form["message"] = msgspec.json.encode(content(part, tag)).decode()
    return await _post(tenant, path, form)


async def _post(tenant: Tenant, path: str, form: dict[str, str]) -> str:
    config = tenant.config.gupshup
    try:
        async with tenant.http.post(
            f"{config.url}{path}",
            data=form,
            headers={"apikey": config.api_key.value},
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
            allow_redirects=False,
        ) as response:
            raw, status, wait = await response.read(), response.status, response.headers.get("Retry-After")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SendDelayed(f"Gupshup does not answer: {type(error).__name__}") from None
    try:
        answer = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        answer = {}
    ident = text_at(answer, "messageId")
    if status >= 300 or text_at(answer, "status") != "submitted" or not ident:
        said = text_at(answer, "message") or text_at(answer, "message", "description")
        raise failure("gupshup", code_at(answer, "code"), status, said, retry_after=seconds_of(wait))
    return ident


async def seen(tenant: Tenant, number: Number, message: str, *, typing: bool) -> None:
    """Gupshup marks what it delivers as read by the app's settings."""


async def fetch(tenant: Tenant, media: MediaRef) -> Fetched:
    """Get the file; its address holds all that is needed."""
    return await fetching.fetch(tenant, media.ref, {})


def content(part: TextPart | ChoicePart | MediaPart, tag: str) -> dict[str, Any]:
    """The message as Gupshup has it."""
    match part:
        case TextPart():
            return {"type": "text", "text": part.text, "previewUrl": "://" in part.text}
        case MediaPart():
            return _media(part)
        case ChoicePart():
            return _listed(part, tag) if part.listed else _buttons(part, tag)


def _media(part: MediaPart) -> dict[str, Any]:
    caption = {"caption": part.caption} if part.caption else {}
    match part.kind:
        case "image":
            return {"type": "image", "originalUrl": part.url, "previewUrl": part.url, **caption}
        case "document":
            return {"type": "file", "url": part.url, "filename": part.name or "file", **caption}
        case "video":
            return {"type": "video", "url": part.url, **caption}
        case _:
            return {"type": part.kind, "url": part.url}


def _buttons(part: ChoicePart, tag: str) -> dict[str, Any]:
    options = [{"type": "text", "title": one.title, "postbackText": one.id} for one in part.options]
    return {"type": "quick_reply", "msgid": tag, "content": {"type": "text", "text": part.text}, "options": options}


def _listed(part: ChoicePart, tag: str) -> dict[str, Any]:
    options = [
        {"type": "text", "title": one.title, "description": one.description, "postbackText": one.id}
        for one in part.options
    ]
    return {
        "type": "list",
        "title": part.button,
        "body": part.text,
        "msgid": tag,
        "globalButtons": [{"type": "text", "title": part.button}],
        "items": [{"title": part.button, "subtitle": part.button, "options": options}],
    }
