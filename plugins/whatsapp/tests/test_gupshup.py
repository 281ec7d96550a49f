"""Gupshup: requests that bring the token, in both of its shapes, and its forms for what goes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from hookline.message import Attachment, Reply
from hookline.testing.gupshup import GupshupServer
from hookline.testing.loopback import Status
from hookline_whatsapp.models import sent

PAYLOADS = Path(__file__).parent / "payloads" / "gupshup"


@pytest_asyncio.fixture
async def gupshup():
    async with GupshupServer() as server:
        yield server


@pytest_asyncio.fixture
async def line(make_line, gupshup):
    return await make_line(
        config=f"""
[deliveries]
backoff = 0.01
[plugins.whatsapp]
provider = "gupshup"
[plugins.whatsapp.numbers.main]
id = "{gupshup.app_name}"
phone = "{gupshup.number}"
[plugins.whatsapp.gupshup]
api_key = "{gupshup.key}"
token = "{gupshup.token}"
url = "{gupshup.host}"
[plugins.whatsapp.window]
template = "t-1"
variables = {{ 1 = "{{text}}" }}
"""
    )


def payload(line, name="text", text=None):
    told = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["payload"]
    now = line.tenant.clock.now()
    line.n += 1
    if "entry" in told:
        for one in told["entry"][0]["changes"][0]["value"]["messages"]:
            one["timestamp"] = str(int(now))
    else:
        told["timestamp"] = int(now * 1000)
        told["payload"]["id"] = f"ABE{line.n}"
        if text:
            told["payload"]["payload"]["text"] = text
    return told


async def post(line, token, told, *, query=True):
    body = json.dumps(told).encode()
    path = f"{line.webhook}?token={token}" if query else line.webhook
    headers = {} if query else {"Authorization": f"Bearer {token}"}
    return await line.post(body, sign=False, path=path, headers=headers)


async def say(line, gupshup, text):
    before = len(gupshup.messages)
    assert (await post(line, gupshup.token, payload(line, text=text)))[0] == 200
    await line.bot.idle()
    return gupshup.messages[before:]


@pytest.mark.row("A108")
@pytest.mark.parametrize("name", ["text", "passthrough"])
async def test_a_message_in_either_shape_is_answered_once(line, gupshup, name):
    told = payload(line, name)
    for query in (True, False):
        assert (await post(line, gupshup.token, told, query=query))[0] == 200
    await line.bot.idle()
    ((form, message),) = gupshup.messages
    assert message["text"] == "You said: Bonjour"
    assert (form["source"], form["destination"], form["src.name"]) == ("917834811114", "919812345678", "DemoApp")


@pytest.mark.parametrize("token", ["", "wrong", "é", "0" * 32])
async def test_without_the_token_it_is_refused(line, token):
    before = line.refused("forged")
    for query in (True, False):
        status, _ = await post(line, token, payload(line), query=query)
        assert status == 403
    assert line.refused("forged") == before + 2
    assert not line.parrot.heard


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"type": "message"}', b'{"type": 1, "payload": {}}'])
async def test_what_is_no_payload_is_malformed(line, gupshup, body):
    status, _ = await line.post(body, sign=False, path=f"{line.webhook}?token={gupshup.token}")
    assert status == 400


async def test_an_app_that_is_not_the_tenants_is_refused(line, gupshup):
    before = line.refused("unknown_number")
    told = {**payload(line), "app": "SomebodyElses"}
    assert (await post(line, gupshup.token, told))[0] == 403
    assert line.refused("unknown_number") == before + 1


async def test_buttons_lists_and_files_in_gupshups_words(line, gupshup):
    line.parrot.say = {
        "buttons": Reply("Which?", quick_replies=("Yes", "No")),
        "list": Reply("Which?", quick_replies=("One", "Two", "Three", "The fourth, which is a long one")),
        "file": Reply("The form", attachments=(Attachment("https://files.example/a.pdf", "application/pdf", "a.pdf"),)),
    }
    ((_, told),) = await say(line, gupshup, "buttons")
    assert [one["postbackText"] for one in told["options"]] == ["reply:Yes", "reply:No"]
    ((_, told),) = await say(line, gupshup, "list")
    assert told["items"][0]["options"][3]["description"] == "The fourth, which is a long one"
    ((_, told),) = await say(line, gupshup, "file")
    assert told == {"type": "file", "url": "https://files.example/a.pdf", "filename": "a.pdf", "caption": "The form"}


async def test_a_passing_failure_is_tried_again_and_a_lasting_one_flagged(line, gupshup):
    gupshup.fail(Status(500))
    assert len(await say(line, gupshup, "hello")) == 1
    gupshup.app_name = "Renamed"
    await say(line, gupshup, "and now")
    state, cause = (await line.outbox())[-1]
    assert state == "failed"
    assert "Invalid App Details" in cause


async def test_a_failed_event_flags_the_message(line, gupshup):
    await say(line, gupshup, "hello")
    (row,) = await line.rows(sa.select(sent))
    event = {"app": "DemoApp", "timestamp": 1, "version": 2, "type": "message-event", "payload": {
        "id": row.provider_id, "gsId": row.provider_id, "type": "failed", "destination": "919812345678",
        "payload": {"code": 1002, "reason": "the number is not on WhatsApp"}}}  # fmt: skip
    assert (await post(line, gupshup.token, event))[0] == 200
    ((state, cause),) = await line.outbox()
    assert state == "failed"
    assert "not on WhatsApp" in cause
