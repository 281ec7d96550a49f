"""What a flow reads by itself, where no plugin for entities has read it: amounts, and names that are none."""

from __future__ import annotations

import pytest

from hookline_flows.amounts import figures
from hookline_flows.naming import mashed, named

AMOUNTS = [
    ("75L", 7_500_000),
    ("1.2cr", 12_000_000),
    ("डेढ़ करोड़", 15_000_000),
    ("ढाई लाख", 250_000),
    ("सवा करोड़", 12_500_000),
    ("साढ़े सात लाख", 750_000),
    ("₹ 1,50,00,000", 15_000_000),
    ("15 million", 15_000_000),
    ("paune do crore", 17_500_000),
    ("sava crore", 12_500_000),
    ("sawa do crore", 22_500_000),
    ("पौने दो करोड़", 17_500_000),
    ("पौन करोड़", 7_500_000),
    ("सव्वा कोटी", 12_500_000),
    ("साडेतीन कोटी", 35_000_000),
    ("દોઢ કરોડ", 15_000_000),
    ("સવા કરોડ", 12_500_000),
    ("પોણા બે કરોડ", 17_500_000),
    ("ஒன்றரை கோடி", 15_000_000),
    ("முக்கால் கோடி", 7_500_000),
    ("ఒకటిన్నర కోటి", 15_000_000),
    ("ಒಂದೂವರೆ ಕೋಟಿ", 15_000_000),
    ("ಮುಕ್ಕಾಲು ಕೋಟಿ", 7_500_000),
    ("one and a half crore", 15_000_000),
    ("డెబ్బై ఐదు లక్షలు", 7_500_000),
    ("75 laakh", 7_500_000),
    ("1 cr 50 lakh", 15_000_000),
    ("ஒரு கோடி", 10_000_000),
    ("ఒక కోటి ఇరవై లక్షలు", 12_000_000),
]


@pytest.mark.parametrize(("said", "amount"), AMOUNTS)
def test_an_amount_counted_the_indian_way_is_read(said, amount):
    assert [one.value for one in figures(said)] == [amount]


@pytest.mark.parametrize(
    "said", ["asdf", "qwerty", "Sdfgh", "lkjh", "aaaa", "hjkl hjkl", "test", "xyz", "azerty", "dfdfdf"]
)
def test_keys_struck_at_random_are_no_name(said):
    assert named(said) is None


@pytest.mark.parametrize(
    "said",
    [*("Pune", "Sirsi", "Thrissur", "Ooty", "Jhajjar", "Alwar", "Rewa", "Perth", "Gwalior", "Aa", "Ng", "Bgl", "Pali", "Dewas", "Port Blair", "Ypres")],
)  # fmt: skip
def test_a_name_that_looks_odd_is_one(said):
    assert named(said) == said
    assert not any(mashed(word) for word in said.split())
