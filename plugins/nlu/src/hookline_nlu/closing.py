"""What every reply to an intent ends with, whoever wrote the reply: a phone number, a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs
import regex

if TYPE_CHECKING:
    from hookline.message import Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .intentfile import Declared

_NUMBER = regex.compile(r"\+?\d[\d\s().-]{4,}\d")
_NO_DIGIT = regex.compile(r"\D+")


def closed(tenant: Tenant, turn: Turn, reply: Reply, declared: Mapping[str, Declared]) -> Reply:
    """The reply with the closing text of the turn's first intent, in the turn's language, unless it is there already.

    It is there if the reply holds the text, or each phone number of it, written in whatever way.
    """
    about = declared.get(turn.intents[0].name) if turn.intents and not reply.partial else None
    if about is None or not about.closing or not reply.text:
        return reply
    text = tenant.phrase(about.closing, turn.language)
    if text in reply.text or _holds_numbers(reply.text, text):
        return reply
    return attrs.evolve(reply, text=f"{reply.text.rstrip()}\n\n{text}")


def missing(tenant: Tenant, declared: Mapping[str, Declared]) -> list[str]:
    """The intents whose closing text the tenant does not have, each as a problem."""
    return [
        f"intent {intent.name!r} closes with the text {intent.closing!r}, which no [texts.…] of tenant.toml has"
        for intent in declared.values()
        if intent.closing and not tenant.has_phrase(intent.closing)
    ]


def _holds_numbers(said: str, text: str) -> bool:
    numbers = [_NO_DIGIT.sub("", one) for one in _NUMBER.findall(text)]
    there = [_NO_DIGIT.sub("", one) for one in _NUMBER.findall(said)]
    return bool(numbers) and all(any(number in one for one in there) for number in numbers)
