"""Chunks: what is embedded and found.  A run of whole sentences of one section, with its exact span in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import regex

from .outline import Block, Kind
from .sentences import sentences
from .tokens import estimate

SEPARATOR = " › "
_CLAUSE = regex.compile(r"[,;:،、，；]\s*|\s+")


@attrs.frozen
class Chunk:
    """A passage to be found.

    `start`..`end` are code point offsets into the document's text.  `head` is the path of headings above it, or a
    record's question.  `answer` is the offset where what may be quoted begins (after a record's question).
    """

    n: int
    start: int
    end: int
    kind: Kind
    head: str
    answer: int


@attrs.frozen
class _Unit:
    start: int
    end: int
    tokens: int
    kind: Kind


def chunks(text: str, blocks: Sequence[Block], *, max_tokens: int = 200, overlap: int = 1) -> list[Chunk]:
    """The chunks of a document, in order.

    None is longer than `max_tokens` (estimated) but where one unbreakable word is.  A chunk never crosses a heading;
    rows and records are chunks of their own.  Where a section needs several, each repeats the last `overlap`
    sentences of the one before.
    """
    found: list[Chunk] = []
    path: list[tuple[int, str]] = []
    section: list[_Unit] = []
    last_heading: Block | None = None

    def head() -> str:
        return SEPARATOR.join(words for _, words in path)

    def flush() -> None:
        for start, end, kind in _pack(section, max_tokens, overlap):
            found.append(Chunk(len(found), start, end, kind, head(), start))
        section.clear()

    for block in blocks:
        if block.kind == "heading":
            flush()
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, text[block.start : block.end].replace("\n", " ")))
            last_heading = block
            continue
        last_heading = None
        if block.kind == "record":
            flush()
            question = text[block.start : block.answer].strip()
            units = list(_units(text, Block("paragraph", block.answer, block.end), max_tokens))
            for at, (start, end, _) in enumerate(_pack(units, max_tokens, overlap)):
                found.append(Chunk(len(found), block.start if at == 0 else start, end, "record", question, start))
        elif block.kind == "row":
            flush()
            for start, end, _ in _pack(list(_units(text, block, max_tokens)), max_tokens, 0):
                found.append(Chunk(len(found), start, end, "row", head(), start))
        else:
            section.extend(_units(text, block, max_tokens))
    flush()
    if last_heading is not None and not found:
        # A document of headings alone is still found by them.
        found.append(Chunk(0, blocks[0].start, last_heading.end, "heading", "", blocks[0].start))
    return found


def _units(text: str, block: Block, max_tokens: int) -> Iterator[_Unit]:
    """The sentences of a block, rows whole where they fit; what is longer than a chunk is cut at clauses or words."""
    whole = estimate(text[block.start : block.end])
    if block.kind in ("row", "code") and whole <= max_tokens:
        yield _Unit(block.start, block.end, whole, block.kind)
        return
    for start, end in sentences(text, block.start, block.end):
        tokens = estimate(text[start:end])
        if tokens <= max_tokens:
            yield _Unit(start, end, tokens, block.kind)
            continue
        for a, b in _cut(text, start, end, max_tokens):
            yield _Unit(a, b, estimate(text[a:b]), block.kind)


def _cut(text: str, start: int, end: int, max_tokens: int) -> Iterator[tuple[int, int]]:
    begin = start
    while begin < end:
        stop, used, soft = begin, 0, 0
        for match in _CLAUSE.finditer(text, begin, end):
            size = estimate(text[stop : match.end()])
            if used + size > max_tokens and stop > begin:
                break
            used += size
            stop = match.end()
            if not match.group().isspace() and used > max_tokens // 2:
                soft = stop
        else:
            if used + estimate(text[stop:end]) <= max_tokens:
                stop, soft = end, 0
        if stop <= begin:
            stop = _hard(text, begin, end, max_tokens)
        stop = soft or stop
        trimmed = stop
        while trimmed > begin and text[trimmed - 1].isspace():
            trimmed -= 1
        if trimmed > begin:
            yield begin, trimmed
        begin = stop


def _hard(text: str, begin: int, end: int, max_tokens: int) -> int:
    """Cut a word (or a script without spaces) that fills more than a chunk."""
    space = _CLAUSE.search(text, begin, end)
    stop = space.start() if space else end
    while stop - begin > 1 and estimate(text[begin:stop]) > max_tokens:
        stop = begin + (stop - begin) // 2
    return stop


def _pack(units: Iterable[_Unit], max_tokens: int, overlap: int) -> Iterator[tuple[int, int, Kind]]:
    run: list[_Unit] = []
    used = 0
    fresh = False
    for unit in units:
        if run and used + unit.tokens > max_tokens:
            if fresh:
                yield run[0].start, run[-1].end, _kind(run)
            kept = run[-overlap:] if overlap else []
            while kept and sum(one.tokens for one in kept) > min(max_tokens // 3, max_tokens - unit.tokens):
                kept = kept[1:]
            run, used, fresh = list(kept), sum(one.tokens for one in kept), False
        run.append(unit)
        used += unit.tokens
        fresh = True
    if run and fresh:
        yield run[0].start, run[-1].end, _kind(run)


def _kind(run: list[_Unit]) -> Kind:
    kinds = {unit.kind for unit in run}
    return run[0].kind if len(kinds) == 1 else "paragraph"
