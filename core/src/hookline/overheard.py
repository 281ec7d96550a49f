"""What a customer really heard: a caller breaks in, and what was not spoken yet was not said."""

from __future__ import annotations

import re

import attrs
import msgspec
import sqlalchemy as sa

from .db import Op, Script
from .message import Message
from .models import message

b = sa.bindparam
_KEEP = (
    sa.update(message)
    .where(
        message.c.tenant == b("p_tenant"),
        message.c.conversation == b("p_conversation"),
        message.c.id == b("p_id"),
        message.c.direction == "outbound",
        message.c.body.is_not(None),
    )
    .values(body=b("p_body"))
)
_WORD = re.compile(r"\S+")  # marks belong to their letters in many scripts, so no narrower
_EDGES = ".,!?;:…।\"'()[]«»-*_"


def cut(told: Message, heard: str) -> Message:
    """The message up to where the words that were heard end; itself, if all of it was heard.

    What was heard comes from whoever spoke it, with its own marks and spaces: the words count.
    """
    spoken = [bare for word in _WORD.findall(heard) if (bare := _bare(word))]
    words = [word for word in _WORD.finditer(told.text) if _bare(word[0])]
    same = 0
    while same < min(len(spoken), len(words)) and _bare(words[same][0]) == spoken[same]:
        same += 1
    if same == len(words) and words:
        return told
    text = told.text[: words[same - 1].end()] if same else heard.strip()
    if same < len(spoken) and same:  # it was spoken in other words, as figures are
        text = heard.strip()
    return attrs.evolve(told, text=text, data={**told.data, "interrupted": True})


def _bare(word: str) -> str:
    return word.strip(_EDGES).casefold()


def keep(tenant: str, told: Message) -> Script[None]:
    """Store the message as it is now."""
    body = msgspec.Raw(msgspec.json.encode(told))
    yield Op(_KEEP, {"p_tenant": tenant, "p_conversation": told.conversation, "p_id": told.id, "p_body": body})
