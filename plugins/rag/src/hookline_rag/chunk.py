"""Chunks: what is embedded and found.  A run of whole sentences of one section, with its exact span in the text.

Cutting asks for the sizes of its pieces, many at a time, and goes on when it is told them: so whoever drives it may
count with the embedder's own tokenizer, in batches, or by the estimate (`chunks`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Literal

import attrs
import regex

from .outline import Block, Kind
from .sentences import sentences
from .tokens import estimate

SEPARATOR = " › "
_CLAUSE = regex.compile(r"[,;:،、，；]\s*|\s+")
_LONGEST_HEAD = 200
_LEAST = 16  # tokens that a chunk has room for, however long its heading is
_ROUNDS = 12  # in which pieces that are too long are cut smaller; each at least halves them in the end

Count = Callable[[Sequence[str]], Sequence[int]]
Sizes = Generator[list[str], Sequence[int], "list[Chunk]"]


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
class Piece:
    """What is not divided if it can be helped: a sentence, a row, an item of a list."""

    start: int
    end: int
    kind: Kind


@attrs.frozen
class Section:
    """The pieces between two headings, or those of one row or record.

    `form` is text (packed), row or record (by itself).  `begin` is where a record's question begins, else its start.
    """

    form: Literal["text", "row", "record"]
    head: str
    begin: int
    pieces: tuple[Piece, ...]


def heading(title: str, path: str) -> str:
    """What stands before a chunk when it is embedded: its document's title and the headings above it."""
    parts = [part for part in path.split(SEPARATOR) if part and part.casefold() != title.casefold()]
    return SEPARATOR.join([title, *parts] if title else parts)[-_LONGEST_HEAD:]


def sections(text: str, blocks: Sequence[Block]) -> list[Section]:
    """A document's sections with their pieces, in order."""
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    pieces: list[Piece] = []

    def head() -> str:
        return SEPARATOR.join(words for _, words in path)

    def flush() -> None:
        if pieces:
            found.append(Section("text", head(), pieces[0].start, tuple(pieces)))
            pieces.clear()

    for block in blocks:
        if block.kind == "heading":
            flush()
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, text[block.start : block.end].replace("\n", " ")))
        elif block.kind == "record":
            flush()
            question = text[block.start : block.answer].strip()
            answer = tuple(Piece(*span, "record") for span in sentences(text, block.answer, block.end))
            if answer:
                found.append(Section("record", question, block.start, answer))
        elif block.kind == "row":
            flush()
            found.append(Section("row", head(), block.start, (Piece(block.start, block.end, "row"),)))
        elif block.kind == "code":
            pieces.append(Piece(block.start, block.end, "code"))
        else:
            pieces += (Piece(*span, block.kind) for span in sentences(text, block.start, block.end))
    flush()
    if not found and blocks:
        # A document of headings alone is still found by them.
        found.append(Section("text", "", blocks[0].start, (Piece(blocks[0].start, blocks[-1].end, "heading"),)))
    return found


def cutting(
    text: str, parts: Sequence[Section], *, max_tokens: int, window: int = 0, title: str = "", overlap: int = 1
) -> Sizes:
    """Cut sections into chunks: yields lists of texts, wants their sizes sent, and returns the chunks.

    None is larger than `max_tokens`, nor together with its heading than `window` (0: none), but where a single
    character is.  A chunk never crosses a heading; rows and records are chunks of their own.  Where a section needs
    several, each repeats the last `overlap` pieces of the one before.
    """
    heads = [part.head if part.form == "record" else heading(title, part.head) for part in parts]
    known: dict[str, int] = {}
    if window:
        names = sorted(set(filter(None, heads)))
        known = dict(zip(names, (yield names), strict=True)) if names else {}
    limits = [max(_LEAST, min(max_tokens, window - known.get(head, 0) - 1) if window else max_tokens) for head in heads]
    pieces = [[*part.pieces] for part in parts]
    sizes: dict[tuple[int, int], int] = {}
    for last in range(_ROUNDS):
        wanted = [(one.start, one.end) for row in pieces for one in row if (one.start, one.end) not in sizes]
        if wanted:
            sizes |= zip(wanted, (yield [text[start:end] for start, end in wanted]), strict=True)
        whole = True
        for row, limit in zip(pieces, limits, strict=True):
            if any(sizes[one.start, one.end] > limit for one in row):
                row[:] = _smaller(text, row, sizes, limit, halve=last > _ROUNDS // 3)
                whole = False
        if whole:
            break
    found: list[Chunk] = []
    for part, row, limit in zip(parts, pieces, limits, strict=True):
        told = [_Unit(one.start, one.end, sizes.get((one.start, one.end), limit), one.kind) for one in row]
        again = 0 if part.form == "row" else overlap
        for at, (start, end, kind) in enumerate(_pack(text, told, limit, again)):
            begin = part.begin if part.form == "record" and at == 0 else start
            found.append(Chunk(len(found), begin, end, kind, part.head, start))
    return found


def chunks(
    text: str,
    blocks: Sequence[Block],
    *,
    max_tokens: int = 200,
    window: int = 0,
    title: str = "",
    overlap: int = 1,
    count: Count | None = None,
) -> list[Chunk]:
    """The chunks of a document, in order, sized by `count`, else by the estimate; see `cutting`."""
    work = cutting(text, sections(text, blocks), max_tokens=max_tokens, window=window, title=title, overlap=overlap)
    size = count or (lambda texts: [estimate(one) for one in texts])
    try:
        wanted = next(work)
        while True:
            wanted = work.send(size(wanted))
    except StopIteration as done:
        result: list[Chunk] = done.value
        return result


def _smaller(
    text: str, row: Iterable[Piece], sizes: dict[tuple[int, int], int], limit: int, *, halve: bool
) -> list[Piece]:
    """The pieces with those that are too large cut: code and rows at lines or clauses, sentences at clauses, words."""
    found: list[Piece] = []
    for one in row:
        size = sizes[one.start, one.end]
        if size <= limit or one.end - one.start < 2:
            found.append(one)
        elif halve:
            middle = (one.start + one.end) // 2
            found += _trimmed(text, [(one.start, middle), (middle, one.end)], one.kind)
        elif one.kind == "code" and "\n" in text[one.start : one.end].strip():
            found += _trimmed(text, _lines(text, one), one.kind)
        else:
            # What the estimate says is scaled by what it was found to be.
            told = max(1, estimate(text[one.start : one.end]))
            room = max(1, int(limit * told / max(size, told) * 0.95)) if size > told else limit
            found += (Piece(start, end, one.kind) for start, end in _cut(text, one.start, one.end, room))
    return found


def _lines(text: str, one: Piece) -> list[tuple[int, int]]:
    spans, begin = [], one.start
    while begin < one.end:
        stop = text.find("\n", begin, one.end) + 1 or one.end
        spans.append((begin, stop))
        begin = stop
    return spans


def _trimmed(text: str, spans: Iterable[tuple[int, int]], kind: Kind) -> Iterator[Piece]:
    for begin, stop in spans:
        end = stop
        while end > begin and text[end - 1].isspace():
            end -= 1
        if end > begin:
            yield Piece(begin, end, kind)


def _cut(text: str, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    begin = start
    while begin < end:
        stop, used, soft = begin, 0, 0
        for match in _CLAUSE.finditer(text, begin, end):
            size = estimate(text[stop : match.end()])
            if used + size > most and stop > begin:
                break
            used += size
            stop = match.end()
            if not match.group().isspace() and used > most // 2:
                soft = stop
        else:
            if used + estimate(text[stop:end]) <= most:
                stop, soft = end, 0
        if stop <= begin or (stop - begin > 1 and estimate(text[begin:stop]) > most):
            stop, soft = _hard(text, begin, end, most), 0
        stop = soft or stop
        trimmed = stop
        while trimmed > begin and text[trimmed - 1].isspace():
            trimmed -= 1
        if trimmed > begin:
            yield begin, trimmed
        begin = stop


def _hard(text: str, begin: int, end: int, most: int) -> int:
    """Cut a word (or a script without spaces) that fills more than a chunk."""
    space = _CLAUSE.search(text, begin, end)
    stop = space.start() if space else end
    stop = max(stop, begin + 1)
    while stop - begin > 1 and estimate(text[begin:stop]) > most:
        stop = begin + (stop - begin) // 2
    return stop


@attrs.frozen
class _Unit:
    start: int
    end: int
    tokens: int
    kind: Kind


def _pack(text: str, units: Iterable[_Unit], max_tokens: int, overlap: int) -> Iterator[tuple[int, int, Kind]]:
    run: list[_Unit] = []
    used = 0
    fresh = 0  # how many of the run are not in the chunk before
    for unit in units:
        if run and used + unit.tokens > max_tokens:
            # What leads to a list ("You need:") goes with it, not with what was before.
            lead = [run.pop()] if fresh > 1 and text[run[-1].end - 1] in ":：" and len(run) > 1 else []
            if lead and lead[0].tokens + unit.tokens > max_tokens:
                run.append(lead.pop())
            if fresh:
                yield run[0].start, run[-1].end, _kind(run)
            kept = lead or (run[-overlap:] if overlap else [])
            while (
                not lead and kept and sum(one.tokens for one in kept) > min(max_tokens // 3, max_tokens - unit.tokens)
            ):
                kept = kept[1:]
            run, used, fresh = list(kept), sum(one.tokens for one in kept), len(lead)
        run.append(unit)
        used += unit.tokens
        fresh += 1
    if run and fresh:
        yield run[0].start, run[-1].end, _kind(run)


def _kind(run: Sequence[_Unit]) -> Kind:
    kinds = {unit.kind for unit in run}
    return run[0].kind if len(kinds) == 1 else "paragraph"
