"""Two contacts that are one person become one, whole or not at all, and can become two again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from hookline import migrate
from hookline.errors import Conflict
from hookline.hookspecs import hookimpl
from hookline.merging import Moved
from hookline.message import Contact, Reply
from hookline.models import contact, conversation, identity
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing import Bot
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

Start = Callable[..., Awaitable[Bot]]


class Names:
    """Says who it thinks it is talking to."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply:
        return Reply(f"contact {turn.contact.id} {turn.contact.name}")


PLUGIN = Plugin("names", Names)


@pytest.fixture
def start(make_bot: MakeBot) -> Start:
    async def make(database_url: str, **more: Any) -> Bot:
        if database_url:
            await asyncio.to_thread(migrate.upgrade, database_url, [PLUGIN])
        return await make_bot(plugins=[PLUGIN], database_url=database_url, **more)

    return make


async def of(bot: Bot, who: str) -> tuple[str, str]:
    """The conversation and the contact of an address."""
    told = await bot.say("hello", who=who)
    return told.conversation, told.text.split()[1]


async def count(bot: Bot, table: sa.Table) -> int:
    rows = await bot.tenant("names").db.fetch(sa.select(sa.func.count().label("n")).select_from(table))
    return int(rows[0].n)


async def test_identities_and_conversations_go_to_one_contact_and_back(database_url: str, start: Start) -> None:
    bot = await start(database_url)
    (a, asha), (b, other) = await of(bot, "asha"), await of(bot, "+91 98765")
    known = Contact(asha, name="Asha", phone="+919876500000")
    there = Moved(other, asha, (("loopback", "+91 98765"),), (b,), known, dropped=True)
    async with bot.tenant("names").action(by="ann") as act:
        act.merge(there)

    assert (await bot.say("who am I?", who="+91 98765")).text == f"contact {asha} Asha"
    assert (await bot.say("who am I?", who="asha")).text == f"contact {asha} Asha"
    assert await count(bot, contact) == 1
    assert await count(bot, identity) == 2

    back = Moved(asha, other, (("loopback", "+91 98765"),), (b,), Contact(asha), made=Contact(other, name="Ravi"))
    async with bot.tenant("names").action(by="ann") as act:
        act.merge(back)
    assert (await bot.say("and now?", who="+91 98765")).text == f"contact {other} Ravi"
    assert (await bot.say("and now?", who="asha")).text == f"contact {asha} "
    assert (await count(bot, contact), await count(bot, conversation)) == (2, 2)
    assert a != b


async def test_a_merge_of_what_has_changed_moves_nothing(database_url: str, start: Start) -> None:
    bot = await start(database_url)
    (_, asha), (b, other) = await of(bot, "asha"), await of(bot, "ravi")
    tenant = bot.tenant("names")
    identities = (("loopback", "ravi"),)
    for wrong, text in (
        (Moved(other, asha, (("loopback", "nobody"),), (b,), Contact(asha)), "has not what it had a moment ago"),
        (Moved(other, asha, identities, ("gone",), Contact(asha)), "has not what it had a moment ago"),
        (Moved(other, "nobody", identities, (b,), Contact("nobody")), "is not there any more, or they are one"),
        (Moved(asha, asha, (), (), Contact(asha)), "is not there any more, or they are one"),
        (Moved(other, asha, identities, (), Contact(asha), dropped=True), "has got more meanwhile"),
    ):
        with pytest.raises(Conflict, match=text):
            async with tenant.action(by="ann") as act:
                act.merge(wrong)
    assert (await bot.say("who?", who="ravi")).text == f"contact {other} "
    assert await count(bot, contact) == 2


async def test_a_merge_does_not_reach_into_another_tenant(start: Start, database_url: str) -> None:
    bot = await start(database_url, tenants={"left": "", "right": ""})
    mine = await bot.say("hello", who="asha", tenant="left")
    theirs = await bot.say("hello", who="ravi", tenant="right")
    source, into = theirs.text.split()[1], mine.text.split()[1]
    with pytest.raises(Conflict, match="is not there any more"):
        async with bot.tenant("names", "left").action(by="ann") as act:
            act.merge(Moved(source, into, (("loopback", "ravi"),), (theirs.conversation,), Contact(into)))
    assert (await bot.say("who?", who="ravi", tenant="right")).text == f"contact {source} "
