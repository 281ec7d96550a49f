"""The sentences of other tenants: a lender's, a bank's in French, a broker's of loans against property."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookline_nlu.intentfile import load
from hookline_nlu.rules import Rules

RULES = {name: Rules(load(Path(__file__).parent / "others" / f"{name}.yaml").intents)
         for name in ("financial", "bank", "claims", "property")}  # fmt: skip


def row(tenant, intent, text, *rows):
    return pytest.param(tenant, intent, text, marks=[pytest.mark.row(one) for one in rows])


@pytest.mark.parametrize(
    ("tenant", "intent", "text"),
    [
        row("financial", "emi", "What is my EMI?"),
        row("financial", "balance", "What is my account balance?"),
        row("financial", "loan", "Tell me about my loan"),
        row("financial", "agent", "I want to talk to an agent"),
        row("financial", "greeting", "Hello there!"),
        row("bank", "loan", "Je veux emprunter 5 millions", "K14"),
        row("bank", "loan", "Je voudrais un pret immobilier", "K14"),
        row("bank", "account", "Je souhaite ouvrir un compte", "K14"),
        row("bank", "claim", "J'ai un problème avec ma carte", "K14"),
        row("bank", "greeting", "Bonjour", "K14"),
        row("claims", "Carte bancaire", "J'ai un problème avec ma carte", "K42"),
        row("claims", "Frais", "on m'a prélevé des frais", "K42"),
        row("claims", "Virement", "mon virement", "K42"),
        row("property", "loan_enquiry", "Hi, I need a loan against my property", "L19"),
        row("property", "property_info", "I have a house in Bangalore worth 1.5 crore", "L19"),
        row("property", "requirement_info", "I need about 80 lakhs for my business expansion", "L19"),
        row("property", "interest_rate", "What would be the interest rate?", "L19"),
        row("property", "documents", "What documents will I need to provide?", "L19"),
        row("property", "defer", "I'll think about it and get back to you later", "L19"),
    ],
)
def test_a_rule_alone_tells(tenant, intent, text):
    assert [match.intent for match in RULES[tenant].find(text)] == [intent]


@pytest.mark.parametrize("text", ["Quels sont vos horaires ?", "Bonjour, quels sont vos horaires ?"])
def test_another_question_is_left_to_the_documents(text):
    assert RULES["bank"].find(text) == []
