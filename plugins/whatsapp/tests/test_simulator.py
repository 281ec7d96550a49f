"""The simulator: a customer's phone by API, on the same way as a real one; and what a real provider needs to start."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave

import pytest

import hookline_whatsapp
from hookline.app import KEYS
from hookline.message import Attachment, Reply
from hookline_whatsapp import contacts
from hookline_whatsapp.files import Files

CUSTOMER = "+919812345678"
NOBODY = "+919800000009"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def sound():
    told = io.BytesIO()
    with wave.open(told, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", "none"))
        out.writeframes(b"\0\0" * 800)
    return told.getvalue()


@pytest.fixture
def simulated(make_line):
    async def make(more=""):
        line = await make_line(
            config=f'[conversations]\nexpires_after = 0.0\n[plugins.whatsapp]\nprovider = "simulator"\n{more}'
        )
        _, key = await line.runner.app[KEYS].create("acme", "agent", "agent")
        return line, {"X-API-Key": key}

    return make


async def call(line, key, method, path, **more):
    async with line.http.request(method, f"{line.url}/t/acme/whatsapp/simulator/{path}", headers=key, **more) as answer:
        return answer.status, await answer.json() if answer.content_type.endswith("json") else None


async def write(line, key, text, **more):
    message = {"type": "text", "text": {"body": text}}
    status, told = await call(line, key, "POST", "messages", json={"sender": CUSTOMER, "message": message, **more})
    assert status == 202, told
    await line.bot.idle()
    return told


async def shown(line, key):
    status, told = await call(line, key, "GET", "messages", params={"sender": CUSTOMER})
    assert status == 200
    return told["messages"]


@pytest.mark.row("L37")
async def test_what_the_customer_writes_is_answered_and_no_provider_is_called(simulated):
    line, key = await simulated()
    line.parrot.say = {"options": Reply("Which?", quick_replies=("Yes", "No"))}
    await write(line, key, "hello", name="Asha")
    await write(line, key, "options")
    first, second = await shown(line, key)
    assert first["message"]["text"]["body"] == "You said: hello"
    assert [one["reply"]["title"] for one in second["message"]["interactive"]["action"]["buttons"]] == ["Yes", "No"]
    assert line.meta.requests == []
    assert line.parrot.heard[0].address == CUSTOMER


async def test_the_same_id_twice_is_one_message(simulated):
    line, key = await simulated()
    assert (await write(line, key, "hello", id="wamid.mine"))["duplicate"] is False
    assert (await write(line, key, "hello", id="wamid.mine"))["duplicate"] is True
    assert len(await shown(line, key)) == 1


async def test_its_clock_shuts_the_window_and_its_ticks_report_a_failure(simulated):
    line, key = await simulated()
    await write(line, key, "hello")
    (told,) = await shown(line, key)
    assert (await call(line, key, "POST", "statuses", json={"id": told["id"], "state": "read"}))[0] == 204
    status = {"id": told["id"], "state": "failed", "code": 131026}
    assert (await call(line, key, "POST", "statuses", json=status))[0] == 204
    assert await call(line, key, "POST", "clock", json={"sender": CUSTOMER, "hours": 25}) == (200, {"chats": 1})
    conversation = line.parrot.heard[-1].conversation
    await line.tenant.send(Reply("late news"), conversation=conversation)
    async with asyncio.timeout(10):
        while (await line.outbox())[-1][0] != "parked":
            await asyncio.sleep(0.01)
    await write(line, key, "hello again")
    await line.bot.idle()
    texts = [one["message"]["text"]["body"] for one in await shown(line, key)]
    assert set(texts) == {"You said: hello", "late news", "You said: hello again"}


WRONG = [
    (
        "messages", {"sender": "nobody", "message": {"type": "text"}},
        "sender: given 'nobody'; allowed: a number such as +919812345678",
    ),
    (
        "messages", {"sender": CUSTOMER, "message": {"type": "system", "system": {"type": "user_changed_number"}}},
        "message: no phone sends this (system: user_changed_number)",
    ),
    (
        "statuses", {"id": "none", "state": "read"},
        "id: given 'none'; allowed: a message that was sent to a phone",
    ),
    (
        "statuses", {"id": "none", "state": "seen"},
        "state: given 'seen'; allowed: sent, delivered, read, failed",
    ),
    ("clock", {"sender": CUSTOMER, "hours": -1}, "hours: given -1; allowed: more than 0, at most 8760"),
    ("clock", {"sender": CUSTOMER, "hours": 1e9}, "hours: given 1e+09; allowed: more than 0, at most 8760"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "said"), WRONG, ids=[said for *_, said in WRONG])
async def test_it_says_what_is_wrong_with_a_request(simulated, path, body, said):
    line, key = await simulated()
    status, told = await call(line, key, "POST", path, json=body)
    assert (status, told["detail"]) == (400, said)
    assert told["errors"][0]["field"] == said.partition(":")[0]
    status, told = await call(line, key, "GET", "messages", params={"sender": CUSTOMER, "after": "later"})
    assert (status, told["detail"]) == (400, "after: allowed is a time in seconds since the epoch")


async def phone(line, key, **query):
    status, told = await call(line, key, "GET", "phone", params={"sender": CUSTOMER, **query})
    assert status == 200, told
    return told


async def put(line, key, data, name):
    status, told = await call(line, key, "POST", "media", params={"name": name}, data=data)
    assert status == 201, told
    return told


async def send(line, key, message, **more):
    status, told = await call(line, key, "POST", "messages", json={"sender": CUSTOMER, "message": message, **more})
    assert status == 202, told
    await line.bot.idle()
    return told["id"]


@pytest.mark.row("L36", "L39")
async def test_the_phone_shows_both_sides_with_what_became_of_each_and_how_the_turn_went(simulated):
    line, key = await simulated()
    assert (await phone(line, key))["messages"] == []
    await write(line, key, "hello", name="Asha")
    told = await phone(line, key)
    mine, theirs = told["messages"]
    assert (mine["direction"], mine["message"]["text"]["body"]) == ("inbound", "hello")
    assert (theirs["direction"], theirs["state"]) == ("outbound", "sent")
    assert "biz_opaque_callback_data" not in theirs["message"]
    assert told["window"]["open"]
    assert (told["turn"]["responder"], told["turn"]["message"]) == ("parrot", line.parrot.heard[-1].id)
    status = {"id": theirs["id"], "state": "failed", "code": 131026}
    assert (await call(line, key, "POST", "statuses", json=status))[0] == 204
    async with asyncio.timeout(10):
        while (await phone(line, key))["messages"][0]["state"] != "read":
            await asyncio.sleep(0.01)
    failed = (await phone(line, key))["messages"][1]
    assert (failed["state"], failed["error"]) == ("failed", "code 131026: simulated")
    _, told = await call(line, key, "GET", "phones")
    assert [(one["address"], one["name"], one["number"]) for one in told["phones"]] == [(CUSTOMER, "Asha", "simulator")]
    assert line.meta.requests == []


async def test_a_long_talk_is_shown_page_by_page(simulated):
    line, key = await simulated()
    for n in range(60):
        await write(line, key, f"message {n}")
    newest = await phone(line, key)
    assert (len(newest["messages"]), newest["more"]) == (100, True)
    older = await phone(line, key, before=newest["messages"][0]["at"])
    told = {one["id"]: one for one in (*older["messages"], *newest["messages"])}
    assert (len(told), older["more"]) == (120, False)
    status, refused = await call(line, key, "GET", "phone", params={"sender": CUSTOMER, "before": "nan"})
    assert (status, refused["errors"][0]["field"]) == (400, "before")


@pytest.mark.row("L38")
async def test_files_go_both_ways_without_a_provider(simulated):
    line, key = await simulated()
    picture, note = await put(line, key, PNG, "../house.png"), await put(line, key, sound(), "voice.wav")
    assert (picture["media_type"], picture["name"], note["media_type"]) == ("image/png", "house.png", "audio/wave")
    image = {"id": picture["id"], "mime_type": "image/png", "caption": "my house"}
    await send(line, key, {"type": "image", "image": image})
    (attachment,) = line.parrot.heard[-1].attachments
    assert (line.parrot.heard[-1].text, attachment.media_type, attachment.size) == ("my house", "image/png", len(PNG))
    await send(line, key, {"type": "audio", "audio": {"id": note["id"], "mime_type": "audio/wav", "voice": True}})
    assert "can't listen to voice messages" in (await shown(line, key))[-1]["message"]["text"]["body"]
    async with line.http.get(f"{line.url}/t/acme/whatsapp/simulator/media/{note['id']}", headers=key) as answer:
        assert (answer.status, await answer.read(), answer.content_type) == (200, sound(), "audio/wave")
    mine = "/t/acme/voice/sounds/abc"
    line.parrot.say = {"speak": Reply("Here", attachments=(Attachment(mine, "audio/ogg", "answer.ogg"),))}
    await write(line, key, "speak")
    *_, spoken, said = await shown(line, key)
    assert (spoken["message"]["audio"]["link"], said["message"]["text"]["body"]) == (mine, "Here")


async def test_what_is_no_file_of_the_phone_is_said_kindly(simulated):
    line, key = await simulated()
    assert (await call(line, key, "POST", "media", data=b""))[0] == 400
    assert (await call(line, key, "GET", "media/nothing-there"))[0] == 404
    await send(line, key, {"type": "image", "image": {"id": "nothing-there", "mime_type": "image/png"}})
    program = await put(line, key, b"\x7fELF" + bytes(200), "photo.png")
    await send(line, key, {"type": "document", "document": {"id": program["id"], "filename": "photo.png"}})
    large = await put(line, key, io.BytesIO(PNG + bytes(17 * 1024 * 1024)), "large.png")
    await send(line, key, {"type": "image", "image": {"id": large["id"], "mime_type": "image/png"}})
    lost, kind, size = [one["message"]["text"]["body"] for one in await shown(line, key)]
    assert "did not reach me" in lost
    assert "can't take this kind of file" in kind
    assert "too large" in size


async def test_what_is_said_about_a_message_comes_as_from_meta(simulated):
    line, key = await simulated()
    first = (await write(line, key, "hello"))["id"]
    reply = (await shown(line, key))[0]["id"]
    await send(line, key, {"type": "reaction", "reaction": {"message_id": reply, "emoji": "👍"}})
    edit = {"original_message_id": first, "message": {"type": "text", "text": {"body": "hello there"}}}
    await send(line, key, {"type": "edit", "edit": edit})
    assert line.parrot.heard[-1].data["whatsapp"]["edits"] == first
    await send(line, key, {"type": "revoke", "revoke": {"original_message_id": first}})
    await send(line, key, {"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]})
    answers = [one["message"]["text"]["body"] for one in await shown(line, key)]
    assert answers == [
        "You said: hello",
        "You said: hello there",
        "I can't read this kind of message. Please write your question as text.",
    ]
    assert len((await phone(line, key))["messages"]) == 8


async def test_a_message_that_is_refused_is_not_on_the_phone(simulated):
    line, key = await simulated("[ratelimit]\ncontact_requests = 1\nseconds = 600.0\nrequests = 0\n")
    await write(line, key, "hello")
    body = {"sender": CUSTOMER, "message": {"type": "text", "text": {"body": "again"}}}
    status, _ = await call(line, key, "POST", "messages", json=body)
    assert status == 429
    assert [one["message"]["text"]["body"] for one in (await phone(line, key))["messages"]] == [
        "hello",
        "You said: hello",
    ]


async def test_pages_hear_what_happens_on_the_phones(simulated):
    line, key = await simulated()
    url = f"{line.url}/t/acme/whatsapp/simulator/events"
    async with line.http.get(url, headers={**key, "Accept": "text/event-stream"}) as stream, asyncio.timeout(20):
        assert await stream.content.readuntil(b"\n\n") == b"event: ready\ndata: {}\n\n"
        await write(line, key, "hello")
        kinds = set()
        while kinds != {"chat", "typing"}:
            event = (await stream.content.readuntil(b"\n\n")).decode()
            if event.startswith("event: "):
                kind, data = event.strip().split("\n")
                kinds.add(kind.removeprefix("event: "))
                assert json.loads(data.removeprefix("data: "))["address"] == CUSTOMER
    assert (await call(line, key, "GET", "events"))[0] == 406


async def test_pages_look_at_everything_anew_when_a_contact_was_erased(simulated):
    line, key = await simulated()
    await write(line, key, "hello")
    await line.bot.idle()
    contact = line.parrot.heard[0].contact
    url = f"{line.url}/t/acme/whatsapp/simulator/events"
    async with line.http.get(url, headers={**key, "Accept": "text/event-stream"}) as stream, asyncio.timeout(20):
        await stream.content.readuntil(b"\n\n")
        await contacts.erase(line.tenant, "somebody-else")
        await contacts.erase(line.tenant, contact)
        while (told := await stream.content.readuntil(b"\n\n")) == b": \n\n":
            continue  # a sign of life
        assert told == b"event: lost\ndata: {}\n\n"
    assert (await phone(line, key))["messages"] == []


async def test_a_phone_goes_with_its_contact(simulated):
    line, key = await simulated()
    picture = await put(line, key, PNG, "house.png")
    await send(line, key, {"type": "image", "image": {"id": picture["id"], "mime_type": "image/png", "caption": "hi"}})
    await send(line, key, {"type": "text", "text": {"body": "other"}}, sender=NOBODY)
    contact = line.parrot.heard[0].contact
    given = (await contacts.export(line.tenant, contact)).rows["whatsapp_simulated"]
    assert [one["direction"] for one in given] == ["inbound", "outbound"]
    await contacts.erase(line.tenant, contact)
    assert (await phone(line, key))["messages"] == []
    assert len((await phone(line, key, sender=NOBODY))["messages"]) == 2
    assert (await call(line, key, "GET", f"media/{picture['id']}"))[0] == 404
    folder = await Files(line.tenant).folder()
    assert [path for path in folder.root.glob("??/*") if path.is_file()] == []


@pytest.mark.row("L42")
async def test_the_simulator_stands_in_for_a_provider_until_it_is_switched_off(make_line):
    config = """
[plugins.whatsapp]
provider = "meta"
simulator = "${USE_WHATSAPP_SIMULATOR:-True}"
numbers = { main = { id = "${WHATSAPP_PHONE_NUMBER_ID:-simulator}" } }
[plugins.whatsapp.meta]
access_token = "${WHATSAPP_API_KEY:-}"
app_secret = "${WHATSAPP_APP_SECRET:-}"
url = "%s"
"""
    line = await make_line(config=config % "http://127.0.0.1:9")
    _, key = await line.runner.app[KEYS].create("acme", "agent", "agent")
    key = {"X-API-Key": key}
    await write(line, key, "hello")
    assert len((await phone(line, key))["messages"]) == 2

    meta = line.meta
    env = {
        "USE_WHATSAPP_SIMULATOR": "False",
        "WHATSAPP_PHONE_NUMBER_ID": meta.number,
        "WHATSAPP_API_KEY": meta.token,
        "WHATSAPP_APP_SECRET": meta.secret,
    }
    real = await make_line(config=config % meta.host, env=env)
    real.meta = meta
    async with real.http.get(f"{real.url}/t/acme/whatsapp/simulator/") as answer:
        assert answer.status == 404
    (sent,) = await real.say("hello")
    assert sent["text"]["body"] == "You said: hello"


@pytest.mark.row("L42")
async def test_with_a_real_provider_the_simulator_is_not_there(line):
    _, key = await line.runner.app[KEYS].create("acme", "agent", "agent")
    body = {"sender": CUSTOMER, "message": {"type": "text", "text": {"body": "hello"}}}
    status, told = await call(line, {"X-API-Key": key}, "POST", "messages", json=body)
    assert status == 404
    assert "meta" in told["detail"]
    (sent,) = await line.say("hello")
    assert sent["text"]["body"] == "You said: hello"


@pytest.mark.row("L42")
@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('provider = "meta"', "needs a number: add [plugins.whatsapp.numbers.NAME]"),
        ('provider = "twilio"\nnumbers = { main = { id = "+14155238886" } }', "add [plugins.whatsapp.twilio]"),
        ('provider = "meta"\nnumbers = { main = { id = "simulator" } }', "needs a number"),
        (
            'provider = "meta"\nsimulator = "${USE_WHATSAPP_SIMULATOR:-False}"\nnumbers = { main = { id = "109" } }\n'
            'meta = { access_token = "${WHATSAPP_API_KEY:-}", app_secret = "${WHATSAPP_APP_SECRET:-}" }',
            "needs its credentials",
        ),
        ('numbers = { a = { id = "1" }, b = { id = "1" } }', "the id '1' is given twice"),
        ('numbers = { a = { id = "1", phone = "98123" } }', "given '98123'; allowed: a number such as"),
        ('secret = "short"', "at least 16 characters"),
        ('numbers = { a = { id = "1", per_second = nan } }', "per_second: given nan; allowed: 0 or more"),
        (
            'provider = "gupshup"\nnumbers = { main = { id = "DemoApp" } }\ngupshup = { api_key = "k", token = "t" }',
            "plugins.whatsapp.numbers.main.phone: missing; Gupshup wants it as the source of what is sent",
        ),
    ],
)
async def test_a_provider_that_is_not_configured_does_not_start(make_bot, tmp_path, config, said):
    with pytest.raises(AssertionError) as raised:
        await make_bot(plugins=[hookline_whatsapp.plugin], config=f"[plugins.whatsapp]\n{config}\n")
    assert said in str(raised.value)
