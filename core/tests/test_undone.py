"""A hook that fails leaves nothing behind: what it had collected for the commit is taken out again.

For each hook of a turn, however it fails, awaited in turn or side by side with others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from hookline import models
from hookline.hookspecs import HOOKS, OnError, hookimpl
from hookline.journal import Journal, apart
from hookline.message import Hold, Intent, Job, Message, Reply, Segment
from hookline.plugin import Plugin
from hookline.testing import Bot
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

METADATA = sa.MetaData()
NOWHERE = sa.Table("hasty_notes", METADATA, sa.Column("tenant", sa.Text, primary_key=True), sa.Column("text", sa.Text))
"""A table that no migration makes: a write to it that reached the commit would fail the turn."""
GOOD: dict[str, Any] = {"hold": None, "screen": None, "request_handoff": None, "respond": None}


def add_everything(turn: Turn, name: str, state: str) -> None:
    """All that a turn collects; `name` shows whose it is."""
    turn.state(state).setdefault("seen", []).append(name)
    turn.send(Reply(f"{name} says"))
    turn.job(f"{name}-job", {})
    turn.command(f"{name}-command", {})
    turn.timer(f"{name}-timer", 3600.0)
    turn.cancel_timer("kept")


def plugin(name: str, hook: str, fault: str = "", together: asyncio.Barrier | None = None) -> Plugin:
    """A plugin whose `hook` adds everything, then fails (raise, hang, wrong) or does not ("")."""

    async def act(turn: Turn) -> Any:
        if together is not None:
            await together.wait()
        add_everything(turn, name, name)
        if together is not None:
            await together.wait()
        if fault:
            turn.write(sa.insert(NOWHERE), {"text": "half a thought"})
        if fault == "raise":
            raise RuntimeError("on purpose")
        if fault == "hang":
            await asyncio.Event().wait()
        return 17 if fault == "wrong" else GOOD.get(hook, [])

    async def review(self: Any, turn: Turn, reply: Reply) -> Reply:
        found = await act(turn)
        return reply if found == [] else found

    async def asked(self: Any, turn: Turn) -> Any:
        return await act(turn)

    method = review if hook == "review" else asked
    method.__name__ = hook
    hooks = type("Hooks", (), {"__init__": lambda _self, _tenant: None, hook: hookimpl(method)})
    return Plugin(name, hooks=hooks, metadata=METADATA if name == "hasty" else None)


class Echo:
    """Answers, and sets the timer that the others cancel."""

    def __init__(self, tenant: Any) -> None:
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        turn.timer("kept", 3600.0)
        return turn.message

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        return Reply("echo")

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Nothing."""


async def committed(bot: Bot, name: str) -> dict[str, bool]:
    """What of a plugin's collection has become rows."""
    fetch = bot.runtime.database.fetch
    inbox = await fetch(sa.select(models.inbox.c.source_key), tenant="acme")
    timers = await fetch(sa.select(models.timer.c.kind), tenant="acme")
    outbox = await fetch(
        sa.select(models.message.c.body).where(models.message.c.direction == "outbound"), tenant="acme"
    )
    (about,) = await fetch(sa.select(models.conversation.c.state), tenant="acme")
    return {
        "job": any(f"{name}-job" in row.source_key for row in inbox),
        "command": any(f"{name}-command" in row.source_key for row in inbox),
        "timer": any(row.kind == f"{name}-timer" for row in timers),
        "send": any(row.body["text"] == f"{name} says" for row in outbox),
        "state": bool(about.state.get(name)),
    }


ASKED = ["screen", "hold", "classify_intent", "extract_entities", "retrieve", "request_handoff", "respond", "score",
         "review"]  # fmt: skip


@pytest.mark.parametrize("fault", ["raise", "hang", "wrong"])
@pytest.mark.parametrize("hook", ASKED)
async def test_what_a_hook_collected_before_it_failed_is_not_committed(make_bot: MakeBot, hook: str, fault: str):
    plugins = [plugin("hasty", hook, fault), plugin("steady", hook), Plugin("echo", Echo)]
    limits = f"[turns]\nattempts = 1\nhook_limits = {{ {hook} = 0.1 }}\n"
    bot = await make_bot(plugins=plugins, config=limits)
    heard = await bot.hear("hi")
    texts = [message.text for message in heard]
    assert "hasty says" not in texts
    assert not any((await committed(bot, "hasty")).values())
    closed = HOOKS[hook].on_error is OnError.CLOSED
    last = bot.snapshot().settings.text("safe" if hook == "review" else "apology") if closed else "echo"
    assert texts[-1] == last
    # `review` runs in reverse: the steady one has had its say when the hasty one fails; after `screen` nobody is
    # asked, nor where the one limit of a hook that asks for the first answer is used up
    stopped = hook == "screen" or (hook in ("hold", "request_handoff") and fault == "hang")
    went_on = not stopped
    assert all((await committed(bot, "steady")).values()) == went_on


@pytest.mark.parametrize("fault", ["raise", "hang", "wrong"])
@pytest.mark.parametrize("hook", ["classify_intent", "extract_entities", "retrieve"])
async def test_side_by_side_each_one_loses_only_its_own(make_bot: MakeBot, hook: str, fault: str):
    together = asyncio.Barrier(2)
    plugins = [plugin("hasty", hook, fault, together), plugin("steady", hook, "", together), Plugin("echo", Echo)]
    bot = await make_bot(plugins=plugins, config=f"[turns]\nattempts = 1\nhook_limits = {{ {hook} = 1.0 }}\n")
    heard = await bot.hear("hi")
    assert [message.text for message in heard] == ["steady says", "echo"]
    assert not any((await committed(bot, "hasty")).values())
    assert all((await committed(bot, "steady")).values())


async def test_a_plugin_in_two_hooks_at_once_loses_what_the_failed_one_collected(make_bot: MakeBot):
    together = asyncio.Barrier(2)

    class Twice:
        def __init__(self, tenant: Any) -> None:
            self.tenant = tenant

        @hookimpl
        async def classify_intent(self, turn: Turn) -> list[Intent]:
            await together.wait()
            turn.send(Reply("from classify"))
            await together.wait()
            return []

        @hookimpl
        async def extract_entities(self, turn: Turn) -> list[Any]:
            await together.wait()
            turn.send(Reply("from extract"))
            await together.wait()
            raise RuntimeError("on purpose")

    bot = await make_bot(plugins=[Plugin("twice", Twice), Plugin("echo", Echo)])
    assert [message.text for message in await bot.hear("hi")] == ["from classify", "echo"]


async def test_a_stream_that_breaks_takes_back_what_it_collected(make_bot: MakeBot):
    class Streaming:
        def __init__(self, tenant: Any) -> None:
            self.tenant = tenant

        @hookimpl
        async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
            turn.send(Reply("before the stream"))
            return self.stream(turn)

        async def stream(self, turn: Turn) -> AsyncIterator[Segment | Reply]:
            turn.send(Reply("within the stream"))
            yield Segment("half ")
            raise RuntimeError("on purpose")

    bot = await make_bot(plugins=[Plugin("streaming", Streaming), Plugin("echo", Echo)])
    assert [message.text for message in await bot.hear("hi")] == ["echo"]


async def test_a_turn_that_is_tried_again_begins_with_nothing_collected(make_bot: MakeBot):
    tries: list[int] = []

    class Twice:
        def __init__(self, tenant: Any) -> None:
            self.tenant = tenant

        @hookimpl
        async def receive(self, turn: Turn) -> Message:
            tries.append(turn.attempt)
            turn.send(Reply(f"try {turn.attempt}"))
            if turn.attempt == 1:
                raise RuntimeError("on purpose")
            return turn.message

    bot = await make_bot(plugins=[Plugin("twice", Twice), Plugin("echo", Echo)], config="[turns]\nbackoff = 0.01\n")
    assert [message.text for message in await bot.hear("hi")] == ["try 2", "echo"]
    assert tries == [1, 2]


async def test_what_an_earlier_hook_of_the_same_plugin_collected_stays(make_bot: MakeBot):
    class Twice:
        def __init__(self, tenant: Any) -> None:
            self.tenant = tenant

        @hookimpl
        async def hold(self, turn: Turn) -> Hold | None:
            turn.state("twice")["n"] = 1
            turn.send(Reply("held nothing"))
            return None

        @hookimpl
        async def score(self, turn: Turn) -> list[Any]:
            turn.state("twice")["n"] = 2
            turn.send(Reply("scored"))
            raise RuntimeError("on purpose")

    bot = await make_bot(plugins=[Plugin("twice", Twice), Plugin("echo", Echo)])
    heard = await bot.hear("hi")
    assert [message.text for message in heard] == ["held nothing", "echo"]
    known = await bot.tenant().conversations.get(heard[0].conversation)
    assert known is not None
    assert known.state["twice"] == {"n": 1}


async def test_the_journal_removes_that_very_item_and_not_an_equal_one():
    journal, items = Journal(), [["x"]]
    mark = journal.mark()
    journal.add("a", items, ["x"])
    journal.add("b", items, ["x"])
    assert journal.undo(mark, "b") == 1
    assert journal.undo(mark, "a") == 1
    assert journal.undo(mark, "nobody") == 0
    assert items == [["x"]]


async def test_the_journal_tells_branches_apart():
    journal: Journal = Journal()
    items: list[str] = []

    async def add(text: str, *, fails: bool) -> None:
        mark = journal.mark()
        journal.add("p", items, text)
        await asyncio.sleep(0)
        if fails:
            journal.undo(mark, "p")

    await asyncio.gather(apart(add("kept", fails=False)), apart(add("gone", fails=True)))
    assert items == ["kept"]
