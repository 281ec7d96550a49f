"""What a voice says of a written reply."""

from __future__ import annotations

import pytest

from hookline_voice.spoken import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Your EMI is **12,500**. [1]", "Your EMI is 12,500."),
        ("See [our rates](https://bank.example/rates?x=1).", "See our rates."),
        ("Look at https://www.bank.example/a/b?c=d now", "Look at www.bank.example now."),
        ("# Rates\n\n- home: 8.5 %\n- car: 9 %", "Rates. home: 8.5 %. car: 9 %."),
        ("1. Aadhaar\n2. PAN", "1. Aadhaar. 2. PAN."),
        ("Done ✅ 👍🏽 thank you 🙏", "Done thank you."),
        ("आपकी किस्त ₹12,500 है।", "आपकी किस्त ₹12,500 है।"),
        ("உங்கள் *தவணை* 12,500", "உங்கள் தவணை 12,500."),
        ("a * b * c and snake_case_name", "a * b * c and snake_case_name."),
        ("| type | rate |\n|---|---|\n| home | 8.5 |", "type , rate. home , 8.5."),
        ("before\n```\ncode()\n```\nafter", "before. after."),
        ("press #1 or *2*", "press #1 or 2."),
        ("---\n\n✅\n", ""),
        ("", ""),
    ],
)
def test_marks_addresses_and_pictures_are_left_out(written, said):
    assert speakable(written) == said
