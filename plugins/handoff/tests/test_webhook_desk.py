"""The backend webhook: another system's desk, which gets signed webhooks and sends some back."""

from __future__ import annotations

import json
import time
import uuid

import pytest
import pytest_asyncio
from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """The other system: takes what the published library says is signed well, with statuses to order."""

    def __init__(self):
        self.events, self.statuses, self.ids = [], [], []

    async def take(self, request):
        raw = await request.read()
        event = Webhook(SECRET).verify(raw, dict(request.headers))
        self.ids.append(request.headers["webhook-id"])
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        self.events.append(event)
        return web.Response(status=204)

    def of(self, kind):
        return [event["data"] for event in self.events if event["type"] == kind]


@pytest_asyncio.fixture
async def receiver():
    one = Receiver()
    app = web.Application()
    app.router.add_post("/desk", one.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/desk"
    yield one
    await runner.cleanup()


@pytest_asyncio.fixture
async def floor(make_web, receiver):
    return await make_web(f"""
[turns]
backoff = 0.01
[plugins]
enabled = ["handoff", "echo", "loopback"]
[plugins.handoff]
backend = "webhook"
[plugins.handoff.webhook]
url = "{receiver.url}"
secret = "{SECRET}"
""")


async def send(site, event, *, secret=SECRET, ident="", at=None):
    """A webhook of the other system's, signed by the published library; the answer's status and JSON."""
    import datetime as dt

    ident, body = ident or f"msg_{uuid.uuid4().hex}", json.dumps(event)
    now = dt.datetime.fromtimestamp(int(at or time.time()), dt.UTC)
    headers = {
        "webhook-id": ident, "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(ident, now, body), "Content-Type": "application/json",
    }  # fmt: skip
    async with site.http.post(f"{site.url}/handoff/desk/events", data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def opened(site, receiver):
    await site.desk.bot.until(lambda: receiver.of("handoff.opened"))
    await site.desk.bot.idle()
    return receiver.of("handoff.opened")[-1]


MAYA = {"id": "u7", "name": "Maya"}


@pytest.mark.row("X07")
async def test_a_case_goes_to_the_other_desk_and_its_people_answer_and_close_it(floor, receiver):
    await floor.desk.bot.say("My parcel is late")
    conversation = await floor.desk.asked()
    case = await opened(floor, receiver)
    assert (case["conversation"], case["customer"]) == (conversation, "alice")
    assert "parcel is late" in case["summary"]
    assert {"author": "customer", "text": "My parcel is late"} in case["said"]

    assert (await send(floor, {"type": "taken", "task": case["task"], "agent": MAYA}))[1]["state"] == "claimed"
    assert await floor.desk.bot.hear("hello?") == ()
    await floor.desk.bot.until(lambda: receiver.of("message"))
    assert receiver.of("message")[0]["text"] == "hello?"

    told = {"type": "message", "task": case["task"], "agent": MAYA, "text": "It comes tomorrow."}
    assert (await send(floor, told, ident="m1"))[1] == {"result": "sent", "duplicate": False}
    assert (await send(floor, told, ident="m1"))[1] == {"result": "sent", "duplicate": True}
    await floor.desk.bot.idle()
    assert [m.text for m in floor.desk.bot.channel.sent if m.author == "agent"] == ["It comes tomorrow."]
    assert (await send(floor, {"type": "resolved", "task": case["task"], "agent": MAYA, "text": "found"}))[0] == 200
    seen = await floor.desk.last(conversation)
    assert (seen.state, seen.resolution) == ("resolved", "found")
    assert (await floor.desk.bot.say("bye")).text == "bot: bye"
    assert receiver.of("handoff.closed") == [], "what they ended themselves they need not be told"


async def test_the_same_event_has_the_same_id_at_each_try_and_a_refusal_is_kept_with_its_cause(floor, receiver):
    receiver.statuses = [503, 429]
    await floor.desk.asked()
    await opened(floor, receiver)
    assert len(receiver.ids) == 3
    assert len(set(receiver.ids)) == 1

    receiver.statuses = [410]
    await floor.desk.asked("bob")
    await floor.desk.bot.until(lambda: not receiver.statuses)
    await floor.desk.bot.idle()
    key = await floor.key("root", "admin")
    async with floor.http.get(f"{floor.url}/inbox/dead", headers={"X-API-Key": key}) as answer:
        [dead] = (await answer.json())["dead"]
    assert "answered 410 to handoff.opened: look at `url` and `secret` in [plugins.handoff.webhook]" in dead["error"]


async def test_what_is_not_signed_by_the_desk_is_refused(floor, receiver):
    conversation = await floor.desk.asked()
    case = await opened(floor, receiver)
    event = {"type": "resolved", "task": case["task"], "agent": MAYA}
    assert (await send(floor, event, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))[0] == 401
    assert (await send(floor, event, at=time.time() - 400))[0] == 401
    async with floor.http.post(f"{floor.url}/handoff/desk/events", json=event) as answer:
        assert answer.status == 401
    assert (await floor.desk.last(conversation)).state == "queued"
    assert (await send(floor, {**event, "type": "exploded"}))[0] == 400
    assert (await send(floor, {**event, "task": "nothing"}))[0] == 404


async def test_an_erased_contact_is_erased_at_the_other_desk(floor, receiver):
    conversation = await floor.desk.asked()
    await opened(floor, receiver)
    known = await floor.desk.tenant.conversations.get(conversation)
    hooks = floor.desk.bot.snapshot().hooks
    exported = [one for one in await hooks.export_contact(known.contact.id) if one.plugin == "handoff"]
    assert exported[0].rows["handoff_room"][0]["conversation"] == conversation

    await hooks.erase_contact(known.contact.id)
    await floor.desk.bot.until(lambda: receiver.of("conversation.erased"))
    assert receiver.of("conversation.erased") == [{"conversation": conversation}]
    again = [one for one in await hooks.export_contact(known.contact.id) if one.plugin == "handoff"]
    assert (again[0].rows["handoff_room"], again[0].rows["handoff_task"]) == ([], [])
