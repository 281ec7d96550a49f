"""What a customer takes back, and what is denied."""

from __future__ import annotations

import datetime as dt

import pytest

from hookline.message import Entity
from hookline.yamlfile import parse
from hookline_nlu.extractor import Extractor, Place
from hookline_nlu.fields import GENERAL, Declared, load

NOW = dt.datetime(2026, 11, 21, 14, 0)
OWN = """
fields:
  budget: {kind: money, cues: [budget]}
  amount: {kind: money, cues: [loan, amount]}
  tenure: {kind: duration, cues: [tenure, repay]}
  rate: {kind: percent, cues: [rate]}
  fuel: {kind: list, values: {petrol: [पेट्रोल], diesel: [डीजल, gasoil], cng: []}}
"""
READER = Extractor(load(GENERAL, None) | dict(parse(OWN, "x", Declared).fields), Place())


def known(**facts):
    return {name: Entity(name, value, unit=unit) for name, (value, unit) in facts.items()}


def read(text, **facts):
    return {e.name: e.value for e in READER.extract(text, NOW, known(**facts))}


@pytest.mark.parametrize(
    ("text", "facts", "name", "value"),
    [
        ("no, 20 lakhs", {"budget": (1_500_000, "INR")}, "budget", 2_000_000),
        ("no, 20", {"budget": (1_500_000, "INR")}, "budget", 2_000_000),
        ("no, 80 lakh", {"amount": (15_000_000, "INR")}, "amount", 8_000_000),
        ("नहीं, बीस लाख", {"budget": (1_500_000, "INR")}, "budget", 2_000_000),
        ("nahi 12 saal", {"tenure": (180, "month")}, "tenure", 144),
        ("non, 12 ans", {"tenure": (180, "month")}, "tenure", 144),
        ("sorry, 12", {"tenure": (180, "month")}, "tenure", 144),
        ("actually 9.5%", {"rate": (8.5, "%")}, "rate", 9.5),
        ("make it 25 lakhs", {"amount": (2_000_000, "INR")}, "amount", 2_500_000),
        ("not 15, 20 lakhs", {"amount": (1_500_000, "INR")}, "amount", 2_000_000),
        ("25 lakhs instead of 20 lakhs", {"amount": (2_000_000, "INR")}, "amount", 2_500_000),
        ("sorry I meant Pune", {"city": ("Mumbai", "")}, "city", "Pune"),
        ("மன்னிக்கவும், 20 லட்சம்", {"budget": (1_500_000, "INR")}, "budget", 2_000_000),
    ],
)
def test_a_correction_is_of_the_known_fact_of_its_kind(text, facts, name, value):
    assert read(text, **facts)[name] == value
    assert "money" not in read(text, **facts)


def test_of_several_facts_of_a_kind_the_one_spoken_of_last_is_meant():
    facts = {"budget": (1_500_000, "INR"), "amount": (8_000_000, "INR")}

    assert read("no, 20 lakhs", **facts) == {"amount": 2_000_000}
    assert read("no, 20 lakhs", **dict(reversed(facts.items()))) == {"budget": 2_000_000}


def test_a_word_that_says_what_is_meant_wins():
    facts = {"budget": (1_500_000, "INR"), "amount": (8_000_000, "INR")}

    assert read("no, the budget is 20 lakhs", **facts) == {"budget": 2_000_000}


def test_without_a_word_of_correction_nothing_known_is_changed():
    assert read("20 lakhs", amount=(8_000_000, "INR")) == {"money": 2_000_000}


def test_what_is_taken_back_is_not_kept():
    assert read("not petrol, diesel", fuel=("petrol", "")) == {"not_fuel": "petrol", "fuel": "diesel"}
    assert read("diesel, not petrol", fuel=("petrol", "")) == {"not_fuel": "petrol", "fuel": "diesel"}


def test_a_no_before_another_value_answers_what_was_known():
    assert read("no diesel", fuel=("petrol", "")) == {"fuel": "diesel"}


def test_what_is_denied_is_not_known_any_more():
    assert read("I don't want diesel", fuel=("diesel", "")) == {"not_fuel": "diesel", "fuel": None}
    assert read("I don't want diesel", fuel=("petrol", "")) == {"not_fuel": "diesel"}


@pytest.mark.parametrize(
    "text",
    [
        "I don't want diesel",
        "no diesel please",
        "diesel nahi chahiye",
        "डीजल नहीं",
        "pas de gasoil",
        "without diesel",
        "petrol nahi, diesel bhi nahi",
    ],
)
def test_what_is_denied_is_said_apart(text):
    found = [(e.name, e.value) for e in READER.extract(text, NOW)]

    assert ("not_fuel", "diesel") in found
    assert ("fuel", "diesel") not in found
