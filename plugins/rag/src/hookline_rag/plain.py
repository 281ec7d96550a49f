"""Plain text to outlines: paragraphs whose lines were wrapped are joined, headings and lists are recognised."""

from __future__ import annotations

import itertools

import regex

from .outline import Outline, Writer, clean

_BULLET = regex.compile(r"^\s*(?:[-*•–·▪◦]|\(?\p{N}{1,3}[.)]|\(?[a-z]\))\s+")
_UNDERLINE = regex.compile(r"^\s*(=|-|~){3,}\s*$")
_NUMBERED = regex.compile(r"^\p{N}{1,2}(\.\p{N}{1,2})*\.?\s+\p{Lu}")
_QUESTION = regex.compile(r"^(?:Q(?:uestion)?\s*\d*\s*[:.)]|F\s*[:.])\s*(.+)$", flags=regex.IGNORECASE)
_ANSWER = regex.compile(r"^(?:A(?:nswer)?\s*\d*\s*[:.)]|R\s*[:.])\s*(.+)$", flags=regex.IGNORECASE | regex.DOTALL)
_ENDS = ".!?:;,।。؟۔"


def read_text(name: str, text: str) -> list[Outline]:
    """One document; its title is its first line where that looks like one."""
    writer = Writer()
    title = write_text(writer, text)
    return [writer.outline(title)]


def write_text(writer: Writer, text: str, *, titled: bool = True) -> str:
    """Write the blocks of a plain text; returns its title, "" where it has none.

    `titled` says whether a short line by itself is a heading.
    """
    title = ""
    paragraphs = regex.split(r"\n[^\S\n]*\n+", clean(text).strip("\n"))
    for at, paragraph in enumerate(paragraphs):
        lines = [line.rstrip() for line in paragraph.split("\n") if line.strip()]
        if not lines:
            continue
        if len(lines) >= 2 and _UNDERLINE.match(lines[1]):
            writer.add("heading", lines[0], level=1 if lines[1].lstrip()[0] == "=" else 2)
            title = title or lines[0]
            lines = lines[2:]
        elif _question_and_answer(writer, lines):
            continue
        elif titled and at + 1 < len(paragraphs) and len(lines) == 1 and _is_heading(lines[0], first=at == 0):
            writer.add("heading", lines[0], level=1 if at == 0 else 2)
            title = title or lines[0]
            continue
        _write_lines(writer, lines)
    return title.strip()


def _question_and_answer(writer: Writer, lines: list[str]) -> bool:
    """A paragraph of "Q: … / A: …" is a record."""
    asked = _QUESTION.match(lines[0].strip())
    if asked is None or len(lines) < 2:
        return False
    told = _ANSWER.match("\n".join(lines[1:]).strip())
    if told is None:
        return False
    writer.record(asked.group(1), _joined(told.group(1).split("\n")))
    return True


def _is_heading(line: str, *, first: bool) -> bool:
    line = line.strip()
    if len(line) > 80 or (line[-1] in _ENDS and line[-1] != "?") or _BULLET.match(line):
        return bool(_NUMBERED.match(line)) and len(line) <= 80 and line[-1] not in _ENDS
    return first or len(line.split()) <= 10


def _write_lines(writer: Writer, lines: list[str]) -> None:
    pending: list[str] = []
    listed = False

    def flush() -> None:
        if pending:
            words = _joined(pending)
            writer.add("list" if listed else "paragraph", words)
            pending.clear()

    for line in lines:
        if _BULLET.match(line):
            flush()
            listed = True
        elif listed and not line[0].isspace() and pending and pending[-1].rstrip()[-1:] in ".!?।":
            flush()
            listed = False
        pending.append(line)
    flush()


def _joined(lines: list[str]) -> str:
    """Lines that were wrapped joined by spaces; short lines (an address, a verse) stay lines."""
    if not lines:
        return ""
    longest = max(len(line) for line in lines)
    out = lines[0].strip()
    for before, line in itertools.pairwise(lines):
        wrapped = longest >= 50 and len(before) + len(line.split(maxsplit=1)[0]) + 1 > longest * 0.75
        out += (" " if wrapped else "\n") + line.strip()
    return out
