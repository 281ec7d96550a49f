"""CSV tables and JSON records to outlines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from .errors import BrokenDocument
from .outline import Outline, Writer, pairs
from .plain import write_text

_QUESTIONS = ("question", "q", "frage", "pregunta", "prompt")
_ANSWERS = ("answer", "a", "answers", "response", "reponse", "réponse", "antwort", "respuesta")
_CONTENTS = ("content", "text", "body")
_TITLES = ("title", "name", "heading", "subject")
_DEEPEST = 40


def read_csv(name: str, text: str) -> list[Outline]:
    """One document whose rows are passages "Header: value; …"; a table of questions and answers gives records.

    Raises `BrokenDocument` where the text is no table.
    """
    sample = text[:8192]
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if sample.count("\t") > sample.count(",") else csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BrokenDocument(name, f"is no readable table ({error})", "save it again as CSV") from None
    writer = Writer()
    if not rows:
        return [writer.outline("")]
    header = [cell.strip() for cell in rows[0]]
    folded = [cell.casefold() for cell in header]
    asked = next((folded.index(key) for key in _QUESTIONS if key in folded), None)
    told = next((folded.index(key) for key in _ANSWERS if key in folded), None)
    body = rows[1:]
    if not body or any(_is_number(cell) for cell in header):
        header, body = [""] * len(rows[0]), rows
    for row in body:
        if asked is not None and told is not None and len(row) > max(asked, told):
            writer.record(row[asked], row[told])
        else:
            writer.row(header, row)
    return [writer.outline("", {"columns": [cell for cell in header if cell]})]


def _is_number(cell: str) -> bool:
    return bool(cell.strip()) and cell.strip().replace(".", "").replace(",", "").replace("-", "").isdigit()


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


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _walk(value: Any, path: tuple[str, ...], writer: Writer, documents: list[Outline]) -> None:
    if len(path) > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            _walk(item, path, writer, documents)
    elif isinstance(value, Mapping):
        question, answer = _field(value, _QUESTIONS), _field(value, _ANSWERS)
        content = _field(value, _CONTENTS)
        if question and answer:
            writer.record(question, answer)
        elif content:
            documents.append(_document(value, content))
        elif value and all(_is_flat(item) for item in value.values()):
            writer.row((_label(key) for key in value), (_told(item) for item in value.values()))
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
