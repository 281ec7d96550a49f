"""A file's bytes to outlines: pure, for the process pool, with a limit on size and on time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from types import FrameType
from typing import Any

import attrs

from .encoding import declared, decode
from .errors import BrokenDocument, DocumentError, DocumentTooLarge, EmptyDocument, ExtractTimeout
from .kinds import FORMATS, format_of, kind_of
from .mail import read_eml
from .markup import read_html, read_markdown
from .outline import Outline, clean
from .paper import read_pdf
from .plain import read_text
from .schema import Rules
from .sheets import read_xlsx
from .slides import read_pptx
from .tabular import read_csv, read_json
from .word import read_docx

_TEXTS: dict[str, Callable[[str, str], list[Outline]]] = {
    "txt": read_text,
    "md": read_markdown,
    "html": read_html,
    "csv": read_csv,
    "json": read_json,
}
_BINARIES: dict[str, Callable[[str, bytes], list[Outline]]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "pptx": read_pptx,
    "xlsx": read_xlsx,
}
__all__ = ["FORMATS", "extract", "format_of", "title_of", "try_extract"]


def title_of(name: str) -> str:
    """A title made from a file's name: "roaming-prices_2026.pdf" is "Roaming prices 2026"."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    words = stem.replace("_", " ").replace("-", " ").split()
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def extract(
    name: str, data: bytes, *, kind: str = "", max_bytes: int = 50 * 2**20, max_chars: int = 20_000_000,
    seconds: float = 60.0, charset: str = "", rules: Rules | None = None, main: bool = False, meta: Mapping[str, Any] | None = None,
) -> list[Outline]:  # fmt: skip
    """The documents in a file (several for JSON and mails), each with a title and at least one block.

    A file of another format than its name says is read as what it is, with a note.  What a reader noted stands in
    `meta["notes"]`.  `charset` is what the sender says of a text's encoding; `rules` are checked for each document
    and row, with `meta` as what is known already; `main` takes of a web page what it is about.  `seconds` is enforced where it runs in a process's main
    thread, as in the pool.  Raises a `DocumentError` whose text names the file, what is wrong with it and what to do.
    """
    if len(data) > max_bytes:
        raise DocumentTooLarge(name, f"has more than {max_bytes:,} bytes", "split it, or raise max_file_bytes")
    with _limit(name, seconds):
        outlines = _read(name, data, kind, charset, main, 0)
        if rules is not None:
            outlines = _checked(rules, name, outlines, meta or {})
    notes = [note for outline in outlines for note in outline.notes]
    found = [_finished(name, outline) for outline in outlines if outline.blocks]
    if not found:
        raise EmptyDocument(name, "; ".join(["has no text in it", *notes]), "leave it out")
    if sum(len(outline.text) for outline in found) > max_chars:
        raise DocumentTooLarge(name, f"has more than {max_chars:,} characters", "split it")
    return found


def _checked(rules: Rules, name: str, outlines: list[Outline], meta: Mapping[str, Any]) -> list[Outline]:
    """What fits the rules; of several documents in a file those that don't are noted with the first that does."""
    found: list[Outline] = []
    wrong: list[BrokenDocument] = []
    for at, outline in enumerate(outlines, start=1):
        try:
            found.append(rules.checked(name, outline, f"document {at} " if len(outlines) > 1 else "", meta))
        except BrokenDocument as error:
            wrong.append(error)
    if wrong and not found:
        raise wrong[0]
    if wrong:
        lines = [f"{error.reason}; it is left out" for error in wrong]
        found[0] = attrs.evolve(found[0], notes=(*found[0].notes, *lines))
    return found


def _read(name: str, data: bytes, kind: str, charset: str, main: bool, depth: int) -> list[Outline]:
    if not data.strip(b" \t\r\n\0"):
        raise EmptyDocument(name, "is empty", "leave it out")
    named = kind or format_of(name, data)
    true, note = (kind, "") if kind in _TEXTS else kind_of(name, data, named)
    try:
        outlines = _read_as(true, name, data, charset, main, depth)
    except DocumentError:
        raise
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        # Damage beyond what its reader knows: still one line, and the others go on.
        raise BrokenDocument(
            name, f"can't be read as {true} ({type(error).__name__})", "open it, save it again, and ingest that"
        ) from error
    if note and outlines:
        outlines = [attrs.evolve(outlines[0], notes=(note, *outlines[0].notes)), *outlines[1:]]
    return outlines


def _read_as(kind: str, name: str, data: bytes, charset: str, main: bool, depth: int) -> list[Outline]:
    if kind == "eml":

        def inside(attached: str, content: bytes) -> list[Outline]:
            if depth >= 3:
                raise BrokenDocument(attached, "is a file within too many others", "ingest it by itself")
            found = _read(attached, content, "", "", main=False, depth=depth + 1)
            return [attrs.evolve(one, title=one.title or title_of(attached)) for one in found]

        return read_eml(name, data, inside)
    if kind in _BINARIES:
        return _BINARIES[kind](name, data)
    if kind == "html":
        return read_html(name, decode(name, data, charset=charset or declared(data)), main=main)
    return _TEXTS[kind](name, decode(name, data, charset=charset))


def _finished(name: str, outline: Outline) -> Outline:
    told = {clean(key): _clean(value) for key, value in outline.meta.items()}
    meta = {**told, "notes": list(outline.notes)} if outline.notes else told
    return attrs.evolve(outline, title=outline.title or title_of(name), meta=meta, entries=())


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    return [_clean(one) for one in value] if isinstance(value, list) else value


def try_extract(
    name: str,
    data: bytes,
    max_bytes: int,
    seconds: float,
    *,
    charset: str = "",
    kind: str = "",
    rules: Rules | None = None,
    main: bool = False,
    meta: Mapping[str, Any] | None = None,
) -> list[Outline] | DocumentError:
    """As `extract`, with the error as a value, and a parser's own failure told as a broken document."""
    try:
        return extract(
            name,
            data,
            kind=kind,
            max_bytes=max_bytes,
            seconds=seconds,
            charset=charset,
            rules=rules,
            main=main,
            meta=meta,
        )
    except DocumentError as error:
        return error
    except MemoryError:
        return DocumentTooLarge(name, "needs more memory than there is", "split it")


@contextmanager
def _limit(name: str, seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def strike(number: int, frame: FrameType | None) -> None:
        raise ExtractTimeout(name, f"took longer than {seconds:g} s to read", "split it, or save it as plain text")

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
