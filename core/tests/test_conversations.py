"""Conversations and their history: one suite for what is kept in memory and in SQL, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import attrs
import pytest
import sqlalchemy as sa

from hookline import models
from hookline.collect import Taken
from hookline.errors import BadRequest
from hookline.hookspecs import hookimpl
from hookline.ledger import Inbound, new_id
from hookline.message import Job, Message, Park, Reply
from hookline.ownership import hand_over
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing import Bot, FrozenClock
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn


class Echo:
    """Repeats what it hears, and remembers how often it has heard something in the conversation."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(f"re: {turn.message.text} ({len(turn.history)} before)")


echo = Plugin("echo", Echo)
TABLES = (models.contact, models.identity, models.conversation)


@pytest.fixture(params=["sql", "memory"])
def config(request: pytest.FixtureRequest) -> str:
    return (
        f'[history]\nstore = "{request.param}"\n[conversations]\nexpires_after = 600\npurge_after = 2000\nsweep = 60\n'
    )


async def count(bot: Bot, table: sa.Table, tenant: str = "acme") -> int:
    statement = sa.select(sa.func.count().label("n")).select_from(table).where(table.c.tenant == tenant)
    return int((await bot.runtime.database.fetch(statement, tenant=tenant))[0].n)


async def status(bot: Bot, conversation: str) -> str:
    known = await bot.tenant().conversations.get(conversation)
    return known.conversation.status if known else "gone"


async def becomes(bot: Bot, conversation: str, expected: str) -> None:
    async with asyncio.timeout(15):
        while await status(bot, conversation) != expected:
            await asyncio.sleep(0.01)


@pytest.mark.row("X23")
@pytest.mark.row("A170")
async def test_history_is_in_order_and_read_by_the_page(database_url: str, make_bot: MakeBot, config: str):
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url)
    for n in range(6):
        said = await bot.say(f"m{n}")
    await bot.idle()
    history = bot.tenant().conversations.history
    told = await history(said.conversation)
    assert [m.seq for m in told] == list(range(1, 13))
    assert [m.text for m in told if m.direction == "inbound"] == [f"m{n}" for n in range(6)]
    assert told[1].text == "re: m0 (0 before)"
    assert told[-1].text == "re: m5 (10 before)", "the turn sees what was said before it"
    assert [m.seq for m in await history(said.conversation, after=4, limit=3)] == [5, 6, 7]
    assert [m.seq for m in await history(said.conversation, before=5, limit=2)] == [3, 4]
    assert [m.seq for m in await history(said.conversation, limit=2)] == [11, 12]
    assert await history("nobody") == []


@pytest.mark.row("X23")
async def test_what_survives_a_restart_is_what_the_store_keeps(database_url: str, make_bot: MakeBot, config: str):
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url)
    said = await bot.say("hello")
    await bot.idle()
    await bot.restart()
    kept = [m.text for m in await bot.tenant().conversations.history(said.conversation)]
    assert kept == (["hello", "re: hello (0 before)"] if '"sql"' in config else [])
    again = await bot.say("again")
    assert again.conversation == said.conversation, "the conversation itself is durable either way"


@pytest.mark.row("X23")
async def test_the_sweep_expires_what_is_silent_and_removes_what_is_old_on_every_channel(
    database_url: str, make_bot: MakeBot, config: str
):
    clock = FrozenClock()
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url, clock=clock)
    silent = (await bot.say("hello", who="silent")).conversation
    other = (await bot.tenant().accept(Inbound("api", "u1", "hello"))).conversation
    await bot.idle()
    clock.advance(400)
    lively = (await bot.say("hello", who="lively")).conversation
    await bot.idle()
    clock.advance(300)
    await becomes(bot, silent, "expired")
    await becomes(bot, other, "expired")
    assert await status(bot, lively) == "open"
    following = await bot.say("back again", who="silent")
    assert following.conversation != silent
    assert following.text == "re: back again (0 before)"
    await bot.idle()
    clock.advance(1400)
    await becomes(bot, silent, "gone")
    assert await bot.tenant().conversations.history(silent) == []
    assert await status(bot, following.conversation) == "expired"
    assert await count(bot, models.contact) == 3, "who it was is not forgotten"


@pytest.mark.row("X23")
async def test_cleaning_counts_what_it_expired_and_leaves_the_rest(database_url: str, make_bot: MakeBot, config: str):
    clock = FrozenClock()
    bot = await make_bot(
        plugins=[echo], config=config.replace("sweep = 60", "sweep = 1e9"), database_url=database_url, clock=clock
    )
    for who in ("a", "b"):
        await bot.say("hello", who=who)
    await bot.idle()
    clock.advance(601)
    live = await bot.say("hello", who="c")
    conversations = bot.tenant().conversations
    assert await conversations.expire() == 2
    assert await conversations.expire() == 0
    assert await status(bot, live.conversation) == "open"


async def test_a_conversation_that_an_agent_holds_does_not_expire(database_url: str, make_bot: MakeBot, config: str):
    clock = FrozenClock()
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url, clock=clock)
    held = (await bot.say("hello")).conversation
    await bot.idle()
    assert await bot.tenant().conversations.take(held, "anna")
    clock.advance(700)
    assert await bot.tenant().conversations.expire() == 0
    assert await bot.tenant().conversations.take(held, "", held_by="anna")
    await bot.tenant().conversations.expire()  # unless the sweep was faster
    assert await status(bot, held) == "expired"


async def test_a_conversation_in_which_something_is_due_does_not_expire(
    database_url: str, make_bot: MakeBot, config: str
):
    clock = FrozenClock()
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url, clock=clock)
    waits = (await bot.say("hello")).conversation
    await bot.idle()
    await bot.tenant("echo").set_timer("call back", 1000, lane=waits)
    clock.advance(700)
    assert await bot.tenant().conversations.expire() == 0
    async with bot.tenant("echo").action(by="anna") as act:
        act.cancel_timer("call back", lane=waits)
    await bot.tenant().conversations.expire()  # unless the sweep was faster
    assert await status(bot, waits) == "expired"


async def test_a_tenant_whose_conversations_never_expire_is_not_swept(make_bot: MakeBot):
    clock = FrozenClock()
    bot = await make_bot(plugins=[echo], config="[conversations]\nexpires_after = 0\n", clock=clock)
    said = await bot.say("hello")
    clock.advance(1e9)
    await bot.tenant().conversations.sweep()
    assert await status(bot, said.conversation) == "open"
    with pytest.raises(BadRequest, match="expires_after must be positive"):
        await bot.tenant().conversations.expire()


async def test_a_clock_that_is_set_back_does_not_stop_the_sweep(make_bot: MakeBot, config: str):
    clock = FrozenClock()
    bot = await make_bot(plugins=[echo], config=config, clock=clock)
    await bot.say("hello")
    conversations = bot.tenant().conversations
    clock.advance(-86_400 * 365)
    said = await bot.say("hello", who="bob")
    await bot.idle()
    await conversations.sweep()
    clock.advance(700)
    await becomes(bot, said.conversation, "expired")


# -- begun by the first message ----------------------------------------------------------------------------------------


async def test_a_conversation_with_an_id_of_the_channels_own_begins_with_its_first_message(
    database_url: str, make_bot: MakeBot
):
    bot = await make_bot(plugins=[echo], database_url=database_url)
    mine = new_id()
    assert [await count(bot, table) for table in TABLES] == [0, 0, 0]
    inbound = Inbound("loopback", "alice", "hello", provider_id="1", conversation=mine, begins=True, name="Alice")
    first = await bot.tenant().accept(inbound)
    assert (first.conversation, first.seq, first.duplicate) == (mine, 1, False)
    assert (await bot.tenant().accept(inbound)).duplicate
    assert [await count(bot, table) for table in TABLES] == [1, 1, 1]
    known = await bot.tenant().conversations.get(mine)
    assert known is not None
    assert known.contact.name == "Alice"
    assert await bot.tenant().wait(first.inbox_id, 10)


async def test_first_messages_at_the_same_time_begin_one_conversation(database_url: str, make_bot: MakeBot):
    bot = await make_bot(plugins=[echo], database_url=database_url)
    inbound = Inbound("loopback", "alice", "hello", conversation=new_id(), begins=True)
    done = await asyncio.gather(*(bot.tenant().accept(attrs.evolve(inbound, text=f"m{n}")) for n in range(6)))
    assert {a.conversation for a in done} == {inbound.conversation}
    assert len({a.seq for a in done}) == 6
    assert await count(bot, models.conversation) == 1
    await bot.idle()


async def test_an_id_that_is_closed_or_another_address_s_begins_nothing(database_url: str, make_bot: MakeBot):
    clock = FrozenClock()
    bot = await make_bot(plugins=[echo], config="[conversations]\nexpires_after = 60\n", database_url=database_url,
                         clock=clock)  # fmt: skip
    tenant = bot.tenant()
    closed = (await bot.say("hello")).conversation
    await bot.idle()
    clock.advance(61)
    await tenant.conversations.expire()
    said = await tenant.accept(Inbound("loopback", "alice", "again", conversation=closed, begins=True))
    assert said.conversation != closed
    assert await status(bot, closed) == "expired"
    stranger = await tenant.accept(Inbound("loopback", "mallory", "hi", conversation=closed, begins=True))
    assert stranger.conversation not in (closed, said.conversation)
    await bot.idle()


async def test_an_unknown_id_without_that_intent_is_the_address_s_conversation(make_bot: MakeBot):
    bot = await make_bot(plugins=[echo])
    said = await bot.say("hello")
    other = await bot.tenant().accept(Inbound("loopback", "alice", "x", conversation=new_id()))
    assert other.conversation == said.conversation
    await bot.idle()


async def test_a_take_that_is_rolled_back_forgets_nothing(database_url: str, make_bot: MakeBot, config: str):
    class Parks:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def before_deliver(self, message: Message) -> Park:
            return Park("quiet hours")

    bot = await make_bot(plugins=[echo, Plugin("parks", Parks)], config=config, database_url=database_url)
    mine = (await bot.say("hello")).conversation
    store = bot.tenant().conversations

    def script():
        yield from hand_over("acme", Taken(mine, "joe", ""))
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await bot.runtime.database.run(script(), tenant="acme")
    assert [m.text for m in await store.history(mine)] == ["hello", "re: hello (0 before)"]
    assert await store.take(mine, "joe")
    assert [m.text for m in await store.history(mine)] == ["hello"]


async def test_who_is_gone_before_a_take_is_known_leaves_it_whole(
    database_url: str, make_bot: MakeBot, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url)
    mine = (await bot.say("hello")).conversation
    store, database, interrupted = bot.tenant().conversations, bot.runtime.database, []
    assert await store.get(mine) is not None
    run, durable, known = database.run, asyncio.Event(), asyncio.Event()

    async def late(script, *, tenant):
        done = await run(script, tenant=tenant)
        durable.set()
        await known.wait()
        return done

    monkeypatch.setattr(database, "run", late)
    monkeypatch.setattr(store, "_interrupt", lambda _tenant, conversation: interrupted.append(conversation))
    taking = asyncio.create_task(store.take(mine, "joe"))
    await durable.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    known.set()
    await bot.until(lambda: interrupted == [mine])
    seen = await store.get(mine)
    assert seen is not None
    assert seen.conversation.held_by == "joe"


async def test_a_snapshot_that_was_read_while_it_changed_is_not_kept(database_url: str, make_bot: MakeBot) -> None:
    """Who reads outside the conversation's lane must not put yesterday's state back for the lane to go on from."""
    bot = await make_bot(plugins=[echo], database_url=database_url)
    ident = (await bot.say("hello")).conversation
    store = bot.tenant().conversations
    store.dropped(ident)
    reading = asyncio.create_task(store.get(ident))
    await asyncio.sleep(0)  # it has asked the database, and has no answer yet
    store.dropped(ident)  # as after a commit
    seen = await reading
    again = await store.get(ident)
    assert seen is not None
    assert again is not seen, "it was read anew"
    assert again == seen, "nothing had changed in truth"


async def test_two_who_read_at_once_get_one_snapshot_where_it_is_kept(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[echo])
    ident = (await bot.say("hello")).conversation
    store = bot.tenant().conversations
    store.dropped(ident)
    one, two = await asyncio.gather(store.get(ident), store.get(ident))
    assert one is two
    assert await store.get(ident) is one


async def test_who_waits_for_a_turn_that_is_durable_already_gets_its_reply_and_what_it_left(
    make_bot: MakeBot, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may show a turn as done before the loop has come to hear of it: a loaded machine, a slow disk."""
    bot = await make_bot(plugins=[echo], config=config)
    database = bot.runtime.database
    share = database.share

    async def late(make, *, kind, **more):
        done = await share(make, kind=kind, **more)
        if kind == "commit":
            await asyncio.sleep(0.5)  # meanwhile whoever waits looks into the database
        return done

    monkeypatch.setattr(database, "share", late)
    for n in range(3):
        said = await bot.say(f"m{n}")
        assert said.text == f"re: m{n} ({2 * n} before)"
        known = await bot.tenant().conversations.get(said.conversation)
        assert known is not None
        assert [m.text for m in known.history][-1] == said.text


class Sender:
    """Says in a conversation what a job wants said there."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        turn.send(Reply(job.payload["text"]), conversation=job.payload["conversation"])


async def test_a_turn_knows_what_a_job_has_said_in_its_conversation(
    database_url: str, make_bot: MakeBot, config: str
) -> None:
    bot = await make_bot(plugins=[echo, Plugin("sender", Sender)], config=config, database_url=database_url)
    said = await bot.say("hi")
    await bot.tenant("sender").submit("say", {"text": "an offer", "conversation": said.conversation})
    await bot.idle()
    assert (await bot.say("again")).text == "re: again (3 before)"


async def test_messages_that_come_at_once_from_a_new_address_are_one_conversation(
    database_url: str, make_bot: MakeBot, config: str
) -> None:
    """A provider may hand over a batch, to several servers as well."""
    bot = await make_bot(plugins=[echo], config=config, database_url=database_url)
    await asyncio.gather(*(bot.tell(f"m{n}") for n in range(8)))
    await bot.idle()
    assert [await count(bot, table) for table in TABLES] == [1, 1, 1]


async def test_what_was_stored_for_somebody_who_is_gone_is_known_to_the_next_turn(
    make_bot: MakeBot, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await make_bot(plugins=[echo], config=config)
    said = await bot.say("hi")
    await bot.idle()
    database, stored, go = bot.runtime.database, asyncio.Event(), asyncio.Event()
    run = database.run

    async def late(script, *, tenant):
        done = await run(script, tenant=tenant)
        stored.set()
        await go.wait()
        return done

    monkeypatch.setattr(database, "run", late)
    sending = asyncio.create_task(bot.tenant().send(Reply("Asha here"), conversation=said.conversation))
    await stored.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    monkeypatch.undo()
    go.set()
    async with asyncio.timeout(10):
        while (known := await bot.tenant().conversations.get(said.conversation)) is None or len(known.history) < 3:
            await asyncio.sleep(0.01)
    assert (await bot.say("again")).text == "re: again (3 before)"
