"""Records as CSV, out and in: for Excel, LibreOffice and other systems, as the tenant's people write numbers and dates.

An import looks at the whole file before it stores anything: a file with a mistake changes nothing, unless it is told to
leave the lines with mistakes out.  Lines are recognised by the type's key, so that a file imported twice changes nothing
the second time.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import attrs
import sqlalchemy as sa

from . import spreadsheet
from .action import Action
from .db import ConstraintViolated
from .errors import BadRequest, Conflict
from .ledger import new_id
from .recordkinds import Label
from .records import Field, RecordType
from .recordstore import Asked, Records

_CHUNK = 1000
_SHOWN = 100
_HEAD = 20_000
_DELIMITERS = ",;\t|"
_IGNORED = ("id", "contact", "version", "created_at", "updated_at")  # of an export; they are no fields
_PLAIN = ("integer", "number", "money", "day", "moment", "flag")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


# -- out -------------------------------------------------------------------------------------------------------------------


async def export(records: Records, asked: Asked | None = None) -> AsyncIterator[str]:
    """The records that meet the conditions as CSV text, some at a time, a line of headings first.

    A text that a spreadsheet would take for a formula has an apostrophe before it, which an import takes off.
    """
    fields = records.kind.fields
    yield _lines([[field.name for field in fields]])
    async for rows in records.every(asked or Asked()):
        yield _lines([[_cell(field, getattr(row, field.name)) for field in fields] for row in rows])


def _cell(field: Field, value: Any) -> str:
    text = field.kind.write(value)
    return text if field.kind.name in _PLAIN else spreadsheet.cell(text)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


# -- in --------------------------------------------------------------------------------------------------------------------


@attrs.frozen
class Mistake:
    """What is wrong at a place of the file; `line` and `column` count from 1 (column 0: the whole line)."""

    line: int
    column: int
    field: str
    detail: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", column {self.column} ({self.field})" if self.column else "")
        return f"{place}: {self.detail}"


@attrs.define
class Report:
    """What an import did, or with `dry_run` would do; `mistakes` are the first ones, `wrong` counts the lines with any."""

    dry_run: bool = False
    lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    stored: bool = False
    mistakes: list[Mistake] = attrs.Factory(list)


@attrs.frozen
class Manner:
    """How a file is imported.

    encoding      "" finds it out: by its mark, else UTF-8, else Windows-1252
    dry_run       look, and store nothing
    skip          leave lines with mistakes out, and import the others; not where the rest of the file can't be read
    add           only add what is not there; records that are there stay as they are
    create, edit  whether the one who imports may; `fixed`: whether also fields that staff can't change
    """

    encoding: str = ""
    dry_run: bool = False
    skip: bool = False
    add: bool = False
    create: bool = True
    edit: bool = True
    fixed: bool = False


@attrs.frozen
class _Line:
    number: int
    values: Mapping[str, Any]
    mistakes: Sequence[Mistake]


Progress = Callable[[int], None]


class Import:
    """One import of one file."""

    def __init__(self, records: Records, file: Path, manner: Manner, progress: Progress = lambda _lines: None) -> None:
        if not records.kind.key:
            raise BadRequest(
                f"{records.address} has no key by which a line is recognised, so nothing is imported into it"
            )
        self.records = records
        self.file = file
        self.manner = manner
        self.progress = progress
        self.kind: RecordType = records.kind
        self._changes: dict[frozenset[str], sa.Update] = {}
        self._unreadable = False

    async def run(self) -> Report:
        """Look at the file, and store it if nothing is wrong; raises `BadRequest` for one that is no such file at all."""
        encoding = await self.records.tenant.compute.run(encoding_of, self.file, self.manner.encoding)
        report = Report(dry_run=self.manner.dry_run)
        await self._through(encoding, report, None)
        left_out = self.manner.skip and not self._unreadable
        if self.manner.dry_run or (report.wrong and not left_out) or not report.lines:
            return report
        stored = Report(stored=True)
        try:
            async with self.records.tenant.action(by=self.records.by) as act:
                await self._through(encoding, stored, act)
                if stored.wrong != report.wrong:
                    raise Conflict("a line that was right a moment ago is not any more")
        except (Conflict, ConstraintViolated):
            raise Conflict(
                "somebody changed these records during the import; nothing was stored: import the file again"
            ) from None
        return stored

    async def _through(self, encoding: str, report: Report, act: Action | None) -> None:
        """Go through the file; with an action everything is collected in it, to be stored at once."""
        seen: dict[tuple[str, Any], int] = {}
        compute = self.records.tenant.compute
        with self.file.open(encoding=encoding, newline="", errors="strict") as text:
            lines = self._read(text)
            try:
                while chunk := await compute.batch(lambda: list(itertools.islice(lines, _CHUNK))):
                    await self._take(chunk, seen, report, act)
            except UnicodeError as error:
                at = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
                raise BadRequest(
                    f"the file is not in {encoding}{at}; name the encoding, e.g. cp1252", "encoding"
                ) from None

    def _read(self, text: TextIO) -> Iterator[_Line]:
        head = text.readline(_HEAD + 1).removeprefix("\ufeff")  # a mark that the named encoding leaves there
        if len(head) > _HEAD:
            raise BadRequest(f"line 1: has more than {_HEAD} characters; it must name the columns")
        reader = csv.reader(text, delimiter=_delimiter(head, self.kind), strict=True)
        fields = _columns(next(csv.reader([head], delimiter=_delimiter(head, self.kind))), self.kind)
        before = 1
        while True:
            number = before + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                self._unreadable = True
                yield _Line(number, {}, [Mistake(number, 0, "", f"can't be read as CSV: {error}")])
                return
            if cells is None:
                return
            before = reader.line_num + 1
            if any(cell.strip() for cell in cells):
                yield self._line(number, cells, fields)

    def _line(self, number: int, cells: Sequence[str], fields: Sequence[Field | None]) -> _Line:
        if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
            text = f"has {len(cells)} cells, and the first line has {len(fields)}"
            return _Line(number, {}, [Mistake(number, 0, "", text)])
        values: dict[str, Any] = {}
        mistakes = []
        for n, field in enumerate(fields):
            if field is None:
                continue
            cell = cells[n] if n < len(cells) else ""
            try:
                values[field.name] = field.read(spreadsheet.read(cell), self.records.writing)
            except ValueError as error:
                mistakes.append(Mistake(number, n + 1, field.name, str(error)))
        return _Line(number, values, mistakes)

    async def _take(
        self, chunk: Sequence[_Line], seen: dict[tuple[str, Any], int], report: Report, act: Action | None
    ) -> None:
        """Sort the lines into new, changed, unchanged and wrong ones, and collect what is to be stored."""
        known = await self._known(chunk)
        missing, taken = await self._dangling(chunk), await self._taken(chunk)
        new: list[dict[str, Any]] = []
        changed: list[tuple[Any, dict[str, Any]]] = []
        for line in chunk:
            mistakes = [*line.mistakes, *self._missing(line, missing), *self._twice(line, taken, seen)]
            key = line.values.get(self.kind.key)
            row = known.get(key)
            report.lines += 1
            if not mistakes and row is None:
                if not self.manner.create:
                    mistakes.append(self._mistake(line, self.kind.key, f"there is no record {key!r} to be changed"))
                elif lacking := [f.name for f in self.kind.fields if f.required and f.name not in line.values]:
                    text = f"is missing: a new record needs {', '.join(lacking)}"
                    mistakes.append(Mistake(line.number, 0, lacking[0], text))
                else:
                    new.append(dict(line.values))
            elif not mistakes and row is not None:
                different = self.records.different(line.values, row)
                mistakes += [] if self.manner.add else self._fixed(line, different)
                if different and not mistakes and not self.manner.add:
                    changed.append((row, different))
                elif not mistakes:
                    report.unchanged += 1
            if mistakes:
                report.wrong += 1
                report.mistakes += mistakes[: _SHOWN - len(report.mistakes)]
        if act is not None:
            self._store(act, new, changed)
        report.created += len(new)
        report.changed += len(changed)
        self.progress(report.lines)

    def _mistake(self, line: _Line, field: str, text: str) -> Mistake:
        return Mistake(line.number, 0, field, text)

    def _fixed(self, line: _Line, different: Mapping[str, Any]) -> list[Mistake]:
        if different and not self.manner.edit:
            return [self._mistake(line, self.kind.key, "is there with other values, and may not be changed")]
        if self.manner.fixed:
            return []
        fixed = [name for name in different if not self.kind.by_name[name].editable]
        return [self._mistake(line, name, f"{name} of a record that is there can't be changed") for name in fixed]

    async def _known(self, chunk: Sequence[_Line]) -> dict[Any, Any]:
        keys = [line.values[self.kind.key] for line in chunk if self.kind.key in line.values]
        table = self.kind.table
        rows = (
            await self.records.tenant.db.fetch(sa.select(table).where(table.c[self.kind.key].in_(keys))) if keys else []
        )
        return {getattr(row, self.kind.key): row for row in rows}

    async def _dangling(self, chunk: Sequence[_Line]) -> dict[str, set[Any]]:
        """By field: keys that the lines point to and nothing has."""
        found: dict[str, set[Any]] = {}
        for field in self.kind.fields:
            wanted = {value for line in chunk if (value := line.values.get(field.name))} if field.link else set()
            if wanted:
                found[field.name] = wanted - await self.records.linked(field, sorted(wanted))
        return found

    async def _taken(self, chunk: Sequence[_Line]) -> dict[tuple[str, Any], Any]:
        """Values of unique fields that records have, with those records' keys."""
        table, found = self.kind.table, dict[tuple[str, Any], Any]()
        for field in self.kind.fields:
            values = [value for line in chunk if (value := line.values.get(field.name)) is not None]
            if field.unique and field.name != self.kind.key and values:
                column = table.c[field.name]
                asked = sa.select(column.label("value"), table.c[self.kind.key].label("key")).where(column.in_(values))
                found |= {(field.name, row.value): row.key for row in await self.records.tenant.db.fetch(asked)}
        return found

    def _twice(
        self, line: _Line, taken: Mapping[tuple[str, Any], Any], seen: dict[tuple[str, Any], int]
    ) -> Iterator[Mistake]:
        for field in self.kind.fields:
            value = line.values.get(field.name)
            if not field.unique or value is None or line.mistakes:
                continue
            at = (field.name, value)
            if seen.setdefault(at, line.number) != line.number:
                yield self._mistake(line, field.name, f"{field.name} {value!r} stands in line {seen[at]} already")
            elif at in taken and taken[at] != line.values.get(self.kind.key):
                yield self._mistake(line, field.name, f"{field.name} {value!r} is that of {taken[at]!r}")

    def _missing(self, line: _Line, missing: Mapping[str, set[Any]]) -> list[Mistake]:
        return [
            self._mistake(line, name, f"{name}: there is no {self.kind.by_name[name].link} {line.values[name]!r}")
            for name, values in missing.items()
            if line.values.get(name) in values
        ]

    def _store(self, act: Action, new: list[dict[str, Any]], changed: list[tuple[Any, dict[str, Any]]]) -> None:
        records, table, now = self.records, self.kind.table, self.records.tenant.clock.now()
        own = {"contact": ""} if self.kind.contact else {}
        empty = {field.name: field.empty for field in self.kind.fields}
        stamped = {"version": 1, "created_at": now, "updated_at": now}
        rows = [{"id": new_id(), **empty, **values, **own, **stamped} for values in new]
        if rows:
            act.write(sa.insert(table), rows)
            act.audit("records.import", records.address, {"file": self.file.name, "ids": [row["id"] for row in rows]})
        for row, values in changed:
            at = {"p_id": row.id, "p_version": row.version, "p_now": now}
            act.write(self._change(frozenset(values)), {**at, **{f"v_{name}": values[name] for name in values}}, rows=1)
            noted = {"file": self.file.name, **records.noted(values, row)}
            act.audit("records.change", f"{records.address}/{row.id}", noted)

    def _change(self, names: frozenset[str]) -> sa.Update:
        """The statement that changes these fields of one record, made once: so it is compiled once."""
        if names not in self._changes:
            columns, b = self.kind.table.c, sa.bindparam
            self._changes[names] = (
                sa.update(self.kind.table)
                .where(columns.id == b("p_id"), columns.version == b("p_version"))
                .values(
                    {
                        **{name: b(f"v_{name}", type_=columns[name].type) for name in sorted(names)},
                        "version": columns.version + 1,
                        "updated_at": b("p_now"),
                    }
                )
            )
        return self._changes[names]


def encoding_of(file: Path, named: str = "") -> str:
    """The encoding of the file: as it is named, else by its mark, else UTF-8 if it is that, else Windows-1252."""
    if named:
        try:
            "".encode(named)  # raises LookupError also for a codec that is none of texts, as hex
            return codecs.lookup(named).name
        except (LookupError, ValueError):
            raise BadRequest(
                f"encoding: given {named[:40]!r}; allowed: utf-8, utf-16, cp1252, latin-1, …", "encoding"
            ) from None
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as raw:
        start = raw.read(4)
        for mark, name in _BOMS:
            if start.startswith(mark):
                return name
        raw.seek(0)
        try:
            while block := raw.read(1 << 16):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter(head: str, kind: RecordType) -> str:
    """What parts the cells: with which the first line names most fields."""
    known = _headings(kind)

    def named(delimiter: str) -> int:
        cells = next(csv.reader([head], delimiter=delimiter), [])
        return sum(cell.strip().casefold() in known for cell in cells)

    return max(_DELIMITERS, key=named)


def _headings(kind: RecordType) -> dict[str, Field]:
    """Fields by their name, and by their label in each language."""
    found: dict[str, Field] = {}
    for field in kind.fields:
        for label in _spellings(field.label):
            found.setdefault(label.strip().casefold(), field)
    return found | {field.name: field for field in kind.fields}


def _spellings(label: Label) -> list[str]:
    return [label] if isinstance(label, str) and label else list(label.values()) if not isinstance(label, str) else []


def _columns(head: Sequence[str], kind: RecordType) -> list[Field | None]:
    known, found = _headings(kind), list[Field | None]()
    for n, cell in enumerate(head, 1):
        name = cell.strip().casefold()
        field = known.get(name)
        if field is None and name not in _IGNORED:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise BadRequest(
                f"line 1, column {n}: {cell.strip()[:60]!r} is no field of {kind.name}{hint}; "
                f"fields are {', '.join(kind.by_name)}"
            )
        if field is not None and field in found:
            raise BadRequest(f"line 1, column {n}: {field.name} stands there twice")
        found.append(field)
    if kind.by_name[kind.key] not in found:
        raise BadRequest(f"line 1: the column {kind.key}, by which records are recognised, is missing")
    return found
