"""The event log as its observers read it: each sees every record once, in order, and they read it together."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from hookline.clock import backoff
from hookline.db import StatementFailed
from hookline.events import _Feed
from hookline.hookspecs import hookimpl
from hookline.message import Record, Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

NAMES = ("a", "b", "c", "d")


class Echo:
    def __init__(self, tenant: Tenant) -> None: ...

    @hookimpl
    async def respond(self, turn: Turn) -> Reply:
        return Reply(turn.message.text)


class Broken:
    """A database that is away."""

    async def run(self, script, *, tenant: str) -> None:
        script.close()
        raise StatementFailed("cursor", "the connection is lost", retryable=True)


def observer(name: str, seen: dict[str, list[int]], fails: set[str]) -> Plugin:
    class Observing:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def turn_finished(self, record: Record) -> None:
            if name in fails:
                fails.discard(name)
                raise RuntimeError("once")
            seen.setdefault(name, []).append(record.id)

    return Plugin(name, hooks=Observing)


@pytest.mark.parametrize("messages", [1, 25])
async def test_every_observer_sees_every_record_once_and_in_order(
    make_bot: MakeBot, database_url: str, messages: int
) -> None:
    seen: dict[str, list[int]] = {}
    bot = await make_bot(
        plugins=[Plugin("echo", hooks=Echo), *(observer(name, seen, set()) for name in NAMES)],
        database_url=database_url,
    )
    for n in range(messages):
        await bot.say(f"message {n}")
    await bot.until(lambda: all(len(seen.get(name, ())) == messages for name in NAMES))
    assert all(seen[name] == sorted(set(seen[name])) == seen["a"] for name in NAMES)
    await bot.restart()  # a clean end saves how far they are, so none of it is seen again
    await bot.say("one more")
    await bot.until(lambda: all(len(seen[name]) == messages + 1 for name in NAMES))
    assert all(seen[name] == sorted(set(seen[name])) for name in NAMES)


async def test_one_that_fails_is_told_again_and_keeps_nobody_up(make_bot: MakeBot) -> None:
    seen: dict[str, list[int]] = {}
    bot = await make_bot(
        plugins=[Plugin("echo", hooks=Echo), *(observer(name, seen, fails={"b"} & {name}) for name in NAMES)]
    )
    await bot.say("hello")
    await bot.until(lambda: all(len(seen.get(name, ())) == 1 for name in NAMES))
    assert len({tuple(ids) for ids in seen.values()}) == 1


async def test_a_page_is_read_once_for_all_who_are_there(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("echo", hooks=Echo)])
    await bot.say("hello")
    feed = _Feed(bot.runtime.events, "acme")
    (first, more), (second, _) = await feed.since(0), await feed.since(0)
    assert not more
    assert len(first) == 1
    assert first[0] is second[0]  # decoded once
    await bot.say("again")
    feed.grow()
    (later, _), (whole, _) = await feed.since(first[0].id), await feed.since(0)
    assert [record.id for record in whole] == [first[0].id, *(record.id for record in later)]


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_a_running_transaction_hid_is_seen_though_nobody_says_so(
    make_bot: MakeBot, database_url: str
) -> None:
    bot = await make_bot(plugins=[Plugin("echo", hooks=Echo)], database_url=database_url)
    feed = _Feed(bot.runtime.events, "acme")
    other = await asyncpg.connect(database_url)
    try:
        async with other.transaction():
            await other.execute("SELECT txid_current()")
            await bot.say("hello")
            assert await feed.since(0) == ([], False)
    finally:
        await other.close()
    async with asyncio.timeout(5):
        while not (await feed.since(0))[0]:
            await asyncio.sleep(0.01)


async def test_cursors_that_could_not_be_saved_are_saved_later(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("echo", hooks=Echo)])
    events = bot.runtime.events
    feed = _Feed(events, "acme")
    feed._reached["a"] = 7
    working, events.database = events.database, Broken()
    await feed.save()
    events.database = working
    await feed.save()
    assert await events.cursor("acme", "a") == 7


def test_the_wait_after_failures_doubles_up_to_its_most_however_many_there_were() -> None:
    assert [backoff(0.5, tries, 60.0) for tries in (0, 1, 2, 3, 8, 9)] == [0.5, 0.5, 1.0, 2.0, 60.0, 60.0]
    assert backoff(1.0, 5000, 60.0) == 60.0, "an observer that fails for days is told again all the same"
