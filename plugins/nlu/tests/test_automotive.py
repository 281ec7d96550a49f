"""The fifteen intents of a car dealer, in five ways of writing, with no model and no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookline_nlu.intentfile import load
from hookline_nlu.rules import Rules

FILE = load(Path(__file__).parent / "automotive" / "intents.yaml")
RULES = Rules(FILE.intents)
NAMES = {
    "BUY", "FINANCE", "TEST_DRIVE", "EXCHANGE", "INSURANCE", "SERVICE", "COMPLAINT", "INFO", "COMPARISON",
    "BOOKING_CONFIRM", "PAYMENT_CONFIRM", "SERVICE_REMINDER", "FEEDBACK", "ESCALATION", "DELIVERY_UPDATE",
}  # fmt: skip


@pytest.mark.row("A02", "A03", "A04", "A06", "A08", "A09", "A11", "A12", "A13", "A16")
@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("BUY", "I want to buy a Nexon"),
        ("BUY", "mujhe Nexon kharidni hai"),
        ("BUY", "मुझे नेक्सॉन ख़रीदनी है"),
        ("BUY", "मला नवीन गाडी विकत घ्यायची आहे"),
        ("BUY", "મારે નવી ગાડી ખરીદવી છે"),
        ("FINANCE", "What EMI for a car loan?"),
        ("FINANCE", "loan chahiye"),
        ("FINANCE", "मला कर्ज पाहिजे"),
        ("FINANCE", "મારે લોન જોઈએ છે"),
        ("TEST_DRIVE", "Can I test drive the Harrier?"),
        ("TEST_DRIVE", "टेस्ट ड्राइव करनी है"),
        ("TEST_DRIVE", "gaadi chala ke dekhna hai"),
        ("EXCHANGE", "I want to exchange my old car"),
        ("EXCHANGE", "meri purani gaadi exchange karni hai"),
        ("INSURANCE", "Renew my car insurance"),
        ("INSURANCE", "गाड़ी का बीमा करवाना है"),
        ("INSURANCE", "વીમો રિન્યુ કરવો છે"),
        ("SERVICE", "Book a service appointment"),
        ("SERVICE", "गाडीची सर्व्हिस करायची आहे"),
        ("COMPLAINT", "Very bad experience, AC not cooling after service"),
        ("COMPLAINT", "मुझे शिकायत करनी है, सर्विस बहुत खराब थी"),
        ("INFO", "What are your showroom timings?"),
        ("INFO", "aapka showroom kahan hai"),
        ("COMPARISON", "Nexon vs Punch, which is better?"),
        ("COMPARISON", "Nexon aur Punch mein kaun si behtar hai"),
        ("BOOKING_CONFIRM", "Please confirm my booking"),
        ("BOOKING_CONFIRM", "meri booking confirm hui kya"),
        ("PAYMENT_CONFIRM", "I have paid the booking amount"),
        ("PAYMENT_CONFIRM", "booking ka payment kar diya"),
        ("SERVICE_REMINDER", "When is my next service due?"),
        ("SERVICE_REMINDER", "अगली सर्विस कब है"),
        ("FEEDBACK", "I want to give feedback"),
        ("FEEDBACK", "મારે પ્રતિભાવ આપવો છે"),
        ("ESCALATION", "Let me speak to your manager"),
        ("ESCALATION", "manager se baat karni hai"),
        ("DELIVERY_UPDATE", "When will my car be delivered?"),
        ("DELIVERY_UPDATE", "meri gaadi kab milegi"),
        ("DELIVERY_UPDATE", "મારી ગાડી ક્યારે મળશે"),
    ],
)
def test_a_rule_alone_tells(intent, text):
    assert [match.intent for match in RULES.find(text)] == [intent]


@pytest.mark.row("A01")
def test_there_are_exactly_the_fifteen():
    assert {intent.name for intent in FILE.intents} == NAMES
    assert len(FILE.intents) == 15


def test_each_intent_has_at_least_five_sentences_or_phrases():
    for intent in FILE.intents:
        phrases = [phrase for phrases in intent.keywords.values() for phrase in phrases]
        assert len(intent.sentences) + len(phrases) >= 5, intent.name


def test_a_keyword_within_a_longer_word_does_not_count():
    assert RULES.find("my scar from the vservices contest") == []
