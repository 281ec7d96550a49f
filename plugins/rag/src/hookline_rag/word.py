"""Word documents to outlines: headings by their styles, lists, tables row by row, in the order of the page."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from .errors import BrokenDocument
from .grid import Grid, Span, write_grid
from .office import AGAIN, check_package
from .outline import Outline, Writer

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What is not read: deleted text, fields' instructions, the older of two forms of the same drawing.
_SKIP = frozenset(
    [f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr", f"{_MC}Fallback"]
)
_INLINE = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_THROUGH = frozenset([f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}smartTag", f"{_W}ins", f"{_W}moveTo"])
_DEEPEST = 200


def read_docx(name: str, data: bytes) -> list[Outline]:
    """One document, with its content controls, text boxes and footnotes; what is deleted but tracked is left out.

    Raises `EncryptedDocument`, `DocumentTooLarge` for a file that unpacks to too much, `BrokenDocument`.
    """
    import docx
    import lxml.etree
    from docx.opc.exceptions import OpcError

    writer = Writer()
    with check_package(name, data, "Word document", ".doc", ".docx") as archive:
        try:
            document = docx.Document(archive.fp)
            reader = _Reader(document, writer)
            reader.blocks(document.element.body)
            reader.footnotes()
            told = document.core_properties.title or ""
        except (zipfile.BadZipFile, OpcError, KeyError, ValueError, lxml.etree.LxmlError, OSError, EOFError, TypeError,
                AttributeError, NotImplementedError, RuntimeError, AssertionError, IndexError) as error:  # fmt: skip
            raise BrokenDocument(name, f"is no readable Word document ({type(error).__name__})", AGAIN) from None
    return [writer.outline(told if told and told != "Word Document" else reader.title)]


class _Reader:
    def __init__(self, document: Any, writer: Writer) -> None:
        self._document = document
        self._writer = writer
        self._levels: dict[str, int] = {}
        self._listed: set[str] = set()
        self.title = ""
        self._styles()

    def _styles(self) -> None:
        """The levels of the headings' styles, by id: those named so, those with an outline level, and their heirs."""
        for style in self._document.styles.element.iter(f"{_W}style"):
            ident = style.get(f"{_W}styleId") or ""
            node = style.find(f"{_W}name")
            name = (node.get(f"{_W}val") or "").lower() if node is not None else ""
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            if name == "title":
                self._levels[ident] = 1
            elif name.startswith("heading") and name[-1:].isdigit():
                self._levels[ident] = int(name[-1])
            elif outline is not None and (outline.get(f"{_W}val") or "9") < "9":
                self._levels[ident] = int(outline.get(f"{_W}val")) + 1
            if name.startswith("list") or style.find(f"{_W}pPr/{_W}numPr") is not None:
                self._listed.add(ident)
        for style in self._document.styles.element.iter(f"{_W}style"):
            based = style.find(f"{_W}basedOn")
            parent = based.get(f"{_W}val") if based is not None else None
            ident = style.get(f"{_W}styleId") or ""
            if parent in self._levels:
                self._levels.setdefault(ident, self._levels[parent])

    def blocks(self, parent: Any, depth: int = 0) -> None:
        """Write what is in an element: paragraphs and tables, also in content controls."""
        for item in parent:
            if item.tag == f"{_W}p":
                self._paragraph(item, depth)
            elif item.tag == f"{_W}tbl":
                self._table(item)
            elif item.tag in _THROUGH and depth < _DEEPEST:
                self.blocks(item, depth + 1)

    def _paragraph(self, item: Any, depth: int) -> None:
        words = "".join(_text(item))
        style = item.find(f"{_W}pPr/{_W}pStyle")
        ident = style.get(f"{_W}val") if style is not None else ""
        outline = item.find(f"{_W}pPr/{_W}outlineLvl")
        level = self._levels.get(ident, 0)
        if outline is not None and (outline.get(f"{_W}val") or "9") < "9":
            level = int(outline.get(f"{_W}val")) + 1
        numbered = item.find(f"{_W}pPr/{_W}numPr")
        if level and words.strip():
            self.title = self.title or words.strip()
            self._writer.add("heading", words, level=min(level, 9))
        elif words.strip():
            listed = ident in self._listed or numbered is not None
            self._writer.add("list" if listed else "paragraph", f"- {words.strip()}" if listed else words)
        if depth < _DEEPEST:
            for box in item.iter(f"{_W}txbxContent"):
                if not any(one.tag == f"{_MC}Fallback" for one in box.iterancestors()):
                    self.blocks(box, depth + _DEEPEST // 4)

    def _table(self, table: Any) -> None:
        rows: list[list[str]] = []
        spans: list[Span] = []
        open_at: dict[int, int] = {}  # column -> the row in which a cell over several rows began
        for row in _through(table, f"{_W}tr"):
            cells: list[str] = []
            for cell in _through(row, f"{_W}tc"):
                width, merge = _span(cell)
                column = len(cells)
                if merge == "continue" and column in open_at:
                    spans.append((open_at[column], column, len(rows), column + width - 1))
                    cells.append("")
                else:
                    open_at.pop(column, None)
                    if merge == "restart":
                        open_at[column] = len(rows)
                    if width > 1:
                        spans.append((len(rows), column, len(rows), column + width - 1))
                    cells.append(" ".join(_cell_text(cell).split()))
                cells += [""] * (width - 1)
            rows.append(cells)
        width = max((len(row) for row in rows), default=0)
        if width == 1:
            # A table of one column is a frame around text.
            for row in rows:
                self._writer.add("paragraph", row[0])
            return
        write_grid(self._writer, Grid([row + [""] * (width - len(row)) for row in rows], spans), level=7)

    def footnotes(self) -> None:
        """Write the notes at the end, one paragraph each."""
        import lxml.etree

        for relation in self._document.part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1]
            if kind in ("footnotes", "endnotes") and not relation.is_external:
                root = lxml.etree.fromstring(
                    relation.target_part.blob, lxml.etree.XMLParser(resolve_entities=False, no_network=True)
                )
                for note in root:
                    words = "".join(_text(note)).strip()
                    if words and note.get(f"{_W}type") is None:
                        self._writer.add("paragraph", words)


def _through(parent: Any, tag: str) -> Iterator[Any]:
    for item in parent:
        if item.tag == tag:
            yield item
        elif item.tag in _THROUGH:
            yield from _through(item, tag)


def _span(cell: Any) -> tuple[int, str]:
    """How many columns a cell takes, and whether it begins or continues one over several rows."""
    grid = cell.find(f"{_W}tcPr/{_W}gridSpan")
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    told = (grid.get(f"{_W}val") or "1") if grid is not None else "1"
    width = min(int(told), 200) if told.isdigit() else 1
    return max(1, width), "" if merge is None else (merge.get(f"{_W}val") or "continue")


def _cell_text(cell: Any) -> str:
    return "\n".join("".join(_text(item)) for item in cell.iter(f"{_W}p"))


def _text(item: Any) -> Iterator[str]:
    """The text of a paragraph in order; boxes within it are blocks of their own."""
    stack = [iter(item)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif node.tag == f"{_W}t":
            yield node.text or ""
        elif node.tag in _INLINE:
            yield _INLINE[node.tag]
        elif node.tag == f"{_W}p":
            yield "\n"
            stack.append(iter(node))
        elif node.tag not in _SKIP and node.tag != f"{_W}txbxContent":
            stack.append(iter(node))
