"""Promises of service: when they begin, stand still, are late, and who is told."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from hookline.audit import every
from hookline.testing import FrozenClock
from hookline_handoff import handling, sla
from hookline_handoff.beside import beside
from hookline_handoff.deskconfig import SlaPolicy
from hookline_handoff.deskmodels import clock, notice
from hookline_handoff.hours import WEEKDAYS, CalendarConfig, Hours
from hookline_handoff.records import Handoff

POLICY = SlaPolicy("standard", first_response=600, next_reply=300, resolution=3600)
ALWAYS = {"default": Hours()}
CONFIG = """
[[plugins.handoff.sla]]
name = "urgent"
priorities = [2]
first_response = 60
[[plugins.handoff.sla]]
name = "standard"
first_response = 600
next_reply = 300
resolution = 3600
"""


def row(**more):
    """A handoff that was asked for at 1000."""
    about = {"requested_at": 1000.0, "activity_at": 1000.0, "waiting_since": 1000.0, "state": "queued"}
    return Handoff("h1", "c1", "p1", "webchat", reason="asked", source="trigger", **{**about, **more})


def ticked(steps, policies=(POLICY,), calendars=ALWAYS):
    """The newest clocks by name, after the handoff was each of these."""
    known = {}
    for one in steps:
        for changed in sla.tick(one, list(known.values()), policies, calendars):
            known[changed.clock, changed.n] = changed
    newest = {}
    for (name, _), one in sorted(known.items(), key=lambda item: item[0][1]):
        newest[name] = one
    return newest, known


def test_a_request_starts_the_first_response_and_the_resolution():
    newest, _ = ticked([row()])
    assert {name: (one.state, one.due_at) for name, one in newest.items()} == {
        "first_response": ("running", 1600.0),
        "resolution": ("running", 4600.0),
    }


def test_looking_again_changes_nothing():
    _, known = ticked([row()])
    assert sla.tick(row(), list(known.values()), (POLICY,), ALWAYS) == []


def test_an_answer_in_time_keeps_the_promise_and_the_resolution_waits_for_the_customer():
    answered = row(state="claimed", first_response_at=1100.0, waiting_since=None, activity_at=1100.0)
    newest, _ = ticked([row(), answered])
    assert (newest["first_response"].state, newest["first_response"].ended_at) == ("met", 1100.0)
    assert (newest["resolution"].state, newest["resolution"].used, newest["resolution"].due_at) == (
        "paused",
        100.0,
        None,
    )

    asks = row(state="claimed", first_response_at=1100.0, waiting_since=2000.0, activity_at=2000.0)
    newest, _ = ticked([row(), answered, asks])
    assert (newest["next_reply"].state, newest["next_reply"].due_at) == ("running", 2300.0)
    assert newest["resolution"].due_at == 2000.0 + 3600 - 100


def test_a_late_answer_misses_it():
    answered = row(state="claimed", first_response_at=1700.0, waiting_since=None, activity_at=1700.0)
    first = ticked([row(), answered])[0]["first_response"]
    assert (first.state, first.breached_at) == ("missed", 1600.0)


def test_each_of_the_customers_turns_is_a_next_reply_of_its_own():
    claimed = {"state": "claimed", "first_response_at": 1100.0}
    _, known = ticked(
        [
            row(),
            row(**claimed, waiting_since=None, activity_at=1100.0),
            row(**claimed, waiting_since=1200.0, activity_at=1200.0),
            row(**claimed, waiting_since=1200.0, activity_at=1250.0),
            row(**claimed, waiting_since=None, activity_at=1300.0),
            row(**claimed, waiting_since=1400.0, activity_at=1400.0),
            row(**claimed, waiting_since=None, activity_at=1900.0),
        ]
    )
    replies = [known["next_reply", n] for n in (1, 2)]
    assert [(one.state, one.used) for one in replies] == [("met", 100.0), ("missed", 500.0)]


def test_what_is_snoozed_stands_still_and_goes_on_with_what_was_left():
    snoozed = row(state="snoozed", activity_at=1200.0)
    woken = row(state="claimed", activity_at=9200.0)
    newest, _ = ticked([row(), snoozed])
    assert (newest["first_response"].state, newest["first_response"].due_at) == ("paused", None)
    newest, _ = ticked([row(), snoozed, woken])
    assert newest["first_response"].due_at == 9200.0 + 400


def test_what_stands_still_after_its_time_was_broken_all_the_same():
    returned = row(state="returned", activity_at=1900.0)
    first = ticked([row(), returned])[0]["first_response"]
    assert (first.state, first.used, first.breached_at) == ("paused", 900.0, 1600.0)


def test_a_resolution_ends_all_and_reopening_goes_on_with_the_resolution():
    resolved = row(state="resolved", resolved_at=1500.0, activity_at=1500.0, waiting_since=None)
    newest, _ = ticked([row(), resolved])
    assert {one.state for one in newest.values()} == {"met"}
    again = row(state="claimed", activity_at=5000.0, waiting_since=5000.0)
    newest, _ = ticked([row(), resolved, again])
    assert (newest["resolution"].state, newest["resolution"].due_at) == ("running", 5000.0 + 3600 - 500)
    assert newest["first_response"].state == "met"


def test_another_priority_means_another_promise_from_what_is_gone_already():
    urgent = SlaPolicy("urgent", first_response=60, priorities=(2,))
    newest, _ = ticked([row(), row(priority=2, activity_at=1030.0)], (urgent, POLICY))
    assert (newest["first_response"].policy, newest["first_response"].due_at) == ("urgent", 1060.0)


@pytest.mark.parametrize(
    ("policy", "about", "applies"),
    [
        ({"channels": ("whatsapp",)}, {}, False),
        ({"channels": ("webchat",)}, {}, True),
        ({"teams": ("sales",)}, {"team": "sales"}, True),
        ({"skills": ("loans",)}, {"skill": "cards"}, False),
        ({"priorities": (1, 2)}, {"priority": 1}, True),
        ({"priorities": (1,), "teams": ("sales",)}, {"priority": 1, "team": "service"}, False),
    ],
)
def test_a_policy_applies_where_all_its_conditions_hold(policy, about, applies):
    made = SlaPolicy("one", first_response=60, **policy)
    assert (sla.choose([made], row(**about)) is made) == applies


def test_working_hours_count_and_a_weekend_does_not():
    zone = ZoneInfo("Asia/Kolkata")
    office = Hours(CalendarConfig("Asia/Kolkata", dict.fromkeys(WEEKDAYS[:5], ("09:00-18:00",))))
    friday = dt.datetime(2026, 11, 20, 17, 55, tzinfo=zone).timestamp()
    monday = dt.datetime(2026, 11, 23, 9, 5, tzinfo=zone).timestamp()
    newest, _ = ticked(
        [row(requested_at=friday, activity_at=friday, waiting_since=friday)], calendars={"default": office}
    )
    assert newest["first_response"].due_at == monday
    warn = sla.warn_at(newest["first_response"], {"default": office}, 0.8)
    assert warn == monday - 120


def test_without_a_promise_there_are_no_clocks():
    assert ticked([row()], ())[1] == {}


# -- in whole turns --------------------------------------------------------------------------------------------------------


async def clocks(desk, conversation):
    rows = await desk.tenant.db.fetch(sa.select(clock).where(clock.c.conversation == conversation))
    return {(one.clock, one.n): one.state for one in rows}


async def until(desk, conversation, expected):
    """Wait until the clocks are these."""
    await eventually(lambda: clocks(desk, conversation), expected)


async def eventually(look, expected):
    """Wait until `look()` gives what is expected; what it gives in the end shows in the failure."""
    found = await look()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while found != expected:
                await asyncio.sleep(0.005)
                found = await look()
    assert found == expected


async def test_a_promise_warns_and_breaks_on_time_and_the_supervisor_hears_of_it(database_url, make_desk):
    time = FrozenClock()
    desk = await make_desk(CONFIG, database_url=database_url, clock=time)
    boss = await desk.bot.runtime.staff.create("acme", "clara@example.com", "supervisor", by="test", name="Clara")
    conversation = await desk.asked()
    await until(desk, conversation, {("first_response", 1): "running", ("resolution", 1): "running"})

    async with desk.bot.runtime.live.subscribe("acme", "staff") as events:
        time.advance(479)
        assert (await clocks(desk, conversation))["first_response", 1] == "running"
        time.advance(1)
        await until(desk, conversation, {("first_response", 1): "warned", ("resolution", 1): "running"})
        time.advance(120)
        await until(desk, conversation, {("first_response", 1): "breached", ("resolution", 1): "running"})
        told = []
        async for event in events:
            told.append(event)
            if event.kind == "handoff.sla_breach":
                break
    warning = next(one for one in told if one.kind == "handoff.sla_warning")
    assert warning.data["conversation"] == conversation
    assert warning.data["clock"]["left"] == 120.0
    assert told[-1].data["clock"]["left"] == 0.0
    rows = await desk.tenant.db.fetch(sa.select(notice.c.kind, notice.c.text).where(notice.c.staff == boss.id))
    assert sorted(one.kind for one in rows) == ["sla_breach", "sla_warning"]
    assert any("first response for" in one.text and "is late" in one.text for one in rows)
    audited = [one.what async for one in every(desk.bot.runtime.database, "acme")]
    assert audited.count("handoff.sla_warning") == audited.count("handoff.sla_breach") == 1


async def test_an_agents_words_keep_the_promise_and_the_inbox_sees_the_due_time(database_url, make_desk):
    time = FrozenClock()
    desk = await make_desk(CONFIG, database_url=database_url, clock=time)
    await desk.agent(desk.asha)
    conversation = await desk.asked()
    await until(desk, conversation, {("first_response", 1): "running", ("resolution", 1): "running"})
    seen = await desk.handoff(conversation)
    shown = (await beside(desk.tenant, [seen.id], [conversation])).sla[seen.id]
    assert (shown["policy"], shown["state"], shown["due_at"]) == ("standard", "running", time.now() + 600)

    time.advance(60)
    await desk.claim(conversation)
    await handling.reply(desk.tenant, conversation, desk.asha, "Hello, I am Asha.", "one")
    await until(desk, conversation, {("first_response", 1): "met", ("resolution", 1): "paused"})
    await desk.bot.hear("and my card?")
    await until(
        desk, conversation, {("first_response", 1): "met", ("resolution", 1): "running", ("next_reply", 1): "running"}
    )
    time.advance(301)
    await until(
        desk, conversation, {("first_response", 1): "met", ("resolution", 1): "running", ("next_reply", 1): "breached"}
    )
    await handling.resolve(desk.tenant, await desk.handoff(conversation), desk.asha)
    await until(
        desk, conversation, {("first_response", 1): "met", ("resolution", 1): "met", ("next_reply", 1): "missed"}
    )


async def test_a_breach_that_nobody_saw_in_time_is_told_all_the_same(make_desk):
    time = FrozenClock()
    desk = await make_desk(CONFIG.replace("resolution = 3600\n", ""), clock=time)
    await desk.agent(desk.asha)
    conversation = await desk.asked()
    await until(desk, conversation, {("first_response", 1): "running"})
    time._now += 700  # the timers sleep on
    await desk.claim(conversation)
    await handling.reply(desk.tenant, conversation, desk.asha, "sorry!", "one")
    await until(desk, conversation, {("first_response", 1): "missed"})
    audited = [one.what async for one in every(desk.bot.runtime.database, "acme")]
    assert audited.count("handoff.sla_breach") == 1


async def test_a_snooze_stops_the_timers_also_over_a_restart(make_desk):
    time = FrozenClock()
    desk = await make_desk(CONFIG, clock=time)
    await desk.agent(desk.asha)
    conversation = await desk.asked()
    await desk.claim(conversation)
    await handling.snooze(desk.tenant, conversation, desk.asha, time.now() + 7200)
    await until(desk, conversation, {("first_response", 1): "paused", ("resolution", 1): "paused"})
    await desk.bot.restart()
    desk.tenant = desk.bot.tenant("handoff")
    time.advance(7100)
    assert set((await clocks(desk, conversation)).values()) == {"paused"}
    time.advance(101)
    await until(desk, conversation, {("first_response", 1): "running", ("resolution", 1): "running"})


async def test_a_higher_priority_shortens_the_promise(make_desk):
    time = FrozenClock()
    desk = await make_desk(CONFIG, clock=time)
    conversation = await desk.asked()
    await until(desk, conversation, {("first_response", 1): "running", ("resolution", 1): "running"})
    await handling.note(desk.tenant, await desk.handoff(conversation), desk.clara, "priority", priority=2)

    async def due():
        rows = await desk.tenant.db.fetch(sa.select(clock).where(clock.c.clock == "first_response"))
        return rows[0].policy, rows[0].due_at

    await eventually(due, ("urgent", time.now() + 60))


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ('[[plugins.handoff.sla]]\nname = "x"\nfirst_response = -1\n', "first_response"),
        ('[[plugins.handoff.sla]]\nname = "x"\ncalendar = "moon"\n', "sla.calendar: given 'moon'; allowed: default"),
        ('[[plugins.handoff.sla]]\nname = "x"\nwarn = 2\n', "warn"),
        ("[[plugins.handoff.sla]]\nfirst_response = 5\n", "name"),
    ],
)
async def test_a_promise_that_can_t_be_kept_track_of_is_refused_by_name(make_desk, config, text):
    with pytest.raises(AssertionError, match=r".") as error:
        await make_desk(config)
    assert text in str(error.value)
