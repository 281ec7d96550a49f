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
class Outline:
    """A document read: its title, its text, the blocks of the text in order, and what else the file said of itself."""

    title: str
    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, Any] = attrs.Factory(dict)


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

    def __len__(self) -> int:
        return self._length

    @property
    def blocks(self) -> list[Block]:
        """The blocks written so far."""
        return self._blocks

    def _append(self, text: str) -> tuple[int, int]:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start, self._length

    def add(self, kind: Kind, text: str, *, level: int = 0) -> None:
        """Write one block; whitespace is squeezed except in code; an empty one is left out."""
        text = clean(text).strip("\n") if kind == "code" else squeeze(text)
        if not text.strip():
            return
        self._separate(kind)
        start, end = self._append(text)
        self._blocks.append(Block(kind, start, end, level))

    def record(self, question: str, answer: str) -> None:
        """Write a question with its answer as one block."""
        question, answer = squeeze(question).replace("\n", " "), squeeze(answer)
        if not answer:
            return
        if not question:
            self.add("paragraph", answer)
            return
        self._separate("record")
        start, _ = self._append(question + "\n")
        begin, end = self._append(answer)
        self._blocks.append(Block("record", start, end, answer=begin))

    def row(self, header: Iterable[str], cells: Iterable[str]) -> None:
        """Write one row of a table as "Header: value; Header: value"; empty cells are left out."""
        self.add("row", pairs(header, cells))

    def _separate(self, kind: Kind) -> None:
        if self._parts:
            self._append("\n" if kind == self._last and kind in ("list", "row") else "\n\n")
        self._last = kind

    def outline(self, title: str, meta: Mapping[str, Any] | None = None) -> Outline:
        """What was written, under a title."""
        title = squeeze(title).replace("\n", " ")[:300]
        return Outline(title, "".join(self._parts), tuple(self._blocks), dict(meta or {}))


def pairs(header: Iterable[str], cells: Iterable[str]) -> str:
    """A table row that can be read by itself."""
    told = []
    for column, value in zip(header, cells, strict=False):
        name, cell = " ".join(column.split()), " ".join(value.split())
        if cell:
            told.append(f"{name}: {cell}" if name else cell)
    return "; ".join(told)
