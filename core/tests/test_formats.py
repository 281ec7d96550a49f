"""Money, numbers and days as the tenant's customers write them."""

from __future__ import annotations

import datetime as dt

import pytest

from hookline import formats
from hookline.settings import Locale, Settings

INDIA = Settings(plugins=())
SENEGAL = Settings(plugins=(), language="fr", locale=Locale(phone_region="SN"))
FRANCE = Settings(plugins=(), language="fr")
AMERICA = Settings(plugins=(), locale=Locale(phone_region="US"))


@pytest.mark.parametrize(
    ("settings", "amount", "unit", "words", "text"),
    [
        (INDIA, 8_000_000, "", True, "₹80 lakh"),
        (INDIA, 15_000_000, "", True, "₹1.5 crore"),
        (INDIA, 1_234_567, "", True, "₹12,34,567"),
        (INDIA, 1_250_000, "", False, "₹12,50,000"),
        (INDIA, 45_200.5, "", False, "₹45,200.50"),
        (INDIA, 99.99, "USD", False, "$99.99"),
        (SENEGAL, 10_000_000, "", False, "10\u202f000\u202f000\u202fFCFA"),
        (SENEGAL, 84_386, "", True, "84\u202f386\u202fFCFA"),
        (FRANCE, 1_250.5, "", False, "1\u202f250,50 €"),
        (AMERICA, 1_250_000, "", False, "$1,250,000"),
    ],
)
def test_money_is_written_as_customers_write_it(settings, amount, unit, words, text):
    assert formats.money(amount, settings, unit, words=words) == text


@pytest.mark.parametrize(
    ("settings", "text"), [(INDIA, "12,34,567.5"), (SENEGAL, "1\u202f234\u202f567,5"), (AMERICA, "1,234,567.5")]
)
def test_numbers_have_the_groups_of_the_style(settings, text):
    assert formats.number(1_234_567.5, settings) == text


def test_what_is_not_configured_follows_from_language_and_region():
    derived = [(formats.region(s), formats.currency(s), formats.style(s)) for s in (INDIA, SENEGAL, FRANCE, AMERICA)]

    assert derived == [
        ("IN", "INR", "indian"),
        ("SN", "XOF", "french"),
        ("FR", "EUR", "french"),
        ("US", "USD", "english"),
    ]
    assert [formats.timezone(s).key for s in (INDIA, SENEGAL, FRANCE)] == [
        "Asia/Kolkata",
        "Africa/Dakar",
        "Europe/Paris",
    ]


def test_what_is_configured_wins():
    own = Settings(plugins=(), locale=Locale("english", "AED", "AE", "Asia/Dubai"))

    assert formats.currency(own) == "AED"
    assert formats.style(own) == "english"
    assert formats.timezone(own).key == "Asia/Dubai"


def test_a_time_zone_that_is_none_is_named():
    with pytest.raises(ValueError, match=r"timezone: given 'Asia/Poona'; allowed: a name like \"Asia/Kolkata\""):
        Locale(timezone="Asia/Poona")


def test_a_day_is_written_in_the_language():
    day = dt.date(2026, 11, 21)

    assert [formats.date(day, tag) for tag in ("en", "fr-SN", "hi")] == [
        "21 November 2026",
        "21 novembre 2026",
        "21 नवंबर 2026",
    ]
