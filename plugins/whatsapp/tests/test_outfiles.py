"""Files of ours that go out: uploaded to Meta, linked to for Twilio and Gupshup, checked for all of them."""

from __future__ import annotations

import base64
import subprocess

import aiohttp
import attrs
import pytest

from hookline.hookspecs import hookimpl
from hookline.message import Attachment, File, Reply
from hookline.plugin import Plugin
from hookline.testing import FrozenClock
from hookline.testing.gupshup import GupshupServer
from hookline.testing.twiliowhatsapp import TwilioWhatsApp
from hookline_whatsapp.kinds import KINDS, kind_of, largest

PUBLIC = "https://bot.example"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def ogg(codec):
    """A page of Ogg that begins a stream of the codec."""
    return (
        b"OggS\x00\x02"
        + bytes(20)
        + b"\x01\x13"
        + {"opus": b"OpusHead\x01", "vorbis": b"\x01vorbis"}[codec]
        + bytes(40)
    )


@attrs.define(eq=False)
class Shelf:
    """A plugin with files of its own; `fail` has it break."""

    files: dict = attrs.Factory(dict)
    fail: bool = False
    opened: int = 0

    def plugin(self):
        shelf = self

        class TenantHooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def open_file(self, path):
                if shelf.fail:
                    raise OSError("the disk is gone")
                shelf.opened += 1
                return shelf.files.get(path)

        return Plugin("shelf", TenantHooks)


@pytest.fixture
def shelf():
    shelf = Shelf()
    shelf.files = {
        "/t/acme/shelf/1": File(PNG, "image/png", "house.png"),
        "/t/acme/shelf/2": File(PDF, "application/pdf", "बिल.pdf"),
        "/t/acme/shelf/3": File(ogg("opus"), "audio/ogg", "reply.ogg"),
        "/t/acme/shelf/4": File(ogg("vorbis"), "audio/ogg", "song.ogg"),
        "/t/acme/shelf/5": File(b"GIF89a" + bytes(20), "image/gif", "dance.gif"),
        "/t/acme/shelf/6": File(b"\xff\xd8\xff" + bytes(6_000_000), "image/jpeg", "large.jpg"),
        "/t/acme/shelf/7": File(b"a;b\n1;2\n", "text/csv", "table.csv"),
    }
    return shelf


def told(number, media_type="image/png", name="", query="?until=1&sign=x", text="look", **more):
    return Reply(text, attachments=(Attachment(f"/t/acme/shelf/{number}{query}", media_type, name, **more),))


async def test_meta_gets_the_bytes_and_no_public_address_is_needed(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()])
    line.parrot.say = {
        "photo": told(1),
        "bill": told(2, "application/pdf", "your bill.pdf"),
        "table": told(7, "text/csv"),
    }
    (sent,) = await line.say("photo")
    (ident,) = line.meta.uploads
    assert sent["image"] == {"id": ident, "caption": "look"}
    assert line.meta.uploads[ident] == (line.meta.number, "image", PNG, "image/png", "house.png")
    (sent,) = await line.say("bill")
    assert sent["document"] == {"id": list(line.meta.uploads)[1], "caption": "look", "filename": "your bill.pdf"}
    (sent,) = await line.say("table")
    assert line.meta.uploads[sent["document"]["id"]][3:] == ("text/plain", "table.csv")


async def test_a_spoken_reply_goes_as_a_voice_note(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()])
    line.parrot.say = {"speak": told(3, "audio/ogg; codecs=opus", text="")}
    (sent,) = await line.say("speak")
    assert sent["audio"] == {"id": next(iter(line.meta.uploads)), "voice": True}
    assert line.meta.uploads[sent["audio"]["id"]][3] == "audio/ogg"


@pytest.mark.service("ffmpeg")
async def test_a_note_that_ffmpeg_made_is_taken_for_one(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()])
    wanted = [
        "ffmpeg",
        "-loglevel",
        "error",
        "-f",
        "lavfi",
        "-i",
        "sine=duration=1",
        "-c:a",
        "libopus",
        "-f",
        "ogg",
        "-",
    ]
    made = subprocess.run(wanted, capture_output=True, check=True).stdout
    shelf.files["/t/acme/shelf/9"] = File(made, "audio/ogg", "reply.ogg")
    line.parrot.say = {"speak": told(9, "audio/ogg", text="")}
    (sent,) = await line.say("speak")
    assert sent["audio"]["voice"] is True


async def test_what_goes_to_many_is_uploaded_once_and_again_when_meta_has_lost_it(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()])
    line.parrot.say = {"photo": told(1)}
    await line.hear(*[line.text("photo", sender=f"+91980000{n:04d}") for n in range(5)])
    assert (len(line.meta.messages), len({one["image"]["id"] for one in line.meta.messages})) == (
        5,
        len(line.meta.uploads),
    )
    before = len(line.meta.uploads)
    await line.say("photo")
    assert len(line.meta.uploads) == before
    line.meta.uploads.clear()
    assert await line.say("photo") == []
    assert (await line.outbox())[-1][0] == "failed"
    (sent,) = await line.say("photo")
    assert sent["image"]["id"] in line.meta.uploads


async def test_an_upload_that_breaks_is_tried_again(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()], more="[deliveries]\nbackoff = 0.01\n")
    line.parrot.say = {"photo": told(1)}
    shelf.fail = True
    await line.post(line.payload(line.text("photo")))
    await line.bot.until(lambda: line.parrot.heard)
    shelf.fail = False
    await line.bot.until(lambda: line.meta.messages)
    assert line.meta.messages[0]["image"]["id"] in line.meta.uploads


@pytest.mark.parametrize(
    ("number", "media_type", "cause"),
    [
        (4, "audio/ogg", "the sound song.ogg is Ogg with Vorbis; WhatsApp plays Ogg with Opus alone"),
        (5, "image/gif", "the file without a name is image/gif, which WhatsApp does not take, and nothing here converts it; send one of JPEG and PNG"),
        (5, "image/png", "the file dance.gif is image/gif, which WhatsApp does not take"),
        (6, "image/jpeg", "the file large.jpg has 6,000,003 bytes; meta takes 5 MB at most as image: send a smaller one"),
        (1, "application/pdf", "the file house.png is image/png, and was to be sent as document: say its type as it is"),
        (8, "image/png", "its address is relative, no plugin here has it, and public_url is not set"),
    ],
)  # fmt: skip
async def test_what_can_not_go_is_refused_with_its_cause(make_line, shelf, number, media_type, cause):
    line = await make_line(plugins=[shelf.plugin()])
    line.parrot.say = {"file": told(number, media_type)}
    assert await line.say("file") == []
    state, error = (await line.outbox())[-1]
    assert state == "failed"
    assert cause in error


async def test_the_type_that_nobody_has_said_is_that_of_the_bytes(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()])
    line.parrot.say = {"photo": told(1, "application/octet-stream")}
    (sent,) = await line.say("photo")
    assert sent["image"]["caption"] == "look"


async def test_a_file_elsewhere_goes_by_its_address(make_line, shelf):
    line = await make_line(plugins=[shelf.plugin()])
    line.parrot.say = {
        "photo": Reply("look", attachments=(Attachment("https://files.example/a.jpg", "image/jpeg"),)),
        "large": Reply("look", attachments=(Attachment("https://files.example/a.mp4", "video/mp4", size=17 * 2**20),)),
        "odd": Reply("look", attachments=(Attachment("ftp://files.example/a.jpg", "image/jpeg"),)),
    }
    (sent,) = await line.say("photo")
    assert sent["image"]["link"] == "https://files.example/a.jpg"
    for text, cause in (("large", "meta takes 16 MB at most as video"), ("odd", "its address is none of the web")):
        assert await line.say(text) == []
        assert cause in (await line.outbox())[-1][1]
    assert not shelf.opened


async def reach(line, reply):
    """Send to the customer as an agent does, and wait until it is done with."""
    conversation, _ = await line.tenant.conversations.open("whatsapp", "+919812345678")
    await line.tenant.send(reply, conversation=conversation, author="agent")
    await line.bot.idle()


def settings(provider, number, ident, keys, public=""):
    """The tenant's config for a provider; nothing is ever outside of the window."""
    lines = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f"""{public}
[plugins.whatsapp]
provider = "{provider}"
window.seconds = 1e12
[plugins.whatsapp.numbers.main]
id = "{ident}"
phone = "{number}"
[plugins.whatsapp.{provider}]
{lines}
"""


async def test_twilio_gets_a_signed_address_that_ends(make_line, shelf):
    clock = FrozenClock()
    async with TwilioWhatsApp() as twilio:
        keys = {
            "account_sid": twilio.account,
            "auth_token": twilio.token,
            "url": twilio.host,
            "content_url": twilio.host,
        }
        config = settings("twilio", twilio.number, twilio.number, keys, f'public_url = "{PUBLIC}"')
        line = await make_line(config=config, plugins=[shelf.plugin()], clock=clock)
        await reach(line, told(2, "application/pdf"))
        (sent,) = twilio.messages
        link = sent["MediaUrl"]
        assert link.startswith(f"{PUBLIC}/t/acme/whatsapp/sent/")
        near = line.url + link.removeprefix(PUBLIC)
        async with aiohttp.ClientSession() as http:
            async with http.get(near) as answer:
                assert (answer.status, answer.content_type, await answer.read()) == (200, "application/pdf", PDF)
            for bad in (
                near.replace("shelf%2F2", "shelf%2F1"),
                near.replace("sign=", "sign=0"),
                near.partition("?")[0],
                near.replace("until=1", "until=9"),
            ):
                async with http.get(bad) as answer:
                    assert answer.status == 403
            del shelf.files["/t/acme/shelf/2"]
            async with http.get(near) as answer:
                assert answer.status == 404
            clock.advance(6 * 3600 + 1)
            async with http.get(near) as answer:
                assert answer.status == 403
        await reach(line, told(3, "audio/ogg"))
        assert ".ogg?" in twilio.messages[1]["MediaUrl"]
        assert "Body" not in twilio.messages[1]


async def test_gupshup_too_and_without_a_public_address_it_is_said(make_line, shelf):
    async with GupshupServer() as gupshup:
        keys = {"api_key": gupshup.key, "token": gupshup.token, "url": gupshup.host}
        for public in ("", f'public_url = "{PUBLIC}"'):
            config = settings("gupshup", gupshup.number, gupshup.app_name, keys, public)
            line = await make_line(config=config, plugins=[shelf.plugin()])
            await reach(line, told(1))
            if not public:
                assert "gupshup fetches it from this server, and public_url is not set" in (await line.outbox())[-1][1]
    ((_, sent),) = gupshup.messages
    assert sent["originalUrl"].startswith(
        f"{PUBLIC}/t/acme/whatsapp/sent/house.png?file=%2Ft%2Facme%2Fshelf%2F1&until="
    )


def test_each_kind_has_a_limit_and_each_type_a_kind():
    assert {kind_of(one) for one in KINDS} == {"image", "sticker", "video", "audio", "document"}
    assert largest("twilio", "document") == 16 * 2**20
    assert largest("meta", "document") == 100 * 2**20
    assert kind_of("application/octet-stream") == "document"
