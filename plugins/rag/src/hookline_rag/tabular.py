"""CSV tables and JSON records to outlines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .errors import BrokenDocument
from .grid import ANSWERS, QUESTIONS, Grid, write_grid
from .outline import Outline, Writer, pairs
from .plain import write_text

_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_SAMPLE = 65_536
_LONGEST_CELL = 2**20
_CONTENTS = ("content", "text", "body")
_TITLES = ("title", "name", "heading", "subject")
_DEEPEST = 40


def read_csv(name: str, text: str) -> list[Outline]:
    """One document whose rows are passages "Header: value; …"; a table of questions and answers gives records.

    Raises `BrokenDocument` where the text is no table.
    """
    told = _SEPARATOR.match(text)  # the first line that some spreadsheet programs write
    if told:
        text = text[told.end() :]
    csv.field_size_limit(_LONGEST_CELL)
    found = csv.reader(io.StringIO(text, newline=""), _dialect(text, told.group(1) if told else ""))
    rows, numbers = [], []
    try:
        for row in found:
            rows.append(row)
            numbers.append(found.line_num - sum(cell.count("\n") for cell in row) + bool(told))
    except csv.Error as error:
        raise BrokenDocument(name, f"is no readable table ({error})", "save it again as CSV") from None
    writer = Writer()
    columns = write_grid(writer, Grid(_joined(rows), numbers=numbers))
    return [writer.outline("", {"columns": columns})]


def _joined(rows: list[list[str]]) -> list[list[str]]:
    """Rows of one width."""
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) if any(map(str.strip, row)) else [""] * width for row in rows]


def _dialect(text: str, separator: str) -> type[csv.Dialect]:
    """Commas, semicolons, tabs or bars: the one that parts most rows of the beginning into the same number of cells."""
    lines = text[:_SAMPLE].split("\n")
    sample = "\n".join(lines[:-1] if len(text) > _SAMPLE else lines)

    def evenness(one: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=one) if any(row)]
        except csv.Error:
            return 0.0, 0
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            return 0.0, 0
        width, count = wide.most_common(1)[0]
        return count / len(widths), width

    best = separator or max(",;\t|", key=evenness)

    class Found(csv.excel):
        delimiter = best

    return Found


def read_json(name: str, text: str) -> list[Outline]:
    """Documents with a `content` each, where there are such; else one document of records and fields.

    Raises `BrokenDocument` with line and column where the JSON is not well formed.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        value = _lines(text)
        if value is None:
            where = f"line {error.lineno}, column {error.colno}"
            raise BrokenDocument(name, f"is no JSON ({error.msg} at {where})", "mend it there") from None
    except RecursionError:
        raise BrokenDocument(name, "is nested too deep", "flatten it") from None
    documents: list[Outline] = []
    rest = Writer()
    title = str(value.get("title") or value.get("name") or "") if isinstance(value, Mapping) else ""
    _walk(value, (), rest, documents)
    if any(block.kind != "heading" for block in rest.blocks):
        documents.append(rest.outline(title))
    return documents


def _lines(text: str) -> list[Any] | None:
    """JSON Lines: an object a line."""
    found = []
    for line in text.splitlines():
        if line.strip():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                return None
    return found if len(found) > 1 else None


def _field(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    folded = {str(key).casefold(): value for key, value in record.items()}
    for name in names:
        value = folded.get(name)
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            value = "\n".join(value)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _where(writer: Writer) -> str:
    return f"record {writer.entries + 1}"


def _fields(record: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): _told(item) for key, item in record.items() if _is_flat(item)}


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _walk(value: Any, path: tuple[str, ...], writer: Writer, documents: list[Outline]) -> None:
    if len(path) > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            _walk(item, path, writer, documents)
    elif isinstance(value, Mapping):
        question, answer = _field(value, QUESTIONS), _field(value, ANSWERS)
        content = _field(value, _CONTENTS)
        if question and answer:
            writer.record(question, answer, where=_where(writer), fields=_fields(value))
        elif content:
            documents.append(_document(value, content))
        elif value and all(_is_flat(item) for item in value.values()):
            told = [_told(item) for item in value.values()]
            writer.row(map(_label, value), told, where=_where(writer), fields=_fields(value))
        else:
            _walk_fields(value, path, writer, documents)
    elif not _is_scalar(value) or value not in (None, ""):
        writer.add("paragraph", _told(value))


def _walk_fields(value: Mapping[str, Any], path: tuple[str, ...], writer: Writer, documents: list[Outline]) -> None:
    flat = {str(key): item for key, item in value.items() if _is_flat(item)}
    if flat:
        writer.add("row", pairs((_label(key) for key in flat), (_told(item) for item in flat.values())))
    for key, item in value.items():
        if not _is_flat(item):
            writer.add("heading", _label(key), level=min(6, len(path) + 1))
            _walk(item, (*path, str(key)), writer, documents)


def _is_flat(value: Any) -> bool:
    return _is_scalar(value) or (isinstance(value, list) and all(_is_scalar(item) for item in value))


def _label(key: object) -> str:
    words = str(key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_told(item) for item in value)
    return str(value)


def _document(record: Mapping[str, Any], content: str) -> Outline:
    writer = Writer()
    found = write_text(writer, content)
    known = (*_CONTENTS, *_TITLES)
    meta = {str(key): item for key, item in record.items() if _is_flat(item) and str(key).casefold() not in known}
    return writer.outline(_field(record, _TITLES) or found, meta)
