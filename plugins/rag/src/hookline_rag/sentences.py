"""Where sentences begin and end, in any script, with exact code point spans.

A sentence ends at ! ? … or a full stop of some script (. । ॥ 。 ؟ ۔ ። ။ …) or at a line's end.  An ASCII full stop
is none after an abbreviation or an initial, inside a number or a name (3.5, example.com), or before a small letter.
"""

from __future__ import annotations

import re

import regex

_CLOSERS = "\"'”’»›)\\]}」』】）"
_END = re.compile(
    rf"(?P<plain>[.!?…]+)(?P<close>[{_CLOSERS}]*)(?=\s|$)"
    rf"|(?P<full>[。！？｡．]+)[{_CLOSERS}]*"
    rf"|(?P<other>[।॥؟۔።፧။៕։།]+)[{_CLOSERS}]*"
    r"|(?P<line>\n+)"
)
_LAST_WORD = regex.compile(r"[\p{L}\p{M}\p{N}.]+$")
_LAST_ASCII = re.compile(r"[A-Za-z0-9.]+$")  # the same, for what is most common and some times as fast
_WORD = regex.compile(r"\s*([\p{L}\p{M}]+)")
_ENUMERATED = regex.compile(r"^\s*(?:\(?[\p{N}]{1,3}|\(?[a-zA-Z]|[ivxIVX]{1,5})$")
_LONGEST_ENUMERATION = 5
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st sr jr vs etc inc ltd co corp dept est fig no nos vol pp approx min max tel ext
    e.g i.e eg ie cf al jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
    m mme mlle mm env ex art p av bd c.-à-d z.b bzw ca d.h evtl ggf inkl nr str u.a usw vgl
    sra dra ud uds ej pág núm sig dott ing ecc es rs u.s u.k a.m p.m abs ziff geb tél réf chap éd
    डॉ श्री रु रू कि.मी सं क्र पं प्रा सौ मो दि ரூ திரு டாக்டர் రూ డా శ్రీ ರೂ ಡಾ ಶ್ರೀ રૂ ડૉ શ્રી ডা মো শ্রী د أ م ص
    కి మీ కి.మీ సెం చ చ.కి.మీ கி மீ கி.மீ ಕಿ ಮೀ ಕಿ.ಮೀ કિ મી કિ.મી কি মি কি.মি कि कि.मी""".split()
)
_MONTHS = frozenset(
    """januar februar märz april mai juni juli august september oktober november dezember jänner jan feb mär apr jun jul
    aug sep okt nov dez januari februari maart mei augustus leden února března dubna května června července srpna září
    října listopadu prosince januára""".split()
)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The spans of the sentences in `text[start:end]`, without the whitespace around them."""
    end = len(text) if end is None else end
    found: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, end):
        if match.start() < begin:
            continue
        if match.group("plain") is not None and not _ends(text, begin, match, end):
            continue
        stop = match.start() if match.group("line") is not None else match.end()
        _keep(text, begin, stop, found)
        begin = match.end()
    _keep(text, begin, end, found)
    return found


def _keep(text: str, start: int, end: int, found: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def _ends(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether an ASCII mark really ends the sentence that began at `begin`."""
    if match.group("plain") != ".":
        # "Really?" she asked: a small letter after the quote goes on.
        return not (match.group("close") and _next(text, match.end(), end).islower())
    following = _next(text, match.end(), end)
    if following.islower():
        return False
    before = text[max(begin, match.start() - 24) : match.start()]
    said = text[begin : match.start()]
    length = len(said.strip())
    if not length or (length <= _LONGEST_ENUMERATION and _ENUMERATED.match(said)):
        return False
    word = (_LAST_ASCII if before.isascii() else _LAST_WORD).search(before)
    if word is None:
        return True
    last = word.group().casefold()
    if last.isdecimal() and len(last) <= 2 and _word(text, match.end(), end).casefold() in _MONTHS:
        return False  # "am 3. Mai"
    if last in _ABBREVIATIONS:
        # "No." and "approx." go on before a number or a name; "etc." and "p.m." may end.
        return last in ("etc", "a.m", "p.m", "inc", "ltd", "no", "co", "usw", "ecc", "min", "max") and not (
            following.isdigit() or (last in ("co", "inc", "ltd") and not following.isupper())
        )
    return not (len(word.group()) == 1 and word.group().isupper() and following.isupper())


def _word(text: str, at: int, end: int) -> str:
    found = _WORD.match(text, at, end)
    return found.group(1) if found else ""


def _next(text: str, at: int, end: int) -> str:
    while at < end and (text[at].isspace() or text[at] in _CLOSERS or text[at] in "“‘«(["):
        at += 1
    return text[at] if at < end else ""
