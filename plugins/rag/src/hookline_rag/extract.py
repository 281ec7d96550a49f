"""A file's bytes to outlines: pure, for the process pool, with a limit on size and on time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from types import FrameType

import attrs

from .encoding import decode
from .errors import DocumentError, DocumentTooLarge, EmptyDocument, ExtractTimeout, UnknownFormat
from .markup import read_html, read_markdown
from .outline import Outline
from .paper import read_docx, read_pdf
from .plain import read_text
from .tabular import read_csv, read_json

_TEXTS: dict[str, Callable[[str, str], list[Outline]]] = {
    "txt": read_text,
    "md": read_markdown,
    "html": read_html,
    "csv": read_csv,
    "json": read_json,
}
_BINARIES: dict[str, Callable[[str, bytes], list[Outline]]] = {"pdf": read_pdf, "docx": read_docx}
_SUFFIXES = {
    ".txt": "txt", ".text": "txt", ".log": "txt", ".md": "md", ".markdown": "md", ".mdown": "md", ".html": "html",
    ".htm": "html", ".xhtml": "html", ".pdf": "pdf", ".docx": "docx", ".csv": "csv", ".tsv": "csv", ".json": "json",
    ".jsonl": "json",
}  # fmt: skip
FORMATS = (*_TEXTS, *_BINARIES)


def format_of(name: str, data: bytes = b"") -> str:
    """The format of a file by its name, for a nameless one by its first bytes; "" where it is none of `FORMATS`."""
    suffix = PurePosixPath(name.lower().replace("\\", "/")).suffix
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04") and b"word/" in data[:4096]:
        return "docx"
    return "" if suffix else "txt"


def title_of(name: str) -> str:
    """A title made from a file's name: "roaming-prices_2026.pdf" is "Roaming prices 2026"."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    words = stem.replace("_", " ").replace("-", " ").split()
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def extract(
    name: str, data: bytes, *, kind: str = "", max_bytes: int = 50 * 2**20, max_chars: int = 20_000_000,
    seconds: float = 60.0,
) -> list[Outline]:  # fmt: skip
    """The documents in a file (several only for JSON), each with a title and at least one block.

    `seconds` is enforced where it runs in a process's main thread, as in the pool.  Raises a `DocumentError` whose
    text names the file, what is wrong with it and what to do.
    """
    kind = kind or format_of(name, data)
    if kind not in FORMATS:
        raise UnknownFormat(name, "is of an unknown format", f"give it as one of {', '.join(FORMATS)}")
    if len(data) > max_bytes:
        raise DocumentTooLarge(name, f"has {len(data):,} bytes, more than {max_bytes:,}", "split it")
    if not data.strip():
        raise EmptyDocument(name, "is empty", "leave it out")
    with _limit(name, seconds):
        if kind in _BINARIES:
            outlines = _BINARIES[kind](name, data)
        else:
            outlines = _TEXTS[kind](name, decode(name, data))
    found = [attrs.evolve(outline, title=outline.title or title_of(name)) for outline in outlines if outline.blocks]
    if not found:
        raise EmptyDocument(name, "has no text in it", "leave it out")
    if sum(len(outline.text) for outline in found) > max_chars:
        raise DocumentTooLarge(name, f"has more than {max_chars:,} characters", "split it")
    return found


def try_extract(name: str, data: bytes, max_bytes: int, seconds: float) -> list[Outline] | DocumentError:
    """As `extract`, with the error as a value, and a parser's own failure told as a broken document."""
    try:
        return extract(name, data, max_bytes=max_bytes, seconds=seconds)
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
