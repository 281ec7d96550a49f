"""The backend twilio_taskrouter: Twilio's own client against a server that refuses what Twilio refuses, and callbacks
signed as Twilio signs them."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sa

from hookline.testing.loopback import Status
from hookline.testing.twilio import Task, TwilioServer, sid
from hookline_handoff.backendmodels import task

FORM = "application/x-www-form-urlencoded"


@pytest_asyncio.fixture
async def twilio():
    async with TwilioServer() as server:
        yield server


@pytest_asyncio.fixture
async def make_floor(make_web, twilio):
    """Makes a server whose desk is Twilio's."""

    async def make(more="", top="", **about):
        config = f"""
{top}
[turns]
backoff = 0.01
{more}
[plugins]
enabled = ["handoff", "echo", "loopback"]
[plugins.handoff]
backend = "twilio_taskrouter"
[plugins.handoff.twilio]
account_sid = "{twilio.account}"
auth_token = "${{TWILIO_AUTH_TOKEN}}"
workspace_sid = "{twilio.workspace}"
workflow_sid = "{twilio.workflow}"
conversations_service_sid = "{twilio.service}"
taskrouter_url = "{twilio.host}"
conversations_url = "{twilio.host}"
"""
        site = await make_web(config, env={"TWILIO_AUTH_TOKEN": twilio.token}, **about)
        return site

    return make


@pytest_asyncio.fixture
async def floor(make_floor):
    return await make_floor()


async def told(site, twilio, path, form, *, signature=None, account=None):
    """A callback of Twilio's; the answer's status and JSON."""
    form = {"AccountSid": account or twilio.account, **form}
    url = f"{site.url}{path}"
    headers = {"X-Twilio-Signature": twilio.sign(url, form) if signature is None else signature}
    async with site.http.post(url, data=form, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def one_task(site, twilio, count=1):
    await site.desk.bot.until(lambda: len(twilio.tasks) == count)
    await site.desk.bot.idle()
    return list(twilio.tasks.values())[-1]


async def state(site, conversation):
    seen = await site.desk.last(conversation)
    return seen.state, seen.agent


def assigned(task, worker, **attributes):
    return {
        "TaskSid": task.sid, "WorkerSid": worker, "WorkerName": "Maya", "ReservationSid": sid("WR"),
        "WorkspaceSid": sid("WS"), "TaskAttributes": json.dumps(task.attributes), "WorkerAttributes": json.dumps(attributes),
    }  # fmt: skip


@pytest.mark.row("F13", "F58")
async def test_who_asks_for_a_person_becomes_one_task_with_what_it_is_about(floor, twilio):
    await floor.desk.bot.say("My card was charged twice")
    conversation = await floor.desk.asked()
    made = await one_task(floor, twilio)
    again = await floor.ok("POST", "/api/v1/handoff/connect", body={"session_id": conversation})
    await floor.desk.bot.idle()

    assert len(twilio.tasks) == 1, "asking twice is asking once"
    assert again["handoff_id"] == made.attributes["handoff"]
    assert made.attributes["cid"] == conversation
    assert "charged twice" in made.attributes["summary"]
    assert (made.attributes["channel"], made.attributes["name"]) == ("loopback", "alice")
    assert made.attributes["reason"]


async def test_another_desk_needs_no_twilio_and_ours_makes_no_task(make_web, twilio):
    site = await make_web()
    await site.desk.asked()
    await site.desk.bot.idle()
    assert twilio.requests == []
    assert (await told(site, twilio, "/handoff/twilio/events", {"EventType": "task.completed"}))[0] == 404


@pytest.mark.row("F49")
async def test_an_assignment_is_accepted_and_the_worker_has_the_conversation(floor, twilio):
    conversation = await floor.desk.asked()
    made, worker = await one_task(floor, twilio), sid("WK")

    answer = await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, worker, full_name="Maya Iyer"))

    assert answer == (200, {"instruction": "accept"})
    assert await state(floor, conversation) == ("claimed", f"worker:{worker}")
    [item] = (await floor.ok("GET", "/api/v1/handoff/active", "asha"))["handoffs"]
    assert (item["agent_id"], item["agent_name"]) == (f"worker:{worker}", "Maya Iyer")
    assert await floor.desk.bot.hear("are you there?") == (), "the bot is silent"
    again = await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, worker, full_name="Maya Iyer"))
    assert again == (200, {"instruction": "accept"}), "Twilio asks again when our answer was lost"
    other = await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, sid("WK")))
    assert other == (200, {"instruction": "reject"})
    unknown = await told(floor, twilio, "/handoff/twilio/assignment", {**assigned(made, worker), "TaskSid": sid("WT")})
    assert unknown == (200, {"instruction": "reject"})


async def test_a_worker_with_an_account_here_is_that_person(floor, twilio):
    account = await floor.desk.tenant.staff.get("nobody")
    assert account is None
    conversation = await floor.desk.asked()
    made = await one_task(floor, twilio)
    form = assigned(made, sid("WK"), email="nobody@example.com", name="Nobody Known")
    await told(floor, twilio, "/handoff/twilio/assignment", form)
    assert (await state(floor, conversation))[1].startswith("worker:"), "an e-mail that is nobody's is no account"


@pytest.mark.row("F48")
async def test_a_completed_task_is_resolved_and_an_unknown_event_is_taken_and_logged(floor, twilio):
    conversation = await floor.desk.asked()
    made, worker = await one_task(floor, twilio), sid("WK")
    await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, worker))
    made.status = "completed"
    form = {**assigned(made, worker), "EventType": "task.completed", "TaskCompletedReason": "refunded"}

    answer = await told(floor, twilio, "/handoff/twilio/events", form)

    assert answer[1]["state"] == "resolved"
    seen = await floor.desk.last(conversation)
    assert (seen.state, seen.resolution) == ("resolved", "refunded")
    assert (await floor.desk.bot.say("hello again")).text == "bot: hello again"
    assert (await told(floor, twilio, "/handoff/twilio/events", form))[1]["state"] == "resolved", "a repeat is harmless"
    for event in ("task-queue.moved", "workflow.entered", ""):
        status, body = await told(floor, twilio, "/handoff/twilio/events", {"EventType": event})
        assert (status, body) == (200, {"result": "ignored"})
    form = {"EventType": "task.completed", "TaskSid": sid("WT")}
    assert await told(floor, twilio, "/handoff/twilio/events", form) == (200, {"result": "unknown"})


async def test_a_reservation_that_is_lost_lets_the_case_wait_again_and_a_cancelled_task_goes_back_to_the_bot(
    floor, twilio
):
    conversation = await floor.desk.asked()
    made, worker = await one_task(floor, twilio), sid("WK")
    await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, worker))
    lost = {**assigned(made, worker), "EventType": "reservation.canceled"}
    assert (await told(floor, twilio, "/handoff/twilio/events", lost))[1]["state"] == "transferred"
    taken = {**assigned(made, worker), "EventType": "reservation.accepted"}
    assert (await told(floor, twilio, "/handoff/twilio/events", taken))[1]["state"] == "claimed"
    over = {**assigned(made, worker), "EventType": "task.canceled", "TaskCanceledReason": "Task TTL Exceeded"}
    assert (await told(floor, twilio, "/handoff/twilio/events", over))[1]["state"] == "returned"
    assert (await floor.desk.bot.say("hello")).text == "bot: hello"
    assert await state(floor, conversation) == ("returned", "")


async def test_a_workers_activity_says_whether_they_take_conversations(floor, twilio):
    worker = sid("WK")
    form = {"EventType": "worker.activity.update", "WorkerSid": worker, "WorkerName": "Maya", "WorkerAttributes": "{}"}
    answer = await told(floor, twilio, "/handoff/twilio/events", {**form, "WorkerActivityName": "Available"})
    assert answer == (200, {"result": "ok", "available": True})
    answer = await told(floor, twilio, "/handoff/twilio/events", {**form, "WorkerActivityName": "Lunch"})
    assert answer == (200, {"result": "ok", "available": False})


@pytest.mark.row("F50")
async def test_words_go_both_ways_through_the_room_and_our_own_echo_stays(floor, twilio):
    conversation = await floor.desk.asked()
    made, worker = await one_task(floor, twilio), sid("WK")
    await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, worker, full_name="Maya Iyer"))
    [room] = twilio.rooms.values()
    staff = await floor.console("asha")

    await floor.desk.bot.hear("my card, please")
    await floor.desk.bot.until(lambda: room.messages)
    [echo] = room.messages
    assert (echo["author"], echo["body"]) == ("alice", "my card, please")
    added = {"EventType": "onMessageAdded", "ConversationSid": room.sid, "ChatServiceSid": twilio.service}
    answer = await told(
        floor, twilio, "/handoff/twilio/messages",
        {**added, "MessageSid": echo["sid"], "Author": "alice", "Body": echo["body"], "Attributes": echo["attributes"]},
    )  # fmt: skip
    assert answer == (200, {"result": "ignored"})

    said = {**added, "MessageSid": sid("IM"), "Author": "maya", "Body": "It is on its way.", "Attributes": "{}"}
    assert await told(floor, twilio, "/handoff/twilio/messages", said) == (200, {"result": "sent", "duplicate": False})
    assert await told(floor, twilio, "/handoff/twilio/messages", said) == (200, {"result": "sent", "duplicate": True})
    await floor.desk.bot.idle()
    assert [m.text for m in floor.desk.bot.channel.sent if m.author == "agent"] == ["It is on its way."]
    stored = await floor.desk.tenant.conversations.history(conversation)
    assert (stored[-1].text, stored[-1].author) == ("It is on its way.", "agent")

    typed = {**added, "MessageSid": sid("IM"), "Author": "alice", "Body": "thank you", "Attributes": "{}"}
    assert (await told(floor, twilio, "/handoff/twilio/messages", typed))[1]["result"] == "accepted"
    while (frame := await floor.frame(staff, "message"))["data"].get("preview") != "thank you":
        pass
    assert frame["data"]["conversation"] == conversation
    assert (await told(floor, twilio, "/handoff/twilio/messages", typed))[1] == {
        "result": "accepted",
        "duplicate": True,
    }


@pytest.mark.row("F23")
async def test_a_customer_has_one_room_however_often_it_is_asked_for(floor, twilio):
    conversation = await floor.desk.talk()
    first = await floor.ok("GET", f"/handoff/twilio/conversation?cid={conversation}", "asha")
    second = await floor.ok("GET", f"/handoff/twilio/conversation?cid={conversation}", "asha")
    assert first == second
    assert first["conversation_sid"] in twilio.rooms
    assert len(twilio.calls("POST", "/Conversations")) == 1
    assert (await floor.call("GET", "/handoff/twilio/conversation?cid=nowhere", "asha"))[0] == 404
    assert (await floor.call("GET", f"/handoff/twilio/conversation?cid={conversation}"))[0] == 401


async def test_what_is_ended_or_taken_here_ends_the_task_there(floor, twilio):
    conversation = await floor.desk.asked()
    made = await one_task(floor, twilio)
    await floor.ok("POST", f"/console/api/conversations/{conversation}/claim", "asha", {})
    await floor.desk.bot.until(lambda: made.status == "canceled")
    assert made.reason == "claim"

    await floor.desk.asked("bob")
    made, worker = await one_task(floor, twilio, 2), sid("WK")
    await told(floor, twilio, "/handoff/twilio/assignment", assigned(made, worker))
    made.status = "assigned"
    await floor.desk.bot.idle()
    assert made.status == "assigned", "who takes it there does not end it there"
    await floor.ok("POST", f"/api/v1/handoff/resolve/{made.attributes['handoff']}", "clara", {"note": "done"},
                   role="supervisor")  # fmt: skip
    await floor.desk.bot.until(lambda: made.status == "completed")


async def test_twilio_may_fail_for_a_while_and_the_task_is_made_once(make_floor, twilio):
    floor = await make_floor("attempts = 6")
    twilio.fail(Status(503), Status(429), Status(500))
    conversation = await floor.desk.asked()
    made = await one_task(floor, twilio)
    assert made.attributes["cid"] == conversation
    rows = await floor.desk.tenant.db.fetch(sa.select(task.c.task))
    assert [row.task for row in rows] == [made.sid]


async def test_a_task_that_was_made_before_a_crash_is_found_again(floor, twilio):
    twilio.always(Status(503))
    await floor.desk.asked()
    await floor.desk.bot.until(lambda: twilio.requests)
    seen = await floor.desk.handoff((await floor.desk.bot.say("hm")).conversation)
    [job] = [r for r in await floor.desk.bot.runtime.events.since("acme", 0) if r.payload.get("event") == "request"]
    before = Task(sid("WT"), {"hookline_task": f"{seen.id}-{job.id}"}, 0)
    twilio.tasks[before.sid] = before
    twilio.always(None)
    async with asyncio.timeout(20):
        while not (rows := await floor.desk.tenant.db.fetch(sa.select(task.c.task))):
            await asyncio.sleep(0.02)
    assert [row.task for row in rows] == [before.sid]
    assert list(twilio.tasks) == [before.sid]


FORGED = {
    "no signature": ({}, ""),
    "another's signature": ({}, "AAAA"),
    "a field more": ({"Extra": "1"}, None),
    "another account": ({}, None),
}


@pytest.mark.parametrize("path", ["events", "assignment", "messages"])
@pytest.mark.parametrize("forged", FORGED)
async def test_what_twilio_has_not_signed_is_refused(floor, twilio, path, forged):
    conversation = await floor.desk.asked()
    made = await one_task(floor, twilio)
    form = {**assigned(made, sid("WK")), "EventType": "task.completed"}
    more, signature = FORGED[forged]
    if forged == "a field more":
        signature = twilio.sign(f"{floor.url}/handoff/twilio/{path}", {"AccountSid": twilio.account, **form})
    account = sid("AC") if forged == "another account" else None
    status, body = await told(
        floor, twilio, f"/handoff/twilio/{path}", {**form, **more}, signature=signature, account=account
    )
    assert status == 403, body
    assert (await state(floor, conversation))[0] == "queued"


async def test_a_body_that_is_no_form_is_refused(floor, twilio):
    async with floor.http.post(f"{floor.url}/handoff/twilio/events", json={"EventType": "x"}) as answer:
        assert answer.status == 400
    data = aiohttp.FormData({"EventType": "x" * 200_000})
    async with floor.http.post(f"{floor.url}/handoff/twilio/events", data=data) as answer:
        assert answer.status in (400, 413)


async def test_without_a_token_no_callback_is_taken(make_floor, twilio):
    twilio_token, twilio.token = twilio.token, ""
    site = await make_floor()
    twilio.token = twilio_token
    assert (await told(site, twilio, "/handoff/twilio/events", {"EventType": "x"}))[0] == 503


async def test_the_signature_is_over_the_public_address_where_there_is_one(make_floor, twilio):
    floor = await make_floor(top='public_url = "https://bot.example.com/"')
    form = {"AccountSid": twilio.account, "EventType": "workflow.entered"}
    path = "/handoff/twilio/events?tenant=acme"
    for address, status in (("https://bot.example.com", 200), ("https://bot.example.com:443", 200), (floor.url, 403)):
        headers = {"X-Twilio-Signature": twilio.sign(f"{address}{path}", form)}
        async with floor.http.post(f"{floor.url}{path}", data=form, headers=headers) as answer:
            assert answer.status == status, address


async def test_what_is_not_set_is_named_in_health_and_with_the_dead_letter(make_web):
    site = await make_web(
        '[plugins]\nenabled = ["handoff", "echo", "loopback"]\n[plugins.handoff]\nbackend = "twilio_taskrouter"\n'
    )
    told = await site.ok("GET", "/t/acme/health")
    assert told["handoff_desk"] == {
        "status": "down",
        "detail": "not set: twilio.account_sid, twilio.auth_token, twilio.workspace_sid, twilio.workflow_sid",
    }
    conversation = await site.desk.asked()
    async with asyncio.timeout(20):
        while not (dead := (await site.ok("GET", "/inbox/dead", "root", role="admin"))["dead"]):
            await asyncio.sleep(0.02)
    assert "twilio.workflow_sid not set" in dead[0]["error"]
    assert (await site.desk.handoff(conversation)).state == "queued", "our own console has it all the same"


ALIASES = """
[routes]
"POST /connect_agent" = "POST /api/v1/handoff/connect"
"POST /webhook/taskrouter" = "POST /handoff/twilio/events"
"POST /webhook/taskrouter_assignment" = "POST /handoff/twilio/assignment"
"POST /webhook/twilio_message" = "POST /handoff/twilio/messages"
"GET /agent/get_or_create_conversation" = "GET /handoff/twilio/conversation"
"""


async def test_the_reference_systems_paths_lead_there(make_floor, twilio):
    floor = await make_floor(top=ALIASES)
    conversation = await floor.desk.talk()
    await floor.ok("POST", "/connect_agent", body={"session_id": conversation})
    made, worker = await one_task(floor, twilio), sid("WK")
    answer = await told(floor, twilio, "/webhook/taskrouter_assignment", assigned(made, worker))
    assert answer == (200, {"instruction": "accept"}), "signed over the path that Twilio calls"
    form = {**assigned(made, worker), "EventType": "task.completed"}
    assert (await told(floor, twilio, "/webhook/taskrouter", form))[1]["state"] == "resolved"
    form = {"EventType": "onMessageRemoved", "ConversationSid": sid("CH")}
    assert await told(floor, twilio, "/webhook/twilio_message", form) == (200, {"result": "ignored"})
    found = await floor.ok("GET", f"/agent/get_or_create_conversation?cid={conversation}", "asha")
    assert found["conversation_sid"] in twilio.rooms
