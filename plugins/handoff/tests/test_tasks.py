"""What the staff has to do by a certain time: made by plugins and by people, reminded of, late, done."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from hookline.audit import every
from hookline.deadletters import dead_letters
from hookline.hookspecs import hookimpl
from hookline.message import Intent, Record
from hookline.plugin import Plugin
from hookline.problems import Problem
from hookline.roles import Caller
from hookline.testing import FrozenClock
from hookline_handoff import aftermath, persons, tasks
from hookline_handoff.notices import notices_of
from hookline_handoff.records import Actor
from hookline_handoff.taskbodies import TaskChange
from hookline_handoff.taskmodels import staff_task

HOUR = 3600.0
BASE = "/api/v1/handoff/tasks"


class _Promise:
    """A bot that promises a call within 48 hours."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def classify_intent(self, turn):
        if not turn.message.text.startswith("call"):
            return ()
        task = {
            "title": "Call back",
            "detail": turn.message.text,
            "due_at": self.tenant.clock.now() + 48 * HOUR,
            "reference": "PROS_20251210_847",
            "kind": "call_back",
        }
        if "lengthily" in turn.message.text:
            task |= {"title": "long " * 100, "contact": "nobody", "agent": "nobody", "team": "no team"}
        if "wrongly" in turn.message.text:
            task |= {"due_at": "tomorrow"}
        turn.command("task", task, plugin="handoff")
        return [Intent("call_back")]


PROMISE = Plugin("promise", hooks=_Promise)


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
async def make_promising(make_web, clock):
    async def make(config="", **more):
        site = await make_web(config, more_plugins=[PROMISE], clock=clock, **more)
        site.clock = clock
        return site

    return make


@pytest.fixture
async def promising(make_promising):
    return await make_promising()


async def open_tasks(site, who="ben", **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return (await site.ok("GET", f"{BASE}?{asked}", who))["tasks"]


async def until(site, condition, timeout=10):
    """The first task for which the condition holds, as soon as there is one."""
    async with asyncio.timeout(timeout):
        while True:
            found = [one for one in await open_tasks(site, state="all") if condition(one)]
            if found:
                return found[0]
            await asyncio.sleep(0.01)


async def supervisor(site):
    """The id of an account that supervises."""
    made = await site.desk.bot.runtime.staff.create("acme", "sue@example.com", "supervisor", by="test", name="Sue")
    return made.id


async def told(site, who):
    return [(one.kind, one.text) for one in (await notices_of(site.desk.tenant, who)).notices]


async def trail(site, ident):
    return [(one.who, one.what) async for one in every(site.desk.bot.runtime.database, "acme") if one.subject == ident]


# -- made --------------------------------------------------------------------------------------------------------------------


async def test_what_the_bot_promises_is_a_task_with_its_due_time_about_the_customer(make_promising, database_url):
    site = await make_promising(database_url=database_url)
    said = await site.desk.bot.say("call me about my loan", who="awa")

    task = await until(site, lambda one: True)

    assert (task["title"], task["state"], task["overdue"]) == ("Call back", "open", False)
    assert task["due_at"] == site.clock.now() + 48 * HOUR
    assert (task["reference"], task["kind"]) == ("PROS_20251210_847", "call_back")
    assert task["conversation"] == said.conversation
    assert task["contact"]
    assert task["created_by"] == "promise"
    assert await trail(site, task["id"]) == [("handoff", "handoff.task_created")]


async def test_a_promise_that_is_badly_worded_is_a_task_all_the_same(promising):
    said = await promising.desk.bot.say("call me lengthily", who="awa")

    task = await until(promising, lambda one: True)

    assert len(task["title"]) == 200
    assert (task["conversation"], task["agent"], task["team"]) == (said.conversation, "", "")


async def test_what_is_no_task_at_all_is_a_dead_letter_that_says_what_is_wrong(promising):
    await promising.desk.bot.say("call me wrongly")

    async with asyncio.timeout(10):
        while not (dead := await dead_letters(promising.desk.bot.runtime, "acme")):
            await asyncio.sleep(0.01)
    assert "the command task of promise is no task: Expected `float | null`, got `str` - at `$.due_at`" in dead[0].error


async def test_a_person_makes_a_task_for_a_colleague_who_is_told(promising):
    ben = await promising.id("ben")
    await promising.ok("GET", "/console/api/me", "ben")
    talk = await promising.desk.talk()

    task = await promising.ok("POST", BASE, "asha", {"title": "Send the offer", "conversation": talk, "agent": ben})

    asha = await promising.id("asha")
    assert (task["agent_name"], task["created_by"], task["due_at"]) == ("ben", f"key:{asha}", None)
    assert await told(promising, ben) == [("task", "Send the offer")]
    assert [one["id"] for one in await open_tasks(promising, agent="me")] == [task["id"]]
    assert await open_tasks(promising, agent="none") == []
    assert [one["id"] for one in await open_tasks(promising, conversation=talk)] == [task["id"]]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"title": ""}, 400, "Expected `str` of length >= 1"),
        ({"title": "  "}, 400, "title: empty; say what is to be done"),
        ({"title": "x", "conversation": "none"}, 404, "there is no conversation 'none'"),
        ({"title": "x", "contact": "none"}, 404, "there is no contact 'none'"),
        ({"title": "x", "agent": "none"}, 404, "there is no agent 'none'"),
        ({"title": "x", "team": "none"}, 404, "there is no team 'none'"),
        ({"title": "x", "due_at": "soon"}, 400, "Expected `float | null`, got `str`"),
    ],
)
async def test_a_task_that_can_not_be_is_refused_with_the_reason(promising, body, status, says):
    answered, problem = await promising.call("POST", BASE, "asha", body)
    assert (answered, says in problem["detail"]) == (status, True), problem


# -- reminded of, and late -----------------------------------------------------------------------------------------------------


async def test_a_task_is_reminded_of_an_hour_before_and_marked_when_it_is_late(make_promising, database_url):
    site = await make_promising(database_url=database_url)
    sue = await supervisor(site)
    socket = await site.console("asha")
    await site.desk.bot.say("call me", who="awa")
    await until(site, lambda one: True)

    site.clock.advance(47 * HOUR)
    task = await until(site, lambda one: one["reminded_at"] is not None)
    assert (task["overdue"], await told(site, sue)) == (False, [("task_due", "Call back")])

    site.clock.advance(HOUR)
    task = await until(site, lambda one: one["overdue_at"] is not None)
    assert (task["overdue"], task["overdue_at"]) == (True, task["due_at"])
    assert await told(site, sue) == [("task_overdue", "Call back"), ("task_due", "Call back")]
    assert [one["id"] for one in await open_tasks(site, state="overdue")] == [task["id"]]
    assert (await site.ok("GET", BASE, "ben"))["counts"] == {"open": 1, "overdue": 1, "mine": 0}
    seen = []
    while len(seen) < 3:
        frame = await site.frame(socket, "handoff.task")
        seen.append((frame["data"]["what"], frame["data"]["task"]["overdue"]))
    assert seen == [("created", False), ("reminded", False), ("overdue", True)]


async def test_a_task_that_is_put_off_is_neither_reminded_of_nor_late_before_its_new_time(promising):
    await supervisor(promising)
    await promising.desk.bot.say("call me")
    task = await until(promising, lambda one: True)

    later = task["due_at"] + 24 * HOUR
    await promising.ok("PATCH", f"{BASE}/{task['id']}", "asha", {"due_at": later})
    promising.clock.advance(71 * HOUR)
    task = await until(promising, lambda one: one["reminded_at"] is not None)

    assert (task["overdue"], task["overdue_at"]) == (False, None)
    promising.clock.advance(HOUR)
    assert (await until(promising, lambda one: one["overdue_at"] is not None))["overdue_at"] == later


async def test_a_task_that_is_done_is_not_late_any_more(promising):
    sue = await supervisor(promising)
    await promising.desk.bot.say("call me")
    task = await until(promising, lambda one: True)
    asha = await promising.id("asha")

    done = await promising.ok("PATCH", f"{BASE}/{task['id']}", "asha", {"state": "done", "outcome": "signs on Monday"})
    await promising.desk.bot.say("call me again", who="bob")  # late at the same time: whoever waits for it has waited
    await until(promising, lambda one: one["state"] == "open")
    promising.clock.advance(49 * HOUR)
    await until(promising, lambda one: one["overdue_at"] is not None)

    assert (done["state"], done["outcome"], done["ended_by"]) == ("done", "signs on Monday", f"key:{asha}")
    assert [kind for kind, _ in await told(promising, sue)].count("task_overdue") == 1
    ended = await open_tasks(promising, state="ended")
    assert [(one["id"], one["overdue"], one["overdue_at"]) for one in ended] == [(task["id"], False, None)]
    assert [what for _, what in await trail(promising, task["id"])] == ["handoff.task_created", "handoff.task_done"]


# -- whose it is -----------------------------------------------------------------------------------------------------------------


async def test_somebody_elses_task_is_for_them_and_supervisors_to_change(promising):
    person = promising.desk.bot.runtime.staff
    ben = (await person.create("acme", "ben@example.com", "agent", by="test", name="Ben")).id
    task = await promising.ok("POST", BASE, "asha", {"title": "Send the offer", "agent": ben})
    one = f"{BASE}/{task['id']}"

    with pytest.raises(Problem, match="this is Ben's task; only they, or a supervisor, may change it"):
        await tasks.change(promising.desk.tenant, Actor("carl", "Carl"), task["id"], TaskChange(state="done"))
    assert (await promising.call("PATCH", one, "vic", {"state": "done"}, role="viewer"))[0] == 403
    assert (await promising.ok("PATCH", one, "clara", {"state": "cancelled"}, role="supervisor"))[
        "state"
    ] == "cancelled"


async def test_of_two_who_change_a_task_at_once_one_is_told_so(promising):
    task = await promising.ok("POST", BASE, "asha", {"title": "Send the offer"})
    one = f"{BASE}/{task['id']}"

    first = await promising.ok("PATCH", one, "asha", {"title": "Send the new offer", "version": task["version"]})
    status, problem = await promising.call("PATCH", one, "ben", {"state": "done", "version": task["version"]})

    assert status == 409
    assert problem["detail"] == "somebody else has changed this task meanwhile; look again, then try again"
    assert (await promising.ok("GET", one, "ben"))["version"] == first["version"]


async def test_a_task_that_has_ended_is_opened_again_before_it_is_changed(promising):
    task = await promising.ok("POST", BASE, "asha", {"title": "Send the offer"})
    one = f"{BASE}/{task['id']}"
    await promising.ok("PATCH", one, "asha", {"state": "done"})

    status, problem = await promising.call("PATCH", one, "asha", {"title": "Send another"})
    assert (status, problem["detail"]) == (409, "the task is done; open it again to change it")
    status, problem = await promising.call("PATCH", one, "asha", {"state": "cancelled"})
    assert (status, problem["detail"]) == (409, "the task is done already")

    again = await promising.ok("PATCH", one, "asha", {"state": "open"})
    assert (again["state"], again["ended_at"], again["ended_by"]) == ("open", None, "")


async def test_pages_of_tasks_follow_each_other_by_due_time_with_those_of_some_time_last(promising):
    now = promising.clock.now()
    for title, due in (("some time", None), ("second", now + 200), ("first", now + 100), ("third", now + 300)):
        await promising.ok("POST", BASE, "asha", {"title": title, "due_at": due})

    seen, cursor = [], ""
    while True:
        page = await promising.ok("GET", f"{BASE}?limit=3&cursor={cursor}", "asha")
        seen.append([one["title"] for one in page["tasks"]])
        if not (cursor := page["next"]):
            break

    assert seen == [["first", "second", "third"], ["some time"]]
    status, problem = await promising.call("GET", f"{BASE}?state=late", "asha")
    assert (status, problem["detail"]) == (
        400, "state: given 'late'; allowed: open, overdue, done, cancelled, ended, all"
    )  # fmt: skip


# -- the customer's rights -------------------------------------------------------------------------------------------------------


async def test_tasks_about_a_customer_are_given_out_erased_and_go_with_a_merge(promising):
    desk = promising.desk
    await desk.bot.say("call me", who="awa")
    theirs = await until(promising, lambda one: True)
    talk = await desk.talk("awa-at-work")
    work = (await desk.tenant.conversations.get(talk)).contact.id
    apart = await promising.ok("POST", BASE, "asha", {"title": "Ask for papers", "contact": work})
    clara = Caller("Clara", "admin", "acme", "clara", "staff")

    merged = await persons.join(desk.tenant, clara, theirs["contact"], work)
    assert {one["id"] for one in await open_tasks(promising, contact=theirs["contact"])} == {theirs["id"], apart["id"]}
    await persons.part(desk.tenant, clara, merged.id)
    late = Record(1, "contact.merged", "", 0.0, {"contact": theirs["contact"], "from": work, "conversations": [talk]})
    await aftermath.follow(desk.tenant, late)  # it may come after what undid it
    await desk.bot.observed("handoff")
    assert [one["id"] for one in await open_tasks(promising, contact=work)] == [apart["id"]]

    given = await desk.tenant.hooks.export_contact(theirs["contact"])
    mine = [one.rows["handoff_staff_task"] for one in given if one.plugin == "handoff"]
    assert [[row["detail"] for row in rows] for rows in mine] == [["call me"]]
    await desk.tenant.hooks.erase_contact(theirs["contact"])
    left = await desk.tenant.db.fetch(sa.select(staff_task.c.id))
    assert [row.id for row in left] == [apart["id"]]
