"""What is said to a customer whose very first message has nothing in it to answer: an emoji, a sticker, a link, a place, a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import regex

_WORD = regex.compile(r"[\p{L}\p{N}]")
# What is drawn as nothing: white space, controls and formats (zero-width, bidi marks), the fillers of Hangul, Braille's blank.
_UNSEEN = regex.compile(r"[\s\p{C}\p{Z}\u115f\u1160\u2800\u3164\uffa0]+")
_LINK = regex.compile(r"(?:https?://|www\.)\S+", regex.IGNORECASE)
_KINDS = {
    "sticker": "greeting",
    "welcome": "greeting",
    "location": "whatsapp-only-place",
    "contacts": "whatsapp-only-card",
}


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen."""
    return not _UNSEEN.sub("", text)


def phrase_of(told: Mapping[str, Any], text: str) -> str:
    """The phrase that answers a first message of the kind `told["kind"]`; "" where the message has words to be answered."""
    if told["kind"] != "text":
        return _KINDS.get(told["kind"], "")
    if is_blank(text):
        return ""
    if is_blank(_LINK.sub("", text)):
        return "whatsapp-only-link"
    return "" if _WORD.search(text) else "greeting"
