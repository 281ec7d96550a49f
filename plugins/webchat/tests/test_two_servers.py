"""Two servers on one PostgreSQL database, behind whatever spreads visitors over them."""

from __future__ import annotations

import pytest

import hookline_webchat

pytestmark = pytest.mark.service("postgresql")
CONFIG = """
[ratelimit]
requests = 0
contact_requests = 0
[plugins.webchat]
secret = "${CHAT_SECRET}"
"""


@pytest.fixture
def database_plugins():
    return [hookline_webchat.plugin]


@pytest.fixture
async def two(make_site, postgres_url):
    options = {
        "config": CONFIG,
        "database_url": postgres_url,
        "env": {"CHAT_SECRET": "a secret that both know"},
        "blocking": 1.0,
    }
    return await make_site(**options), await make_site(**options)


@pytest.mark.row("X04")
async def test_a_visitor_sees_the_same_on_both_servers_whichever_ways_in(two):
    here, there = two
    session = await here.session()
    ws_here, ws_there = await here.socket(session["token"]), await there.socket(session["token"])
    room = {"room_id": session["conversation"], "user_type": "user", "user_id": "u"}
    client = await there.socketio(transports=["websocket"])
    await client.call("join_room", room)
    await ws_here.send_json({"type": "message", "id": "1", "text": "from here"})
    await there.until(lambda: len(client.seen["new_message"]) == 2)
    await client.emit("send_message", {**room, "message": "from there"})
    expected = ["from here", "You said: from here", "from there", "You said: from there"]
    for site, ws in ((here, ws_here), (there, ws_there)):
        got = [f["message"] for f in await site.frames(ws, 4, "message")]
        assert [m["text"] for m in got] == expected
        assert [m["seq"] for m in got] == [1, 2, 3, 4]
    await there.until(lambda: len(client.seen["new_message"]) == 4)
    assert [m["message"] for m in client.seen["new_message"]] == expected


async def test_a_message_too_long_for_a_live_event_is_fetched_by_the_other_server(two):
    here, there = two
    session = await here.session()
    ws = await there.socket(session["token"])
    text = "é" * 9000
    assert (await here.post(session["token"], text))[0] == 202
    got = [f["message"]["text"] for f in await there.frames(ws, 2, "message")]
    assert got == [text, f"You said: {text}"]
