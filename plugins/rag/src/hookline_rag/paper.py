"""PDF files to outlines: pages with text are taken in, scanned ones named; headings are told by the size of the type.

Tables are kept together as rows (see `papertable`); one that goes on on the next page is one table.
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import regex

from .errors import BrokenDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from .grid import Grid, write_grid
from .office import AGAIN
from .outline import Outline, Writer
from .papertable import MOST_PAGES, Table, Tables, may_have_table
from .plain import write_text
from .slides import numbered

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_MOST_PAGES = 5_000
_OCR = "run a text recognition (OCR) over"
_KEPT = 0.9  # of a page's letters that reading its tables has to find
_LARGER = 1.15  # than the body's type, from which a line is a heading
_UNTITLED = (
    "untitled",
    "microsoft word",
    "microsoft powerpoint",
    "(anonymous)",
    "unspecified",
    "powerpoint presentation",
)
_ENDS = tuple(".!?:;,।。؟")


@attrs.frozen
class _Line:
    """A line of a page; `rows` are those of a table that stands there instead."""

    text: str
    size: float = 0.0
    rows: tuple[tuple[str, ...], ...] = ()


def read_pdf(name: str, data: bytes) -> list[Outline]:
    """One document; lines are joined to paragraphs, words that a line's end divided are mended.

    Pages that are scanned pictures, or can't be read, are noted by their numbers.  Raises `EncryptedDocument`,
    `DocumentTooLarge`, `EmptyDocument` where no page has text, `BrokenDocument`.
    """
    # Imported here: only the parsing processes need it.
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings are of no use to who reads the report
    if b"%PDF-" not in data[:1024] and b"startxref" not in data[-2048:]:
        raise BrokenDocument(name, "is no readable PDF (it does not begin as one)", AGAIN)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise EncryptedDocument(name, "is protected by a password", "remove the password and ingest it again")
        count = len(reader.pages)
    except DependencyError:
        raise EncryptedDocument(name, "is encrypted", "remove the protection and ingest it again") from None
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError,
            AssertionError, NotImplementedError, ArithmeticError) as error:  # fmt: skip
        told = " ".join(str(error).split())[:100]
        raise BrokenDocument(name, f"is no readable PDF ({type(error).__name__}: {told})", AGAIN) from None
    if count > _MOST_PAGES:
        raise DocumentTooLarge(name, f"has {count} pages, more than {_MOST_PAGES}", "split it")
    pages, scanned, unread = _pages(reader, count)
    if not any(line.text.strip() for page in pages for line in page):
        raise _nothing(name, count, scanned, unread)
    writer = Writer()
    late = _with_tables(data, pages)
    if late:
        writer.note(
            f"tables are kept as rows on the first {MOST_PAGES} pages with tables only; page {late} is the next"
        )
    if scanned:
        one = len(scanned) == 1
        are = "is a scanned picture" if one else "are scanned pictures"
        writer.note(f"{numbered('page', scanned)} of {count} {are} without text; {_OCR} {'it' if one else 'them'}")
    if unread:
        writer.note(
            f"{numbered('page', unread)} of {count} can't be read and {'is' if len(unread) == 1 else 'are'} left out"
        )
    title = _write(writer, _without_running_lines(pages))
    named = _title(reader)
    return [writer.outline(named or title, {"pages": count})]


def _nothing(name: str, count: int, scanned: list[int], unread: list[int]) -> EmptyDocument | BrokenDocument:
    pages = f"{count} page{'s' if count != 1 else ''}"
    if scanned:
        return EmptyDocument(name, f"has no text on its {pages}: they are scanned pictures", f"{_OCR} it first")
    if unread:
        return BrokenDocument(name, f"has text on none of its {pages} that can be read", AGAIN)
    return EmptyDocument(name, f"has no text on its {pages}: they are empty", "leave it out")


def _title(reader: PdfReader) -> str:
    try:
        told = str((reader.metadata.title if reader.metadata else None) or "").strip()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, a title is a nicety
        return ""
    generic = told.lower().startswith(_UNTITLED) or told.lower().endswith(
        (".doc", ".docx", ".indd", ".qxd", ".dvi", ".tex")
    )
    return "" if generic else told


def _pages(reader: PdfReader, count: int) -> tuple[list[list[_Line]], list[int], list[int]]:
    """Each page's lines; the numbers of the pages that are pictures, and of those that can't be read."""
    from .errors import ExtractTimeout

    pages: list[list[_Line]] = []
    scanned: list[int] = []
    unread: list[int] = []
    for number in range(count):
        lines: list[_Line] = []
        try:
            page = reader.pages[number]
            lines = _lines(page)
            if not any(line.text.strip() for line in lines):
                if _has_picture(page):
                    scanned.append(number + 1)
            elif _is_gibberish("".join(line.text for line in lines)):
                unread.append(number + 1)
                lines = []
        except (ExtractTimeout, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - pypdf meets damage with errors of any kind
            # A damaged page is no reason to lose the others.
            unread.append(number + 1)
        pages.append(lines)
    return pages, scanned, unread


def _with_tables(data: bytes, pages: list[list[_Line]]) -> int:
    """Put tables as rows in the place of their cells; gives the number of the first page that is too many, or 0."""
    wanted = [at for at, lines in enumerate(pages) if may_have_table([line.text for line in lines])]
    if not wanted:
        return 0
    from .errors import ExtractTimeout

    try:
        tables = Tables(data)
    except (ExtractTimeout, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - as above; the words are there already
        return 0
    try:
        for at in wanted[:MOST_PAGES]:
            try:
                found = tables.page(at)
            except (ExtractTimeout, MemoryError):
                raise
            except Exception:  # noqa: BLE001 - as above
                found = []
            told = [_Line("", 0.0, one.rows) if isinstance(one, Table) else _Line(one.text, one.size) for one in found]
            if told and _letters(told) >= _letters(pages[at]) * _KEPT:
                pages[at] = told
    finally:
        tables.close()
    return wanted[MOST_PAGES] + 1 if len(wanted) > MOST_PAGES else 0


def _letters(lines: list[_Line]) -> int:
    """How much text there is, tables too: reading a page in another way must not lose any."""
    return sum(
        sum(not char.isspace() for text in (line.text, *(cell for row in line.rows for cell in row)) for char in text)
        for line in lines
    )


def _lines(page: PageObject) -> list[_Line]:
    """A page's lines with the size of their type, 0 where it is not known."""
    parts: list[tuple[str, float]] = []

    def visit(text: str, ctm: Any, matrix: Any, font: Any, size: Any) -> None:
        try:
            height = abs(float(size or 0)) * (float(matrix[2]) ** 2 + float(matrix[3]) ** 2) ** 0.5
            height *= (float(ctm[2]) ** 2 + float(ctm[3]) ** 2) ** 0.5
        except (TypeError, ValueError, IndexError, OverflowError):
            height = 0.0
        if text:
            parts.append((text, height))

    whole = page.extract_text(visitor_text=visit)
    if "".join(text for text, _ in parts).split() != whole.split():
        return [_Line(line.strip()) for line in whole.split("\n")]
    sizes: Counter[float] = Counter()
    lines: list[_Line] = []
    current = ""
    for text, size in parts:
        first, *others = text.split("\n")
        for n, piece in enumerate([first, *others]):
            if n:
                lines.append(_Line(current.strip(), _most(sizes)))
                current = ""
                sizes.clear()
            current += piece
            sizes[round(size, 1)] += len(piece.strip())
    lines.append(_Line(current.strip(), _most(sizes)))
    return lines


def _most(sizes: Counter[float]) -> float:
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _has_picture(page: PageObject) -> bool:
    """Whether a picture is drawn on it, also one in a form or within the page's own instructions."""
    try:
        resources = page.get("/Resources")
        contents = page.get_contents()
        if contents is not None and regex.search(
            rb"\bBI\b.{1,2000}?\bID\b", contents.get_data()[:200_000], flags=regex.DOTALL
        ):
            return True
        return _names_picture(resources, 0)
    except Exception:  # noqa: BLE001 - as above
        return False


def _names_picture(resources: Any, depth: int) -> bool:
    found = resources.get_object() if resources is not None else {}
    places = found.get("/XObject") if found else None
    for one in (places.get_object() if places is not None else {}).values():
        thing = one.get_object()
        if thing.get("/Subtype") == "/Image":
            return True
        if thing.get("/Subtype") == "/Form" and depth < 5 and _names_picture(thing.get("/Resources"), depth + 1):
            return True
    return False


def _is_gibberish(text: str) -> bool:
    """Text whose font does not say which letters its signs are."""
    signs = [char for char in text if not char.isspace()]
    private = sum(
        1 for char in signs if "\ue000" <= char <= "\uf8ff" or char == "\ufffd" or char < " " or "\x7f" <= char < "\xa0"
    )
    cids = text.count("(cid:") * 6
    return bool(signs) and (private + cids) * 2 > len(signs)


def _without_running_lines(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages without the headers, footers and page numbers that stand on most of them."""
    edges: Counter[str] = Counter()
    for lines in pages:
        filled = [line.text for line in lines if line.text]
        edges.update({_numberless(line) for line in filled[:2] + filled[-2:]})
    running = {line for line, count in edges.items() if len(pages) >= 3 and count > len(pages) * 0.6}
    return [
        [
            line
            for at, line in enumerate(lines)
            if not ((at < 3 or at >= len(lines) - 3) and _numberless(line.text) in running)
        ]
        for lines in pages
    ]


def _numberless(line: str) -> str:
    return regex.sub(r"\p{N}+", "#", line)


def _write(writer: Writer, pages: list[list[_Line]]) -> str:
    """Write the pages' text; returns its title."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text)
    body = _most(sizes)
    larger = sorted({line.size for page in pages for line in page if _is_larger(line, body)}, reverse=True)
    levels = {size: min(at + 1, 6) for at, size in enumerate(larger)}
    title = ""
    text = ""
    heading: list[_Line] = []

    def flush(next_size: float = -1.0) -> None:
        nonlocal text, title
        if heading and heading[0].size != next_size:
            words = " ".join(line.text for line in heading)
            writer.add("heading", words, level=levels[heading[0].size])
            title = title or words
            heading.clear()
        if text.strip():
            found = write_text(writer, _hyphenless(text), titled=not levels)
            title = title or found
        text = ""

    table: list[tuple[str, ...]] = []

    def end_table() -> None:
        if table:
            write_grid(writer, Grid(list(table)), level=7)
            table.clear()

    for page in pages:
        begun = False
        for line in page:
            if line.rows:
                flush()
                table.extend(line.rows[1:] if table and line.rows[0] == table[0] else line.rows)
                begun = True
                continue
            if table and line.text:
                end_table()
            if line.text and _is_larger(line, body):
                flush(line.size)
                heading.append(line)
                begun = True
                continue
            if heading and line.text:
                flush()
            if not begun and line.text:
                # A paragraph that a page's end divided goes on.
                goes_on = bool(text.strip()) and text.rstrip()[-1] not in ".!?:।。" and line.text[:1].islower()
                text = text.rstrip("\n") + ("\n" if goes_on else "\n\n")
                begun = True
            text += line.text + "\n"
    flush()
    end_table()
    return title


def _is_larger(line: _Line, body: float) -> bool:
    if not body or line.size < body * _LARGER or len(line.text) > 150:
        return False
    return any(char.isalpha() for char in line.text) and not line.text.endswith((".", ",", ";"))


def _hyphenless(text: str) -> str:
    return regex.sub(r"(\p{Ll})[-\u00ad]\n(\p{Ll})", r"\1\2", text)
