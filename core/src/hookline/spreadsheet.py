"""CSV that people open in a spreadsheet, whichever sign their spreadsheet takes for the one that parts the cells.

A cell that begins a formula runs when the file is opened.  Where commas part the cells of a file and the spreadsheet
parts them by semicolons or tabs, as it does in half of the world, a cell may begin in the middle of what was one, and
quotation marks do not hold it together.  So an apostrophe goes before each sign that could begin a formula, at the
beginning of a text and after each semicolon, tab and end of line in it; `read` takes exactly those off again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

# The signs, as NFKC and spreadsheets fold them: full-width, small, raised and lowered ones, and the sign of
# minus.  Spaces, marks of direction and characters without a width stand before them without hiding them.
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u207a-\u207c\u208a-\u208c\u2212]"
_UNSEEN = r"[\s\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]*+"
_PARTS = r";\t\r\n\v\f\x85\u2028\u2029\uff1b"
_BEGINNING = rf"(?P<before>(?:\A|[{_PARTS}]){_UNSEEN}(?:[\"\u201c\u201d]{_UNSEEN})*+)"
_FORMULA = re.compile(rf"{_BEGINNING}(?P<signs>'*+{_SIGN})")
_QUOTED = re.compile(rf"{_BEGINNING}'(?P<signs>'*+{_SIGN})")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\g<before>'\g<signs>", text)


def read(text: str) -> str:
    """The text that `cell` made a cell of."""
    return _QUOTED.sub(r"\g<before>\g<signs>", text)


def line(values: Iterable[Any]) -> str:
    """One line (RFC 4180).  Texts are made harmless, but for those that are plain numbers; what is no text is as it is."""
    out = StringIO()
    csv.writer(out).writerow([_shown(value) for value in values])
    return out.getvalue()


def _shown(value: Any) -> Any:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) and not _NUMBER.fullmatch(value) else value


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Several lines."""
    return "".join(line(row) for row in rows)
