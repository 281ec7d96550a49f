"""E-mail addresses and phone numbers in the one form by which a person is found again."""

from __future__ import annotations

import functools
import re

import phonenumbers

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
_DIGITS = re.compile(r"\d")


def email_of(text: str) -> str:
    """In small letters, without blanks; "" if it is none."""
    told = text.strip().lower()
    return told if len(told) <= 254 and _EMAIL.fullmatch(told) else ""


@functools.lru_cache(maxsize=4096)
def phone_of(text: str, region: str = "") -> str:
    """`+` and digits (E.164); "" if it can be none.

    A number without its country's code is one of `region`; where there is none, its digits alone are kept, so that it
    is still found by itself.
    """
    told = text.strip()
    try:
        found = phonenumbers.parse(told, region or None)
    except phonenumbers.NumberParseException:
        digits = "".join(_DIGITS.findall(told))
        return digits if 7 <= len(digits) <= 15 else ""
    if not phonenumbers.is_possible_number(found):
        return ""
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def split_name(name: str) -> tuple[str, str]:
    """First and last name; the last word is the last name, and a single word is one."""
    first, _, last = name.strip().rpartition(" ")
    return first.strip(), last
