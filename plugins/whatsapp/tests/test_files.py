"""Files that customers send: fetched with the token, checked, encrypted, shown to the staff, removed in time."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from typing import ClassVar

import pytest
import sqlalchemy as sa
from aiohttp import web

from hookline.app import KEYS
from hookline.hookspecs import hookimpl
from hookline.merging import Moved
from hookline.message import Contact, Record
from hookline.models import outbox
from hookline.plugin import Plugin
from hookline.testing.clock import FrozenClock
from hookline.testing.loopback import Loopback, Status
from hookline_whatsapp import contacts
from hookline_whatsapp.files import Files
from hookline_whatsapp.models import media, optout

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FAST = "[turns]\nbackoff = 0.01\n"


def sound():
    told = io.BytesIO()
    with wave.open(told, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", "none"))
        out.writeframes(b"\0\0" * 800)
    return told.getvalue()


async def site(make_line, **limits):
    """A line that may fetch from the loopback Meta."""

    def settings(meta):
        told = {"allowed_hosts": f'["127.0.0.1:{meta.port}"]', **limits}
        return "[plugins.whatsapp.media]\n" + "".join(f"{key} = {value}\n" for key, value in told.items()) + FAST

    return await make_line(media=settings)


def image(line, ident="m1", **more):
    part = {"mime_type": "image/jpeg", "sha256": "x", "id": ident, **more}
    return line.message({"type": "image", "image": part})


class Astray(Loopback):
    """Answers with a page where Meta has JSON."""

    def add_routes(self, app):
        app.router.add_get("/{path:.*}", self.page)

    async def page(self, request):
        self.requests.append((request.rel_url.raw_path, {}))
        return web.Response(text="<html>Down for a moment</html>", content_type="text/html")


async def test_where_meta_answers_with_a_page_the_customer_is_told_and_the_message_kept(make_line):
    async with Astray() as astray:
        line = await site(make_line)
        path = line.bot.folder / "tenants" / "acme" / "tenant.toml"
        path.write_text(
            path.read_text(encoding="utf-8").replace(f'url = "{line.meta.host}"', f'url = "{astray.host}"'),
            encoding="utf-8",
        )
        assert await line.bot.runtime.load("acme")
        status, _ = await line.post(line.payload(image(line, "../../me/accounts")))
        assert status == 200
        async with asyncio.timeout(10):
            while "Your file did not reach me" not in str(await line.rows(sa.select(outbox.c.body))):
                await asyncio.sleep(0.02)
        assert {path for path, _ in astray.requests} == {"/v23.0/..%2F..%2Fme%2Faccounts"}


async def test_a_file_is_taken_by_its_bytes_and_reaches_the_turn_and_the_staff(make_line):
    line = await site(make_line)
    line.meta.files["m1"] = (PNG, "image/jpeg")
    await line.hear(image(line, caption="my house"))
    heard = line.parrot.heard[-1]
    (attachment,) = heard.attachments
    assert (heard.text, attachment.media_type, attachment.size) == ("my house", "image/png", len(PNG))
    assert line.meta.unsigned_fetches == 0
    gate = line.runner.app[KEYS]
    _, key = await gate.create("acme", "viewer", "viewer")
    async with line.http.get(line.url + attachment.url, headers={"X-API-Key": key}) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", PNG)
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    async with line.http.get(line.url + attachment.url) as answer:
        assert answer.status == 401


async def test_it_is_encrypted_on_the_disk(make_line):
    line = await site(make_line)
    line.meta.files["m1"] = (PNG, "image/png")
    await line.hear(image(line))
    files = [path for path in (line.tenant.data / "media").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert PNG[:20] not in files[0].read_bytes()
    assert files[0].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("data", "limits", "answer"),
    [
        (PNG * 40, {"max_bytes": 1000}, "too large"),
        (b"MZ\x90\x00" + b"\0" * 500, {}, "this kind of file"),
        (b"<html><script>alert(1)</script>", {}, "this kind of file"),
        (b"", {}, "this kind of file"),
    ],
    ids=["large", "program", "page", "empty"],
)
async def test_what_is_not_taken_is_said_kindly_and_the_message_is_kept(make_line, data, limits, answer):
    line = await site(make_line, **limits)
    line.meta.files["m1"] = (data, "image/jpeg")
    await line.hear(image(line))
    assert answer in line.meta.texts()[-1]
    (row,) = await line.rows(sa.select(media))
    assert (row.state, row.file) == ("refused", "")
    assert row.reason


async def test_a_caption_is_answered_although_the_file_is_not_taken(make_line):
    line = await site(make_line)
    line.meta.files["m1"] = (b"MZ" + b"\0" * 500, "image/jpeg")
    await line.hear(image(line, caption="what is this?"))
    assert line.meta.texts() == ["You said: what is this?"]


async def test_a_file_that_is_gone_and_a_provider_that_does_not_answer(make_line):
    line = await site(make_line)
    await line.hear(image(line, "gone"))
    assert "did not reach me" in line.meta.texts()[-1]
    line.meta.files["m2"] = (PNG, "image/png")
    line.meta.fail(Status(503))
    await line.hear(image(line, "m2", caption="second try"))
    assert line.parrot.heard[-1].attachments
    line.meta.always(Status(503))
    await line.post(line.payload(image(line, "m2", caption="no try helps")))
    await line.bot.until(lambda: line.parrot.heard[-1].text == "no try helps")
    line.meta.always(None)
    assert not line.parrot.heard[-1].attachments


async def test_a_voice_note_is_kept_and_the_customer_is_asked_to_write(make_line):
    line = await site(make_line)
    line.meta.files["v1"] = (sound(), "audio/ogg")
    await line.hear(line.message({"type": "audio", "audio": {"id": "v1", "mime_type": "audio/ogg", "voice": True}}))
    assert "voice messages" in line.meta.texts()[-1]
    (row,) = await line.rows(sa.select(media))
    assert (row.state, row.media_type.partition("/")[0]) == ("stored", "audio")


async def test_files_are_removed_when_their_time_is_up(make_line):
    clock = FrozenClock()
    line = await site(make_line, keep_days=2)
    line.meta.files["m1"] = (PNG, "image/png")
    await line.hear(image(line))
    await line.tenant.db.write((sa.update(media).values(expires_at=sa.bindparam("p_at")), {"p_at": clock.now()}))
    assert await Files(line.tenant).purge() == 1
    assert await line.rows(sa.select(media)) == []
    assert not [path for path in (line.tenant.data / "media").rglob("*") if path.is_file()]


async def test_a_contact_is_given_out_and_erased_with_its_files(make_line):
    line = await site(make_line)
    line.meta.files["m1"] = (PNG, "image/png")
    await line.hear(image(line, caption="look"))
    await line.say("stop")
    await line.hear(line.text("another", sender="+919800000001"))
    contact = line.parrot.heard[0].contact
    told = (await contacts.export(line.tenant, contact)).rows
    assert {name: len(rows) for name, rows in told.items()} == {
        "whatsapp_chat": 1,
        "whatsapp_optout": 1,
        "whatsapp_sent": 2,
        "whatsapp_media": 1,
        "whatsapp_simulated": 0,
    }
    done = (await contacts.erase(line.tenant, contact)).rows
    assert done == {name: len(rows) for name, rows in told.items()}
    assert not any((await contacts.export(line.tenant, contact)).rows.values())
    assert not [path for path in (line.tenant.data / "media").rglob("*") if path.is_file()]
    other = line.parrot.heard[-1].contact
    assert len((await contacts.export(line.tenant, other)).rows["whatsapp_chat"]) == 1


async def test_what_is_kept_follows_a_merge_and_goes_with_a_purged_conversation(make_line):
    line = await site(make_line)
    line.meta.files["m1"] = (PNG, "image/png")
    await line.hear(image(line, caption="look"))
    await line.say("stop")
    await line.hear(line.text("another", sender="+919800000001"))
    heard, other = line.parrot.heard[0], line.parrot.heard[-1].contact
    mine, there = heard.contact, ((("whatsapp", heard.address),), (heard.conversation,))
    for owner, empty, moved in (
        (other, mine, Moved(mine, other, *there, Contact(other), dropped=True)),
        (mine, other, Moved(other, mine, *there, Contact(other), made=Contact(mine))),
    ):
        async with line.tenant.action(by="an agent") as act:
            act.merge(moved)
        await line.bot.observed("whatsapp")
        for table in (media, optout):
            assert [row.contact for row in await line.rows(sa.select(table))] == [owner], table.name
        assert not (await contacts.export(line.tenant, empty)).rows["whatsapp_media"]
    await contacts.follow(line.tenant, Record(2, "conversation.purged", heard.conversation, 0.0, {}))
    assert await line.rows(sa.select(media)) == []
    assert not [path for path in (line.tenant.data / "media").rglob("*") if path.is_file()]


class Typist:
    """A service that writes down what it is told is said."""

    serves: ClassVar = {"transcribe": ("typist",)}

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def transcribe(self, name, audio):
        if len(audio.data) > 3000:
            raise ValueError("too long for me")
        return f" {audio.media_type.partition('/')[0]} in {audio.language}: I have a house in Bangalore "


async def test_a_voice_note_is_written_down_where_a_service_does(make_line):
    def settings(meta):
        return f'[plugins.whatsapp.media]\nallowed_hosts = ["127.0.0.1:{meta.port}"]\n'

    line = await make_line(media=settings, service="typist", plugins=[Plugin("typist", Typist)])
    line.meta.files["v1"] = (sound(), "audio/ogg")
    line.meta.files["v2"] = (sound() * 4, "audio/ogg")
    note = {"type": "audio", "audio": {"id": "v1", "mime_type": "audio/ogg", "voice": True}}
    await line.hear(line.message(note))
    heard = line.parrot.heard[-1]
    assert (heard.text, heard.input_type) == ("audio in en: I have a house in Bangalore", "audio")
    (kept, _) = await line.tenant.conversations.history(heard.conversation)
    assert kept.text == heard.text
    await line.hear(line.message({**note, "audio": {**note["audio"], "id": "v2"}}))
    assert "voice messages" in line.meta.texts()[-1]
