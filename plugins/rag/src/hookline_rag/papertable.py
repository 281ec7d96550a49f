"""Tables on the pages of a PDF, by their rules or by how their words are aligned, with the text around them.

A PDF has no tables, only words and strokes at places; read in the order of the file, each cell is a line of its own.
pdfplumber finds what strokes enclose; what has none is told by words that begin or end below each other.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from pdfplumber.page import Page

MOST_PAGES = 300  # of a document whose tables are looked for: a page takes a tenth of a second
_SHORT = 40  # characters of a line that may be a cell
_CELLS = 6  # such lines on a page that may have a table
_NEAR = 3.0  # points by which cells below each other may be shifted
_GAP = 1.1  # of the height of the type: a wider gap parts cells
_ROWS = 3  # rows from which what is only aligned is a table
_COLUMNS = 3
_LONG, _USUAL = 60, 24  # characters that a cell without rules has at most, and on average: more is a page in columns
_LONGEST = 1500  # characters of a cell with rules: more is a frame around text
_FRAME = 200  # the same, on average
_TOLD_APART = 3  # lines that all cells of a row have, from which each line is a row: two may be a long text


@attrs.frozen
class Row:
    """A line of text on a page: its place from the top, its type's size."""

    top: float
    text: str
    size: float


@attrs.frozen
class Table:
    """A table on a page: its place from the top, its rows of cells."""

    top: float
    rows: tuple[tuple[str, ...], ...]


def may_have_table(lines: Sequence[str]) -> bool:
    """Whether a page, read line by line, looks as if cells of a table were among its lines."""
    short = [line for line in lines if line and len(line) <= _SHORT and line[-1] not in ".!?:;।"]
    return len(short) >= _CELLS or any("   " in line.strip() for line in lines)


class Tables:
    """The tables of one PDF, page by page; close it in the end."""

    def __init__(self, data: bytes) -> None:
        import pdfplumber

        self._paper = pdfplumber.open(io.BytesIO(data))

    def close(self) -> None:
        """Let the file go."""
        self._paper.close()

    def page(self, at: int) -> list[Row | Table]:
        """What is on the page from top to bottom; empty where it has no table."""
        page: Page = self._paper.pages[at]
        try:
            boxes = [(table.bbox, table.extract()) for table in page.find_tables()]
            ruled = [(box, rows) for box, raw in boxes if (rows := _filled(raw))]
            rest = page.filter(lambda thing: not any(_within(thing, box) for box, _ in ruled)) if ruled else page
            lines = rest.extract_text_lines(return_chars=True)
            aligned, loose = _aligned(rest, lines)
            found = [Table(box[1], rows) for box, rows in ruled] + aligned
            if not found:
                return []
            return sorted([*found, *(_row(line) for line in loose)], key=lambda one: one.top)
        finally:
            page.close()


def _row(line: dict[str, Any]) -> Row:
    sizes = [char["size"] for char in line["chars"]]
    return Row(line["top"], line["text"].strip(), round(max(set(sizes), key=sizes.count), 1) if sizes else 0.0)


def _filled(raw: Sequence[Sequence[str | None]]) -> tuple[tuple[str, ...], ...]:
    """A table's cells; none where what the strokes enclose is a frame or a picture rather than a table."""
    rows = [tuple(" ".join(cell.split()) for cell in row) for whole in raw for row in _apart(whole)]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2 or len(rows[0]) < 2 or any(len(cell) > _LONGEST for row in rows for cell in row):
        return ()
    used = [at for at in range(len(rows[0])) if any(row[at] for row in rows)]
    sizes = [len(cell) for row in rows for cell in row if cell]
    if len(used) < 2 or len(sizes) * 2 < len(rows) * len(used) or sum(sizes) > _FRAME * len(sizes):
        return ()
    return tuple(tuple(row[at] for at in used) for row in rows)


def _apart(row: Sequence[str | None]) -> list[list[str]]:
    """A row whose cells hold a line for each of several rows, as where only every fifth has a stroke below."""
    lines = [(cell or "").split("\n") for cell in row]
    counts = {len(cell) for cell in lines if cell != [""]}
    if len(counts) != 1 or max(counts) < _TOLD_APART or sum(cell != [""] for cell in lines) < _COLUMNS:
        return [[cell or "" for cell in row]]
    return [[cell[at] if at < len(cell) else "" for cell in lines] for at in range(max(counts))]


def _within(thing: Any, box: tuple[float, float, float, float]) -> bool:
    if "top" not in thing or "x0" not in thing:
        return False
    x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


@attrs.frozen
class _Cell:
    left: float
    right: float
    text: str


def _aligned(page: Page, lines: Sequence[dict[str, Any]]) -> tuple[list[Table], list[dict[str, Any]]]:
    """Tables without rules, and the lines that are in none."""
    cells = [_cells(page, line) for line in lines]
    found: list[Table] = []
    loose: list[dict[str, Any]] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and len(cells[at]) >= _COLUMNS and _below(cells[at], cells[end]):
            end += 1
        if end - at >= _ROWS and _are_cells([one for row in cells[at:end] for one in row]):
            rows = tuple(_placed(cells[at], row) for row in cells[at:end])
            found.append(Table(lines[at]["top"], rows))
        else:
            end = at + 1
            loose.append(lines[at])
        at = end
    return found, loose


def _are_cells(cells: Sequence[_Cell]) -> bool:
    sizes = [len(one.text) for one in cells]
    return max(sizes) <= _LONG and sum(sizes) <= _USUAL * len(sizes)


def _cells(page: Page, line: dict[str, Any]) -> list[_Cell]:
    """A line's pieces that wide gaps part."""
    pieces: list[list[dict[str, Any]]] = []
    last = None
    for char in sorted(line["chars"], key=lambda one: one["x0"]):
        if char["text"].isspace():
            continue
        if last is None or char["x0"] - last["x1"] > _GAP * char["size"]:
            pieces.append([])
        pieces[-1].append(char)
        last = char
    return [_Cell(piece[0]["x0"], piece[-1]["x1"], _text(piece)) for piece in pieces]


def _text(chars: Sequence[dict[str, Any]]) -> str:
    told = ""
    last = None
    for char in chars:
        if last is not None and char["x0"] - last["x1"] > 0.15 * char["size"]:
            told += " "
        told += char["text"]
        last = char
    return told


def _below(first: Sequence[_Cell], row: Sequence[_Cell]) -> bool:
    """Whether each cell of the row stands below one of the first row's, and most of them have one."""
    places = [_column(first, cell) for cell in row]
    return None not in places and len(set(places)) == len(places) and len(places) * 3 >= len(first) * 2


def _column(first: Sequence[_Cell], cell: _Cell) -> int | None:
    """The cell of the first row that this one stands below: the only one above it, or one that it is aligned with."""
    above = [at for at, head in enumerate(first) if head.left < cell.right and cell.left < head.right]
    if len(above) == 1:
        return above[0]
    for at, head in enumerate(first):
        middle = abs((head.left + head.right) - (cell.left + cell.right)) / 2
        if min(abs(head.left - cell.left), abs(head.right - cell.right), middle) <= _NEAR:
            return at
    return None


def _placed(first: Sequence[_Cell], row: Sequence[_Cell]) -> tuple[str, ...]:
    told = [""] * len(first)
    for cell in row:
        at = _column(first, cell)
        if at is not None:
            told[at] = cell.text
    return tuple(told)
