"""Sends by Meta's Cloud API, and gets its media.

Source: the published description business-messaging-api (v23.0), POST /{phone-number-id}/messages.  A business-scoped user id goes into
`recipient`, as Meta drops it without a word where it stands in `to`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import msgspec

from hookline.media import safe_name

from . import fetching
from .failures import SendDelayed, failure, seconds_of
from .incoming import is_phone
from .kinds import bare
from .parts import Abilities, ChoicePart, MediaPart, Part, TemplatePart, TextPart
from .reading import at, code_at, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.fetch import Fetched
    from hookline.message import File
    from hookline.tenant import Tenant

    from .config import Number
    from .incoming import MediaRef

_ABILITIES = Abilities(uploads=True)
_SECONDS = 20.0
_AGENT = "hookline-whatsapp/1.0.0"  # of what speaks, not of a release: the description wants name/1.2.3, and refuses aiohttp's own
_UPLOAD_SECONDS = 28.0  # a file of 100 MB; the core gives a delivery 30
_UPLOADED_AS = {"text/csv": "text/plain", "audio/opus": "audio/ogg"}  # what uploads may not be called


def abilities(tenant: Tenant) -> Abilities:
    """Text, choices and files."""
    return _ABILITIES


async def ready(tenant: Tenant) -> None:
    """Nothing has to be loaded."""


def lacks(tenant: Tenant) -> tuple[str, ...]:
    """The secrets that are not set."""
    config = tenant.config.meta
    return tuple(f"meta.{key}" for key in ("access_token", "app_secret", "verify_token") if not getattr(config, key))


async def send(tenant: Tenant, number: Number, address: str, part: Part, tag: str) -> str:
    """Post the message."""
    answer = await _message(tenant, number, {**payload(address, part), "biz_opaque_callback_data": tag})
    messages = at(answer, "messages")
    ident = text_at(messages[0], "id") if isinstance(messages, list) and messages else ""
    if not ident:
        raise SendDelayed("Meta answered without the id of the message")
    return ident


async def upload(tenant: Tenant, number: Number, file: File) -> str:
    """Hand over the file; its id is the number's for 30 days."""
    media_type = _UPLOADED_AS.get(bare(file.media_type), bare(file.media_type))
    form = aiohttp.FormData()
    form.add_field("messaging_product", "whatsapp")
    form.add_field("type", media_type)
    form.add_field("file", file.data, filename=safe_name(file.name), content_type=media_type)
    answer = await _post(tenant, number, "media", form, {}, _UPLOAD_SECONDS)
    ident = text_at(answer, "id")
    if not ident:
        raise SendDelayed("Meta answered without the id of the file")
    return ident


async def seen(tenant: Tenant, number: Number, message: str, *, typing: bool) -> None:
    """One call does both; what is typed shows for 25 seconds at most."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message}
    if typing:
        body["typing_indicator"] = {"type": "text"}
    await _message(tenant, number, body)


async def fetch(tenant: Tenant, media: MediaRef) -> Fetched:
    """Ask where the file is, then get it; both with the token, which goes to Meta's hosts alone."""
    config = tenant.config.meta
    credentials = {"Authorization": f"Bearer {config.access_token.value}"}
    if media.ref.startswith("https://"):
        return await fetching.fetch(tenant, media.ref, {})
    about = f"{config.url}/{config.version}/{quote(media.ref, safe='')}"
    where = await fetching.fetch(tenant, about, credentials, own=config.url)
    try:
        url = text_at(msgspec.json.decode(where.body), "url") if where.ok else ""
    except msgspec.DecodeError:
        raise SendDelayed(f"Meta answered {where.status} with what is no JSON") from None
    if not url:
        raise failure("meta", 0 if where.status != 404 else 131052, where.status, "no address of a file")
    return await fetching.fetch(tenant, url, credentials if fetching.is_host(url, _HOSTS, config.url) else {})


_HOSTS = ("facebook.com", "fbsbx.com", "whatsapp.net")


async def _message(tenant: Tenant, number: Number, body: dict[str, Any]) -> Any:
    raw = msgspec.json.encode(body)
    return await _post(tenant, number, "messages", raw, {"Content-Type": "application/json"}, _SECONDS)


async def _post(
    tenant: Tenant, number: Number, path: str, body: Any, headers: Mapping[str, str], seconds: float
) -> Any:
    config = tenant.config.meta
    url = f"{config.url}/{config.version}/{number.id}/{path}"
    try:
        async with tenant.http.post(
            url,
            data=body,
            headers={**headers, "Authorization": f"Bearer {config.access_token.value}", "User-Agent": _AGENT},
            timeout=aiohttp.ClientTimeout(total=seconds),
            allow_redirects=False,
        ) as response:
            raw, status, wait = await response.read(), response.status, response.headers.get("Retry-After")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SendDelayed(f"Meta does not answer: {type(error).__name__}") from None
    try:
        answer = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        raise SendDelayed(f"Meta answered {status} with what is no JSON") from None
    refusal = at(answer, "error")
    if status >= 300 or refusal is not None:
        raise failure(
            "meta",
            code_at(refusal, "code"),
            status,
            text_at(refusal, "error_data", "details") or text_at(refusal, "message"),
            retry_after=seconds_of(wait),
            transient=at(refusal, "is_transient") is True,
        )
    return answer


def payload(address: str, part: Part) -> dict[str, Any]:
    """The message as the description has it."""
    to = {"to": address.removeprefix("+")} if is_phone(address) else {"recipient": address}
    return {"messaging_product": "whatsapp", "recipient_type": "individual", **to, **content(part)}


def content(part: Part) -> dict[str, Any]:
    """The part that is the message's own."""
    match part:
        case TextPart():
            linked = "https://" in part.text or "http://" in part.text
            return {"type": "text", "text": {"body": part.text, "preview_url": linked}}
        case ChoicePart():
            return {"type": "interactive", "interactive": _interactive(part)}
        case MediaPart():
            told: dict[str, Any] = {"id": part.media} if part.media else {"link": part.url}
            if part.kind == "audio" and part.voice:
                told["voice"] = True
            if part.caption and part.kind in ("image", "video", "document"):
                told["caption"] = part.caption
            if part.kind == "document" and part.name:
                told["filename"] = part.name
            return {"type": part.kind, part.kind: told}
        case TemplatePart():
            return {"type": "template", "template": _template(part)}


def _interactive(part: ChoicePart) -> dict[str, Any]:
    if not part.listed:
        buttons = [{"type": "reply", "reply": {"id": one.id, "title": one.title}} for one in part.options]
        return {"type": "button", "body": {"text": part.text}, "action": {"buttons": buttons}}
    rows = [
        {"id": one.id, "title": one.title, **({"description": one.description} if one.description else {})}
        for one in part.options
    ]
    sections = [{"title": part.button, "rows": rows}]
    return {"type": "list", "body": {"text": part.text}, "action": {"button": part.button, "sections": sections}}


def _template(part: TemplatePart) -> dict[str, Any]:
    told: dict[str, Any] = {"name": part.name, "language": {"code": part.language, "policy": "deterministic"}}
    if part.variables:
        numbered = all(key.isdigit() for key in part.variables)
        named = [{"type": "text", "text": value} for value in part.variables.values()]
        if not numbered:
            named = [{**one, "parameter_name": key} for key, one in zip(part.variables, named, strict=True)]
        told["components"] = [{"type": "body", "parameters": named}]
    return told
