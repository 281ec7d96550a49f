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


# -- comparisons, regions, other languages' words, letters without spaces --------------------------------------------

PLANS = "<table><tr><th>Plan</th><th>Data a month</th><th>Price a month</th></tr>{}</table>".format(
    "".join(
        f"<tr><td>{a}</td><td>{b}</td><td>{c}</td></tr>"
        for a, b, c in (("Amber", "5 GB", "€9"), ("Coral", "25 GB", "€16"), ("Jade", "80 GB", "€24"))
    )
)
SHARE = "Students have 25 % off Amber and Coral."


@pytest.mark.parametrize(
    ("asked", "both"),
    [
        ("Compare Amber and Coral", ["Amber", "Coral"]),
        ("please compare the Amber and Coral plans", ["Amber plans", "Coral plans"]),
        ("What's the difference between Amber and Jade?", ["Amber", "Jade"]),
        ("Amber vs. Jade", ["Amber", "Jade"]),
        ("Which is better, Amber or Jade?", ["Amber", "Jade"]),
        ("Quelle est la différence entre Amber et Jade ?", ["Amber", "Jade"]),
        ("Was ist der Unterschied zwischen Amber und Jade?", ["Amber", "Jade"]),
        ("Amber aur Jade mein kya farq hai?", ["Amber", "Jade"]),
        ("Amber और Jade में क्या अंतर है?", ["Amber", "Jade"]),
    ],
)
def test_a_comparison_asks_for_both(asked, both):
    assert parts(asked) == both


@pytest.mark.parametrize(
    "asked", ["How does my plan compare with what others have?", "Is there a difference in price?", "Compare plans"]
)
def test_what_only_speaks_of_comparing_stays_whole(asked):
    assert parts(asked) == [asked]


@pytest.mark.parametrize(
    "asked", ["Compare Amber and Jade", "What is the difference between Amber and Coral?", "Coral vs Jade"]
)
async def test_what_is_compared_is_quoted_from_one_table_and_not_from_where_its_names_stand(library, service, asked):
    bot = await library()
    given = await service(bot).files(
        "plans.html", f"<h1>Plans</h1>{PLANS}<h2>Students</h2><p>{SHARE}</p>".encode(), key="p", meta={}
    )
    assert (await service(bot).ingest(given)).live

    reply = (await bot.ask(asked)).reply

    assert SHARE not in reply.text
    assert len(reply.citations) == 2
    assert all(one.text.partition(";")[0].removeprefix("Plan: ") in asked for one in reply.citations)


@pytest.mark.parametrize("country", ["Germany", "Portugal", "Europe"])
async def test_what_holds_for_the_union_holds_for_its_countries(library, put, country):
    bot = await library()
    await put(
        bot,
        {
            "EU and EEA": "Roaming within the EU costs nothing extra.",
            "Other countries": "Roaming elsewhere costs €1.90 a minute.",
        },
    )

    assert "nothing extra" in (await bot.ask(f"Is roaming free in {country}?")).reply.text


async def test_what_holds_for_the_union_is_not_said_of_other_countries(library, put):
    bot = await library()
    await put(
        bot,
        {
            "EU and EEA": "Roaming within the EU costs nothing extra.",
            "Brazil and Chile": "Roaming in Brazil costs €1.90 a minute.",
        },
    )

    assert "1.90" in (await bot.ask("What does roaming cost in Brazil?")).reply.text


@pytest.mark.parametrize(
    "asked",
    [
        "Quel est le prix du forfait Jade ?",
        "Was kostet der Tarif Jade?",
        "¿Cuál es el precio del plan Jade?",
        "Jade plan ki kimat kya hai?",
        "Jade प्लान की कीमत क्या है?",
    ],
)
async def test_a_table_in_one_language_answers_in_others(library, service, asked):
    bot = await library()
    given = await service(bot).files("plans.html", f"<h1>Plans</h1>{PLANS}".encode(), key="p", meta={})
    assert (await service(bot).ingest(given)).live

    assert "€24" in (await bot.ask(asked)).reply.text


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("bill kab aata hai?", "When the bill comes"),
        ("mera phone kho gaya hai, kya karu?", "Losing the phone"),
        ("sim naye phone mein kaise dale?", "Moving the SIM to a new phone"),
        ("roaming kaise band kare", "Switching roaming off"),
    ],
)
async def test_verbs_of_everyday_hindi_in_latin_letters_are_understood(library, put, asked, title):
    bot = await library()
    texts = {
        "When the bill comes": "Your bill comes on the 5th of each month.",
        "Losing the phone": "Lost your phone? Lock the SIM at once.",
        "Moving the SIM to a new phone": "Put the SIM card into the new phone and restart it.",
        "Switching roaming off": "To stop roaming, open the app and switch it off.",
    }
    await put(bot, texts)

    assert [one.title for one in (await bot.ask(asked)).reply.citations] == [title]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("ประเทศไทยมีกี่จังหวัด", {"เทศ", "ไทย", "จัง"}),
        ("北京大学在哪里", {"北京", "大学"}),
        ("東京タワーの高さ", {"東京", "タワ", "ワー", "高さ"}),
    ],
)
def test_letters_without_spaces_are_looked_up_by_pairs_that_carry_meaning(text, held):
    assert held <= {term.word for term in understand(text).terms}


def test_pairs_with_a_letter_of_grammar_do_not_count_as_meaning():
    content = {term.word for term in understand("北京大学在哪里").content}

    assert {"北京", "大学"} <= content
    assert content.isdisjoint({"学在", "在哪", "哪里"})


def test_the_parts_of_a_long_german_word_find_it():
    words = index("Die Grundgebühr entfällt.", "Der Versand ist frei.", language="de")

    assert words.search(understand("Monatsgrundgebühren?", ["de"], hint="de", index=words), 5)[0][0] == 1


async def test_a_number_that_is_asked_for_and_not_there_makes_an_answer_doubtful(library, put):
    bot = await library()
    await put(
        bot, {"Porting a number": "Porting begins when you text PORT to us.", "Orders": "Thank you for the order."}
    )
    without = (await bot.ask("How many days does porting take?")).passages[0].confidence
    await put(bot, {"Porting a number": "Porting begins when you text PORT to us, and takes two days."})

    assert (await bot.ask("How many days does porting take?")).passages[0].confidence > without + 0.1
