"""Flows over HTTP: begun by systems, with what they know and who may begin them; a task for the staff; a file as an answer."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from hookline.app import KEYS, make_app
from hookline.catalogue import Catalogue

PAY = """
title: {en: payment}
given: [invoice]
slots: {amount: {kind: money, min: 1, entities: []}, paid: {kind: boolean}}
steps:
  - {ask: amount, text: {en: How much is it?}}
  - {ask: paid, text: {en: "Did you pay {amount} for {invoice}?"}}
  - {task: {title: {en: "Look for {invoice}"}, due: 48h}, when: "!paid"}
  - {end: done, text: {en: Thank you.}}
"""


@pytest.fixture
async def web(talk):
    """A tenant with the flow `pay`, served over HTTP: `client, headers(role)`."""
    clients = []

    async def serve(flows=None, **more):
        bot = await talk(flows or {"pay": PAY}, **more)
        app = make_app(bot.runtime, tenant="acme")
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)

        async def headers(role="agent"):
            _, key = await app[KEYS].create("acme", f"test-{role}", role)
            return {"Authorization": f"Bearer {key}"}

        return bot, client, headers

    yield serve
    for client in clients:
        await client.close()


async def start(client, headers, path="pay/start", **body):
    async with client.post(f"/api/v1/flows/{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("path", ["pay/start", "start"])
async def test_a_system_begins_a_flow_with_what_it_knows(web, path):
    bot, client, headers = await web()
    body = {"channel": "loopback", "address": "alice", "slots": {"amount": 5000, "invoice": "A-7"}}
    named = {"flow": "pay"} if path == "start" else {}

    status, answer = await start(client, await headers(), path, **body, **named)

    assert status == 200
    assert answer["started"]
    assert answer["messages"][0]["text"] == "Did you pay 5,000 for A-7?\n1. Yes\n2. No"
    assert answer["messages"][0]["quick_replies"] == ["Yes", "No"]
    assert (await bot.say("yes")).text == "Thank you."


async def test_the_same_key_begins_it_once(web):
    bot, client, headers = await web()
    key = await headers()
    body = {"channel": "loopback", "address": "alice", "slots": {"invoice": "A-7"}, "key": "bill-7"}

    first = await start(client, key, **body)
    again = await start(client, key, **body)

    assert first[0] == again[0] == 200
    assert first[1]["id"] == again[1]["id"]
    await bot.idle()
    assert [one.text for one in bot.channel.sent] == ["How much is it?"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("pai/start", {}, 422, "there is no flow 'pai' (did you mean 'pay'?); flows: pay"),
        ("pay/start", {"slots": {"amonut": 3}}, 422, "flow 'pay' has no slot 'amonut'; slots: amount, invoice, paid"),
        ("pay/start", {"slots": {"amount": "three"}}, 422, "slot 'amount' can't be 'three': it is a money"),
        ("pay/start", {"slots": {"amount": -3}}, 422, "slot 'amount' can't be -3: it is a money"),
        ("pay/start", {}, 422, "name the conversation, or channel and address of the customer"),
        ("pay/start", {"conversation": "nobody"}, 422, "there is no conversation 'nobody'"),
        ("start", {"channel": "loopback", "address": "a"}, 400, "flow"),
    ],
)
async def test_what_is_wrong_with_a_start_is_said(web, path, body, status, said):
    _, client, headers = await web()

    found, answer = await start(client, await headers(), path, **body)

    assert found == status
    assert said in str(answer)


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("", 401)])
async def test_only_agents_begin_flows(web, role, status):
    _, client, headers = await web()

    found, _ = await start(client, await headers(role) if role else {}, channel="loopback", address="alice")

    assert found == status


async def test_a_conversation_that_a_person_has_is_left_alone(web):
    bot, client, headers = await web()
    conversation = (await bot.say("hello")).conversation
    async with bot.tenant("flows").action(by="asha") as act:
        act.take(conversation, "asha")

    found, answer = await start(client, await headers(), conversation=conversation)

    assert found == 409
    assert f"a person has conversation '{conversation}'; the flow was not begun" in str(answer)


async def test_a_no_makes_a_task_for_the_staff_once(web):
    bot, client, headers = await web(plugins=("handoff",))
    slots = {"amount": 5000, "invoice": "A-7"}
    await start(client, await headers(), channel="loopback", address="alice", slots=slots)
    assert (await bot.say("no")).text == "Thank you."
    await bot.idle()

    task = Catalogue.load().get("handoff").metadata.tables["handoff_staff_task"]
    rows = await bot.tenant("handoff").db.fetch(sa.select(task.c.title, task.c.due_at, task.c.created_at))
    assert [row.title for row in rows] == ["Look for A-7"]
    assert rows[0].due_at - rows[0].created_at == pytest.approx(48 * 3600, abs=5)
