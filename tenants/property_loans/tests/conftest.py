"""The lender's bot as it is configured, with its documents, on a clock that stands still."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from pathlib import Path

import pytest_asyncio
import sqlalchemy as sa

from hookline import control, routing
from hookline.catalogue import Catalogue
from hookline.testing import FrozenClock
from tenant_property_loans.models import stage

TENANT = Path(__file__).parent.parent
CONFIG = (TENANT / "tenant.toml").read_text(encoding="utf-8").replace('"rag"]', '"rag", "loopback"]', 1)
PLUGINS = (
    "tenant_property_loans", "language", "guardrails", "handoff", "webchat", "nlu", "embeddings", "scoring", "flows", "llm",
    "rag", "whatsapp", "voice",
)  # fmt: skip
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=INDIA).timestamp()  # a Saturday


class Lender:
    """A bot of the lender, and what it has written down."""

    def __init__(self, bot):
        self.bot = bot
        self.tenant = bot.tenant("tenant_property_loans", "property_loans")

    async def say(self, text, who="asha"):
        """The text of the bot's last message to it."""
        return (await self.bot.say(text, who=who)).text

    async def rows(self, kind):
        """All records of a kind, the oldest first."""
        columns = kind.table.c
        return await self.tenant.db.fetch(sa.select(kind.table).order_by(columns.created_at, columns.id))

    async def one(self, kind):
        """The only record of a kind."""
        (row,) = await self.rows(kind)
        return row

    async def sent(self):
        """How many messages were delivered, once all work is done."""
        await self.bot.idle()
        return len(self.bot.channel.sent)

    async def eventually(self, holds, *args):
        """Wait until `await holds(self, *args)` is true: what observers of the event log write comes after the turn."""
        async with asyncio.timeout(60):
            while not await holds(self, *args):
                await asyncio.sleep(0.01)

    async def states(self):
        """The states that conversations went through, in order."""
        return [row.state for row in sorted(await self.rows(stage), key=lambda row: row.place)]

    async def flow(self, who="asha"):
        """What the flow keeps of a conversation."""
        conversation, _ = await self.tenant.conversations.open("loopback", who)
        return (await self.tenant.conversations.get(conversation)).state.get("flows", {})


@pytest_asyncio.fixture
async def make_lender(make_bot, tmp_path):
    """Makes the lender's bot, with its documents where a test asks for them; `change(folder)` may change its files before it
    starts, and gives another config, or None."""
    made = []

    async def make(config="", *, documents=False, clock=None, change=None, database_url="", **env):
        folder = tmp_path / f"lender{len(made)}"
        mine = folder / "tenants" / "property_loans"
        shutil.copytree(TENANT, mine, ignore=shutil.ignore_patterns("src", "tests", "__pycache__"))
        told = change(mine) if change else None
        catalogue = Catalogue.load()
        bot = await make_bot(
            plugins=[catalogue.get(name) for name in PLUGINS],
            tenants={"property_loans": (told or CONFIG) + config},
            folder=folder,
            clock=clock,
            env=env,
            database_url=database_url,
            blocking=5.0,
        )
        made.append(bot)
        if not documents:
            return Lender(bot)
        commands = control.Commands()
        commands.add_plugins(bot.runtime, routing.collect(bot.runtime.hooks))
        await commands.run("rag.ingest", "property_loans", {"paths": [str(mine / "knowledge")]}, lambda _told: None)
        return Lender(bot)

    return make


@pytest_asyncio.fixture
async def clock():
    return FrozenClock(NOON)


@pytest_asyncio.fixture
async def lender(make_lender, clock):
    return await make_lender(clock=clock)
