"""What is done outside turns, and by turns to who has the conversation: all of it at once, or nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from hookline import audit, migrate
from hookline.errors import Conflict
from hookline.hookspecs import hookimpl
from hookline.ledger import ConversationClosed
from hookline.message import Entity, HandoffRequest, Job, Record, Reply, Timer
from hookline.plugin import Plugin
from hookline.problems import problem_of
from hookline.tenant import Tenant
from hookline.testing import Bot, FrozenClock
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

Start = Callable[..., Awaitable[Bot]]
METADATA = sa.MetaData()
TASK = sa.Table(
    "desk_task",
    METADATA,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
)
OPEN = sa.insert(TASK).values(state="open")
CLAIM = sa.update(TASK).where(TASK.c.id == sa.bindparam("p_id"), TASK.c.state == "open").values(state="claimed")


MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "desk_1"
down_revision = None


def upgrade():
    op.create_table(
        "desk_task",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id"),
    )
"""


class Desk:
    """Keeps one task a conversation; "a human" asks for one, "take" gives the conversation to ann."""

    gate: asyncio.Event | None = None
    seen: ClassVar[list[str]] = []

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        return HandoffRequest("asked for") if turn.message.text == "a human" else None

    @hookimpl
    async def open_handoff(self, turn: Turn, request: HandoffRequest) -> Reply | None:
        turn.write(OPEN, {"id": turn.conversation.id}, rows=1)
        turn.event("desk.opened", {"reason": request.reason})
        turn.audit("desk.open", turn.conversation.id)
        turn.publish("staff", "desk.opened", {"conversation": turn.conversation.id})
        return Reply("You are number 1 in the queue.")

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        self.seen.append(turn.message.text)
        if turn.message.text == "take":
            turn.take("ann")
        if turn.message.text == "claim":
            turn.write(CLAIM, {"p_id": "shared"}, rows=1)
        if turn.message.text == "wait" and self.gate is not None:
            await self.gate.wait()
        return Reply(f"re: {turn.message.text}")

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        turn.take("")
        turn.send(Reply("Nobody came; I am back."))

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        self.seen.append(f"job {job.kind}")

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        self.seen.append(record.kind)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    """The plugin, with a migration of its own."""
    versions = tmp_path / "site" / "desk_migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "__init__.py").write_text("")
    (versions / "0001_tasks.py").write_text(MIGRATION)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "desk_migrations", raising=False)
    return Plugin("desk", Desk, metadata=METADATA, migrations="desk_migrations")


@pytest.fixture
def start(desk: Plugin, make_bot: MakeBot) -> Start:
    """Makes a bot with the desk."""

    async def make(database_url: str = "", **more: Any) -> Bot:
        Desk.seen = []
        if database_url:
            await asyncio.to_thread(migrate.upgrade, database_url, [desk])
        return await make_bot(plugins=[desk], database_url=database_url, **more)

    return make


async def tasks(bot: Bot) -> dict[str, str]:
    rows = await bot.tenant("desk").db.fetch(sa.select(TASK.c.id, TASK.c.state))
    return {row.id: row.state for row in rows}


async def test_an_action_stores_all_that_was_collected_and_then_tells_everybody(
    database_url: str, start: Start
) -> None:
    clock = FrozenClock()
    bot = await start(database_url, clock=clock)
    conversation = (await bot.say("hello")).conversation
    tenant = bot.tenant("desk")
    async with bot.runtime.live.subscribe("acme", "staff") as events:
        async with tenant.action(by="ann") as act:
            act.write(OPEN, {"id": "t1"})
            act.take(conversation, "ann")
            act.send(Reply("Ann here."), conversation=conversation, key="c1")
            act.timer("late", 60.0, lane=conversation)
            act.job("tidy", {})
            act.event("desk.claimed", {"by": "ann"}, conversation=conversation)
            act.audit("desk.claim", conversation, {"task": "t1"})
            act.publish("staff", "desk.claimed", {"conversation": conversation})
            assert await tasks(bot) == {}, "nothing is stored before the end of the block"
        async for event in events:
            assert (event.kind, event.data) == ("desk.claimed", {"conversation": conversation})
            break
    assert await tasks(bot) == {"t1": "open"}
    assert [(m.text, m.author) for m in act.messages] == [("Ann here.", "agent")]
    await bot.until(lambda: [m.text for m in bot.channel.sent] == ["re: hello", "Ann here."])
    await bot.until(lambda: {"job tidy", "desk.claimed"} <= set(Desk.seen))
    assert await bot.hear("are you there?") == (), "an agent has it, so the bot is silent"
    told = await audit.entries(bot.runtime.database, "acme")
    assert [(e.who, e.what, e.subject, e.detail) for e in told] == [("ann", "desk.claim", conversation, {"task": "t1"})]

    async with tenant.action(by="ann") as act:  # the same once more: the key says that it was sent
        act.send(Reply("Ann here."), conversation=conversation, key="c1")
    assert [m.text for m in act.messages] == ["Ann here."]
    clock.advance(61)
    await bot.channel.wait_for(3)
    assert [m.text for m in bot.channel.sent][2:] == ["Nobody came; I am back."]
    assert (await bot.say("and now?")).text == "re: and now?"


async def test_an_action_whose_block_fails_stores_nothing(start: Start) -> None:
    bot = await start()

    async def begin_and_fail() -> None:
        async with bot.tenant("desk").action(by="ann") as act:
            act.write(OPEN, {"id": "t1"})
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await begin_and_fail()
    assert await tasks(bot) == {}


async def test_of_two_who_act_at_once_one_is_told_who_was_faster(database_url: str, start: Start) -> None:
    bot = await start(database_url)
    conversation = (await bot.say("hello")).conversation
    tenant = bot.tenant("desk")
    async with tenant.action(by="sys") as act:
        act.write(OPEN, {"id": "t1"})

    async def claim(who: str) -> str:
        try:
            async with tenant.action(by=who) as act:
                act.write(CLAIM, {"p_id": "t1"}, rows=1)
                act.take(conversation, who)
                act.audit("desk.claim", conversation)
                act.send(Reply(f"{who} here"), conversation=conversation)
        except Conflict as error:
            return str(error)
        return "mine"

    names = [f"agent{n}" for n in range(8)]
    results = await asyncio.gather(*(claim(name) for name in names))
    assert results.count("mine") == 1
    winner = names[results.index("mine")]
    assert all("somebody was faster" in r for r in results if r != "mine")
    known = await tenant.conversations.get(conversation)
    assert known is not None
    assert known.conversation.held_by == winner
    assert [e.who for e in await audit.entries(bot.runtime.database, "acme")] == [winner], "the others left no trace"
    await bot.until(lambda: [m.text for m in bot.channel.sent][1:] == [f"{winner} here"])

    with pytest.raises(Conflict, match=f"{winner} has conversation '{conversation}'") as raised:
        async with tenant.action(by="late") as act:
            act.take(conversation, "late")
    assert raised.value.held_by == winner
    problem = problem_of(raised.value)
    assert problem is not None
    assert problem.status == 409
    with pytest.raises(Conflict, match="there is no conversation 'nowhere'"):
        async with tenant.action(by="late") as act:
            act.take("nowhere", "late")

    async def write_and_send() -> None:
        async with tenant.action(by="late") as act:
            act.write(OPEN, {"id": "t2"})
            act.send(Reply("hi"), conversation="nowhere")

    with pytest.raises(ConversationClosed):
        await write_and_send()
    assert "t2" not in await tasks(bot)


async def test_what_is_sent_if_open_is_left_out_of_a_closed_conversation_and_the_rest_is_done(
    database_url: str, start: Start
) -> None:
    bot = await start(database_url)
    tenant = bot.tenant("desk")

    async with tenant.action(by="ann") as act:
        act.write(OPEN, {"id": "t3"})
        act.send(Reply("hi"), conversation="nowhere", if_open=True)

    assert act.messages == ()
    assert "t3" in await tasks(bot)


async def test_actions_that_wait_for_one_another_are_both_done(database_url: str, start: Start) -> None:
    bot = await start(database_url)
    tenant = bot.tenant("desk")
    async with tenant.action(by="ann") as act:
        for ident in ("a", "b"):
            act.write(OPEN, {"id": ident})

    async def change(state: str, idents: str) -> None:
        async with tenant.action(by=state) as act:
            for ident in idents:
                act.write(sa.update(TASK).where(TASK.c.id == ident).values(state=state), rows=1)

    for n in range(4):  # on PostgreSQL most of them are a deadlock
        await asyncio.gather(change(f"left {n}", "ab"), change(f"right {n}", "ba"))
        states = set((await tasks(bot)).values())
        assert len(states) == 1
        assert states <= {f"left {n}", f"right {n}"}


async def test_taking_a_conversation_ends_the_turn_that_runs_there(start: Start, monkeypatch) -> None:
    gate = asyncio.Event()
    monkeypatch.setattr(Desk, "gate", gate)
    bot = await start()
    conversation = (await bot.say("hello")).conversation
    inbox_id = await bot.tell("wait")
    await bot.until(lambda: "wait" in Desk.seen)
    async with bot.tenant("desk").action(by="ann") as act:
        act.take(conversation, "ann")
    gate.set()
    assert await bot.tenant().wait(inbox_id, 10) == (), "the turn ran anew, and saw that ann has it"
    assert [m.text for m in bot.channel.sent] == ["re: hello"]


async def test_a_request_for_a_human_is_stored_with_its_turn(database_url: str, start: Start) -> None:
    bot = await start(database_url)
    async with bot.runtime.live.subscribe("acme", "staff") as events:
        said = await bot.say("a human")
        assert said.text == "You are number 1 in the queue."
        async for event in events:
            assert event.data == {"conversation": said.conversation}
            break
    assert await tasks(bot) == {said.conversation: "open"}
    await bot.until(lambda: "desk.opened" in Desk.seen)
    records = [r for r in await bot.runtime.events.since("acme", 0) if r.kind == "desk.opened"]
    assert [(r.conversation, r.payload) for r in records] == [(said.conversation, {"reason": "asked for"})]
    assert [e.who for e in await audit.entries(bot.runtime.database, "acme")] == ["desk"]


async def test_a_turn_may_give_its_conversation_away_and_its_own_reply_still_goes_out(
    database_url: str, start: Start
) -> None:
    bot = await start(database_url)
    said = await bot.say("take")
    assert said.text == "re: take"
    assert await bot.hear("hello?") == ()
    await bot.until(lambda: [m.text for m in bot.channel.sent] == ["re: take"])
    assert await bot.tenant().conversations.take(said.conversation, "", held_by="ann")
    assert (await bot.say("back?")).text == "re: back?"


async def test_a_turn_whose_statement_changed_too_few_rows_runs_anew_and_in_the_end_fails(start: Start) -> None:
    bot = await start(config="[turns]\nattempts = 1\n")
    told = await bot.say("claim")
    assert told.text == bot.snapshot().settings.text("apology")
    assert Desk.seen.count("claim") == 4, "once, and three times more because somebody may have been faster"
    async with bot.tenant("desk").action(by="sys") as act:
        act.write(OPEN, {"id": "shared"})
    assert (await bot.say("claim")).text == "re: claim"
    assert await tasks(bot) == {"shared": "claimed"}


async def test_an_action_needs_a_lane_and_events_of_its_own_name(start: Start) -> None:
    bot = await start()
    with pytest.raises(ValueError, match=r"needs a lane, e\.g\. a conversation's id"):
        async with bot.tenant("desk").action(by="ann") as act:
            act.timer("late", 60.0)
    with pytest.raises(ValueError, match=r"an event of plugin 'desk' is called desk\.…, not 'turn'"):
        async with bot.tenant("desk").action(by="ann") as act:
            act.event("turn", {})


# -- what the conversation knows ---------------------------------------------------------------------------------------


class Ears:
    """Takes "name value" for an entity."""

    def __init__(self, tenant: Tenant) -> None: ...

    @hookimpl
    async def extract_entities(self, turn: Turn) -> list[Entity]:
        name, _, value = turn.message.text.partition(" ")
        return [Entity(name, value or None)] if name in ("city", "budget") else []

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(", ".join(f"{e.name}={e.value}" for e in turn.known.values()))


@pytest.mark.parametrize("restart", [False, True])
async def test_entities_are_known_for_the_rest_of_the_conversation(
    database_url: str, make_bot: MakeBot, restart: bool
) -> None:
    bot = await make_bot(plugins=[Plugin("ears", Ears)], database_url=database_url)
    assert (await bot.say("city Pune")).text == "city=Pune"
    assert (await bot.say("budget 5")).text == "city=Pune, budget=5"
    if restart:
        await bot.restart()
    assert (await bot.say("city Goa")).text == "budget=5, city=Goa", "the latest of a name counts"
    assert (await bot.say("budget")).text == "city=Goa", "what has no value any more is forgotten"
    assert (await bot.say("city X", who="bob")).text == "city=X", "each conversation knows its own"
