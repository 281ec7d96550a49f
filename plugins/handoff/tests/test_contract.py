"""What every plugin must keep to."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa

import hookline_handoff
from hookline.models import cursor, event
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import MARK, IsolationContract
from hookline_handoff import handling
from hookline_handoff.records import Actor


class TestContract(PluginContract):
    plugin = hookline_handoff.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_handoff.plugin

    async def exercise(self, bot, tenant):
        said = await bot.say(f"I want to talk to a human about {MARK}", tenant=tenant)
        mine = bot.tenant("handoff", tenant)
        asha = Actor("asha", "Asha")
        await handling.claim(mine, said.conversation, asha)
        await handling.reply(mine, said.conversation, asha, f"What about {MARK}?", "1")
        seen = await handling.current(mine, said.conversation)
        await handling.resolve(mine, seen, asha, note=f"{MARK} is done")
        await bot.idle()
        await self._observed(mine)

    @staticmethod
    async def _observed(tenant):
        """Return when the plugin has seen all that happened: the desk's index follows the event log."""
        newest = sa.select(sa.func.max(event.c.id).label("id")).select_from(event)
        seen = sa.select(cursor.c.event_id).where(cursor.c.observer == "handoff")
        async with asyncio.timeout(20):
            while True:
                last, at = (await tenant.db.fetch(newest))[0].id, await tenant.db.fetch(seen)
                if at and at[0].event_id >= last:
                    return
                await asyncio.sleep(0.01)
