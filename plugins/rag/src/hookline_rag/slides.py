"""PowerPoint presentations to outlines: a slide is a section under its title; tables, charts and notes with it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from .errors import BrokenDocument, EmptyDocument
from .grid import Grid, write_grid
from .office import AGAIN, check_package
from .outline import Outline, Writer

_DEEPEST = 20
_VERTICAL_TAB = "\v"  # a line's end within a paragraph


def read_pptx(name: str, data: bytes) -> list[Outline]:
    """One document.  Hidden slides are left out; slides that are pictures alone are named.

    Raises `EncryptedDocument`, `DocumentTooLarge`, `EmptyDocument`, `BrokenDocument`.
    """
    import lxml.etree
    import pptx
    from pptx.exc import PythonPptxError

    writer = Writer()
    with check_package(name, data, "PowerPoint presentation", ".ppt", ".pptx") as archive:
        try:
            show = pptx.Presentation(archive.fp)
            told = show.core_properties.title or ""
            title, pictures, count = _write_slides(show, writer)
        except (zipfile.BadZipFile, PythonPptxError, KeyError, ValueError, TypeError, AttributeError, IndexError,
                OSError, EOFError, NotImplementedError, RuntimeError, AssertionError, lxml.etree.LxmlError) as error:  # fmt: skip
            reason = f"is no readable PowerPoint presentation ({type(error).__name__})"
            raise BrokenDocument(name, reason, AGAIN) from None
    if pictures and not writer.blocks:
        reason = f"has no text on its {count} slides: they are pictures"
        raise EmptyDocument(name, reason, "run a text recognition (OCR) over it first")
    if pictures:
        writer.note(
            f"{numbered('slide', pictures)} {'is a picture' if len(pictures) == 1 else 'are pictures'} without text"
        )
    generic = told.strip().lower() in ("", "powerpoint presentation", "presentation", "slide 1")
    return [writer.outline(title if generic else told, {"slides": count})]


def numbered(what: str, numbers: list[int]) -> str:
    """The numbers in words: "page 3", "pages 3, 5-7"."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    told = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"{what}{'s' if len(numbers) > 1 else ''} {told}"


def _write_slides(show: Any, writer: Writer) -> tuple[str, list[int], int]:
    title, pictures, hidden, count = "", [], [], 0
    for count, slide in enumerate(show.slides, start=1):
        if slide._element.get("show") == "0":  # noqa: SLF001 - python-pptx has no public way to ask
            hidden.append(count)
            continue
        before = len(writer.blocks)
        heading = _title_of(slide)
        if heading:
            title = title or heading
            writer.add("heading", heading, level=1)
        shapes = list(_shapes(slide.shapes))
        for shape in shapes:
            if not _is_title(shape):
                _write_shape(shape, writer)
        if len(writer.blocks) == before and any(_is_picture(shape) for shape in shapes):
            pictures.append(count)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = slide.notes_slide.notes_text_frame.text.strip()
            if notes:
                writer.add("paragraph", f"Notes: {notes.replace(_VERTICAL_TAB, chr(10))}")
    if hidden:
        writer.note(f"hidden slides are left out: {', '.join(map(str, hidden))}")
    return title, pictures, count


def _title_of(slide: Any) -> str:
    shape = slide.shapes.title
    return " ".join(shape.text_frame.text.split()) if shape is not None and shape.has_text_frame else ""


def _is_title(shape: Any) -> bool:
    if not shape.is_placeholder:
        return False
    return bool(shape.placeholder_format.idx == 0 and shape.has_text_frame)


def _is_picture(shape: Any) -> bool:
    return type(shape).__name__ in ("Picture", "PlaceholderPicture") or shape._element.tag.endswith("}pic")  # noqa: SLF001 - also those of no class


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if type(shape).__name__ == "GroupShape":
            if depth < _DEEPEST:
                yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _write_shape(shape: Any, writer: Writer) -> None:
    if getattr(shape, "has_table", False) and shape.has_table:
        rows = [["" if cell.is_spanned else cell.text for cell in row.cells] for row in shape.table.rows]
        spans = [
            (at, column, at + cell.span_height - 1, column + cell.span_width - 1)
            for at, row in enumerate(shape.table.rows)
            for column, cell in enumerate(row.cells)
            if cell.is_merge_origin
        ]
        write_grid(writer, Grid(rows, spans), level=2, header=True if shape.table.first_row and len(rows) > 1 else None)
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        try:
            _write_chart(shape.chart, writer)
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, NotImplementedError):
            writer.note("a chart of a kind that is not known is left out")
    elif shape.has_text_frame:
        _write_text(shape.text_frame, writer)


def _write_text(frame: Any, writer: Writer) -> None:
    paragraphs = [one for one in frame.paragraphs if one.text.strip()]
    listed = len(paragraphs) > 1
    for one in paragraphs:
        words = one.text.replace(_VERTICAL_TAB, "\n").strip()
        writer.add("list" if listed else "paragraph", f"- {words}" if listed else words)


def _write_chart(chart: Any, writer: Writer) -> None:
    if chart.has_title and chart.chart_title.has_text_frame:
        writer.add("paragraph", chart.chart_title.text_frame.text)
    for plot in chart.plots:
        names = [str(one) for one in plot.categories]
        for series in plot.series:
            values = ["" if value is None else f"{value:g}" for value in series.values]
            writer.row(["", *names], [str(series.name or ""), *values])
