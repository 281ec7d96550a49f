"""Numbers that name a person, an account or a vehicle, by the check rules of those who give them out.

Rules: python-stdnum (PAN, Aadhaar's Verhoeff digit, GSTIN, IBAN, Luhn); IFSC as the Reserve Bank of India gives it
(four letters, a nought, six signs); vehicle registrations as in the Central Motor Vehicles Rules (state, district,
series, number; or the BH series).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import regex

from .reading import Found, Reading

PERSONAL = frozenset({"card", "iban", "pan", "aadhaar", "account"})
_STATES = "an|ap|ar|as|br|cg|ch|dd|dl|dn|ga|gj|hp|hr|jh|jk|ka|kl|la|ld|mh|ml|mn|mp|mz|nl|od|or|pb|py|rj|sk|tn|tr|ts|tg|ua|uk|up|wb"
_CARD = regex.compile(r"(?<![\d\-])\d(?:[ -]?\d){12,18}(?![\d])")
_IBAN = regex.compile(r"(?<![\p{L}\d])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?(?![\p{L}\d])")
_PAN = regex.compile(r"(?<![\p{L}\d])[a-z]{3}[abcfghjlpt][a-z]\d{4}[a-z](?![\p{L}\d])")
_AADHAAR = regex.compile(r"(?<![\d\-+])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?![\d])")
_GSTIN = regex.compile(r"(?<![\p{L}\d])\d{2}[a-z]{5}\d{4}[a-z][1-9a-z]z[a-z\d](?![\p{L}\d])")
_IFSC = regex.compile(r"(?<![\p{L}\d])[a-z]{4}0[a-z\d]{6}(?![\p{L}\d])")
_VEHICLE = regex.compile(rf"(?<![\p{{L}}\d])(?:(?:{_STATES})[ -]?\d{{1,2}}[ -]?[a-z]{{1,3}}[ -]?\d{{1,4}}|\d{{2}}[ -]?bh[ -]?\d{{4}}[ -]?[a-z]{{1,2}})(?![\p{{L}}\d])")  # fmt: skip
_VIN = regex.compile(r"(?<![\p{L}\d])(?=[a-z]*\d)[a-hj-npr-z\d]{17}(?![\p{L}\d])")


def find(reading: Reading) -> Iterator[Found]:
    """All numbers whose check is right."""
    text = reading.text
    if not any(map(str.isdigit, text)):
        return
    for kind, (pattern, rank) in _KINDS.items():
        for match in pattern.finditer(text):
            compact = regex.sub(r"[ -]", "", match.group()).upper()
            value, end = compact, match.end()
            if kind == "iban":
                value, end = _longest_iban(match)
            if value and _valid(kind, value):
                yield Found(kind, value, match.start(), end, "", 0.98, rank)


def _longest_iban(match: regex.Match[str]) -> tuple[str, int]:
    """A word after an IBAN may look like its next group: try the longest first."""
    said = match.group()
    while len(said) >= 15:
        if _valid("iban", said.replace(" ", "").upper()):
            return said.replace(" ", "").upper(), match.start() + len(said)
        said = said[: said.rindex(" ")] if " " in said else ""
    return "", match.start()


def _valid(kind: str, value: str) -> bool:
    if kind in {"ifsc", "vehicle_registration"}:
        return kind != "vehicle_registration" or len(value) >= 6
    if kind == "vin":
        return sum(map(str.isdigit, value)) >= 5 and sum(map(str.isalpha, value)) >= 3
    from stdnum import iban, luhn
    from stdnum.in_ import aadhaar, gstin, pan

    if kind == "card":
        return (
            value[0] in "23456" and len(value) in {13, 14, 15, 16, 19} and len(set(value)) > 1 and luhn.is_valid(value)
        )
    checks: Mapping[str, Callable[[str], bool]] = {
        "iban": iban.is_valid,
        "pan": pan.is_valid,
        "aadhaar": aadhaar.is_valid,
        "gstin": gstin.is_valid,
    }
    return checks[kind](value)


_KINDS = {
    "iban": (_IBAN, 92),
    "card": (_CARD, 91),
    "aadhaar": (_AADHAAR, 90),
    "gstin": (_GSTIN, 89),
    "pan": (_PAN, 88),
    "ifsc": (_IFSC, 87),
    "vin": (_VIN, 86),
    "vehicle_registration": (_VEHICLE, 85),
}


def masked(value: str) -> str:
    """The last four signs, and a star for each before: what may be shown of a number that is a secret."""
    return "*" * max(0, len(value) - 4) + value[-4:]
