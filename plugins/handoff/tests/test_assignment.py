"""Who gets what waits, and what becomes of it when agents are away."""

from __future__ import annotations

import asyncio

import attrs
import pytest
import sqlalchemy as sa

from hookline.ledger import ConversationClosed
from hookline.models import timer
from hookline.problems import Problem
from hookline.testing.clock import FrozenClock
from hookline_handoff import agents, assignment, handling
from hookline_handoff.agents import Profile
from hookline_handoff.config import Assignment
from hookline_handoff.models import agent as profile
from hookline_handoff.moves import Wish
from hookline_handoff.queue import position
from hookline_handoff.records import NOBODY, Actor, Handoff

AUTO = "[plugins.handoff.assignment]\nauto = true\n"


def agent(ident, **more):
    return attrs.evolve(Profile(ident, ident, "available", 0.0, (), (), 5, 0, 0.0), **more)


def wanted(**more):
    return attrs.evolve(Handoff("h", "c", "k", "loopback", "queued", "user_request", "trigger", 0.0, 0.0), **more)


@pytest.mark.parametrize(
    ("config", "handoff", "free", "chosen"),
    [
        (Assignment(), wanted(), [agent("a", assigned_at=2.0), agent("b", assigned_at=1.0, load=3)], "b"),
        (Assignment(by="least_loaded"), wanted(), [agent("a", load=1), agent("b", load=3)], "a"),
        (Assignment(), wanted(skill="loans"), [agent("a"), agent("b", skills=("loans",), assigned_at=9.0)], "b"),
        (Assignment(), wanted(skill="loans"), [agent("a")], None),
        (Assignment(match=()), wanted(skill="loans"), [agent("a")], "a"),
        (Assignment(), wanted(language="hi"), [agent("a", languages=("en",)), agent("b", languages=("hi", "en"))], "b"),
        (Assignment(), wanted(language="hi-Latn"), [agent("a", languages=("hi",))], "a"),
        (Assignment(), wanted(language="hi"), [agent("a")], "a"),
        (Assignment(), wanted(team="t1"), [agent("a"), agent("b", teams=("t1",))], "b"),
    ],
)
def test_whoever_fits_and_was_assigned_one_longest_ago_or_has_least_in_hand_is_chosen(config, handoff, free, chosen):
    found = assignment.choose(config, handoff, free)
    assert (found.id if found else None) == chosen


async def there(desk, actor, **values):
    """An agent with a page open."""
    await desk.agent(actor, **values)
    await agents.seen(desk.tenant, actor.id)


async def test_what_is_asked_for_is_assigned_in_turn_to_those_who_are_there(make_desk, database_url):
    desk = await make_desk(AUTO, database_url=database_url)
    await there(desk, desk.asha)
    await there(desk, desk.ben)
    await desk.agent(desk.clara)  # has no page open

    talks = [await desk.asked(f"customer{n}") for n in range(4)]
    await desk.bot.idle()

    got = [(await desk.handoff(talk)).agent for talk in talks]
    assert sorted(got) == ["asha", "asha", "ben", "ben"]
    assert got[0] != got[1]


async def test_nobody_is_assigned_more_than_fits_in_and_the_rest_waits_for_a_free_hand(make_desk):
    desk = await make_desk(AUTO + "capacity = 1\n")
    await there(desk, desk.asha)
    first, second, third = [await desk.asked(f"customer{n}") for n in range(3)]
    await desk.bot.idle()
    assert [(await desk.handoff(talk)).state for talk in (first, second, third)] == ["claimed", "queued", "queued"]

    await handling.note(desk.tenant, await desk.handoff(third), desk.clara, "priority", priority=2)
    await handling.resolve(desk.tenant, await desk.handoff(first), desk.asha)
    await desk.bot.idle()

    assert (await desk.handoff(third)).agent == "asha"
    assert (await desk.handoff(second)).state == "queued"


async def test_a_better_lead_is_served_before_one_who_waits_a_little_longer(make_desk):
    clock = FrozenClock()
    desk = await make_desk(clock=clock)
    poor, rich = await desk.talk("poor"), await desk.talk("rich")
    await handling.ask(desk.tenant, poor, Wish("lead", "api", score=40.0), desk.clara)
    clock.advance(120)
    await handling.ask(desk.tenant, rich, Wish("lead", "api", score=90.0), desk.clara)
    clock.advance(600)
    late = await desk.talk("late")
    await handling.ask(desk.tenant, late, Wish("lead", "api", score=95.0), desk.clara)

    places = [await position(desk.tenant, await desk.handoff(talk)) for talk in (rich, poor, late)]
    assert places == [1, 2, 3]


@pytest.mark.parametrize("answered", [False, True])
async def test_what_an_agent_who_is_away_has_not_answered_goes_to_others(make_desk, answered):
    clock = FrozenClock()
    desk = await make_desk(clock=clock)
    await there(desk, desk.asha)
    talk = await desk.asked()
    await desk.claim(talk)
    if answered:
        await handling.reply(desk.tenant, talk, desk.asha, "Hello", "1")

    clock.advance(91)
    if answered:
        await desk.reaches_absence("asha")
        assert (await desk.handoff(talk)).state == "claimed"
        assert await desk.bot.hear("are you there?") == ()  # now somebody has to answer
    made = await desk.reaches(talk, "transferred")

    assert (made.agent, made.loaded) == ("", "")
    assert (await agents.known(desk.tenant, "asha")).load == 0
    assert await desk.bot.hear("hello?") == ()
    assert (await desk.claim(talk, desk.ben)).agent == "ben"


async def test_a_sign_of_life_at_the_moment_when_an_agent_counts_as_away_is_looked_after_too(make_desk):
    clock = FrozenClock()
    desk = await make_desk(clock=clock)
    await there(desk, desk.asha)
    late = {"p_id": "asha", "p_now": clock.now() + 89}

    clock.advance(90)
    await desk.reaches_absence("asha")
    # What a heartbeat writes that saw the agent present just before: no timer goes with it.
    await desk.tenant.db.write(
        (sa.update(profile).where(profile.c.id == sa.bindparam("p_id")).values(seen_at=sa.bindparam("p_now")), late)
    )
    talk = await desk.asked()
    await desk.claim(talk)

    clock.advance(90)
    assert (await desk.reaches(talk, "transferred")).agent == ""


async def test_the_timer_of_an_agent_who_stays_away_ends(make_desk):
    clock = FrozenClock()
    desk = await make_desk(clock=clock)
    await there(desk, desk.asha)
    clock.advance(90)
    await desk.reaches_absence("asha")

    clock.advance(90)
    waiting = sa.select(timer.c.id).where(timer.c.lane == "handoff:agent:asha", timer.c.state == "waiting")
    async with asyncio.timeout(10):
        while await desk.tenant.db.fetch(waiting):
            await asyncio.sleep(0.01)
    await desk.bot.idle()
    assert await desk.tenant.db.fetch(waiting) == []


async def test_who_says_to_be_gone_leaves_what_waits_to_others(make_web):
    site = await make_web(AUTO)
    desk = site.desk
    for name in ("asha", "ben"):
        await site.ok("POST", "/console/api/me/heartbeat", name)
    talk = await desk.asked()
    first = (await desk.reaches(talk, "claimed")).agent
    name = "asha" if first == await site.id("asha") else "ben"

    await site.ok("PUT", "/console/api/me", name, {"availability": "offline"})
    await desk.bot.idle()

    made = await desk.reaches(talk, "claimed")
    assert made.agent != first


async def test_what_was_passed_on_and_not_taken_is_offered_to_everybody_and_then_given_up(make_desk):
    clock = FrozenClock()
    desk = await make_desk("[plugins.handoff]\ntransfer_limit = 60.0\nwait_limit = 300.0\n", clock=clock)
    await desk.agent(desk.ben)
    talk = await desk.asked()
    await desk.claim(talk)
    await handling.transfer(desk.tenant, talk, desk.asha, agent="ben")
    assert (await agents.known(desk.tenant, "ben")).load == 1

    clock.advance(61)
    made = await desk.reaches(talk, "transferred", agent="")
    assert (await agents.known(desk.tenant, "ben")).load == 0
    clock.advance(301)
    made = await desk.reaches(talk, "returned")

    assert made.callback_at is not None
    assert (await desk.bot.say("ok")).text == "bot: ok"


async def test_what_was_put_aside_comes_back_when_its_time_has_come(make_desk):
    clock = FrozenClock()
    desk = await make_desk(clock=clock)
    talk = await desk.asked()
    await desk.claim(talk)
    with pytest.raises(Problem, match="until: lies in the past"):
        await handling.snooze(desk.tenant, talk, desk.asha, clock.now() - 1)
    await handling.snooze(desk.tenant, talk, desk.asha, clock.now() + 600)
    assert (await agents.known(desk.tenant, "asha")).load == 0

    clock.advance(601)

    assert (await desk.reaches(talk, "claimed")).agent == "asha"
    assert (await agents.known(desk.tenant, "asha")).load == 1


async def test_outside_the_hours_of_work_the_customer_is_told_when_somebody_is_there_and_queued_then(make_desk):
    clock = FrozenClock(1_760_050_800.0)  # Thursday, 9 October 2025, 23:00 UTC
    hours = """
[plugins.handoff.calendars.default]
timezone = "Asia/Kolkata"
hours = {mon = ["09:00-18:00"], tue = ["09:00-18:00"], wed = ["09:00-18:00"], thu = ["09:00-18:00"], fri = ["09:00-18:00"]}
"""
    desk = await make_desk(hours, clock=clock)
    told = await desk.bot.say("agent please")

    assert told.text == "Nobody is here at the moment. A colleague will get back to you Fri 10 Oct, 09:00."
    assert (await desk.handoff(told.conversation)).state == "requested"
    clock.advance(4 * 3600 + 31 * 60)
    assert (await desk.reaches(told.conversation, "queued")).callback_at is None


async def test_who_has_left_gets_nothing_and_keeps_nothing(make_desk, database_url):
    clock = FrozenClock()
    desk = await make_desk("[plugins.handoff.presence]\nreassign = false\n", clock=clock, database_url=database_url)
    staff = desk.bot.runtime.staff
    account = await staff.create("acme", "gita@example.com", "agent", by="test", name="Gita")
    gita = Actor(account.id, "Gita")
    await desk.agent(gita)
    inhand, aside = await desk.asked("alice"), await desk.asked("bob")
    for talk in (inhand, aside):
        await desk.claim(talk, gita)
    await handling.snooze(desk.tenant, aside, gita, clock.now() + 600)

    await staff.change("acme", gita.id, by="test", active=False)

    assert await desk.bot.hear("are you there?", who="alice") == ()
    assert (await desk.reaches(inhand, "transferred")).agent == ""
    clock.advance(301)  # before everybody has let it lie for too long
    clock.advance(300)
    assert (await desk.reaches(aside, "transferred")).agent == ""
    await desk.claim(aside)
    with pytest.raises(Problem, match="Gita takes no conversations any more"):
        await handling.transfer(desk.tenant, aside, desk.asha, agent=gita.id)


async def test_what_is_on_its_way_to_a_team_that_is_no_more_is_for_everybody(desk):
    await desk.agent(desk.asha)
    team = await agents.put_team(desk.tenant, desk.clara, "", "Billing", (), ())
    talk = await desk.asked()
    await handling.transfer(desk.tenant, talk, desk.clara, team=team.id)

    await agents.drop_team(desk.tenant, desk.clara, team.id)
    await assignment.release_of_team(desk.tenant, team.id)

    assert (await desk.claim(talk)).agent == "asha"


async def test_what_has_waited_until_its_conversation_ended_is_taken_and_closed_and_holds_up_nothing(
    make_desk, database_url
):
    clock = FrozenClock()
    config = f"[plugins.handoff]\nwait_limit = 0.0\n{AUTO}"
    desk = await make_desk(config, clock=clock, database_url=database_url)
    old = await desk.asked("alice")
    async with desk.tenant.action(by="test") as act:  # one of before conversations were kept open for their handoffs
        act.cancel_timer("keep", key=(await desk.handoff(old)).id, lane=old)
    clock.advance(86_500)
    await desk.bot.idle()
    await desk.tenant.conversations.expire()
    new = await desk.asked("bob")

    await there(desk, desk.asha)

    assert (await desk.reaches(new, "claimed")).agent == "asha"
    assert (await desk.reaches(old, "claimed")).agent == "asha"
    with pytest.raises(ConversationClosed):
        await handling.reply(desk.tenant, old, desk.asha, "Hello", "1")
    made = await handling.resolve(desk.tenant, await desk.handoff(old), desk.asha)
    assert made.state == "resolved"
    with pytest.raises(Problem, match="the conversation has ended"):
        await handling.ask(desk.tenant, old, Wish("again", "customer"), NOBODY)


async def test_what_was_given_back_to_the_bot_is_done_after_a_while(make_desk):
    clock = FrozenClock()
    desk = await make_desk("[plugins.handoff]\nreturned_kept = 100.0\n", clock=clock)
    talk = await desk.asked()
    await desk.claim(talk)
    await handling.give_back(desk.tenant, talk, desk.asha)

    clock.advance(101)

    assert (await desk.reaches(talk, "resolved")).resolved_by == "handoff"


async def test_everything_about_a_contact_is_given_out_and_removed(desk):
    talk = await desk.asked()
    contact = (await desk.tenant.conversations.get(talk)).conversation.contact
    await desk.claim(talk)
    hooks = desk.tenant.hooks

    (given,) = [data for data in await hooks.export_contact(contact) if data.plugin == "handoff"]
    assert given.rows["handoff_handoff"][0]["conversation"] == talk
    assert [step["event"] for step in given.rows["handoff_step"]] == ["request", "queue", "claim"]
    await hooks.erase_contact(contact)

    assert await desk.count() == 0
    assert await desk.steps(given.rows["handoff_handoff"][0]["id"]) == []
    assert (await agents.known(desk.tenant, "asha")).load == 0


@pytest.mark.slow
async def test_what_nobody_can_take_keeps_nobody_else_waiting(make_desk):
    """However many wait in a language that no agent speaks, the next in one that they speak is assigned."""
    desk = await make_desk(AUTO)
    for n in range(205):
        # A conversation is stored with its first message; the bot's word is one.
        ident = (await desk.bot.say("hello", who=f"t{n}")).conversation
        wish = Wish("asked", "api", priority=1, language="ta")
        await handling.ask(desk.tenant, ident, wish, NOBODY)
    english = await desk.asked("eve")
    await desk.agent(desk.asha, languages=("en",))
    await agents.seen(desk.tenant, desk.asha.id)
    await desk.bot.idle()
    await assignment.assign(desk.tenant)

    assert (await desk.handoff(english)).agent == desk.asha.id
