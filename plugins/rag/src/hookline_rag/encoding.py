"""Bytes to text, whatever the encoding: byte order marks, UTF-8, UTF-16 without a mark, then a guess."""

from __future__ import annotations

import codecs

import charset_normalizer

from .errors import UnknownFormat
from .script import is_stopword, language_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65_536
_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "koi8-r")
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}


def decode(name: str, data: bytes) -> str:
    """The text of a file.

    Raises `UnknownFormat` where the bytes are no text in any encoding (a picture, a program).
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    sample = data[:_SAMPLE]
    if b"\0" in sample:
        encoding = _utf16(sample)
        if encoding:
            return data.decode(encoding, errors="replace")
        raise _binary(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(name, data)
    if sum(byte in _CONTROL for byte in sample) > len(sample) // 50:
        raise _binary(name)
    return text


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
        hits = sum(is_stopword(word, language) for word in text.casefold().split() if not word.isascii())
        if language and hits > most:
            best, most = encoding, hits
    if not best:
        guess = charset_normalizer.from_bytes(data[:_SAMPLE]).best()
        if guess is None:
            raise _binary(name)
        best = guess.encoding
    return data.decode(best, errors="replace")


def _binary(name: str) -> UnknownFormat:
    return UnknownFormat(name, "is no text file", "give it as txt, md, html, pdf, docx, csv or json")
