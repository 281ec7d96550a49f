"""Excel workbooks to outlines: a row is a passage with its headers, values as the sheet shows them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .errors import BrokenDocument
from .grid import Grid, Span, write_grid
from .numbers import shown
from .office import AGAIN, check_package
from .outline import Outline, Writer

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_STREAMED = 20 * 2**20  # bytes of a sheet's XML from which it is read row by row, without merged cells
_NAMELESS = re.compile(r"(?:sheet|tabelle|feuil|feuille|hoja|foglio|blad|planilha|worksheet)\s*\d*", re.IGNORECASE)
_UNCOMPUTED = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>|<f[^>]*/>(?:<v\s*/>|<v></v>)?</c>")
_MOST_COLUMNS = 1_000
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!")


def read_xlsx(name: str, data: bytes) -> list[Outline]:
    """One document; sheets are parts of it under their names.  Hidden sheets, rows and columns are left out.

    Raises `EncryptedDocument`, `DocumentTooLarge`, `BrokenDocument`.
    """
    import lxml.etree
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with check_package(name, data, "Excel workbook", ".xls", ".xlsx") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that it does not know: they hold no cells
        sizes = [part.file_size for part in archive.infolist() if part.filename.startswith("xl/worksheets/")]
        large = max(sizes, default=0) > _STREAMED
        writer = Writer()
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, read_only=large, keep_links=False)
            try:
                told = (book.properties.title or "") if book.properties else ""
                columns = _write_book(book, writer, large)
            finally:
                book.close()
            uncomputed = 0 if large else _uncomputed(archive)
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError,
                OSError, EOFError, NotImplementedError, RuntimeError, AssertionError, SyntaxError, LookupError,
                lxml.etree.LxmlError, zipfile.error) as error:  # fmt: skip
            reason = f"is no readable Excel workbook ({type(error).__name__})"
            raise BrokenDocument(name, reason, AGAIN) from None
    if uncomputed:
        writer.note(f"{uncomputed:,} formulas have no stored result and are left out; open and save it in Excel once")
    return [writer.outline(told, {"columns": columns})]


def _write_book(book: Any, writer: Writer, large: bool) -> list[str]:
    sheets = [sheet for sheet in book.worksheets if getattr(sheet, "sheet_state", "visible") == "visible"]
    hidden = [sheet.title for sheet in book.worksheets if sheet not in sheets]
    if hidden:
        writer.note(f"hidden sheets are left out: {', '.join(hidden)}")
    columns: list[str] = []
    for sheet in sheets:
        grid = _streamed(sheet) if large else _grid(sheet, writer)
        if not any(any(row) for row in grid.rows):
            continue
        named = len(sheets) > 1 or not _NAMELESS.fullmatch(sheet.title.strip())
        if named:
            writer.add("heading", sheet.title, level=1)
        names = write_grid(writer, grid, level=2)
        columns += [one for one in names if one not in columns]
    return columns


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None or (isinstance(value, str) and value in _ERRORS):
        return ""
    if not isinstance(value, str | int | float | bool) and not hasattr(value, "resolution"):
        return str(getattr(value, "text", "") or "")  # an array formula, a data table
    return shown(value, getattr(cell, "number_format", "") or "General")


def _grid(sheet: Worksheet, writer: Writer) -> Grid:
    hidden_rows = {at for at, one in sheet.row_dimensions.items() if one.hidden}
    hidden_columns = _hidden_columns(sheet)
    used = [(row, column) for row, column in sheet._cells]  # noqa: SLF001 - what is filled, without making the rest
    if not used:
        return Grid([])
    rows = sorted({row for row, _ in used} - hidden_rows)
    columns = sorted({column for _, column in used} - hidden_columns)[:_MOST_COLUMNS]
    if any(row in hidden_rows or column in hidden_columns for row, column in used):
        writer.note(f"hidden rows or columns of sheet {sheet.title!r} are left out")
    place = {column: at for at, column in enumerate(columns)}
    found: list[list[str]] = []
    numbers: list[int] = []
    line: dict[int, int] = {}
    before = rows[0] if rows else 0
    for row in rows:
        if row > before + 1 and not all(at in hidden_rows for at in range(before + 1, min(row, before + 50))):
            found.append([""] * len(columns))  # however many empty rows there are, one parts the tables
            numbers.append(row - 1)
        line[row] = len(found)
        cells = [sheet._cells.get((row, column)) for column in columns]  # noqa: SLF001 - see above
        found.append([_cell(cell) if cell is not None else "" for cell in cells])
        numbers.append(row)
        before = row
    return Grid(found, tuple(_spans(sheet, line, place)), tuple(numbers))


def _hidden_columns(sheet: Worksheet) -> set[int]:
    hidden: set[int] = set()
    for one in sheet.column_dimensions.values():
        if one.hidden and one.min is not None and one.max is not None:
            hidden.update(range(one.min, min(one.max, one.min + 16_384) + 1))
    return hidden


def _spans(sheet: Worksheet, line: dict[int, int], place: dict[int, int]) -> Iterator[Span]:
    for one in sheet.merged_cells.ranges:
        top, left = _first(one.min_row, one.max_row, line), _first(one.min_col, one.max_col, place)
        bottom, right = _first(one.max_row, one.min_row, line), _first(one.max_col, one.min_col, place)
        if top is not None and left is not None and bottom is not None and right is not None:
            yield top, left, bottom, right


def _first(start: int, end: int, known: dict[int, int]) -> int | None:
    step = 1 if end >= start else -1
    return next((known[at] for at in range(start, end + step, step) if at in known), None)


def _streamed(sheet: Any) -> Grid:
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    numbers: list[int] = []
    for at, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
        cells = [_cell(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells or (rows and rows[-1]):
            rows.append(cells)
            numbers.append(at)
    width = max((len(row) for row in rows), default=0)
    return Grid([row + [""] * (width - len(row)) for row in rows], (), tuple(numbers))


def _uncomputed(archive: zipfile.ZipFile) -> int:
    count: Callable[[bytes], int] = lambda text: sum(1 for _ in _UNCOMPUTED.finditer(text))  # noqa: E731
    return sum(count(archive.read(one)) for one in archive.namelist() if one.startswith("xl/worksheets/sheet"))
