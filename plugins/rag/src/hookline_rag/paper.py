"""PDF and Word files to outlines."""

from __future__ import annotations

import io
import logging
import zipfile
from typing import Any

import regex

from .errors import BrokenDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from .outline import Outline, Writer
from .plain import write_text

_MOST_PAGES = 5_000
_MOST_UNPACKED = 300 * 2**20
_AGAIN = "open it, save it again, and ingest that"


def read_pdf(name: str, data: bytes) -> list[Outline]:
    """One document; lines are joined to paragraphs, words that a line's end divided are mended.

    Raises `EncryptedDocument`, `DocumentTooLarge`, `EmptyDocument` for scanned pages, `BrokenDocument`.
    """
    # Imported here: only the parsing processes need it.
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings are of no use to who reads the report
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise EncryptedDocument(name, "is protected by a password", "remove the password and ingest it again")
        count = len(reader.pages)
        if count > _MOST_PAGES:
            raise DocumentTooLarge(name, f"has {count} pages, more than {_MOST_PAGES}", "split it")
        pages = [page.extract_text() for page in reader.pages]
        told = reader.metadata.title if reader.metadata else None
    except DependencyError:
        raise EncryptedDocument(name, "is encrypted", "remove the protection and ingest it again") from None
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise BrokenDocument(name, f"is no readable PDF ({type(error).__name__}: {error})", _AGAIN) from None
    text = _without_running_lines(pages)
    if not text.strip():
        raise EmptyDocument(
            name,
            f"has no text on its {count} page{'s' if count != 1 else ''}: they are scanned pictures",
            "run a text recognition (OCR) over it first",
        )
    writer = Writer()
    title = write_text(writer, text)
    named = str(told or "").strip()
    usable = named and not named.lower().startswith(("untitled", "microsoft word", "(anonymous)", "unspecified"))
    return [writer.outline(named if usable else title, {"pages": count})]


def _without_running_lines(pages: list[str]) -> str:
    """The pages' text without the headers, footers and page numbers that stand on most of them."""
    split = [[line.strip() for line in page.split("\n")] for page in pages]
    edges: dict[str, int] = {}
    for lines in split:
        filled = [line for line in lines if line]
        for line in {_numberless(line) for line in filled[:2] + filled[-2:]}:
            edges[line] = edges.get(line, 0) + 1
    running = {line for line, count in edges.items() if len(pages) >= 3 and count > len(pages) * 0.6}
    kept = []
    for lines in split:
        last = len(lines)
        body = [
            line for at, line in enumerate(lines) if not ((at < 3 or at >= last - 3) and _numberless(line) in running)
        ]
        kept.append("\n".join(body).strip("\n"))
    text = kept[0] if kept else ""
    for page in kept[1:]:
        # A paragraph that a page's end divided goes on.
        goes_on = bool(text) and text[-1] not in ".!?:।。" and page[:1].islower()
        text += ("\n" if goes_on else "\n\n") + page
    return regex.sub(r"(\p{Ll})[-\u00ad]\n(\p{Ll})", r"\1\2", text)


def _numberless(line: str) -> str:
    return regex.sub(r"\p{N}+", "#", line)


def read_docx(name: str, data: bytes) -> list[Outline]:
    """One document: headings by their styles, lists, tables row by row, in the order of the page.

    Raises `EncryptedDocument`, `DocumentTooLarge` for a file that unpacks to too much, `BrokenDocument`.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise EncryptedDocument(
            name, "is protected by a password, or an old .doc", "save it as .docx without a password"
        )
    import docx
    import lxml.etree
    from docx.opc.exceptions import OpcError

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > _MOST_UNPACKED:
                raise DocumentTooLarge(name, f"unpacks to {unpacked // 2**20} MB", "split it, or remove its pictures")
        document = docx.Document(io.BytesIO(data))
        writer = Writer()
        title = _docx_blocks(document, writer)
        told = document.core_properties.title or ""
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError, lxml.etree.XMLSyntaxError, OSError, EOFError,
            AttributeError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise BrokenDocument(name, f"is no readable Word document ({type(error).__name__})", _AGAIN) from None
    return [writer.outline(told if told and told != "Word Document" else title)]


def _docx_blocks(document: Any, writer: Writer) -> str:
    from docx.table import Table

    title = ""
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            rows = [[cell.text for cell in row.cells] for row in item.rows]
            for row in rows[1:]:
                writer.row(rows[0], row)
            if len(rows) == 1:
                writer.add("row", "; ".join(rows[0]))
            continue
        style = (item.style.name or "") if item.style is not None else ""
        words = item.text
        if style == "Title" or style.startswith("Heading"):
            level = int(style[-1]) if style[-1].isdigit() else 1
            title = title or words.strip()
            writer.add("heading", words, level=level)
        elif words.strip():
            listed = style.startswith("List") or (
                item._p.pPr is not None and item._p.pPr.numPr is not None  # noqa: SLF001 - python-docx has no public way to ask
            )
            writer.add("list" if listed else "paragraph", f"- {words.strip()}" if listed else words)
    return title
