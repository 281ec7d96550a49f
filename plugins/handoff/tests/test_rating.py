"""What is a rating and what is not, in the ways and languages in which people write them."""

from __future__ import annotations

import pytest

from hookline_handoff.rating import Rated, read


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("4", 4), (" 4 ", 4), ("4.", 4), ('"4"', 4), ("४", 4), ("৪", 4), ("4/5", 4), ("4 / 5", 4), ("10/10", 5), ("9/10", 5),
        ("4 out of 10", 2), ("4.5", 5), ("four", 4), ("quatre", 4), ("चार", 4), ("paanch", 5), ("5 stars!", 5), ("3 sur 5", 3),
        ("rating: 2", 2), ("⭐⭐⭐⭐", 4), ("★★", 2), ("5️⃣", 5), ("👍🏽", 5), ("👎", 1), ("😐", 3), ("😡", 1), ("❤️", 5),
        ("Excellent", 5), ("very good", 4), ("poor", 2), ("Very poor", 1), ("Mauvais", 2), ("génial !", 5), ("très bien", 4),
        ("बहुत अच्छा", 5), ("खराब", 2), ("bahut accha", 5), ("bekar", 1), ("ठीक ठाक", 3), ("5 – Excellent", 5), ("1 – Très mauvais", 1),
        ("4 thanks", 4), ("super, merci", 5),
    ],
)  # fmt: skip
def test_a_message_that_is_a_rating_is_one(text, score):
    assert read(text, 5).score == score


@pytest.mark.parametrize(
    "text",
    [
        "2 of my cards are blocked", "I have 4 cards", "5 lakh loan", "one more thing", "un problème", "do you have loans",
        "top up my phone", "good morning", "bien sûr", "ok", "no", "", "   ", "\x00", "1 par jour", "10 millions", "call me at 5",
        "excellent question about my bill", "poor people pay less tax", "मेरे 2 कार्ड बंद हैं", "5 बजे फोन करो", "?", "🚗",
    ],
)  # fmt: skip
def test_a_message_that_is_something_else_is_none(text):
    assert read(text, 5) is None


@pytest.mark.parametrize("text", ["0", "7", "100", "⭐⭐⭐⭐⭐⭐", "9/5"])
def test_a_number_off_the_scale_is_told_apart(text):
    found = read(text, 5)
    assert found is not None
    assert found.score == 0


def test_what_follows_is_the_comment():
    assert read("2, the agent was rude", 5) == Rated(2, "the agent was rude")
    assert read("😡 nobody helped", 5) == Rated(1, "nobody helped")
    assert read("अच्छा। धन्यवाद", 5).comment == "धन्यवाद"


def test_what_can_be_nothing_else_is_plain():
    assert [read(text, 5).plain for text in ("4/5", "⭐⭐", "5 stars", "rating 4", "4", "good")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


def test_words_and_numbers_follow_the_scale():
    assert [read(text, 10).score for text in ("10", "excellent", "terrible", "fair", "4/5")] == [10, 10, 1, 6, 8]


def test_a_very_long_message_is_read_in_no_time():
    assert read("5 " + "a" * 100_000, 5) is None
    assert read("⭐" * 100_000, 5).score == 0
    assert len(read("5, " + "a" * 100_000, 5).comment) < 2001
