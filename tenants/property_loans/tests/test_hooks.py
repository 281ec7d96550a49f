"""How much can be lent on a property."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_property_loans.config import Config
from tenant_property_loans.lending import assess, ltv

CONFIG = Config(ltv_limit=60.0, ltv_limits={"plot": 50.0})


@pytest.mark.row("L26")
@pytest.mark.row("L47")
def test_eighty_lakh_on_a_house_of_one_and_a_half_crore_is_within_the_limit():
    found = assess(CONFIG, "house", 15_000_000, 8_000_000)

    assert found == {"amount": 8_000_000, "ltv": 53.33, "limit": 60.0, "most": 9_000_000, "within": True, "reason": ""}


def test_what_is_more_than_the_limit_is_refused_with_the_most_that_is_lent():
    assert assess(CONFIG, "house", 15_000_000, 9_000_001)["reason"] == "ltv"
    assert assess(CONFIG, "house", 15_000_000, 9_000_000)["within"]
    assert assess(CONFIG, "plot", 15_000_000, 8_000_000) == {
        "amount": 8_000_000, "ltv": 53.33, "limit": 50.0, "most": 7_500_000, "within": False, "reason": "ltv",
    }  # fmt: skip


def test_loans_outside_the_lenders_range_and_properties_worth_too_little_are_told_apart():
    assert assess(CONFIG, "house", 15_000_000, 400_000)["reason"] == "range"
    assert assess(CONFIG, "house", 900_000_000, 110_000_000)["reason"] == "range"
    assert assess(CONFIG, "house", 500_000, 500_000)["reason"] == "property"
    assert assess(CONFIG, "house", 900_000_000, 90_000_000)["most"] == 100_000_000


@given(value=st.integers(1_000_000, 10**10), share=st.floats(0.01, 1.5))
def test_the_most_that_is_offered_is_always_within_the_limit(value, share):
    found = assess(CONFIG, "house", value, max(1, int(value * share)))

    if found["most"] >= CONFIG.smallest:
        assert assess(CONFIG, "house", value, found["most"])["within"]
    assert found["within"] == (not found["reason"])
    assert found["most"] <= CONFIG.largest


def test_loan_to_value_has_two_places():
    assert ltv(Decimal(15_000_000), Decimal(8_000_000)) == Decimal("53.33")


def test_no_amount_is_nought():
    with pytest.raises(ValueError, match="amounts above 0"):
        assess(CONFIG, "house", 0, 8_000_000)


def test_a_config_whose_bounds_cross_is_refused():
    with pytest.raises(ValueError, match="smallest"):
        attrs.evolve(CONFIG, smallest=10, largest=5)
