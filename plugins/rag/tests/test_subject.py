"""What a question is about, and that a passage about something near does not answer it."""

from __future__ import annotations

import pytest

from hookline_rag.confidence import confidence, strangeness
from hookline_rag.evidence import examine, weigh
from hookline_rag.finder import _less
from hookline_rag.kind import is_priced, price_asked
from hookline_rag.question import understand

BANK = {
    "Rates": "# Rates\n\nThe rate of interest of a home loan is 8.6 % a year, that of a gold loan 9.9 %.",
    "Cards": "# Cards\n\nYou find the number of your card on its back. We post it within a week.",
    "Banque": "# Banque\n\n## Prêt auto\n\nLe taux d'un prêt auto est de 7 % par an.",
    "Garden": "# Garden tools\n\n## Mower\n\nCut the lawn at midday. A new blade costs €12.\n\n## Rake\n\nA rake has ten teeth.",
}


def odds(values):
    sure = confidence(values)
    return sure / (1.0 - sure)


def needed(text, language):
    return {term.word for term in understand(text, hint=language).terms if term.needed}


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("What is the interest on savings?", "en", {"interest", "savings"}),
        ("Can I pay my rent in cash?", "en", {"rent", "cash"}),
        ("How many new tickets do you sell on Monday?", "en", {"tickets"}),
        ("Quel est le taux d'un prêt étudiant ?", "fr", {"taux", "pret", "etudiant"}),
        ("Puis-je réserver une chambre double ?", "fr", {"chambre", "double"}),
        ("Gibt es im Hotel eine Massage?", "de", {"hotel", "massage"}),
        ("¿Cuánto cuesta la piscina?", "es", {"piscina"}),
        ("क्या बीमा पर छूट मिलती है?", "hi", {"बीमा", "छूट"}),
    ],
)
def test_who_asks_plainly_names_what_a_passage_must_speak_of(text, language, words):
    assert needed(text, language) == words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My parcel came with a hole in it", "en"),
        ("What happens to my garden in winter?", "en"),
        ("Que se passe-t-il après un vol ?", "fr"),
        ("क्या होगा अगर बारिश हुई?", "hi"),
        ("எப்போது திறக்கும்?", "ta"),
    ],
)
def test_a_story_and_what_happens_are_read_leniently(text, language):
    assert not needed(text, language)


def test_the_words_that_a_passage_lacks_have_their_share_of_the_question():
    asked = understand("What is the price of a red balloon?")
    found = examine(weigh(asked, 20, lambda forms: 2), "A balloon floats.", 0, 0, "", "en", whole=True)

    assert found.strange == (("red", pytest.approx(1 / 3)),)


def test_a_word_that_brings_the_question_nearer_counts_less_and_one_that_takes_it_away_more():
    lacked = (("invoice", 0.4),)

    near, neutral, far = (strangeness({}, lacked, [cosine]) for cosine in (0.1, 0.0, -0.1))

    assert near["strange"] == 0.0
    assert 0.0 < neutral["strange"] < far["strange"] == pytest.approx(0.4)
    assert near["away"] == neutral["away"] == 0.0
    assert far["away"] > 0.0


def test_a_question_is_read_without_a_word():
    assert _less("What does a Café cost, a café?", "cafe") == "What does a cost, a ?"
    assert _less("Wi-Fi", "wi") == "-Fi"
    assert not _less("Balloons?", "balloons")


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("What does it cost?", True, True),
        ("How long does it cost me to wait?", False, True),
        ("It is €5", False, True),
        ("Below 80 % of the speed", False, False),
        ("La livraison est gratuite, sans frais", True, True),
    ],
)
def test_a_price_is_asked_for_and_told(text, asked, told):
    assert (price_asked(text), is_priced(text)) == (asked, told)


@pytest.mark.parametrize(
    ("question", "speaks"),
    [
        ("What is the rate of a boat?", "strange"),
        ("Quel est le taux d'un prêt étudiant ?", "strange"),
        ("What does a card cost?", "priceless"),
        ("What is the price of a rake?", "priceless"),
    ],
)
async def test_what_is_near_the_documents_but_not_in_them_counts_for_little(library, put, service, question, speaks):
    bot = await library(languages=["en", "fr"])
    await put(bot, BANK)

    best = (await service(bot).find(question)).candidates[0]

    assert best.values[speaks] > 0.25
    assert odds(best.values) < odds({**best.values, speaks: 0.0}) * 0.6


async def test_a_price_of_nothing_that_is_sold_is_declined(library, put):
    bot = await library()
    await put(bot, BANK)

    assert not (await bot.ask("What does a card cost?")).reply.answered


@pytest.mark.parametrize(
    "question",
    ["What is the rate of a gold loan?", "What does a new blade cost?", "Quel est le taux d'un prêt auto ?"],
)
async def test_what_is_in_them_is_answered(library, put, question):
    bot = await library(languages=["en", "fr"])
    await put(bot, BANK)

    assert (await bot.ask(question)).reply.answered
