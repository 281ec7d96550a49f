"""Tables to outlines: where the header is, what is a title above it, which rows are labels of those below.

Used for what csv files, sheets, slides, pages and papers hold; cells are texts as a reader sees them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import attrs
import regex

from .outline import Writer

QUESTIONS = ("question", "questions", "q", "frage", "pregunta", "prompt", "प्रश्न", "सवाल")
ANSWERS = ("answer", "answers", "a", "response", "reponse", "réponse", "antwort", "respuesta", "उत्तर", "जवाब")

_NUMBER = regex.compile(
    r"[+\-(]*\s*\p{Sc}?\s*(?:Rs\.?|INR|USD|EUR|FCFA|XOF)?\s*[+\-]?[\p{Nd}][\p{Nd}.,'\u00a0\u202f ]*\)?\s*(?:%|\p{Sc}|[A-Z]{3})?",
    flags=regex.IGNORECASE,
)
_DATE = regex.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AP]M)?")
_YEAR = regex.compile(r"(?:19|20)\d{2}")
_LONGEST_NAME = 80
_LOOK = 20  # rows in which a header is looked for, and by which it is judged

Span = tuple[int, int, int, int]  # first row, first column, last row, last column, all included


@attrs.frozen
class Grid:
    """A table as it stands: `rows` of cells; `spans` are merged cells, whose text is in the first of them.

    `numbers` are the rows' numbers as its program shows them, from 1.
    """

    rows: Sequence[Sequence[str]]
    spans: Sequence[Span] = ()
    numbers: Sequence[int] = ()

    def number(self, at: int) -> int:
        """How a person finds the row again."""
        return self.numbers[at] if at < len(self.numbers) else at + 1


def write_grid(writer: Writer, grid: Grid, *, level: int = 2, header: bool | None = None) -> list[str]:
    """Write a grid's tables: titles as headings of `level`, each row as a passage with its headers.

    `header` says whether the first row is one, None that it is to be found out.  Returns the columns' names.
    """
    rows = [list(map(_tidy, row)) for row in grid.rows]
    wide = {(top, left): right for top, left, bottom, right in grid.spans if right > left}
    _fill_down(rows, grid.spans)
    columns: list[str] = []
    names: list[str] = []
    regions = _regions(rows)
    for start, end in regions:
        if end - start == 1 and _filled(rows[start]) == 1 and end != regions[-1][1]:
            [words] = [cell for cell in rows[start] if cell]
            _write_title(writer, words, level)
            continue
        at = _lead(writer, rows, start, end, wide, level)
        if at >= end:
            continue
        depth = _header_rows(rows, at, end, wide) if header is None else int(header)
        if depth:
            columns = _names(rows[at : at + depth], at, wide)
            names += [one for one in columns if one and one not in names]
        elif not columns or len(columns) < _width(rows[at]) or at != start:
            columns = []
        _write_body(writer, rows, at + depth, end, columns, wide, level + 1, grid)
    return names


def _tidy(cell: str) -> str:
    return " ".join(cell.split())


def _width(row: Sequence[str]) -> int:
    return max((at + 1 for at, cell in enumerate(row) if cell), default=0)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell)


def _fill_down(rows: list[list[str]], spans: Sequence[Span]) -> None:
    """A cell that was merged over several rows says what it says for each of them."""
    for top, left, bottom, right in spans:
        if bottom == top or top >= len(rows) or left >= len(rows[top]) or right - left + 1 >= len(rows[top]) > 1:
            continue
        for at in range(top + 1, min(bottom, len(rows) - 1) + 1):
            if left < len(rows[at]) and not rows[at][left]:
                rows[at][left] = rows[top][left]


def _regions(rows: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Tables of a sheet are parted by empty rows."""
    found = []
    start: int | None = None
    for at, row in enumerate(rows):
        if any(row):
            start = at if start is None else start
        elif start is not None:
            found.append((start, at))
            start = None
    if start is not None:
        found.append((start, len(rows)))
    return found


def _lead(
    writer: Writer, rows: Sequence[Sequence[str]], start: int, end: int, wide: Mapping[tuple[int, int], int], level: int
) -> int:
    """Write the titles and remarks above a table; returns where the table begins."""
    width = max(_filled(row) for row in rows[start:end])
    if width < 2:
        return start
    at = start
    while at < end and _filled(rows[at]) == 1:
        [words] = [cell for cell in rows[at] if cell]
        if at == start:
            _write_title(writer, words, level)
        else:
            writer.add("paragraph", words)
        at += 1
    return at


def _write_title(writer: Writer, words: str, level: int) -> None:
    heading = len(words) <= _LONGEST_NAME and not words.endswith((".", "।")) and not is_value(words)
    writer.add("heading" if heading else "paragraph", words, level=level if heading else 0)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, an amount, a date or a time, rather than a name."""
    cell = cell.strip()
    return bool(cell) and bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _header_rows(rows: Sequence[Sequence[str]], at: int, end: int, wide: Mapping[tuple[int, int], int]) -> int:
    """How many rows from `at` are the header: 0, 1, or more where groups of columns have names of their own."""
    if end - at < 2:
        return 0
    first = rows[at]
    grouped = [left for (top, left), right in wide.items() if top == at]
    if grouped and end - at > 2 and _could_be_header(rows[at + 1], rows[at + 2 : at + _LOOK]):
        return 2
    if not _could_be_header(first, rows[at + 1 : min(end, at + _LOOK)]):
        return 0
    if max(_filled(row) for row in rows[at:end]) == 2 and _is_form(rows[at:end]):
        return 0
    return 1


def _could_be_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    names = [cell for cell in row if cell]
    widest = max((_filled(one) for one in below), default=0)
    if not names or (len(names) == 1 and widest > 1) or len(names) * 2 < widest:
        return False
    if any(len(name) > _LONGEST_NAME for name in names) or len({name.casefold() for name in names}) < len(names):
        return False
    values = [name for name in names if is_value(name)]
    if not values:
        return True
    # Years and months over figures are names of columns; figures over figures are not.
    years = [name for name in values if _YEAR.fullmatch(name)]
    return len(years) == len(values) and (len(values) < len(names) or not row[0])


def _is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Two columns of names and what they are ("Phone: | 1930"), without a header."""
    left = [next((cell for cell in row if cell), "") for row in rows if _filled(row) == 2]
    return bool(left) and sum(cell.endswith((":", "：")) for cell in left) * 2 > len(left)


def _names(rows: Sequence[Sequence[str]], at: int, wide: Mapping[tuple[int, int], int]) -> list[str]:
    """The columns' names; those of a group have its name before theirs."""
    width = max(len(row) for row in rows)
    parts: list[list[str]] = [[] for _ in range(width)]
    for offset, row in enumerate(rows):
        for column, cell in enumerate(row):
            last = wide.get((at + offset, column), column)
            for one in range(column, min(last, width - 1) + 1):
                if cell and cell not in parts[one]:
                    parts[one].append(cell)
    return [" ".join(part) for part in parts]


def _write_body(
    writer: Writer,
    rows: Sequence[Sequence[str]],
    start: int,
    end: int,
    columns: Sequence[str],
    wide: Mapping[tuple[int, int], int],
    level: int,
    grid: Grid,
) -> None:
    folded = [name.casefold().rstrip(" :") for name in columns]
    asked = next((folded.index(key) for key in QUESTIONS if key in folded), None)
    told = next((folded.index(key) for key in ANSWERS if key in folded), None)
    names = list(columns)
    for at in range(start, end):
        row = rows[at]
        where = f"row {grid.number(at)}"
        fields = {name: cell for name, cell in itertools.zip_longest(names, row, fillvalue="") if name}
        if _is_label(rows, at, end, columns, wide):
            writer.add("heading", next(cell for cell in row if cell), level=level)
        elif asked is not None and told is not None:
            _write_record(writer, row, asked, told, columns, where, fields)
        elif not columns and _filled(row) == 2 and len(row) >= 2:
            name, value = [cell for cell in row if cell]
            separate = is_value(name)
            writer.row(["", ""] if separate else [name.rstrip(" :：")], [name, value] if separate else [value],
                       where=where, fields=fields)  # fmt: skip
        else:
            names = [*columns, *[""] * (len(row) - len(columns))]
            writer.row(names, row, where=where, fields=fields)


def _write_record(
    writer: Writer,
    row: Sequence[str],
    asked: int,
    told: int,
    columns: Sequence[str],
    where: str,
    fields: Mapping[str, str],
) -> None:
    question = row[asked] if asked < len(row) else ""
    answer = row[told] if told < len(row) else ""
    writer.record(question, answer, where=where, fields=fields)
    if not answer:
        writer.row(columns, row, where=where, fields=fields)


def _is_label(
    rows: Sequence[Sequence[str]], at: int, end: int, columns: Sequence[str], wide: Mapping[tuple[int, int], int]
) -> bool:
    """A row with one cell over the whole table names the rows below it."""
    row = rows[at]
    if _filled(row) != 1 or at + 1 >= end or _filled(rows[at + 1]) < 2:
        return False
    column = next(place for place, cell in enumerate(row) if cell)
    if is_value(row[column]) or len(row[column]) > _LONGEST_NAME:
        return False
    width = max(len(columns), 2)
    if wide.get((at, column), column) - column + 1 >= width:
        return True
    return column == 0 and sum(1 for name in columns if name) >= 3
