"""Agents and customers by the real Socket.IO library, with the queue of the plugin handoff behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict

import aiohttp
import pytest
import pytest_asyncio
import socketio
from aiohttp import web

import hookline_handoff
import hookline_webchat
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin

CONFIG = """
[ratelimit]
requests = 0
[plugins]
enabled = ["webchat", "handoff", "echo", "loopback"]
[plugins.webchat.socketio.events]
join = "join_customer_room"
alert = "new_escalated_chat"
"""
JOIN, ALERT = "join_customer_room", "new_escalated_chat"


class Echo:
    """The bot."""

    def __init__(self, tenant):
        self.heard = []

    @hookimpl
    async def respond(self, turn):
        return Reply(f"bot: {turn.message.text}")


class Floor:
    """A server, and clients of it that note what they are told."""

    def __init__(self, bot, url, app):
        self.bot, self.url, self.app = bot, url, app
        self.clients = []

    async def key(self, name, role="agent", tenant="acme"):
        return (await self.app[KEYS].create(tenant, name, role))[1]

    async def client(self, auth=None):
        client = socketio.AsyncClient(reconnection=False)
        client.seen = defaultdict(list)
        for event in (ALERT, "new_message", "room_joined", "error", "escalation_alert"):
            client.on(event, client.seen[event].append)
        await client.connect(self.url, auth=auth)
        self.clients.append(client)
        return client


@pytest_asyncio.fixture
async def floor(make_bot):
    plugins = [hookline_webchat.plugin, hookline_handoff.plugin, Plugin("echo", Echo)]
    bot = await make_bot(plugins=plugins, config=CONFIG)
    app = make_app(bot.runtime, tenant="acme")
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    floor = Floor(bot, f"http://127.0.0.1:{runner.addresses[0][1]}", app)
    yield floor
    for client in floor.clients:
        with contextlib.suppress(Exception):
            await client.disconnect()
    await runner.cleanup()


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def customer(floor, room):
    client = await floor.client()
    await client.call(JOIN, {"room_id": room, "user_type": "customer", "user_id": room})
    return client


async def says(client, room, text, **more):
    return await client.call("send_message", {"room_id": room, "message": text, "user_type": "customer", **more})


@pytest.mark.row("F53", "F57")
async def test_a_customer_is_alone_in_the_room_and_is_told_that_it_has_joined(floor):
    alice, bob = await customer(floor, "alice"), await customer(floor, "bob")
    assert alice.seen["room_joined"] == [{"room_id": "alice"}]
    await says(alice, "alice", "hello")
    await until(lambda: len(alice.seen["new_message"]) == 2)
    refused = await says(alice, "bob", "hello bob")
    assert refused["error"]["status"] == 409
    assert bob.seen["new_message"] == []


@pytest.mark.row("F54", "F57")
async def test_agents_join_their_room_with_a_key_and_nobody_else_does(floor):
    agent = await floor.client({"api_key": await floor.key("Asha")})
    assert (await agent.call("join_agent_room", {}))["ok"]
    assert agent.seen["room_joined"] == [{"room_id": "agents"}]
    others = [
        await floor.client(),
        await floor.client({"api_key": await floor.key("Vera", "viewer")}),
        await floor.client({"api_key": await floor.key("Olga", "agent", "other")}),
        await customer(floor, "alice"),
    ]
    for other in others:
        answer = await other.call("join_agent_room", {"room_id": "agents"})
        assert answer["error"]["status"] == 403
    await says(others[-1], "alice", "I want to talk to a human")
    await until(lambda: agent.seen[ALERT])
    assert not any(other.seen[ALERT] for other in others)


@pytest.mark.row("F55", "T20", "T31")
async def test_an_escalation_is_told_once_to_each_agent_with_reason_and_summary(floor):
    agents = [await floor.client({"api_key": await floor.key(name)}) for name in ("Asha", "Ben")]
    for agent in agents:
        await agent.call("join_agent_room")
    alice = await customer(floor, "alice")
    await says(alice, "alice", "My card was charged twice for the same thing")
    await says(alice, "alice", "I want to talk to a human")
    await says(alice, "alice", "a human, please!")
    await until(lambda: all(agent.seen[ALERT] for agent in agents))
    await floor.bot.idle()

    for agent in agents:
        [told] = agent.seen[ALERT]
        conversation = told["session_id"]
        assert told["reason"] == "user_request"
        assert "charged twice" in told["summary"]
        assert told["room_id"] == told["cid"] == conversation
        assert told["channel"] == "webchat"
    assert alice.seen[ALERT] == []


@pytest.mark.row("T32", "F56")
async def test_who_joins_the_room_first_takes_over_and_the_second_looks_on(floor):
    asha, ben = [await floor.client({"api_key": await floor.key(name)}) for name in ("Asha", "Ben")]
    await asha.call("join_agent_room")
    alice = await customer(floor, "alice")
    await says(alice, "alice", "I want to talk to a human")
    await until(lambda: asha.seen[ALERT])
    room = asha.seen[ALERT][0]["room_id"]

    first = await asha.call(JOIN, {"room_id": room, "user_type": "agent", "user_id": "asha"})
    second = await ben.call(JOIN, {"room_id": room, "user_type": "agent", "user_id": "ben"})

    assert (first["role"], second["role"]) == ("agent", "observer")
    assert second["held_by"] == first["held_by"] != ""
    refused = await says(ben, room, "me too", user_type="agent")
    assert refused["error"]["status"] == 409
    before = len(alice.seen["new_message"])
    sent = await says(asha, room, "Asha here", id="a1")
    again = await says(asha, room, "Asha here", id="a1")
    assert (sent["ok"], again["ok"]) == (True, True)
    await says(alice, "alice", "thank you")
    await until(lambda: any(m["message"] == "thank you" for m in asha.seen["new_message"]))
    await floor.bot.idle()
    told = [(m["sender_type"], m["message"]) for m in alice.seen["new_message"][before:]]
    assert [one for one in told if one[0] != "system"] == [("agent", "Asha here"), ("user", "thank you")]
    session = await _session(floor, room)
    assert session["agent_id"] == first["held_by"]


async def _session(floor, room):
    async with aiohttp.ClientSession() as http, http.get(f"{floor.url}/sessions/{room}") as answer:
        return await answer.json()
