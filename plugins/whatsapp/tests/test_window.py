"""The 24-hour window, templates, opting out and in, and the pace of a number."""

from __future__ import annotations

import asyncio

import pytest

from hookline.message import Reply
from hookline.testing.clock import FrozenClock
from hookline.testing.loopback import Status
from hookline_whatsapp.optwords import START, STOP

DAY = 86400.0


async def reach(line, text, *, author="system", key="", **data):
    """Send a message outside of a turn to the customer who wrote last."""
    conversation = line.parrot.heard[-1].conversation
    reply = Reply(text, data=data)
    return await line.tenant.send(reply, conversation=conversation, author=author, key=key)


@pytest.fixture
def clock():
    return FrozenClock()


TEMPLATE = """
[conversations]
expires_after = 0.0
[plugins.whatsapp.window]
template = "news"
languages = { en = "en_US" }
variables = { 1 = "{name} of {title}", 2 = "{text}" }
"""
NEVER_EXPIRES = "[conversations]\nexpires_after = 0.0\n"


async def test_within_the_window_a_message_goes_as_it_is(make_line, clock):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    await line.say("hello")
    clock.advance(DAY - 60)
    await reach(line, "your card is ready")
    await line.bot.idle()
    assert line.meta.texts()[-1] == "your card is ready"


async def test_outside_the_window_the_template_goes_with_its_parameters_and_language(make_line, clock):
    line = await make_line(clock=clock, more=TEMPLATE)
    line.meta.templates["news", "en_US"] = 2
    await line.say("hello")
    clock.advance(DAY + 1)
    line.meta.shut.add("919812345678")
    await reach(line, "your card\nis    ready,\tat last")
    await line.bot.idle()
    told = line.meta.messages[-1]["template"]
    assert told["name"] == "news"
    assert told["language"] == {"code": "en_US", "policy": "deterministic"}
    assert [one["text"] for one in told["components"][0]["parameters"]] == [
        "Asha of Assistant",
        "your card is ready, at last",
    ]


async def test_what_is_parked_goes_as_a_template_once_one_is_set(make_line, clock):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    line.meta.templates["news", "en_US"] = 2
    await line.say("hello")
    clock.advance(DAY + 1)
    await reach(line, "your card is ready")
    async with asyncio.timeout(10):
        while (await line.outbox())[-1][0] != "parked":
            await asyncio.sleep(0.01)
    config = line.bot.folder / "tenants" / "acme" / "tenant.toml"
    config.write_text(config.read_text(encoding="utf-8").replace(NEVER_EXPIRES, TEMPLATE), encoding="utf-8")
    assert await line.bot.runtime.load("acme")
    clock.advance(3)
    await line.bot.until(lambda: len(line.meta.messages) == 2)
    assert line.meta.messages[-1]["template"]["components"][0]["parameters"][1]["text"] == "your card is ready"


async def test_without_a_template_it_is_parked_with_its_cause_and_goes_when_the_customer_writes(make_line, clock):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    await line.say("hello")
    clock.advance(DAY + 1)
    await reach(line, "your card is ready")
    async with asyncio.timeout(10):
        while (await line.outbox())[-1][0] != "parked":
            await asyncio.sleep(0.01)
    assert "24-hour window" in (await line.outbox())[-1][1]
    assert "your card is ready" not in line.meta.texts()
    status, _ = await line.post(line.payload(line.text("what is new?")))
    assert status == 200
    await line.bot.until(lambda: len(line.meta.messages) == 3)
    assert line.meta.texts()[1:] == ["your card is ready", "You said: what is new?"]


async def test_a_template_passes_what_is_parked_and_the_order_is_kept_when_the_customer_writes(make_line, clock):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    line.meta.templates["offer", "en"] = 0
    await line.say("hello")
    clock.advance(DAY + 1)
    await reach(line, "your card is ready", key="1")
    await reach(line, "Offer", template={"name": "offer", "language": "en"}, key="2")
    await line.bot.until(lambda: len(line.meta.messages) == 2)
    await reach(line, "it is blue", author="agent", key="3")
    await reach(line, "Offer", author="agent", template={"name": "offer", "language": "en"}, key="4")
    await line.bot.until(lambda: len(line.meta.messages) == 3)
    assert [one["type"] for one in line.meta.messages[1:]] == ["template", "template"]
    async with asyncio.timeout(10):
        while [state for state, _ in await line.outbox()] != ["sent", "parked", "sent", "parked", "sent"]:
            await asyncio.sleep(0.01)
    status, _ = await line.post(line.payload(line.text("what is new?")))
    assert status == 200
    await line.bot.until(lambda: len(line.meta.messages) == 6)
    assert [one["text"]["body"] for one in line.meta.messages[3:]] == [
        "your card is ready",
        "it is blue",
        "You said: what is new?",
    ]


async def test_a_window_that_the_provider_finds_shut_is_shut_for_us_too(make_line, clock):
    line = await make_line(clock=clock, more=f"{TEMPLATE}[deliveries]\nbackoff = 0.0\n")
    line.meta.templates["news", "en_US"] = 2
    await line.say("hello")
    line.meta.shut.add("919812345678")
    await reach(line, "your card is ready")
    await line.bot.until(lambda: len(line.meta.messages) == 2)
    assert line.meta.messages[-1]["type"] == "template"


async def test_a_template_of_a_campaign_goes_out_in_and_outside_of_the_window(make_line, clock):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    line.meta.templates["offer", "hi"] = 1
    await line.say("hello")
    clock.advance(30 * DAY)
    await reach(line, "Offer", template={"name": "offer", "language": "hi", "variables": ["2.5 %"]})
    await line.bot.until(lambda: len(line.meta.messages) == 2)
    assert line.meta.messages[-1]["template"]["components"][0]["parameters"] == [{"type": "text", "text": "2.5 %"}]


async def test_numbered_parameters_of_a_template_go_by_their_numbers(make_line, clock):
    line = await make_line(clock=clock)
    await line.say("hello")
    line.meta.templates["many", "en"] = 11
    variables = {str(n): f"value {n}" for n in (2, 11, 1, 10, 3, 4, 5, 6, 7, 8, 9)}
    await reach(line, "Many", template={"name": "many", "language": "en", "variables": variables})
    await line.bot.until(lambda: len(line.meta.messages) == 2)
    (body,) = line.meta.messages[1]["template"]["components"]
    assert [one["text"] for one in body["parameters"]] == [f"value {n}" for n in range(1, 12)]


@pytest.mark.parametrize("language", sorted(STOP))
async def test_who_opts_out_gets_nothing_unasked_until_they_opt_in_in_their_language(make_line, clock, language):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    await line.say("hello")
    word = STOP[language][-1]
    (told,) = await line.say(f"  {word.upper()}!! 🙏")
    assert "START" in told["text"]["body"]
    assert len(line.parrot.heard) == 1, "no answering plugin is asked"
    await reach(line, "an offer")
    await line.bot.idle()
    assert (await line.outbox())[-1] == ("dropped", "the customer has opted out of messages that are sent unasked")
    (told,) = await line.say("what is my balance?")
    assert told["text"]["body"] == "You said: what is my balance?", "what they ask is answered"
    await line.say(START[language][0])
    clock.advance(5)
    await reach(line, "another offer")
    await line.bot.idle()
    assert line.meta.texts()[-1] == "another offer"


@pytest.mark.parametrize(
    "text", ["please don't stop my card", "stop payment of cheque 12", "how do I unsubscribe?", "end", "cancel"]
)
async def test_what_only_has_such_a_word_in_it_is_an_ordinary_message(line, text):
    (told,) = await line.say(text)
    assert told["text"]["body"] == f"You said: {text}"


async def test_the_agent_may_write_to_who_has_opted_out(make_line, clock):
    line = await make_line(clock=clock, more=NEVER_EXPIRES)
    await line.say("hello")
    await line.say("stop")
    clock.advance(7200)
    await reach(line, "about your complaint", author="agent")
    await line.bot.idle()
    assert line.meta.texts()[-1] == "about your complaint"


async def test_a_number_keeps_to_its_pace(make_line):
    more = '[plugins.whatsapp.numbers.slow]\nid = "555"\nper_second = 20.0\n'
    line = await make_line(more=more)
    line.meta.numbers.add("555")
    begun = asyncio.get_running_loop().time()
    await line.hear(*[line.text("hi", sender=f"+91980000{n:04d}") for n in range(40)], number="555")
    took = asyncio.get_running_loop().time() - begun
    assert len(line.meta.messages) == 40
    assert 0.9 < took < 8, "20 at once, the other 20 in a second"


@pytest.mark.row("L34")
async def test_a_hundred_messages_at_ten_a_second_take_nine_and_a_429_among_them_loses_none(make_line, clock):
    line = await make_line(clock=clock, more=f"{NEVER_EXPIRES}[deliveries]\nbackoff = 0.01\n")
    path = line.bot.folder / "tenants" / "acme" / "tenant.toml"
    text = path.read_text(encoding="utf-8").replace('provider = "meta"', 'provider = "meta"\nread_receipts = false')
    text = text.replace('phone = "+911234567890"', 'phone = "+911234567890"\nper_second = 10.0')
    path.write_text(text, encoding="utf-8")
    assert await line.bot.runtime.load("acme")
    begun = clock.now()
    bodies = [line.payload(line.text(f"hello {n}", sender=f"+9198000{n:05}")) for n in range(100)]
    line.meta.fail(Status(429, retry_after="1"))
    for body in bodies:
        assert (await line.post(body))[0] == 200
    async with asyncio.timeout(60):
        while len(line.meta.messages) < 100:
            clock.advance(0.05)
            await asyncio.sleep(0.005)
    assert clock.now() - begun >= 9.0
    assert len([body for _, body in line.meta.requests if body and "type" in body]) == 101, (
        "one was refused, and sent again"
    )
    assert {told["text"]["body"] for told in line.meta.messages} == {f"You said: hello {n}" for n in range(100)}


async def test_too_much_for_one_customer_holds_nobody_else_up(make_line, clock):
    line = await make_line(clock=clock)
    line.meta.refuse(131056)  # "pair rate limit hit": of this number to this customer
    await line.post(line.payload(line.text("hello")))
    await line.bot.until(lambda: not line.meta.refusals)
    await line.post(line.payload(line.text("hello", sender="+919800000002")))
    await line.bot.until(lambda: line.meta.messages)
    assert [told["to"] for told in line.meta.messages] == ["919800000002"]


async def test_too_many_requests_stop_the_number_for_as_long_as_the_provider_says(make_line, clock):
    line = await make_line(clock=clock, more="[deliveries]\nbackoff = 0.0\n")
    line.meta.fail(Status(429, retry_after="30"))
    await line.post(line.payload(line.text("hello")))
    await line.bot.until(lambda: any(body and "type" in body for _, body in line.meta.requests))
    async with asyncio.timeout(10):
        while not any(state == "parked" for state, _ in await line.outbox()):
            await asyncio.sleep(0.01)
    assert line.meta.messages == []
    clock.advance(31)
    await line.bot.until(lambda: line.meta.messages)
    assert line.meta.texts() == ["You said: hello"]
