"""Files that people send: their type found out from their bytes, kept in a tenant's folder, linked to by signed addresses.

A file is stored under an id that we make; what its sender called it is never a path.  `Seal` is where encryption at
rest goes in (`sealing`): it gets every file on its way to the disk and back.  With several machines the data folder has to be one
that all of them see.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import attrs

from .errors import BadRequest, HooklineError
from .ledger import new_id

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_INLINE = re.compile(r"image/(?:png|jpeg|gif|webp)|audio/[\w.+-]+|video/(?:mp4|webm)|application/pdf")
_UNNAMED = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|script|svg|\?xml|iframe|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = 4096
UNKNOWN = "application/octet-stream"


class MediaRefused(BadRequest):
    """A file is too large, empty, or of a type that is not taken; the text says what is."""


class MediaMissing(HooklineError):
    """The file is not in the tenant's folder any more."""


class Seal(Protocol):
    """What a file passes on its way to the disk and back; `about` (tenant and id) is bound to it."""

    def seal(self, data: bytes, about: str) -> bytes:
        """As it is written."""

    def open(self, data: bytes, about: str) -> bytes:
        """As it was given to `seal`."""


class Plain:
    """The seal that changes nothing."""

    def seal(self, data: bytes, about: str) -> bytes:
        """As it is."""
        del about
        return data

    def open(self, data: bytes, about: str) -> bytes:
        """As it is."""
        del about
        return data


@attrs.frozen
class Medium:
    """A stored file: `name` is safe to show and to save under, `media_type` what its bytes say, `size` in bytes."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str


def sniff(data: bytes, name: str = "") -> str:
    """The media type that the bytes say; the name only tells a table from other plain text.

    `application/octet-stream` for what nothing is known of.
    """
    import puremagic  # reads its tables when it is first needed

    if _MARKUP.match(data[:_HEAD]):
        return "image/svg+xml" if b"<svg" in data[:_HEAD].lower() else "text/html"
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    try:
        found = str(puremagic.from_string(data[: _HEAD * 4], mime=True))
    except (puremagic.PureError, ValueError):
        found = ""
    if found and not found.startswith("text/"):
        return "audio/mpeg" if found == "audio/mp3" else _ogg(data) if found == "application/ogg" else found
    if found == "text/html":
        return found
    if data[:3] == b"ID3":
        return "audio/mpeg"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return UNKNOWN
    if any(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in text):
        return UNKNOWN
    return "text/csv" if name.lower().endswith(".csv") else "text/plain"


def _ogg(data: bytes) -> str:
    return "video/ogg" if b"theora" in data[:512] else "audio/ogg"


def _zipped(data: bytes) -> str:
    """An office document only where its parts are inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "application/zip"
    if "[Content_Types].xml" in names and not any(name.endswith("vbaProject.bin") for name in names):
        for begin, kind in _OFFICE.items():
            if any(name.startswith(begin) for name in names):
                return kind
    return "application/zip"


def check(data: bytes, media_type: str, *, most: int, types: Iterable[str]) -> None:
    """Refuse what is empty, too large or of a type that is not among `types` ("image/*" is a family)."""
    allowed = tuple(types)
    if not data:
        raise MediaRefused("file: it is empty", "file")
    if len(data) > most:
        raise MediaRefused(f"file: it has {len(data)} bytes; at most {most} are allowed", "file")
    family = media_type.partition("/")[0] + "/*"
    if media_type not in allowed and family not in allowed:
        raise MediaRefused(f"file: its content is {media_type}; allowed: {', '.join(allowed)}", "file")


def safe_name(name: str) -> str:
    """The last part of the name without what a file system or a header may stumble over; "file" if nothing is left."""
    told = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    told = "".join(letter for letter in told if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co"))
    told = " ".join(_UNNAMED.sub("_", told).split()).strip(". ")
    stem, dot, ending = told.rpartition(".")
    if dot and len(ending) <= 10:
        told = f"{stem[:100]}.{ending}"
    return told[:120] or "file"


def headers(name: str, media_type: str, *, download: bool = False) -> dict[str, str]:
    """The headers of an answer with a file: shown in the page only where that can do no harm, never run as a page."""
    from aiohttp.helpers import content_disposition_header

    kind = "inline" if _INLINE.fullmatch(media_type) and not download else "attachment"
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return {
        "Content-Type": ("text/plain" if media_type in ("text/html", "image/svg+xml") else media_type) + charset,
        "Content-Disposition": content_disposition_header(kind, filename=safe_name(name)),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-site",
    }


class MediaFolder:
    """The files of one tenant in a folder; its methods block, so call them by `tenant.compute.run`."""

    def __init__(self, root: Path, tenant: str, seal: Seal | None = None) -> None:
        self.root = root
        self.tenant = tenant
        self._seal = seal or Plain()

    def put(self, data: bytes, name: str, media_type: str) -> Medium:
        """Store the file, durably; it is there whole or not at all."""
        medium = Medium(new_id(), safe_name(name), media_type, len(data), hashlib.sha256(data).hexdigest())
        path = self._path(medium.id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_suffix(".new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(self._seal.seal(data, self._about(medium.id)))
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(path)
        return medium

    def get(self, ident: str) -> bytes:
        """The file's bytes; raises `MediaMissing`."""
        try:
            return self._seal.open(self._path(ident).read_bytes(), self._about(ident))
        except FileNotFoundError:
            raise MediaMissing(f"tenant {self.tenant!r} has no file {ident!r} in {self.root}") from None

    def remove(self, ident: str) -> bool:
        """Remove the file; whether it was there."""
        try:
            self._path(ident).unlink()
        except FileNotFoundError:
            return False
        return True

    def _about(self, ident: str) -> str:
        return f"{self.tenant} {ident}"

    def _path(self, ident: str) -> Path:
        if not _ID.fullmatch(ident):
            raise MediaMissing(f"{ident[:60]!r} is no id of a file")
        return self.root / ident[-2:] / ident


def sign(key: str, ident: str, until: int) -> str:
    """The signature of a link to a file that works until then (seconds since the epoch)."""
    return hmac.new(key.encode(), f"media {ident} {until}".encode(), hashlib.sha256).hexdigest()[:40]


def signed(key: str, ident: str, until: str, signature: str, now: float) -> bool:
    """Whether the link is ours, and still works."""
    if not (until.isascii() and until.isdigit() and len(until) <= 12):
        return False
    good = hmac.compare_digest(sign(key, ident, int(until)).encode(), signature.encode("utf-8", "replace"))
    return good and now < int(until)
