"""After a result customers try other values out: which slot an amount changes, several at once, and what then no longer fits."""

from __future__ import annotations

import pytest

from hookline.errors import FunctionRefused
from hookline.message import Entity

LOAN = """
title: {en: loan, fr: prêt, hi: लोन}
starts: {words: [simulate], intents: [loan], likely: 0.25}
slots:
  kind: {kind: choice, name: {en: kind, fr: type, hi: प्रकार}, choices: {home: {label: {en: Home, fr: Immobilier, hi: घर}}, car: {label: {en: Car, fr: Auto, hi: कार}}}}
  amount: {kind: money, min: 1000, entities: [amount, money], name: {en: amount, fr: montant, hi: राशि}}
  months: {kind: duration, unit: months, min: 6, max: 360, entities: [duration], check: {call: fits, with: {kind: kind}}, name: {en: duration, fr: durée, hi: अवधि}}
  income: {kind: money, min: 100, entities: [income], name: {en: income, fr: revenus, hi: आय}}
  job: {kind: choice, name: {en: job, fr: situation, hi: काम}, choices: {employed: {label: {en: Employed, fr: CDI, hi: नौकरी}}, retired: {label: {en: Retired, fr: Retraité, hi: रिटायर}}}}
  next: {kind: choice, entities: [], name: {en: next, fr: suite, hi: आगे}, choices: {stop: {label: {en: Stop here, fr: Finir, hi: बस}}}}
steps:
  - {ask: kind, text: {en: Which?, fr: Lequel ?, hi: कौन सा?}}
  - {ask: amount, text: {en: How much?, fr: Combien ?, hi: कितना?}}
  - {ask: months, text: {en: How long?, fr: Quelle durée ?, hi: कितने समय?}}
  - {ask: income, text: {en: Income?, fr: Revenus ?, hi: आय?}}
  - {ask: job, text: {en: Job?, fr: Situation ?, hi: काम?}}
  - {say: {en: "{kind} {amount} {months} {income} {job}", fr: "{kind} {amount} {months} {income} {job}", hi: "{kind} {amount} {months} {income} {job}"}}
  - {ask: next, open: true, text: {en: And now?, fr: Et ensuite ?, hi: और अब?}}
  - {end: done}
"""
FIRST = "simulate"
TOLD = [
    Entity("kind", "home"),
    Entity("amount", 3_000_000),
    Entity("duration", 120, unit="month"),
    Entity("income", 420_000),
    Entity("job", "employed"),
]


def longest(value, kind):
    if kind == "car" and value > 60:
        raise FunctionRefused("A car: 5 years at most.")
    return value


@pytest.fixture
async def reckoned(talk, office):
    """A bot with a reckoned loan, in the language."""
    office.functions["fits"] = longest

    async def make(language="en"):
        office.entities[FIRST] = TOLD
        bot = await talk({"loan": LOAN}, config=f'language = "{language}"\nlanguages = ["en", "fr", "hi"]')
        first = (await bot.say(FIRST)).text
        assert first.startswith("home 3")
        return bot

    return make


def said(text):
    return text.replace("\u202f", " ").replace(",", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "text", "facts", "reckoned_anew"),
    [
        ("fr", "et avec 4 millions ?", [Entity("amount", 4_000_000)], "home 4 000 000 120 420 000 employed"),
        ("fr", "nn 3500000", [Entity("number", 3_500_000)], "home 3 500 000 120 420 000 employed"),
        ("fr", "non 450 000", [Entity("number", 450_000)], "home 3 000 000 120 450 000 employed"),
        ("fr", "et si j'étais retraité ?", [Entity("job", "retired")], "home 3 000 000 120 420 000 retired"),
        ("fr", "ok et sur une dizaine d'années de moins, disons 5 ans", [Entity("duration", 60, unit="month")], "home 3 000 000 60 420 000 employed"),
        ("en", "what if it were 9 years?", [Entity("duration", 108, unit="month")], "home 3 000 000 108 420 000 employed"),
        ("en", "and with 2 million over 4 years?", [Entity("amount", 2_000_000), Entity("duration", 48, unit="month")], "home 2 000 000 48 420 000 employed"),
        ("hi", "अगर मैं रिटायर होता", [Entity("job", "retired")], "home 30 00 000 120 4 20 000 retired"),
    ],
)  # fmt: skip
async def test_another_value_changes_the_slot_that_it_is_of(reckoned, office, language, text, facts, reckoned_anew):
    bot = await reckoned(language)
    office.entities[text] = facts

    flat = said((await bot.say(text)).text).replace(" ", "")
    assert reckoned_anew.replace(" ", "") in flat


async def test_a_length_that_no_longer_fits_is_asked_for_anew_with_the_reason(reckoned, office):
    bot = await reckoned()
    office.entities["what if it were a car?"] = [Entity("kind", "car")]

    assert (await bot.say("what if it were a car?")).text == (
        "Changed: kind is now Car.\n\nA car: 5 years at most.\n\nHow long?"
    )
    assert said((await bot.say("4 years")).text).replace(" ", "").startswith("car300000048420000")


async def test_facts_make_up_for_what_an_intent_lacks_but_not_in_a_question_or_a_refusal(talk, office):
    office.functions["fits"] = longest
    for text in ("car 3000000 20 retired", "is a car 3000000?", "i don't want a loan"):
        office.entities[text] = [Entity("kind", "car"), Entity("amount", 3_000_000), Entity("job", "retired")]
    bot = await talk({"loan": LOAN}, config='languages = ["en", "fr", "hi"]')

    for text in ("is a car 3000000?", "i don't want a loan"):
        assert "How long?" not in (await bot.say(text)).text
    assert (await bot.say("car 3000000 20 retired")).text == "How long?"


async def test_beside_a_figure_no_other_word_is_taken_for_a_mistyped_choice(reckoned):
    bot = await reckoned()

    assert "retired" not in said((await bot.say("no, 420000 retierd")).text)
    assert "retired" in said((await bot.say("no, retierd")).text)


async def test_a_length_alone_changes_the_one_that_was_told_while_something_else_is_asked(talk, office):
    office.functions["fits"] = longest
    bot = await talk({"loan": LOAN})
    for text in ("simulate", "home", "300000", "3 years"):
        await bot.say(text)
    office.entities["2 years"] = [Entity("duration", 24, unit="month")]
    long = "i have worked here for 2 years"
    office.entities[long] = [Entity("duration", 24, unit="month")]

    assert (await bot.say(long)).text.startswith("Please"), "a sentence tells something else"
    assert (await bot.say("2 years")).text == "Changed: duration is now 2 years.\n\nIncome?"


async def test_of_several_numbers_the_one_that_may_be_the_amount_is_it(talk, office):
    office.functions["fits"] = longest
    bot = await talk({"loan": LOAN})
    for text in ("simulate", "home"):
        await bot.say(text)

    assert (await bot.say("250000 for the 2 of us")).text == "How long?"
    await bot.say("3 years")
    assert (await bot.say("5000 or 6000")).text != "Job?"


async def test_a_word_or_two_that_sound_like_the_flow_itself_are_no_question_in_between(talk, office):
    office.functions["fits"] = longest
    bot = await talk({"loan": LOAN})
    for text in ("simulate", "home", "300000"):
        await bot.say(text)
    office.intents["6 million"] = "loan"
    office.answers["6 million"] = "I have no answer to that."

    told = await bot.say("6 million")
    assert "no answer" not in told.text
    assert told.text == "Please write how long, for example 2 years or 18 months."


BOOKED = """
title: {en: loan}
starts: {words: [simulate]}
slots:
  worth: {kind: money, min: 1000, entities: [], name: {en: worth}}
  amount: {kind: money, min: 1000, entities: [], name: {en: amount}}
  purpose: {kind: choice, name: {en: purpose}, choices: {shop: {label: {en: A shop}}, school: {label: {en: School}}}}
steps:
  - {ask: worth, text: {en: Worth?}}
  - {ask: amount, text: {en: How much?}}
  - {ask: purpose, text: {en: What for?}, tries: 1, otherwise: unsaid}
  - id: consent
    confirm: {en: "{amount} for {purpose}. May we call?"}
    no: refused
  - {end: agreed, text: {en: We call.}}
  - {id: refused, end: refused, text: {en: We don't.}}
  - {id: unsaid, end: unsaid, text: {en: For something else.}}
"""


async def test_an_amount_alone_changes_the_one_told_last_and_is_no_answer_to_what_it_is_for(talk, office):
    bot = await talk({"loan": BOOKED})
    for text in ("simulate", "800000", "600000"):
        await bot.say(text)
    office.entities["450000"] = [Entity("money", 450_000)]

    told = (await bot.say("450000")).text

    assert told.startswith("Changed: amount is now ₹4.5 lakh.")
    assert "What for?" in told
    assert said((await bot.say("shop")).text).startswith("4 50 000 for shop.")


@pytest.mark.parametrize(
    ("told", "then"),
    [
        ("no, school", "Changed: purpose is now School."),
        ("no", "We don't."),
        ("no thanks", "We don't."),
        ("no, don't call me about a shop or a school", "We don't."),
    ],
)
async def test_a_no_with_another_value_corrects_and_refuses_nothing(talk, told, then):
    bot = await talk({"loan": BOOKED})
    for text in ("simulate", "800000", "600000", "shop"):
        await bot.say(text)

    assert (await bot.say(told)).text.startswith(then)
