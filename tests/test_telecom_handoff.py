"""The tenant telecom asks for a person, and people take over: the replaced system's paths and events, on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import socketio
from aiohttp import web

import hookline_handoff
import hookline_webchat
from hookline.app import make_app
from hookline.catalogue import Catalogue
from hookline.config import load_tenant
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.runtime import Runtime

ROOT = Path(__file__).parent.parent
TENANT = ROOT / "tenants" / "telecom"
SAMPLES = {
    "I want a REFUND now": "frustration: refund",
    "cancel my plan": "frustration: cancel",
    "I am angry": "frustration: angry",
    "internet not  WORKING": "frustration: not working",
    "I have a billing dispute": "sensitive: billing dispute",
    "is there a service outage in my area": "sensitive: service outage",
    "Which planets have rings?": "low_confidence",
    "I want to talk to a human": "user_request",
}
FIELDS = {"id", "session_id", "reason", "triggered_at", "handled_at", "status"}


# -- the rules, asked in dry turns -----------------------------------------------------------------------------------------


def variant(tmp_path, name, old, new):
    """A copy of the tenant with something else in its config."""
    folder = tmp_path / name
    shutil.copytree(TENANT, folder)
    text = (folder / "tenant.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "tenant.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def of_the_seed():
    """The rules as the reference document prints them; anything after them is the tenant's extension."""
    return {
        "low_confidence": 0.6,
        "long_conversation": 10,
        "keywords": ("refund", "cancel", "angry", "not working"),
        "topics": ("billing dispute", "service outage"),
    }


def test_the_rules_are_the_printed_ones_with_an_extension_that_is_marked(of_the_seed):
    rules = load_tenant(TENANT, Catalogue.load(), env={}).plugins["handoff"].rules
    assert (rules.low_confidence, rules.long_conversation) == (0.6, 10)
    assert rules.keywords[:4] == of_the_seed["keywords"]
    assert rules.topics[:2] == of_the_seed["topics"]
    assert not rules.inflections
    text = (TENANT / "tenant.toml").read_text(encoding="utf-8")
    for printed in ('"refund", "cancel", "angry", "not working",', '"billing dispute", "service outage",'):
        assert "extension" in text.partition(printed)[2].splitlines()[1]


@pytest.mark.row("T03", "T24", "T25", "T26", "T27", "T28", "T29", "X06")
async def test_each_rule_fires_on_its_sample_and_none_where_the_tenant_has_none(tmp_path):
    rules = (TENANT / "tenant.toml").read_text(encoding="utf-8")
    table = rules[rules.index("[plugins.handoff.triggers]") : rules.index("[plugins.rag]")]
    useless = variant(tmp_path, "useless", '    "refund", "cancel",', '    "useless", "refund", "cancel",')
    none = variant(tmp_path, "none", table, "")
    silent = (none / "tenant.toml").read_text(encoding="utf-8")
    silent = silent.replace("[plugins.handoff]\n", "[plugins.handoff]\ntriggers = []\n", 1)
    (none / "tenant.toml").write_text(silent, encoding="utf-8")
    folders = {"telecom": TENANT, "useless": useless, "none": none}
    runtime = Runtime(catalogue=Catalogue.load(), folders=folders, data=tmp_path / "data", env={})
    async with runtime:

        async def reason(tenant, text):
            with runtime.tenants.get(tenant).acquire() as snapshot:
                asked = (await snapshot.core.ask(text)).handoff
            return asked.reason if asked else None

        assert {text: await reason("telecom", text) for text in SAMPLES} == SAMPLES
        assert {await reason("none", text) for text in SAMPLES} == {None}
        assert await reason("useless", "it is useless!") == "frustration: useless"
        assert await reason("telecom", "it is useless!") in (None, "low_confidence")
        for near in ("I am hungry and tangry", "was my money refunded?", "a question about billing"):
            assert await reason("telecom", near) in (None, "low_confidence"), near
        for polite in ("Hello, I need help with my account", "thank you!", "goodbye"):
            assert await reason("telecom", polite) is None, polite


class Bot:
    """Answers everything, and counts what it is asked before it does."""

    asked: list[tuple[str, str]]

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def request_handoff(self, turn):
        if turn.reply is None:
            Bot.asked.append((turn.conversation.channel, turn.message.text))

    @hookimpl
    async def respond(self, turn):
        return Reply("yes", confidence=0.9)


@pytest_asyncio.fixture
async def spied(make_bot):
    """A server of webchat and handoff with the tenant's rules, and a plugin before handoff that counts."""
    Bot.asked = []
    plugins = [Plugin("bot", Bot), hookline_handoff.plugin, hookline_webchat.plugin]
    rules = 'low_confidence = 0.6\nkeywords = ["cancel"]'
    listed = '[plugins]\nenabled = ["bot", "handoff", "webchat", "loopback"]'
    made = await make_bot(plugins=plugins, config=f"{listed}\n[plugins.handoff.triggers]\n{rules}\n")
    runner = web.AppRunner(make_app(made.runtime, tenant="acme"), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.row("T30")
async def test_each_message_is_looked_at_once_whatever_way_it_comes(spied):
    made, url = spied
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{url}/chat", json={"message": "by REST"}) as answer:
            assert answer.status == 200
        async with http.post(f"{url}/webchat/session", json={}) as answer:
            token = (await answer.json())["token"]
        async with http.ws_connect(f"{url}/webchat/ws") as socket:
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            await socket.send_json({"type": "message", "id": "m1", "text": "by WebSocket, cancel it"})
            await until(lambda: any("by WebSocket" in text for _, text in Bot.asked))
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(url)
    room = {"room_id": "room1", "user_type": "user", "user_id": "u1"}
    await client.call("join_room", room)
    await client.call("send_message", {**room, "message": "by Socket.IO"})
    await client.disconnect()
    await made.say("by another channel")
    await made.idle()

    assert sorted(text for _, text in Bot.asked) == [
        "by REST", "by Socket.IO", "by WebSocket, cancel it", "by another channel",
    ]  # fmt: skip


# -- the server ------------------------------------------------------------------------------------------------------------


class Server:
    """`hookline serve --tenant telecom`, with the documents taken in."""

    def __init__(self, process, url, data):
        self.process, self.url, self.data = process, url, data

    def hookline(self, *words, stdin=None):
        """What a command of the command line prints."""
        command = [sys.executable, "-m", "hookline", *words, "--tenant", "telecom", "--data", str(self.data)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def key(self, name, role="agent"):
        return self.hookline("key", "create", "--name", name, "--role", role)

    def curl(self, command):
        """Run a command as it is printed, but for the port; the status and the JSON body."""
        command = command.replace("http://localhost:5000", self.url).replace(
            "curl ", "curl -sS -w '\\n%{http_code}' ", 1
        )
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("telecom-handoff") / "data"
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "HOOKLINE_CACHE", "TMPDIR")}
    where = ["--tenant", "telecom", "--data", str(data)]
    command = [sys.executable, "-m", "hookline", "serve", "--port", "0", *where]
    with (data.parent / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=keep, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            found = next((m for m in (re.match(r"serving on (http://\S+)", x) for x in process.stdout) if m), None)
            log.seek(0)
            assert found, log.read()
            running = Server(process, found[1], data)
            running.hookline("ingest", str(TENANT / "knowledge"))
            yield running
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


async def until(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


class People:
    """Customers and agents on Socket.IO, and who calls the API, by the names that the replaced system prints."""

    def __init__(self, server, http):
        self.server, self.http, self.clients = server, http, []

    async def client(self):
        client = socketio.AsyncClient(reconnection=False)
        client.seen = defaultdict(list)
        for event in ("new_message", "escalation_alert", "error"):
            client.on(event, client.seen[event].append)
        await client.connect(self.server.url)
        self.clients.append(client)
        return client

    async def customer(self):
        """A customer in the room of a session of their own."""
        session = await self.ok("POST", "/api/sessions", body={"user_id": "user123"})
        client = await self.client()
        client.room = session["room_id"]
        await client.call("join_room", {"room_id": client.room, "user_type": "user", "user_id": "user123"})
        return client

    async def agent(self, key, room):
        client = await self.client()
        client.room, client.key = room, key
        joined = {"room_id": room, "user_type": "agent", "user_id": "agent7", "api_key": key}
        client.joined = await client.call("join_room", joined)
        assert client.joined["ok"], client.joined
        return client

    async def say(self, client, text, **more):
        return await client.call("send_message", {"room_id": client.room, "message": text, "user_type": "user", **more})

    async def ok(self, method, path, key="", body=None, **headers):
        status, told = await self.call(method, path, key, body, **headers)
        assert status < 300, (status, told)
        return told

    async def call(self, method, path, key="", body=None, **headers):
        if key:
            headers["X-API-Key"] = key
        async with self.http.request(method, f"{self.server.url}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()


def said(client, *senders):
    """What the client heard from these."""
    return [m["message"] for m in client.seen["new_message"] if m["sender_type"] in (senders or (m["sender_type"],))]


@pytest_asyncio.fixture
async def people(server):
    async with aiohttp.ClientSession() as http:
        people = People(server, http)
        yield people
        for client in people.clients:
            with contextlib.suppress(Exception):
                await client.disconnect()


@pytest.fixture(scope="module")
def keys(server):
    return {"asha": server.key("Asha"), "ben": server.key("Ben"), "admin": server.key("Root", "admin")}


@pytest.mark.slow
@pytest.mark.row("T20", "T31", "T32", "T33", "T43", "T05")
async def test_an_escalation_is_announced_taken_over_answered_and_resolved(server, people, keys):
    alice = await people.customer()
    lobby = [await people.agent(keys[name], f"lobby-{name}") for name in ("asha", "ben")]
    await people.say(alice, "My bill is wrong, I want a REFUND now")
    await until(lambda: all(agent.seen["escalation_alert"] for agent in lobby))
    await until(lambda: said(alice, "bot"))

    assert "colleague" in said(alice, "bot")[-1]
    for agent in lobby:
        [alert] = agent.seen["escalation_alert"]
        assert (alert["room_id"], alert["reason"]) == (alice.room, "frustration: refund")
        assert alert["session_id"]
    assert alice.seen["escalation_alert"] == []
    found = await people.ok("GET", f"/api/escalations/{alert['escalation_id']}", keys["asha"])
    assert set(found) >= FIELDS
    assert (found["session_id"], found["status"], found["handled_at"]) == (alert["session_id"], "pending", None)
    assert found["triggered_at"] > 0

    first = await people.agent(keys["asha"], alice.room)
    second = await people.agent(keys["ben"], alice.room)
    assert (first.joined["role"], second.joined["role"]) == ("agent", "observer")
    found = await people.ok("GET", f"/api/escalations/{found['id']}", keys["asha"])
    assert (found["status"], found["handled_at"] >= found["triggered_at"]) == ("handled", True)
    session = await people.ok("GET", f"/sessions/{alert['session_id']}")
    assert session["agent_id"] == first.joined["held_by"]

    bot = len(said(alice, "bot"))
    await people.say(alice, "How do I reset my password?")
    sent = await people.say(first, "Asha here, I have sent you the money.", user_type="agent", api_key=keys["asha"])
    assert sent["ok"], sent
    await until(lambda: "Asha here, I have sent you the money." in said(alice, "agent"))
    refused = await people.say(second, "and me", user_type="agent", api_key=keys["ben"])
    assert refused["error"]["status"] == 409
    assert len(said(alice, "bot")) == bot

    done = await people.ok("POST", f"/api/escalations/{found['id']}/resolve", keys["asha"], {"note": "paid"})
    assert (done["status"], done["handled_at"]) == ("resolved", found["handled_at"])
    await people.say(alice, "How do I reset my password?")
    await until(lambda: len(said(alice, "bot")) > bot)
    assert "account settings" in said(alice, "bot")[-1]


@pytest.mark.service("curl")
@pytest.mark.row("T08", "T58", "T43")
async def test_an_escalation_is_forced_by_the_printed_path_and_agents_hear_of_it(server, people, keys):
    talk = await people.customer()
    await people.say(talk, "hello")
    await until(lambda: said(talk, "bot"))
    agent = await people.agent(keys["asha"], "lobby")

    def escalate(body):
        return server.curl(
            "curl -X POST http://localhost:5000/api/escalate -H 'Content-Type: application/json' "
            f"-d '{json.dumps(body)}'"
        )

    status, made = await asyncio.to_thread(escalate, {"session_id": talk.room})
    assert (status, made["session_id"], made["reason"], made["status"]) == (201, talk.room, "forced", "pending")
    assert set(made) >= FIELDS
    await until(lambda: agent.seen["escalation_alert"])
    assert [one["session_id"] for one in agent.seen["escalation_alert"]] == [talk.room]
    assert (await asyncio.to_thread(escalate, {"session_id": talk.room}))[0] == 200
    assert (await asyncio.to_thread(escalate, {"session_id": "nobody"}))[0] == 404
    listed = await people.ok("GET", "/api/escalations", keys["asha"])
    assert all(set(one) >= FIELDS for one in listed["escalations"])
    assert (talk.room, "pending") in [(one["session_id"], one["status"]) for one in listed["escalations"]]
    proxied = await people.call(
        "POST", "/api/escalate", "", {"session_id": talk.room}, **{"X-Forwarded-For": "1.2.3.4"}
    )
    assert proxied[0] == 401, "without a key from this machine alone"


@pytest.mark.row("T10", "T12", "T13", "T14", "T44")
async def test_agents_are_created_listed_and_set_available_by_the_printed_paths(people, keys):
    for n in (1, 2):
        agent = {
            "agent_id": f"agent{n}",
            "name": f"Agent {n}",
            "email": f"a{n}@example.com",
            "phone": "+41 44 555 01 01",
        }
        status, made = await people.call("POST", "/api/agents", keys["admin"], agent)
        assert (status, made["is_available"]) == (201, True)
        assert (await people.call("POST", "/api/agents", keys["admin"], agent))[0] == 409
    user = {"user_id": "user9", "name": "Priya", "email": "priya9@example.com", "phone": "+41 44 555 01 00"}
    assert (await people.call("POST", "/api/users", keys["asha"], user))[0] == 201
    assert (await people.call("POST", "/api/users", keys["asha"], user))[0] == 409

    async def available():
        listed = (await people.ok("GET", "/api/agents/available", keys["asha"]))["agents"]
        return {one["agent_id"]: one for one in listed if one["agent_id"].startswith("agent")}

    before = await available()
    assert set(before) == {"agent1", "agent2"}
    assert {k: before["agent1"][k] for k in ("name", "email", "phone", "is_available")} == {
        "name": "Agent 1", "email": "a1@example.com", "phone": "+41 44 555 01 01", "is_available": True,
    }  # fmt: skip
    path = "/api/agents/agent2/availability"
    changed = await people.ok("PUT", path, keys["asha"], {"is_available": False})
    assert (changed["agent_id"], changed["is_available"]) == ("agent2", False)
    assert set(await available()) == {"agent1"}
    assert (await people.call("PUT", path, keys["asha"], {"is_available": "no"}))[0] == 400
    assert (await people.call("PUT", "/api/agents/nobody/availability", keys["asha"], {"is_available": True}))[0] == 404
    await people.ok("PUT", path, keys["asha"], {"is_available": True})
    assert set(await available()) == {"agent1", "agent2"}


@pytest.mark.row("T23")
async def test_the_message_after_ten_exchanges_is_for_a_person_once(people, keys):
    talk = await people.customer()
    for n in range(10):
        await people.say(talk, "How do I reset my password?")
        await until(lambda n=n: len(said(talk, "bot")) == n + 1)
    listed = (await people.ok("GET", "/api/escalations", keys["asha"]))["escalations"]
    assert talk.room not in [one["session_id"] for one in listed]

    await people.say(talk, "When is my bill due?")
    await until(lambda: len(said(talk, "bot")) == 11)
    assert "14 days" in said(talk, "bot")[-1], "the answer stays, and a person comes besides"
    assert "colleague" in said(talk, "bot")[-1]
    listed = (await people.ok("GET", "/api/escalations", keys["asha"]))["escalations"]
    assert [one["reason"] for one in listed if one["session_id"] == talk.room] == ["long_conversation"]
    await people.say(talk, "When is my bill due?")
    await until(lambda: len(said(talk, "bot")) == 12)
    assert "colleague" not in said(talk, "bot")[-1]


@pytest.mark.row("X07")
async def test_an_agent_who_signs_in_works_in_the_console_from_the_alert_to_the_end(server, people):
    password = "seven green lanterns"
    server.hookline(
        "user", "create", "mira@example.com", "--role", "agent", "--name", "Mira", "--password-stdin", stdin=password
    )
    login = await people.ok("POST", "/auth/login", body={"email": "mira@example.com", "password": password})
    bearer = {"Authorization": f"Bearer {login['access_token']}"}
    async with people.http.ws_connect(f"{server.url}/console/socket") as socket:
        await socket.send_json({"type": "hello", "token": login["access_token"], "watch": []})
        alice = await people.customer()
        await people.say(alice, "My phone has no signal since Monday in Bern")
        await until(lambda: said(alice, "bot"))
        await people.say(alice, "I want to talk to a human")

        async def event(kind):
            async with asyncio.timeout(30):
                while True:
                    told = await socket.receive_json()
                    about = told.get("data") or {}
                    ident = about.get("conversation") or (about.get("handoff") or {}).get("conversation")
                    if told["kind"] == kind and ident == alice.room:
                        return about

        shown = await event("handoff.queued")
        assert shown["handoff"]["reason"] in ("user_request", "low_confidence")
        summary = await event("handoff.summarised")
        assert "signal" in summary["summary"]["problem"]

    api = f"/console/api/conversations/{alice.room}"
    taken = await people.ok("POST", f"{api}/claim", body={}, **bearer)
    assert (taken["handoff"]["state"], taken["handoff"]["agent_name"]) == ("claimed", "Mira")
    bot = len(said(alice, "bot"))
    await people.say(alice, "How do I reset my password?")
    await people.ok("POST", f"{api}/reply", body={"text": "Let me look at your line.", "client_id": "c1"}, **bearer)
    await until(lambda: "Let me look at your line." in said(alice, "agent"))
    thread = await people.ok("GET", api, **bearer)
    assert [m["text"] for m in thread["messages"] if m["author"] == "contact"][-1] == "How do I reset my password?"
    assert len(said(alice, "bot")) == bot
    await people.ok("POST", f"{api}/resolve", body={"note": "fixed"}, **bearer)
    await people.say(alice, "When is my bill due?")
    await until(lambda: len(said(alice, "bot")) > bot)
    assert "14 days" in said(alice, "bot")[-1]


@pytest.mark.row("T46")
async def test_what_a_customer_said_is_in_no_table_once_the_escalation_is_resolved(server, people, keys):
    words = "zephyrine candelabra"
    talk = await people.customer()
    await people.say(talk, f"Where is my {words}?")
    await until(lambda: said(talk, "bot"))
    agent = await people.agent(keys["asha"], talk.room)
    assert agent.joined["role"] == "agent"

    def holding():
        with contextlib.closing(sqlite3.connect(f"file:{server.data}/chatbot.db?mode=ro", uri=True)) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [name for name in names if words in str(database.execute(f'SELECT * FROM "{name}"').fetchall())]

    await until(lambda: holding() == ["handoff_handoff", "handoff_summary"])
    await people.ok("POST", f"/api/escalations/{talk.room}/resolve", keys["asha"], {})
    await until(lambda: holding() == [])
