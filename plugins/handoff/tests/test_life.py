"""The life of a handoff: its table, and that nobody comes twice to the same conversation."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import sqlalchemy as sa

from hookline import audit
from hookline.hookspecs import hookimpl
from hookline.models import inbox
from hookline.plugin import Plugin
from hookline.problems import Problem
from hookline.testing import FrozenClock
from hookline_handoff import agents, contacts, handling, life, records
from hookline_handoff.life import IllegalTransition
from hookline_handoff.moves import Wish
from hookline_handoff.notices import notices_of
from hookline_handoff.records import Actor

WAYS = {
    "requested": {"queue": "queued", "claim": "claimed", "transfer": "transferred", "return": "returned",
                  "give_up": "returned", "resolve": "resolved"},
    "queued": {"claim": "claimed", "transfer": "transferred", "return": "returned", "give_up": "returned",
               "resolve": "resolved"},
    "claimed": {"take_over": "claimed", "release": "transferred", "transfer": "transferred", "snooze": "snoozed",
                "return": "returned", "resolve": "resolved"},
    "transferred": {"claim": "claimed", "release": "transferred", "transfer": "transferred", "return": "returned",
                    "give_up": "returned", "resolve": "resolved"},
    "snoozed": {"take_over": "claimed", "release": "transferred", "transfer": "transferred", "snooze": "snoozed",
                "wake": "claimed", "return": "returned", "resolve": "resolved"},
    "returned": {"queue": "queued", "claim": "claimed", "resolve": "resolved"},
    "resolved": {"reopen": "claimed", "come_back": "queued"},
}  # fmt: skip


@pytest.mark.parametrize("state", life.STATES)
@pytest.mark.parametrize("event", life.TRANSITIONS)
def test_each_event_leads_from_each_state_where_the_table_says_and_nowhere_else(state, event):
    assert life.after(event, state) == WAYS[state].get(event)


def test_what_cannot_happen_is_a_conflict_that_says_the_state_and_what_can():
    error = IllegalTransition("wake", "queued", held_by="asha", held_by_name="Asha Rao")

    assert error.status == 409
    assert str(error) == (
        "can't wake: the handoff is queued (Asha Rao has it); what it can do now: claim, transfer, return, give_up, resolve"
    )
    assert error.more["allowed"] == ["claim", "transfer", "return", "give_up", "resolve"]


async def test_a_whole_life_is_kept_step_by_step_audited_and_noted(make_desk, database_url):
    desk = await make_desk(database_url=database_url)
    talk = await desk.asked()
    asha, ben = desk.asha, desk.ben
    await desk.agent(ben)
    await desk.claim(talk)
    await handling.snooze(desk.tenant, talk, asha, None)
    await handling.wake(desk.tenant, talk, asha)
    await handling.transfer(desk.tenant, talk, asha, agent="ben", note="knows billing")
    await desk.claim(talk, ben)
    await handling.give_back(desk.tenant, talk, ben)
    made = await desk.handoff(talk)
    await handling.resolve(desk.tenant, made, ben, note="paid back")

    made = await desk.last(talk)
    assert [event for event, _, _ in await desk.steps(made.id)] == [
        "request", "queue", "claim", "snooze", "wake", "transfer", "claim", "return", "resolve",
    ]  # fmt: skip
    assert (made.state, made.resolution, made.resolved_by) == ("resolved", "paid back", "ben")
    entries = await audit.entries(desk.bot.runtime.database, "acme", limit=20)
    told = [(entry.who, entry.what) for entry in reversed(entries) if entry.subject == made.id]
    assert told == [
        ("handoff", "handoff.request"), ("handoff", "handoff.queue"), ("staff:asha", "handoff.claim"), ("staff:asha", "handoff.snooze"),
        ("staff:asha", "handoff.wake"), ("staff:asha", "handoff.transfer"), ("staff:ben", "handoff.claim"), ("staff:ben", "handoff.return"),
        ("staff:ben", "handoff.resolve"),
    ]  # fmt: skip
    assert (await audit.verify(desk.bot.runtime.database, "acme")).broken == 0
    for who in ("asha", "ben"):
        assert (await agents.known(desk.tenant, who)).load == 0


async def test_of_many_who_claim_at_once_one_wins_and_the_others_are_told_who(make_desk, database_url):
    desk = await make_desk(database_url=database_url)
    talk = await desk.asked()
    people = [Actor(f"a{n}", f"Agent {n}") for n in range(12)]

    results = await asyncio.gather(*(desk.claim(talk, who) for who in people), return_exceptions=True)

    won = [result for result in results if not isinstance(result, BaseException)]
    lost = [result for result in results if isinstance(result, Problem)]
    assert len(won) == 1
    assert len(lost) == len(people) - 1
    winner = won[0].agent
    name = next(who.name for who in people if who.id == winner)
    assert {problem.status for problem in lost} == {409}
    assert {problem.more["held_by"] for problem in lost} == {winner}
    assert all(f"({name} has it)" in problem.detail for problem in lost)
    loads = {one.id: one.load for one in await agents.profiles(desk.tenant)}
    assert loads[winner] == 1
    assert sum(loads.values()) == 1


@pytest.mark.service("postgresql")
async def test_of_agents_on_two_servers_who_claim_at_once_one_wins(make_desk, postgres_url):
    one, two = await make_desk(database_url=postgres_url), await make_desk(database_url=postgres_url)
    for n in range(8):
        talk = await one.asked(f"customer{n}")
        people = [(one, one.asha), (two, two.ben)]
        results = await asyncio.gather(
            *(desk.claim(talk, who, greet=False) for desk, who in people), return_exceptions=True
        )

        won = [result for result in results if not isinstance(result, BaseException)]
        lost = [result for result in results if isinstance(result, Problem)]
        assert (len(won), len(lost)) == (1, 1), results
        assert lost[0].more["held_by"] == won[0].agent
        await handling.resolve(one.tenant, won[0], Actor(won[0].agent, ""))


async def test_who_claims_twice_has_it_once(desk):
    talk = await desk.asked()
    first, again = await desk.claim(talk), await desk.claim(talk)

    assert (again.epoch, again.agent) == (first.epoch, "asha")
    assert (await agents.known(desk.tenant, "asha")).load == 1


async def test_a_conversation_has_one_open_handoff_however_many_ask_at_once(make_desk, database_url):
    desk = await make_desk(database_url=database_url)
    talk = await desk.talk()
    wish = Wish("forced", "api", language="en")

    results = await asyncio.gather(
        *(handling.ask(desk.tenant, talk, wish, desk.asha) for _ in range(10)), desk.bot.say("agent please")
    )

    assert await desk.count() == 1
    assert len({made.id for made, _ in results[:10]}) == 1
    assert sum(new for _, new in results[:10]) <= 1


async def test_nobody_gets_more_than_fits_in_however_many_are_claimed_at_once(make_desk, database_url):
    desk = await make_desk("[plugins.handoff.assignment]\ncapacity = 2\n", database_url=database_url)
    talks = [await desk.asked(f"customer{n}") for n in range(6)]
    await desk.agent(desk.asha)

    results = await asyncio.gather(*(desk.claim(talk) for talk in talks), return_exceptions=True)

    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 2
    refused = [result for result in results if isinstance(result, Problem)]
    assert [str(problem) for problem in refused] == [
        "Asha Rao has 2 of 2 conversations in hand; finish one first, or have a supervisor raise the capacity"
    ] * 4
    assert (await agents.known(desk.tenant, "asha")).load == 2


async def test_a_supervisor_takes_over_from_whoever_has_it(desk):
    talk = await desk.asked()
    await desk.claim(talk)

    with pytest.raises(Problem, match="only a supervisor"):
        await desk.claim(talk, desk.ben, force=True)
    made = await desk.claim(talk, desk.clara, force=True)

    assert (made.state, made.agent) == ("claimed", "clara")
    assert (await agents.known(desk.tenant, "asha")).load == 0
    about = await desk.tenant.conversations.get(talk)
    assert about.conversation.held_by == "clara"


async def test_only_who_has_it_may_pass_it_on_or_close_it(desk):
    talk = await desk.asked()
    made = await desk.claim(talk)
    await desk.agent(desk.ben)

    for act in (
        handling.transfer(desk.tenant, talk, desk.ben, queue=True),
        handling.snooze(desk.tenant, talk, desk.ben, None),
        handling.give_back(desk.tenant, talk, desk.ben),
        handling.resolve(desk.tenant, made, desk.ben),
    ):
        with pytest.raises(Problem, match="Asha Rao has this conversation"):
            await act


async def test_what_is_given_back_to_the_bot_is_the_bots_and_can_be_asked_for_again(desk):
    talk = await desk.asked()
    await desk.claim(talk)
    await handling.give_back(desk.tenant, talk, desk.asha, text="The bot will help you on.")

    assert (await desk.bot.say("thanks")).text == "bot: thanks"
    assert (await desk.bot.say("agent please")).text == "I'm getting a colleague for you. You are next."
    assert await desk.count() == 1
    assert (await desk.handoff(talk)).state == "queued"


async def test_an_agent_opens_again_what_was_resolved(desk):
    talk = await desk.asked()
    made = await desk.claim(talk)
    await handling.resolve(desk.tenant, made, desk.asha)
    again = await handling.reopen(desk.tenant, talk, desk.asha)

    assert (again.state, again.id, again.resolved_at) == ("claimed", made.id, None)
    assert await desk.bot.hear("hello?") == ()


async def test_what_was_resolved_twice_is_told_so(desk):
    talk = await desk.asked()
    made = await desk.claim(talk)
    await handling.resolve(desk.tenant, made, desk.asha)

    with pytest.raises(IllegalTransition, match="can't resolve: the handoff is resolved"):
        await handling.resolve(desk.tenant, await records.known(desk.tenant, talk), desk.asha)


async def test_what_an_agent_writes_is_sent_once_however_often_it_is_posted(make_desk, database_url):
    desk = await make_desk(database_url=database_url)
    talk = await desk.asked()

    sent = await asyncio.gather(
        *(handling.reply(desk.tenant, talk, desk.asha, "How can I help?", "m1") for _ in range(5))
    )

    assert len({told.id for told, _, _ in sent}) == 1
    await desk.bot.idle()
    assert [m.text for m in desk.bot.channel.sent].count("How can I help?") == 1
    made = await desk.handoff(talk)
    assert (made.agent, made.waiting_since) == ("asha", None)
    assert made.first_response_at is not None


@pytest.mark.row("T43")
async def test_what_is_resolved_without_a_takeover_was_handled_then(make_web):
    site = await make_web()
    talk = await site.desk.asked()
    asked = await site.ok("GET", f"/api/v1/handoff/{talk}", "asha")

    done = await site.ok("POST", f"/api/v1/handoff/resolve/{asked['id']}", "asha")

    assert (asked["handled_at"], done["claimed_at"]) == (None, None)
    assert done["handled_at"] == done["resolved_at"] >= asked["requested_at"]


DAY = 86_400.0
SHORT = "[conversations]\nexpires_after = 86400\npurge_after = 172800\n[plugins.handoff]\n"


@pytest.mark.parametrize(
    ("config", "state"),
    [
        ("wait_limit = 0.0\n", "queued"),
        ("wait_limit = 600.0\ncallback = 3600.0\n", "returned"),
        ("wait_limit = 0.0\nreturned_kept = 0.0\n", "given back"),
    ],
)
async def test_a_conversation_in_which_somebody_is_waited_for_does_not_expire(make_desk, database_url, config, state):
    clock = FrozenClock()
    desk = await make_desk(SHORT + config, clock=clock, database_url=database_url)
    gone = await desk.talk("bob")
    talk = await desk.asked()
    if state == "given back":
        await desk.claim(talk)
        await handling.give_back(desk.tenant, talk, desk.asha)
    if state == "returned":
        clock.advance(601)
        await desk.reaches(talk, "returned")

    for _ in range(40):  # beyond the end of any single timer
        clock.advance(DAY)
        await desk.bot.idle()
        await desk.tenant.conversations.expire()

    assert await desk.tenant.conversations.get(gone) is None  # nobody waits there
    assert (await desk.handoff(talk)).state == {"given back": "returned"}.get(state, state)
    assert (await desk.claim(talk)).agent == "asha"
    await handling.resolve(desk.tenant, await desk.handoff(talk), desk.asha)
    async with asyncio.timeout(20):
        while (known := await desk.tenant.conversations.get(talk)) and known.conversation.status == "open":
            clock.advance(1.5 * DAY)
            await desk.bot.idle()
            await desk.tenant.conversations.expire()


async def test_supervisors_are_told_of_a_call_back_that_was_promised_and_not_made(make_desk):
    clock = FrozenClock()
    desk = await make_desk("[plugins.handoff]\nwait_limit = 600.0\ncallback = 3600.0\n", clock=clock)
    sue = (await desk.bot.runtime.staff.create("acme", "sue@example.com", "supervisor", by="test", name="Sue")).id
    talk = await desk.asked()
    clock.advance(601)
    made = await desk.reaches(talk, "returned")

    clock.advance(3600)

    async with asyncio.timeout(10):
        while not (told := (await notices_of(desk.tenant, sue)).notices):
            await asyncio.sleep(0.01)
    assert [(one.kind, one.conversation) for one in told] == [("callback_due", talk)]
    assert (await desk.handoff(talk)).id == made.id


async def test_a_turn_that_asks_for_a_person_at_the_same_moment_as_the_page_goes_on_without_an_error(
    make_desk, database_url
):
    pause = _Pause()
    desk = await make_desk(database_url=database_url, more_plugins=[Plugin("pause", hooks=lambda _tenant: pause)])
    talk = await desk.talk()

    said = asyncio.create_task(desk.bot.say("agent please"))
    await pause.begun.wait()
    made, new = await handling.ask(desk.tenant, talk, Wish("forced", "api", language="en"), desk.asha)
    pause.go.set()
    reply = await said

    assert new
    assert reply.text == "I'm getting a colleague for you. You are next."
    assert (await desk.handoff(talk)).id == made.id
    rows = await desk.tenant.db.fetch(
        sa.select(inbox.c.attempts).where(inbox.c.lane == talk, inbox.c.kind == "message")
    )
    assert [row.attempts for row in rows] == [0, 0]


async def test_a_handoff_that_is_claimed_while_its_contact_is_erased_counts_in_nobodys_hands(make_desk, database_url):
    desk = await make_desk(database_url=database_url)
    talk = await desk.asked()
    await desk.agent(desk.asha)
    contact = (await desk.tenant.conversations.get(talk)).contact.id

    await contacts.erase(_ClaimedFirst(desk, talk), contact)

    assert await desk.count() == 0
    assert (await agents.known(desk.tenant, "asha")).load == 0


class _ClaimedFirst:
    """The tenant, in which an agent claims the conversation just before what is erased is committed."""

    def __init__(self, desk, talk):
        self._desk, self._talk = desk, talk

    def __getattr__(self, name):
        return getattr(self._desk.tenant, name)

    @contextlib.asynccontextmanager
    async def action(self, *, by):
        async with self._desk.tenant.action(by=by) as act:
            yield act
            talk, self._talk = self._talk, ""
            if talk:
                await self._desk.claim(talk)


class _Pause:
    """Between what a turn has seen and its commit somebody else has time to act."""

    def __init__(self):
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    @hookimpl
    async def review(self, turn, reply):
        if turn.handoff is not None:
            self.begun.set()
            await self.go.wait()
        return reply
