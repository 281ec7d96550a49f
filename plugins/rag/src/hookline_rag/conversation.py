"""What a message asks within its conversation: a follow-up is written out with the question before it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import structlog

from hookline.dispatch import closing
from hookline.errors import ServiceError

from .followup import alone, leans, prompt, resolve, trusted
from .greeting import is_small_talk
from .prepare import prepare

if TYPE_CHECKING:
    from hookline.message import Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

log = structlog.get_logger("hookline.rag")
_TALK = 6  # messages that a model sees
_LONGEST = 2000  # characters of an answer that a model may write


def earlier(turn: Turn) -> str:
    """The question before this one, follow-ups before it written out by rule; "" where there is none.

    Taken from the history anew, so that the words of a customer are kept nowhere but there.
    """
    before = ""
    for one in turn.history:
        text = one.text.strip()
        if one.direction != "inbound" or one.id == turn.message.id or not text or is_small_talk(text):
            continue
        before = resolve(text, before) if before and leans(prepare(text).text) else text
    return before


@attrs.frozen
class Meant:
    """What a message may mean: its readings, the likeliest first; `open`: the one that finds the better answer."""

    readings: tuple[str, ...]
    open: bool = False


async def meant(tenant: Tenant, config: Config, text: str, before: str, history: Sequence[Message]) -> Meant:
    """A message written out where it leans on the question `before`, and as it is.

    A model writes it out where `rewrite` names one; where it fails, is slow, or says what nobody said, rules do.
    """
    said = prepare(text).text
    if not config.follow_ups or not before or not leans(said):
        return Meant((text,))
    if config.rewrite:
        written = await _written(tenant, config, text, before, history)
        if written:
            return Meant((written,))
    return Meant((resolve(said, before), text), open=alone(said))


async def _written(tenant: Tenant, config: Config, text: str, before: str, history: Sequence[Message]) -> str:
    talk = [("customer" if one.direction == "inbound" else "us", one.text) for one in history[-_TALK:]]
    pieces: list[str] = []
    try:
        async with asyncio.timeout(config.rewrite_seconds):
            answer = tenant.hooks.generate(config.rewrite, prompt(talk or [("customer", before)], text))
            async with closing(answer):
                async for piece in answer:
                    pieces.append(piece)
                    if sum(map(len, pieces)) > _LONGEST:
                        break
    except (ServiceError, TimeoutError) as error:
        log.warning("follow-up written out by rule", reason=str(error) or "the model took too long")
        return ""
    return trusted("".join(pieces), text, " ".join([before, *(said for _, said in talk)]))
