"""Which format a file is of: by its name, and by its first bytes where they say otherwise."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from .errors import BrokenDocument, EncryptedDocument, UnknownFormat
from .office import OLE

_SUFFIXES = {
    ".txt": "txt", ".text": "txt", ".log": "txt", ".md": "md", ".markdown": "md", ".mdown": "md", ".html": "html",
    ".htm": "html", ".xhtml": "html", ".pdf": "pdf", ".docx": "docx", ".pptx": "pptx", ".ppsx": "pptx", ".xlsx": "xlsx",
    ".xlsm": "xlsx", ".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".eml": "eml",
}  # fmt: skip
FORMATS = ("txt", "md", "html", "csv", "json", "pdf", "docx", "pptx", "xlsx", "eml")
"""The formats that are read."""

_TEXTS = ("txt", "md", "csv", "json", "eml", "html")
_PACKAGES = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_SIGNS = (
    (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"), (b"MM\0*", "a TIFF picture"), (b"ID3", "an MP3 recording"), (b"OggS", "an Ogg recording"),
    (b"\x7fELF", "a program"), (b"Rar!\x1a", "a RAR archive"), (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"), (b"SQLite format 3\0", "an SQLite database"), (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
)  # fmt: skip
_OLD = (
    ("WordDocument", "an old Word file (.doc)", "docx"), ("Workbook", "an old Excel file (.xls)", "xlsx"),
    ("Book", "an old Excel file (.xls)", "xlsx"), ("PowerPoint Document", "an old PowerPoint file (.ppt)", "pptx"),
    ("__nameid_version1.0", "an Outlook message (.msg)", "eml"), ("Quill", "a Publisher file", "pdf"),
)  # fmt: skip
_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_GIVE = f"give it as one of {', '.join(FORMATS)}"


def format_of(name: str, data: bytes = b"") -> str:
    """The format of a file by its name, for a nameless one by its first bytes; "" where it is none of `FORMATS`."""
    suffix = PurePosixPath(name.lower().replace("\\", "/")).suffix
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    found = _by_content(data)
    return found if found and not suffix else "" if suffix else "txt"


def kind_of(name: str, data: bytes, named: str) -> tuple[str, str]:
    """What a file of a certain name really is, with a note where the two differ.

    Raises `UnknownFormat`, `EncryptedDocument` or `BrokenDocument` for what is of no format that is read.
    """
    found = _by_content(data)
    if found and found != named and (named not in ("txt", "md") or found != "html"):
        return (
            found,
            f"is {_article(found)} by its content, not {_article(named) if named else 'what its name says'}; read as that",
        )
    if not found:
        told = next((words for sign, words in _SIGNS if data.startswith(sign)), "")
        if data.startswith(OLE):
            raise _old(name, data, named)
        if data.startswith(b"PK\x03\x04") and named not in ("docx", "pptx", "xlsx"):
            raise _archive(name, data)
        # A text may begin with the letters ID3; a recording has more than letters.
        if told and (named not in _TEXTS or b"\0" in data[:512] or data.startswith((b"{\\rtf", b"%!PS"))):
            raise UnknownFormat(name, f"is {told}", _GIVE)
    if named not in FORMATS:
        raise UnknownFormat(name, "is of an unknown format", _GIVE)
    if named in ("docx", "pptx", "xlsx") and not found and not data.startswith(b"PK"):
        if _HTML.match(data[:4096]):
            return "html", f"is html by its content, not {_article(named)}; read as that"
        if not data.startswith(OLE[:6]):
            what = {"docx": "Word document", "pptx": "PowerPoint presentation", "xlsx": "Excel workbook"}[named]
            raise BrokenDocument(
                name, f"is no readable {what} (it does not begin as one)", "open it, save it again, and ingest that"
            )
    return named, ""


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeihox' else 'a'} {kind}"


def _by_content(data: bytes) -> str:
    """pdf, docx, pptx, xlsx or html where the first bytes leave no doubt; "" otherwise."""
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, IndexError):
            names = [""]
        if "[Content_Types].xml" in names:
            return next(
                (kind for folder, kind in _PACKAGES.items() if any(one.startswith(folder) for one in names)), ""
            )
        return ""
    return "html" if _HTML.match(data[:4096]) and b"\0" not in data[:512] else ""


def _archive(name: str, data: bytes) -> UnknownFormat:
    told = "a zip archive"
    if b"mimetypeapplication/vnd.oasis.opendocument" in data[:200]:
        return UnknownFormat(name, "is an OpenDocument file", "save it as docx, xlsx, pptx or pdf")
    if b"mimetypeapplication/epub" in data[:200]:
        told = "an EPUB book"
    return UnknownFormat(name, f"is {told}", "unpack it and ingest what is in it" if "zip" in told else _GIVE)


def _old(name: str, data: bytes, named: str) -> UnknownFormat | EncryptedDocument:
    wide = data[: 4 * 2**20] + data[-(2**20) :]
    if "EncryptedPackage".encode("utf-16-le") in wide:
        return EncryptedDocument(name, "is protected by a password", f"save it as {named or 'docx'} without a password")
    for sign, told, better in _OLD:
        if sign.encode("utf-16-le") in wide:
            return UnknownFormat(name, f"is {told}", f"save it as {better}")
    if named in ("docx", "pptx", "xlsx"):
        old = {"docx": ".doc", "pptx": ".ppt", "xlsx": ".xls"}[named]
        return EncryptedDocument(
            name, f"is protected by a password, or an old {old}", f"save it as .{named} without a password"
        )
    return UnknownFormat(name, "is an old Office file", _GIVE)
