"""What Twilio asks about a call: a form or a query, signed over the address as Twilio called it and the fields.

Source: twilio.com/docs, "Validating requests", "TwiML: Twilio's request to your application".  Behind a proxy the address is the tenant's
`public_url`; one with a port and one without are both tried by Twilio's own validator, as it signs now the one and now the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import PluginError

from .callrefusing import Refused, forged, malformed

if TYPE_CHECKING:
    from aiohttp import web

    from hookline.tenant import Tenant

_LONGEST = 64_000
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PHONE = re.compile(r"\d{5,17}")
_FORM = "application/x-www-form-urlencoded"


@attrs.frozen
class Asked:
    """One request about a call; `customer` and `number` are who is at the other end, and which of ours."""

    call: str
    direction: str
    customer: str
    number: str
    form: Mapping[str, str]
    token: str = ""

    @property
    def keys(self) -> str:
        """What was pressed."""
        return self.form.get("Digits", "")

    @property
    def speech(self) -> str:
        """What was said."""
        return self.form.get("SpeechResult", "") or self.form.get("UnstableSpeechResult", "")


async def asked(tenant: Tenant, request: web.Request) -> Asked:
    """The request, once it is certain that Twilio made it; raises `Refused` 503, 403 or 400."""
    account = tenant.config.calls.twilio
    if not account.auth_token:
        raise Refused(
            503,
            "unconfigured",
            "plugins.voice.calls.twilio.auth_token is not set: nothing can be checked, so nothing is taken",
        )
    body: Mapping[str, Any] = {}
    if request.method == "POST":
        body = await _form(request)
    verify(tenant, request, body)
    fields = {
        **{key: clean(value) for key, value in request.query.items()},
        **{k: clean(str(v)) for k, v in body.items()},
    }
    if fields.get("AccountSid", account.account_sid) != account.account_sid:
        raise forged("the request is of another account than calls.twilio.account_sid")
    return of(tenant, fields, request.headers.get("I-Twilio-Idempotency-Token", ""))


async def _form(request: web.Request) -> Mapping[str, Any]:
    if request.content_type != _FORM and (request.can_read_body and await request.read()):
        raise malformed(f"Twilio sends a form ({_FORM})")
    if len(await request.read()) > _LONGEST:
        raise malformed(f"the form has more than {_LONGEST:,} bytes")
    try:
        return await request.post()
    except ValueError:
        raise malformed("the form can't be decoded") from None


def verify(tenant: Tenant, request: web.Request, body: Mapping[str, Any], scheme: str = "") -> None:
    """Raise `Refused` 403 unless the request is signed with the account's token."""
    given = request.headers.get("X-Twilio-Signature", "")
    token = tenant.config.calls.twilio.auth_token.value
    if not given or not any(validator(token).validate(url, body, given) for url in addresses(tenant, request, scheme)):
        raise forged("X-Twilio-Signature is missing or does not fit; check auth_token, and public_url behind a proxy")


def validator(token: str) -> Any:
    """Twilio's own validator."""
    try:
        from twilio.request_validator import RequestValidator
    except ImportError:
        raise PluginError("calls need Twilio's library: pip install 'hookline-voice[twilio]'") from None
    return RequestValidator(token)


def addresses(tenant: Tenant, request: web.Request, scheme: str = "") -> list[str]:
    """The addresses under which Twilio may have called; `scheme` "ws": as a socket's too."""
    base = tenant.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.host}"
    found = [f"{base}{request.raw_path}", f"{base}{request.path_qs}"]
    if scheme == "ws":
        found = [*(re.sub(r"^http", "ws", url) for url in found), *found]
    return list(dict.fromkeys(found))


def of(tenant: Tenant, fields: Mapping[str, str], token: str = "") -> Asked:
    """What the fields say; raises `Refused` 400 for what is no call, and 403 for one of another's number."""
    call = fields.get("CallSid", "")
    if not _SID.fullmatch(call):
        raise malformed("CallSid is missing, or is none")
    outbound = fields.get("Direction", "inbound").startswith("outbound")
    ours, theirs = (
        (fields.get("From", ""), fields.get("To", "")) if outbound else (fields.get("To", ""), fields.get("From", ""))
    )
    number = phone(ours)
    numbers = tenant.config.calls.numbers
    if numbers and number not in numbers and "RecordingSid" not in fields:  # of which Twilio says the call alone
        raise Refused(403, "unknown_number", "this number is not one of [plugins.voice.calls] numbers")
    direction = "outbound" if outbound else "inbound"
    return Asked(call, direction, phone(theirs), number, fields, clean(token)[:200])


def phone(given: str) -> str:
    """The number as +919812345678; "" for a caller who withholds it, and for what is no telephone's."""
    bare = re.sub(r"[\s().-]", "", given)
    return f"+{bare.removeprefix('+')}" if _PHONE.fullmatch(bare.removeprefix("+")) else ""


def clean(text: str) -> str:
    """Without null bytes and lone surrogates."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
