"""What must not be in a reply: the prompts behind it, secrets, abuse, and what nobody gave it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources

import regex

from .clean import clean, hidden

RUN = 9  # words in a row that are the prompt's own and in no passage: the prompt has leaked
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_KEYS = regex.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
    r"|\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{20,200}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,100}|\bgithub_pat_[A-Za-z0-9_]{30,120}"
    r"|\bxox[abpors]-[A-Za-z0-9-]{10,120}"
    r"|\bAIza[A-Za-z0-9_-]{35}"
    r"|\beyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,500}"
)
_ASSIGNED = regex.compile(
    r"(?i)\b(?:api[ _-]?key|secret[ _-]?key|access[ _-]?token|client[ _-]?secret|password|passwd)\b"
    r"\s{0,3}(?:is|=|:)\s{0,3}[\"'`]?(?=[^\s\"'`]{0,40}\d)[^\s\"'`]{8,200}"
)
_DIGITS = regex.compile(r"(?<![\p{N}.,])\d(?:[ \-]?\d){8,18}(?![\p{N}])")
_EMAIL = regex.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}")
_IBAN = regex.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_PAN = regex.compile(r"\b[A-Z]{5}\d{4}[A-Z]\b")
_NUMBER = r"\p{Nd}[\p{Nd}.,\u00a0\u202f']{0,20}"
_CURRENCY = (
    r"(?:[$€£¥₹₨₩₽₫]|(?:rs|inr|usd|eur|gbp|aed|idr|rp|sar|chf)\b\.?|rupees?\b|dollars?\b|euros?\b|pounds?\b"
    r"|रुपये|रुपए|रुपया|रु\.?|रूपये|ரூபாய்|ரூ\.?|రూపాయలు|రూపాయల|రూ\.?|ರೂಪಾಯಿ|ರೂ\.?|રૂપિયા|રૂ\.?|ريال|درهم|دولار)"
)
_AMOUNT = regex.compile(
    rf"(?i)(?:{_CURRENCY}\s?(?P<a>{_NUMBER})|(?P<b>{_NUMBER})\s?(?:{_CURRENCY}|%|percent\b|per cent\b))"
)


@cache
def abusive() -> frozenset[str]:
    """The words that no reply may hold, in all languages (`output.json`)."""
    table = json.loads(resources.files(__package__).joinpath("output.json").read_text(encoding="utf-8"))
    return frozenset(word for words in table.values() for word in words.split())


def words(text: str) -> list[str]:
    """The words of a text in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


class Prompts:
    """Texts that are meant for the model alone, and how to know them again in a reply."""

    def __init__(self, texts: Iterable[str], keep_secret: Sequence[str] = ()) -> None:
        self._runs = {run for text in texts for run in _runs(text)}
        self._secret = [" ".join(words(text)) or text.lower() for text in keep_secret]

    def leaks(self, text: str, given: str) -> bool:
        """Whether the reply holds what only the prompts have; `given` is what it may hold: passages and message."""
        for version in (text, *hidden(text)):
            plain = clean(version)
            flat = f" {' '.join(words(plain))} "
            if any(f" {secret} " in flat or secret in plain.lower() for secret in self._secret):
                return True
            found = self._runs.intersection(_runs(plain))
            if found and not found <= set(_runs(given)):
                return True
        return False


def _runs(text: str) -> Iterator[str]:
    said = words(text)
    return (" ".join(said[i : i + RUN]) for i in range(len(said) - RUN + 1))


def has_abuse(text: str, given: str) -> bool:
    """Whether the reply holds a word of abuse that the passages do not."""
    found = abusive().intersection(words(clean(text)))
    return bool(found) and not found <= set(words(given))


def has_secret(text: str, given: str) -> bool:
    """Whether the reply holds a key, a password, a card's or an account's number that it was not given."""
    plain = clean(text)
    for pattern in (_KEYS, _ASSIGNED):
        if any(match[0] not in given for match in pattern.finditer(plain)):
            return True
    known = _only_digits(given)
    for match in _DIGITS.finditer(plain):
        digits = _only_digits(match[0])
        if 13 <= len(digits) <= 19 and _luhn(digits) and digits not in known:
            return True
    for match in _IBAN.finditer(plain):
        number = match[0].replace(" ", "")
        if _mod97(number) and number not in given.replace(" ", ""):
            return True
    return False


def invented_personal(text: str, given: str) -> bool:
    """Whether the reply names an e-mail address, phone or identity number that it was not given."""
    plain, low = clean(text), given.lower()
    if any(match[0].lower() not in low for match in _EMAIL.finditer(plain)):
        return True
    if any(match[0] not in given for match in _PAN.finditer(plain)):
        return True
    known = _only_digits(given)
    return any(_only_digits(match[0]) not in known for match in _DIGITS.finditer(plain))


def invented_figures(text: str, given: str) -> bool:
    """Whether the reply names an amount of money or a percentage whose number it was not given."""
    known = {_value(number) for number in regex.findall(_NUMBER, clean(given))}
    return any(_value(match["a"] or match["b"]) not in known for match in _AMOUNT.finditer(clean(text)))


def _only_digits(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())


def _value(number: str) -> str:
    """A number without what separates its thousands, however it is written: 1,299.00, 1.299,00 and 1 299 are one."""
    number = "".join(str(int(c)) if c.isdecimal() else c for c in number).rstrip(".,' \u00a0\u202f")
    tail = regex.search(r"[.,](\d{1,2})$", number)
    whole = number[: tail.start()] if tail else number
    cents = tail[1].rstrip("0") if tail else ""
    digits = "".join(c for c in whole if c.isdigit()).lstrip("0") or "0"
    return f"{digits}.{cents}" if cents else digits


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def _mod97(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
