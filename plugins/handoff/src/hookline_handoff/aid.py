"""Help for the agent who writes: what the bot would answer, translations beside the text, other plugins' panels."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from hookline.errors import ServiceError
from hookline.message import Message
from hookline.models import message
from hookline.problems import Problem

from .aidbodies import Panels, Suggestion, TranslateBody, Translated
from .asking import asks_for_person

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_AT_ONCE = 8


async def suggest(tenant: Tenant, conversation: str, text: str) -> Suggestion:
    """What the bot would answer to the text, or to the customer's newest message that is not just asking for a person, with
    its sources; nothing is sent.  That a person comes is no answer to suggest."""
    known = await tenant.conversations.get(conversation)
    if known is None:
        raise Problem(404, f"there is no conversation {conversation[:60]!r}")
    question, language = text.strip(), known.contact.language
    if not question:
        said = await tenant.conversations.history(conversation, limit=30)
        asked = [one for one in said if one.author == "contact" and one.text.strip()]
        if not asked:
            raise Problem(409, "the customer has not said anything yet; give the question as `text`")
        meant = next((one for one in reversed(asked) if not asks_for_person(one.text)), asked[-1])
        question, language = meant.text, meant.language or language
    turn = await tenant.ask(question, language=language)
    reply = turn.reply
    if reply is None:
        return Suggestion(question, "", answered=False, confidence=None, citations=())
    answered = reply.answered and turn.refusal is None and turn.handoff is None
    cited = [msgspec.to_builtins(one) for one in reply.citations]
    return Suggestion(question, reply.text, answered=answered, confidence=reply.confidence, citations=cited)


async def translate(tenant: Tenant, conversation: str, body: TranslateBody, target: str) -> Translated:
    """Translate a text or messages of the conversation; raises `Problem` 501 where there is no translator."""
    service = tenant.config.summary.translate
    if not service:
        raise Problem(501, "there is no translator: name one in plugins.handoff.summary.translate")
    wanted = body.target or target or tenant.settings.language
    rows = await tenant.db.fetch(
        sa.select(message.c.seq, message.c.body)
        .where(message.c.conversation == conversation, message.c.seq.in_(list(body.seqs)))
        .order_by(message.c.seq)
    ) if body.seqs else []  # fmt: skip
    told = [msgspec.convert(row.body, Message) for row in rows if row.body]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(text: str, source: str) -> str:
        if not text.strip() or (source and source.partition("-")[0] == wanted.partition("-")[0]):
            return text
        async with gate:
            return await tenant.hooks.translate(service, text, source, wanted)

    try:
        text = await one(body.text, body.source)
        done: Sequence[str] = await asyncio.gather(*(one(m.text, body.source or m.language) for m in told))
    except ServiceError as error:
        raise Problem(502, f"the translator does not answer: {error}") from None
    numbers = [row.seq for row in rows if row.body]
    return Translated(wanted, text, {str(seq): said for seq, said in zip(numbers, done, strict=True)})


async def panels(tenant: Tenant, conversation: str) -> Panels:
    """The side panels of all plugins."""
    known = await tenant.conversations.get(conversation)
    if known is None:
        raise Problem(404, f"there is no conversation {conversation[:60]!r}")
    found = await tenant.hooks.console_panels(known.conversation)
    return Panels([msgspec.to_builtins(one) for one in found])
