"""What Twilio posts: forms, signed over the address as Twilio called it and the fields.

Source: twilio.com/docs, "Validating requests", "Twilio's request to your webhook URL", "Outbound message status".  Behind a proxy the address
is the tenant's `public_url`; one with a port and one without are both tried, as Twilio signs now the one and now the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.errors import PluginError

from .incoming import Batch, Incoming, MediaRef, StatusUpdate, address_of, chosen
from .metaread import location
from .reading import clean, number_at, parse_within
from .refusing import forged, malformed, unconfigured

if TYPE_CHECKING:
    from aiohttp import web

    from hookline.tenant import Tenant

    from .incoming import State

_LONGEST = 1_000_000  # bytes: the longest message of WhatsApp, 65,536 letters, has nine for each in a form
_STATES: Mapping[str, State] = {
    "sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed", "undelivered": "failed",
}  # fmt: skip
_KINDS = {"image": "image", "audio": "audio", "video": "video"}
_MOST_FILES = 10


async def read(tenant: Tenant, request: web.Request) -> Batch:
    """The request's message or status; raises `Problem` 503, 403 or 400."""
    config = tenant.config.twilio
    if not config.auth_token:
        raise unconfigured("plugins.whatsapp.twilio.auth_token")
    if request.content_type != "application/x-www-form-urlencoded":
        raise malformed("Twilio sends a form (application/x-www-form-urlencoded)")
    if len(await request.read()) > _LONGEST:
        raise malformed(f"the form has more than {_LONGEST:,} bytes")
    try:
        fields = await request.post()
    except ValueError:
        raise malformed("the form can't be decoded") from None
    given = request.headers.get("X-Twilio-Signature", "")
    if not given or not signed(config.auth_token.value, addresses(tenant, request), fields, given):
        raise forged("X-Twilio-Signature is missing or does not fit; check auth_token, and public_url behind a proxy")
    form = {str(key): clean(str(value)) for key, value in fields.items()}
    if form.get("AccountSid", "") != config.account_sid:
        raise forged("the request is of another account than twilio.account_sid")
    return batch_of(form)


def addresses(tenant: Tenant, request: web.Request) -> list[str]:
    """The addresses under which Twilio may have called."""
    base = tenant.settings.public_url.rstrip("/")
    if not base:
        return [str(request.url)]
    return list(dict.fromkeys((f"{base}{request.raw_path}", f"{base}{request.path_qs}")))


def signed(token: str, urls: list[str], form: Mapping[str, Any], given: str) -> bool:
    """Whether the signature fits one of the addresses, by Twilio's own validator."""
    try:
        from twilio.request_validator import RequestValidator
    except ImportError:
        raise PluginError(
            "the provider twilio needs Twilio's client: pip install 'hookline-whatsapp[twilio]'"
        ) from None
    validator = RequestValidator(token)
    return any(validator.validate(url, form, given) for url in urls)


def batch_of(form: Mapping[str, str]) -> Batch:
    """What a form says; raises `Problem` 400 for one that is neither message nor status."""
    ident = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid", "")
    if not ident:
        raise malformed("MessageSid is missing")
    state = (form.get("MessageStatus") or form.get("SmsStatus") or "received").lower()
    if state not in ("received", "receiving"):
        return _status(form, ident, state)
    sender = address_of(form.get("From"), form.get("WaId"), form.get("ExternalUserId"))
    if not sender:
        raise malformed("From is no number, and there is no ExternalUserId")
    kind, text, media, data = _content(form)
    return Batch(
        (
            Incoming(
                ident,
                _number(form.get("To", "")),
                sender,
                kind,
                text,
                name=form.get("ProfileName", ""),
                media=media,
                data={**data, **_around(form)},
            ),
        )
    )


def _status(form: Mapping[str, str], ident: str, state: str) -> Batch:
    known = _STATES.get(state)
    if known is None:
        return Batch(noted=(f"status {state[:40]}",))
    return Batch(
        statuses=(
            StatusUpdate(
                ident,
                _number(form.get("From", "")),
                known,
                code=number_at(form, "ErrorCode"),
                error=form.get("ErrorMessage", "") or form.get("ChannelStatusMessage", ""),
                address=address_of(form.get("To")),
            ),
        )
    )


def _number(text: str) -> str:
    return address_of(text) or text.removeprefix("whatsapp:")


def _content(form: Mapping[str, str]) -> tuple[str, str, tuple[MediaRef, ...], dict[str, Any]]:
    body, kind = form.get("Body", ""), form.get("MessageType", "")
    if "ButtonText" in form or "ButtonPayload" in form or kind == "button":
        told = {"id": form.get("ButtonPayload", ""), "title": form.get("ButtonText", "") or body}
        return "choice", chosen(told["id"], told["title"]), (), {"choice": told}
    if form.get("ListId") or form.get("ListTitle"):
        told = {"id": form.get("ListId", ""), "title": form.get("ListTitle", "") or body}
        return "choice", chosen(told["id"], told["title"]), (), {"choice": told}
    if form.get("Latitude") and form.get("Longitude"):
        part = {
            "latitude": form["Latitude"], "longitude": form["Longitude"], "name": form.get("Label", ""),
            "address": form.get("Address", ""),
        }  # fmt: skip
        if (found := location(part)) is not None:
            return "location", found[0], (), found[1]
    if media := _media(form):
        family = media[0].media_type.partition("/")[0]
        shown = "sticker" if kind == "sticker" else "contacts" if "vcard" in media[0].media_type else family
        return _KINDS.get(shown, shown if shown in ("sticker", "contacts") else "document"), body, media, {}
    if kind == "reaction" or form.get("ReactionEmoji"):
        return "reaction", form.get("ReactionEmoji", body), (), {"reacts_to": form.get("OriginalRepliedMessageSid", "")}
    if body.strip():
        return "text", body, (), {}
    return "unsupported", "", (), {"said_type": (kind or "no body")[:60]}


def _media(form: Mapping[str, str]) -> tuple[MediaRef, ...]:
    count = form.get("NumMedia", "0")
    wanted = min(int(count), _MOST_FILES) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    found = []
    for n in range(wanted):
        if url := form.get(f"MediaUrl{n}", ""):
            said = form.get(f"MediaContentType{n}", "").partition(";")[0].strip().lower()
            found.append(MediaRef(url, said))
    return tuple(found)


def _around(form: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if ident := form.get("OriginalRepliedMessageSid", ""):
        found["reply_to"] = ident
    if form.get("Forwarded") == "true" or form.get("FrequentlyForwarded") == "true":
        found["forwarded"] = True
    referred = {key.removeprefix("Referral").lower(): form[key] for key in form if key.startswith("Referral")}
    if referred:
        names = {"sourceurl": "source_url", "sourceid": "source_id", "sourcetype": "source_type"}
        found["referral"] = {names.get(key, key): text for key, text in referred.items() if text}
    if told := parse_within(form.get("ChannelMetadata", "")):
        found["channel"] = told
    return found
