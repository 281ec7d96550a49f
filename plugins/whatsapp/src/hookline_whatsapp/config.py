"""What `[plugins.whatsapp]` in a tenant's config may say."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

from hookline.addresses import Allowed
from hookline.settings import Secret

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Positive = Annotated[int, msgspec.Meta(gt=0)]
ProviderName = Literal["meta", "twilio", "gupshup", "simulator"]
NONE = Secret("")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
MEDIA_TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "audio/*",
    "video/mp4",
    "video/3gpp",
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
)


def _bare(number: str) -> str:
    """The number as it is, also where it is written as Twilio's own pages do: whatsapp:+14155238886."""
    return number.strip().removeprefix("whatsapp:")


@attrs.frozen
class Number:
    """A number of the tenant's.

    id          as the provider knows it: Meta's phone number id, Twilio's number, Gupshup's app
    phone       the number, as +919812345678
    per_second  messages that may be sent in a second; 0: what the provider allows by default
    """

    id: str = attrs.field(converter=_bare)
    phone: str = attrs.field(default="", converter=_bare)
    per_second: float = 0.0

    def __attrs_post_init__(self) -> None:
        """Refuse a number that is none."""
        if not self.id.strip():
            raise ValueError("id: missing; allowed: the number's id at the provider")
        if self.phone and not _PHONE.fullmatch(self.phone):
            raise ValueError(f"phone: given {self.phone!r}; allowed: a number such as '+919812345678'")
        if not 0 <= self.per_second < math.inf:
            raise ValueError(f"per_second: given {self.per_second:g}; allowed: 0 or more")


@attrs.frozen
class Meta:
    """Meta's Cloud API.

    access_token  of a system user with the permission whatsapp_business_messaging
    app_secret    signs the webhook's requests
    verify_token  what is typed into Meta's form for the webhook
    account       the WhatsApp Business Account's id, for `hookline doctor whatsapp`, where the token doesn't tell it
    version       of the Graph API
    url           where the Graph API is
    """

    access_token: Secret = NONE
    app_secret: Secret = NONE
    verify_token: Secret = NONE
    account: str = ""
    version: str = "v23.0"
    url: str = "https://graph.facebook.com"


@attrs.frozen
class Twilio:
    """Twilio's account; `auth_token` also signs the webhook's requests.

    content_url    where the Content API is; with "" quick replies are sent as numbered text
    messaging_url  where the Messaging API is, by which `hookline doctor whatsapp` looks at senders
    """

    account_sid: str = ""
    auth_token: Secret = NONE
    url: str = "https://api.twilio.com"
    content_url: str = "https://content.twilio.com"
    messaging_url: str = "https://messaging.twilio.com"


@attrs.frozen
class Gupshup:
    """Gupshup's account.

    api_key  sends messages
    token    what a request to the webhook must bring, as `Authorization: Bearer` or `?token=`; Gupshup signs nothing
    url      where the API is
    """

    api_key: Secret = NONE
    token: Secret = NONE
    url: str = "https://api.gupshup.io"


@attrs.frozen
class Window:
    """The time after a customer's message in which anything may be said to them.

    seconds    how long it is
    template   what is sent in place of a message outside of it, by its name (Twilio, Gupshup: its id); "": it is parked
    languages  the template's language by that of the message, as `en = "en_US"`; else the language itself
    variables  the template's parameters, in their order; {text}, {name} and {title} are filled in
    """

    seconds: Seconds = 86400.0
    template: str = ""
    languages: Mapping[str, str] = attrs.Factory(dict)
    variables: Mapping[str, str] = attrs.Factory(dict)


@attrs.frozen
class MediaLimits:
    """Files that customers send.

    types          the media types that are taken; image/* is a family
    max_bytes      of one file
    seconds        that fetching one may take
    keep_days      how long they are kept
    allowed_hosts  hosts or networks that media may be fetched from although they are not public
    """

    types: tuple[str, ...] = MEDIA_TYPES
    max_bytes: Positive = 16 * 1024 * 1024
    seconds: Seconds = 20.0
    keep_days: Seconds = 30.0
    allowed_hosts: tuple[str, ...] = ()


@attrs.frozen
class OptOut:
    """Words with which a customer ends, and takes up again, what is sent unasked; by language, added to our own.

    enabled  whether they are heard
    """

    enabled: bool = True
    stop: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    start: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)


@attrs.frozen
class Config:
    """Who carries the messages, and how.

    provider        meta, twilio, gupshup, or the simulator, which reaches nobody
    simulator       whether the simulator stands in for the provider, whatever that is
    numbers         the tenant's numbers by a name of its own: `[plugins.whatsapp.numbers.NAME]`
    read_receipts   whether a message is marked as read when it is taken
    typing          whether the customer sees that an answer is being written
    transcribe      the service that writes down voice notes, by its name; "": the customer is asked to write
    show_sources    whether the titles of cited documents stand below an answer
    secret          encrypts stored files, at least 16 characters; unset: a random key in the plugin's data folder.
                    Servers that share a database must share a secret
    replay_seconds  older requests are refused; Meta repeats what it could not deliver for seven days
    """

    provider: ProviderName = "simulator"
    simulator: bool = False
    numbers: Mapping[str, Number] = attrs.Factory(dict)
    read_receipts: bool = True
    typing: bool = True
    transcribe: str = ""
    show_sources: bool = False
    secret: Secret = NONE
    replay_seconds: Seconds = 691_200.0
    meta: Meta = Meta()
    twilio: Twilio = Twilio()
    gupshup: Gupshup = Gupshup()
    window: Window = Window()
    media: MediaLimits = MediaLimits()
    opt_out: OptOut = OptOut()

    def __attrs_post_init__(self) -> None:
        """Refuse what would only show when a message comes."""
        ids = [number.id for number in self.numbers.values()]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"numbers: the id {one!r} is given twice; each number has one name")
        if self.secret and len(self.secret.value) < 16:
            raise ValueError("secret: too short to be one; at least 16 characters are needed")
        Allowed.parse(self.media.allowed_hosts)

    @property
    def carrier(self) -> ProviderName:
        """Who carries the messages now."""
        return "simulator" if self.simulator else self.provider

    def number_of(self, ident: str) -> Number | None:
        """The number with the provider's id, or with that phone number."""
        for number in self.numbers.values():
            if ident and ident in (number.id, number.phone):
                return number
        return None
