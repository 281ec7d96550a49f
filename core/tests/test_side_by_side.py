"""Hooks that may run side by side do so where it is worth it, and are awaited in turn where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from hookline.hookspecs import hookimpl
from hookline.message import Intent, Reply, Segment
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn


class Naming:
    """Names the task that it runs in; on "meet" it waits until the other one is there too."""

    tasks: ClassVar[dict[str, list[str]]] = {}
    meeting: ClassVar[set[str]] = set()
    met = asyncio.Event()

    def __init__(self, tenant: Tenant) -> None:
        self.name = tenant.plugin

    @hookimpl
    async def classify_intent(self, turn: Turn) -> Sequence[Intent]:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.setdefault(turn.message.text, []).append(task.get_name())
        if turn.message.text == "meet":
            self.meeting.add(self.name)
            if len(self.meeting) == 2:
                self.met.set()
            await self.met.wait()
        return [Intent(self.name)]

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        return Reply(" ".join(i.name for i in turn.intents))


async def test_slow_hooks_run_side_by_side_and_quick_ones_in_turn(make_bot: MakeBot):
    hooks = type("Hooks", (Naming,), {"tasks": {}, "meeting": set(), "met": asyncio.Event()})
    bot = await make_bot(plugins=[Plugin("a", hooks=hooks), Plugin("b", hooks=hooks)])
    assert (await bot.say("meet")).text == "a b"  # what has never run may be slow
    for _ in range(20):  # a busy machine makes a quick hook look slow now and then
        assert (await bot.say("again")).text == "a b"
        if len(set(hooks.tasks["again"][-2:])) == 1:
            break
    assert len(set(hooks.tasks["meet"])) == 2
    assert len(set(hooks.tasks["again"][-2:])) == 1
