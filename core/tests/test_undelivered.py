"""What could not be delivered is seen with its cause, sent again, or given up: on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import Any, ClassVar

import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from hookline import models, undelivered
from hookline.app import KEYS, make_app
from hookline.errors import GiveUp
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


class Repeats:
    """Repeats what it hears, and keeps nothing back."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(turn.message.text)


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


async def test_what_is_parked_is_asked_about_again_when_it_is_released(database_url: str, make_bot: MakeBot):
    shut = {"later"}

    class Window:
        def __init__(self, tenant: Tenant) -> None:
            self.tenant = tenant

        @hookimpl
        async def before_deliver(self, message: Message) -> Park | None:
            return Park("the window is shut") if shut & set(message.text.split()) else None

    plugins = [Plugin("window", Window), Plugin("repeats", Repeats)]
    bot = await make_bot(plugins=plugins, config=QUICK, database_url=database_url, clock=FrozenClock())
    said = await bot.say("later")
    async with asyncio.timeout(10):
        while not await undelivered.undelivered(bot.runtime, "acme", states=("parked",)):
            await asyncio.sleep(0.01)
    assert not await bot.tenant().release("another")
    assert await bot.tenant().release(said.conversation)
    await bot.say("now")
    assert not bot.channel.sent, "the window is still shut"
    shut.clear()
    assert await bot.tenant().release(said.conversation)
    sent = await bot.channel.wait_for(2)
    assert [message.text for message in sent] == ["later", "now"]
    await bot.idle()
    assert not await bot.tenant().release(said.conversation), "nothing is parked there any more"


class Stile:
    """Lets pass what has none of the words in `shut`; the rest steps aside, or with "hold" holds up what follows."""

    shut: ClassVar[set[str]] = set()

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def before_deliver(self, message: Message) -> Park | None:
        met = self.shut & set(message.text.split())
        return Park(f"not now: {', '.join(met)}", aside="hold" not in message.text) if met else None


async def stile(make_bot: MakeBot, database_url: str, shut: set[str]) -> Bot:
    """A bot that repeats what it hears behind a `Stile`."""
    hooks: Any = type("Stile", (Stile,), {"shut": shut})
    plugins = [Plugin("stile", hooks), Plugin("repeats", Repeats)]
    return await make_bot(plugins=plugins, config=QUICK, database_url=database_url, clock=FrozenClock())


def advance(bot: Bot, seconds: float) -> None:
    assert isinstance(bot.clock, FrozenClock)
    bot.clock.advance(seconds)


async def parked(bot: Bot, number: int) -> list[undelivered.Undelivered]:
    """The messages that are parked, as soon as there are so many."""
    async with asyncio.timeout(10):
        while True:
            found = await undelivered.undelivered(bot.runtime, "acme", states=("parked",), limit=500)
            if len(found) == number:
                return found
            await asyncio.sleep(0.01)


async def test_what_stands_aside_is_passed_and_goes_in_its_order_when_it_may(database_url: str, make_bot: MakeBot):
    shut = {"text"}
    bot = await stile(make_bot, database_url, shut)
    said = await bot.say("text 1")
    await bot.say("text 2")
    await parked(bot, 2)
    await bot.say("template 3")
    await bot.channel.wait_for(1)
    await bot.say("text 4")
    await bot.say("template 5")
    await bot.channel.wait_for(2)
    assert [message.text for message in bot.channel.sent] == ["template 3", "template 5"]
    shut.clear()
    await bot.say("text 6")
    sent = await bot.channel.wait_for(6)
    assert [message.text for message in sent][2:] == ["text 1", "text 2", "text 4", "text 6"], (
        "nothing passes any more what may go itself, also where nobody has released it"
    )
    await bot.idle()
    assert not await bot.tenant().release(said.conversation)


async def test_what_holds_holds_also_behind_what_stands_aside(database_url: str, make_bot: MakeBot):
    shut = {"text"}
    bot = await stile(make_bot, database_url, shut)
    said = await bot.say("text 1")
    await parked(bot, 1)
    await bot.say("text hold 2")
    await parked(bot, 2)
    await bot.say("template 3")
    await bot.say("template 4")
    assert not bot.channel.sent
    shut.clear()
    assert await bot.tenant().release(said.conversation)
    sent = await bot.channel.wait_for(4)
    assert [message.text for message in sent] == ["text 1", "text hold 2", "template 3", "template 4"]


async def test_more_than_a_page_may_stand_aside(database_url: str, make_bot: MakeBot):
    shut = {"text"}
    bot = await stile(make_bot, database_url, shut)
    said = await bot.say("text 0")
    tenant = bot.tenant()
    for n in range(1, 120):
        await tenant.send(Reply(f"text {n}"), conversation=said.conversation, key=str(n))
    await parked(bot, 120)
    await tenant.send(Reply("template"), conversation=said.conversation, key="template")
    (sent,) = await bot.channel.wait_for(1)
    assert sent.text == "template"
    shut.clear()
    assert await tenant.release(said.conversation)
    sent_all = await bot.channel.wait_for(121)
    assert [message.text for message in sent_all[1:]] == [f"text {n}" for n in range(120)]


async def test_what_takes_long_to_send_is_not_taken_over_meanwhile(database_url: str, make_bot: MakeBot):
    begun, released = asyncio.Event(), asyncio.Event()

    class Slow:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def deliver(self, message: Message) -> Receipt:
            begun.set()
            await released.wait()
            return Receipt()

    clock = FrozenClock()
    slow = Plugin("slow", Slow, channels=("slow",))
    bot = await make_bot(plugins=[echo, slow], database_url=database_url, clock=clock)
    await bot.tenant().accept(Inbound("slow", "alice", "hello"))
    await begun.wait()
    held = sa.select(models.outbox.c.lease_until).where(models.outbox.c.state == "sending")
    (before,) = await bot.tenant().db.fetch(held)

    clock.advance(5)
    await bot.runtime.outbox.renew()

    (after,) = await bot.tenant().db.fetch(held)
    assert after.lease_until == before.lease_until + 5
    released.set()
    await bot.idle()


async def test_what_stands_aside_is_tried_again_by_itself_and_after_a_restart(database_url: str, make_bot: MakeBot):
    shut = {"text"}
    bot = await stile(make_bot, database_url, shut)
    said = await bot.say("text 1")
    await parked(bot, 1)
    await bot.restart()
    await bot.tenant().send(Reply("template 2"), conversation=said.conversation)
    await bot.channel.wait_for(1)
    shut.clear()
    advance(bot, 86401)
    sent = await bot.channel.wait_for(2)
    assert [message.text for message in sent] == ["template 2", "text 1"]


async def test_a_failing_delivery_is_not_passed_although_something_stands_aside(database_url: str, make_bot: MakeBot):
    shut = {"text"}
    bot = await stile(make_bot, database_url, shut)
    await bot.say("text 1")
    await parked(bot, 1)
    tried = asyncio.Event()

    def fail(message: Message) -> None:
        tried.set()
        raise ConnectionError("the provider is down")

    bot.channel.fail = fail
    await bot.say("template 2")
    async with asyncio.timeout(10):
        await tried.wait()
    await bot.say("template 3")
    bot.channel.fail = None
    async with asyncio.timeout(10):
        while len(bot.channel.sent) < 2:
            advance(bot, 0.02)
            await asyncio.sleep(0.01)
    assert [message.text for message in bot.channel.sent] == ["template 2", "template 3"]


async def test_a_channel_that_gives_up_is_not_tried_again(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], config="[deliveries]\nattempts = 5\n", database_url=database_url)
    tries = []

    def refuse(message: Message) -> None:
        tries.append(message.id)
        raise GiveUp("the provider does not know the number")

    bot.channel.fail = refuse
    await bot.say("hi")
    row = await settled(bot, "failed")
    assert (len(tries), row.attempts) == (1, 1)
    assert "the provider does not know the number" in row.error


async def test_a_message_that_was_sent_is_flagged_when_its_provider_reports_a_failure(
    database_url: str, make_bot: MakeBot
):
    bot = await make_bot(plugins=[echo], config=QUICK, database_url=database_url)
    said = await bot.say("hi")
    await bot.channel.wait_for(1)
    await bot.idle()
    tenant = bot.tenant()
    huge = ("2147483648", "9" * 19, "9" * 5000)
    for stranger in ("", "inbox", "inbox-1", f"{said.id}x", f"other{said.id}", *(f"inbox-1-{n}" for n in huge)):
        assert not await tenant.refused(stranger, "no")
    assert await tenant.refused(said.id, "code 131026: undeliverable")
    row = await settled(bot, "failed")
    assert row.error == "code 131026: undeliverable"
    assert not await tenant.refused(said.id, "again"), "it is flagged, and not sent"
    assert not await undelivered.retry(bot.runtime, "acme", row.id), "what it said is not kept"


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
