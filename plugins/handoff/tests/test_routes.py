"""The agents' API over HTTP, and the paths and words of reference systems by aliases."""

from __future__ import annotations

import pytest

from hookline_handoff import agents

API = "/console/api"


async def test_an_agent_sees_the_inbox_claims_answers_and_closes(site):
    desk = site.desk
    talk = await desk.asked()
    asha = await site.id("asha")

    page = await site.ok("GET", f"{API}/inbox?view=unassigned", "asha")
    assert [item["conversation"]["id"] for item in page["items"]] == [talk]
    assert page["items"][0]["last"]["text"] == "I'm getting a colleague for you. You are next."
    assert page["items"][0]["unread"] == 1
    assert page["counts"]["unassigned"] == 1

    item = await site.ok("POST", f"{API}/conversations/{talk}/claim", "asha", {})
    assert (item["handoff"]["state"], item["handoff"]["agent"], item["handoff"]["agent_name"]) == (
        "claimed",
        asha,
        "asha",
    )
    sent = await site.ok("POST", f"{API}/conversations/{talk}/reply", "asha", {"text": "Hello!", "client_id": "c1"})
    again = await site.ok("POST", f"{API}/conversations/{talk}/reply", "asha", {"text": "Hello!", "client_id": "c1"})
    assert (sent["duplicate"], again["duplicate"]) == (False, True)
    assert sent["message"]["id"] == again["message"]["id"]
    assert (sent["message"]["client_id"], sent["message"]["agent_name"]) == ("c1", "asha")
    await desk.bot.idle()
    assert [m.text for m in desk.bot.channel.sent][-2:] == ["asha has joined the conversation.", "Hello!"]

    thread = await site.ok("GET", f"{API}/conversations/{talk}", "asha")
    assert [m["author"] for m in thread["messages"]] == ["contact", "bot", "system", "agent"]
    assert thread["messages"][-1]["delivery"] == "sent"
    assert thread["composer"]["allowed"] is True
    done = await site.ok("POST", f"{API}/conversations/{talk}/resolve", "asha", {"note": "greeted"})
    assert (done["handoff"]["state"], done["handoff"]["resolution"]) == ("resolved", "greeted")
    steps = await site.ok("GET", f"{API}/conversations/{talk}/steps", "asha")
    assert [step["event"] for step in steps["steps"]] == ["request", "queue", "claim", "resolve"]
    assert (await site.ok("GET", f"{API}/inbox?view=resolved", "asha"))["items"][0]["conversation"]["id"] == talk


async def test_the_second_who_claims_is_told_who_has_it_as_a_program_can_read_it(site):
    talk = await site.desk.asked()
    await site.ok("POST", f"{API}/conversations/{talk}/claim", "asha", {})

    status, problem = await site.call("POST", f"{API}/conversations/{talk}/claim", "ben", {})

    assert status == 409
    assert problem["detail"] == (
        "can't claim: the handoff is claimed (asha has it); what it can do now: "
        "take_over, release, transfer, snooze, return, resolve"
    )
    assert (problem["held_by"], problem["held_by_name"], problem["state"]) == (await site.id("asha"), "asha", "claimed")


async def test_pages_of_the_inbox_skip_and_repeat_nothing(site):
    talks = [await site.desk.asked(f"customer{n}") for n in range(5)]

    seen, cursor = [], ""
    while True:
        page = await site.ok("GET", f"{API}/inbox?view=unassigned&limit=2&cursor={cursor}", "asha")
        seen += [item["conversation"]["id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break

    assert seen == talks
    status, problem = await site.call("GET", f"{API}/inbox?cursor=nonsense", "asha")
    assert (status, problem["detail"]) == (400, "cursor: none of ours; leave it out to begin at the start")


async def test_what_was_said_on_other_channels_before_is_part_of_the_history(site):
    desk = site.desk
    old = await desk.talk("alice", "how much is roaming?")
    contact = (await desk.tenant.conversations.get(old)).conversation.contact
    new, same = await desk.tenant.conversations.open("loopback", "alice", fresh=True)
    assert same == contact
    await desk.claim(new)

    thread = await site.ok("GET", f"{API}/conversations/{new}", "asha")
    past = await site.ok("GET", f"{API}/conversations/{new}/past?cursor={thread['past']}", "asha")

    assert [one["id"] for one in thread["conversations"]] == [old]
    assert [m["text"] for m in past["messages"]][-2:] == ["bot: how much is roaming?", "how much is roaming?"]


async def test_only_supervisors_see_what_the_bot_talks_about(site):
    talk = await site.desk.talk()

    assert (await site.call("GET", f"{API}/inbox?view=bot", "viola", role="viewer"))[0] == 403
    page = await site.ok("GET", f"{API}/inbox?view=bot", "clara", role="supervisor")
    assert [item["conversation"]["id"] for item in page["items"]] == [talk]
    taken = await site.ok("POST", f"{API}/conversations/{talk}/claim", "clara", {}, role="supervisor")
    assert taken["handoff"]["reason"] == "taken over"
    assert await site.desk.bot.hear("hello?") == ()


async def test_teams_and_profiles_are_a_supervisors_to_set(site):
    asha = await site.id("asha")
    await site.ok("GET", f"{API}/me", "asha")
    team = await site.ok("POST", f"{API}/teams", "clara", {"name": "Billing", "members": [asha]}, role="supervisor")
    changed = await site.ok(
        "PUT", f"{API}/agents/{asha}", "clara", {"skills": ["billing"], "languages": ["en", "hi"], "capacity": 3}, role="supervisor"
    )  # fmt: skip

    assert (changed["skills"], changed["languages"], changed["capacity"]) == (["billing"], ["en", "hi"], 3)
    assert changed["teams"] == [team["id"]]
    status, problem = await site.call("POST", f"{API}/teams", "clara", {"name": "Billing"}, role="supervisor")
    assert (status, problem["detail"]) == (409, "name: there is a team 'Billing' already")
    assert (await site.call("PUT", f"{API}/agents/nobody", "clara", {"capacity": 1}, role="supervisor"))[0] == 404
    me = await site.ok("PUT", f"{API}/me", "asha", {"availability": "away"})
    assert me["agent"]["availability"] == "away"


async def test_what_goes_to_a_team_is_taken_by_one_of_it(site):
    talk = await site.desk.asked()
    for name in ("asha", "ben"):
        await site.ok("GET", f"{API}/me", name)
    team = await site.ok(
        "POST", f"{API}/teams", "clara", {"name": "Billing", "members": [await site.id("ben")]}, role="supervisor"
    )
    await site.ok("POST", f"{API}/conversations/{talk}/claim", "asha", {})
    item = await site.ok("POST", f"{API}/conversations/{talk}/transfer", "asha", {"team": team["id"], "note": "refund"})
    assert (item["handoff"]["state"], item["conversation"]["held_by"]) == ("transferred", f"team:{team['id']}")

    assert await site.desk.bot.hear("anybody there?") == ()
    mine = await site.ok("GET", f"{API}/inbox?view=unassigned", "ben")
    assert [one["conversation"]["id"] for one in mine["items"]] == [talk]
    taken = await site.ok("POST", f"{API}/conversations/{talk}/claim", "ben", {})
    assert taken["handoff"]["agent"] == await site.id("ben")


FINANCIAL = """
[routes]
"POST /connect_agent" = "POST /api/v1/handoff/connect"
"POST /summarize_chat" = "POST /api/v1/handoff/connect/legacy"
"GET /agent/unresolved_sessions" = "GET /api/v1/handoff/active"
"POST /agent/send_message" = "POST /api/v1/handoff/message"
"POST /agent/mark_as_resolved" = "POST /api/v1/handoff/resolve"
"POST /agent/update_task_status" = "PUT /api/v1/handoff/status"
[wire."POST /connect_agent"]
request = {session_id = "cid"}
response = {handoff_id = "task_id", session_id = "cid"}
values = {state = {queued = "escalated"}}
[wire."GET /agent/unresolved_sessions"]
response = {handoffs = "sessions", "handoffs.session_id" = "cid", "handoffs.id" = "task_id"}
[wire."POST /agent/send_message"]
request = {session_id = "cid"}
[wire."POST /agent/mark_as_resolved"]
request = {handoff_id = "task_id", session_id = "cid"}
[wire."POST /agent/update_task_status"]
request = {handoff_id = "task_id"}
response = {id = "task_id"}
"""


@pytest.fixture
async def financial(make_web):
    return await make_web(FINANCIAL)


@pytest.mark.row("F14", "F19", "F22")
async def test_a_chat_is_escalated_listed_once_and_resolved_by_the_paths_of_a_lending_bot(financial):
    first, second = await financial.desk.talk("alice"), await financial.desk.talk("bob")

    made = await financial.ok(
        "POST", "/connect_agent", "", {"cid": first, "reason": "EMI dispute", "summary": "asks for EMI"}
    )
    again = await financial.ok("POST", "/connect_agent", "", {"cid": first})
    assert (again["task_id"], again["created"]) == (made["task_id"], False)
    assert made["state"] == "escalated"
    status, _ = await financial.call("POST", "/summarize_chat", "", {"cid": second}, follow=False)
    assert status == 307
    legacy = await financial.ok("POST", "/summarize_chat", "", {"cid": second})
    assert legacy["cid"] == second

    await financial.ok("POST", "/agent/mark_as_resolved", "asha", {"task_id": made["task_id"]})
    listed = await financial.ok("GET", "/agent/unresolved_sessions", "asha")
    assert [(one["cid"], one["channel"], one["reason"]) for one in listed["sessions"]] == [
        (second, "loopback", "user_request")
    ]
    assert {"summary", "since"} <= set(listed["sessions"][0])
    assert (await financial.desk.bot.say("hello again", who="alice")).text == "bot: hello again"
    assert (await financial.call("POST", "/connect_agent", "", {"cid": "nobody"}))[0] == 404


@pytest.mark.row("F08")
async def test_who_asks_in_the_chat_for_a_person_is_told_so_and_is_listed(financial):
    reply = await financial.desk.bot.say("I want to talk to a human")

    assert reply.text == "I'm getting a colleague for you. You are next."
    listed = await financial.ok("GET", "/agent/unresolved_sessions", "asha")
    assert [one["cid"] for one in listed["sessions"]] == [reply.conversation]


@pytest.mark.row("F24")
async def test_the_status_of_a_task_is_a_word_of_the_config(financial):
    talk = await financial.desk.talk()
    task = (await financial.ok("POST", "/connect_agent", "", {"cid": talk}))["task_id"]

    changed = await financial.ok(
        "POST", "/agent/update_task_status", "asha", {"task_id": task, "status": "in_progress"}
    )
    listed = await financial.ok("GET", "/agent/unresolved_sessions", "asha")
    assert (changed["task_id"], changed["status"]) == (task, "in_progress")
    assert listed["sessions"][0]["status"] == "in_progress"
    status, problem = await financial.call(
        "POST", "/agent/update_task_status", "asha", {"task_id": task, "status": "lost"}
    )
    assert status == 400
    assert problem["detail"] == "status: given 'lost'; allowed: in_progress, on_hold, claimed, returned, resolved"
    assert (
        await financial.call("POST", "/agent/update_task_status", "asha", {"task_id": "no", "status": "in_progress"})
    )[0] == 404


async def test_an_agents_message_reaches_the_customer_and_the_bot_says_nothing(financial):
    talk = await financial.desk.talk()
    sent = await financial.ok("POST", "/agent/send_message", "asha", {"cid": talk, "message": "This is Asha."})

    await financial.desk.bot.idle()
    assert financial.desk.bot.channel.sent[-1].text == "This is Asha."
    assert sent["message"]["author"] == "agent"
    assert await financial.desk.bot.hear("thank you") == ()


TELECOM = """
[routes]
"POST /api/escalate" = "POST /api/v1/handoff/escalate"
"GET /api/agents/available" = "GET /api/v1/handoff/agents/available"
"PUT /api/agents/{id}/availability" = "PUT /api/v1/handoff/agents/{id}/availability"
"GET /api/escalations" = "GET /api/v1/handoff/active"
[wire."POST /api/escalate"]
response = {state = "status", requested_at = "triggered_at", conversation = "session_id"}
values = {state = {queued = "pending", claimed = "handled"}}
[wire."GET /api/escalations"]
response = {handoffs = "escalations", "handoffs.state" = "status", "handoffs.since" = "triggered_at"}
values = {"handoffs.state" = {queued = "pending", claimed = "handled"}}
[wire."GET /api/agents/available"]
response = {"agents.id" = "agent_id"}
"""


async def test_an_escalation_is_forced_by_the_path_of_a_telecom_bot(make_web):
    site = await make_web(TELECOM)
    talk = await site.desk.talk()
    socket = await site.console("ben")

    status, made = await site.call("POST", "/api/escalate", "asha", {"session_id": talk})

    assert (status, made["status"], made["reason"], made["session_id"]) == (201, "pending", "forced", talk)
    assert made["triggered_at"] > 0
    told = await site.frame(socket, "handoff.queued")
    assert told["data"]["handoff"]["conversation"] == talk
    assert (await site.call("POST", "/api/escalate", "asha", {"session_id": talk}))[0] == 200
    assert (await site.call("POST", "/api/escalate", "asha", {"session_id": "unknown"}))[0] == 404
    listed = await site.ok("GET", "/api/escalations", "asha")
    assert [(one["status"], one["reason"]) for one in listed["escalations"]] == [("pending", "forced")]


@pytest.mark.row("T10", "T14")
async def test_who_is_available_is_listed_and_set(make_web):
    site = await make_web(TELECOM)
    for name in ("asha", "ben"):
        await site.ok("GET", f"{API}/me", name)
    asha, ben = await site.id("asha"), await site.id("ben")

    changed = await site.ok("PUT", f"/api/agents/{ben}/availability", "asha", {"is_available": False})
    listed = await site.ok("GET", "/api/agents/available", "asha")

    assert changed["is_available"] is False
    assert [one["agent_id"] for one in listed["agents"]] == [asha]
    assert (await site.call("PUT", "/api/agents/nobody/availability", "asha", {"is_available": True}))[0] == 404
    status, problem = await site.call("PUT", f"/api/agents/{ben}/availability", "asha", {"is_available": "no"})
    assert (status, problem["errors"][0]["field"]) == (400, "is_available")


async def test_an_agent_says_of_nobody_else_whether_they_are_available(site):
    runtime, secret = site.desk.bot.runtime, "velvet comet ladder nine"
    hashed = await runtime.passwords.hash(secret)
    gita, ravi = [
        await runtime.staff.create("acme", f"{name}@example.com", "agent", by="test", password=hashed)
        for name in ("gita", "ravi")
    ]
    login = {"email": "gita@example.com", "password": secret, "cookies": False}
    token = (await site.ok("POST", "/auth/login", "", login))["access_token"]

    async def put(who):
        path = f"{site.url}/api/v1/handoff/agents/{who}/availability"
        headers = {"Authorization": f"Bearer {token}"}
        async with site.http.put(path, json={"is_available": False}, headers=headers) as answer:
            return answer.status, await answer.json()

    status, problem = await put(ravi.id)
    assert (status, problem["detail"]) == (
        403,
        "only a supervisor, or a program with a key, may change somebody else's availability",
    )
    assert (await put(gita.id))[1]["is_available"] is False


@pytest.mark.parametrize("field", ["reason", "summary"])
async def test_what_a_customer_gives_as_reason_or_summary_has_an_end(site, field):
    talk = await site.desk.talk()

    status, problem = await site.call("POST", "/api/v1/handoff/connect", "", {"session_id": talk, field: "x" * 4001})

    assert (status, problem["errors"][0]["field"]) == (400, field)
    assert await site.desk.handoff(talk) is None


@pytest.mark.row("A137", "A138")
async def test_the_queue_lists_priority_first_and_what_is_resolved_not_at_all(site):
    desk = site.desk
    low, urgent = await desk.asked("alice"), await desk.asked("bob")
    await site.ok("POST", f"{API}/conversations/{urgent}/priority", "asha", {"priority": 2})

    listed = await site.ok("GET", "/api/v1/handoff/active", "asha")
    assert [(one["session_id"], one["position"]) for one in listed["handoffs"]] == [(urgent, 1), (low, 2)]
    assert listed["handoffs"][0]["wait"] >= 0
    ident = listed["handoffs"][0]["id"]
    done = await site.ok("POST", f"/api/v1/handoff/resolve/{ident}", "asha", {"note": "called back"})
    assert (done["state"], done["resolution"]) == ("resolved", "called back")
    assert done["resolved_at"] is not None
    status, problem = await site.call("POST", f"/api/v1/handoff/resolve/{ident}", "asha", {})
    assert (status, problem["state"]) == (409, "resolved")
    assert [one["session_id"] for one in (await site.ok("GET", "/api/v1/handoff/active", "asha"))["handoffs"]] == [low]
    assert (await desk.bot.say("and now?", who="bob")).text == "bot: and now?"
    assert (await agents.profiles(desk.tenant)) == []
