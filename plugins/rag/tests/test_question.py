"""What a customer means: filler, spelling, Hindi in Latin letters, several questions, follow-ups, routes."""

from __future__ import annotations

import pytest

from hookline.message import Intent
from hookline_rag.config import Config
from hookline_rag.followup import leans, resolve, trusted
from hookline_rag.lexicon import Entry, Lexicon
from hookline_rag.parts import parts
from hookline_rag.prepare import prepare
from hookline_rag.question import understand
from hookline_rag.routing import route
from hookline_rag.vocabulary import Vocabulary, sound


def index(*texts, language="en"):
    lexicon = Lexicon(None)
    lexicon.change([], [Entry(at, "", text, language) for at, text in enumerate(texts, 1)])
    return lexicon.words([language])


# -- filler and Hindi in Latin letters -----------------------------------------------------------------------------


@pytest.mark.row("A157")
def test_hinglish_keeps_the_model_and_says_price_and_drops_what_is_only_polite():
    found = prepare("bhai zara Swift Dzire ka daam batao na please")

    assert found.text == "Swift Dzire price"
    assert set(found.dropped) == {"bhai", "zara", "batao", "na", "please"}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Hi, can you please tell me what roaming costs?", "what roaming costs?"),
        ("I would like to know how to pay my bill please", "how to pay my bill"),
        ("Bonjour, je voudrais savoir comment payer s'il vous plaît ?", "comment payer?"),
        ("भाई ज़रा रोमिंग का खर्च बताओ", "रोमिंग का खर्च"),
        ("please", "please"),
        ("What is the main fee to do this?", "What is the main fee to do this?"),
        ("Is the Dar Museum open?", "Is the Dar Museum open?"),
        ("How can I please my wife?", "How can I please my wife?"),
    ],
)
def test_what_people_say_around_a_question_is_left_out_and_nothing_else(asked, text):
    assert prepare(asked).text == text


@pytest.mark.row("A157")
async def test_a_question_in_hinglish_is_answered_from_english_and_from_hindi(library, put):
    bot = await library()
    await put(
        bot, {"Swift Dzire": "The price of the Swift Dzire is 657000 rupees.", "Creta": "The Creta has six airbags."}
    )
    await put(bot, {"रोमिंग": "रोमिंग का खर्च यूरोप में 5 रुपये प्रति मिनट है।"})

    assert "657000" in (await bot.ask("bhai zara Swift Dzire ka daam batao na please")).reply.text
    assert "5 रुपये" in (await bot.ask("roaming ka kharcha kitna hai")).reply.text


# -- spelling and scripts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [("pasword", ["password"]), ("rechrage", ["recharge"]), ("raoming", ["roaming"]), ("activte", ["activate"])],
)
def test_a_word_that_no_document_holds_is_read_as_the_nearest_one(written, meant):
    assert Vocabulary(dict.fromkeys("password recharge roaming activate plan".split(), 1)).near(written) == meant


@pytest.mark.parametrize("word", ["plants", "planets", "bil", "x200", "2025", "weather"])
def test_known_words_english_ones_short_ones_and_codes_are_never_touched(word):
    assert Vocabulary(dict.fromkeys("plants bill x210 2024 whether".split(), 1)).near(word) == []


@pytest.mark.parametrize(
    ("latin", "other"),
    [
        ("kharcha", "खर्च"), ("recharge", "रिचार्ज"), ("internet", "इंटरनेट"), ("keemat", "कीमत"), ("account", "अकाउंट"),
        ("company", "कंपनी"), ("recharge", "ரீசார்ஜ்"), ("recharge", "రీఛార్జ్"), ("recharge", "રિચાર્જ"),
    ],
)  # fmt: skip
def test_a_word_sounds_the_same_in_latin_letters_and_in_another_script(latin, other):
    assert sound(latin) == sound(other)
    assert Vocabulary({other: 1}).alike(latin) == [other]
    assert Vocabulary({latin: 1}).alike(other) == [latin]


def test_a_misspelt_question_finds_its_document_and_says_how_it_was_read():
    words = index("Choose Forgot password on the login page.", "The bill comes on the third day.")
    question = understand("forgoten pasword", ("en",), index=words)

    assert ("pasword", "password") in question.read
    assert words.search(question, 5)[0][0] == 1
    assert understand("the bill", ("en",), index=words).read == ()


def test_what_was_taken_out_of_the_index_is_not_read_into_a_question():
    lexicon = Lexicon(None)
    lexicon.change([], [Entry(1, "", "roaming abroad", "en"), Entry(2, "", "bills", "en")])
    lexicon.change([1], [])

    assert understand("raoming", ("en",), index=lexicon.words(["en"])).read == ()


def test_vietnamese_words_are_told_apart_by_their_accents():
    words = index("Cá nướng rất ngon.", "Cà phê ở đây rất ngon.", language="vi")

    assert words.search(understand("cà phê", ("vi",), hint="vi"), 5)[0][0] == 2


# -- several questions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("price of Swift and insurance for Creta?", ["price of Swift", "insurance for Creta?"]),
        ("What is the interest rate and what documents do I need?", ["What is the interest rate", "what documents do I need?"]),
        ("What is roaming? How do I switch it on?", ["What is roaming?", "How do I switch it on?"]),
        ("रोमिंग का खर्च कितना है और बिल कब आता है?", ["रोमिंग का खर्च कितना है", "बिल कब आता है?"]),
        ("Was kostet Roaming und wie zahle ich?", ["Was kostet Roaming", "wie zahle ich?"]),
    ],
)  # fmt: skip
def test_several_questions_are_taken_apart(text, found):
    assert parts(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "What does roaming cost for calls and data?", "terms and conditions of the loan", "rock and roll",
        "How do I move house and keep my number?", "Who founded Apple and Microsoft?", "My bill is too high. Help!", "",
    ],
)  # fmt: skip
def test_one_question_stays_whole(text):
    assert parts(text) == [text]


CARS = {
    "Swift": "The price of the Swift is 649000 rupees.",
    "Creta insurance": "Insurance for the Creta costs 38500 rupees a year.",
    "Service": "The first service is free of charge.",
}


@pytest.mark.row("A159")
async def test_both_facts_of_a_question_with_two_parts_are_in_the_answer_with_their_citations(library, put, service):
    bot = await library()
    await put(bot, CARS)
    found = await service(bot).find("price of Swift and insurance for Creta?")
    reply = (await bot.ask("price of Swift and insurance for Creta?")).reply

    assert [one.text for one in found.parts] == ["price of Swift", "insurance for Creta?"]
    assert "649000" in reply.text
    assert "38500" in reply.text
    assert [one.title for one in reply.citations] == ["Swift", "Creta insurance"]


async def test_the_part_that_stays_open_is_named(library, put):
    bot = await library()
    await put(bot, CARS)
    reply = (await bot.ask("What is the price of the Swift and which planets have rings?")).reply

    assert "649000" in reply.text
    assert "which planets have rings: " in reply.text
    assert reply.data["open"] == ["which planets have rings?"]


async def test_one_passage_answers_both_parts_and_is_quoted_once(library, put):
    bot = await library()
    await put(bot, {"Storm": "The Storm plan costs 34.90 euros a month and includes the hotspot.", **CARS})
    reply = (await bot.ask("What does the Storm plan cost and does it include hotspot?")).reply

    assert reply.text == "The Storm plan costs 34.90 euros a month and includes the hotspot. [1]"
    assert reply.data["open"] == []


# -- follow-ups -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "does"),
    [("Quel temps fait-il ?", False), ("Y a-t-il un magasin ?", False), ("Combien coûte-t-il ?", True), ("A-t-il la 5G ?", True)],
)  # fmt: skip
def test_a_french_il_that_stands_for_nothing_leans_on_nothing(text, does):
    assert leans(text) is does


@pytest.mark.parametrize(
    ("before", "text", "meant"),
    [
        ("What does roaming cost in Switzerland?", "and in Europe?", "What does roaming cost in Europe"),
        ("Combien coûte l'itinérance en Suisse ?", "et en Europe ?", "Combien coûte l'itinérance en Europe"),
        ("रोमिंग का खर्च भारत में कितना है?", "और यूरोप में?", "रोमिंग का खर्च यूरोप में कितना है"),
        ("Rate for a car loan?", "and for a home loan?", "Rate for a home loan"),
        (
            "What does a minute of roaming cost in Spain?",
            "and in New York?",
            "What does a minute of roaming cost in New York",
        ),
        ("How do I pay my bill?", "when is it due?", "How do I pay my bill when is it due"),
    ],
)
def test_a_follow_up_takes_what_it_leaves_out_from_the_question_before_it(before, text, meant):
    assert leans(text)
    assert resolve(text, before) == meant


@pytest.mark.parametrize("text", ["How much is the travel pass?", "Where is your shop in Lyon?", "Reset my password"])
def test_a_question_that_stands_alone_is_no_follow_up(text):
    assert not leans(text)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("What does roaming cost in Europe?", True),
        ('"What does roaming cost in Europe?"', True),
        ("Roaming in Europe costs 5 rupees.", False),
        ("Sure! Here is the question:\nWhat does roaming cost in Europe?", False),
        ("What is the weather?", False),
        ("", False),
    ],
)
def test_a_model_is_trusted_with_one_question_that_invents_no_number(answer, kept):
    assert bool(trusted(answer, "and in Europe?", "What does roaming cost in Switzerland?")) is kept


ROAMING = {
    "Switzerland": "In Switzerland a minute of roaming costs 90 cents.",
    "Europe": "In Europe a minute of roaming costs 5 cents.",
    "eSIM": "An eSIM is activated with a code.",
}


async def test_a_conversation_goes_on_from_its_last_question(library, put):
    bot = await library()
    await put(bot, ROAMING)

    assert "90 cents" in (await bot.say("What does a minute of roaming cost in Switzerland?")).text
    assert "5 cents" in (await bot.say("and in Europe?")).text
    assert "code" in (await bot.say("And how is an eSIM activated?")).text


async def test_follow_ups_can_be_turned_off(library, put):
    bot = await library("[plugins.rag]\nfollow_ups = false\n")
    await put(bot, ROAMING)
    await bot.say("What does a minute of roaming cost in Switzerland?")

    assert "90 cents" not in (await bot.say("and in Mars?")).text


# -- routes ---------------------------------------------------------------------------------------------------------------

ROUTES = Config(
    namespaces=("inventory", "sales", "insurance", "faqs"),
    routes={"BUY": ("inventory", "sales"), "INSURANCE": ("insurance", "faqs"), "SERVICE": ("faqs",)},
    route_words={"INSURANCE": ("insurance", "cover for"), "BUY": ("price", "buy")},
)


@pytest.mark.row("A158")
@pytest.mark.parametrize(
    ("text", "intents", "where"),
    [
        ("?", [Intent("INSURANCE", 0.9)], ("insurance", "faqs")),
        ("?", [Intent("buy", 0.9), Intent("SERVICE", 0.5)], ("inventory", "sales")),
        ("?", [Intent("SERVICE", 0.8)], ("faqs",)),
        ("?", [Intent("WEATHER", 0.9)], ("inventory", "sales", "insurance", "faqs")),
        ("?", [Intent("BUY", 0.1)], ("inventory", "sales", "insurance", "faqs")),
        ("What are the prices?", [], ("inventory", "sales")),
        ("the price of insurance", [], ("inventory", "sales", "insurance", "faqs")),
    ],
)
def test_the_intent_chooses_the_namespaces_else_words_else_all(text, intents, where):
    assert route(ROUTES, text, intents) == where


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"routes": {"BUY": ()}}, "routes.BUY has no namespace"),
        ({"route_words": {"BUY": ("price",)}}, "route_words names BUY, which is no route; routes are none"),
    ],
)
def test_a_route_that_leads_nowhere_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        Config(**given)


@pytest.mark.row("A153")
async def test_a_document_is_found_in_its_own_namespaces_alone(library, put, service):
    bot = await library('[plugins.rag]\nnamespaces = ["inventory", "faqs"]\n')
    await put(bot, {"Swift": "The price of the Swift is 649000 rupees."}, namespace="inventory")
    await put(bot, {"Hours": "The showroom opens at nine."}, namespace="faqs")

    async def found(**where):
        return [one.row.title for one in (await service(bot).find("price of the Swift", **where)).candidates]

    assert await found(namespace="inventory") == ["Swift"]
    assert await found(namespace="faqs") == ["Hours"]
    assert (await found())[0] == "Swift"
    assert "nine" in (await bot.ask("When does the showroom open?")).reply.text


async def test_a_namespace_that_can_not_be_is_named_at_load(library):
    with pytest.raises(AssertionError, match=r"plugins.rag.namespaces.0: given 'Not A Name'"):
        await library('[plugins.rag]\nnamespaces = ["Not A Name"]\n')
