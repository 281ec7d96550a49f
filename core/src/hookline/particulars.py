"""What is known of a person: address, name, number, language; which of it may be, and how it is kept."""

from __future__ import annotations

import re
import unicodedata

from .errors import BadRequest

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PHONE = re.compile(r"[+0-9][0-9 ().-]{2,31}")
_LONGEST_NAME = 200


def storable(text: str) -> str:
    """The text without what no database takes: null characters and halves of characters."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def email_key(email: str) -> str:
    """The address as it is compared: case and compatibility forms of letters make no other address."""
    return unicodedata.normalize("NFKC", storable(email).strip()[:320]).casefold()


def checked_email(email: str) -> str:
    """The address as it is kept; raises `BadRequest` for one that is none."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(email.strip()[:1000], check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError) as error:
        raise BadRequest(f"email: given {email[:80]!r}; {str(error).rstrip('.')}", "email") from None


def checked_name(name: str) -> str:
    """The name as it is kept."""
    text = " ".join(storable(name).split())
    if len(text) > _LONGEST_NAME:
        raise BadRequest(f"name: has {len(text)} characters; at most {_LONGEST_NAME} are allowed", "name")
    return text


def checked_phone(phone: str) -> str:
    """The number as it is kept, in the spelling that was given."""
    text = phone.strip()
    if text and not _PHONE.fullmatch(text):
        raise BadRequest(f"phone: given {text[:60]!r}; allowed: digits, with + and spaces", "phone")
    return text


def checked_language(language: str) -> str:
    """The language tag as it is kept; "" is the tenant's."""
    text = language.strip()
    if text and not _LANGUAGE.fullmatch(text):
        raise BadRequest(f'language: given {text[:40]!r}; allowed: a tag such as "en" or "hi"', "language")
    return text
