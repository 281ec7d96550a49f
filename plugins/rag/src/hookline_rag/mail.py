"""Mails (eml) to outlines: who wrote when about what, the body as text, and attachments as documents of their own."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.message import EmailMessage
from typing import Any

import attrs

from .encoding import decode
from .errors import BrokenDocument, DocumentError
from .markup import read_html
from .outline import Outline, Writer
from .plain import write_text

_HEADERS = ("From", "To", "Cc", "Date")
_MOST_ATTACHMENTS = 200
_DEEPEST = 5

Read = Callable[[str, bytes], list[Outline]]


def read_eml(name: str, data: bytes, read: Read) -> list[Outline]:
    """The mail, then the documents in its attachments, which `read` reads; what of them can't be read is noted.

    Raises `BrokenDocument` where there are no headers of a mail.
    """
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
    except (MessageError, ValueError, LookupError, IndexError, AttributeError, TypeError, RecursionError) as error:
        raise BrokenDocument(name, f"is no readable mail ({type(error).__name__})", "save it again as .eml") from None
    if not any(_header(message, one) for one in ("From", "Subject", "Date", "To", "Received", "MIME-Version")):
        raise BrokenDocument(name, "has none of the headers of a mail", "save it again as .eml")
    return _documents(name, message, read, 0)


def _header(message: Any, name: str) -> str:
    """A header's words; a broken one gives what can be read of it."""
    try:
        value = message.get(name)
        return " ".join(str(value).split()) if value is not None else ""
    except (MessageError, ValueError, LookupError, IndexError, AttributeError, TypeError):
        told = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return " ".join(str(told).encode("utf-8", "replace").decode().split())


def _documents(name: str, message: EmailMessage, read: Read, depth: int) -> list[Outline]:
    writer = Writer()
    told = {one: words for one in _HEADERS if (words := _header(message, one))}
    subject = _header(message, "Subject")
    writer.add("heading", subject, level=1)
    if told:
        writer.row(told.keys(), told.values())
    parts = list(_parts(message))
    bodies, attached = [one for one in parts if not _is_attached(one)], [one for one in parts if _is_attached(one)]
    _write_bodies(name, message, bodies, writer)
    found: list[Outline] = []
    for at, part in enumerate(attached, start=1):
        if at > _MOST_ATTACHMENTS:
            writer.note(f"has {len(attached)} attachments; those after the first {_MOST_ATTACHMENTS} are left out")
            break
        if part.get_content_maintype() == "image" and part.get("Content-ID"):
            continue  # a picture of the body: a logo, a signature
        try:
            found += _attachment(name, part, read, depth, at)
        except DocumentError as error:
            writer.note(f"attachment {error}")
    meta = {key.lower(): words for key, words in told.items()}
    return [writer.outline(subject, meta), *[_tied(one, subject) for one in found]]


def _tied(outline: Outline, subject: str) -> Outline:
    return attrs.evolve(outline, meta={**outline.meta, "attached_to": subject} if subject else outline.meta)


def _parts(message: Any) -> Iterator[Any]:
    """The leaves of a mail, a mail within it being one; iterative, for hostile nesting."""
    stack = [message]
    while stack:
        part = stack.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            stack.extend(reversed(part.get_payload()))
        else:
            yield part


def _is_attached(part: Any) -> bool:
    try:
        if part.get_content_disposition() == "attachment" or part.get_content_type() == "message/rfc822":
            return True
        return part.get_content_maintype() != "text" or bool(part.get_filename())
    except (ValueError, LookupError, IndexError, AttributeError, TypeError, MessageError):
        return True


def _bytes(part: Any) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, AttributeError, TypeError):
        return b""
    return data if isinstance(data, bytes) else b""


def _text(name: str, part: Any) -> str:
    try:
        charset = str(part.get_content_charset() or "")
    except (ValueError, LookupError, IndexError, AttributeError, TypeError, MessageError):
        charset = ""
    return decode(name, _bytes(part), charset=charset)


def _write_bodies(name: str, message: Any, bodies: list[Any], writer: Writer) -> None:
    """Of alternatives the html, which has the structure, unless there is no more in it than a link to look elsewhere."""
    plain = [part for part in bodies if part.get_content_type() != "text/html"]
    marked = [part for part in bodies if part.get_content_type() == "text/html"]
    alternative = any(part.get_content_type() == "multipart/alternative" for part in _walk(message))
    words = "\n\n".join(filter(None, (_safely(name, part, writer) for part in plain)))
    html = [outline for part in marked for outline in _html(name, _safely(name, part, writer))]
    size = sum(len(outline.text) for outline in html)
    if html and size and (not alternative or size * 2 >= len(words)):
        for outline in html:
            writer.extend(outline)
        if alternative:
            return
    if words:
        write_text(writer, words)


def _walk(message: Any) -> Iterator[Any]:
    stack = [message]
    while stack:
        part = stack.pop()
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            stack.extend(part.get_payload())


def _safely(name: str, part: Any, writer: Writer) -> str:
    try:
        return _text(name, part)
    except DocumentError as error:
        writer.note(f"a part of the mail can't be read ({error.reason})")
        return ""


def _html(name: str, text: str) -> list[Outline]:
    try:
        return read_html(name, text) if text.strip() else []
    except DocumentError:
        return []


def _attachment(name: str, part: Any, read: Read, depth: int, at: int) -> list[Outline]:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        if depth >= _DEEPEST or not isinstance(inner, list) or not inner:
            raise BrokenDocument(f"mail {at}", "is within too many others", "save it by itself")
        return _documents(name, inner[0], read, depth + 1)
    try:
        told = str(part.get_filename() or "")
    except (ValueError, LookupError, IndexError, AttributeError, TypeError, MessageError):
        told = ""
    return read(" ".join(told.split()) or f"attachment {at}", _bytes(part))
