"""What a message says to somebody who waits for a code or a customer number: the code, the claim, or a wish.

Digits are read in any script.  A code may be written in groups and stand in a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

import attrs

from .spelling import spelled
from .wishes import ABOUT_CODES, WISHES

Wish = Literal["", "resend", "cancel", "logout", "yes", "no", "help"]
MASK = "••••••"

_DIGITS = 6
_RUN = re.compile(r"\d(?:[ .\-–\u00a0]?\d)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’`][^\W\d_]+)*", re.UNICODE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]*")
_LONGEST_WISH = 9  # words: in more of them somebody says something else
_BESIDE_CLAIM = 9
_LONGEST_CLAIM = 64
_MOST_CLAIMS = 3
_LOOKED_AT = 1000  # characters: who says who they are needs far fewer
_QUESTIONS = ("?", "؟", "？")


@attrs.frozen
class Reading:
    """What was found: `code` of six digits, or `almost` one (too short, too long); `masked` is the text without them."""

    code: str = ""
    almost: bool = False
    wish: Wish = ""
    masked: str = ""


def plain(text: str) -> str:
    """The text in one form: compatibility characters as usual ones, digits of any script as 0-9."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in folded)


def read(text: str) -> Reading:
    """Read a message of somebody from whom a code is expected."""
    told = plain(text)
    runs = [(m.start(), m.end(), re.sub(r"\D", "", m[0])) for m in _RUN.finditer(told)]
    words = [word.lower() for word in _WORD.findall(told)]
    exact = [digits for _, _, digits in runs if len(digits) == _DIGITS]
    exact += [one for _, _, digits in runs if len(digits) > _DIGITS for one in _alone(told)]
    about = any(word in ABOUT_CODES for word in words)
    asks = told.rstrip().endswith(_QUESTIONS) and not about
    code = exact[-1] if exact else ""  # whatever stands around it: it must be stored nowhere
    near = [digits for _, _, digits in runs if 4 <= len(digits) <= 8]
    almost = not code and bool(near) and (about or len(words) <= 1) and not asks
    return Reading(code, almost, wish_of(told), masked(text) if code or almost else "")


def _alone(told: str) -> list[str]:
    return re.findall(rf"(?<!\d)\d{{{_DIGITS}}}(?!\d)", told)


def masked(text: str) -> str:
    """The text with all its digits hidden."""
    return re.sub(r"\d(?:[ .\-–\u00a0]?\d)*", MASK, unicodedata.normalize("NFKC", text))


def hides(text: str) -> bool:
    """Whether the text may hold a code, or most of one: it is then not stored as it is while one is expected."""
    return any(4 <= len(re.sub(r"\D", "", run)) <= 9 for run in _RUN.findall(plain(text)))


def wish_of(text: str) -> Wish:
    """What the customer wants instead of giving a code: another one, to stop, to be signed out; "" for anything else."""
    words = _folded(text)
    if not words or len(words) > _LONGEST_WISH:
        return ""
    told = f" {' '.join(words)} "
    for wish, phrases in _FOLDED.items():
        for phrase, alone in phrases:
            if (told == f" {phrase} ") if alone else (f" {phrase} " in told):
                return wish
    return ""


def asks_for_code(text: str) -> bool:
    """Whether somebody from whom nothing is expected wants a code: "send me the OTP"."""
    words = set(_folded(text))
    return len(words) <= _LONGEST_WISH and bool(words & _CODES) and (len(words) == 1 or wish_of(text) == "resend")


def _folded(text: str) -> list[str]:
    """The words in lower case, without Latin accents and apostrophes; other scripts keep their marks."""
    lowered = plain(text).lower().replace("’", "'").replace("'", "").replace("`", "")
    kept: list[str] = []
    for c in unicodedata.normalize("NFD", lowered):
        if unicodedata.combining(c) and kept and (kept[-1].isascii()):
            continue
        kept.append(c)
    text = unicodedata.normalize("NFC", "".join(kept))
    return "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text).split()


_FOLDED: dict[Wish, list[tuple[str, bool]]] = {
    wish: [(" ".join(_folded(one.strip("="))), one.startswith("=")) for one in phrases]
    for wish, phrases in WISHES.items()
}


_CODES = {" ".join(_folded(word)) for word in ABOUT_CODES} - {
    "number",
    "password",
    "passcode",
    "pin",
    "mot",
    "chiffres",
}


def claims(text: str, pattern: str) -> Sequence[str]:
    """What in the message may say who the customer is, the likeliest first: customer numbers, e-mails, phone numbers.

    With a `pattern` numbers of that form count wherever they stand; others only in short messages that ask nothing.
    """
    told = plain(text[:_LOOKED_AT])
    found: list[str] = []
    if pattern:
        grouped, joined = (re.sub(rf"(?<=\w)[ \-](?={digits})", "", told) for digits in (r"\d{3}", r"\d"))
        for form in (grouped, told, joined):  # "C001 234" is one number, "C001 2" hardly
            found += [m[0] for m in re.finditer(rf"(?<![\w])(?:{pattern})(?![\w])", form, re.IGNORECASE)]
        known = {one.upper() for one in found}
        found += [one for one in spelled(told) if re.fullmatch(pattern, one, re.IGNORECASE) and one not in known]
    found += _MAIL.findall(told)
    phones = re.findall(r"\+?\d(?:[ .\-()]{0,2}\d){7,14}", told)
    found += [re.sub(r"[^\d+]", "", one) for one in phones]
    words = _WORD.findall(told)
    if not pattern and len(words) <= _BESIDE_CLAIM and not told.rstrip().endswith(_QUESTIONS):
        found += [one for one in _TOKEN.findall(told) if sum(c.isdigit() for c in one) >= 3]
    return list(dict.fromkeys(one[:_LONGEST_CLAIM] for one in found))[:_MOST_CLAIMS]
