"""Calls that are recorded, and what is kept of calls: given out, removed, following their contact."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree as ET

import sqlalchemy as sa

from hookline.merging import Moved
from hookline.message import Contact
from hookline.testing.clock import FrozenClock
from hookline_voice.callmodels import call, order, recording, response

CUSTOMER = "+919800000001"
PUBLIC = "https://bank.example"


async def test_a_call_is_recorded_only_with_a_word_and_the_recording_is_removed_in_time(database_url, make_line):
    line = await make_line()
    assert "Recording" not in ET.tostring(await line.ask("/voice/calls/answer"), encoding="unicode")
    clock = FrozenClock()
    line = await make_line(
        more='[plugins.voice.calls.recording]\nmode = "announce"\nkeep_days = 2.0',
        clock=clock,
        database_url=database_url,
    )
    first = await line.ask("/voice/calls/answer")
    assert line.words(first).startswith("This call is recorded. Which colour?")
    assert first.find("Start/Recording").get("recordingStatusCallback") == "/t/acme/voice/calls/recorded"
    later = await line.ask("/voice/calls/steps/colour/answer", Digits="1")
    assert later.find("Start") is None
    await line.ask(
        "/voice/calls/recorded", RecordingSid="RE1", RecordingStatus="completed", RecordingDuration="31", From="", To=""
    )
    assert (await line.tenant.db.fetch(sa.select(recording)))[0].seconds == 31
    clock.advance(2 * 86400 + 4000)
    await line.bot.until(lambda: line.twilio.removed == ["RE1"])


async def test_who_is_asked_and_does_not_say_yes_is_not_recorded(make_line):
    for said, recorded in (
        ({"Digits": "1"}, True),
        ({"SpeechResult": "Yes, sure."}, True),
        ({"SpeechResult": "No."}, False),
        ({}, False),
    ):
        line = await make_line(more='[plugins.voice.calls.recording]\nmode = "ask"')
        asked = await line.ask("/voice/calls/answer")
        assert "May we record this call?" in line.words(asked)
        assert asked.find("Gather").get("action") == "/t/acme/voice/calls/consent"
        assert line.guide.heard == []
        first = await line.ask("/voice/calls/consent", **said)
        assert "Which colour?" in line.words(first)
        assert (first.find("Start/Recording") is not None) is recorded


RECORDED = {"RecordingStatus": "completed", "RecordingDuration": "31", "From": "", "To": ""}


async def test_what_is_kept_of_a_contacts_calls_is_given_out_and_erased_with_the_recordings(database_url, make_line):
    line = await make_line(clock=FrozenClock(1_795_242_600.0), database_url=database_url)
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER}, status=202)
    await line.placed()
    await line.ask("/voice/calls/answer", token="t1")
    await line.ask("/voice/calls/recorded", RecordingSid="RE1", **RECORDED)
    (one,) = await line.tenant.db.fetch(sa.select(call))
    (given,) = await line.tenant.hooks.export_contact(one.contact)
    assert {table: len(rows) for table, rows in given.rows.items()} == {
        "voice_sound": 0, "voice_recording": 1, "voice_response": 1, "voice_order": 1, "voice_call": 1,
    }  # fmt: skip
    assert given.rows["voice_call"][0]["address"] == CUSTOMER
    (gone,) = await line.tenant.hooks.erase_contact(one.contact)
    assert gone.rows == {table: len(rows) for table, rows in given.rows.items()}
    await line.bot.until(lambda: line.twilio.removed == ["RE1"])
    for table in (call, order, response, recording):
        assert not await line.tenant.db.fetch(sa.select(table))
    await line.ask("/voice/calls/recorded", RecordingSid="RE2", **RECORDED)  # it came too late: nothing of it is kept
    line.bot.clock.advance(4000)
    await line.bot.until(lambda: line.twilio.removed == ["RE1", "RE2"])


async def test_calls_are_removed_when_their_time_is_up_and_with_their_conversation(database_url, make_line):
    conversations = "[conversations]\nexpires_after = 60.0\npurge_after = 600.0"
    line = await make_line(calls="keep_days = 1.0", more=conversations, clock=FrozenClock(), database_url=database_url)
    await line.ask("/voice/calls/answer", token="t1")
    await line.ask("/voice/calls/recorded", RecordingSid="RE1", **RECORDED)
    line.bot.clock.advance(61)
    await line.tenant.conversations.expire()
    line.bot.clock.advance(601)
    await line.tenant.conversations.expire()
    await line.bot.observed("voice")
    assert not await line.tenant.db.fetch(sa.select(call))
    assert not await line.tenant.db.fetch(sa.select(response))
    line.bot.clock.advance(4000)
    await line.bot.until(lambda: line.twilio.removed == ["RE1"])

    line.sid = "CA" + "2" * 32
    await line.ask("/voice/calls/answer", token="t2")
    line.bot.clock.advance(86400 + 4000)
    async with asyncio.timeout(20):
        while await line.tenant.db.fetch(sa.select(call.c.id)):
            line.bot.clock.advance(600)
            await asyncio.sleep(0.01)


async def test_a_call_follows_its_contact_where_two_are_one(database_url, make_line):
    line = await make_line(database_url=database_url)
    await line.ask("/voice/calls/answer")
    (one,) = await line.tenant.db.fetch(sa.select(call))
    other = (await line.tenant.conversations.open("voice", "+919800000009"))[1]
    moved = Moved(one.contact, other, (("voice", CUSTOMER),), (one.conversation,), Contact(other), dropped=True)
    async with line.tenant.action(by="asha") as act:
        act.merge(moved)
    await line.bot.observed("voice")
    assert [row.contact for row in await line.tenant.db.fetch(sa.select(call))] == [other]


async def test_a_recording_that_is_kept_longer_than_its_call_is_found_when_the_contact_is_erased(
    database_url, make_line
):
    line = await make_line(
        calls="keep_days = 1.0",
        more='[plugins.voice.calls.recording]\nmode = "announce"\nkeep_days = 10.0',
        clock=FrozenClock(),
        database_url=database_url,
    )
    await line.ask("/voice/calls/answer")
    await line.ask("/voice/calls/recorded", RecordingSid="RE1", **RECORDED)
    first = line.sid
    line.sid = "CA" + "2" * 32
    await line.ask("/voice/calls/answer", customer="+919800000002")
    async with asyncio.timeout(20):
        while line.sid in (
            there := {row.id for row in await line.tenant.db.fetch(sa.select(call.c.id, call.c.contact))}
        ):
            line.bot.clock.advance(600)
            await asyncio.sleep(0.01)
    assert there == {first}, "the one without a recording is gone"
    (one,) = await line.tenant.db.fetch(sa.select(call))
    await line.tenant.hooks.erase_contact(one.contact)
    await line.bot.until(lambda: line.twilio.removed == ["RE1"])


async def test_what_was_known_of_a_recording_goes_with_its_call(database_url, make_line):
    line = await make_line(
        calls="keep_days = 1.0",
        more="[plugins.voice.calls.recording]\nkeep_days = 0.5",
        clock=FrozenClock(),
        database_url=database_url,
    )
    await line.ask("/voice/calls/answer")
    await line.ask("/voice/calls/recorded", RecordingSid="RE1", **RECORDED)
    async with asyncio.timeout(20):
        while await line.tenant.db.fetch(sa.select(recording.c.id)):
            line.bot.clock.advance(600)
            await asyncio.sleep(0.01)
    assert line.twilio.removed == ["RE1"]
    assert not await line.tenant.db.fetch(sa.select(call.c.id))


async def test_a_call_whose_first_words_take_long_is_recorded_as_it_was_announced(make_line):
    line = await make_line(calls="wait = 0.000001", more='[plugins.voice.calls.recording]\nmode = "announce"')
    first = await line.ask("/voice/calls/answer")
    assert first.find("Redirect") is not None, "the bot has not spoken yet"
    assert line.words(first) == "This call is recorded."
    assert first.find("Start/Recording") is not None
