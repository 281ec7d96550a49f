"""The way of a message through a whole runtime: once, in order, and on to its channel."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Sequence

import asyncpg
import attrs
import pytest
import sqlalchemy as sa

from hookline import models
from hookline.errors import BadRequest
from hookline.hookspecs import hookimpl
from hookline.ledger import Inbound
from hookline.message import (
    Drop,
    HandoffRequest,
    Hold,
    Message,
    Park,
    Receipt,
    Record,
    Refusal,
    Reply,
    Segment,
    Send,
    Template,
    Timer,
)
from hookline.plugin import Plugin
from hookline.tenant import ResourceKey, Tenant
from hookline.testing import Bot, FrozenClock
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn
from hookline.watch import watch

Answer = Reply | AsyncIterator[Segment | Reply] | None


class Counting:
    """Says how many messages of the conversation it has seen; "wait" waits for `gate`."""

    gate: asyncio.Event | None = None

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Answer:
        state = turn.state("counting")
        state["n"] = state.get("n", 0) + 1
        if turn.message.text == "wait" and self.gate is not None:
            await self.gate.wait()
        if turn.message.text == "ring":
            turn.timer("bell", 60.0, key="k")
        if turn.message.text == "hush":
            turn.cancel_timer("bell", key="k")
        return Reply(f"{state['n']}: {turn.message.text}")

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        turn.send(Reply(f"{timer.kind} rang"))


counting = Plugin("counting", hooks=Counting)


async def test_a_reply_is_committed_delivered_and_kept(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting])
    said = await bot.say("hello")
    (sent,) = await bot.channel.wait_for(1)
    assert (said.text, said.seq, said.author, said.direction) == ("1: hello", 2, "bot", "outbound")
    assert sent == said
    history = await bot.tenant().conversations.history(said.conversation)
    assert [(m.seq, m.author, m.text) for m in history] == [(1, "contact", "hello"), (2, "bot", "1: hello")]
    await bot.restart()
    assert await bot.tenant().conversations.history(said.conversation) == history
    assert (await bot.say("again")).text == "2: again", "the conversation and its state survive a restart"


async def test_a_repeated_provider_id_is_one_message(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting])
    tenant = bot.tenant()
    inbound = Inbound("loopback", "alice", "hello", provider_id="wamid.1")
    first, *repeats = await asyncio.gather(*(tenant.accept(inbound) for _ in range(5)))
    assert not first.duplicate
    assert all(r.duplicate for r in repeats)
    assert {(r.inbox_id, r.message_id, r.seq) for r in repeats} == {(first.inbox_id, first.message_id, first.seq)}
    assert await tenant.wait(first.inbox_id)
    await bot.idle()
    assert [m.text for m in bot.channel.sent] == ["1: hello"]
    assert (await tenant.accept(attrs.evolve(inbound, address="bob"))).duplicate, "an id is unique in its channel"


async def test_one_conversation_runs_in_order_while_others_go_on(make_bot: MakeBot) -> None:
    gate = asyncio.Event()
    hooks = type("Gated", (Counting,), {"gate": gate})
    bot = await make_bot(plugins=[Plugin("counting", hooks=hooks)])
    held = await bot.tell("wait", who="alice")
    after = [await bot.tell(f"m{n}", who="alice") for n in range(20)]
    assert (await bot.say("hello", who="bob")).text == "1: hello", "another conversation is not held up"
    assert await bot.tenant().wait(after[0], 0.05) is None
    gate.set()
    for inbox_id in (held, *after):
        assert await bot.tenant().wait(inbox_id, 10)
    await bot.idle()
    alice = [m.text for m in bot.channel.sent if m.address == "alice"]
    assert alice == ["1: wait", *(f"{n + 2}: m{n}" for n in range(20))]


async def test_five_tenants_with_twenty_conversations_each_never_mix(make_bot: MakeBot) -> None:
    names = [f"t{n}" for n in range(5)]
    bot = await make_bot(plugins=[counting], tenants=dict.fromkeys(names, ""))

    async def customer(tenant: str, who: str) -> None:
        for n in range(3):
            said = await bot.say(f"{tenant}-{who}", who=who, tenant=tenant)
            assert said.text == f"{n + 1}: {tenant}-{who}"

    await asyncio.gather(*(customer(t, f"c{n}") for t in names for n in range(20)))
    await bot.idle()
    assert len(bot.channel.sent) == 300


async def test_a_message_too_long_is_refused_by_name_and_null_bytes_are_removed(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting], config="[limits]\nmessage_chars = 10\n")
    with pytest.raises(BadRequest, match="the message has 11 characters; at most 10 are allowed") as caught:
        await bot.say("x" * 11)
    assert caught.value.field == "text"
    assert (await bot.say("a\x00b")).text == "1: ab"


# -- agents ----------------------------------------------------------------------------------------------------------


async def test_an_agent_who_takes_the_conversation_ends_the_running_turn_and_silences_the_bot(
    make_bot: MakeBot,
) -> None:
    gate = asyncio.Event()
    hooks = type("Gated", (Counting,), {"gate": gate})
    bot = await make_bot(plugins=[Plugin("counting", hooks=hooks)])
    inbox_id = await bot.tell("wait")
    await bot.until(lambda: len(bot.runtime.watchdog.calls) > 0)
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")
    assert await bot.tenant().conversations.take(conversation, "asha")
    assert not await bot.tenant().conversations.take(conversation, "ben"), "two agents claim: one wins"
    assert await bot.tenant().wait(inbox_id, 10) == ()
    assert await bot.hear("are you there?") == ()
    gate.set()
    await bot.idle()
    assert bot.channel.sent == []

    told = await bot.tenant().send(Reply("Asha here"), conversation=conversation, author="agent")
    await bot.channel.wait_for(1)
    assert [(m.author, m.text) for m in bot.channel.sent] == [("agent", "Asha here")]
    assert await bot.tenant().conversations.take(conversation, "", held_by="asha")
    assert (await bot.say("bot?")).text == "1: bot?", "the silenced turns left no trace in the state"
    history = await bot.tenant().conversations.history(conversation)
    assert [m.text for m in history] == ["wait", "are you there?", "Asha here", "bot?", "1: bot?"]
    assert told.seq == 3


async def test_the_bots_words_that_are_not_sent_yet_are_withdrawn_when_an_agent_takes_over(make_bot: MakeBot) -> None:
    class Quiet:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def before_deliver(self, message: Message) -> Send | Template | Park | Drop | None:
            return Park("quiet hours") if message.author == "bot" else None

    bot = await make_bot(plugins=[counting, Plugin("quiet", hooks=Quiet)])
    said = await bot.say("hello")
    await bot.until(lambda: _outbox(bot) == {"parked": 1})
    assert await bot.tenant().conversations.take(said.conversation, "asha")
    assert _outbox(bot) == {"withdrawn": 1}
    for _ in range(2):  # with a key it is one message
        await bot.tenant().send(Reply("Asha here"), conversation=said.conversation, author="agent", key="hello")
    await bot.channel.wait_for(1)
    assert [m.text for m in bot.channel.sent] == ["Asha here"]
    history = await bot.tenant().conversations.history(said.conversation)
    assert [m.text for m in history] == ["hello", "Asha here"], "what was withdrawn was never said"


async def test_what_is_withdrawn_while_it_is_decided_is_not_handed_over_by_a_channel_of_our_own(
    make_bot: MakeBot,
) -> None:
    sent: list[str] = []
    asked, go = asyncio.Event(), asyncio.Event()

    class Inner:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def before_deliver(self, message: Message) -> Send | Template | Park | Drop | None:
            asked.set()
            if message.author == "bot":
                await go.wait()
            return None

        @hookimpl
        async def deliver(self, message: Message) -> Receipt:
            sent.append(message.text)
            return Receipt()

    bot = await make_bot(plugins=[counting, Plugin("inner", Inner, channels=("inner",), in_process=True)])
    accepted = await bot.tenant().accept(Inbound("inner", "alice", "hello"))
    await asked.wait()
    assert await bot.tenant().conversations.take(accepted.conversation, "asha")
    await bot.tenant().send(Reply("Asha here"), conversation=accepted.conversation, author="agent")
    go.set()
    await bot.idle()
    assert sent == ["Asha here"]


def _outbox(bot: Bot) -> dict[str, int]:
    connection = sqlite3.connect(bot.folder / "data" / "hookline.db")
    try:
        return dict(connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    finally:
        connection.close()


# -- what a turn may decide --------------------------------------------------------------------------------------------


class Deciding:
    """Decides as the message says."""

    def __init__(self, tenant: Tenant) -> None: ...

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        return attrs.evolve(turn.message, text=turn.message.text.strip(), language="fr")

    @hookimpl
    async def screen(self, turn: Turn) -> Refusal | None:
        return Refusal("rude", "Please be kind.") if "damn" in turn.message.text else None

    @hookimpl
    async def hold(self, turn: Turn) -> Hold | None:
        return Hold("on leave") if "hold" in turn.message.text else None

    @hookimpl
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        if "human" in turn.message.text:
            return HandoffRequest("asked", "Someone will be with you.")
        if turn.reply and "angry" in turn.reply.text:
            return HandoffRequest("angry")
        return None

    @hookimpl
    async def respond(self, turn: Turn) -> Answer:
        return Reply(f"{turn.language}|{turn.message.text}")

    @hookimpl
    async def review(self, reply: Reply) -> Reply:
        return attrs.evolve(reply, text=reply.text + "!")


async def test_each_decision_has_its_consequence(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("deciding", hooks=Deciding)])
    assert (await bot.say("  salut  ")).text == "fr|salut!"
    assert (await bot.say("damn")).text == "Please be kind.!"
    assert await bot.hear("hold") == ()
    assert await bot.hear("hold, damn") == (), "an agent always sees the message; the bot is silent also when refused"
    assert (await bot.say("a human please")).text == "Someone will be with you.!"
    assert (await bot.say("angry")).text == "fr|angry!"
    records = [r for r in await bot.runtime.events.since("acme", 0) if r.kind == "turn"]
    assert [r.payload["refused"] for r in records] == [None, "rude", None, "rude", None, None]
    assert [r.payload["held"] for r in records] == [None, None, "on leave", "on leave", None, None]
    assert [(r.payload["handoff"] or {}).get("reason") for r in records] == [None] * 4 + ["asked", "angry"]
    history = await bot.tenant().conversations.history(records[0].conversation)
    assert history[0].text == "salut", "what `receive` made of it is what is kept"
    assert not any("salut" in str(r.payload) for r in records), "the event log never holds what was said"


async def test_segments_are_published_after_review_and_replaced_by_the_committed_reply(make_bot: MakeBot) -> None:
    class Streaming:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def respond(self) -> Answer:
            async def parts() -> AsyncIterator[Segment | Reply]:
                yield Segment("One secret. ")
                yield Segment("Two.")
                yield Reply("One secret. Two. Done.")

            return parts()

        @hookimpl
        async def review(self, reply: Reply) -> Reply:
            return attrs.evolve(reply, text=reply.text.replace("secret", "******"))

    bot = await make_bot(plugins=[Plugin("streaming", hooks=Streaming)])
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")
    seen = []
    async with bot.runtime.live.subscribe("acme", f"conversation:{conversation}") as events:
        said = await bot.say("go")
        async for event in events:
            seen.append((event.kind, event.data.get("state") or event.data.get("text") or ""))
            if seen[-1] == ("turn", "finished"):
                break
    assert said.text == "One ******. Two. Done."
    assert [s for s in seen if s[0] == "segment"] == [("segment", "One ******. "), ("segment", "Two.")]


async def test_a_message_that_is_written_down_in_its_turn_is_published_anew_unless_it_was_redacted(
    make_bot: MakeBot,
) -> None:
    class Hearing:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def receive(self, turn: Turn) -> Message:
            if turn.message.text == "(secret)":
                turn.redact("****")
            heard = "where is my money" if turn.message.text == "(sound)" else turn.message.text
            return attrs.evolve(turn.message, text=heard, language="en")

    bot = await make_bot(plugins=[Plugin("hearing", hooks=Hearing), counting])
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")
    seen = []
    async with bot.runtime.live.subscribe("acme", f"conversation:{conversation}") as events:
        for text in ("hello", "(sound)", "(secret)"):
            await bot.say(text)
        async for event in events:
            if event.kind == "message" and event.data["message"]["direction"] == "inbound":
                seen.append((event.data["message"]["seq"], event.data["message"]["text"], "changed" in event.data))
            if event.kind == "turn" and event.data["state"] == "finished" and len(seen) >= 4:
                break
    assert seen == [
        (1, "hello", False),
        (3, "(sound)", False),
        (3, "where is my money", True),
        (5, "(secret)", False),
    ]


async def test_a_dry_turn_commits_nothing(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting])
    turn = await bot.ask("ring")
    assert turn.reply is not None
    assert turn.reply.text == "1: ring"
    for table in (models.inbox, models.message, models.conversation, models.contact, models.timer, models.event):
        rows = await bot.runtime.database.fetch(sa.select(sa.func.count().label("n")).select_from(table), tenant="acme")
        assert rows[0].n == 0, table.name


# -- time --------------------------------------------------------------------------------------------------------------


async def test_a_timer_rings_once_when_due_and_not_when_cancelled(make_bot: MakeBot) -> None:
    clock = FrozenClock()
    bot = await make_bot(plugins=[counting], clock=clock)
    await bot.say("ring")
    await bot.say("ring")  # replaces the first
    await bot.idle()
    clock.advance(59)
    assert [m.text for m in bot.channel.sent] == ["1: ring", "2: ring"]
    clock.advance(2)
    await bot.channel.wait_for(3)
    assert bot.channel.sent[-1].text == "bell rang"
    await bot.say("ring")
    await bot.say("hush")
    clock.advance(600)
    await bot.restart()
    assert (await bot.say("still here")).text == "5: still here"
    await bot.idle()
    assert sum(m.text == "bell rang" for m in bot.channel.sent) == 1


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_turn_may_cancel_a_timer_that_another_server_is_about_to_ring(
    make_bot: MakeBot, database_url: str
) -> None:
    clock = FrozenClock()
    bot = await make_bot(plugins=[counting], clock=clock, database_url=database_url)
    await bot.say("ring")
    await bot.idle()
    turn = await asyncpg.connect(database_url)  # as one on another server has its lane until its commit
    try:
        async with asyncio.timeout(20), turn.transaction():
            await turn.execute("SELECT * FROM lane FOR UPDATE")
            clock.advance(61)
            waits = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while not await turn.fetchval(waits):
                await asyncio.sleep(0.01)  # until the timer waits for the lane
            await turn.execute("UPDATE timer SET state = 'cancelled' WHERE state = 'waiting'")
    finally:
        await turn.close()
    assert (await bot.say("still here")).text == "2: still here"
    await bot.idle()
    assert "bell rang" not in [m.text for m in bot.channel.sent]


async def test_a_timer_that_was_due_while_the_server_was_down_rings_at_its_start(make_bot: MakeBot) -> None:
    clock = FrozenClock()
    bot = await make_bot(plugins=[counting], clock=clock)
    await bot.say("ring")
    await bot.idle()
    await bot.runtime.close()
    clock.advance(3600)
    await bot.start()
    await bot.channel.wait_for(2)
    assert bot.channel.sent[-1].text == "bell rang"


@pytest.mark.row("X23")
async def test_a_silent_conversation_expires_and_the_next_message_opens_a_new_one(make_bot: MakeBot) -> None:
    clock = FrozenClock()
    bot = await make_bot(plugins=[counting], clock=clock, config="[conversations]\nexpires_after = 600\n")
    first = await bot.say("hello")
    clock.advance(500)
    await bot.say("hello", who="bob")
    clock.advance(200)
    conversations = bot.tenant().conversations
    assert await conversations.expire() == 1
    assert await conversations.expire() == 0
    again = await bot.say("hello")
    assert again.conversation != first.conversation
    assert again.text == "1: hello"
    assert (await bot.say("hello", who="bob")).text == "2: hello", "a live one goes on"


async def test_what_was_waiting_when_the_server_stopped_comes_before_what_arrives_first_after_it(
    make_bot: MakeBot,
) -> None:
    bot = await make_bot(plugins=[counting])
    await bot.say("one")
    await bot.idle()
    await bot.runtime.close()
    connection = sqlite3.connect(bot.folder / "data" / "hookline.db")
    with connection:  # a message that was durable and not processed
        conversation, address = connection.execute("SELECT id, address FROM conversation").fetchone()
        body = f'{{"id":"m2","conversation":"{conversation}","channel":"loopback","address":"{address}","text":"two"}}'
        connection.execute("UPDATE conversation SET last_seq = 3")
        connection.execute(
            "INSERT INTO inbox (tenant, lane, kind, source, source_key, payload, accepted_at) "
            "VALUES ('acme', ?, 'message', 'channel:loopback', 'p2', ?, 0)",
            (conversation, body),
        )
    connection.close()
    await bot.start()
    assert (await bot.say("three")).text == "3: three"
    await bot.idle()
    assert [m.text for m in bot.channel.sent] == ["1: one", "2: two", "3: three"]


# -- history -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("T46")
@pytest.mark.parametrize(("store", "kept", "after_restart"), [("sql", 2, 2), ("memory", 2, 0), ("none", 0, 0)])
async def test_the_history_store_decides_what_outlives_delivery(
    make_bot: MakeBot, store: str, kept: int, after_restart: int
) -> None:
    bot = await make_bot(plugins=[counting], config=f'[history]\nstore = "{store}"\n')
    said = await bot.say("Xanadu")
    await bot.idle()
    assert len(await bot.tenant().conversations.history(said.conversation)) == kept
    await bot.restart()
    assert len(await bot.tenant().conversations.history(said.conversation)) == after_restart
    await bot.runtime.close()
    text = b"".join(f.read_bytes() for f in (bot.folder / "data").glob("hookline.db*"))
    connection = sqlite3.connect(bot.folder / "data" / "hookline.db")
    dump = "\n".join(connection.iterdump())
    connection.close()
    assert ("Xanadu" in dump) == (store == "sql")
    assert text
    await bot.start()


# -- observers, jobs, reload -------------------------------------------------------------------------------------------


async def test_an_observer_goes_on_where_it_was_when_the_server_comes_back(make_bot: MakeBot) -> None:
    seen: list[int] = []

    class Observing:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def turn_finished(self, record: Record) -> None:
            seen.append(record.id)

    bot = await make_bot(plugins=[counting, Plugin("observing", hooks=Observing)])
    await bot.say("one")
    await bot.until(lambda: len(seen) == 1)
    await bot.until(lambda: _cursor(bot) == seen[0])
    await bot.restart()
    await bot.say("two")
    await bot.until(lambda: len(seen) == 2)
    assert seen == sorted(set(seen))


def _cursor(bot: Bot) -> int:
    connection = sqlite3.connect(bot.folder / "data" / "hookline.db")
    try:
        row = connection.execute("SELECT event_id FROM cursor").fetchone()
        return row[0] if row else 0
    finally:
        connection.close()


async def test_jobs_of_a_lane_run_one_after_the_other_and_a_key_makes_them_one(make_bot: MakeBot) -> None:
    ran: list[str] = []
    at_once = 0

    class Working:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def on_job(self, turn: Turn, job: object) -> None:
            nonlocal at_once
            at_once += 1
            assert at_once == 1
            await asyncio.sleep(0)
            ran.append(job.payload["n"])  # type: ignore[attr-defined]  # a Job
            at_once -= 1

    bot = await make_bot(plugins=[Plugin("working", hooks=Working)])
    tenant = bot.tenant("working")
    ids = [await tenant.submit("work", {"n": n}, key=f"k{n}", lane="working:one") for n in range(5)]
    assert await tenant.submit("work", {"n": 0}, key="k0", lane="working:one") == ids[0]
    await bot.until(lambda: len(ran) == 5)
    await bot.idle()
    assert ran == [0, 1, 2, 3, 4]


async def test_a_reload_drops_no_turn_and_a_bad_config_leaves_the_old_one_serving(make_bot: MakeBot) -> None:
    gate = asyncio.Event()
    made: list[Tenant] = []
    stopped: list[Tenant] = []

    class Gated(Counting):
        def __init__(self, tenant: Tenant) -> None:
            super().__init__(tenant)
            made.append(tenant)

        @hookimpl
        async def stop(self, tenant: Tenant) -> None:
            stopped.append(tenant)

    Gated.gate = gate
    bot = await make_bot(plugins=[Plugin("counting", hooks=Gated)])
    inbox_id = await bot.tell("wait")
    await bot.until(lambda: len(bot.runtime.watchdog.calls) > 0)
    file = bot.folder / "tenants" / "acme" / "tenant.toml"
    good = file.read_text()
    file.write_text('title = "New"\n' + good)
    assert await bot.runtime.load("acme")
    assert bot.snapshot().settings.title == "New"
    assert (await bot.say("hello", who="bob")).text == "1: hello"
    assert stopped == [], "the old snapshot still has a turn"
    gate.set()
    replies = await bot.tenant().wait(inbox_id, 10)
    assert replies is not None
    assert replies[0].text == "1: wait"
    await bot.until(lambda: stopped == made[:1])

    file.write_text('titel = "Oops"\n' + good)
    assert not await bot.runtime.load("acme")
    assert "titel" in bot.runtime_of().error
    assert "title" in bot.runtime_of().error
    assert bot.snapshot().settings.title == "New"
    assert (await bot.say("hello", who="bob")).text == "2: hello"


async def test_a_change_that_can_not_be_taken_up_does_not_end_the_watch(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting])
    file, taken = bot.folder / "tenants" / "acme" / "tenant.toml", asyncio.Queue[str]()

    async def reload(name: str) -> bool:
        done = await bot.runtime.load(name)
        taken.put_nowait(name)
        if taken.qsize() == 1:
            raise OSError("no space left for the log")
        return done

    watching = asyncio.create_task(watch(bot.runtime, reload))
    text = file.read_text()
    file.write_text(f'title = "One"\n{text}')
    await bot.until(lambda: taken.qsize() == 1, timeout=30.0)
    file.write_text(f'title = "Two or more"\n{text}')
    await bot.until(lambda: taken.qsize() == 2, timeout=30.0)
    assert bot.snapshot().settings.title == "Two or more"
    watching.cancel()


async def test_a_file_that_goes_on_changing_does_not_hold_up_the_others(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting])
    home, taken = bot.folder / "tenants" / "acme", []
    (home / "locales").mkdir()
    restless, text = home / "locales" / "en.ftl", (home / "tenant.toml").read_text()

    async def reload(name: str) -> bool:
        taken.append(name)
        return await bot.runtime.load(name)

    async def write() -> None:
        for n in itertools.count():
            restless.write_text(f"# {'x' * (n % 97)}\n")
            await asyncio.sleep(0.02)

    watching, writing = asyncio.create_task(watch(bot.runtime, reload)), asyncio.create_task(write())
    await bot.until(restless.exists)
    (home / "tenant.toml").write_text(f'title = "New"\n{text}')
    await bot.until(lambda: bot.snapshot().settings.title == "New", timeout=30.0)
    assert len(taken) == 1, "for the file that settled, and not for the other"
    writing.cancel()
    await asyncio.wait({writing})
    restless.write_text("# done\n")
    await bot.until(lambda: len(taken) == 2, timeout=30.0)
    watching.cancel()


async def test_what_a_plugin_keeps_outlives_reloads_and_is_closed_in_the_end(make_bot: MakeBot) -> None:
    class Pool:
        closed = False

        async def close(self) -> None:
            self.closed = True

    key = ResourceKey[Pool]("pool")
    pools: list[Pool] = []

    class Keeping:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def start(self, tenant: Tenant) -> None:
            async def make() -> Pool:
                return Pool()

            pools.append(await tenant.keep(key, make))

    bot = await make_bot(plugins=[Plugin("keeping", hooks=Keeping)])
    assert await bot.runtime.load("acme")
    assert len(pools) == 2
    assert pools[0] is pools[1]
    assert not pools[0].closed
    await bot.runtime.close()
    assert pools[0].closed


# -- delivery ----------------------------------------------------------------------------------------------------------


async def test_a_channel_that_fails_is_tried_again_in_order(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting], config="[deliveries]\nbackoff = 0.01\n")
    tries: list[str] = []

    def fail(message: Message) -> None:
        tries.append(message.id)
        if len(tries) < 4:
            raise OSError("provider down")

    bot.channel.fail = fail
    await bot.say("one")
    await bot.say("two")
    await bot.channel.wait_for(2)
    assert [m.text for m in bot.channel.sent] == ["1: one", "2: two"]
    assert len(set(tries[:4])) == 1, "all tries of a message carry the same id"


async def test_a_delivery_that_never_works_is_flagged_and_lets_the_next_pass(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting], config="[deliveries]\nbackoff = 0.001\nattempts = 2\n")

    def fail(message: Message) -> None:
        if "one" in message.text:
            raise OSError("provider down")

    bot.channel.fail = fail
    await bot.say("one")
    await bot.say("two")
    await bot.channel.wait_for(1)
    assert [m.text for m in bot.channel.sent] == ["2: two"]
    await bot.idle()
    assert _outbox(bot) == {"failed": 1, "sent": 1}


@pytest.mark.parametrize(("resends", "expected"), [(True, {"sent": 1}), (False, {"ambiguous": 1})])
async def test_a_message_found_in_sending_after_a_crash_follows_the_channels_policy(
    make_bot: MakeBot, resends: bool, expected: dict[str, int]
) -> None:
    bot = await make_bot(plugins=[counting], resends=resends)
    await bot.say("one")
    await bot.idle()
    await bot.runtime.close()
    connection = sqlite3.connect(bot.folder / "data" / "hookline.db")
    with connection:
        body = '{"id":"inbox-1-0","conversation":"c","channel":"loopback","address":"alice","text":"1: one"}'
        connection.execute("UPDATE outbox SET state = 'sending', body = ?, lease_until = 9e9", (body,))
    connection.close()
    bot.channel.sent.clear()
    await bot.start()
    await bot.until(lambda: _outbox(bot) == expected)
    assert len(bot.channel.sent) == (1 if resends else 0)


async def test_the_first_decision_that_is_not_send_counts(make_bot: MakeBot) -> None:
    def deciding(name: str, decision: Send | Template | Park | Drop) -> Plugin:
        class Hooks:
            def __init__(self, tenant: Tenant) -> None: ...

            @hookimpl
            async def before_deliver(self) -> Send | Template | Park | Drop | None:
                return decision

        return Plugin(name, hooks=Hooks)

    plugins: Sequence[Plugin] = [
        counting, deciding("a", Send()), deciding("b", Template("welcome", {"1": "x"}, "en")), deciding("c", Drop("no")),
    ]  # fmt: skip
    bot = await make_bot(plugins=list(plugins))
    await bot.say("hello")
    (sent,) = await bot.channel.wait_for(1)
    assert sent.data["template"] == {"name": "welcome", "variables": {"1": "x"}, "language": "en"}
    bot = await make_bot(plugins=[counting, deciding("c", Drop("opted out"))])
    await bot.say("hello")
    await bot.until(lambda: _outbox(bot) == {"dropped": 1})
    await bot.idle()
    assert bot.channel.sent == []
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")
    assert [m.text for m in await bot.tenant().conversations.history(conversation)] == ["hello"]


async def test_what_no_database_takes_is_left_out_of_a_message(database_url: str, make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[counting], database_url=database_url)
    odd = Inbound(
        "loopback", "al\x00ice\ud800", "a\x00 \ud83d\ude00 \udc00 b", provider_id="1\x00\ud800", language="en\x00",
        name="\udfff", data={"k\x00": "v\ud800", "n": 1},
    )  # fmt: skip
    accepted = await bot.tenant().accept(odd)
    (said,) = await bot.tenant().wait(accepted.inbox_id, 10) or ()
    assert said.text == "1: a \U0001f600 \ufffd b"
    assert said.address == "alice\ufffd"
    assert (await bot.tenant().accept(odd)).duplicate
    (heard, _) = await bot.tenant().conversations.history(accepted.conversation)
    assert dict(heard.data) == {"k": "v\ufffd", "n": 1}
    await bot.idle()
