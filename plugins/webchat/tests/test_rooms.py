"""Clients of the real Socket.IO library in rooms."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

import pytest
import socketio

from hookline.app import KEYS
from hookline.binding import address_of

JOIN = {"room_id": "room123", "user_type": "user", "user_id": "user123"}
SEND = {
    "room_id": "room123",
    "message": "Hello, I need help with my account",
    "user_type": "user",
    "user_id": "user123",
}


def texts(client):
    return [(m["sender_type"], m["message"]) for m in client.seen["new_message"]]


async def staff(site, role="agent", tenant="acme"):
    _, key = await site.runner.app[KEYS].create(tenant, "Asha", role)
    return key


@pytest.mark.row("T01")
@pytest.mark.row("T16")
@pytest.mark.row("T19")
@pytest.mark.row("T21")
@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]], ids="+".join)
async def test_join_and_send_at_once_bring_the_message_and_the_answer_on_the_same_socket(make_site, config, transports):
    """In the order of the reference system's own snippet: nothing is awaited between the two."""
    site = await make_site(config=config)
    client = await site.socketio(transports=transports)
    await client.emit("join_room", JOIN)
    await client.emit("send_message", SEND)
    await site.until(lambda: len(client.seen["new_message"]) == 2)
    mine, reply = client.seen["new_message"]
    assert (mine["sender_type"], mine["message"], mine["user_id"]) == ("user", SEND["message"], "user123")
    assert (reply["sender_type"], reply["message"]) == ("bot", f"You said: {SEND['message']}")
    assert reply["sources"][0]["title"] == "Guide"
    for told in (mine, reply):
        assert told["room_id"] == "room123"
        assert dt.datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    assert client.seen["error"] == []
    await site.bot.idle()
    conversation, _ = await site.bot.tenant().conversations.open("webchat", "room:room123")
    stored = await site.bot.tenant().conversations.history(conversation)
    assert [m.text for m in stored] == [SEND["message"], f"You said: {SEND['message']}"]


@pytest.mark.row("T17")
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"user_type": "user", "user_id": "u"}, "room_id"),
        ({**JOIN, "room_id": "  "}, "room_id"),
        ({**JOIN, "room_id": 5}, "room_id"),
        ({**JOIN, "room_id": "x" * 201}, "room_id"),
        ("room123", "room_id"),
        (None, "room_id"),
        ([1], "room_id"),
        ({**JOIN, "user_type": "wizard"}, "user_type"),
        ({**JOIN, "user_type": {}}, "user_type"),
        ({**JOIN, "user_id": 7}, "user_id"),
    ],
)
async def test_joining_with_a_bad_field_is_an_error_event_and_the_connection_stays(make_site, config, data, field):
    site = await make_site(config=config)
    client = await site.socketio()
    await client.emit("join_room", data)
    await site.until(lambda: client.seen["error"])
    error = client.seen["error"][0]
    assert (error["event"], error["status"], error["field"]) == ("join_room", 400, field)
    assert field in error["message"]
    await client.emit("join_room", JOIN)
    await client.emit("send_message", SEND)
    await site.until(lambda: len(client.seen["new_message"]) == 2)


@pytest.mark.row("T18")
async def test_who_has_left_a_room_hears_no_more_of_it(make_site, config):
    site = await make_site(config=config)
    stays, leaves = await site.socketio(), await site.socketio()
    for client in (stays, leaves):
        await client.call("join_room", JOIN)
    await stays.emit("send_message", {**SEND, "message": "one"})
    await site.until(lambda: len(texts(leaves)) == 2)
    await leaves.call("leave_room", JOIN)
    await stays.emit("send_message", {**SEND, "message": "two"})
    await site.until(lambda: len(texts(stays)) == 4)
    answer = await leaves.call("send_message", {**SEND, "message": "three"})
    assert answer["error"]["message"] == "room_id: join the room first: emit join_room"
    assert len(texts(leaves)) == 2
    assert site.heard == ["one", "two"]


async def polls(site, key):
    """A client that only ever posts; what posts its packets."""
    query = {"EIO": "4", "transport": "polling"}
    async with site.http.get(f"{site.url}/socket.io/", params=query) as response:
        query["sid"] = json.loads((await response.text())[1:])["sid"]

    async def post(packet):
        async with site.http.post(f"{site.url}/socket.io/", params=query, data=packet) as response:
            return response.status

    await post(f"40{json.dumps({'api_key': key})}")
    return post


def room_tasks():
    names = (task.get_name() for task in asyncio.all_tasks())
    return [name for name in names if name.startswith(("room ", "webchat agent"))]


@pytest.mark.parametrize("part", ["user", "agent"])
async def test_who_goes_away_while_they_join_is_in_no_room_afterwards(make_site, config, part):
    site = await make_site(config=config)
    post = await polls(site, await staff(site))
    rooms = await site.rooms()
    async with rooms._joining:
        joining = asyncio.create_task(post(f"42{json.dumps(['join_room', {**JOIN, 'user_type': part}])}"))
        await site.until(lambda: rooms._joining._waiters)
        await post("1")
        await site.until(lambda: not rooms._clients)
    await joining
    assert (rooms._rooms, rooms.staff._members, room_tasks()) == ({}, {}, [])


async def test_agents_who_go_away_while_they_join_the_others_are_not_among_them_afterwards(make_site, config):
    site = await make_site(config=config)
    key = await staff(site)
    join = f"42{json.dumps(['join_agent_room', {}])}"
    for _ in range(20):
        post = await polls(site, key)
        await asyncio.gather(post(join), post("1"))
    rooms = await site.rooms()
    assert (rooms._clients, rooms.staff._members, room_tasks()) == ({}, {}, [])


async def test_rooms_are_apart(make_site, config):
    site = await make_site(config=config)
    one, two = await site.socketio(), await site.socketio()
    await one.call("join_room", JOIN)
    await two.call("join_room", {**JOIN, "room_id": "room124"})
    await one.emit("send_message", SEND)
    await two.emit("send_message", {**SEND, "room_id": "room124", "message": "elsewhere"})
    await site.until(lambda: len(texts(one)) == 2 and len(texts(two)) == 2)
    assert {m["room_id"] for m in one.seen["new_message"]} == {"room123"}
    assert {m["room_id"] for m in two.seen["new_message"]} == {"room124"}


async def test_a_client_can_not_listen_in_by_the_id_of_another_client(make_site, config):
    site = await make_site(config=config)
    client, spy = await site.socketio(), await site.socketio()
    await spy.call("join_room", {**JOIN, "room_id": client.get_sid()})
    await client.emit("join_room", {})
    await site.until(lambda: client.seen["error"])
    await spy.call("leave_room", {**JOIN, "room_id": client.get_sid()})
    assert spy.seen == {"new_message": [], "error": []}


@pytest.mark.row("T05")
async def test_an_agent_joins_with_a_key_speaks_to_the_customer_and_not_to_the_bot(make_site, config):
    site = await make_site(config=config)
    key = await staff(site)
    user = await site.socketio()
    agent = await site.socketio(auth={"api_key": key})
    await user.call("join_room", JOIN)
    assert (await agent.call("join_room", {**JOIN, "user_type": "agent", "user_id": "asha"}))["ok"]
    await user.emit("send_message", SEND)
    await site.until(lambda: len(texts(agent)) == 2)
    sent = await agent.call("send_message", {**SEND, "message": "Asha here", "user_type": "agent", "id": "a1"})
    again = await agent.call("send_message", {**SEND, "message": "Asha here", "user_type": "agent", "id": "a1"})
    assert (sent["ok"], again["ok"]) == (True, True)
    await site.until(lambda: len(texts(user)) == 3)
    await site.bot.idle()
    assert texts(user)[2:] == [("agent", "Asha here")], "once, however often it is sent"
    assert site.heard == [SEND["message"]], "the bot heard the customer alone"


@pytest.mark.row("T05")
@pytest.mark.parametrize("key", ["none", "wrong", "viewer", "other tenant"])
async def test_an_agent_without_a_good_key_is_refused(make_site, config, key):
    site = await make_site(tenants={"acme": config, "other": config})
    made = {
        "none": "",
        "wrong": "hk_made_up",
        "viewer": await staff(site, "viewer"),
        "other tenant": await staff(site, tenant="other"),
    }[key]
    given = {"api_key": made} if made else {}
    agent = await site.socketio()
    answer = await agent.call("join_room", {**JOIN, "user_type": "agent", **given})
    assert (answer["error"]["status"], answer["error"]["field"]) == (403, "user_type")
    await site.until(lambda: agent.seen["error"])
    assert site.heard == []


async def test_the_signs_of_an_agent_are_the_agents_and_for_the_customer_only_of_who_has_the_conversation(
    make_site, config
):
    site = await make_site(config=config)
    user, agent = await site.socketio(), await site.socketio(auth={"api_key": await staff(site)})
    for client in (user, agent):
        client.seen["typing"] = []
        client.on("typing", client.seen["typing"].append)
    await user.call("join_room", JOIN)
    await user.call("send_message", SEND)
    await site.until(lambda: len(texts(user)) == 2)
    await agent.call("join_room", {**JOIN, "user_type": "agent", "user_id": "asha"})
    tenant = site.bot.tenant("webchat")
    conversation, _ = await tenant.conversations.last("webchat", address_of("room123"))
    await agent.call("typing", {**JOIN, "user_type": "agent", "user_id": "asha"})
    await site.until(lambda: user.seen["typing"])

    async with tenant.action(by="test") as act:
        act.take(conversation, "ben", held_by="")
    async with tenant.live.subscribe("acme", f"conversation:{conversation}") as events:
        for event, more in (("typing", {"on": False}), ("message_read", {"seq": 1})):
            await agent.call(event, {"room_id": "room123", "user_type": "agent", **more})
            told = (await anext(events)).data
            assert (told["agent_name"], told["aside"], bool(told["agent"])) == ("Asha", True, True)
    assert [(one["name"], one["on"]) for one in user.seen["typing"]] == [("asha", True)]


@pytest.mark.parametrize("event", ["join_room", "join_agent_room"])
async def test_an_agent_whose_key_is_revoked_is_disconnected_and_hears_no_more(make_site, config, event):
    site = await make_site(config=config)
    key = await staff(site)
    user, agent = await site.socketio(), await site.socketio(auth={"api_key": key})
    await user.call("join_room", JOIN)
    answer = await agent.call(event, {**JOIN, "user_type": "agent"})
    assert answer["ok"]
    keys = site.runner.app[KEYS]
    await keys.revoke("acme", (await keys.find(key)).id)
    await site.until(lambda: not agent.connected)
    assert [one["status"] for one in agent.seen["error"]] == [403]
    await user.call("send_message", SEND)
    await site.until(lambda: len(texts(user)) == 2)
    assert texts(agent) == []


@pytest.mark.row("X04")
async def test_a_socketio_client_and_a_websocket_in_one_conversation_see_each_others_messages(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    ws = await site.socket(session["token"])
    client = await site.socketio()
    room = {"room_id": session["conversation"], "user_type": "user", "user_id": "user123"}
    await client.call("join_room", room)
    await ws.send_json({"type": "message", "id": "1", "text": "from the widget"})
    seen = [(await site.frame(ws, "message"))["message"]["text"] for _ in range(2)]
    await site.until(lambda: len(texts(client)) == 2)
    await client.emit("send_message", {**room, "message": "from socket.io"})
    seen += [(await site.frame(ws, "message"))["message"]["text"] for _ in range(2)]
    await site.until(lambda: len(texts(client)) == 4)
    assert [text for _, text in texts(client)] == seen
    assert seen == [
        "from the widget",
        "You said: from the widget",
        "from socket.io",
        "You said: from socket.io",
    ]
    assert session["visitor"] not in str(client.seen)


@pytest.mark.row("T09")
async def test_the_room_of_a_session_made_by_rest_is_its_conversation(make_site, config):
    site = await make_site(config=config)
    async with site.http.post(f"{site.url}/sessions", json={"user_id": "user123"}) as response:
        assert response.status == 201
        session = await response.json()
    assert session["status"] == "open"
    client = await site.socketio()
    await client.call("join_room", {**JOIN, "room_id": session["room_id"]})
    await client.emit("send_message", {**SEND, "room_id": session["room_id"]})
    await site.until(lambda: len(texts(client)) == 2)
    async with site.http.get(f"{site.url}/sessions/{session['session_id']}/messages") as response:
        told = (await response.json())["messages"]
    assert [m["text"] for m in told] == [SEND["message"], f"You said: {SEND['message']}"]


@pytest.mark.row("X04")
async def test_events_and_fields_have_the_names_that_the_tenants_clients_use(make_site, config):
    site = await make_site(
        config=config
        + """
[plugins.webchat.socketio.events]
join = "join_customer_room"
send = "customer_message"
new_message = "message_received"
error = "chat_error"
[plugins.webchat.socketio.fields]
room_id = "conversation_id"
message = "text"
"""
    )
    client = await site.socketio()
    got = asyncio.Queue()
    client.on("message_received", got.put)
    client.on("chat_error", got.put)
    await client.call("join_customer_room", {"conversation_id": "c1"})
    await client.emit("customer_message", {"conversation_id": "c1", "text": "hi"})
    mine, reply = await got.get(), await got.get()
    assert (mine["conversation_id"], mine["text"], reply["text"]) == ("c1", "hi", "You said: hi")
    await client.emit("join_room", {"conversation_id": "c1"})
    told = await got.get()
    assert (told["status"], told["event"]) == (404, "join_room")
    assert told["message"] == (
        "there is no event 'join_room'; there are: join_customer_room, leave_room, customer_message, "
        "typing, message_read, join_agent_room"
    )


async def test_a_message_with_an_id_counts_once(make_site, config):
    site = await make_site(config=config)
    client = await site.socketio()
    await client.call("join_room", JOIN)
    first = await client.call("send_message", {**SEND, "id": "x-1"})
    second = await client.call("send_message", {**SEND, "id": "x-1"})
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["message_id"] == second["message_id"]
    bad = await client.call("send_message", {**SEND, "id": "not an id"})
    assert bad["error"]["field"] == "id"
    await site.bot.idle()
    assert site.heard == [SEND["message"]]


async def test_a_text_that_is_no_message_is_refused(make_site, config):
    site = await make_site(config=f"{config}\n[limits]\nmessage_chars = 50\n")
    client = await site.socketio()
    await client.call("join_room", JOIN)
    for text, status in [("", 400), (5, 400), (None, 400), ("x" * 51, 413)]:
        answer = await client.call("send_message", {**SEND, "message": text})
        assert answer["error"]["status"] == status, text
    assert site.heard == []


async def test_a_client_that_sends_too_much_is_told_so(make_site):
    site = await make_site(config="[ratelimit]\ncontact_requests = 1\nseconds = 60\n")
    client = await site.socketio()
    await client.call("join_room", JOIN)
    assert (await client.call("send_message", SEND))["ok"]
    assert (await client.call("send_message", SEND))["error"]["status"] == 429


async def test_a_room_goes_on_with_a_new_conversation_when_its_own_has_expired(make_site, config):
    from hookline.testing.clock import FrozenClock

    clock = FrozenClock()
    site = await make_site(config=f"{config}\n[conversations]\nexpires_after = 60.0\n", clock=clock)
    client = await site.socketio()
    await client.call("join_room", JOIN)
    await client.call("send_message", {**SEND, "message": "one"})
    await site.until(lambda: len(texts(client)) == 2)
    tenant = site.bot.tenant()
    before, _ = await tenant.conversations.open("webchat", "room:room123")
    clock.advance(120)
    assert await tenant.conversations.expire() == 1
    await client.call("send_message", {**SEND, "message": "two"})
    await site.until(lambda: len(texts(client)) == 4)
    assert texts(client)[2:] == [("user", "two"), ("bot", "You said: two")]
    after, _ = await tenant.conversations.open("webchat", "room:room123")
    assert after != before


@pytest.mark.row("T53")
@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_socketio_serves_pages_of_allowed_origins_alone(make_site, config, transport):
    site = await make_site(config=f'{config}\n[cors]\nallow_origins = ["https://shop.example"]\n')
    for origin, allowed in [
        ("https://shop.example", True),
        (site.url, True),
        ("https://evil.example", False),
        ("null", False),
    ]:
        client = socketio.AsyncClient(http_session=site.http)
        try:
            await client.connect(site.url, headers={"Origin": origin}, transports=[transport])
        except socketio.exceptions.ConnectionError:
            assert not allowed, origin
        else:
            assert allowed, origin
        finally:
            await site.hang_up(client)
    query = {"EIO": "4", "transport": "polling"}
    for origin, echoed in [("https://shop.example", "https://shop.example"), ("https://evil.example", None)]:
        async with site.http.get(f"{site.url}/socket.io/", params=query, headers={"Origin": origin}) as response:
            assert response.headers.get("Access-Control-Allow-Origin") == echoed
            assert response.status == (200 if echoed else 400)
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        async with site.http.options(f"{site.url}/socket.io/", params=query, headers=asks) as response:
            assert response.headers.get("Access-Control-Allow-Origin") == echoed
            assert response.status == (200 if echoed else 403)


async def test_tenants_have_rooms_of_their_own(make_site, config):
    site = await make_site(tenants={"acme": config, "other": config})
    mine = await site.socketio()
    theirs = await site.socketio(socketio_path="/t/other/socket.io")
    for client in (mine, theirs):
        await client.call("join_room", JOIN)
    await mine.emit("send_message", {**SEND, "message": "for acme"})
    await theirs.emit("send_message", {**SEND, "message": "for other"})
    await site.until(lambda: len(texts(mine)) == 2 and len(texts(theirs)) == 2)
    assert texts(mine)[0][1] == "for acme"
    assert texts(theirs)[0][1] == "for other"
    known = await site.bot.tenant(tenant="acme").conversations.open("webchat", "room:room123")
    await theirs.call("join_room", {**JOIN, "room_id": known[0]})
    await mine.emit("send_message", {**SEND, "message": "again"})
    await site.until(lambda: len(texts(mine)) == 4)
    assert len(texts(theirs)) == 2, "the id of another tenant's conversation is a name like any other"


async def test_a_reload_keeps_clients_connected_and_its_names_count(make_site, config):
    site = await make_site(config=config)
    client = await site.socketio()
    await client.call("join_room", JOIN)
    file = site.bot.folder / "tenants" / "acme" / "tenant.toml"
    file.write_text(file.read_text() + '\n[plugins.webchat.socketio.events]\nsend = "say"\n', encoding="utf-8")
    assert await site.bot.runtime.load("acme"), site.bot.runtime_of().error
    await site.socketio()  # any request brings the new config
    assert (await client.call("say", SEND))["ok"]
    await site.until(lambda: len(texts(client)) == 2)


async def test_a_server_that_stops_disconnects_its_clients(make_site, config):
    site = await make_site(config=config)
    client = await site.socketio(transports=["websocket"], retry=False)
    await client.call("join_room", JOIN)
    gone = asyncio.Event()
    client.on("disconnect", lambda *_: gone.set())
    await site.bot.runtime_of().stop()
    async with asyncio.timeout(10):
        await gone.wait()


# -- a room in which somebody has proved who they are ------------------------------------------------------------------


async def test_a_room_is_its_clients_alone_once_they_have_proved_something_in_it(make_site, config):
    site = await make_site(config=config)
    mine, early, late = await site.socketio(), await site.socketio(), await site.socketio()
    for client in (mine, early):
        await client.call("join_room", JOIN)
    await mine.emit("send_message", {**SEND, "message": "before"})
    await site.until(lambda: len(texts(early)) == 2)
    await mine.emit("send_message", {**SEND, "message": site.MINE})
    await site.until(lambda: len(texts(mine)) == 4)
    assert f"You said: {site.MINE}" not in str(texts(early)), "who listened before hears no more"
    for client in (early, late):
        answer = await client.call("join_room", JOIN)
        assert (answer["ok"], answer["error"]["status"]) == (False, 403)
        assert answer["error"]["message"].startswith("room_id: somebody has proved in this room who they are")
    answer = await early.call("send_message", {**SEND, "message": "let me in"})
    assert answer["error"]["status"] == 409
    await mine.emit("send_message", {**SEND, "message": "after"})
    await site.until(lambda: len(texts(mine)) == 6)
    assert "let me in" not in site.heard
    assert "after" not in str(texts(early))


async def test_who_has_the_rooms_token_comes_back_into_it(make_site, config):
    site = await make_site(config=f"{config}\n[conversations]\nown_ids = true\n")
    answer = await site.http.post(f"{site.base}/chat", json={"message": site.MINE, "session_id": "room123"})
    token = answer.cookies["hookline_client_acme"].value
    client = await site.socketio()
    for wrong in ({}, {"token": token[:-1]}, {"token": 5}):
        assert (await client.call("join_room", {**JOIN, **wrong}))["ok"] is False
    assert (await client.call("join_room", {**JOIN, "token": token}))["ok"] is True
    await client.emit("send_message", SEND)
    await site.until(lambda: len(client.seen["new_message"]) == 2)


async def test_a_socket_and_the_pages_requests_have_one_key(make_site, config):
    """A page that connects before it sends its first message is the same client in both."""
    site = await make_site(config=f"{config}\n[conversations]\nown_ids = true\n")
    hello = await site.http.get(f"{site.url}/socket.io/", params={"EIO": "4", "transport": "polling"})
    cookie = hello.cookies["hookline_client_acme"]
    assert (cookie["httponly"], cookie["path"]) == (True, "/")
    jar = {"Cookie": f"hookline_client_acme={cookie.value}"}
    body = {"message": site.MINE, "session_id": "room123"}
    assert (await site.http.post(f"{site.url}/chat", json=body, headers=jar)).status == 200
    assert (await site.http.post(f"{site.url}/chat", json=body)).status == 403
    client = await site.socketio(headers=jar)
    assert (await client.call("join_room", JOIN))["ok"] is True
