"""A call about an instalment, as Twilio makes it: the nine addresses of the replaced system, signed, in two languages."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from xml.etree import ElementTree as ET

import attrs
import pytest
import pytest_asyncio

from hookline.testing.clock import FrozenClock

TOKEN = "b" * 32
ACCOUNT = "AC" + "1" * 32
BANK = "+911140000000"
ASHA, RAHUL = "+919800000001", "+919800000002"
TRANSFER = {"CALL_TRANSFER": "enqueue", "TWILIO_WORKFLOW_SID": "WW" + "5" * 32}
_N = itertools.count(1)


@attrs.define
class Line:
    """A customer on the telephone; `ask` is one request of Twilio's."""

    counter: object
    customer: str = ASHA
    sid: str = attrs.Factory(lambda: f"CA{next(_N):032x}")
    direction: str = "outbound-api"

    async def ask(self, path, method="POST", status=200, token="", signature=None, **fields):
        ours, theirs = (BANK, self.customer) if self.direction.startswith("outbound") else (self.customer, BANK)
        form = {"AccountSid": ACCOUNT, "CallSid": self.sid, "From": ours, "To": theirs, "Direction": self.direction,
                "CallStatus": "in-progress", **fields}  # fmt: skip
        client = self.counter.client
        url = str(client.make_url(path))
        if method == "GET":
            url = str(client.make_url(path).with_query(form))
        told = url + ("" if method == "GET" else "".join(f"{key}{form[key]}" for key in sorted(form)))
        given = base64.b64encode(hmac.new(TOKEN.encode(), told.encode(), hashlib.sha1).digest()).decode()
        headers = {"X-Twilio-Signature": given if signature is None else signature}
        if token:
            headers["I-Twilio-Idempotency-Token"] = token
        data = {} if method == "GET" else {"data": form}
        async with client.session.request(method, url, headers=headers, **data) as answer:
            text = await answer.text()
            assert answer.status == status, (answer.status, text)
            if status != 200:
                return text
            assert answer.content_type == "text/xml"
            return ET.fromstring(text)

    async def walk(self, path, **fields):
        """As Twilio does: follow redirects until something is asked, or the call ends."""
        while True:
            document = await self.ask(path, **fields)
            redirect = document.find("Redirect")
            if redirect is None:
                return document
            path, fields = redirect.text, {}


def words(document):
    return " ".join(one.text for one in document.iter("Say"))


def action(document):
    return document.find("Gather").get("action")


@pytest_asyncio.fixture
async def make_line(make_counter):
    counter = await make_counter(TWILIO_AUTH_TOKEN=TOKEN, TWILIO_ACCOUNT_SID=ACCOUNT, **TRANSFER)

    def make(customer=ASHA, **more):
        return Line(counter, customer, **more)

    return make


@pytest.mark.row("F36")
@pytest.mark.row("F37")
@pytest.mark.row("F38")
@pytest.mark.row("F39")
@pytest.mark.row("F40")
@pytest.mark.row("F41")
@pytest.mark.row("F42")
@pytest.mark.row("F43")
@pytest.mark.row("F44")
@pytest.mark.row("F45")
async def test_a_call_goes_from_the_language_to_an_agent(make_line):
    line = make_line()
    for method in ("GET", "POST"):
        first = await line.ask("/voice-language-select", method)
        assert action(first) == "/voice-language-select-handler"
        assert "English" in words(first)
        assert "हिन्दी" in words(first)
    wrong = await line.ask("/voice-language-select-handler", Digits="7")
    assert action(wrong) == "/voice-language-select-handler"
    to = await line.ask("/voice-language-select-handler", Digits="1")
    assert to.find("Redirect").text == "/voice-confirm-identity"
    who = await line.ask("/voice-confirm-identity")
    assert "Am I speaking with Asha Verma?" in words(who)
    assert action(who) == "/voice-handle-identity-confirmation"
    assert "12,500" not in words(who)
    to = await line.ask("/voice-handle-identity-confirmation", SpeechResult="Yes.")
    assert to.find("Redirect").text == "/voice-emi-details"
    emi = await line.ask("/voice-emi-details")
    assert "12,500" in words(emi)
    assert "January" in words(emi)
    assert emi.find("Redirect").text == "/voice-explain-impact"
    impact = await line.ask("/voice-explain-impact", "GET")
    assert "credit score" in words(impact)
    assert impact.find("Redirect").text == "/voice-offer-support"
    support = await line.ask("/voice-offer-support")
    assert action(support) == "/voice-handle-support-choice"
    assert "payment plan, press 1" in words(support)
    assert "an agent, press 2" in words(support)
    to = await line.ask("/voice-handle-support-choice", Digits="2")
    assert to.find("Redirect").text == "/voice-connect-to-agent"
    agent = await line.ask("/voice-connect-to-agent")
    assert "colleague" in words(agent)
    assert agent.find("Enqueue").get("workflowSid") == TRANSFER["TWILIO_WORKFLOW_SID"]
    task = json.loads(agent.find("Enqueue/Task").text)
    assert (task["channel"], task["call"], task["customer"]) == ("voice", line.sid, ASHA)
    assert await outcome(line) == "agent"
    handoffs = await line.counter.call("GET", "/agent/unresolved_sessions", staff=True)
    assert [one["channel"] for one in handoffs[1]["sessions"]] == ["voice"]


async def outcome(line):
    """How the call went, as the plugin keeps it."""
    found = await line.counter.bot.tenant("voice").implementation.calling.store.find(line.sid)
    return found.outcome


@pytest.mark.row("F29")
async def test_every_prompt_after_the_choice_is_in_its_language(make_line):
    line = make_line(RAHUL)
    await line.ask("/voice-language-select")
    document = await line.walk("/voice-language-select-handler", Digits="2")
    heard = [document]
    for path, answer in (
        ("/voice-handle-identity-confirmation", {"SpeechResult": "हाँ।"}),
        ("/voice-handle-support-choice", {"SpeechResult": "भुगतान योजना"}),
    ):
        step = await line.ask(path, **answer)
        while (to := step.find("Redirect")) is not None:
            step = await line.ask(to.text)
            heard.append(step)
        heard.append(step)
    said = [one for document in heard for one in document.iter("Say")]
    assert {one.get("language") for one in said} == {"hi-IN"}
    assert all(any("\u0900" <= letter <= "\u097f" for letter in one.text) for one in said)
    told = " ".join(words(document) for document in heard)
    assert "क्या मैं Rahul Iyer से बात कर रहा हूँ?" in told
    assert "9,875" in told
    assert "भुगतान योजना" in told
    assert await outcome(line) == "payment_plan"


async def test_callers_say_yes_and_no_in_their_own_words(make_line):
    for said in ("haan", "हां", "जी हाँ", "yes speaking", "Yes, this is he.", "१"):
        line = make_line(RAHUL)
        await line.ask("/voice-language-select")
        await line.ask("/voice-language-select-handler", SpeechResult="हिंदी")
        field = "Digits" if said == "१" else "SpeechResult"
        document = await line.ask("/voice-handle-identity-confirmation", **{field: said})
        assert document.find("Redirect") is not None, (said, words(document))
        assert document.find("Redirect").text == "/voice-emi-details"
    for said in ("no", "नहीं", "nahi", "Wrong number.", "2"):
        await told_nothing(make_line(), said)


async def told_nothing(line, said):
    """Whoever says no hears nothing of the loan, whatever is asked for then."""
    await line.ask("/voice-language-select")
    await line.ask("/voice-language-select-handler", SpeechResult="English please")
    field = "Digits" if said == "2" else "SpeechResult"
    gone = await line.ask("/voice-handle-identity-confirmation", **{field: said})
    assert gone.find("Hangup") is not None
    assert "Sorry to have disturbed you" in words(gone)
    assert await outcome(line) == "identity_failed"
    for path in (
        "/voice-emi-details",
        "/voice-explain-impact",
        "/voice-offer-support",
        "/voice-connect-to-agent",
        "/voice-confirm-identity",
    ):
        after = await line.ask(path)
        assert not any(figure in words(after) for figure in ("12,500", "12500", "2026", "home"))
        assert after.find("Gather") is None


@pytest.mark.row("F40")
async def test_a_call_that_is_not_confirmed_is_led_back_to_the_question_who_it_is(make_line):
    for language in ("", "1"):
        line = make_line()
        if language:
            await line.ask("/voice-language-select")
            await line.ask("/voice-language-select-handler", Digits=language)
        for path in ("/voice-emi-details", "/voice-explain-impact", "/voice-offer-support", "/voice-connect-to-agent"):
            document = await line.ask(path)
            assert document.find("Redirect").text == "/voice-confirm-identity"
            assert not list(document.iter("Say"))
        for path in ("/voice-handle-support-choice", "/voice-handle-identity-confirmation"):
            document = await line.ask(path, Digits="9")
            assert "12,500" not in words(document)


async def a_request_that_is_repeated_is_answered_as_before_and_moves_nothing(make_line):
    line = make_line()
    await line.ask("/voice-language-select", token="t0")
    first = await line.ask("/voice-language-select-handler", Digits="1", token="t1")
    again = await line.ask("/voice-language-select-handler", Digits="1", token="t1")
    bare = await line.ask("/voice-language-select-handler", Digits="2")
    assert ET.tostring(first) == ET.tostring(again) == ET.tostring(bare)
    assert "Am I speaking with" in words(await line.ask("/voice-confirm-identity"))


async def forged_and_malformed_requests_are_refused(make_line):
    line = make_line()
    assert "X-Twilio-Signature" in await line.ask("/voice-language-select", status=403, signature="")
    await line.ask("/voice-language-select", status=403, signature="AAAA")
    await line.ask("/voice-language-select", "GET", status=403, signature="AAAA")
    line.sid = ""
    await line.ask("/voice-language-select", status=400)
    line.sid = "CA1"
    await line.ask("/voice-language-select", status=403, AccountSid="AC" + "9" * 32)


async def test_without_a_line_to_one_a_person_calls_back(make_counter):
    line = Line(await make_counter(TWILIO_AUTH_TOKEN=TOKEN, TWILIO_ACCOUNT_SID=ACCOUNT))
    await line.ask("/voice-language-select")
    await line.ask("/voice-language-select-handler", Digits="1")
    await line.ask("/voice-handle-identity-confirmation", Digits="1")
    await line.ask("/voice-handle-support-choice", Digits="2")
    agent = await line.ask("/voice-connect-to-agent")
    assert "colleague" in words(agent)
    assert agent.find("Hangup") is not None


async def test_without_a_secret_no_call_is_taken(make_counter):
    counter = await make_counter()
    text = await Line(counter).ask("/voice-language-select", status=503)
    assert "auth_token" in text


async def two_calls_at_once_do_not_mix(make_line):
    one, other = make_line(ASHA), make_line(RAHUL)
    for line, key in ((one, "1"), (other, "2")):
        await line.ask("/voice-language-select")
        await line.ask("/voice-language-select-handler", Digits=key)
    assert "Asha Verma" in words(await one.ask("/voice-confirm-identity"))
    assert "Rahul Iyer" in words(await other.ask("/voice-confirm-identity"))
    second = make_line(ASHA)  # the same telephone calls once more: it has to say again who it is
    await one.ask("/voice-handle-identity-confirmation", Digits="1")
    assert (await second.ask("/voice-emi-details")).find("Redirect").text == "/voice-confirm-identity"


async def a_telephone_that_is_nobodys_hears_no_name(make_line):
    line = make_line("+919899999999", direction="inbound")
    await line.ask("/voice-language-select")
    document = await line.walk("/voice-language-select-handler", Digits="1")
    assert "not registered" in words(document)
    assert document.find("Hangup") is not None


async def who_withholds_the_number_is_nobody(make_line):
    line = make_line("anonymous", direction="inbound")
    await line.ask("/voice-language-select")
    assert "not registered" in words(await line.walk("/voice-language-select-handler", Digits="1"))


async def silence_is_asked_again_and_ends_the_call_in_the_end(make_line):
    line = make_line()
    await line.ask("/voice-language-select")
    for _ in range(2):
        document = await line.ask("/voice-language-select-handler")
        assert "did not hear" in words(document)
        assert action(document) == "/voice-language-select-handler"
    document = await line.ask("/voice-language-select-handler")
    assert document.find("Hangup") is not None
    assert await outcome(line) == "no_input"


@pytest.mark.slow
async def test_calls_keep_apart_and_take_what_telephones_bring(make_line):
    await a_request_that_is_repeated_is_answered_as_before_and_moves_nothing(make_line)
    await two_calls_at_once_do_not_mix(make_line)
    await a_telephone_that_is_nobodys_hears_no_name(make_line)
    await who_withholds_the_number_is_nobody(make_line)
    await silence_is_asked_again_and_ends_the_call_in_the_end(make_line)
    await forged_and_malformed_requests_are_refused(make_line)


@pytest.mark.row("F30", "F43", "F47")
async def test_how_a_call_went_is_noted_at_the_collections_task(make_line):
    async def noted(counter, customer):
        await counter.bot.observed("tenant_financial")
        _, rows = await counter.call("GET", "/api/customers", staff=True)
        row = next(row for row in rows if row["customer_id"] == customer)
        return row["task_status"], row["last_outcome"], row["last_call"], row["last_outcome_at"]

    line = make_line(RAHUL)
    assert await noted(line.counter, "C002") == ("pending", "", "", None)
    await line.ask("/voice-language-select")
    await line.ask("/voice-language-select-handler", Digits="1")
    await line.ask("/voice-handle-identity-confirmation", Digits="1")
    again = await line.ask("/voice-handle-support-choice", Digits="9")
    assert "payment plan, press 1" in words(again)
    assert action(again) == "/voice-handle-support-choice"
    chosen = await line.ask("/voice-handle-support-choice", Digits="1")
    assert "payment plan" in words(chosen)
    assert chosen.find("Hangup") is not None
    status, outcome_, sid, at = await noted(line.counter, "C002")
    assert (status, outcome_, sid) == ("called", "payment_plan", line.sid)
    assert at.startswith("20")
    await line.ask("/voice/calls/status", CallStatus="completed", CallDuration="31")
    assert (await noted(line.counter, "C002"))[1] == "payment_plan"  # of a call its own end counts

    again = make_line(RAHUL)
    await again.ask("/voice-language-select")
    await again.ask("/voice-language-select-handler", Digits="1")
    await again.ask("/voice-handle-identity-confirmation", Digits="2")
    assert (await noted(line.counter, "C002"))[:3] == ("called", "identity_failed", again.sid)
    _, rows = await line.counter.call("GET", "/api/customers", staff=True)
    assert [row["last_outcome"] for row in rows if row["customer_id"] != "C002"] == ["", "", ""]


@pytest.mark.row("F30")
async def test_a_call_that_nobody_answers_is_noted_at_the_task_that_it_was_ordered_for(make_counter):
    noon = FrozenClock(1_795_242_600.0)
    counter = await make_counter(clock=noon, TWILIO_AUTH_TOKEN=TOKEN, TWILIO_ACCOUNT_SID=ACCOUNT)
    line = Line(counter, "+919800000003")

    async def noted(task, outcome_):
        """The tasks, once that is noted at one of them."""
        async with asyncio.timeout(20):
            while True:
                _, rows = await counter.call("GET", "/api/customers", staff=True)
                told = {row["task_id"]: (row["task_status"], row["last_outcome"], row["last_call"]) for row in rows}
                if told[task][1] == outcome_:
                    return told
                await asyncio.sleep(0.01)

    wish = {"to": line.customer, "number": BANK, "key": "T002:1"}
    order = await counter.bot.tenant("voice").implementation.calling.orders.place(wish, "asha")
    failed = await noted("T002", "failed")  # this server has no address that Twilio could call
    assert failed["T002"] == ("in_progress", "failed", "")
    noon.advance(60)
    await line.ask(f"/voice/calls/status?order={order.id}", CallStatus="no-answer", order=order.id)
    told = await noted("T002", "no_answer")
    assert told["T002"] == ("in_progress", "no_answer", line.sid)
    assert told["T001"] == ("pending", "", "")
