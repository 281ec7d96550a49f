"""Variables in canned replies and macros: `{{contact.name}}`, `{{contact.first_name|there}}`.

Only the names listed here mean something; a value is put in as it is and never looked at for variables again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from hookline.errors import BadRequest

VARIABLES: Mapping[str, str] = {
    "contact.name": "the customer's name",
    "contact.first_name": "the first word of it",
    "contact.email": "the customer's e-mail address",
    "contact.phone": "the customer's phone number",
    "agent.name": "your name",
    "agent.first_name": "the first word of it",
    "conversation.id": "the conversation's id",
    "conversation.channel": "its channel",
    "handoff.id": "the handoff's id",
    "tenant.title": "what the bot is called",
}
_SLOT = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
_LONGEST_VALUE = 200


@attrs.frozen
class Filled:
    """The text, and the variables that had neither a value nor a fallback."""

    text: str
    missing: tuple[str, ...]


def check(text: str) -> None:
    """Refuse a text with variables that there are none of; raises `BadRequest`."""
    for found in _SLOT.finditer(text):
        if found[1] not in VARIABLES:
            raise BadRequest(
                f"text: {{{{{found[1][:40]}}}}} is no variable; there are {', '.join(VARIABLES)}; write a fallback "
                "as {{contact.name|there}}",
                "text",
            )


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put the values in; where one is empty its fallback, where there is none nothing."""
    missing: list[str] = []

    def put(found: re.Match[str]) -> str:
        name, fallback = found[1], found[2]
        value = " ".join(values.get(name, "").split())[:_LONGEST_VALUE]
        if value:
            return value
        if fallback is None:
            missing.append(name)
        return (fallback or "").strip()

    return Filled(_SLOT.sub(put, text), tuple(dict.fromkeys(missing)))


def values_of(
    *,
    name: str,
    email: str,
    phone: str,
    agent: str,
    conversation: str,
    channel: str,
    handoff: str,
    title: str,
) -> dict[str, str]:
    """What the variables mean in one conversation."""
    return {
        "contact.name": name,
        "contact.first_name": name.split(maxsplit=1)[0] if name.split() else "",
        "contact.email": email,
        "contact.phone": phone,
        "agent.name": agent,
        "agent.first_name": agent.split(maxsplit=1)[0] if agent.split() else "",
        "conversation.id": conversation,
        "conversation.channel": channel,
        "handoff.id": handoff,
        "tenant.title": title,
    }
