"""What people open in a spreadsheet runs nothing there, whatever sign theirs takes for the one that parts the cells."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookline.spreadsheet import cell, line, lines, read

FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+@\uff1d\ufe62\u2212-]")
TEXTS = st.text(alphabet="=+-@;,|\t\r\n'\" ax1\ufeff\u200b\uff1d\ufe62\u2212\uff1b", max_size=10)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "  '=1+1"),
        ("good;=HYPERLINK(1)", "good;'=HYPERLINK(1)"),
        ("good; \t@SUM(A1)", "good; \t'@SUM(A1)"),
        ("a\n-1", "a\n'-1"),
        ("\uff1dcmd", "'\uff1dcmd"),
        ("\u2212cmd", "'\u2212cmd"),
        ("\u200b=cmd", "\u200b'=cmd"),
        ("'=said", "''=said"),
        ("Paris, -5 degrees", "Paris, -5 degrees"),
        ("a = b; c - d", "a = b; c - d"),
    ],
)
def test_an_apostrophe_stands_before_each_sign_that_could_begin_a_formula(text, told):
    assert cell(text) == told
    assert read(told) == text


@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["x\n=1", '";=1', "\t=1"])
@settings(deadline=None)
def test_no_cell_begins_a_formula_whether_commas_semicolons_or_tabs_part_them(texts):
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(line(texts), newline=""), delimiter=delimiter):
            for told in row:
                assert not FORMULA.match(told) or re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", told), told


@given(TEXTS)
@settings(deadline=None)
def test_a_text_is_read_again_as_it_was(text):
    assert read(cell(text)) == text


def test_numbers_and_telephone_numbers_stay_what_they_are():
    assert lines([["+221771234567", "-5", "1,5", None], [-3, 2.5, True, "+221 77"]]) == (
        '+221771234567,-5,"1,5",\r\n-3,2.5,True,\'+221 77\r\n'
    )
