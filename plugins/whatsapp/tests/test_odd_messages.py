"""What people really send first: an emoji, a link, a place, nothing that can be seen; by each provider, through its own webhook."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
import pytest_asyncio
import sqlalchemy as sa

from hookline.message import Reply
from hookline.models import event, inbox, message
from hookline.testing.gupshup import GupshupServer
from hookline.testing.twiliowhatsapp import TwilioWhatsApp
from hookline_whatsapp.models import chat, sent

PROVIDERS = ("meta", "twilio", "gupshup")
GREETING = "Hello! How can I help you?"
PUBLIC = "https://bot.example"
CONFIG = """
public_url = "{public}"
[plugins.whatsapp]
provider = "{name}"
[plugins.whatsapp.numbers.main]
id = "{ident}"
phone = "{phone}"
[plugins.whatsapp.{name}]
{rest}
"""


@attrs.define(eq=False)
class Way:
    """One provider's way in and out: `part` of a message is as Meta has it, and goes in the provider's own shape."""

    name: str
    line: Any
    server: Any
    n: int = 0

    async def hear(self, part, sender="+919812345678", *, name="Asha", ident=""):
        """A customer's message; the webhook's status."""
        self.n += 1
        ident = ident or f"{self.name}.in{self.n}"
        status = await self.post(getattr(self, f"_{self.name}")(part, sender, name, ident))
        await self.line.bot.idle()
        return status

    async def post(self, told):
        """The provider's request, signed as it signs."""
        line = self.line
        if self.name == "twilio":
            url = f"{PUBLIC}/t/acme/whatsapp/webhook"
            headers = {
                "X-Twilio-Signature": self.server.sign(url, told),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            async with line.http.post(line.webhook, data=urlencode(told), headers=headers) as answer:
                return answer.status
        if self.name == "gupshup":
            path = f"{line.webhook}?token={self.server.token}"
            return (await line.post(told, sign=False, path=path))[0]
        return (await line.post(told))[0]

    def texts(self):
        return self.server.texts()

    def _meta(self, part, sender, name, ident):
        return self.line.payload(
            self.line.message(part, sender, ident), contacts=[{"wa_id": sender[1:], "profile": {"name": name}}]
        )

    def _twilio(self, part, sender, name, ident):
        kind = part["type"]
        inner = part[kind]
        form = {
            "MessageSid": ident, "AccountSid": self.server.account, "From": f"whatsapp:{sender}",
            "To": f"whatsapp:{self.server.number}", "ProfileName": name, "NumMedia": "0", "MessageType": kind, "Body": "",
        }  # fmt: skip
        match kind:
            case "text":
                form["Body"] = inner["body"]
            case "location":
                form |= {"Latitude": str(inner["latitude"]), "Longitude": str(inner["longitude"])}
            case "reaction":
                form |= {"Body": inner["emoji"], "OriginalRepliedMessageSid": inner["message_id"]}
            case "sticker":
                form |= {
                    "NumMedia": "1",
                    "MediaContentType0": "image/webp",
                    "MediaUrl0": f"{self.server.host}/gone.webp",
                }
        return form

    def _gupshup(self, part, sender, name, ident):
        kind = part["type"]
        inner = {"text": part[kind]["body"]} if kind == "text" else part[kind]
        inner = {"emoji": inner["emoji"], "gsId": inner["message_id"]} if kind == "reaction" else inner
        inner = {"url": f"{self.server.host}/gone.webp", "contentType": "image/webp"} if kind == "sticker" else inner
        told = {
            "id": ident,
            "source": sender[1:],
            "type": kind,
            "payload": inner,
            "sender": {"phone": sender[1:], "name": name},
        }
        now = int(self.line.tenant.clock.now() * 1000)
        return {"app": self.server.app_name, "timestamp": now, "version": 2, "type": "message", "payload": told}

    def status(self, ident, state, at=0.0):
        """The provider's report on a message that was sent."""
        at = at or self.line.tenant.clock.now()
        if self.name == "meta":
            told = {"id": ident, "status": state, "timestamp": str(int(at)), "recipient_id": "919812345678"}
            return self.line.payload(statuses=[told])
        if self.name == "twilio":
            return {
                "MessageSid": ident, "MessageStatus": state, "AccountSid": self.server.account,
                "From": f"whatsapp:{self.server.number}", "To": "whatsapp:+919812345678",
            }  # fmt: skip
        inner = {"id": ident, "gsId": ident, "type": state, "destination": "919812345678", "payload": {"ts": int(at)}}
        now = int(at * 1000)
        return {"app": self.server.app_name, "timestamp": now, "version": 2, "type": "message-event", "payload": inner}

    async def kept(self):
        """All customers' messages as they are stored."""
        rows = await self.line.bot.runtime.database.fetch(
            sa.select(message.c.body).where(message.c.direction == "inbound").order_by(message.c.created_at),
            {}, tenant="acme",
        )  # fmt: skip
        return [row.body for row in rows]

    async def lost(self):
        """What was given up."""
        rows = await self.line.bot.runtime.database.fetch(sa.select(inbox.c.state, inbox.c.error), {}, tenant="acme")
        return [row.error for row in rows if row.state == "dead"]


@pytest_asyncio.fixture(params=PROVIDERS)
async def way(request, make_line):
    """A line by each provider."""
    async with contextlib.AsyncExitStack() as stack:
        match request.param:
            case "twilio":
                server = await stack.enter_async_context(TwilioWhatsApp())
                rest = f'account_sid = "{server.account}"\nauth_token = "{server.token}"\nurl = "{server.host}"\ncontent_url = ""'
                config = CONFIG.format(
                    public=PUBLIC, name="twilio", ident=server.number, phone=server.number, rest=rest
                )
            case "gupshup":
                server = await stack.enter_async_context(GupshupServer())
                rest = f'api_key = "{server.key}"\ntoken = "{server.token}"\nurl = "{server.host}"'
                config = CONFIG.format(
                    public=PUBLIC, name="gupshup", ident=server.app_name, phone=server.number, rest=rest
                )
            case _:
                server = config = None
        line = await make_line(config=config)
        yield Way(request.param, line, server or line.meta)


def text(body):
    return {"type": "text", "text": {"body": body}}


WORDLESS = ["👍", "😀😀😀", "❤️", "🙏🏽", "🇮🇳", "???", "...", "!", "।", "*"]
INVISIBLE = ["   ", "\u00a0\u2003", "\u200b\u200c\u200d\ufeff", "\u202e\u2066\u2069", "\u3164"]
STICKER = {"type": "sticker", "sticker": {"id": "gone", "mime_type": "image/webp"}}
LIKED = {"type": "reaction", "reaction": {"message_id": "gone", "emoji": "👍"}}


async def first(way, *parts):
    """What each part gets for an answer as the first message of a customer of its own."""
    answers = []
    for n, part in enumerate(parts):
        before = len(way.texts())
        assert await way.hear(part, f"+91980000{n:04}") == 200
        answers.append(way.texts()[before:])
    assert len(await way.kept()) == len(parts), "each is kept"
    assert await way.lost() == []
    return answers


async def test_who_begins_without_a_word_is_greeted_and_who_sends_a_link_or_a_place_is_asked_about_it(way):
    assert await first(way, *(text(body) for body in WORDLESS), STICKER) == [[GREETING]] * (len(WORDLESS) + 1)
    place = {"type": "location", "location": {"latitude": 12.97, "longitude": 77.59}}
    way.line.parrot.heard.clear()
    before = len(way.texts())
    for n, part in enumerate([text("https://example.com/a?b=c"), text(" www.example.com "), place]):
        await way.hear(part, f"+9199000000{n:02}")
    link = "Thank you for the link. I can't open it, so please write what it is about."
    assert way.texts()[before:] == [link, link, "Thank you for the location. Please write what it is about."]
    assert way.line.parrot.heard == []


async def test_what_nobody_can_see_is_asked_for_as_text(way):
    kind = "I can't read this kind of message. Please write your question as text."
    assert await first(way, *(text(body) for body in INVISIBLE)) == [[kind]] * len(INVISIBLE)


async def test_later_on_an_emoji_is_left_to_the_bot_and_a_sticker_gets_no_answer(way):
    await way.hear(text("hello"))
    await way.hear(STICKER)
    await way.hear(text("👍"))
    await way.hear(text("https://example.com"))
    assert way.texts() == ["You said: hello", "You said: 👍", "You said: https://example.com"]


async def test_what_is_about_a_message_that_nobody_has_seen_is_kept(way):
    await way.hear(LIKED)
    assert way.texts() == []
    (row,) = await way.kept()
    assert row["data"]["whatsapp"]["reacts_to"] == "gone"
    if way.name != "meta":
        return  # the others tell of neither edits nor deletions
    edit = {"original_message_id": "gone", "message": {"type": "text", "text": {"body": "I meant 80 lakh"}}}
    await way.hear({"type": "revoke", "revoke": {"original_message_id": "gone"}})
    await way.hear({"type": "edit", "edit": edit})
    await way.hear({"type": "edit", "edit": {"original_message_id": "gone"}})
    assert way.texts() == [
        "You said: I meant 80 lakh",
        "I can't read this kind of message. Please write your question as text.",
    ]
    assert [row["data"]["whatsapp"]["kind"] for row in await way.kept()] == ["reaction", "deleted", "edited", "edited"]
    assert await way.lost() == []


@pytest.mark.parametrize("letter", ["a", "é", "क", "😀"])
async def test_the_longest_message_of_whatsapp_is_answered_and_kept_whole(way, letter):
    assert await way.hear(text("so " + letter * 65_533), name="N" * 500) == 200
    (row,) = await way.kept()
    about = row["data"]["whatsapp"]
    assert row["text"] + about["rest"] == "so " + letter * 65_533
    assert (about["cut"], len(row["text"])) == (True, 10_000)
    assert len(way.texts()) > 1


async def test_marks_that_turn_the_text_around_reach_nobody_but_the_customer_who_wrote_them(way):
    name = "\u202eAsha\u2066" + "ا" * 500
    await way.hear(text("\u202etxet desrever"), name=name)
    conversation, _ = await way.line.tenant.conversations.open("whatsapp", "+919812345678")
    about = await way.line.tenant.conversations.get(conversation)
    assert about.contact.name == name[:200]
    assert way.texts() == ["You said: \u202etxet desrever"]


async def test_a_batch_of_three_hundred_on_several_numbers_mixed_with_reports_in_any_order(make_line):
    line = await make_line(more='[plugins.whatsapp.numbers.sales]\nid = "555"\nphone = "+911234500000"\n')
    line.meta.numbers.add("555")
    (told,) = await line.say("hello")
    ident = told["id"]
    states = ("read", "sent", "delivered", "sent")
    entries = []
    for n in range(300):
        one = line.text(f"message {n}", sender=f"+9198000{n % 37:05}")
        number = ("", "555", "777")[n % 3]
        report = {"id": ident, "status": states[n % 4], "timestamp": "1760000000", "recipient_id": "919812345678"}
        entries += line.payload(one, number=number)["entry"]
        entries += line.payload(statuses=[report], number=number)["entry"]
    status, _ = await line.post({"object": "whatsapp_business_account", "entry": entries})
    await line.bot.idle()
    assert status == 200
    taken = {heard.text for heard in line.parrot.heard if heard.text.startswith("message")}
    assert taken == {f"message {n}" for n in range(300) if n % 3 != 2}
    assert [row.state for row in await line.rows(sa.select(sent)) if row.provider_id == ident] == ["read"]
    rows = await line.rows(sa.select(event.c.payload).where(event.c.kind == "whatsapp.status").order_by(event.c.id))
    assert [row.payload["state"] for row in rows] == ["read"], "a page is not told that what was read was sent"


async def test_a_report_that_is_behind_its_time_or_about_another_tenants_message_changes_nothing(way):
    await way.hear(text("hello"))
    (row,) = await way.line.rows(sa.select(sent))
    for state in ("read", "delivered", "sent", "read"):
        assert await way.post(way.status(row.provider_id, state)) == 200
    assert await way.post(way.status("of-somebody-else", "failed")) == 200
    await way.line.bot.idle()
    rows = {one.provider_id: one for one in await way.line.rows(sa.select(sent))}
    assert (rows[row.provider_id].state, rows["of-somebody-else"].message) == ("read", "")
    assert await way.line.outbox() == [("sent", "")]


async def test_a_report_about_a_message_of_another_tenants_flags_none_of_ours(line):
    report = {
        "id": "wamid.theirs", "status": "failed", "timestamp": "1760000000", "recipient_id": "919812345678",
        "biz_opaque_callback_data": "msg-of-another-tenant/0", "errors": [{"code": 131026, "title": "Undeliverable"}],
    }  # fmt: skip
    await line.say("hello")
    assert (await line.post(line.payload(statuses=[report])))[0] == 200
    assert (await line.post(line.payload(statuses=[report], number="777")))[0] == 403
    assert await line.outbox() == [("sent", "")]


async def test_choices_that_were_offered_as_numbers_outlive_a_reaction_to_them(line):
    line.parrot.say = {"many": Reply("Which?", quick_replies=tuple(f"Choice {n}" for n in range(12)))}
    (told,) = await line.say("many")
    await line.hear(line.message({"type": "reaction", "reaction": {"message_id": told["id"], "emoji": "👍"}}))
    await line.say("2")
    assert line.parrot.heard[-1].text == "Choice 1"


async def test_numbers_are_choices_also_where_twilio_makes_no_buttons(way):
    if way.name != "twilio":
        return
    way.line.parrot.say = {"which": Reply("Which?", quick_replies=("Small", "Large"))}
    await way.hear(text("which"))
    await way.hear(text("2"))
    assert way.texts() == ["Which?\n\n1. Small\n2. Large", "You said: Large"]


async def test_a_window_that_the_customer_opened_meanwhile_stays_open(line):
    """The refusal of what was sent before comes after the customer has written again."""
    await line.say("hello")
    now = line.tenant.clock.now()
    report = {
        "id": "wamid.old", "status": "failed", "timestamp": str(int(now) - 60), "recipient_id": "919812345678",
        "errors": [{"code": 131047, "title": "Re-engagement message"}],
    }  # fmt: skip
    await line.hear(statuses=[report])
    (row,) = await line.rows(sa.select(chat))
    assert row.heard_at > now - 60
    await line.hear(statuses=[{**report, "id": "wamid.new", "timestamp": str(int(now) + 60)}])
    (row,) = await line.rows(sa.select(chat))
    assert row.heard_at == 0.0
