"""Ways to reach somebody: telephone numbers, e-mail and web addresses, postcodes, payment addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import regex

from .reading import Found, Reading

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_EMAIL = regex.compile(
    r"(?<![\w.+%-])(?P<local>[\w+%-]{1,64}(?:\.[\w+%-]{1,64}){0,8})@(?P<host>(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,6}\p{L}{2,24})(?![\w@])"
)
_UPI = regex.compile(
    r"(?<![\w.+%-])[a-z0-9._-]{2,60}@(?:ok(?:axis|sbi|icici|hdfcbank)|ybl|ibl|axl|paytm|upi|apl|ptyes|ptaxis|pthdfc|ptsbi|sbi|axisbank|icici|hdfcbank|yapl|"
    r"waicici|wahdfcbank|waaxis|wasbi|freecharge|airtel|kotak|fbl|jupiteraxis|timecosmos)(?![\w.@])"
)
_URL = regex.compile(
    r"(?<![\w@/.-])(?:https?://[^\s<>\"']{3,2000}|www\.[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?:/[^\s<>\"']{0,2000})?"
    r"|(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,4}(?:com(?:\.[a-z]{2})?|org|net|ly|in|co\.in|fr|sn|io|gov\.in|edu|info|biz|app|dev|ai|co|co\.uk|de|gov|io|me|xyz|shop|online|site|tech)(?:/[^\s<>\"']{0,2000})?(?![\w@.-]))"
)
_CALLED = regex.compile(
    r"(?<![\w.,₹$€£/])(?:\(?\+|00)?\(?\d(?:[\s().\-/]{0,2}\d){5,17}(?![\p{L}\d%]|[.,]\d|\s?(?:rs|inr|rupees|fcfa|cfa|xof|f(?:rancs?)?\b|₹|€|\$))"
)
_ID_CUES = set(
    "id order transaction txn utr ref reference policy account acct invoice ticket application loan otp complaint request booking imei awb tracking "
    "compte commande dossier facture contrat khata खाता ऑर्डर".split()
)
_PHONE_CUES = set("phone mobile call whatsapp contact cell tel telephone portable numero फोन मोबाइल फ़ोन".split())
_PIN_CUES = {
    "pin",
    "pincode",
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "पिन",
    "पिनकोड",
    "પિન",
    "பின்",
    "పిన్",
    "ಪಿನ್",
    "code",
}


def find(reading: Reading, region: str) -> Iterator[Found]:
    """All of them; a telephone number without a country code is one of `region`."""
    text = reading.text
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Found("email", match.group(), *match.span(), "", 0.99, 95)
        for match in _UPI.finditer(text):
            yield Found("upi", match.group(), *match.span(), "", 0.95, 94)
    if "." in text:
        for match in _URL.finditer(text):
            found = match.group().rstrip(".,;:!?)]}»'")
            if found.startswith(("http", "www.")) or "." in found:
                yield Found("url", found, match.start(), match.start() + len(found), "", 0.95, 93)
    yield from _phones(reading, region)
    yield from _pins(reading, region)


def _phones(reading: Reading, region: str) -> Iterator[Found]:
    candidates = list(_CALLED.finditer(reading.text)) if sum(map(str.isdigit, reading.text)) >= 7 else []
    if not candidates:
        return
    import phonenumbers

    for match in candidates[:50]:
        said = match.group().strip()
        figures = sum(map(str.isdigit, said))
        if not 7 <= figures <= 17 or regex.fullmatch(
            r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", said
        ):
            continue
        near = set(reading.before(reading.place(match.start()), 4))
        if near & _ID_CUES and not near & _PHONE_CUES and "+" not in said:
            continue  # the number of an order or an account may look like one
        number = _parse(said, region)
        if number is None:
            continue
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        yield Found("phone", value, match.start(), match.start() + len(match.group().rstrip()), "", 0.95, 80)


def _parse(said: str, region: str) -> PhoneNumber | None:
    import phonenumbers

    said = "+" + said[2:] if said.startswith("00") else said
    for way in (said, f"+{said}" if said[0].isdecimal() and said[0] != "0" else ""):
        if not way or (way is not said and sum(map(str.isdigit, said)) < 11):
            continue
        try:
            number = phonenumbers.parse(way, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) or (
            said[0] in "+(" and "+" in said[:2] and phonenumbers.is_possible_number(number)
        ):
            return number
    return None


def _pins(reading: Reading, region: str) -> Iterator[Found]:
    if region != "IN":
        return
    for at, token in enumerate(reading.tokens):
        if token.kind != "n" or reading.glued(at):
            continue
        first, last = at, at
        figures = token.text.replace(" ", "")
        if not (len(figures) == 6 and figures.isdecimal() and figures[0] != "0"):
            continue
        cued = bool(set(reading.before(first, 4)) & _PIN_CUES)
        dashed = reading.key(first - 1) == "-" and reading.tokens[first - 2].kind == "w" if first > 1 else False
        if cued or dashed:
            yield Found("pincode", figures, token.start, reading.tokens[last].end, "", 0.95, 75)
