"""A document as plain text with the structure that it had: what every extractor makes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs
import regex

Kind = Literal["heading", "paragraph", "list", "code", "row", "record"]

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}--[\n\t]]|\uFEFF", flags=regex.V1)
_SPACES = regex.compile(r"[^\S\n]+")
_LINES = regex.compile(r"\n{2,}")


@attrs.frozen
class Block:
    """A piece of a document's text: `start`..`end` are code point offsets into it.

    `level` is a heading's depth from 1.  `answer` is the offset where a record's answer begins (its question goes
    before), 0 for all others.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    answer: int = 0


@attrs.frozen
class Entry:
    """A row or record as it stood in its file: the `block` that it became, `where` a person finds it, its fields."""

    block: int
    where: str
    fields: Mapping[str, str]


@attrs.frozen
class Outline:
    """A document read: its title, its text, the blocks of the text in order, and what else the file said of itself.

    `notes` are lines about what of the file was not taken in, or not as it stood: a scanned page, a hidden sheet.
    `entries` are its rows and records, for who checks their fields.
    """

    title: str
    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, Any] = attrs.Factory(dict)
    notes: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


def clean(text: str) -> str:
    """Text that every database takes: NFC, no control characters, no lone surrogates, plain spaces and newlines."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n"))
    return _CONTROL.sub("", text)


def squeeze(text: str) -> str:
    """One line's words with single spaces between them; newlines stay, empty lines go."""
    lines = (_SPACES.sub(" ", line).strip() for line in _LINES.sub("\n", clean(text)).split("\n"))
    return "\n".join(line for line in lines if line)


class Writer:
    """Builds an outline block by block; the text is what was written, with an empty line between blocks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._last: Kind | None = None
        self._entries: list[Entry] = []
        self._notes: dict[str, None] = {}
        self._mended = 0
        self._lost = 0

    def __len__(self) -> int:
        return self._length

    @property
    def entries(self) -> int:
        """How many rows and records were written."""
        return len(self._entries)

    @property
    def blocks(self) -> list[Block]:
        """The blocks written so far."""
        return self._blocks

    def note(self, line: str) -> None:
        """Tell whoever reads the report of something that was left out, or mended; the same line once."""
        self._notes[line] = None

    def _taken(self, text: str) -> str:
        """The text with what an earlier program broke in its encoding mended."""
        if text.isascii():
            return text
        self._lost += text.count("\ufffd")
        mended = mend(text)
        self._mended += mended != text
        return mended

    def _append(self, text: str) -> tuple[int, int]:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start, self._length

    def add(self, kind: Kind, text: str, *, level: int = 0) -> None:
        """Write one block; whitespace is squeezed except in code; an empty one is left out."""
        text = clean(text).strip("\n") if kind == "code" else squeeze(self._taken(text))
        if not text.strip():
            return
        self._separate(kind)
        start, end = self._append(text)
        self._blocks.append(Block(kind, start, end, level))

    def record(self, question: str, answer: str, *, where: str = "", fields: Mapping[str, str] | None = None) -> None:
        """Write a question with its answer as one block; for `where` and `fields` see `Entry`."""
        question, answer = squeeze(self._taken(question)).replace("\n", " "), squeeze(self._taken(answer))
        if not answer:
            return
        if not question:
            self.add("paragraph", answer)
            return
        self._separate("record")
        start, _ = self._append(question + "\n")
        begin, end = self._append(answer)
        self._blocks.append(Block("record", start, end, answer=begin))
        self._enter(where, fields)

    def row(
        self,
        header: Iterable[str],
        cells: Iterable[str],
        *,
        where: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        """Write one row of a table as "Header: value; Header: value"; empty cells are left out."""
        before = len(self._blocks)
        self.add("row", pairs(header, cells))
        if len(self._blocks) > before:
            self._enter(where, fields)

    def _enter(self, where: str, fields: Mapping[str, str] | None) -> None:
        if fields is not None:
            self._entries.append(Entry(len(self._blocks) - 1, where, fields))

    def extend(self, outline: Outline) -> None:
        """Write another outline's blocks behind, with its notes."""
        for block in outline.blocks:
            words = outline.text[block.start : block.end]
            if block.kind == "record":
                self.record(outline.text[block.start : block.answer], outline.text[block.answer : block.end])
            else:
                self.add(block.kind, words, level=block.level)
        for note in outline.notes:
            self.note(note)

    def _separate(self, kind: Kind) -> None:
        if self._parts:
            self._append("\n" if kind == self._last and kind in ("list", "row") else "\n\n")
        self._last = kind

    def outline(self, title: str, meta: Mapping[str, Any] | None = None) -> Outline:
        """What was written, under a title."""
        if self._mended:
            self.note(f"mis-encoded text was mended in {_places(self._mended)}")
        if self._lost:
            self.note(f"{self._lost:,} characters could not be read and stand as \ufffd")
        return Outline(
            squeeze(mend(title)).replace("\n", " ")[:300], "".join(self._parts), tuple(self._blocks), dict(meta or {}),
            tuple(self._notes), tuple(self._entries),
        )  # fmt: skip


def _places(count: int) -> str:
    return "one place" if count == 1 else f"{count:,} places"


def mend(text: str) -> str:
    """Text whose bytes were once read in the wrong encoding ("Ã©" for "é") as it was; any other text as it is."""
    # Imported here: only the parsing processes need it.
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    return fix_encoding(text) if not text.isascii() and is_bad(text) else text


def pairs(header: Iterable[str], cells: Iterable[str]) -> str:
    """A table row that can be read by itself."""
    told = []
    for column, value in zip(header, cells, strict=False):
        name, cell = " ".join(column.split()), " ".join(value.split())
        if cell:
            told.append(f"{name}: {cell}" if name else cell)
    return "; ".join(told)
