"""The core's Markdown as WhatsApp writes it."""

from __future__ import annotations

import pytest

from hookline_whatsapp.formatting import whatsapp_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("I can:\n- lend\n- save\n\nWhat shall it be?", "I can:\n- lend\n- save\n\nWhat shall it be?"),
        ("I can:\n\n- lend\n- save", "I can:\n\n- lend\n- save"),
        ("- one\n- two\n\n1. first\n2. second", "- one\n- two\n\n1. first\n2. second"),
        ("**Rates**\n1. *low*\n2. high", "*Rates*\n1. _low_\n2. high"),
        ("# Rates\n- low", "*Rates*\n- low"),
    ],
)
def test_a_list_keeps_its_distance_to_the_line_before_it(text, shown):
    assert whatsapp_text(text) == shown


def test_marks_of_citations_are_left_out_and_other_brackets_stay():
    text = "It costs 4.20 [1]. Calls cost 1.10 [2][1], see form [3] and [10]."
    assert whatsapp_text(text, 2) == "It costs 4.20. Calls cost 1.10, see form [3] and [10]."
    assert whatsapp_text("See [1]", 0) == "See [1]"
