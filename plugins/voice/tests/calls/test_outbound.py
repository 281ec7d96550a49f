"""Calls that the bot places: ordered, placed once, followed to their end, tried again, called off."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa

from hookline.models import inbox
from hookline.testing.clock import FrozenClock
from hookline.testing.loopback import Status

CUSTOMER = "+919800000001"
PUBLIC = "https://bank.example"


def noon():
    """A clock at noon in India."""
    return FrozenClock(1_795_242_600.0)


async def test_a_call_is_placed_once_and_its_way_is_followed(database_url, make_line):
    line = await make_line(database_url=database_url, clock=noon())
    wish = {"to": CUSTOMER, "key": "task-7", "slots": {"colour": "red"}}
    for _ in range(2):
        told = await line.staff("POST", "/api/v1/voice/calls", wish, status=202)
    one = await line.placed()
    assert (one["To"], one["From"], one["MachineDetection"]) == (CUSTOMER, line.twilio.number, "Enable")
    assert one["events"] == ["initiated", "ringing", "answered", "completed"]
    assert one["Url"] == f"{PUBLIC}/t/acme/voice/calls/answer?order={told['id']}"
    line.sid = one["sid"]
    path = one["Url"].removeprefix(f"{PUBLIC}/t/acme")
    document = await line.ask(path, direction="outbound-api", AnsweredBy="human")
    assert "Which colour?" in line.words(document)
    assert line.guide.heard[0].data["flow"] == {"begin": "shop", "slots": {"colour": "red"}}
    await line.ask("/voice/calls/steps/colour/answer", direction="outbound-api", Digits="1")
    await line.ask("/voice/calls/steps/size/answer", direction="outbound-api", Digits="3")
    for status in ("completed", "ringing", "completed"):
        await line.ask("/voice/calls/status", direction="outbound-api", CallStatus=status, CallDuration="31")
    (row,) = await line.orders()
    assert (row.state, row.outcome, row.attempts, row.call) == ("done", "bought", 1, one["sid"])
    (shown,) = (await line.staff("GET", "/api/v1/voice/calls"))["calls"]
    assert (shown["outcome"], shown["seconds"], shown["status"]) == ("bought", 31, "completed")
    assert len(line.twilio.placed) == 1


async def test_who_does_not_answer_is_called_again_as_often_as_configured(database_url, make_line):
    clock = noon()
    line = await make_line(
        database_url=database_url,
        clock=clock,
        more="[plugins.voice.calls.outbound]\nattempts = 2\nretry_seconds = 600.0",
    )
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER}, status=202)
    for n, status in enumerate(("no-answer", "busy"), 1):
        one = await line.placed(n)
        line.sid = one["sid"]
        path = one["StatusCallback"].removeprefix(f"{PUBLIC}/t/acme")
        await line.ask(path, direction="outbound-api", CallStatus=status)
        clock.advance(601)
    await line.bot.idle()
    (row,) = await line.orders()
    assert (row.state, row.outcome, row.attempts) == ("done", "busy", 2)
    assert len(line.twilio.placed) == 2


async def test_nobody_is_called_in_the_quiet_hours_where_they_are(make_line):
    clock = noon()
    line = await make_line(clock=clock)
    await line.staff(
        "POST", "/api/v1/voice/calls", {"to": "+14155550123"}, status=202
    )  # it is before dawn in California
    async with asyncio.timeout(20):
        while not (await line.orders())[0].not_before:
            await asyncio.sleep(0.01)
    assert line.twilio.placed == {}
    (row,) = await line.orders()
    assert row.not_before > clock.now()
    clock.advance(row.not_before - clock.now() + 1)
    assert (await line.placed())["To"] == "+14155550123"


async def test_a_call_whose_placing_was_cut_off_is_not_placed_twice(database_url, make_line):
    line = await make_line(database_url=database_url, clock=noon())
    line.twilio.lost = 1
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER}, status=202)
    await line.bot.until(lambda: line.twilio.placed)
    one = await line.retried()
    (row,) = await line.orders()
    assert (row.state, row.call) == ("placed", one["sid"])
    assert len(line.twilio.placed) == 1


async def test_another_call_to_the_same_customer_is_not_taken_for_the_one_that_was_cut_off(database_url, make_line):
    line = await make_line(clock=noon(), database_url=database_url)
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER, "key": "first"}, status=202)
    first = await line.placed()
    line.twilio.lost = 1
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER, "key": "second"}, status=202)
    await line.bot.until(lambda: len(line.twilio.placed) == 2)
    second = await line.settled("second", "placed")
    assert second.call not in ("", first["sid"])

    line.twilio.lost = 1
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER, "key": "third"}, status=202)
    await line.bot.until(lambda: len(line.twilio.placed) == 3)
    stranger = {**first, "sid": "CA" + "8" * 32}  # another program's, of the same account
    line.twilio.placed[stranger["sid"]] = stranger
    third = await line.settled("third", "unknown")
    assert "Twilio has 2 calls to this number that may be it" in third.error
    health = await line.tenant.hooks.check_health()
    assert health["calls"]["status"] == "degraded"
    assert "orders?state=unknown" in health["calls"]["detail"]
    (listed,) = (await line.staff("GET", "/api/v1/voice/orders?state=unknown"))["orders"]
    settled = await line.staff("DELETE", f"/api/v1/voice/orders/{listed['id']}")
    assert settled["state"] == "cancelled"
    assert (await line.tenant.hooks.check_health())["calls"]["status"] == "ok"


async def test_a_call_is_called_off_until_it_is_placed(database_url, make_line):
    line = await make_line(clock=noon(), database_url=database_url)
    told = await line.staff("POST", "/api/v1/voice/calls", {"to": "+14155550123"}, status=202)
    path = f"/api/v1/voice/orders/{told['id']}"
    assert (await line.staff("DELETE", path))["outcome"] == "cancelled"
    assert "placed already" in (await line.staff("DELETE", path, status=409))["detail"]
    assert "there is no order 'x'" in (await line.staff("DELETE", "/api/v1/voice/orders/x", status=404))["detail"]
    line.bot.clock.advance(86400)
    await line.bot.idle()
    assert line.twilio.placed == {}
    told = await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER}, status=202)
    await line.placed()
    await line.staff("DELETE", f"/api/v1/voice/orders/{told['id']}", status=409)


async def test_a_call_that_twilio_never_takes_is_given_up_in_the_end(make_line):
    line = await make_line(clock=noon())
    line.twilio.meet = lambda _moment: False
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER, "key": "deaf"}, status=202)
    row = await line.settled("deaf", "failed", step=20)
    assert (row.outcome, row.attempts) == ("failed", 1)
    assert row.error.startswith("not placed in 5 tries: Twilio is out of reach: ")
    assert line.twilio.placed == {}


async def test_a_call_of_which_nothing_is_heard_is_asked_about(database_url, make_line):
    line = await make_line(clock=noon(), database_url=database_url)
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER, "key": "quiet"}, status=202)
    one = await line.placed()
    line.twilio.fail(Status(503))  # to the first question
    line.bot.clock.advance(901)
    await line.bot.until(lambda: line.twilio.calls("GET", f"{one['sid']}.json"))
    await line.bot.idle()
    one |= {"status": "completed", "duration": "40"}
    line.bot.clock.advance(901)
    assert (await line.settled("quiet", "done")).outcome == "answered"
    (shown,) = (await line.staff("GET", "/api/v1/voice/calls?outcome=answered"))["calls"]
    assert (shown["id"], shown["seconds"]) == (one["sid"], 40)


async def test_a_wish_of_another_plugin_that_can_never_be_a_call_is_not_tried_again(make_line):
    line = await make_line(clock=noon())
    await line.tenant.submit("place", {"to": "bank"}, plugin="voice", key="w1")
    await line.bot.idle()
    (dead,) = await line.tenant.db.fetch(sa.select(inbox.c.attempts, inbox.c.error).where(inbox.c.state == "dead"))
    assert dead.attempts == 1
    assert "no call can be ordered: to: given 'bank'" in dead.error
    await line.tenant.submit("place", {"to": CUSTOMER}, plugin="voice", key="w2")
    await line.bot.idle()
    assert [row.by for row in await line.orders()] == ["voice"]


async def test_twilio_is_asked_again_where_it_is_busy_and_not_where_it_refuses(make_line):
    line = await make_line(clock=noon())
    line.twilio.fail(Status(429))
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER}, status=202)
    assert (await line.retried())["To"] == CUSTOMER
    line.twilio.unreachable.add("+919800000002")
    await line.staff("POST", "/api/v1/voice/calls", {"to": "+919800000002"}, status=202)
    await line.bot.idle()
    row = (await line.orders())[-1]
    assert (row.state, row.outcome) == ("failed", "failed")
    assert "21215" in row.error


async def test_a_machine_hears_nothing(make_line):
    line = await make_line(clock=noon())
    await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER}, status=202)
    one = await line.placed()
    line.sid = one["sid"]
    document = await line.ask(
        one["Url"].removeprefix(f"{PUBLIC}/t/acme"), direction="outbound-api", AnsweredBy="machine_start"
    )
    assert line.words(document) == ""
    assert await line.outcome() == "machine"


async def test_a_wish_that_can_t_be_a_call_says_why(line):
    told = await line.staff("POST", "/api/v1/voice/calls", {"to": "bank"}, status=400)
    assert "to: given 'bank'; allowed: a number such as" in told["detail"]
    told = await line.staff("POST", "/api/v1/voice/calls", {"to": CUSTOMER, "number": "+15550000000"}, status=400)
    assert "allowed: one of [plugins.voice.calls] numbers" in told["detail"]
