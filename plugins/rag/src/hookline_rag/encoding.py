"""Bytes to text, whatever the encoding: byte order marks, UTF-8, UTF-16 without a mark, then a guess."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

from .errors import UnknownFormat
from .script import language_of
from .stopwords import STOPWORDS

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65_536
_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "koi8-r")
_DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}charset|<\?xml[^>]{0,100}encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}


def decode(name: str, data: bytes, *, charset: str = "") -> str:
    """The text of a file; `charset` is what its sender says that it is in, believed where it fits.

    Raises `UnknownFormat` where the bytes are no text in any encoding (a picture, a program).
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    sample = data[:_SAMPLE]
    named = _named(charset, data)
    if named is not None:
        return named
    if b"\0" in sample:
        encoding = _utf16(sample)
        if encoding:
            return data.decode(encoding, errors="replace")
        if sample.count(0) * 100 > len(sample):
            raise _binary(name)
        data = data.replace(b"\0", b"")  # a stray one is damage, not another kind of file
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _almost_utf8(data) or _guess(name, data)
    if sum(byte in _CONTROL for byte in sample) > len(sample) // 50:
        raise _binary(name)
    return text


def _named(charset: str, data: bytes) -> str | None:
    """The text in the encoding that was named; None where it is none, or does not fit."""
    try:
        codec = codecs.lookup(charset).name if charset else ""
        if not codec or not getattr(codecs.lookup(codec), "_is_text_encoding", True):
            return None
        if codec in ("iso8859-1", "ascii"):
            # Said for want of better: what is no UTF-8 is what browsers take it for (WHATWG Encoding).
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError:
                codec = "cp1252"
        text = data.decode(codec)
    except (LookupError, ValueError):
        return None
    return None if "\0" in text else text


def _almost_utf8(data: bytes) -> str:
    """UTF-8 with a few broken bytes, as a cut or a bad join leaves; "" where it is something else."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    good = sum(1 for char in text[:_SAMPLE] if char > "\x7f" and char != "\ufffd")
    return text if broken <= 3 + len(text) // 1000 and good > 3 * broken else ""


def declared(data: bytes) -> str:
    """The encoding that a page names itself in its first bytes (WHATWG HTML, 13.2.3.2); "" where it names none."""
    match = _DECLARED.search(data[:4096])
    return match.group(1).decode("ascii", "replace") if match else ""


def _utf16(sample: bytes) -> str:
    """UTF-16 without a mark, told by where the zero bytes of Latin letters and spaces are."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 4 * max(1, even) and odd > len(sample) // 40:
        return "utf-16-le"
    if even > 4 * max(1, odd) and even > len(sample) // 40:
        return "utf-16-be"
    return ""


def _guess(name: str, data: bytes) -> str:
    """The encoding in which the text has the most common words of some language; without any, a statistical guess."""
    best, most = "", 0
    for encoding in _ENCODINGS:
        try:
            text = data[:_SAMPLE].decode(encoding)
        except UnicodeDecodeError:
            continue
        language = language_of(text)
        common = STOPWORDS[language][1] if language in STOPWORDS else {}
        hits = sum(word in common for word in text.casefold().split() if not word.isascii())
        if language and hits > most:
            best, most = encoding, hits
    if not best:
        guess = charset_normalizer.from_bytes(data[:_SAMPLE]).best()
        if guess is None:
            if sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in data[:_SAMPLE]) < len(data[:_SAMPLE]) * 0.7:
                raise _binary(name)
            return data.decode("utf-8", errors="replace")  # a text with damage: what is lost of it is counted
        best = guess.encoding
    return data.decode(best, errors="replace")


def _binary(name: str) -> UnknownFormat:
    return UnknownFormat(name, "is no text file", "give it as txt, md, html, pdf, docx, pptx, xlsx, csv, json or eml")
