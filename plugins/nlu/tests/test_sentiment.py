"""How a message sounds."""

from __future__ import annotations

import pytest

from hookline_nlu.sentiment import judge

ANGRY = [
    "This is a waste of time, stop messaging",
    "staff was rude",
    "Very bad experience, AC not cooling after service",
    "I am not happy with your service",
    "बहुत खराब सेवा",
    "सेवा अच्छी नहीं है",
    "service acchi nahi hai",
    "ekdum bakwas hai yaar",
    "je suis très déçu du service",
    "ce n'est pas bien du tout",
    "तुमची सेवा खूप वाईट आहे",
    "ખૂબ ખરાબ સેવા",
    "மிகவும் மோசமான சேவை",
    "చాలా దారుణంగా ఉంది",
    "ತುಂಬಾ ಕೆಟ್ಟ ಸೇವೆ",
    "😡😡",
    "The app is good but the staff is terrible",
]
GLAD = [
    "thank you so much, great service",
    "बहुत अच्छी सेवा, धन्यवाद",
    "bahut badhiya service hai",
    "c'est parfait, merci !",
    "खूप छान सेवा",
    "ખૂબ સરસ સેવા, આભાર",
    "அருமையான சேவை, நன்றி",
    "చాలా బాగుంది",
    "ತುಂಬಾ ಚೆನ್ನಾಗಿದೆ, ಧನ್ಯವಾದಗಳು",
    "not bad at all 👍",
]
PLAIN = [
    "Hi, I need a loan against my property",
    "I have a house in Bangalore worth 1.5 crore",
    "What is the interest rate?",
    "Please help me with my loan account",
    "मुझे लोन चाहिए",
    "Je veux emprunter 5 millions",
    "ok",
    "50 000",
    "Quel est le taux ?",
    "",
]


@pytest.mark.row("L20", "X13")
@pytest.mark.parametrize("text", ANGRY)
def test_an_angry_message_is_negative(text):
    assert judge(text).label == "negative"


@pytest.mark.row("L20")
@pytest.mark.parametrize("text", GLAD)
def test_a_glad_message_is_positive(text):
    assert judge(text).label == "positive"


@pytest.mark.row("L20")
@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_request_is_neutral(text):
    assert judge(text).label == "neutral"


def test_emphasis_makes_it_stronger():
    values = [judge(text).value for text in ("bad", "very bad", "VERY BAD service!!!")]

    assert values == sorted(values, reverse=True)
    assert -1.0 <= values[-1] < values[0] < 0
    assert judge("good, bad").confidence < judge("bad").confidence
