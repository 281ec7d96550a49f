"""Calls as TwiML: a flow walked by voice and keys, repeats, silence, a person, what is refused."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from hookline.message import Reply
from hookline.models import outbox
from hookline.testing.clock import FrozenClock
from hookline_voice.callmodels import call

CUSTOMER = "+919800000001"
PUBLIC = "https://bank.example"


@pytest.mark.row("X05")
async def test_any_flow_is_walked_by_keys_or_by_voice(line):
    first = await line.ask("/voice/calls/answer")
    gather = first.find("Gather")
    assert gather.get("action") == "/t/acme/voice/calls/steps/colour/answer"
    assert (gather.get("input"), gather.get("numDigits")) == ("speech dtmf", "1")
    assert line.words(first) == "Which colour? For Red, press 1. For Blue, press 2."
    assert "Red" in gather.get("hints")
    again = await line.ask("/voice/calls/steps/colour/answer", Digits="7")
    assert "Sorry, which colour?" in line.words(again)
    size = await line.ask("/voice/calls/steps/colour/answer", SpeechResult="Blue, please.")
    assert size.find("Gather").get("finishOnKey") == "#"
    assert line.guide.heard[-1].text == "2"
    bye = await line.ask("/voice/calls/steps/size/answer", Digits="१२#")
    assert line.words(bye) == "12 it is. Goodbye."
    assert bye.find("Hangup") is not None
    assert await line.outcome() == "bought"


async def test_messages_of_a_call_are_in_one_conversation_of_their_own(line):
    await line.ask("/voice/calls/answer")
    await line.ask("/voice/calls/steps/colour/answer", Digits="1")
    found = await line.tenant.db.fetch(sa.select(call))
    history = await line.tenant.conversations.history(found[0].conversation)
    assert [(one.direction, one.channel, one.text) for one in history][1:] == [
        ("outbound", "voice", "Which colour?"), ("inbound", "voice", "1"), ("outbound", "voice", "How many?"),
    ]  # fmt: skip
    assert found[0].address == CUSTOMER
    line.sid = "CA" + "2" * 32
    assert "Which colour?" in line.words(await line.ask("/voice/calls/answer"))
    assert len({row.conversation for row in await line.tenant.db.fetch(sa.select(call))}) == 2


async def test_who_says_nothing_is_asked_again_and_then_taken_leave_of(database_url, make_line):
    line = await make_line(calls="silences = 2", database_url=database_url)
    await line.ask("/voice/calls/answer")
    several = await asyncio.gather(*(line.ask("/voice/calls/steps/colour/answer", token="t1") for _ in range(4)))
    again = several[0]
    assert len({ET.tostring(one) for one in several}) == 1
    assert line.words(again).endswith("Which colour? For Red, press 1. For Blue, press 2.")
    bye = await line.ask("/voice/calls/steps/colour/answer", token="t2")
    assert bye.find("Hangup") is not None
    assert await line.outcome() == "no_input"
    await line.ask("/voice/calls/steps/colour/answer", Digits="1")
    late = await line.ask("/voice/calls/steps/colour/answer", Digits="2")  # an answer to what is not asked any more
    assert "How many?" in line.words(late)
    await line.ask("/voice/calls/status", CallStatus="completed", CallDuration="9")
    assert await line.outcome() == "no_input"  # the first word about how it went counts


async def test_what_a_turn_sends_to_somebody_else_is_not_said_to_the_caller(line):
    line.guide.colleague, _ = await line.tenant.conversations.open("loopback", "colleague")
    for _ in range(5):  # more than has been said in the call
        await line.tenant.send(Reply("Hello."), conversation=line.guide.colleague)
    await line.ask("/voice/calls/answer")
    document = await line.ask("/voice/calls/steps/colour/answer", Digits="1")
    assert line.words(document).startswith("How many?")
    assert "Somebody" not in ET.tostring(document, encoding="unicode")


async def test_a_slow_answer_is_a_pause_and_then_said(make_line):
    line = await make_line(calls="wait = 0.2")
    await line.ask("/voice/calls/answer")
    await line.ask("/voice/calls/steps/colour/answer", Digits="1")
    document = await line.ask("/voice/calls/steps/size/answer", SpeechResult="slow")
    assert document.find("Pause") is not None
    path = document.find("Redirect").text
    again = await line.ask(path.removeprefix("/t/acme"))
    assert again.find("Redirect").text == path
    line.guide.go_on.set()
    await line.bot.idle()
    assert "slow it is" in line.words(await line.ask(path.removeprefix("/t/acme")))


async def test_a_request_that_is_repeated_gets_the_same_body_and_the_bot_hears_it_once(database_url, make_line):
    line = await make_line(database_url=database_url)
    await line.ask("/voice/calls/answer")
    bodies = await asyncio.gather(*(
        line.ask("/voice/calls/steps/colour/answer", Digits="1", token="t1") for _ in range(5)
    ))  # fmt: skip
    assert len({ET.tostring(body) for body in bodies}) == 1
    late = await line.ask("/voice/calls/steps/colour/answer", Digits="1", token="t1")
    assert ET.tostring(late) == ET.tostring(bodies[0])
    assert [one.text for one in line.guide.heard if one.input_type != "event"] == ["1"]


async def test_a_person_is_connected_to_as_configured(make_line):
    for kind, more, tag in (
        ("enqueue", 'workflow_sid = "WW1"', "Enqueue"), ("dial", 'number = "+911140000099"', "Dial"), ("conference", "", "Dial"),
        ("callback", "", "Hangup"),
    ):  # fmt: skip
        line = await make_line(more=f'[plugins.voice.calls.transfer]\nkind = "{kind}"\n{more}')
        await line.ask("/voice/calls/answer")
        document = await line.ask("/voice/calls/steps/colour/answer", SpeechResult="agent")
        assert "A colleague comes." in line.words(document)
        connects = document.find(tag)
        assert connects is not None, ET.tostring(document)
        if kind == "enqueue":
            assert connects.get("workflowSid") == "WW1"
            assert '"channel": "voice"' in connects.find("Task").text
        if kind == "conference":
            assert connects.find("Conference").text
        assert await line.outcome() == "agent"
        missed = await line.ask("/voice/calls/transferred", DialCallStatus="no-answer")
        assert "We call you back" in line.words(missed)


async def test_what_twilio_would_not_send_is_refused(line, make_line):
    assert "CallSid" in await line.ask("/voice/calls/answer", status=400, CallSid="../x")
    assert "numbers" in await line.ask("/voice/calls/answer", status=403, To="+15550000000")
    headers = {
        "X-Twilio-Signature": line.twilio.sign(f"{PUBLIC}/t/acme/voice/calls/answer", {}),
        "Content-Type": "application/json",
    }
    async with line.http.post(
        f"{line.url}/t/acme/voice/calls/answer", data=b'{"CallSid": "CA1"}', headers=headers
    ) as answer:
        assert answer.status == 400
    async with line.http.post(
        f"{line.url}/t/acme/voice/calls/answer",
        data=b"x" * 70_000,
        headers=headers | {"Content-Type": "application/x-www-form-urlencoded"},
    ) as answer:
        assert answer.status == 400
    assert await line.tenant.db.fetch(sa.select(call)) == []


async def test_a_call_that_ended_long_ago_tells_nothing_any_more(make_line):
    clock = FrozenClock()
    line = await make_line(clock=clock)
    await line.ask("/voice/calls/answer")
    await line.ask("/voice/calls/status", CallStatus="completed", CallDuration="12")
    assert "Which colour?" in line.words(await line.ask("/voice/calls/answer"))
    clock.advance(601)
    assert "ended" in await line.ask("/voice/calls/answer", status=403)


async def test_what_is_written_to_a_call_that_has_ended_was_not_delivered(make_line):
    clock = FrozenClock()
    line = await make_line(calls="stale_seconds = 60.0", clock=clock)
    await line.ask("/voice/calls/answer")
    (one,) = await line.tenant.db.fetch(sa.select(call))

    async def send(text, author):
        await line.tenant.send(Reply(text), conversation=one.conversation, author=author)
        await line.bot.idle()
        rows = await line.tenant.db.fetch(sa.select(outbox.c.state, outbox.c.error).order_by(outbox.c.id))
        return rows[-1].state, rows[-1].error

    assert (await send("I am here", "agent"))[0] == "sent"
    await line.ask("/voice/calls/status", CallStatus="completed")
    assert (await send("still on my way", "bot"))[0] == "sent"
    state, error = await send("are you there?", "agent")
    assert (state, "reach the customer on another channel" in error) == ("failed", True)
    clock.advance(61)
    assert (await send("how was it?", "bot"))[0] == "failed"
