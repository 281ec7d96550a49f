"""What a turn begins with: the conversation's messages before it, each once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest

from hookline.hookspecs import hookimpl
from hookline.message import Reply, Segment
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn


class Reading:
    """Notes the history of each turn; "wait" waits for `gate`."""

    gate = asyncio.Event()
    seen: ClassVar[dict[str, list[str]]] = {}

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        self.seen[turn.message.text] = [m.text for m in turn.history]
        if turn.message.text == "wait":
            await self.gate.wait()
        return Reply(f"re {turn.message.text}")


def reading():
    hooks = type("Hooks", (Reading,), {"gate": asyncio.Event(), "seen": {}})
    return hooks, Plugin("reading", hooks=hooks)


async def test_the_history_of_a_turn_is_what_was_said_before_it(make_bot: MakeBot):
    hooks, plugin = reading()
    bot = await make_bot(plugins=[plugin])
    for text in ("a", "b"):
        await bot.say(text)
    await bot.restart()
    await bot.say("c")
    assert hooks.seen == {"a": [], "b": ["a", "re a"], "c": ["a", "re a", "b", "re b"]}


async def test_a_message_that_waits_behind_a_turn_is_no_history_of_it(make_bot: MakeBot):
    hooks, plugin = reading()
    bot = await make_bot(plugins=[plugin])
    await bot.tell("wait")
    last = await bot.tell("next")
    hooks.gate.set()
    assert await bot.tenant().wait(last, 10)
    assert hooks.seen == {"wait": [], "next": ["wait", "re wait"]}


@pytest.mark.parametrize("store", ["memory", "none"])
async def test_a_history_that_is_not_stored_is_still_read_once(make_bot: MakeBot, store: str):
    hooks, plugin = reading()
    bot = await make_bot(config=f'history.store = "{store}"', plugins=[plugin])
    for text in ("a", "b"):
        await bot.say(text)
    assert hooks.seen == {"a": [], "b": ["a", "re a"]}
