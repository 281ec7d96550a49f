"""What `[plugins.identity]` in a tenant's config may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

from hookline.settings import Secret

Way = Literal["sms", "whatsapp", "voice", "email"]
Backend = Literal["twilio", "twilio_verify", "smtp", "webhook", "folder"]
Natural = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]

NO_SECRET = Secret("")
KINDS = ("intent", "flow", "step", "field", "function")
_PURPOSE = re.compile(r"(?:(?:intent|flow|step|field|function):)?[\w.*?-]+")
_SMTP: tuple[Way, ...] = ("email",)
_TWILIO: tuple[Way, ...] = ("sms", "whatsapp", "voice")


@attrs.frozen
class Otp:
    """One-time codes: how long one holds, how often it may be tried, and after how long another may be asked for."""

    seconds: Annotated[float, msgspec.Meta(ge=30, le=900)] = 300.0
    tries: Annotated[int, msgspec.Meta(ge=1, le=5)] = 3
    resend_seconds: Annotated[float, msgspec.Meta(ge=1)] = 30.0


@attrs.frozen
class Limits:
    """How many codes are sent, and wrong ones taken, for an account, a contact and an address, in so many seconds.

    An address is the network's (HTTP) or the channel's.
    """

    account_sends: Natural = 5
    contact_sends: Natural = 5
    address_sends: Natural = 20
    send_seconds: Annotated[float, msgspec.Meta(gt=0)] = 3600.0
    account_wrong: Natural = 10
    contact_wrong: Natural = 10
    address_wrong: Natural = 30
    wrong_seconds: Annotated[float, msgspec.Meta(gt=0)] = 86400.0


@attrs.frozen
class Trust:
    """What a channel is trusted with.

    `seconds`: how long a proof holds there; it ends with the conversation (a call) in any case.  `claim`: "address":
    the contact's address is what the account is looked for by; "ask": the customer is asked.  `proves`: who writes
    from an address that is registered for the account needs no code.
    """

    seconds: Annotated[float, msgspec.Meta(gt=0)] = 900.0
    claim: Literal["ask", "address"] = "ask"
    proves: bool = False


CHANNELS: Mapping[str, Trust] = {
    "whatsapp": Trust(86_400.0, "address"),
    "sms": Trust(3_600.0, "address"),
    "email": Trust(3_600.0, "address"),
    "voice": Trust(3_600.0, "address"),
}
"""What a channel is trusted with where the config does not say; others are as `Trust()`."""


@attrs.frozen(repr=False)
class Twilio:
    """An account of Twilio and what it sends from; `url` is the API's address."""

    account_sid: str = ""
    auth_token: Secret = NO_SECRET
    sms_from: str = ""
    messaging_service_sid: str = ""
    whatsapp_from: str = ""
    whatsapp_template_sid: str = ""
    voice_from: str = ""
    url: str = "https://api.twilio.com"


@attrs.frozen(repr=False)
class TwilioVerify:
    """A service of Twilio Verify, which makes, sends and checks codes of its own."""

    account_sid: str = ""
    auth_token: Secret = NO_SECRET
    service_sid: str = ""
    url: str = "https://verify.twilio.com"


@attrs.frozen(repr=False)
class Smtp:
    """A mail server; `security` "tls" from the start, "starttls" (required, never optional), or "none"."""

    host: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Secret = NO_SECRET
    sender: str = ""


@attrs.frozen(repr=False)
class Webhook:
    """A receiver that sends codes on; requests are signed with `secret`."""

    url: str = ""
    secret: Secret = NO_SECRET


@attrs.frozen(repr=False)
class Config:
    """Who has to prove who they are, for what, and how.

    `protects` are purposes: "intent:balance" (or just "balance"), "flow:…", "step:FLOW.STEP", "field:…", "function:…";
    `*` stands for anything.  `claim_pattern` is how a customer number looks.  `deliver` says by which ways codes go out and what
    sends them, the best first.  `secret` keys all hashes and seals (unset: a random one in the data folder).
    `cooldown_seconds`: for how long a newly registered address gets no codes.  `mask`: show the end of the address, or
    nothing.  `guard` are patterns that no reply may contain unless the customer is proved.  `merge`: what becomes of two
    contacts that prove to be one customer.
    """

    protects: tuple[str, ...] = ()
    claim_pattern: str = ""
    deliver: Mapping[Way, Backend] = attrs.Factory(dict)
    secret: Secret = NO_SECRET
    cooldown_seconds: Seconds = 86_400.0
    mask: Literal["end", "none"] = "end"
    guard: tuple[str, ...] = ()
    merge: Literal["off", "ask", "auto"] = "off"
    otp: Otp = Otp()
    limits: Limits = Limits()
    trust: Mapping[str, Trust] = attrs.Factory(dict)
    twilio: Twilio = Twilio()
    twilio_verify: TwilioVerify = TwilioVerify()
    smtp: Smtp = Smtp()
    webhook: Webhook = Webhook()

    def __attrs_post_init__(self) -> None:
        """Raise ValueError, naming the key, for what can't be."""
        for purpose in self.protects:
            if not _PURPOSE.fullmatch(purpose):
                raise ValueError(
                    f"protects: given {purpose!r}; allowed: an intent, or one of {', '.join(k + ':NAME' for k in KINDS)}"
                )
        for name, patterns in (("claim_pattern", (self.claim_pattern,)), ("guard", self.guard)):
            for pattern in patterns:
                try:
                    re.compile(pattern)
                except re.error as error:
                    raise ValueError(f"{name}: given {pattern!r}, which is no regular expression: {error}") from None
        for way, backend in self.deliver.items():
            fits = {"smtp": _SMTP, "twilio": _TWILIO}.get(backend, (*_TWILIO, *_SMTP))
            if way not in fits:
                raise ValueError(f"deliver.{way}: given {backend!r}, which sends only by {' and '.join(fits)}")
            self._complete(way, backend)
        if 0 < len(self.secret.value) < 32:
            raise ValueError("secret: give at least 32 characters, or leave it out")

    def _complete(self, way: Way, backend: Backend) -> None:
        sender = {"sms": "sms_from", "whatsapp": "whatsapp_from", "voice": "voice_from"}.get(way, "")
        needed = {
            "twilio": ("account_sid",),
            "twilio_verify": ("account_sid", "service_sid"),
            "smtp": ("host", "sender"),
            "webhook": ("url",),
        }.get(backend, ())
        table = getattr(self, backend, None)
        missing = [f"{backend}.{key}" for key in needed if not getattr(table, key)]
        by_service = way == "sms" and self.twilio.messaging_service_sid
        if backend == "twilio" and not by_service and not getattr(self.twilio, sender):
            missing.append(f"twilio.{sender}")
        if missing:
            raise ValueError(f"deliver.{way}: {backend!r} needs {', '.join(missing)}")

    def trusted(self, channel: str) -> Trust:
        """What the channel is trusted with."""
        return self.trust.get(channel) or CHANNELS.get(channel) or Trust()
