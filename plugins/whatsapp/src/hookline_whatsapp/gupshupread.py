"""What Gupshup posts: JSON of its own (version 2), or Meta's with a few fields more (version 3).

Gupshup signs nothing.  So the request has to bring the token that was given with the callback's address.
Source: docs.gupshup.io, "Inbound messages", "Message events"; partner-docs.gupshup.io, "Passthrough (V3) incoming events".
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import attrs

from .incoming import Batch, Incoming, MediaRef, StatusUpdate, address_of, chosen
from .metaread import batch_of as meta_batch
from .metaread import contacts, location
from .reading import at, number_at, objects_at, parse, text_at, time_at
from .refusing import forged, malformed, unconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from hookline.tenant import Tenant

    from .incoming import State

_STATES: Mapping[str, State] = {
    "sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed", "mismatched": "failed",
}  # fmt: skip
_MEDIA = {
    "image": "image",
    "file": "document",
    "audio": "audio",
    "video": "video",
    "sticker": "sticker",
    "voice": "audio",
}


async def read(tenant: Tenant, request: web.Request) -> Batch:
    """The request's batch; raises `Problem` 503, 403 or 400."""
    wanted = tenant.config.gupshup.token.value
    if not wanted:
        raise unconfigured("plugins.whatsapp.gupshup.token")
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else request.query.get("token", "")
    if not hmac.compare_digest(wanted.encode(), given.encode(errors="replace")):
        raise forged("the token is missing or another than plugins.whatsapp.gupshup.token")
    payload = parse(await request.read())
    if "entry" in payload:
        return _of_app(meta_batch(payload), text_at(payload, "gs_app_id"), tenant)
    return batch_of(payload)


def _of_app(batch: Batch, app: str, tenant: Tenant) -> Batch:
    """Meta's payload by Gupshup: statuses may leave out the number; the app is then meant."""

    def number(told: str) -> str:
        return told if told and tenant.config.number_of(told) else app

    return Batch(
        tuple(attrs.evolve(one, number=number(one.number)) for one in batch.messages),
        tuple(attrs.evolve(one, number=number(one.number)) for one in batch.statuses),
        batch.noted,
    )


def batch_of(payload: Mapping[str, Any]) -> Batch:
    """What a payload of version 2 says; raises `Problem` 400 for one that is none."""
    kind, inner, app = at(payload, "type"), at(payload, "payload"), text_at(payload, "app")
    if not isinstance(kind, str) or not kind or not isinstance(inner, dict):
        raise malformed("the payload has no type, or no payload in it")
    if kind == "message":
        told = _message(inner, app, time_at(payload, "timestamp"))
        return Batch((told,)) if told else Batch(noted=("a message without id or sender",))
    if kind == "message-event":
        return _event(inner, app, time_at(payload, "timestamp"))
    return Batch(noted=(f"{kind} {text_at(inner, 'type')}".strip()[:80],))


def _event(inner: Mapping[str, Any], app: str, when: float) -> Batch:
    state = _STATES.get(text_at(inner, "type"))
    ident = text_at(inner, "gsId") or text_at(inner, "id")
    if state is None or not ident:
        return Batch(noted=(f"message-event {text_at(inner, 'type')}"[:80],))
    update = StatusUpdate(
        ident,
        app,
        state,
        at=time_at(inner, "payload", "ts") or when,
        code=number_at(inner, "payload", "code"),
        error=text_at(inner, "payload", "reason"),
        address=address_of(text_at(inner, "destination")),
    )
    return Batch(statuses=(update,))


def _message(inner: Mapping[str, Any], app: str, when: float) -> Incoming | None:
    ident = text_at(inner, "id")
    sender = address_of(
        text_at(inner, "source"), text_at(inner, "sender", "phone"), text_at(inner, "sender", "user_id")
    )
    if not ident or not sender:
        return None
    kind, text, media, data = _content(text_at(inner, "type"), at(inner, "payload"))
    context = at(inner, "context")
    if replied := text_at(context, "gsId") or text_at(context, "id"):
        data["reply_to"] = replied
    if at(context, "forwarded") is True or at(context, "frequentlyForwarded") is True:
        data["forwarded"] = True
    if isinstance(referral := at(inner, "referral"), dict):
        data["referral"] = {key: text_at(referral, key) for key in referral if text_at(referral, key)}
    return Incoming(
        ident, app, sender, kind, text, at=when, name=text_at(inner, "sender", "name"), media=media, data=data
    )


def _content(kind: str, part: Any) -> tuple[str, str, tuple[MediaRef, ...], dict[str, Any]]:
    if kind in _MEDIA:
        said = text_at(part, "contentType").partition(";")[0].strip().lower()
        url = text_at(part, "url")
        media = (MediaRef(url, said, text_at(part, "name") or text_at(part, "filename")),) if url else ()
        return _MEDIA[kind], text_at(part, "caption"), media, {}
    if kind == "text":
        return "text", text_at(part, "text"), (), {}
    if kind in ("button_reply", "list_reply", "quick_reply"):
        told = {
            "id": text_at(part, "postbackText") or text_at(part, "id"),
            "title": text_at(part, "title") or text_at(part, "text") or text_at(part, "reply"),
        }
        return "choice", chosen(told["id"], told["title"]), (), {"choice": told}
    if kind == "reaction":
        return "reaction", text_at(part, "emoji"), (), {"reacts_to": text_at(part, "gsId") or text_at(part, "id")}
    found: tuple[str, dict[str, Any]] | None = None
    if kind == "location":
        found = location(part)
    elif kind == "contact":
        kind, found = "contacts", contacts(list(objects_at(part, "contacts")))
    if found is None:
        return "unsupported", "", (), {"said_type": kind[:60]}
    return kind, found[0], (), found[1]
