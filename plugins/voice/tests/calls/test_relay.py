"""Live calls by ConversationRelay: a socket as Twilio opens it, a bot that streams, a caller who breaks in."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import attrs
import pytest
import pytest_asyncio
from aiohttp import web

import hookline_voice
from hookline.app import make_app
from hookline.hookspecs import hookimpl
from hookline.message import HandoffRequest, Reply, Segment
from hookline.plugin import Plugin
from hookline.testing.twiliocalls import TwilioCalls

PUBLIC = "https://bank.example"
SID = "CA" + "7" * 32


class Talker:
    """Answers in sentences, one by one; waits after the first until `go_on`."""

    def __init__(self):
        self.heard = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.ended = 0

    def plugin(self):
        box = self

        class TenantHooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def receive(self, turn):
                hindi = any("\u0900" <= letter <= "\u097f" for letter in turn.message.text)
                return attrs.evolve(turn.message, language="hi" if hindi else "en")

            @hookimpl
            async def request_handoff(self, turn):
                return HandoffRequest("wish", "A colleague comes.") if turn.message.text == "agent" else None

            @hookimpl
            async def respond(self, turn):
                if turn.message.input_type == "event":
                    return None
                box.heard.append((turn.message.text, [one.text for one in turn.history]))
                if turn.language == "hi":
                    return Reply("ठीक है।")
                return box.sentences(turn.message.text)

        return Plugin("talker", TenantHooks)

    async def sentences(self, text):
        try:
            yield Segment(f"You said {text}. ")
            await self.go_on.wait()
            yield Segment("That is all I know. ")
            yield Segment("Ask me more.")
        finally:
            self.ended += 1


@attrs.define(eq=False)
class Phone:
    """Twilio's side of the socket."""

    socket: aiohttp.ClientWebSocketResponse

    async def send(self, kind, **told):
        await self.socket.send_json({"type": kind, **told})

    async def next(self):
        message = await self.socket.receive(timeout=20)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    async def until_last(self):
        """The tokens up to the last of a reply, joined, and what else came with them."""
        text, others = "", []
        while True:
            told = await self.next()
            if told["type"] != "text":
                others.append(told)
                continue
            text += told["token"]
            if told["last"]:
                return text, others


@attrs.define(eq=False)
class Line:
    bot: object
    http: aiohttp.ClientSession
    url: str
    twilio: TwilioCalls
    talker: Talker

    @property
    def tenant(self):
        return self.bot.tenant("voice", "acme")

    @asynccontextmanager
    async def phone(self, *, signed=True, **more):
        path = "/t/acme/voice/calls/relay"
        headers = (
            {"X-Twilio-Signature": self.twilio.sign(f"{PUBLIC}{path}".replace("https", "wss"), {})} if signed else {}
        )
        async with self.http.ws_connect(f"{self.url}{path}", headers=headers) as socket:
            phone = Phone(socket)
            told = {"sessionId": "VX1", "accountSid": self.twilio.account, "callSid": SID, "from": "+919800000001",
                    "to": self.twilio.number, "direction": "inbound", **more}  # fmt: skip
            await phone.send("setup", **told)
            yield phone

    async def history(self):
        one = await self.tenant.implementation.calling.store.find(SID)
        return [(told.direction, told.text) for told in await self.tenant.conversations.history(one.conversation)]


@pytest_asyncio.fixture
async def make_line(make_bot):
    async with AsyncExitStack() as stack:

        async def make(database_url=""):
            return await _line(stack, make_bot, database_url)

        yield make


@pytest_asyncio.fixture
async def line(make_line):
    return await make_line()


async def _line(stack, make_bot, database_url):
    twilio = await stack.enter_async_context(TwilioCalls())
    talker = Talker()
    config = f"""
public_url = "{PUBLIC}"
languages = ["en", "hi"]
[locale]
phone_region = "IN"
[plugins.voice.calls]
mode = "relay"
numbers = ["{twilio.number}"]
[plugins.voice.calls.twilio]
account_sid = "{twilio.account}"
auth_token = "{twilio.token}"
[plugins.voice.calls.transfer]
kind = "conference"
"""
    bot = await make_bot(
        plugins=[talker.plugin(), hookline_voice.plugin], tenants={"acme": config}, database_url=database_url
    )
    runner = web.AppRunner(make_app(bot.runtime, tenant="acme"), shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    http = await stack.enter_async_context(aiohttp.ClientSession())
    return Line(bot, http, f"http://127.0.0.1:{runner.addresses[0][1]}", twilio, talker)


async def test_a_call_is_handed_over_to_the_socket_by_twiml(line):
    url = f"{PUBLIC}/t/acme/voice/calls/answer"
    form = {"AccountSid": line.twilio.account, "CallSid": SID, "From": "+919800000001", "To": line.twilio.number}
    async with line.http.post(
        f"{line.url}/t/acme/voice/calls/answer", data=form, headers={"X-Twilio-Signature": line.twilio.sign(url, form)}
    ) as answer:
        text = await answer.text()
    assert 'url="wss://bank.example/t/acme/voice/calls/relay"' in text
    assert '<Language code="hi-IN" />' in text
    assert 'dtmfDetection="true"' in text


async def test_a_caller_talks_to_the_same_turns_and_hears_them_as_they_are_streamed(line):
    async with line.phone() as phone:
        assert (await phone.until_last())[0] == "Hello! How can I help you?"
        line.talker.go_on.clear()
        await phone.send("prompt", voicePrompt="my", lang="en-IN", last=False)
        await phone.send("prompt", voicePrompt="my balance.", lang="en-IN", last=True)
        first = await phone.next()
        assert (first["token"], first["last"], first["lang"]) == ("You said my balance. ", False, "en-IN")
        line.talker.go_on.set()
        rest, _ = await phone.until_last()
        assert rest == "That is all I know. Ask me more."
    assert [text for text, _ in line.talker.heard] == ["my balance"]
    assert (await line.history())[-1] == ("outbound", "You said my balance. That is all I know. Ask me more.")


async def test_who_breaks_in_ends_the_reply_and_the_transcript_says_what_was_heard(database_url, make_line):
    line = await make_line(database_url)
    async with line.phone() as phone:
        await phone.until_last()
        line.talker.go_on.clear()
        await phone.send("prompt", voicePrompt="my loan", lang="en-IN", last=True)
        assert (await phone.next())["token"] == "You said my loan. "
        await phone.send("interrupt", utteranceUntilInterrupt="You said", durationUntilInterruptMs="460")
        line.talker.go_on.set()
        await phone.send("prompt", voicePrompt="stop", lang="en-IN", last=True)
        told = await phone.next()
        while "stop" not in told["token"]:
            assert told["token"] == ""
            told = await phone.next()
        await phone.until_last()
    texts = [text for _, text in await line.history()]
    assert "You said" in texts
    assert not any("my loan. That is all" in text for text in texts)
    heard, history = line.talker.heard[-1]
    assert heard == "stop"
    assert "You said" in history
    assert line.talker.ended == 2


async def test_what_was_played_after_all_was_streamed_is_cut_too(line):
    async with line.phone() as phone:
        await phone.until_last()
        await phone.send("prompt", voicePrompt="hello", lang="en-IN", last=True)
        await phone.until_last()
        await phone.send("interrupt", utteranceUntilInterrupt="You said hello. That is", durationUntilInterruptMs="900")
        await phone.send("prompt", voicePrompt="more", lang="en-IN", last=True)
        await phone.until_last()
    assert ("outbound", "You said hello. That is") in await line.history()


async def test_the_greeting_is_cut_and_what_is_heard_after_that_cuts_nothing(line):
    async with line.phone() as phone:
        await phone.until_last()
        await phone.send("interrupt", utteranceUntilInterrupt="Hello! How can", durationUntilInterruptMs="900")
        await phone.send("interrupt", utteranceUntilInterrupt="", durationUntilInterruptMs="1")
        await phone.send("prompt", voicePrompt="more", lang="en-IN", last=True)
        await phone.until_last()
    assert ("outbound", "Hello! How can") in await line.history()


async def test_who_breaks_in_and_hangs_up_is_still_told_what_they_heard(line):
    async with line.phone() as phone:
        await phone.until_last()
        line.talker.go_on.clear()
        await phone.send("prompt", voicePrompt="my loan", lang="en-IN", last=True)
        await phone.next()
        await phone.send("interrupt", utteranceUntilInterrupt="You", durationUntilInterruptMs="90")
    async with asyncio.timeout(20):
        while (await line.history())[-1] != ("outbound", "You"):
            await asyncio.sleep(0.01)


async def test_two_prompts_in_a_row_are_both_answered_and_the_first_alone_is_cut(line):
    async with line.phone() as phone:
        await phone.until_last()
        line.talker.go_on.clear()
        await phone.send("prompt", voicePrompt="first", lang="en-IN", last=True)
        await phone.send("prompt", voicePrompt="second", lang="en-IN", last=True)
        assert (await phone.next())["token"] == "You said first. "
        await phone.send("interrupt", utteranceUntilInterrupt="You said", durationUntilInterruptMs="460")
        told = await phone.next()
        assert told["token"] == "You said second. "
        line.talker.go_on.set()
        await phone.until_last()
    texts = [text for direction, text in await line.history() if direction == "outbound"]
    assert texts[-2:] == ["You said", "You said second. That is all I know. Ask me more."]


async def test_the_last_words_of_who_hangs_up_are_kept_and_answered_in_the_transcript(line):
    async with line.phone() as phone:
        await phone.until_last()
        line.talker.go_on.clear()
        await phone.send("prompt", voicePrompt="first", lang="en-IN", last=True)
        assert (await phone.next())["token"] == "You said first. "
        await phone.send("prompt", voicePrompt="block my card", lang="en-IN", last=True)
    line.talker.go_on.set()
    async with asyncio.timeout(20):
        while not any(text.startswith("You said block my card.") for _, text in await line.history()):
            await asyncio.sleep(0.01)
    said = [text for direction, text in await line.history() if direction == "inbound"]
    assert said[-2:] == ["first", "block my card"]


async def test_keys_that_were_begun_and_then_said_do_not_begin_the_next_number(line):
    async with line.phone() as phone:
        await phone.until_last()
        await phone.send("dtmf", digit="1")
        await phone.send("dtmf", digit="2")
        await phone.send("prompt", voicePrompt="twelve", lang="en-IN", last=True)
        await phone.until_last()
        for digit in "34#":
            await phone.send("dtmf", digit=digit)
        assert (await phone.until_last())[0].startswith("You said 34. ")


async def test_a_caller_changes_the_language_in_mid_call(line):
    async with line.phone() as phone:
        await phone.until_last()
        await phone.send("prompt", voicePrompt="मेरा लोन", lang="hi-IN", last=True)
        text, others = await phone.until_last()
        assert text == "ठीक है।"
        assert others == [{"type": "language", "ttsLanguage": "hi-IN", "transcriptionLanguage": "hi-IN"}]


async def test_who_asks_for_a_person_is_handed_over(line):
    async with line.phone() as phone:
        await phone.until_last()
        await phone.send("prompt", voicePrompt="agent", lang="en-IN", last=True)
        text, _ = await phone.until_last()
        assert text == "A colleague comes."
        end = await phone.next()
        assert end["type"] == "end"
        assert json.loads(end["handoffData"])["transfer"] == "wish"
    url = f"{PUBLIC}/t/acme/voice/calls/relay/ended"
    form = {"AccountSid": line.twilio.account, "CallSid": SID, "From": "+919800000001", "To": line.twilio.number}
    async with line.http.post(
        f"{line.url}/t/acme/voice/calls/relay/ended",
        data=form,
        headers={"X-Twilio-Signature": line.twilio.sign(url, form)},
    ) as answer:
        assert "<Conference" in await answer.text()


async def test_a_socket_that_is_not_twilios_is_refused(line):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with line.phone(signed=False):
            pass
    assert refused.value.status == 403
    for more in ({"accountSid": "AC9"}, {"callSid": ""}, {"to": "+15550000000"}):
        async with line.phone(**more) as phone:
            message = await phone.socket.receive(timeout=20)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.data == 1008
    async with line.phone() as phone:
        await phone.until_last()
        for odd in ("{", "[1]", '{"type": "prompt"}', '{"type": 7}', '{"type":"dtmf","digit":null}'):
            await phone.socket.send_str(odd)
        await phone.send("prompt", voicePrompt="still there", lang="xx", last=True)
        assert "still there" in (await phone.until_last())[0]


async def test_what_is_no_text_was_not_said_and_what_no_database_takes_is_left_out(database_url, make_line):
    line = await make_line(database_url)
    async with line.phone(customParameters={"order": "no\x00such"}) as phone:
        await phone.until_last()
        for odd in (None, [], {}, True, 1.5):
            await phone.send("prompt", voicePrompt=odd, lang=odd, last=True)
            await phone.send("interrupt", utteranceUntilInterrupt=odd)
            await phone.send("setup", callSid=odd, customParameters=odd)
        await phone.socket.send_bytes(b'{"type": "prompt", "voicePrompt": "not a text frame", "last": true}')
        await phone.socket.send_str('{"type": "prompt", "voicePrompt": "still\\u0000 \\ud800there", "lang": "en-IN"}')
        assert (await phone.until_last())[0].startswith("You said still")
        for digit in (None, [1], "\x00", 4, "2", "#"):
            await phone.send("dtmf", digit=digit)
        assert (await phone.until_last())[0].startswith("You said 42")
    assert [text for text, _ in line.talker.heard] == ["still \ufffdthere", "42"]
