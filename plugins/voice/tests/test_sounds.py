"""Sound that is kept: encrypted, linked to for a while, removed in time, given out and erased with its contact."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest

from hookline.app import KEYS
from hookline.errors import ServiceError
from hookline.message import Record
from hookline.testing.clock import FrozenClock
from hookline_voice import contacts
from hookline_voice.models import sound
from hookline_voice.sound import RATE, Samples, wav

SILENT = wav(Samples(np.zeros(RATE, dtype=np.float32), RATE))
SPEAKS = ('tts = "espeak"', "reply_audio = true")


async def rows(booth):
    return await booth.tenant.db.fetch(sound.select().order_by(sound.c.created_at))


async def status(booth, path, **headers):
    async with booth.http.get(booth.url + path, headers=headers) as answer:
        return answer.status


async def test_a_recording_is_kept_sealed_and_shown_to_staff_alone(make_booth):
    booth = await make_booth()
    told = await booth.say(SILENT, user_id="asha")
    (row,) = await rows(booth)
    assert (row.direction, row.conversation, row.media_type) == ("inbound", told["session_id"], "audio/wav")

    (file,) = [path for path in booth.bot.folder.rglob("sounds/??/*") if path.is_file()]
    assert b"RIFF" not in file.read_bytes()
    path = f"/t/acme/voice/sounds/{row.id}"
    assert await status(booth, path) == 401
    assert await status(booth, f"{path}?until=9999999999&sign={'0' * 40}") == 403
    assert await status(booth, "/t/acme/voice/sounds/nothing1") == 401
    _, key = await booth.app[KEYS].create("acme", "test", "viewer")
    assert await status(booth, path, **{"X-API-Key": key}) == 200
    assert await status(booth, "/t/acme/voice/sounds/nothing1", **{"X-API-Key": key}) == 404


@pytest.mark.service("espeak")
async def test_the_link_to_a_spoken_reply_ends_and_belongs_to_one_sound(make_booth):
    clock = FrozenClock()
    booth = await make_booth(*SPEAKS, "link_seconds = 600", clock=clock)
    told = await booth.say(SILENT, user_id="asha")
    heard, spoken = await rows(booth)
    link = told["audio"]
    assert (heard.direction, spoken.direction) == ("inbound", "outbound")
    assert await status(booth, link) == 200
    assert await status(booth, link.replace(spoken.id, heard.id)) == 403
    assert await status(booth, re.sub(r"until=(\d+)", "until=9999999999", link)) == 403

    clock.advance(601)

    assert await status(booth, link) == 403


@pytest.mark.service("espeak")
async def test_a_channel_gets_the_sound_of_its_path_and_of_no_other(make_booth):
    booth = await make_booth(*SPEAKS)
    await booth.say(SILENT, user_id="asha")
    _, spoken = await rows(booth)
    hooks = booth.bot.snapshot().hooks

    file = await hooks.open_file(f"/t/acme/voice/sounds/{spoken.id}")

    assert (file.media_type, file.name, file.data[:4]) == ("audio/ogg", "voice.ogg", b"OggS")
    for other in ("/t/acme/voice/sounds/nothing1", f"/t/other/voice/sounds/{spoken.id}", f"/voice/sounds/{spoken.id}"):
        assert await hooks.open_file(other) is None


@pytest.mark.service("espeak")
async def test_what_is_kept_of_a_contact_is_given_out_and_erased(make_booth):
    booth = await make_booth(*SPEAKS)
    told = await booth.say(SILENT, user_id="asha")
    await booth.say(SILENT, user_id="rahul")
    known = await booth.tenant.conversations.get(told["session_id"])
    contact = known.conversation.contact

    given = await contacts.export(booth.tenant, contact)
    erased = await contacts.erase(booth.tenant, contact)

    assert sorted(row["direction"] for row in given.rows["voice_sound"]) == ["inbound", "outbound"]
    assert erased.rows["voice_sound"] == 2
    assert len(await rows(booth)) == 2, "the other customer's are left"
    assert len([path for path in booth.bot.folder.rglob("sounds/??/*") if path.is_file()]) == 2
    assert (await contacts.erase(booth.tenant, contact)).rows["voice_sound"] == 0


async def test_old_sound_is_removed_and_a_recording_that_nothing_names_after_an_hour(make_booth):
    clock = FrozenClock()
    booth = await make_booth("keep_days = 2.0", clock=clock)
    await booth.say(SILENT, user_id="asha")
    made, _ = await booth.post("/voice/notes", SILENT)
    assert made == 201
    sounds = booth.tenant.implementation.notes.sounds

    assert await sounds.purge() == 0
    clock.advance(3601)
    assert await sounds.purge() == 1
    clock.advance(2 * 86400)
    assert await sounds.purge() == 1

    assert await rows(booth) == []


async def test_a_file_that_no_row_names_is_removed_after_an_hour(make_booth):
    """As a turn leaves it that was run again, and a server that was killed."""
    booth = await make_booth()
    await booth.say(SILENT, user_id="asha")
    sounds = booth.tenant.implementation.notes.sounds
    for _ in range(2):
        await sounds.put(SILENT, "audio/wav", direction="outbound")
    (row,) = await rows(booth)
    files = {path.stem: path for path in booth.bot.folder.rglob("sounds/??/*") if path.is_file()}
    mine = files.pop(row.file)
    young, old = files.values()
    for path in (mine, old):
        os.utime(path, (path.stat().st_mtime - 3700,) * 2)

    await sounds.purge()

    assert (mine.exists(), young.exists(), old.exists()) == (True, True, False)


async def test_a_purged_conversation_takes_its_sound_along(make_booth):
    booth = await make_booth()
    told = await booth.say(SILENT, user_id="asha")
    record = Record(1, "conversation.purged", told["session_id"], {}, 0.0)

    await contacts.follow(booth.tenant, record)
    await contacts.follow(booth.tenant, record)

    assert await rows(booth) == []


async def test_a_reply_that_nobody_can_speak_goes_out_as_text_and_says_why_in_the_log(make_booth):
    table = '[plugins.voice.speakers.espeak]\nkind = "espeak"\ncommand = "no-such-espeak"\n'
    booth = await make_booth(*SPEAKS, table=table, first="[turns]\nbackoff = 0.01\n")

    told = await booth.say(SILENT, user_id="asha")

    assert told["answer"].startswith("I heard nothing")
    assert told["audio"] == ""
    assert [m.attachments for m in await booth.messages(told["session_id"]) if m.direction == "outbound"] == [()]
    assert await booth.bot.tenant("voice").hooks.check_health() != {}
    with pytest.raises(ServiceError, match="the program 'no-such-espeak' is not on this machine"):
        await booth.bot.snapshot().hooks.synthesize("espeak", "hello", "en")


@pytest.mark.parametrize(
    ("form", "expected", "field"),
    [
        ({"audio": b""}, 422, "audio"),
        ({"audio": b"just text"}, 415, "audio"),
        ({"audio": b"<html><script>1</script>"}, 415, "audio"),
        ({"audio": b"RIFF" + bytes(200_000)}, 413, "audio"),
        ({"audio": SILENT, "session_id": "x" * 300}, 422, "session_id"),
        ({"audio": SILENT, "session_id": "nobodys"}, 404, "session_id"),
    ],
)
async def test_a_form_that_cannot_be_used_is_refused_with_the_field(make_booth, form, expected, field):
    booth = await make_booth("max_bytes = 100000")
    sound_ = form.get("audio")

    found, told = await booth.post("/voice/chat", sound_, **{k: v for k, v in form.items() if k != "audio"})

    assert (found, told["errors"][0]["field"]) == (expected, field)
    assert await rows(booth) == []
