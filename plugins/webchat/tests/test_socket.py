"""A visitor over the WebSocket, with REST beside it."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from hookline import metrics


@pytest.mark.row("X04")
async def test_a_message_is_acknowledged_and_answered_on_the_same_socket(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    ws = await site.socket(session["token"])
    await ws.send_json({"type": "message", "id": "c-1", "text": "hello"})
    got = {}
    while len(got) < 3:
        one = await site.frame(ws, "ack", "message")
        got[one["type"], one.get("message", {}).get("direction")] = one
    ack, mine, reply = got["ack", None], got["message", "inbound"], got["message", "outbound"]
    assert (ack["id"], ack["seq"], ack["duplicate"]) == ("c-1", 1, False)
    assert mine["client_id"] == "c-1"
    assert mine["message"]["id"] == ack["message_id"]
    assert mine["message"]["text"] == "hello"
    told = reply["message"]
    assert (told["text"], told["author"], told["seq"]) == ("You said: hello", "bot", 2)
    assert told["citations"][0] == {
        "document": "guide",
        "version": 1,
        "start": 0,
        "end": 4,
        "text": "text",
        "title": "Guide",
        "url": "rag/documents/guide/text?v=1",
        "source": "",
    }
    assert (told["confidence"], told["quick_replies"], told["data"]["answered"]) == (0.8, ["More"], True)
    assert session["visitor"] not in json.dumps(reply), "a visitor's id is nobody else's business"


async def test_segments_come_as_they_are_made_and_the_committed_message_after_them(make_site, config):
    site = await make_site(config=config)
    ws = await site.socket((await site.session())["token"])
    await ws.send_json({"type": "message", "id": "c-1", "text": site.HOLD})
    first = await site.frame(ws, "segment")
    assert (first["offset"], first["text"]) == (0, "One moment. ")
    site.go_on.set()
    second = await site.frame(ws, "segment")
    assert (second["turn"], second["offset"], second["text"]) == (first["turn"], 1, "Here it is.")
    states = {(await site.frame(ws, "turn", "message"))["type"] for _ in range(2)}
    assert states == {"turn", "message"}
    kept = await site.messages((await site.session())["token"])
    assert kept["messages"] == [], "another visitor sees nothing of it"


async def test_sending_again_with_the_same_id_is_no_second_message(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    ws = await site.socket(session["token"])
    for _ in range(2):
        await ws.send_json({"type": "message", "id": "c-1", "text": "once"})
    first, second = await site.frames(ws, 2, "ack")
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["message_id"] == second["message_id"]
    assert await site.post(session["token"], "once", client_id="c-1") == (202, {**_ack(first), "duplicate": True})
    await site.bot.idle()
    assert site.heard == ["once"]


async def test_two_visitors_may_use_the_same_id_for_their_messages(make_site, config):
    site = await make_site(config=config)
    one, two = await site.session(), await site.session()
    assert (await site.post(one["token"], "mine", client_id="1"))[1]["duplicate"] is False
    assert (await site.post(two["token"], "mine too", client_id="1"))[1]["duplicate"] is False
    await site.bot.idle()
    assert sorted(site.heard) == ["mine", "mine too"]


async def test_a_client_that_comes_back_gets_exactly_what_it_missed_in_order(make_site, config):
    site = await make_site(config=config)
    token = (await site.session())["token"]
    ws = await site.socket(token)
    await ws.send_json({"type": "message", "id": "1", "text": "first"})
    seen = [f["message"]["seq"] for f in await site.frames(ws, 2, "message")]
    await ws.close()
    for n in range(2, 7):
        assert (await site.post(token, f"text {n}", client_id=str(n)))[0] == 202
    await site.bot.idle()
    again = await site.socket(token, after=max(seen))
    seen += [f["message"]["seq"] for f in await site.frames(again, 10, "message")]
    assert seen == list(range(1, 13))


async def test_no_message_is_lost_or_doubled_between_catching_up_and_live(make_site, config):
    """Clients connect, at every possible moment, while messages come in."""
    site = await make_site(config=config)
    token = (await site.session())["token"]
    total = 40

    async def talk():
        for n in range(total):
            await site.post(token, f"text {n}", client_id=str(n))

    async def watch(n):
        await site.until(lambda: len(site.heard) >= n)
        ws = await site.socket(token)
        return [f["message"]["seq"] for f in await site.frames(ws, 2 * total, "message")]

    async with asyncio.TaskGroup() as group:
        group.create_task(talk())
        watching = [group.create_task(watch(n)) for n in range(0, total, 4)]
    for one in watching:
        assert one.result() == list(range(1, 2 * total + 1))


async def test_a_page_that_fell_behind_fetches_what_the_live_events_lost(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    token, topic = session["token"], f"conversation:{session['conversation']}"
    ws = await site.socket(token)
    transport = ws._response.connection.transport
    transport.pause_reading()
    live = site.bot.tenant("webchat").live
    for n in range(4):  # the server can't get rid of these
        live.publish("acme", topic, "segment", {"turn": "1", "attempt": 1, "offset": n, "text": "x" * 3_000_000})
    for n in range(3):
        assert (await site.post(token, f"text {n}", client_id=str(n)))[0] == 202
    await site.bot.idle()
    for n in range(live.backlog + 1):  # so that what is behind it no longer fits
        live.publish("acme", topic, "turn", {"turn": "1", "state": f"{n}"})
    transport.resume_reading()
    got = [f["message"] for f in await site.frames(ws, 6, "message")]
    assert sorted(m["seq"] for m in got) == [1, 2, 3, 4, 5, 6]


async def test_a_visitor_is_told_what_is_wrong_with_a_message_and_the_socket_stays_open(make_site, config):
    site = await make_site(config=f"{config}\n[limits]\nmessage_chars = 20\n")
    ws = await site.socket((await site.session())["token"])
    for sent, status, field in [
        ({"id": "1", "text": "x" * 21}, 413, "text"),
        ({"id": "2", "text": "  "}, 400, "text"),
        ({"id": "not an id", "text": "hi"}, 400, "id"),
        ({"text": "hi"}, 400, "id"),
    ]:
        await ws.send_json({"type": "message", **sent})
        nack = await site.frame(ws)
        assert (nack["type"], nack["id"]) == ("nack", sent.get("id", ""))
        assert (nack["problem"]["status"], nack["problem"]["errors"][0]["field"]) == (status, field)
    for text in ("{", '{"type": 3}', '{"type": "message", "text": 5}', "[]"):
        await ws.send_str(text)
        assert (await site.frame(ws))["code"] == "malformed"
    await ws.send_bytes(b"{}")
    assert (await site.frame(ws))["code"] == "malformed"
    await ws.send_json({"type": "dance"})
    assert (await site.frame(ws))["detail"] == "type: given 'dance'; allowed: message, typing, read, ping"
    await ws.send_json({"type": "ping"})
    assert await site.frame(ws) == {"type": "pong"}


async def test_a_message_over_the_limit_is_refused_by_rest_with_413(make_site, config):
    site = await make_site(config=config)
    status, problem = await site.post((await site.session())["token"], "x" * 10_001)
    assert (status, problem["errors"][0]["field"]) == (413, "text")


@pytest.mark.parametrize(
    "hello",
    [
        {"type": "hello", "token": "nonsense"},
        {"type": "hello", "token": ""},
        {"type": "hello"},
        {"type": "hello", "token": "e30.e30"},
    ],
)
async def test_a_socket_without_a_good_token_is_closed(make_site, config, hello):
    site = await make_site(config=config)
    async with site.http.ws_connect(f"{site.base}/webchat/ws") as ws:
        await ws.send_json(hello)
        assert (await site.frame(ws))["code"] == "token"
        closed = await ws.receive()
        assert (closed.type, ws.close_code) == (aiohttp.WSMsgType.CLOSE, 4401)


@pytest.mark.parametrize("first", ['{"type": "message", "id": "1", "text": "hi"}', "nonsense"])
async def test_a_socket_that_does_not_begin_with_hello_is_closed(make_site, config, first):
    site = await make_site(config=config)
    async with site.http.ws_connect(f"{site.base}/webchat/ws") as ws:
        await ws.send_str(first)
        assert (await site.frame(ws))["code"] == "hello_missing"
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert ws.close_code == 1008
    assert site.heard == []


@pytest.mark.row("X25")
async def test_a_contact_that_sends_too_much_is_slowed_down_and_told_for_how_long(make_site):
    site = await make_site(config="[ratelimit]\ncontact_requests = 2\nseconds = 60\n")
    session = await site.session()
    ws = await site.socket(session["token"])
    for n in range(3):
        await ws.send_json({"type": "message", "id": str(n), "text": "hi"})
    nack = await site.frame(ws, "nack")
    assert (nack["id"], nack["problem"]["status"]) == ("2", 429)
    assert 0 < nack["retry_after"] <= 60
    async with site.http.post(
        f"{site.base}/webchat/messages", json={"id": "9", "text": "hi"}, headers=site.auth(session["token"])
    ) as response:
        assert (response.status, int(response.headers["Retry-After"]) > 0) == (429, True)
    assert (await site.post((await site.session())["token"], "another visitor"))[0] == 202


async def test_a_flood_of_frames_ends_the_socket(make_site, config):
    site = await make_site(config=config)
    ws = await site.socket((await site.session())["token"])
    for _ in range(230):
        await ws.send_json({"type": "ping"})
    assert (await site.frame(ws, "error"))["code"] == "too_many"
    assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_frame_that_is_too_large_ends_the_socket(make_site, config):
    site = await make_site(config=f"{config}\n[limits]\nmessage_chars = 100\n")
    ws = await site.socket((await site.session())["token"])
    await ws.send_str("x" * 6000)
    async with asyncio.timeout(10):
        while (await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
            pass
    assert ws.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_slow_client_is_disconnected_and_can_fetch_the_rest(make_site, config):
    site = await make_site(config=f"{config}\n[plugins.webchat]\nsend_limit = 0.2\n")
    session = await site.session()
    token = session["token"]
    ws = await site.socket(token)
    transport = ws._response.connection.transport
    transport.pause_reading()
    tenant, big = site.bot.tenant("webchat"), "x" * 9_000_000
    topic = f"conversation:{session['conversation']}"
    tenant.live.publish("acme", topic, "segment", {"turn": "1", "attempt": 1, "offset": 0, "text": big})
    await site.until(lambda: tenant.live.subscribers("acme", topic) == 0)
    transport.abort()
    assert (await site.post(token, "still there"))[0] == 202


@pytest.mark.row("T56")
async def test_the_gauge_of_open_sockets_equals_the_number_connected(make_site, config, capsys):
    site = await make_site(config=f"{config}\n[plugins.webchat]\nheartbeat = 0.3\n")

    async def shown():
        async with site.http.get(f"{site.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        async with site.http.get(f"{site.base}/health") as response:
            health = (await response.json())["sockets"]["open"]
        metric = next((x for x in lines if x.startswith('hookline_open_sockets{tenant="acme"}')), "0")
        assert float(metric.split()[-1]) == health
        return health

    token = (await site.session())["token"]
    one, two = await site.socket(token), await site.socket(token)
    client = await site.socketio(transports=["websocket"])
    events = await site.http.get(
        f"{site.base}/webchat/events", params={"token": token}, headers={"Accept": "text/event-stream"}
    )
    assert await shown() == 4
    await one.close()
    await client.disconnect()
    await site.until(lambda: metrics.open_sockets("acme") == 2)
    assert await shown() == 2
    events.close()
    await two.close()
    await site.until(lambda: metrics.open_sockets("acme") == 0)
    logged = capsys.readouterr().out
    assert logged.count("socket connected") == logged.count("socket disconnected") == 4


@pytest.mark.row("X25")
async def test_a_page_of_another_site_gets_no_socket_unless_it_is_named(make_site, config):
    site = await make_site(config=f'{config}\n[cors]\nallow_origins = ["https://shop.example"]\n')
    for origin, status in [("https://evil.example", 403), ("null", 403)]:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await site.http.ws_connect(f"{site.base}/webchat/ws", origin=origin)
        assert refused.value.status == status
    token = (await site.session())["token"]
    await site.socket(token, origin="https://shop.example")
    await site.socket(token, origin=site.url)


async def test_the_visitors_typing_reaches_others_and_not_the_visitor(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    tenant, topic = site.bot.tenant("webchat"), f"conversation:{session['conversation']}"
    ws = await site.socket(session["token"])
    async with tenant.live.subscribe("acme", topic) as events:
        await ws.send_json({"type": "typing"})
        event = await anext(events)
        assert (event.kind, event.data) == ("typing", {"author": "contact", "on": True})
    aside = {"author": "agent", "agent": "b1", "agent_name": "Ben", "on": True, "aside": True}
    tenant.live.publish("acme", topic, "typing", aside)  # who only looks on is nothing for the customer
    tenant.live.publish("acme", topic, "typing", {"author": "agent", "agent": "a1", "agent_name": "Asha", "on": False})
    assert await site.frame(ws) == {"type": "typing", "author": "agent", "name": "Asha", "on": False}


async def test_what_was_read_is_told_both_ways_by_socket_and_by_rest(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    tenant, topic = site.bot.tenant("webchat"), f"conversation:{session['conversation']}"
    ws = await site.socket(session["token"])
    headers = site.auth(session["token"])
    async with tenant.live.subscribe("acme", topic) as events:
        await ws.send_json({"type": "read", "seq": 2})
        event = await anext(events)
        assert (event.kind, event.data) == ("read", {"author": "contact", "seq": 2})
        for path, body in (("read", {"seq": 3}), ("typing", {"on": False})):
            async with site.http.post(f"{site.base}/webchat/{path}", json=body, headers=headers) as answer:
                assert answer.status == 204
            event = await anext(events)
            assert (event.kind, event.data) == (path, {"author": "contact", **body})
    tenant.live.publish("acme", topic, "read", {"author": "agent", "agent": "a1", "seq": 1})
    assert await site.frame(ws) == {"type": "read", "author": "agent", "seq": 1}
    async with site.http.post(f"{site.base}/webchat/read", json={"seq": 3}) as answer:
        assert answer.status == 401


async def test_signs_go_both_ways_by_socket_io(make_site, config):
    site = await make_site(config=config)
    client = await site.socketio()
    client.seen["typing"] = []
    client.on("typing", client.seen["typing"].append)
    session = await site.session()
    room = {"room_id": session["conversation"]}
    assert (await client.call("typing", room))["ok"] is False
    await client.call("join_room", {**room, "user_type": "user"})
    tenant, topic = site.bot.tenant("webchat"), f"conversation:{session['conversation']}"
    async with tenant.live.subscribe("acme", topic) as events:
        assert await client.call("typing", {**room, "on": True}) == {"ok": True}
        assert (await anext(events)).data == {"author": "contact", "on": True}
        assert await client.call("message_read", {**room, "seq": 4}) == {"ok": True}
        assert (await anext(events)).data == {"author": "contact", "seq": 4}
    tenant.live.publish("acme", topic, "typing", {"author": "agent", "agent_name": "Asha", "on": True})
    await site.until(lambda: client.seen["typing"])
    assert client.seen["typing"] == [{**room, "sender_type": "agent", "name": "Asha", "on": True}]


async def test_a_conversation_that_ended_is_replaced_and_the_message_is_not_lost(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    ws = await site.socket(session["token"])
    store = site.bot.runtime_of().conversations
    await site.post(session["token"], "hello", client_id="0")
    await site.frames(ws, 2, "message")
    await site.bot.idle()
    await _end(site, session["conversation"])
    await ws.send_json({"type": "message", "id": "1", "text": "anybody there?"})
    assert (await site.frame(ws, "ack", "nack"))["type"] == "ack"
    assert (await site.frame(ws, "error"))["code"] == "conversation_expired"
    after = await site.session(token=session["token"])
    assert after["visitor"] == session["visitor"]
    assert after["conversation"] != session["conversation"]
    await site.bot.idle()
    told = (await site.messages(after["token"]))["messages"]
    assert [m["text"] for m in told] == ["anybody there?", "You said: anybody there?"]
    assert (await store.get(session["conversation"])).conversation.status == "expired"
    async with site.http.ws_connect(f"{site.base}/webchat/ws") as old:
        await old.send_json({"type": "hello", "token": session["token"]})
        assert (await site.frame(old))["code"] == "conversation_expired"
    assert (await site.post(session["token"], "again"))[0] == 401


async def test_a_server_that_stops_says_so_to_its_sockets(make_site, config):
    site = await make_site(config=config)
    ws = await site.socket((await site.session())["token"])
    closing = asyncio.create_task(site.runner.cleanup())
    assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
    assert ws.close_code == 1001
    await closing


async def test_a_protocol_that_is_turned_off_is_not_there(make_site, config):
    site = await make_site(config=f"{config}\n[plugins.webchat]\nprotocols = []\n")
    token = (await site.session())["token"]
    for path in ("webchat/ws", "webchat/events", "socket.io/?EIO=4&transport=polling"):
        async with site.http.get(f"{site.base}/{path}", headers=site.auth(token)) as response:
            assert response.status == 404
            assert "plugins.webchat.protocols" in (await response.json())["detail"]


def _ack(frame):
    return {key: frame[key] for key in ("id", "message_id", "seq", "duplicate")}


async def _end(site, conversation):
    """Have the conversation expire, as it would after a day of silence."""
    import sqlalchemy as sa

    from hookline.db import Op
    from hookline.models import conversation as table

    def script():
        yield Op(sa.update(table).where(table.c.id == conversation).values(status="expired"))

    await site.bot.runtime.database.run(script(), tenant="acme")
    site.bot.runtime_of().conversations.dropped(conversation)
