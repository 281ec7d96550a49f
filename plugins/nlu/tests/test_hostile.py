"""Whatever is written, reading it ends soon and never fails, and each span lies in the message."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.message import Entity
from hookline_nlu.extractor import Extractor, Place
from hookline_nlu.fields import PRESETS, load
from hookline_nlu.sentiment import judge

NOW = dt.datetime(2026, 11, 21, 14, 0)
READER = Extractor(load(PRESETS, None), Place())
FRENCH = Extractor(load(PRESETS, None), Place("XOF", "SN", indian=False, comma=True))
KNOWN = {"budget": Entity("budget", 1_500_000, unit="INR"), "tenure": Entity("tenure", 180, unit="month")}
PIECES = [
    "1", "12", "1,000", "50 000", "3.5", "lakh", "crore", "k", "-", "to", "₹", "Rs.", "/-", "%", "two", "and", "a", "half", "dedh", "साढ़े", "लाख", "ans",
    "et", "demi", "years", "ago", "in", "kal", "baje", "am", "pm", ":", "/", "12/3/2026", "May", "the", "26th", "next", "week", "Monday", "no", "not", ",",
    "diesel", "nahi", "my name is", "Asha", "4111 1111 1111 1111", "+91", "98765 43210", "@", "a.b@x.in", "GB82", "card", "é", "e\u0301", "😀", "\u200d", "५",
    "cent", "quatre", "vingt", "mille", "million", "of", "de", "d'", "out of 10", "h", "at", "on", "sq", "ft", "|", "\n", "\x00",
]  # fmt: skip


def hold(text):
    for reader in (READER, FRENCH):
        for entity in reader.extract(text, NOW, KNOWN):
            assert 0 <= entity.start <= entity.end <= len(text)
    assert -1.0 <= judge(text).value <= 1.0


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(["", " "]))
def test_pieces_of_facts_in_any_order(pieces, between):
    hold(between.join(pieces))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80))
def test_any_text(text):
    hold(text)


@pytest.mark.parametrize(
    "figure", ["²", "²²", "③", "⑫", "₅", "🄃", "፩", "߂"]
)  # digits to Unicode, and no numbers to Python
@pytest.mark.parametrize(
    "about",
    ["{} May 2026", "May {}", "on the {} of May", "the {}th", "26/{}/2026", "at {} pm", "{}:30", "in {} days", "{} mo", "pin {}00001",
     "May '{}", "from {} to {} June", "{} kal", "{}-{}-{}"],
)  # fmt: skip
def test_figures_that_are_no_numbers_cost_the_message_none_of_its_facts(about, figure):
    text = f"{about.replace('{}', figure)}, my budget is 5 lakh"

    hold(text)
    assert [one.value for one in READER.extract(text, NOW, {}) if one.name == "budget"] == [500_000]


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "111 ", "1,111", "a", "a@", "a.", "www.", "1 lakh ", "two ", "twenty-", "hundred ", "and a half ", "1/1/1 ", "4111 ", "GB12 ",
     "my name is ", "budget 5 ", "kal ", "लाख ", "a\u0301\u0301", "2 years ", "red ", "+91 98765 43210 ", "(", "a.b-", "http://a", "not 5, ", "1:", "5-"],
)  # fmt: skip
def test_ten_thousand_characters_of_it_are_read_in_about_linear_time(piece):
    short, long = piece * (1000 // len(piece)), piece * (10_000 // len(piece))

    assert spent(long) < 40 * spent(short) + 0.25


def spent(text):
    """The processor's seconds, which what else runs on the machine does not change."""
    best = 10.0
    for _ in range(2):
        began = time.thread_time()
        READER.extract(text, NOW, KNOWN)
        judge(text)
        best = min(best, time.thread_time() - began)
    return best
