"""From the first message to the loan officer, or to the day on which the bot writes again: what is said, and what is kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa

from hookline.catalogue import Catalogue
from hookline.testing.ollama import FakeOllama
from tenant_property_loans.models import customer, enquiry, property_

LOAN = "Hi, I need a loan against my property"
HOUSE = "I have a house in Bangalore worth 1.5 crore"
AMOUNT = "I need about 80 lakhs for my business expansion"
RATE = "What would be the interest rate?"
PAPERS = "What documents will I need to provide?"
LATER = "I'll think about it and get back to you later"
SIX = (LOAN, HOUSE, AMOUNT, RATE, PAPERS, LATER)
DAY = 86400.0

TWINS = {
    "hi": ("नमस्ते, मुझे अपनी संपत्ति पर लोन चाहिए", "मेरे पास बेंगलुरु में 1.5 करोड़ का घर है", "मुझे अपने व्यवसाय के विस्तार के लिए लगभग 80 लाख चाहिए",
           "ब्याज दर क्या होगी?", "मुझे कौन से दस्तावेज़ देने होंगे?", "मैं इस पर सोचकर बाद में आपको बताऊंगा"),
    "kn": ("ನಮಸ್ಕಾರ, ನನ್ನ ಆಸ್ತಿಯ ಮೇಲೆ ಸಾಲ ಬೇಕು", "ನನ್ನ ಬಳಿ ಬೆಂಗಳೂರಿನಲ್ಲಿ 1.5 ಕೋಟಿ ಮೌಲ್ಯದ ಮನೆ ಇದೆ", "ನನ್ನ ವ್ಯಾಪಾರ ವಿಸ್ತರಣೆಗೆ ಸುಮಾರು 80 ಲಕ್ಷ ಬೇಕು",
           "ಬಡ್ಡಿ ದರ ಎಷ್ಟಿರುತ್ತದೆ?", "ನಾನು ಯಾವ ದಾಖಲೆಗಳನ್ನು ನೀಡಬೇಕು?", "ನಾನು ಯೋಚಿಸಿ ನಂತರ ನಿಮಗೆ ತಿಳಿಸುತ್ತೇನೆ"),
    "ta": ("வணக்கம், என் சொத்தின் மீது கடன் வேண்டும்", "என்னிடம் பெங்களூரில் 1.5 கோடி மதிப்புள்ள வீடு உள்ளது", "என் தொழில் விரிவாக்கத்திற்கு சுமார் 80 லட்சம் தேவை",
           "வட்டி விகிதம் எவ்வளவு இருக்கும்?", "நான் என்ன ஆவணங்களைக் கொடுக்க வேண்டும்?", "நான் யோசித்துவிட்டு பிறகு உங்களைத் தொடர்பு கொள்கிறேன்"),
    "te": ("నమస్కారం, నా ఆస్తిపై రుణం కావాలి", "నాకు బెంగళూరులో 1.5 కోట్ల విలువైన ఇల్లు ఉంది", "నా వ్యాపార విస్తరణ కోసం సుమారు 80 లక్షలు కావాలి",
           "వడ్డీ రేటు ఎంత ఉంటుంది?", "నేను ఏ పత్రాలు ఇవ్వాలి?", "నేను ఆలోచించి తర్వాత మీకు చెప్తాను"),
}  # fmt: skip
ABOUT = {  # the house, the city and the amount as each language writes them
    "en": ("House", "Bangalore", "₹80 lakh"), "hi": ("घर", "बेंगलुरु", "₹80 लाख"), "kn": ("ಮನೆ", "ಬೆಂಗಳೂರು", "₹80 ಲಕ್ಷ"),
    "ta": ("வீடு", "பெங்களூர்", "₹80 லட்சம்"), "te": ("ఇల్లు", "బెంగళూరు", "₹80 లక్షలు"),
}  # fmt: skip
SCRIPTS = {"en": ("a", "z"), "hi": ("ऀ", "ॿ"), "kn": ("ಀ", "೿"), "ta": ("஀", "௿"), "te": ("ఀ", "౿")}


async def facts(lender):
    """What is kept of the only customer's property and wish, besides numbers and times."""
    house, wish = await lender.one(property_), await lender.one(enquiry)
    return (house.kind, house.city, house.value, wish.amount, wish.purpose, wish.ltv, wish.state, wish.consent)


@pytest.mark.row("L45")
@pytest.mark.row("L46")
@pytest.mark.row("L47")
@pytest.mark.row("L24")
@pytest.mark.row("L25")
@pytest.mark.row("L26")
@pytest.mark.row("L02")
async def test_what_the_customer_tells_is_kept_as_it_is_told(lender):
    assert "What property do you have?" in await lender.say(LOAN)
    assert (await lender.one(customer)).language == "en"
    assert [status for status, _ in await leads(lender)] == ["new"]

    said = await lender.say(HOUSE)
    house = await lender.one(property_)
    assert "House, Bangalore, worth ₹1.5 crore" in said
    assert "How much do you need" in said
    assert (house.kind, house.city, house.value) == ("house", "Bangalore", Decimal(15_000_000))

    said = await lender.say(AMOUNT)
    wish = await lender.one(enquiry)
    assert "₹80 lakh" in said
    assert "53.33%" in said
    assert (wish.amount, wish.purpose, wish.ltv) == (Decimal(8_000_000), "business expansion", Decimal("53.33"))
    assert (wish.customer, wish.property) == ((await lender.one(customer)).number, house.number)


@pytest.mark.row("L07")
@pytest.mark.row("L17")
async def test_the_journey_goes_through_all_states_in_their_order_and_the_history_shows_them(make_lender, clock):
    lender = await make_lender(documents=True, clock=clock)
    for message in (
        LOAN,
        HOUSE,
        RATE,
        "Your interest rate is too high",
        AMOUNT,
        LATER,
        "ok let's continue",
        "yes",
        "skip",
    ):
        await lender.say(message)

    assert await lender.states() == [
        "initial", "property", "requirement", "questions", "objection", "handover", "follow_up", "handover", "closed",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.row("L09")
@pytest.mark.row("L10")
@pytest.mark.row("L11")
@pytest.mark.row("L12")
@pytest.mark.row("L13")
@pytest.mark.parametrize("language", TWINS)
async def test_a_twin_in_another_language_has_the_same_facts_and_states_and_answers_in_its_script(
    make_lender, clock, language
):
    english, twin = [await make_lender(documents=True, clock=clock) for _ in range(2)]
    low, high = SCRIPTS[language]

    for said, other in zip(SIX, TWINS[language], strict=True):
        await english.say(said)
        answer = await twin.say(other)

        letters = [c for c in answer if c.isalpha()]
        assert sum(low <= c <= high for c in letters) > 0.8 * len(letters), answer

    assert await facts(twin) == await facts(english)
    assert await twin.states() == await english.states()
    assert (await twin.one(customer)).language == language
    assert (await twin.one(enquiry)).follow_up_at == (await english.one(enquiry)).follow_up_at


@pytest.mark.row("L50")
@pytest.mark.row("L05")
async def test_who_wants_to_think_is_written_to_once_when_it_is_due_and_not_before(lender, clock):
    for message in SIX:
        await lender.say(message)
    wish = await lender.one(enquiry)
    due = dt.datetime.fromtimestamp(wish.follow_up_at, dt.UTC)
    sent = await lender.sent()
    assert wish.state == "follow_up"
    await lender.eventually(_interest, "medium")
    assert due == dt.datetime(2026, 11, 24, 4, 30, tzinfo=dt.UTC)  # ten in the morning there

    clock.advance(wish.follow_up_at - clock.now() - 60)
    assert await lender.sent() == sent

    clock.advance(60)
    messages = await lender.bot.channel.wait_for(sent + 1)
    assert "You asked about a loan of ₹80 lakh against your property (House, Bangalore)" in messages[-1].text
    assert "May a loan officer contact you" in messages[-1].text

    clock.advance(30 * DAY)
    assert await lender.sent() == sent + 1


@pytest.mark.row("L05")
async def test_another_day_takes_the_place_of_the_first(lender, clock):
    await lender.say(HOUSE)
    await lender.say(LATER)
    assert "Sunday 22 November 2026 at 6:00" in await lender.say("tomorrow evening")
    sent = await lender.sent()

    clock.advance(1.25 * DAY)  # Sunday, 18:00
    await lender.bot.channel.wait_for(sent + 1)
    clock.advance(30 * DAY)

    assert await lender.sent() == sent + 1


async def test_who_goes_on_before_the_day_is_not_written_to_on_it(lender, clock):
    await lender.say(HOUSE)
    await lender.say(LATER)
    assert "How much do you need" in await lender.say("ok let's continue")
    sent = await lender.sent()

    clock.advance(30 * DAY)

    assert await lender.sent() == sent


async def test_who_wants_no_more_messages_gets_none(lender, clock):
    await lender.say(HOUSE)
    await lender.say(LATER)
    await lender.say("stop messaging me")
    sent = await lender.sent()

    clock.advance(60 * DAY)

    assert await lender.sent() == sent
    assert (await lender.one(customer)).opted_out
    assert (await lender.states())[-1] == "closed"


@pytest.mark.row("L03")
async def test_a_lead_with_all_that_is_needed_is_qualified_and_handed_to_an_officer_once_the_customer_agrees(lender):
    await lender.say(HOUSE)
    reply = await lender.bot.say("80 lakhs", who="asha")
    assert "What do you need the money for?" in reply.text
    assert await leads(lender) == [("new", ["purpose"])]

    await lender.say("for my business expansion")
    assert await leads(lender) == [("qualified", [])]
    assert not (await lender.one(enquiry)).consent

    await lender.say("yes")
    said = await lender.say("98450 12345")

    assert "ENQ_20261121_001" in said
    assert (await lender.one(enquiry)).consent
    assert (await lender.one(customer)).phone == "+919845012345"
    assert await reasons(lender) == ["qualified_lead"]


async def leads(lender):
    """Each lead's status and what is still missing."""
    tables = Catalogue.load().get("scoring").metadata.tables
    rows = await lender.bot.tenant("scoring").db.fetch(sa.select(tables["scoring_lead"]))
    return [(row.status, row.missing) for row in rows]


async def reasons(lender):
    """Why people were asked for."""
    tables = Catalogue.load().get("handoff").metadata.tables
    return [row.reason for row in await lender.bot.tenant("handoff").db.fetch(sa.select(tables["handoff_handoff"]))]


@pytest.mark.row("L24")
async def test_the_same_telephone_number_is_one_customer_whose_record_no_stranger_changes(lender):
    for who, said in (("asha", HOUSE), ("somebody", "मेरे पास पुणे में 90 लाख का फ्लैट है")):
        await lender.say(said, who=who)
        await lender.say("30 lakhs for my business", who=who)
        await lender.say("yes", who=who)
        await lender.say("98450 12345", who=who)

    known = await lender.one(customer)

    assert (known.phone, known.language) == ("+919845012345", "en")
    assert [row.customer for row in await lender.rows(enquiry)] == [known.number] * 2
    assert [row.city for row in await lender.rows(property_)] == ["Bangalore", "Pune"]


@pytest.mark.row("L28")
async def test_interest_rises_with_what_is_told_and_falls_with_waiting_and_bad_mood(lender):
    await lender.say(LOAN)
    await lender.say(HOUSE)
    await lender.say(AMOUNT)
    await lender.eventually(_interest, "high")

    await lender.say(LATER)
    await lender.eventually(_interest, "medium")

    await lender.say("this is a terrible waste of time")
    await lender.eventually(_interest, "low")


async def _interest(lender, level):
    return (await lender.one(enquiry)).interest == level


@pytest.mark.slow
@pytest.mark.row("L48")
@pytest.mark.row("L49")
async def test_a_model_is_told_what_is_known_and_its_invented_rate_is_not_passed_on(make_lender, clock):
    model = '\n[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{}"\nbackoff = 0.01\n'
    async with FakeOllama(answer="For you the interest rate is only 7 % a year. [1]") as ollama:
        lender = await make_lender(model.format(ollama.host), documents=True, clock=clock)
        for message in (LOAN, HOUSE, AMOUNT):
            await lender.say(message)

        said = await lender.bot.say(RATE, who="asha")

        assert ollama.chats, "the model was asked"
        assert "7 %" not in said.text
        assert "9.50 %" in said.text
        assert {c.title for c in said.citations} == {"Interest rates"}
        assert "May a loan officer contact you" in said.text
        told = " ".join(m["content"] for m in ollama.chats[-1]["messages"])
        assert "May a loan officer contact you" in told
        assert "9.50 %" in told

        ollama.answer = "You need your PAN card, and as proof of income salary slips of 3 months. [1]"
        said = await lender.bot.say(PAPERS, who="asha")
        assert "PAN card" in said.text
        assert {c.title for c in said.citations} == {"Documents"}


@pytest.mark.row("L06")
async def test_an_officer_finds_all_that_was_told_and_the_bot_is_silent_once_they_have_taken_over(make_lender, clock):
    lender = await make_lender(clock=clock)
    for message in TWINS["hi"][:3]:
        await lender.say(message)
    await lender.say("हाँ")
    last = await lender.bot.say("98450 12345", who="asha")
    table = Catalogue.load().get("handoff").metadata.tables["handoff_handoff"]
    (asked,) = await lender.bot.tenant("handoff").db.fetch(sa.select(table))
    assert (asked.conversation, asked.reason, asked.language) == (last.conversation, "qualified_lead", "hi")
    assert asked.state == "queued"
    assert asked.data["slots"] == {
        "property_type": "house", "city": "Bangalore", "worth": 15_000_000, "amount": 8_000_000, "purpose": "business expansion",
    }  # fmt: skip
    talks = lender.tenant.conversations
    told = [one.text for one in await talks.history(last.conversation) if one.author == "contact"]
    assert told == [*TWINS["hi"][:3], "हाँ", "98450 12345"]

    assert await talks.take(last.conversation, "meera")
    assert await lender.bot.hear("कब फ़ोन करेंगे?", who="asha") == ()
    assert await lender.bot.hear("ब्याज दर क्या होगी?", who="asha") == ()


@pytest.mark.row("L32")
@pytest.mark.parametrize("language", ["en", *TWINS])
async def test_the_follow_up_speaks_of_what_was_told_in_the_customers_language(lender, clock, language):
    for message in SIX if language == "en" else TWINS[language]:
        await lender.say(message)
    sent = await lender.sent()
    due = (await lender.one(enquiry)).follow_up_at

    clock.advance(due - clock.now())
    text = (await lender.bot.channel.wait_for(sent + 1))[-1].text

    home, city, amount = ABOUT[language]
    assert (home in text, city in text, amount in text) == (True, True, True), text
    low, high = SCRIPTS[language]
    letters = [c for c in text if c.isalpha()]
    assert sum(low <= c.casefold() <= high for c in letters) > 0.8 * len(letters), text


@pytest.mark.slow
@pytest.mark.row("L23")
async def test_a_model_gets_the_state_the_facts_the_last_turns_and_the_language(make_lender, clock):
    model = '\n[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{}"\nbackoff = 0.01\n'
    async with FakeOllama(answer="The rate is 9.50 % to 11.25 % a year. [1]") as ollama:
        lender = await make_lender(model.format(ollama.host), documents=True, clock=clock)
        for message in (LOAN, HOUSE):
            await lender.say(message)
        said = await lender.say(AMOUNT)
        await lender.say(RATE)

    assert "city" not in said
    system, *turns, asked = ollama.chats[-1]["messages"]
    assert "Answer in English" in system["content"]
    assert "May a loan officer contact you" in system["content"]
    assert [one["content"] for one in turns if one["role"] == "user"] == [HOUSE, AMOUNT]
    facts = asked["content"].partition("<facts>")[2].partition("</facts>")[0]
    for fact in ("house", "Bangalore", "15000000", "8000000", "business expansion"):
        assert fact in facts, facts
