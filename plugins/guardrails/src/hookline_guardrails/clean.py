"""What a text says beneath its disguise: one cleaned text, and the texts that are hidden in it.

Nothing here backtracks: every pattern is a plain run of characters, and what is decoded is bounded, so that a hostile
message costs no more time than its length.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import unicodedata
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

import regex

from .words import concepts

# letters that look like Latin ones: the common ones of Unicode's confusables (UTS 39)
_PAIRS = (
    ("аеорсухіјѕԁԛԝһӏтмнквг", "aeopcyxijsdqwhltmhkbr"),
    ("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS"),
    ("αορνικτυεβηγ", "aopviktuebny"),
    ("ΑΒΕΗΙΚΜΝΟΡΤΥΧΖ", "ABEHIKMNOPTYXZ"),
    ("ɡıɩɑ", "giia"),
)
_FOLD = {ord(a): b for odd, plain in _PAIRS for a, b in zip(odd, plain, strict=True)}
_LEET = str.maketrans("013457@$", "oieastas")
_LONG = {0xFDFA: " ", 0xFDFB: " "}  # single characters that NFKC makes phrases of
_INVISIBLE = regex.compile(r"[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u2800\u3164\ufe00-\ufe0f\uffa0]")
_JOINERS = regex.compile(r"(?<=\p{M}|\p{L})[\u200c\u200d](?=\p{L}|\p{M})")
_TAGS = regex.compile(r"[\U000e0020-\U000e007e]+")
_TOKEN = regex.compile(r"\S+")
_LATIN = regex.compile(r"[A-Za-z]")
_OTHER = regex.compile(r"[Ѐ-ӿԀ-ԯͰ-Ͽɐ-ʯ]")
_BETWEEN = regex.compile(r"[ .\-_*|]")
_WIDE = regex.compile(r" {2,}")
_SMALL = (
    "the and of to in is it me my you your all are now with for on at this that be do not as an from was what were told"
)
_SPACED = regex.compile(r"(?<![\p{L}\p{M}])(?:\p{L}[ .\-_*|]{1,3}){4,}\p{L}(?![\p{L}\p{M}])")
_BROKEN = regex.compile(r"(?<=\p{Ll})[-_.*~|](?=\p{Ll})")
_LEETED = regex.compile(r"(?=\S*[A-Za-z])(?=\S*[013457@$])[A-Za-z013457@$]{3,}")
_BASE64 = regex.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = regex.compile(r"(?:[0-9A-Fa-f]{2}[ :,]?){10,}")
_CAMEL = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})")
_BINARY = regex.compile(r"(?:[01]{8}\s?){6,}")
_ENGLISH = regex.compile(
    r"\b(?:the|you|your|all|and|ignore|instructions?|previous|prompt|system|rules|forget|reveal|password|tell|show|"
    r"print|now|pretend|with|above|disregard)\b"
)
_DECODED = 4000  # characters of one hidden text that are looked at
_HIDDEN = 8  # hidden texts that are looked at


def clean(text: str) -> str:
    """The text as a reader sees it: compatibility forms folded, invisible characters gone, look-alike letters of
    another alphabet within a Latin word replaced, letters that stand apart brought together."""
    text = unicodedata.normalize("NFKC", text.translate(_LONG))
    text = _JOINERS.sub("", text) if "\u200d" in text or "\u200c" in text else text
    text = _INVISIBLE.sub("", text)
    if not text.isascii():
        text = _TOKEN.sub(_straighten, text)
    return _SPACED.sub(_join, text)


def _straighten(match: regex.Match[str]) -> str:
    """A word that mixes Latin with letters that only look it."""
    word = match[0]
    if _LATIN.search(word) and _OTHER.search(word):
        return word.translate(_FOLD)
    return word


def _join(match: regex.Match[str]) -> str:
    """Letters that stand apart, as words: a wider gap ends one, and what is known as one is told from the next."""
    return " ".join(_words(_BETWEEN.sub("", word)) for word in _WIDE.split(match[0]))


def _words(run: str) -> str:
    """Words run together, taken apart where they are known ones."""
    if len(run) < 12:
        return run
    low, found, at, begun = run.lower(), [], 0, 0
    while at < len(low):
        known = next((n for n in range(min(14, len(low) - at), 1, -1) if low[at : at + n] in vocabulary()), 0)
        if known:
            if begun < at:
                found.append(run[begun:at])
            found.append(run[at : at + known])
            at += known
            begun = at
        else:
            at += 1
    return " ".join([*found, run[begun:]] if begun < len(run) else found)


@cache
def vocabulary() -> frozenset[str]:
    """English words that attacks are made of."""
    whole, stems = concepts()
    return frozenset(_SMALL.split()) | {word for word in (*whole, *stems) if word.isascii() and len(word) > 2}


def hidden(text: str) -> Iterator[str]:
    """The texts that are written in code within a text (base64, hex, URL, rot13, leetspeak, reversed, invisible tags,
    words run together), at most a few, each bounded in length.  `text` as it came, not cleaned."""
    found = 0
    for candidate in _hidden(text):
        plain = clean(candidate[:_DECODED])
        if plain.strip():
            yield plain
            found += 1
            if found == _HIDDEN:
                return


def _hidden(text: str) -> Iterator[str]:
    for match in _TAGS.finditer(text):
        yield "".join(chr(ord(c) - 0xE0000) for c in match[0])
    head = text[: _DECODED * 4]
    for match in _BASE64.finditer(head):
        plain = _readable(_base64(match[0]))
        if plain:
            yield plain
    for match in _HEX.finditer(head):
        plain = _readable(_bytes(match[0]))
        if plain:
            yield plain
    for match in _BINARY.finditer(head):
        digits = "".join(match[0].split())
        yield _readable(bytes(int(digits[i : i + 8], 2) for i in range(0, len(digits), 8)))
    if "%" in head and (plain := unquote(head)) != head:
        yield plain
    straight = clean(head[:_DECODED])
    if _LEETED.search(straight):
        yield _LEETED.sub(lambda m: m[0].translate(_LEET), straight)
    if _BROKEN.search(straight):
        yield _BROKEN.sub("", straight)
    if _CAMEL.search(straight):
        yield _CAMEL.sub(" ", straight)
    if not _ENGLISH.search(straight.lower()) or "rot" in straight.lower():
        for turned in (codecs.encode(straight, "rot13"), straight[::-1], _each_reversed(straight)):
            if len(_ENGLISH.findall(turned.lower())) >= 2:
                yield turned
    elif "reverse" in straight.lower() or "backward" in straight.lower():
        yield straight[::-1]


def _each_reversed(text: str) -> str:
    return " ".join(word[::-1] for word in text.split())


def _base64(text: str) -> bytes:
    try:
        body = text.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def _bytes(text: str) -> bytes:
    digits = regex.sub(r"[^0-9A-Fa-f]", "", text)
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _readable(data: bytes) -> str:
    """The bytes as text; "" if they are none."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    letters = sum(c.isalpha() or c.isspace() or unicodedata.category(c)[0] == "M" for c in text)
    return text if len(text) >= 6 and letters >= 0.75 * len(text) else ""
