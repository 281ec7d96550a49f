"""What could not be delivered is seen with its cause, sent again, or given up: on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3

import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from hookline import models, undelivered
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.ledger import Inbound
from hookline.message import Drop, Message, Park, Receipt, Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing import Bot, FrozenClock
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

QUICK = "[deliveries]\nattempts = 2\nbackoff = 0.01\n"


class Echo:
    """Repeats what it hears; keeps back what has the word "later", for good what has the word "never"."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(f"you said {turn.message.text}")

    @hookimpl
    async def before_deliver(self, message: Message) -> Park | Drop | None:
        if "never" in message.text:
            return Drop("unsubscribed")
        return Park("quiet hours") if "later" in message.text else None


echo = Plugin("echo", Echo)


def broken(message: Message) -> None:
    raise ConnectionError("the provider is down")


async def states(bot: Bot) -> dict[str, str]:
    rows = await bot.runtime.database.fetch(sa.select(models.outbox.c.id, models.outbox.c.state), tenant="acme")
    return {str(row.id): row.state for row in rows}


async def settled(bot: Bot, state: str) -> undelivered.Undelivered:
    """The one message in that state, as soon as it is there."""
    await bot.idle()
    (row,) = await undelivered.undelivered(bot.runtime, "acme", states=(state,))
    return row


async def texts(bot: Bot, conversation: str) -> list[str]:
    return [message.text for message in await bot.tenant().conversations.history(conversation)]


async def test_a_failed_message_is_listed_with_its_cause_and_sent_again(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url)
    bot.channel.fail = broken
    said = await bot.say("hi")
    row = await settled(bot, "failed")
    assert (row.conversation, row.channel, row.author, row.attempts) == (said.conversation, "loopback", "bot", 2)
    assert "ConnectionError: the provider is down" in row.error
    assert "you said" not in row.error
    bot.channel.fail = None
    assert await undelivered.retry(bot.runtime, "acme", row.id)
    await bot.channel.wait_for(1)
    await bot.idle()
    assert [message.id for message in bot.channel.sent] == [said.id], "the same message id, the provider's key"
    assert await states(bot) == {str(row.id): "sent"}
    assert not await undelivered.retry(bot.runtime, "acme", row.id), "it is sent, and not again"
    assert not await undelivered.drop(bot.runtime, "acme", row.id)


async def test_a_message_tried_again_that_fails_again_has_all_its_tries(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url)
    tries = []

    def fail(message: Message) -> None:
        tries.append(message.id)
        raise ConnectionError("down")

    bot.channel.fail = fail
    await bot.say("hi")
    row = await settled(bot, "failed")
    assert await undelivered.retry(bot.runtime, "acme", row.id)
    assert (await settled(bot, "failed")).attempts == 2
    assert len(tries) == 4


async def test_a_message_tried_again_goes_before_what_still_waits(database_url: str, make_bot: MakeBot):
    told: list[str] = []
    begun, released = asyncio.Event(), asyncio.Event()

    class Desk:
        down = True

        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def deliver(self, message: Message) -> Receipt:
            if Desk.down:
                broken(message)
            if "slow" in message.text:
                begun.set()
                await released.wait()
            told.append(message.text.removeprefix("you said "))
            return Receipt()

    desk = Plugin("desk", Desk, channels=("desk",), in_process=True)
    bot = await make_bot(plugins=[echo, desk], config=QUICK, database_url=database_url)
    await bot.tenant().accept(Inbound("desk", "alice", "first"))
    row = await settled(bot, "failed")
    assert row.attempts == 2, "tries are counted though such a channel claims nothing"
    Desk.down = False
    await bot.tenant().accept(Inbound("desk", "alice", "slow"))
    await begun.wait()
    await bot.tenant().accept(Inbound("desk", "alice", "next"))
    await bot.until(lambda: not len(bot.runtime.lanes))
    assert await undelivered.retry(bot.runtime, "acme", row.id)
    released.set()
    await bot.idle()
    assert told == ["slow", "first", "next"]


async def test_a_message_is_dropped_and_leaves_its_conversation_in_one_transaction(make_bot: MakeBot):
    bot = await make_bot(plugins=[echo])
    with contextlib.closing(sqlite3.connect(bot.runtime.database.path)) as disk:
        disk.execute("CREATE TRIGGER stop BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'not now'); END")
        said = await bot.tenant().accept(Inbound("loopback", "alice", "never"))
        await bot.until(lambda: not len(bot.runtime.lanes))
        await bot.idle()
        assert set((await states(bot)).values()) == {"pending"}
        disk.execute("DROP TRIGGER stop")
    bot.runtime.outbox.wake("acme", said.conversation)
    await bot.idle()
    assert set((await states(bot)).values()) == {"dropped"}
    assert await texts(bot, said.conversation) == ["never"]


async def test_a_message_that_is_given_up_is_not_sent_and_leaves_the_conversation(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url)
    bot.channel.fail = broken
    said = await bot.say("hi")
    row = await settled(bot, "failed")
    assert await undelivered.drop(bot.runtime, "acme", row.id, by="somebody")
    bot.channel.fail = None
    assert (await bot.say("again")).text == "you said again"
    await bot.idle()
    assert [message.text for message in bot.channel.sent] == ["you said again"]
    assert await texts(bot, said.conversation) == ["hi", "again", "you said again"]
    assert (await states(bot))[str(row.id)] == "dropped"
    (kept,) = await bot.runtime.database.fetch(
        sa.select(models.outbox.c.error, models.outbox.c.body).where(models.outbox.c.id == row.id), tenant="acme"
    )
    assert kept.error.startswith("given up by somebody; failed: ")
    assert kept.body is None


async def ambiguous(database_url: str, make_bot: MakeBot) -> tuple[Bot, undelivered.Undelivered]:
    """A bot whose last server died while it was sending, on a channel that may not send twice."""
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url, resends=False)
    said = await bot.say("hi")
    await bot.idle()

    def script():
        from hookline.db import Op

        body = sa.select(models.message.c.body).where(models.message.c.tenant == "acme", models.message.c.id == said.id)
        yield Op(
            sa.update(models.outbox)
            .where(models.outbox.c.tenant == "acme")
            .values(state="sending", body=body.scalar_subquery(), lease_until=1.0)
        )

    await bot.runtime.database.run(script(), tenant="acme")
    bot.channel.sent.clear()
    await bot.restart()
    await bot.until(lambda: bot.runtime.outbox._swept)
    return bot, await settled(bot, "ambiguous")


async def test_an_ambiguous_message_is_sent_again_when_a_person_says_so(database_url: str, make_bot: MakeBot):
    bot, row = await ambiguous(database_url, make_bot)
    assert row.error == "a crash left open whether it was sent; not sent again"
    assert not bot.channel.sent
    assert await undelivered.retry(bot.runtime, "acme", row.id)
    (sent,) = await bot.channel.wait_for(1)
    assert sent.text == "you said hi"


async def test_an_ambiguous_message_that_is_given_up_stays_in_the_conversation(database_url: str, make_bot: MakeBot):
    bot, row = await ambiguous(database_url, make_bot)
    assert await undelivered.drop(bot.runtime, "acme", row.id)
    assert await texts(bot, row.conversation) == ["hi", "you said hi"], "the customer may have got it"
    assert not bot.channel.sent


async def test_a_parked_message_can_be_given_up_and_does_not_hold_up_the_next(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url, clock=FrozenClock())
    said = await bot.say("later")
    found: list[undelivered.Undelivered] = []
    async with asyncio.timeout(10):
        while not found:
            found = await undelivered.undelivered(bot.runtime, "acme", states=("parked",))
    await bot.say("now")
    assert not bot.channel.sent, "it waits behind the parked one"
    assert await undelivered.drop(bot.runtime, "acme", found[0].id)
    (sent,) = await bot.channel.wait_for(1)
    assert sent.text == "you said now"
    assert await texts(bot, said.conversation) == ["later", "now", "you said now"]


async def test_the_admin_routes_list_retry_and_drop_and_are_for_admins_alone(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url)
    app = make_app(bot.runtime, tenant="acme")
    async with TestClient(TestServer(app)) as client:
        _, admin = await app[KEYS].create("acme", "ops", "admin")
        _, agent = await app[KEYS].create("acme", "joe", "agent")
        bot.channel.fail = broken
        for who in ("alice", "bob"):
            await bot.say("hi", who=who)
        await bot.idle()
        headers = {"X-API-Key": admin}
        assert (await client.get("/outbox")).status == 401
        assert (await client.get("/outbox", headers={"X-API-Key": agent})).status == 403
        told = await (await client.get("/outbox", headers=headers)).json()
        first, second = told["undelivered"]
        assert set(first) == {
            "id", "conversation", "channel", "author", "state", "attempts", "error", "created_at",
        }  # fmt: skip
        assert first["state"] == "failed"
        rest = await (await client.get(f"/outbox?after={first['id']}", headers=headers)).json()
        assert [row["id"] for row in rest["undelivered"]] == [second["id"]]
        assert await (await client.get("/outbox?state=ambiguous", headers=headers)).json() == {"undelivered": []}
        wrong = await client.get("/outbox?state=sent", headers=headers)
        assert wrong.status == 400
        assert "allowed: failed, ambiguous, parked" in (await wrong.json())["detail"]
        bot.channel.fail = None
        again = await client.post(f"/outbox/{first['id']}/retry", headers=headers)
        assert (again.status, await again.json()) == (202, {"id": first["id"], "state": "pending"})
        gone = await client.post(f"/outbox/{second['id']}/drop", headers=headers)
        assert (gone.status, await gone.json()) == (200, {"id": second["id"], "state": "dropped"})
        for what in ("retry", "drop"):
            for number in (first["id"] + 99, 2**70):
                assert (await client.post(f"/outbox/{number}/{what}", headers=headers)).status == 404
        assert (await client.post(f"/outbox/{second['id']}/drop", headers={"X-API-Key": agent})).status == 403
        await bot.channel.wait_for(1)
        await bot.idle()
    assert [message.address for message in bot.channel.sent] == ["alice"]


async def test_another_tenant_can_not_see_or_touch_it(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], tenants={"acme": QUICK, "other": QUICK}, database_url=database_url)
    bot.channel.fail = broken
    await bot.say("hi", tenant="acme")
    row = await settled(bot, "failed")
    assert await undelivered.undelivered(bot.runtime, "other") == []
    assert not await undelivered.retry(bot.runtime, "other", row.id)
    assert not await undelivered.drop(bot.runtime, "other", row.id)
    assert (await states(bot)) == {str(row.id): "failed"}
