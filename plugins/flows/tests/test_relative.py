"""Answers that are no figure of their own: parts, the most there is, ranges; several choices at once; values that are swapped."""

from __future__ import annotations

import pytest

from hookline.errors import FunctionRefused
from hookline.message import Entity
from hookline_flows.answers import amended, instead, none
from hookline_flows.relative import share

LOAN = """
starts: {words: [loan]}
slots:
  kind: {kind: choice, choices: {house: {label: {en: House}}, shop: {label: {en: Shop}}}}
  city: {kind: text, named: true, entities: [], name: {en: city}}
  worth: {kind: money, entities: [worth], name: {en: worth}}
  amount: {kind: money, max: 900000000, part_of: worth, most: {call: most, with: {worth: worth}}, name: {en: amount}}
  months: {kind: duration, unit: months, entities: [duration], most: "60", name: {en: duration}}
  name: {kind: text, entities: [], check: {call: letters}, name: {en: name}}
  phone: {kind: phone, entities: [phone], name: {en: phone}}
steps:
  - {ask: kind, text: {en: Which?}}
  - {ask: city, text: {en: Where?}}
  - {ask: worth, text: {en: Worth?}}
  - {ask: amount, text: {en: How much?}, again: {en: An amount please.}}
  - {ask: months, text: {en: How long?}, again: {en: A time please.}}
  - {ask: name, text: {en: Your name?}}
  - {ask: phone, text: {en: Your number?}}
  - {say: {en: "{kind} {city} {worth} {amount} {months} {name} {phone}"}}
  - {end: done}
"""


def letters(value):
    if any(c.isdigit() for c in value):
        raise FunctionRefused("That is no name.")
    return value


@pytest.fixture
async def bot(talk, office):
    office.functions["most"] = lambda worth: worth * 0.6
    office.functions["letters"] = letters
    return await talk({"loan": LOAN}, config='[locale]\ncurrency = "INR"')


async def upto(bot, *said):
    for text in said:
        reply = await bot.say(text)
    return reply.text.replace(",", "")


TO_AMOUNT = ("loan", "house", "Pune", "10 lakh")


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("half of it", "500000"), ("60%", "600000"), ("a quarter", "250000"), ("two thirds of the worth", "666666.67"), ("aadha", "500000"),
        ("आधा", "500000"), ("la moitié", "500000"), ("the maximum", "600000"), ("as much as possible please", "600000"), ("max", "600000"),
        ("zyada se zyada", "600000"), ("le plus possible", "600000"), ("half a lakh", "50000"), ("max 3 lakh", "300000"),
    ],
)  # fmt: skip
async def test_a_part_or_the_most_is_an_amount(bot, said, amount):
    await upto(bot, *TO_AMOUNT)

    assert await upto(bot, said) == "How long?"
    assert f" 1000000 {amount} 24 " in await upto(bot, "2 years", "Asha Rao", "+919811022334")


@pytest.mark.parametrize(
    ("said", "told"), [("what is the maximum?", "₹6 lakh"), ("how much can I get at max", "₹6 lakh")]
)
async def test_a_question_for_the_most_is_answered_and_a_yes_takes_it(bot, said, told):
    await upto(bot, *TO_AMOUNT)

    assert await upto(bot, said) == f"{told} is the most.\n\nHow much?"
    assert await upto(bot, "yes") == "How long?"


async def test_the_most_may_be_a_value_and_is_unknown_where_it_fails(bot, office):
    office.functions["most"] = lambda worth: None

    assert await upto(bot, *TO_AMOUNT, "max") == "An amount please."
    assert await upto(bot, "5 lakh", "the longest possible, max") == "Your name?"


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("half", 0.5),
        ("50 percent", 0.5),
        ("150%", None),
        ("half of 2 lakh", None),
        ("10% or 20%", None),
        ("no idea", None),
    ],
)
def test_a_part_is_read_only_where_no_other_figure_stands(said, part):
    assert share(said, comma=False) == part


async def test_which_end_of_a_range_is_taken_is_said_and_the_other_can_be_taken(bot, office):
    office.entities["2 or 3 years"] = [
        Entity("duration", 36, 0, 12, unit="month"),
        Entity("duration_range", {"from": 24, "to": 36}, 0, 12, unit="month"),
    ]
    office.entities["2 years"] = [Entity("duration", 24, 0, 7, unit="month")]
    office.entities["3 years"] = [Entity("duration", 36, 0, 7, unit="month")]
    await upto(bot, *TO_AMOUNT, "5 lakh")

    assert await upto(bot, "2 or 3 years") == (
        "I take 3 years for now. If it shall be 2 years just say so.\n\nYour name?"
    )
    await upto(bot, "Asha Rao")
    assert (await upto(bot, "3 years")).startswith("Noted: duration: 3 years.")
    assert "2 years" in await upto(bot, "2 years")


@pytest.mark.parametrize(
    ("between", "answer"),
    [
        (" and a ", "Which one is it about: House Shop?"),
        (" or ", "Which one is it about: House Shop?"),
        (", sold long ago, now only a ", "Where?"),
    ],
)
async def test_things_named_side_by_side_are_asked_about(bot, office, between, answer):
    text = f"loan on my house{between}shop"
    office.entities[text] = [Entity("kind", "house", 11, 16), Entity("kind", "shop", len(text) - 4, len(text))]

    assert (await upto(bot, text)).startswith(answer)


async def test_a_choice_is_no_name_of_a_town(bot):
    await upto(bot, "loan", "house")

    assert await upto(bot, "the house") == "Where?"
    assert (await upto(bot, "my shop")).endswith("Where?")
    assert await upto(bot, "Pune") == "Worth?"


async def test_a_choice_is_not_changed_by_what_is_said_by_the_way(bot, office):
    text = "to make the shop larger for us"
    office.entities[text] = [Entity("kind", "shop", 12, 16)]
    office.entities["it's a shop"] = [Entity("kind", "shop", 7, 11)]
    await upto(bot, *TO_AMOUNT)

    assert "Shop" not in await upto(bot, text)
    assert "Shop" in await upto(bot, "it's a shop")


async def test_a_number_to_call_is_kept_where_a_name_was_asked(bot, office):
    office.entities["9811022334"] = [Entity("phone", "+919811022334", 0, 10)]
    await upto(bot, *TO_AMOUNT, "5 lakh", "2 years")

    assert (await upto(bot, "9811022334")).endswith("Your name?")
    assert "+919811022334" in (await upto(bot, "Asha Rao")).replace(" ", "")


async def test_a_name_is_swapped_for_another(bot):
    await upto(bot, *TO_AMOUNT, "5 lakh", "2 years", "Asha Roy")

    assert "Asha Rao" in await upto(bot, "no it's Rao not Roy")
    assert "Usha" in await upto(bot, "it's Usha, not Asha Rao")


async def test_a_figure_taken_back_in_the_same_breath_does_not_count(bot, office):
    text = "8 lakh, no wait, 7 lakh"
    office.entities[text] = [Entity("money", 800_000, 0, 6), Entity("money", 700_000, 17, 23)]
    await upto(bot, *TO_AMOUNT, text, "2 years", "Asha Rao")

    assert "700000" in await upto(bot, "+919811022334")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("5 000 000 non pardon 6 000 000", 10),
        ("8 lakh, no wait, 7 lakh", 8),
        ("no, 7 lakh", 0),
        ("80 lakh, no loans", 0),
        ("5 ans", 0),
    ],
)
def test_what_takes_a_figure_back_stands_between_two(text, place):
    assert amended(text, comma=False) == place


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("et avec 800 000 au lieu de 1 million ?", "et avec 800 000"),
        ("12 instead of 10", "12"),
        ("au lieu de 10", "au lieu de 10"),
    ],
)
def test_what_another_value_takes_the_place_of_is_left_out(text, left):
    assert instead(text) == left


@pytest.mark.parametrize(
    "text", ["je n'ai pas d'e-mail", "j'en ai pas", "g pa d email", "pas de mail", "i don't have an email"]
)
def test_who_has_none_says_so_in_many_ways(text):
    assert none(text, "adresse e-mail")
