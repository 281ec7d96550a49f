"""What a car dealer asks and settles in guided conversations; the flows lie in `automotive/` until the tenant takes them over."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

import hookline_handoff
import hookline_nlu
import hookline_scoring
from hookline.app import KEYS, make_app
from hookline.catalogue import Catalogue
from hookline.hookspecs import hookimpl
from hookline.message import Passage
from hookline.plugin import Plugin
from hookline.testing.ollama import FakeOllama
from hookline_handoff import records
from hookline_scoring.models import lead

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "plugins" / "nlu" / "tests" / "automotive"
QUESTIONS = ("ask-purchase-mode", "ask-income", "ask-travel", "ask-competitors", "ask-priorities", "ask-usage")
CONFIG = """
languages = ["en", "hi", "hi-Latn", "mr", "gu"]
[locale]
phone_region = "IN"
[ids.booking]
format = "BK{{n:06}}"
per = "ever"
[plugins]
enabled = ["language", "handoff", "dealer", "flows", "nlu", "scoring", "llm", "loopback"]
[plugins.dealer]
rm_name = "Nisha Rao"
rm_phone = "+91 98450 12345"
[plugins.nlu]
embedder = ""
[plugins.nlu.entities]
presets = ["contact", "money", "time", "person", "vehicle", "feedback"]
[plugins.handoff.triggers]
user_request = false
intents = ["ESCALATION", "COMPLAINT"]
[texts.en]
toll_free = "Our toll-free number: 1800 209 0000"
{more}
"""


@attrs.frozen
class Config:
    rm_name: str = ""
    rm_phone: str = ""


class Dealer:
    """The tenant's own code, as far as these flows need it."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.serves = {"call_function": ("relationship_manager",)}

    @hookimpl
    async def call_function(self, turn, name, arguments):
        return {"name": self.tenant.config.rm_name, "phone": self.tenant.config.rm_phone}

    @hookimpl
    async def retrieve(self, turn):
        text = "The warranty is three years."
        wanted = "warranty" in turn.message.text
        return [Passage("w", 1, 0, len(text), text, title="Warranty", confidence=0.9, score=0.9)] if wanted else []


@pytest.fixture
async def make_dealer(make_bot, tmp_path):
    async def make(more="", **about):
        folder = tmp_path / "dealer"
        own = folder / "tenants" / "acme"
        shutil.copytree(HERE / "automotive", own)
        shutil.copy(SAMPLES / "intents.yaml", own / "intents.yaml")
        catalogue = Catalogue.load()
        plugins = [
            catalogue.get("language"), hookline_handoff.plugin, Plugin("dealer", Dealer, config=Config), catalogue.get("flows"), hookline_nlu.plugin,
            hookline_scoring.plugin, catalogue.get("llm"),
        ]  # fmt: skip
        return await make_bot(plugins=plugins, config=CONFIG.format(more=more), folder=folder, **about)

    return make


@pytest.fixture
async def dealer(make_dealer):
    return await make_dealer()


async def fields(bot):
    """What the lead has; a telephone makes one of who enquires."""
    await bot.say("my number is 98450 00009")
    await bot.idle()
    [row] = await bot.tenant("scoring").db.fetch(sa.select(lead.c.fields, lead.c.intent))
    return row.fields


def asked(bot, said, language=""):
    """Which of the six questions the reply asks."""
    return [key for key in QUESTIONS if bot.tenant().phrase(key, language) in said.text]


# -- need analysis ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("A66", "A67", "A68", "A69", "A70", "A71", "A72")
async def test_six_questions_are_asked_once_each_and_what_is_said_is_the_leads(dealer):
    said = await dealer.say("I want to buy a car")
    assert asked(dealer, said) == ["ask-purchase-mode"]
    assert said.quick_replies[:3] == ("Cash", "Loan", "Lease")
    answers = (
        "loan",
        "12 lakh a year",
        "40 km daily",
        "also looking at brand Y",
        "mileage and safety",
        "family and office",
    )
    order = []
    for answer in answers:
        order += asked(dealer, said)
        said = await dealer.say(answer)
    assert order == list(QUESTIONS)
    assert said.text == "Thank you. We will suggest a car that suits you."
    known = await fields(dealer)
    assert known["purchase_mode"] == "loan"
    assert Decimal(str(known["income"])) == 1_200_000
    assert known["travel"] == 40
    assert known["competitors"] == "also looking at brand Y"
    assert known["priorities"] == ["mileage", "safety"]
    assert known["usage"] == ["family", "office"]
    assert (known["buyer_type"], known["customer_type"]) == ("loan", "family")


@pytest.mark.row("A72")
async def test_what_was_said_before_is_not_asked_again(dealer):
    said = await dealer.say("I want to buy a car on loan, I earn 12 lakh a year and drive 40 km daily")
    assert asked(dealer, said) == ["ask-competitors"]
    await dealer.say("none")
    await dealer.say("safety")
    await dealer.say("business")
    known = await fields(dealer)
    assert (known["purchase_mode"], known["travel"]) == ("loan", 40)
    assert (known["buyer_type"], known["customer_type"]) == ("loan", "business")


@pytest.mark.row("A72")
async def test_every_question_can_be_skipped(dealer):
    said = await dealer.say("I want to buy a car")
    for key in QUESTIONS:
        assert asked(dealer, said) == [key]
        said = await dealer.say("skip")
    known = await fields(dealer)
    assert (known["buyer_type"], known["customer_type"]) == ("undecided", "individual")
    assert not {"purchase_mode", "income", "usage"} & set(known)


@pytest.mark.parametrize(
    ("answer", "mode"), [("cash", "cash"), ("I will pay cash", "cash"), ("loan", "loan"), ("on emi", "loan"), ("Lease", "lease"), ("3", "lease"), ("लोन", "loan"), ("nakad", "cash")]
)  # fmt: skip
async def test_the_way_to_pay_is_understood_in_many_words(dealer, answer, mode):
    await dealer.say("I want to buy a car")
    said = await dealer.say(answer)
    assert asked(dealer, said) == ["ask-income"]
    assert (await fields(dealer))["purchase_mode"] == mode


async def test_a_car_in_exchange_settles_what_kind_of_buyer_it_is(dealer):
    await dealer.say("I want to buy a car and give my old car in exchange, cash")
    for answer in ("15 lakh", "20 km", "no", "price", "office"):
        await dealer.say(answer)
    known = await fields(dealer)
    assert known["buyer_type"] == "exchange"


@pytest.mark.row("A62")
async def test_the_first_enquiry_is_answered_with_the_name_and_number_of_who_looks_after_it(dealer):
    said = await dealer.say("I want to buy a car")
    assert said.text.startswith("Thank you for your enquiry. Nisha Rao looks after you: +91 98450 12345.")
    await dealer.say("cancel")
    again = await dealer.say("I want to buy a car")
    assert "Nisha Rao" not in again.text, "once is enough"


# -- feedback ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("A14")
@pytest.mark.parametrize(
    ("text", "buttons"),
    [
        ("I want to give feedback", ("Poor", "Fair", "Very Good", "Excellent")),
        ("मुझे सुझाव देना है", ("खराब", "ठीक", "बहुत अच्छा", "शानदार")),
        ("mujhe feedback dena hai", ("Kharab", "Theek", "Bahut accha", "Shandar")),
    ],
)
async def test_who_wants_to_give_feedback_is_asked_for_a_rating(dealer, text, buttons):
    said = await dealer.say(text)
    assert said.quick_replies[:4] == buttons


async def test_a_rating_and_a_score_are_kept_and_nothing_else_passes_for_a_rating(dealer):
    await dealer.say("I want to give feedback")
    again = await dealer.say("Good")
    assert "Very Good" in again.quick_replies, "not one of the four"
    said = await dealer.say("very good")
    assert said.text == "How likely are you to recommend us, from 0 to 10?"
    assert (await dealer.say("11")).text != "Thank you for telling us."
    assert (await dealer.say("9 out of 10")).text == "Thank you for telling us."
    known = await fields(dealer)
    assert (known["rating"], known["nps"]) == ("Very Good", 9)


@pytest.mark.row("A29")
async def test_what_a_feedback_says_at_once_is_not_asked(dealer):
    said = await dealer.say("I want to give feedback: Very Good, 9 out of 10")
    assert said.text == "Thank you for telling us."
    known = await fields(dealer)
    assert (known["rating"], known["nps"]) == ("Very Good", 9)


# -- booking before delivery and payment ---------------------------------------------------------------------------------------


@pytest.mark.row("A65")
@pytest.mark.parametrize(
    "text",
    ["Deliver it tomorrow", "When will my car be delivered?", "I have made the payment", "मेरी गाड़ी की डिलीवरी कब होगी"],
)
async def test_without_a_booking_nothing_is_said_of_delivery_or_payment(dealer, text):
    said = await dealer.say(text)
    assert dealer.tenant().phrase("ask-book-first", said.language) in said.text
    assert len(said.quick_replies) >= 2


@pytest.mark.row("A65")
async def test_booking_is_led_to_its_end_and_then_delivery_may_be_spoken_of(dealer):
    await dealer.say("Deliver it tomorrow")
    said = await dealer.say("haan")
    assert said.text == "What is your name?"
    said = await dealer.say("Asha Verma")
    assert said.text == "Which number may we call you on?"
    said = await dealer.say("98450 00001")
    assert said.text == "Your booking is BK000001. We will call you about payment and delivery."
    assert "book now?" not in (await dealer.say("Deliver it tomorrow")).text


@pytest.mark.row("A65")
async def test_who_names_a_booking_is_not_asked_to_book(dealer):
    said = await dealer.say("When will my car be delivered? My booking is BK000123")
    assert "book now?" not in said.text
    await dealer.say("Deliver it tomorrow", who="bob")
    said = await dealer.say("I have one, BK000123", who="bob")
    assert said.text == "Thank you. I have noted your booking."


async def test_who_does_not_want_to_book_is_left_alone(dealer):
    await dealer.say("Deliver it tomorrow")
    assert (await dealer.say("no")).text == "As you wish. Tell me when you want to book."


# -- payment -----------------------------------------------------------------------------------------------------------------

PAYMENT = """
[routes]
"POST /api/v1/chat/payment-confirm" = "POST /api/v1/flows/payment_confirm/start"
[wire."POST /api/v1/chat/payment-confirm"]
request = { conversation = "conversation_id" }
response = { conversation = "conversation_id" }
"""


class Office:
    """The dealer's system, which tells of payments over HTTP."""

    def __init__(self, bot, client, key):
        self.bot, self.client, self.headers = bot, client, {"X-API-Key": key}

    async def ask(self, conversation, headers=None, **slots):
        """The status and the JSON of the question whether a payment is right."""
        async with self.client.post(
            "/api/v1/chat/payment-confirm",
            json={"conversation_id": conversation, "slots": {"amount": 50000, **slots}},
            headers=self.headers if headers is None else headers,
        ) as answer:
            return answer.status, await answer.json()

    async def last(self, conversation):
        """What the flow that ended last found out."""
        known = await self.bot.tenant().conversations.get(conversation)
        return known.state["flows"]["last"]


@pytest.fixture
async def office(make_dealer):
    bot = await make_dealer(PAYMENT)
    app = make_app(bot.runtime, tenant="acme")
    client = TestClient(TestServer(app))
    await client.start_server()
    _, key = await app[KEYS].create("acme", "dealer's system", "agent")
    yield Office(bot, client, key)
    await client.close()


async def handoffs(bot, conversation):
    found = await records.open_one(bot.tenant("handoff"), conversation)
    return [found.reason] if found else []


@pytest.mark.row("A73", "A93")
@pytest.mark.parametrize("yes", ["Yes", "haan", "हाँ", "yes, that is right", "1"])
async def test_a_payment_is_confirmed_by_yes_and_that_is_stored(office, yes):
    talk = (await office.bot.say("hello")).conversation
    status, told = await office.ask(talk)
    await office.bot.idle()
    sent = office.bot.channel.sent[-1]
    assert (status, told["conversation_id"]) == (200, talk)
    assert sent.text.startswith("We received your payment of ₹50,000. Is that right?")
    assert sent.quick_replies[:2] == ("Yes", "No")
    said = await office.bot.say(yes)
    assert said.text == office.bot.tenant().phrase("payment-thanks", said.language)
    last = await office.last(talk)
    assert (last["flow"], last["slots"]["confirmed"]) == ("payment_confirm", True)
    assert await handoffs(office.bot, talk) == []


@pytest.mark.row("A73")
@pytest.mark.parametrize("no", ["No", "nahi", "नहीं", "2"])
async def test_who_says_no_gets_a_person(office, no):
    talk = (await office.bot.say("hello")).conversation
    await office.ask(talk)
    said = await office.bot.say(no)
    assert office.bot.tenant().phrase("payment-dispute", said.language) in said.text
    assert await handoffs(office.bot, talk) == ["payment_disputed"]


@pytest.mark.row("A73")
async def test_anything_else_is_asked_again(office):
    talk = (await office.bot.say("hello")).conversation
    await office.ask(talk)
    for text in ("blue", "maybe tomorrow"):
        said = await office.bot.say(text)
        assert "₹50,000" in said.text, text
        assert said.quick_replies[:2] == ("Yes", "No")
    assert (await office.bot.say("yes")).text == "Thank you. Your payment is confirmed."


@pytest.mark.row("A93")
async def test_only_the_dealers_own_may_ask_and_only_in_a_conversation_that_there_is(office):
    talk = (await office.bot.say("hello")).conversation
    assert (await office.ask(talk, headers={}))[0] == 401
    assert (await office.ask("nowhere"))[0] in (404, 422)
    assert (await office.ask(talk, colour="red"))[0] == 422


# -- what a model is told --------------------------------------------------------------------------------------------------------

MODEL = """
[plugins.llm]
chain = ["ollama"]
[plugins.llm.providers.ollama]
host = "{host}"
backoff = 0.01
"""


@pytest.mark.row("A165")
async def test_a_model_that_is_asked_in_between_is_told_which_question_is_open(make_dealer):
    async with FakeOllama(answer="The warranty is three years. [1]") as ollama:
        bot = await make_dealer(MODEL.format(host=ollama.host))
        await bot.say("I want to buy a car")
        await bot.say("loan")
        said = await bot.say("How long is the warranty?")
        system = ollama.chats[-1]["messages"][0]["content"]
        assert bot.tenant().phrase("ask-income") in system
        assert "The warranty is three years." in said.text
        assert bot.tenant().phrase("ask-income") in said.text, "and the question is asked again"
        await bot.say("12 lakh a year")
        await bot.say("How long is the warranty?")
        system = ollama.chats[-1]["messages"][0]["content"]
        assert bot.tenant().phrase("ask-travel") in system
        assert bot.tenant().phrase("ask-income") not in system


# -- five languages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("मुझे गाड़ी खरीदनी है", "hi", marks=pytest.mark.row("A57")),
        pytest.param("mujhe gaadi kharidni hai", "hi-Latn", marks=pytest.mark.row("A58")),
        pytest.param("मला गाडी घ्यायची आहे", "mr", marks=pytest.mark.row("A59")),
        pytest.param("મારે ગાડી ખરીદવી છે", "gu", marks=pytest.mark.row("A60")),
        pytest.param("I want to buy a car", "en", marks=pytest.mark.row("A61")),
    ],
)
async def test_who_wants_a_car_is_answered_in_the_own_language(dealer, text, language):
    said = await dealer.say(text)
    assert said.data["intent"] == "BUY"
    assert said.language == language
    for key in ("need-begin", "ask-purchase-mode"):
        assert dealer.tenant().phrase(key, language) in said.text
    others = {"en", "hi", "hi-Latn", "mr", "gu"} - {language}
    assert not any(dealer.tenant().phrase("ask-purchase-mode", other) in said.text for other in others)
