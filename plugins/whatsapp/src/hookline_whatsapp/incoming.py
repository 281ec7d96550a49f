"""What a provider's request says, in one shape for all providers: messages, statuses, and what is only noted.

`kind` of a message is text, choice, image, audio, video, document, sticker, location, contacts, reaction, form, order,
edited, deleted, welcome or unsupported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import attrs

CHANNEL = "whatsapp"
State = Literal["sent", "delivered", "read", "failed"]
CHOICE = "reply:"
"""What the id of a button of ours begins with; the whole text of the quick reply follows."""

_SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_DIGITS = re.compile(r"\d{5,17}")


@attrs.frozen
class MediaRef:
    """A file at the provider: `ref` is its id or address there; what is said of it is the provider's word."""

    ref: str
    media_type: str = ""
    name: str = ""
    size: int | None = None
    sha256: str = ""


@attrs.frozen
class Incoming:
    """One message of a customer.

    `number` is the provider's id of the number it came to; `data` what is kept with it besides (reply_to, referral,
    location, ...).  `at` is when it was sent, 0.0 where the provider does not say.
    """

    id: str
    number: str
    sender: str
    kind: str
    text: str = ""
    at: float = 0.0
    name: str = ""
    media: tuple[MediaRef, ...] = ()
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class StatusUpdate:
    """What became of a message that was sent; `tag` is what was given with it, where the provider gives it back."""

    id: str
    number: str
    state: State
    at: float = 0.0
    tag: str = ""
    code: int = 0
    error: str = ""
    address: str = ""


@attrs.frozen
class Batch:
    """All of one request; `noted` says what it had besides, in a word each."""

    messages: tuple[Incoming, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()
    noted: tuple[str, ...] = ()


def address_of(*candidates: object) -> str:
    """The first that is a customer's address: a phone number as +919812345678, or a business-scoped user id (BSUID)."""
    for one in candidates:
        if not isinstance(one, str):
            continue
        text = one.strip().removeprefix("whatsapp:").strip()
        if _SCOPED.fullmatch(text):
            return text
        digits = re.sub(r"[+()\s.-]", "", text)
        if _DIGITS.fullmatch(digits):
            return f"+{digits}"
    return ""


def is_phone(address: str) -> bool:
    """Whether the address is a phone number, and no business-scoped user id."""
    return address.startswith("+")


def chosen(ident: object, title: object) -> str:
    """The text of the option that was chosen: the whole one where the button is ours, else its title."""
    if isinstance(ident, str) and ident.startswith(CHOICE) and ident != CHOICE:
        return ident.removeprefix(CHOICE)
    return title if isinstance(title, str) else ""
