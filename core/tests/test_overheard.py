"""What a caller heard of a message before breaking in."""

from __future__ import annotations

import pytest

from hookline.message import Message
from hookline.overheard import cut


def said(text):
    return Message("m1", "c1", "voice", "+91", text, direction="outbound", author="bot")


@pytest.mark.parametrize(
    ("text", "heard", "kept"),
    [
        ("Your EMI is due. Pay it soon.", "your emi is due", "Your EMI is due."),
        ("Your EMI is due. Pay it soon.", "", ""),
        ("आपकी किस्त बाकी है। कृपया चुकाएँ।", "आपकी किस्त", "आपकी किस्त"),
        ("It is ₹12,500 in all.", "It is twelve thousand", "It is twelve thousand"),
        ("**Bold** words, here", "bold words", "**Bold** words,"),
    ],
)
def test_a_message_is_cut_to_what_was_heard_of_it(text, heard, kept):
    made = cut(said(text), heard)
    assert made.text == kept
    assert made.data["interrupted"] is True


def test_a_message_that_was_heard_to_its_end_stays_as_it_is():
    told = said("Goodbye, and thanks.")
    assert cut(told, "goodbye and thanks") is told
