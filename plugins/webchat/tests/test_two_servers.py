"""Two servers on one PostgreSQL database, behind whatever spreads visitors over them."""

from __future__ import annotations

import asyncio
import os
import uuid

import asyncpg
import pytest
import sqlalchemy as sa

import hookline_webchat
from hookline import migrate

pytestmark = pytest.mark.service("postgresql")
CONFIG = """
[ratelimit]
requests = 0
contact_requests = 0
[plugins.webchat]
secret = "${CHAT_SECRET}"
"""


@pytest.fixture
async def url():
    server = os.environ["HOOKLINE_TEST_POSTGRES"]
    admin = await asyncpg.connect(server)
    name = f"hookline_{uuid.uuid4().hex}"
    await admin.execute(f"CREATE DATABASE {name}")
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    await asyncio.to_thread(migrate.upgrade, url, [hookline_webchat.plugin])
    yield url
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def two(make_site, url):
    options = {
        "config": CONFIG,
        "database_url": url,
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
