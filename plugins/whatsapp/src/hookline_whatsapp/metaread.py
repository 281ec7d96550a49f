"""What Meta's Cloud API posts: signed with the app's secret, in batches.

Source: developers.facebook.com/docs/whatsapp, "Webhooks"; the published description business-messaging-api (v23.0).
Gupshup's passthrough (v3) has the same shape.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .incoming import Batch, Incoming, MediaRef, StatusUpdate, address_of, chosen
from .reading import at, number_at, objects_at, parse, parse_within, size_at, text_at, time_at
from .refusing import forged, malformed, unconfigured

if TYPE_CHECKING:
    from aiohttp import web

    from hookline.tenant import Tenant

_MEDIA = ("image", "audio", "video", "document", "sticker", "voice")
_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
_REFERRED = ("source_url", "source_id", "source_type", "headline", "body", "media_type", "ctwa_clid")


async def read(tenant: Tenant, request: web.Request) -> Batch:
    """The request's batch; raises `Problem` 503, 403 or 400."""
    body = await request.read()
    check(tenant.config.meta.app_secret.value, request.headers.get("X-Hub-Signature-256", ""), body)
    return batch_of(parse(body))


def check(secret: str, given: str, body: bytes) -> None:
    """Raise `Problem` unless the signature is that of the body as it came."""
    if not secret:
        raise unconfigured("plugins.whatsapp.meta.app_secret")
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.strip().encode(errors="replace")):
        raise forged("X-Hub-Signature-256 is missing or does not fit the body; check app_secret")


def challenge(tenant: Tenant, request: web.Request) -> str:
    """What Meta wants back when the webhook is set up; raises `Problem` 503, 403 or 400."""
    wanted = tenant.config.meta.verify_token.value
    if not wanted:
        raise unconfigured("plugins.whatsapp.meta.verify_token")
    query = request.query
    if query.get("hub.mode") != "subscribe" or not query.get("hub.challenge"):
        raise malformed("this is no verification: hub.mode=subscribe, hub.verify_token and hub.challenge are needed")
    if not hmac.compare_digest(wanted.encode(), query.get("hub.verify_token", "").encode(errors="replace")):
        raise forged("hub.verify_token is not the one in plugins.whatsapp.meta.verify_token")
    return query["hub.challenge"]


def batch_of(payload: Mapping[str, Any]) -> Batch:
    """All messages and statuses of a payload; raises `Problem` 400 for one that has no entries."""
    if not isinstance(payload.get("entry"), list):
        raise malformed("the payload has no list `entry`")
    messages: list[Incoming] = []
    statuses: list[StatusUpdate] = []
    noted: list[str] = []
    for entry in objects_at(payload, "entry"):
        for change in objects_at(entry, "changes"):
            value = at(change, "value")
            field = text_at(change, "field") or "messages"
            if field != "messages":
                noted.append(field)
                continue
            number = text_at(value, "metadata", "phone_number_id")
            profiles = objects_at(value, "contacts")
            for one in objects_at(value, "messages"):
                told = _message(one, number, profiles)
                messages += [told] if isinstance(told, Incoming) else []
                noted += [told] if isinstance(told, str) else []
            statuses += [status for one in objects_at(value, "statuses") if (status := _status(one, number))]
            noted += [f"error {text_at(one, 'code')}: {text_at(one, 'title')}" for one in objects_at(value, "errors")]
    return Batch(tuple(messages), tuple(statuses), tuple(noted))


def _status(one: Mapping[str, Any], number: str) -> StatusUpdate | None:
    ident, state = text_at(one, "gs_id") or text_at(one, "id"), _STATES.get(text_at(one, "status"))
    if not ident or state is None:
        return None
    error = next(iter(objects_at(one, "errors")), {})
    told = text_at(error, "error_data", "details") or text_at(error, "message") or text_at(error, "title")
    return StatusUpdate(
        ident,
        number,
        state,  # type: ignore[arg-type]  # the values of the table are the states
        at=time_at(one, "timestamp"),
        tag=text_at(one, "biz_opaque_callback_data"),
        code=number_at(error, "code"),
        error=told,
        address=address_of(text_at(one, "recipient_id"), text_at(one, "recipient_user_id")),
    )


def _message(one: Mapping[str, Any], number: str, profiles: list[dict[str, Any]]) -> Incoming | str:
    """The message, or what is to be noted in its place."""
    kind = text_at(one, "type")
    if kind == "system":
        return f"system: {text_at(one, 'system', 'type') or 'unknown'}"
    if one.get("group_id"):
        return "a message in a group"
    profile = _profile(one, profiles)
    sender = address_of(
        one.get("from"), at(profile, "wa_id"), one.get("from_user_id"), at(profile, "user_id"), at(profile, "bsuid")
    )
    ident = text_at(one, "id")
    if not ident or not sender:
        return "a message without id or sender"
    kind, text, media, data = _content(one, kind)
    return Incoming(
        ident,
        number,
        sender,
        kind,
        text,
        at=time_at(one, "timestamp"),
        name=text_at(profile, "profile", "name"),
        media=media,
        data={**data, **_around(one), **({"user_id": bsuid} if (bsuid := text_at(one, "from_user_id")) else {})},
    )


def _profile(one: Mapping[str, Any], profiles: list[dict[str, Any]]) -> dict[str, Any]:
    """The contact that the message is of; its `wa_id` may differ from `from` where a country writes numbers two ways."""
    wanted = {text_at(one, "from"), text_at(one, "from_user_id")} - {""}
    for profile in profiles:
        if wanted & {text_at(profile, "wa_id"), text_at(profile, "user_id")}:
            return profile
    return profiles[0] if len(profiles) == 1 else {}


def _around(one: Mapping[str, Any]) -> dict[str, Any]:
    """What the message refers to."""
    found: dict[str, Any] = {}
    if "context" not in one and "referral" not in one:
        return found
    context = at(one, "context")
    if ident := text_at(context, "gs_id") or text_at(context, "id"):
        found["reply_to"] = ident
    if at(context, "forwarded") or at(context, "frequently_forwarded"):
        found["forwarded"] = True
    if isinstance(product := at(context, "referred_product"), dict):
        found["product"] = product
    if isinstance(referral := at(one, "referral"), dict):
        found["referral"] = {key: text for key in _REFERRED if (text := text_at(referral, key))}
    return found


_Content = tuple[str, str, tuple[MediaRef, ...], dict[str, Any]]


def _content(one: Mapping[str, Any], kind: str) -> _Content:
    """Kind, text, files and data of the message's own part; what is not known is kept as unsupported."""
    part = at(one, kind)
    if kind in _MEDIA:
        return _media(part, kind)
    found: tuple[str, dict[str, Any]] | None = None
    match kind:
        case "text":
            return "text", text_at(part, "body"), (), {}
        case "button":
            return "choice", chosen(at(part, "payload"), at(part, "text")), (), _choice(part, "payload", "text")
        case "interactive":
            return _interactive(part)
        case "reaction":
            reacted = {"reacts_to": text_at(part, "message_id")}
            return "reaction", text_at(part, "emoji"), (), reacted
        case "location":
            found = location(part)
        case "contacts":
            found = contacts(objects_at(one, "contacts"))
        case "order":
            items = [dict(item) for item in objects_at(part, "product_items")]
            found = text_at(part, "text"), {"order": {"catalog": text_at(part, "catalog_id"), "items": items}}
        case "edit" | "edited":
            return _edited(part)
        case "revoke" | "deleted":
            return "deleted", "", (), {"deletes": text_at(part, "original_message_id") or text_at(part, "message_id")}
        case "request_welcome":
            return "welcome", "", (), {}
    if found is not None:
        return kind, found[0], (), found[1]
    errors = [{"code": at(e, "code"), "title": text_at(e, "title")} for e in objects_at(one, "errors")]
    said = {"said_type": kind[:60], "errors": errors} if errors else {"said_type": kind[:60]}
    return "unsupported", "", (), said


def _media(part: Any, kind: str) -> _Content:
    ref = text_at(part, "id") or text_at(part, "url") or text_at(part, "link")
    said = MediaRef(
        ref,
        text_at(part, "mime_type").partition(";")[0].strip().lower(),
        text_at(part, "filename"),
        size_at(part, "file_size"),
        text_at(part, "sha256"),
    )
    shown = "audio" if kind == "voice" else kind
    data = {"voice": True} if kind == "voice" or at(part, "voice") is True else {}
    return shown, text_at(part, "caption"), (said,) if ref else (), data


def _interactive(part: Any) -> _Content:
    kind = text_at(part, "type")
    reply = at(part, kind)
    if kind in ("button_reply", "list_reply"):
        return "choice", chosen(at(reply, "id"), at(reply, "title")), (), _choice(reply, "id", "title")
    if kind == "nfm_reply":
        return "form", text_at(reply, "body"), (), {"form": parse_within(text_at(reply, "response_json"))}
    return "unsupported", "", (), {"said_type": f"interactive {kind}"[:60]}


def _choice(part: Any, ident: str, title: str) -> dict[str, Any]:
    return {"choice": {"id": text_at(part, ident), "title": text_at(part, title)}}


def _edited(part: Any) -> _Content:
    inner = at(part, "message")
    kind, text, media, data = _content(inner, text_at(inner, "type")) if isinstance(inner, dict) else ("", "", (), {})
    return (
        "edited" if kind != "unsupported" else kind,
        text,
        media,
        {**data, "edits": text_at(part, "original_message_id")},
    )


def location(part: Any) -> tuple[str, dict[str, Any]] | None:
    """A place as text and data; None for one that is nowhere."""
    try:
        latitude, longitude = float(text_at(part, "latitude")), float(text_at(part, "longitude"))
    except ValueError:
        return None
    named = {key: text for key in ("name", "address", "url") if (text := text_at(part, key))}
    told = ", ".join(text for key in ("name", "address") if (text := named.get(key, "")))
    where = f"{latitude:.6f}, {longitude:.6f}"
    return f"{told} ({where})" if told else where, {"location": {"latitude": latitude, "longitude": longitude, **named}}


def contacts(cards: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Contact cards as text and data."""
    found: list[dict[str, Any]] = [
        {
            "name": text_at(card, "name", "formatted_name") or text_at(card, "name", "first_name"),
            "phones": list(_each(card, "phones", "phone")),
            "emails": list(_each(card, "emails", "email")),
        }
        for card in cards
    ]
    lines = [", ".join(part for part in (one["name"], *one["phones"], *one["emails"]) if part) for one in found]
    return "\n".join(line for line in lines if line), {"contacts": found}


def _each(card: Mapping[str, Any], key: str, field: str) -> Iterator[str]:
    for one in objects_at(card, key):
        if text := text_at(one, field) or text_at(one, "wa_id"):
            yield text
