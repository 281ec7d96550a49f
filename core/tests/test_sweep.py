"""The sweep finds work that is being handed over at that very moment; it is done once all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import sqlalchemy as sa

from hookline import models
from hookline.hookspecs import hookimpl
from hookline.ledger import OutboxRow, Row
from hookline.message import Message, Receipt, Reply, Segment
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn


class Slow:
    """A channel of this process, and a bot, that wait for `gate`; what they did is in `turns` and `sent`."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    gate = asyncio.Event()
    turns: ClassVar[list[str]] = []
    sent: ClassVar[list[Message]] = []

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        self.turns.append(turn.message.text)
        await self.gate.wait()
        return Reply("done")

    @hookimpl
    async def deliver(self, message: Message) -> Receipt:
        self.sent.append(message)
        await self.gate.wait()
        return Receipt()


def slow(**more):
    hooks = type("Hooks", (Slow,), {"gate": asyncio.Event(), "turns": [], "sent": []})
    return hooks, Plugin("slow", hooks=hooks, channels=("slow",), in_process=True)


async def test_a_message_that_a_sweep_has_read_is_delivered_once_when_it_is_pushed_as_well(make_bot: MakeBot):
    hooks, plugin = slow()
    bot = await make_bot(plugins=[plugin])
    tenant = bot.tenant()
    conversation, _ = await tenant.conversations.open("slow", "alice")
    told = await tenant.send(Reply("hello"), conversation=conversation)
    await bot.until(lambda: hooks.sent)
    (row,) = await bot.runtime.database.fetch(sa.select(models.outbox.c.id), tenant="acme")
    bot.runtime.outbox.push("acme", [OutboxRow(row.id, conversation, told)])
    hooks.gate.set()
    await bot.idle()
    assert [m.text for m in hooks.sent] == ["hello"]


async def test_a_row_that_a_sweep_has_read_runs_once_when_it_is_pushed_as_well(make_bot: MakeBot):
    hooks, plugin = slow()
    bot = await make_bot(plugins=[plugin])
    inbox_id = await bot.tell("hello")
    await bot.until(lambda: hooks.turns)
    (row,) = await bot.runtime.database.fetch(sa.select(models.inbox.c.lane, models.inbox.c.payload), tenant="acme")
    bot.runtime.lanes.push("acme", Row(inbox_id, row.lane, "message", "", row.payload))
    hooks.gate.set()
    await bot.idle()
    assert hooks.turns == ["hello"]
