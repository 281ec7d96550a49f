"""Keywords, phrases and patterns."""

from __future__ import annotations

import time

import pytest

from hookline_nlu.intentfile import Declared
from hookline_nlu.rules import Rules
from hookline_nlu.words import words


def found(rules, text):
    return [match.intent for match in rules.find(text)]


def keyword(name, *phrases, **more):
    return Declared(name, keywords={"en": phrases}, **more)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The CARD's lost", ("the", "cards", "lost")),
        ("Problème réglé", ("probleme", "regle")),
        ("ख़रीदनी हाँ", ("खरीदनी", "हां")),
        ("गाड़ी गाड\u093cी", ("गाडी", "गाडी")),
        ("નવી ગાડી", ("નવી", "ગાડી")),
        ("丢卡了", ("丢", "卡", "了")),
        ("ok 👍🏽!", ("ok", "👍")),
        ("zero\u200dwidth", ("zerowidth",)),
        ("", ()),
        ("?! …", ()),
        ("\ud800", ()),
    ],
)
def test_words_are_whole_and_folded(text, told):
    assert words(text) == told


@pytest.mark.parametrize("text", ["my card is lost", "Card?", "the card's gone", "CARD", "e-card"])
def test_a_keyword_is_a_whole_word_in_any_case(text):
    assert found(Rules([keyword("card", "card", "cards")]), text) == ["card"]


@pytest.mark.parametrize("text", ["scar", "discard it", "cardboard", "", "🙂🙂", "   "])
def test_a_keyword_within_a_longer_word_does_not_count(text):
    assert found(Rules([keyword("card", "card")]), text) == []


def test_a_sign_of_an_indic_script_is_part_of_its_word():
    rules = Rules([Declared("work", keywords={"hi": ["काम"]})])

    assert found(rules, "मुझे काम चाहिए") == ["work"]
    assert found(rules, "कामना") == []
    assert found(rules, "मेरी कामें") == []


def test_a_script_without_spaces_is_searched_for_the_phrase():
    assert found(Rules([Declared("card", keywords={"zh": ["银行卡"]})]), "我的银行卡丢了") == ["card"]


def test_a_star_stands_for_every_ending():
    rules = Rules([keyword("buy", "kharid*", "new car*", "go*")])

    assert found(rules, "mujhe kharidungi") == ["buy"]
    assert found(rules, "new cars please") == ["buy"]
    assert found(rules, "going") == ["buy"]
    assert found(rules, "kha rid") == []


def test_the_longest_match_is_meant():
    rules = Rules([keyword("service", "service"), keyword("reminder", "next service")])

    assert found(rules, "when is my next service") == ["reminder"]
    assert found(rules, "service please") == ["service"]


def test_of_matches_as_long_the_priority_then_the_number_decides_then_nobody():
    rules = Rules([keyword("a", "loan"), keyword("b", "loan", priority=1)])
    assert found(rules, "a loan") == ["b"]

    rules = Rules([keyword("a", "loan", "house"), keyword("b", "loan")])
    assert found(rules, "a loan for a house") == ["a"]

    rules = Rules([keyword("a", "loan"), keyword("b", "loan")])
    assert found(rules, "a loan") == ["a", "b"]


def test_what_bars_an_intent_bars_that_intent_only():
    rules = Rules([keyword("exchange", "exchange", unless=["no exchange"]), keyword("buy", "buy")])

    assert found(rules, "exchange my car") == ["exchange"]
    assert found(rules, "no exchange please") == []
    assert found(rules, "buy, no exchange") == ["buy"]


def test_a_greeting_counts_where_nothing_else_is_said():
    rules = Rules([Declared("greeting", alone={"en": ["hello", "good morning", "there"]}), keyword("card", "card")])

    assert found(rules, "Hello!!") == ["greeting"]
    assert found(rules, "hello there, good morning") == ["greeting"]
    assert found(rules, "hello, my card is lost") == ["card"]
    assert found(rules, "hello, I was charged twice") == []


def test_a_pattern_is_searched_in_the_text_as_it_was_written():
    rules = Rules([Declared("order", patterns=[r"\b[A-Z]{2}-\d{4}\b"])])

    assert found(rules, "where is ab-1234?") == ["order"]
    assert found(rules, "where is ab1234?") == []


def test_a_pattern_that_never_ends_holds_nothing_up():
    rules = Rules([Declared("bad", patterns=[r"(?:a|a)*\d\d(?:\w+\s?)+$!"]), keyword("card", "card")])
    before = time.perf_counter()

    assert found(rules, "card 11" + "a" * 5000 + "!") == ["card"]
    assert time.perf_counter() - before < 1.0


def test_ten_thousand_characters_and_a_thousand_phrases_take_milliseconds():
    rules = Rules([keyword(f"intent {n}", f"word{n} phrase{n}", f"start{n}*") for n in range(500)])
    text = " ".join(f"word{n % 700} other" for n in range(800)) + " word499 phrase499"
    rules.find("warm")
    before = time.perf_counter()

    assert found(rules, text[:10_000] + " word499 phrase499") == ["intent 499"]
    assert time.perf_counter() - before < 0.1
