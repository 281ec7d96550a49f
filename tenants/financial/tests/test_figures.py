"""Amounts of money, however a text writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tenant_financial.answers import hidden, named
from tenant_financial.figures import amounts, digits
from tenant_financial.guard import names


@pytest.mark.parametrize(
    "text",
    [
        "₹45,200.50", "45200.50 rupees", "Rs.45200.5", "INR 45 200.50", "45.200,50", "45 200,50", "४५,२००.५०", "４５２００.５０",
        "૪૫૨૦૦.૫૦", "45.2005k", "0.452005 lakh", "(45,200.50)", "C001: 45,200.50, paid",
    ],
)  # fmt: skip
def test_an_amount_is_found_however_it_is_written(text):
    assert Decimal("45200.50") in amounts(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,500", "12500"), ("12500", "12500"), ("12.5 हज़ार", "12500"), ("11.84 lakh", "1184000"),
        ("1.5 crore", "15000000"), ("12 500 and 7,465", "7465"), ("₹11,84,350.75", "1184350.75"),
    ],
)  # fmt: skip
def test_so_are_thousands_lakhs_and_crores(text, amount):
    assert Decimal(amount) in amounts(text)


@pytest.mark.parametrize("text", ["", "no number", "LN1001", "C001", "1" * 40, "x45200.50"])
def test_what_is_no_amount_is_none(text):
    assert Decimal("45200.50") not in amounts(text)
    assert all(amount < 10**16 for amount in amounts(text))


@pytest.mark.parametrize(("amount", "count"), [("12500", 3), ("45200.50", 6), ("0", 0), ("1000000", 1), ("0.50", 1)])
def test_zeros_at_the_end_say_nothing(amount, count):
    assert digits(Decimal(amount)) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what has C002 got?", {"C002"}), ("c 002", {"C002"}), ("c-002 and ln1002", {"C002", "LN1002"}),
        ("C००२", {"C002"}), ("account 5010 0000 0120 02", {"50100000012002"}), ("my EMI of 12500", set()),
        ("ABC002", set()), ("C0021x", set()),
    ],
)  # fmt: skip
def test_numbers_of_customers_loans_and_accounts_are_seen(text, found):
    assert named(text) == found


def test_full_names_are_seen_in_any_writing_but_not_ordinary_words():
    assert "Rahul Iyer" in names("The loan of Rahul Iyer is 5,000.")
    assert "Rahul Iyer" in names("RAHUL IYER owes 5,000")
    assert "राहुल अय्यर" in names("राहुल अय्यर का बैलेंस")
    assert names("the interest is paid each month") == frozenset()


def test_an_account_is_shown_by_its_last_digits():
    assert hidden("50100000011001") == "••••1001"
