"""What kind of answer a question wants, and which of two passages gives it."""

from __future__ import annotations

import pytest

from hookline.message import Passage
from hookline_rag.extractive import answer
from hookline_rag.kind import shortfall

BETTER = [
    ("How much is the Gust plan?", "Plan: Gust; Price a month: €16.90", "Students have 25 % off Gust and Gale."),
    ("What does a call cost in Switzerland?", "Country: Switzerland; Mobile a minute: €0.39", "0900: €3 a minute"),
    ("How long does porting take?", "It takes one working day.", "Text PORT to 1905 to get your porting code."),
    ("Combien coûte le forfait Storm ?", "Storm : 34,90 € par mois", "Storm a un point d'accès."),
    ("Combien de temps dure le portage ?", "Le portage prend trois jours ouvrés.", "Envoyez RIO au 3179."),
    ("Was kostet der Tarif?", "Der Tarif kostet 9,90 EUR.", "Der Tarif hat 5 GB."),
    ("रोमिंग का खर्च कितना है?", "कॉल पर ₹45 प्रति मिनट लगते हैं।", "रोमिंग ऐप में चालू करें।"),
    ("इसमें कितने दिन लगते हैं?", "इसमें 3 दिन लगते हैं।", "शुल्क ₹50 है।"),
    ("SIM badalne mein kitna time lagta hai?", "Isme 2 ghante lagte hain.", "Store par jaiye."),
    ("Storm ka daam kitna hai?", "Storm: 34.90 euro", "Storm mein hotspot hai."),
    ("ரீசார்ஜ் கட்டணம் எவ்வளவு?", "குறைந்தபட்ச ரீசார்ஜ் €5.", "செயலியைத் திறக்கவும்."),
    (
        "How much is a replacement card?",
        "A replacement card is free of charge.",
        "Order a replacement card in the app.",
    ),
]


@pytest.mark.parametrize(("question", "better", "worse"), BETTER)
def test_the_passage_with_what_was_asked_for_is_worth_more(question, better, worse):
    assert shortfall(question, better) == 0.0
    assert shortfall(question, worse) > 0.1


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("How do I reset my password?", "Open the settings and choose Security."),
        ("What is an eSIM?", "A SIM that is built in."),
        ("how much data does the plan have", "The plan has 5 GB."),
        ("Wie ändere ich den Tarif?", "Öffnen Sie die App."),
        ("", ""),
    ],
)
def test_a_question_of_another_kind_loses_nothing(question, passage):
    assert shortfall(question, passage, "de" if question.startswith("Wie") else "en") == 0.0


def test_capital_nouns_are_no_names_in_german():
    assert shortfall("Wann kommt die Rechnung?", "Am Fünften jedes Monats.", "de") == 0.0
    assert shortfall("When does it open in Paris?", "It opens in Rome at nine.", "en") > 0.0


def passage(text: str, confidence: float) -> Passage:
    return Passage(text, 1, 0, len(text), text, confidence=confidence)


async def stored(document: str, version: int, start: int, end: int) -> str:
    return document[start:end]


async def test_of_a_price_and_a_share_off_it_the_price_is_quoted():
    share, price = passage("Students have 25 % off Gust.", 0.9), passage("Gust is €16.90 a month.", 0.7)

    reply = await answer([share, price], stored, least=0.5, question="How much is Gust?")

    assert reply is not None
    assert reply.text == "Gust is €16.90 a month. [1]"
    assert reply.confidence == 0.7


async def test_what_can_not_answer_is_not_quoted_for_its_price():
    share, price = passage("Students have 25 % off Gust.", 0.9), passage("Breeze is €9.90 a month.", 0.4)

    reply = await answer([share, price], stored, least=0.5, question="How much is Gust?")

    assert reply is not None
    assert reply.text.startswith("Students")
