"""Nothing of one tenant reaches another, as a test to subclass for every plugin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from hookline.plugin import Plugin

from .bot import Bot

if TYPE_CHECKING:
    from .plugin import MakeBot

MARK = "Xanadu7391"


class IsolationContract:
    """Subclass as `Test…` with the `plugin`, and say in `exercise` how it comes to hold data.

    The text `MARK` must be part of what `exercise` gives it; afterwards nothing of it is found by another tenant.
    """

    plugin: ClassVar[Plugin]
    config: ClassVar[str] = ""
    needs: ClassVar[Sequence[Plugin]] = ()

    async def exercise(self, bot: Bot, tenant: str) -> None:
        """Have the plugin do its work for the tenant with `MARK`; by default a customer says it."""
        await bot.say(f"Tell me about {MARK}, please", tenant=tenant)

    async def test_another_tenant_finds_nothing_of_it(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], tenants={"left": self.config, "right": self.config})
        await self.exercise(bot, "left")
        await bot.idle()
        before = await _rows(bot, self.plugin, "left")
        assert await _rows(bot, self.plugin, "right") == 0
        folder = bot.folder / "data" / "tenants" / "right"
        for file in folder.rglob("*"):
            assert not file.is_file() or MARK.encode() not in file.read_bytes(), f"{file} holds the other's data"
        answer = await bot.say(f"Tell me about {MARK}, please", tenant="right")
        assert not answer.citations
        assert MARK not in "".join(c.text for c in answer.citations)
        await bot.idle()
        assert await _rows(bot, self.plugin, "left") == before, "the other tenant's turn changed these rows"

    async def test_live_events_stay_with_their_tenant(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], tenants={"left": self.config, "right": self.config})
        await self.exercise(bot, "left")
        heard = await bot.tenant(tenant="left").conversations.open("loopback", "alice")
        async with bot.runtime.live.subscribe("right", f"conversation:{heard[0]}") as events:
            await bot.say("hello again", tenant="left")
            assert bot.runtime.live.subscribers("right", f"conversation:{heard[0]}") == 1
            assert bot.runtime.live.subscribers("left", f"conversation:{heard[0]}") == 0
            del events


async def _rows(bot: Bot, plugin: Plugin, tenant: str) -> int:
    """How many rows of the plugin's tables the tenant's own view of the database shows."""
    total = 0
    database = bot.tenant(plugin.name, tenant).db
    for table in plugin.metadata.tables.values() if plugin.metadata is not None else ():
        rows = await database.fetch(sa.select(sa.func.count().label("n")).select_from(table))
        total += rows[0].n
    return total
