"""What the readers of Office files share: whether the package can be opened without harm."""

from __future__ import annotations

import io
import zipfile

from .errors import BrokenDocument, DocumentTooLarge, EncryptedDocument

AGAIN = "open it, save it again, and ingest that"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_UNPACKED = 300 * 2**20
_MOST_PARTS = 20_000
_TEXT_MOST = 120 * 2**20  # of XML, which takes many times its size in memory
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def check_package(name: str, data: bytes, what: str, old: str, new: str) -> zipfile.ZipFile:
    """The zip archive that an Office file is; its parts are known to unpack to no more than can be borne.

    `what` names the kind ("Word document"), `old` the suffix of the format before it, `new` this one's.  Raises
    `EncryptedDocument`, `DocumentTooLarge`, `BrokenDocument`.
    """
    if data.startswith(OLE[:6]):
        if _ENCRYPTED_PACKAGE in data:
            raise EncryptedDocument(name, "is protected by a password", f"save it as {new} without a password")
        raise EncryptedDocument(
            name, f"is protected by a password, or an old {old}", f"save it as {new} without a password"
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, IndexError) as error:
        raise BrokenDocument(name, f"is no readable {what} ({type(error).__name__})", AGAIN) from None
    unpacked = sum(part.file_size for part in parts)
    text = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if unpacked > _MOST_UNPACKED or text > _TEXT_MOST:
        size = max(unpacked, text) // 2**20
        raise DocumentTooLarge(name, f"unpacks to {size} MB", "split it, or remove its pictures")
    if len(parts) > _MOST_PARTS:
        raise DocumentTooLarge(name, f"has {len(parts):,} parts in it", "split it")
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedDocument(name, "is protected by a password", f"save it as {new} without a password")
    return archive
