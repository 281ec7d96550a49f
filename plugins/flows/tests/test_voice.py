"""On a telephone: the words for the ear (`key.voice`), no list to read, and digits for the choices."""

from __future__ import annotations

import pytest

from hookline.ledger import Inbound

ORDER = """
title: order-title
starts: {words: [order]}
slots:
  size: {kind: choice, choices: {small: {label: size-small}, large: {label: size-large}}}
  sure: {kind: boolean}
steps:
  - {ask: size, text: order-size, again: order-again}
  - {ask: sure, text: order-sure}
  - {end: done, text: order-done}
"""
WORDS = """
order-title = order
order-size = Which size?
    .voice = Press 1 for small, 2 for large.
order-again = Small or large?
    .voice = I heard neither. Press 1 or 2.
order-sure = Sure?
order-done = Ordered: { $size }.
    .voice = Done. Your { $size } one is ordered.
size-small = Small
size-large = Large
"""


@pytest.fixture
async def call(talk):
    """A telephone that hears what the bot says to each input."""

    bot = await talk({"order": ORDER}, locales={"en": WORDS})

    async def say(text):
        tenant = bot.tenant()
        accepted = await tenant.accept(Inbound("voice", "+15550100", text, input_type="voice"))
        replies = await tenant.wait(accepted.inbox_id, 20.0)
        return replies[-1]

    return say


async def test_a_caller_hears_the_words_for_the_ear_and_answers_by_digit(call):
    asked = await call("order")
    assert asked.text == "Press 1 for small, 2 for large."
    assert "1." not in asked.text
    assert asked.quick_replies == ("Small", "Large")

    assert (await call("lovely weather")).text == "I heard neither. Press 1 or 2."
    assert (await call("2")).text == "Sure?"
    assert (await call("1")).text == "Done. Your large one is ordered."


async def test_a_spoken_answer_counts_as_well(call):
    await call("order")

    assert (await call("the small one please")).text == "Sure?"
    assert (await call("yes")).text == "Done. Your small one is ordered."
