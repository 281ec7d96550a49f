"""Amounts of money, percentages, and quantities with their units."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from babel.numbers import get_currency_precision

from .numbers import Number, digits, exact
from .reading import Found, Reading
from .tokens import key
from .units import CURRENCY_WORDS, MEASURE_WORDS, MINOR, PERCENT, SQUARES, currency, time_unit

CUES = {
    key(w)
    for w in (
        "budget budgeted price priced cost costs costing worth pay paid paying payment amount loan lend borrow salary income earn earning earns "
        "emi installment instalment downpayment deposit balance debit debited credited charged refund fee fees rent value valued "
        "turnover revenue ctc package salaried limit transfer transferred withdraw withdrew spend spent expense cashback discount "
        "paisa paise keemat kimat daam tankhwah kamai karz kimmat bajat "
        "montant pret emprunter emprunte salaire revenu revenus gagne gagner prix coute cout payer payé verser mensualite apport "
        "prélevé débité débit virement facture "
        "बजट कीमत क़ीमत दाम वेतन तनख्वाह कमाई लोन ऋण कर्ज रकम राशि भुगतान किस्त आय पगार किंमत कर्ज उत्पन्न "
        "બજેટ કિંમત પગાર લોન આવક பட்ஜெட் விலை சம்பளம் கடன் బడ్జెట్ ధర జీతం రుణం ಬಜೆಟ್ ಬೆಲೆ ಸಂಬಳ ಸಾಲ"
    ).split()
}
_COUNTED = {
    key(w)
    for w in (
        "people persons users customers members subscribers views followers times steps copies units pieces points votes jobs "
        "downloads cars vehicles homes houses employees students personnes clients habitants fois log logon लोग लोगों बार ग्राहक "
        "years months days km kms kilometers kilometres"
    ).split()
}
_SECRETS = {"otp", "cvv", "cvc", "pin", "mpin", "tpin", "upin", "password", "passcode", "ओटीपी", "पिन"}
_LIMITS = {"under", "below", "upto", "sous"}
_RANGE = {"-", "to", "se", "से", "a", "ते", "થી", "ou", "or", "ya", "या", "et", "and", "aur", "और", "~"}
_BETWEEN = {"between", "entre", "from", "de"}
_OF = {"of", "de", "d", "en", "in"}
_NATIONS = {
    "us": "USD", "american": "USD", "अमेरिकी": "USD", "américains": "USD", "americains": "USD", "canadian": "CAD", "c": "CAD", "cad": "CAD", "कनाडाइ": "CAD",
    "australian": "AUD", "a": "AUD", "aud": "AUD", "singapore": "SGD", "s": "SGD", "sgd": "SGD", "indian": "INR", "भारतीय": "INR",
    "hk": "HKD", "hkd": "HKD", "nzd": "NZD", "nz": "NZD", "mex": "MXN", "mxn": "MXN", "chinese": "CNY", "चीनी": "CNY", "british": "GBP", "ब्रिटिश": "GBP",
}  # fmt: skip
_SIGNS = frozenset("₹$€£¥₨৳₦₽₩₪")
_FILL = {".", "/", "-", "="}


@attrs.frozen
class Money:
    """Reads amounts, with the currency where none is said, and the one that "francs" are.

    `cues` are words of the tenant's own beside which a number from a thousand on is one.
    """

    currency: str
    francs: str = "XOF"
    cues: frozenset[str] = frozenset()

    def find(self, reading: Reading) -> Iterator[Found]:
        """Amounts of money, percentages, quantities; what is left are bare numbers."""
        for place, number in enumerate(reading.numbers):
            if number.digits and reading.glued(number.first) and not self._unit_before(reading, number):
                continue
            yield from self._read(reading, place, number)

    def _read(self, reading: Reading, place: int, number: Number) -> Iterator[Found]:
        start, end = reading.tokens[number.first].start, reading.tokens[number.last - 1].end
        share = self._percent(reading, number)
        if share is not None:
            yield share
            return
        unit, first, last = self._currency(reading, number)
        lower = self._lower(reading, place, number, first)
        if unit:
            whole = self._whole(reading, number, unit)
            value, last = self._minor(reading, unit, whole, last)
            if lower is not None:
                first = min(first, lower[1])
            yield Found("money", exact(value), reading.tokens[first].start, reading.tokens[last - 1].end, unit, 0.97, 60,
                        lower=lower and lower[0])  # fmt: skip
            return
        minor = MINOR.get(reading.key(number.last))
        if minor is not None:
            code = (
                self.currency
                if self.currency in {"USD", "EUR", "GBP", "CAD", "AUD"} and minor[0] in {"USD", "EUR"}
                else minor[0]
            )
            yield Found("money", exact(number.value / minor[1]), start, reading.tokens[number.last].end, code, 0.9, 59)
            return
        quantity = self._quantity(reading, number)
        if quantity is not None:
            yield quantity
            return
        if time_unit(reading.key(number.last)) and not number.indian:
            return
        confidence = self._likely(reading, number)
        if confidence:
            if lower is not None:
                start = reading.tokens[lower[1]].start
            yield Found(
                "money",
                exact(number.value),
                start,
                end,
                self.currency,
                confidence,
                40,
                lower=lower and lower[0],
                sign=False,
            )
        elif (
            not number.loose
            and self._bare(reading, number)
            and (number.digits or number.value >= 11 or len(reading.tokens) <= 2)
        ):
            yield Found("number", exact(number.value), start, end, "", 0.9, 5)

    def _bare(self, reading: Reading, number: Number) -> bool:
        """Whether digits are a count: no ordinal, no part of a name ("80C"), no account number, no one-time password."""
        if not number.digits:
            return True
        token, at = reading.tokens[number.last - 1], number.last
        if (
            token.kind == "n"
            and at < len(reading.tokens)
            and reading.tokens[at].kind == "w"
            and reading.tokens[at].start == token.end
        ):
            return False
        text = reading.tokens[number.first].text
        return not ((text.isdecimal() and len(text) >= 9) or set(reading.before(number.first, 4)) & _SECRETS)

    def _likely(self, reading: Reading, number: Number) -> float:
        """How sure it is that a number without a currency is money; 0 for not."""
        follows = reading.key(number.last)
        if follows in _COUNTED or (follows in MEASURE_WORDS and follows not in {"l", "m", "g", "w", "in"}):
            return 0.0
        if number.indian:
            return 0.92
        if number.letter == "k" and number.value == 401_000:
            return 0.0  # a pension plan in the United States
        near = set(reading.before(number.first, 6)) | set(reading.after(number.last, 4))
        cue = bool(near & CUES) or (number.value >= 1000 and bool(near & self.cues))
        if number.scaled:
            alone = len(reading.tokens) == 2 and self.currency in {"XOF", "XAF", "EUR", "USD"}
            if number.letter and number.letter in {"m", "b"} and not (cue or alone):
                return 0.0
            return (
                0.9
                if cue
                else 0.8
                if number.scale >= 1e6 or number.letter == "k"
                else 0.6
                if number.digits or number.value >= 10_000
                else 0.0
            )
        if cue and (number.digits or number.value >= 1000) and number.value >= 100 and not _yearlike(reading, number):
            literal = reading.tokens[number.first].text
            return 0.8 if number.value >= 1000 or "," in literal or "." in literal else 0.6
        limit = reading.key(number.first - 1) in _LIMITS or reading.after(number.last, 2) in (
            ["ke", "andar"],
            ["के", "अंदर"],
        )
        if limit and number.plain and number.value >= 500 and not _yearlike(reading, number):
            return 0.6
        return 0.0

    def _unit_before(self, reading: Reading, number: Number) -> bool:
        return number.first > 0 and currency(reading.key(number.first - 1)) is not None

    def _percent(self, reading: Reading, number: Number) -> Found | None:
        start, at = reading.tokens[number.first].start, number.last
        follows = reading.key(at)
        last = at if follows == "%" or follows in PERCENT else None
        if last is None and follows in {"per", "pour", "p"} and reading.key(at + 1) in {"cent", "c"}:
            last = at + 1
        if last is None and follows == "pour" and reading.key(at + 1) == "-" and reading.key(at + 2) == "cent":
            last = at + 2
        if last is None and follows == "par" and reading.key(at + 1) == "cent":
            last = at + 1
        if last is None:
            if number.first and reading.key(number.first - 1) in {"शेकडा", "ಶೇಕಡಾ", "શેકડા", "శాతం"}:
                return Found("percent", exact(number.value), reading.tokens[number.first - 1].start,
                             reading.tokens[number.last - 1].end, "%", 0.9, 60)  # fmt: skip
            return None
        return Found("percent", exact(number.value), start, reading.tokens[last].end, "%", 0.97, 62)

    def _currency(self, reading: Reading, number: Number) -> tuple[str, int, int]:
        """The currency beside the number, and the tokens from the first to after the last of both."""
        first, last = number.first, number.last
        after, at = self._named(reading, last), last
        leads = first > 0 and reading.tokens[first - 1].text in _SIGNS
        if leads and after and reading.tokens[last].text in _SIGNS:
            after = ""  # the sign of the next amount
        if reading.key(last) in _OF and reading.tokens[last].kind == "w":
            after, at = self._named(reading, last + 1), last + 1
            if after and reading.key(last) in {"in", "en", "of"} and reading.key(at) not in CURRENCY_WORDS:
                after = ""
        if reading.key(last) in _NATIONS and self._named(reading, last + 1):
            return _NATIONS[reading.key(last)], first, last + 2
        if after:
            end = at + 1
            if reading.key(at) in {"franc", "francs", "f"} and reading.key(end) == "cfa":
                end += 1
            if (
                reading.key(end) == "."
                and reading.tokens[end].start == reading.tokens[end - 1].end
                and reading.key(at) == "rs"
            ):
                end = at + 1
            sign = self._sign_before(reading, first)
            return after, (sign if sign is not None else first), end
        sign = self._sign_before(reading, first)
        if sign is not None:
            nation = _NATIONS.get(reading.key(sign - 1)) if reading.tokens[sign].text == "$" and sign else None
            if nation and (
                reading.tokens[sign - 1].end == reading.tokens[sign].start
                or reading.key(sign - 1) in {"c", "hk", "us", "a", "s"}
            ):
                return nation, sign - 1, last
            if self._slashed(reading, last):
                last += 2
            return self._named(reading, sign) or "", sign, last
        if self._slashed(reading, last) and number.value >= 10:
            return self.currency, first, last + 2
        return "", first, last

    def _slashed(self, reading: Reading, at: int) -> bool:
        return reading.key(at) == "/" and reading.key(at + 1) == "-"

    def _sign_before(self, reading: Reading, first: int) -> int | None:
        at = first - 1
        if at >= 0 and reading.tokens[at].text in _FILL and at > 0 and self._named(reading, at - 1):
            at -= 1
        if at >= 0 and self._named(reading, at) and reading.key(at) not in {"cents", "pound", "f", "francs", "franc"}:
            taken = at in reading.ends and reading.tokens[at].text not in _SIGNS
            return None if taken else at
        return None

    def _named(self, reading: Reading, at: int) -> str:
        word = reading.key(at)
        if not word:
            return ""
        if word in {"franc", "francs"} or (word == "f" and reading.key(at - 1)[-1:].isdecimal()):
            if reading.key(at + 1) in {"suisse", "suisses"}:
                return "CHF"
            return "XOF" if reading.key(at + 1) == "cfa" else self.francs
        if (
            word in {"rs", "re"}
            and word == "re"
            and reading.tokens[at].kind == "w"
            and not reading.key(at + 1)[:1].isdecimal()
        ):
            return ""
        return currency(word) or ""

    def _minor(self, reading: Reading, unit: str, value: float, last: int) -> tuple[float, int]:
        """Add cents or paise said after the amount: "5 rupees 50 paise"."""
        at = last + 1 if reading.key(last) in {"and", "et", "aur"} else last
        number = reading.begins.get(at)
        if number is not None and number.value < 100:
            said = reading.key(number.last)
            if MINOR.get(said, ("", 0))[0] == unit or said in {"cents", "cent", "centimes", "pence", "सेंट", "c", "¢"}:
                return value + number.value / 100, number.last + 1
        return value, last

    def _whole(self, reading: Reading, number: Number, unit: str) -> float:
        """A currency without cents has no decimals: "50.000 FCFA" and "50,000 FCFA" are fifty thousand."""
        text = reading.tokens[number.first].text
        if number.plain and number.decimals and get_currency_precision(unit) == 0:
            for sign in ".,":
                left, _, right = text.partition(sign)
                if len(right) == 3 and right.isdecimal() and left.strip("0"):
                    return float(digits(left + right, comma=False) or number.value)
        return number.value

    def _lower(self, reading: Reading, place: int, number: Number, first: int) -> tuple[int | float, int] | None:
        """The lower end of a range, and its first token: "10-12 lakh", "between 5 and 7 lakh"."""
        if place == 0:
            return None
        low = reading.numbers[place - 1]
        at, gap = low.last, first - low.last
        if gap == 2 and self._named(reading, low.last):
            at, gap = low.last + 1, 1
        joined = reading.key(at)
        if gap != 1 or joined not in _RANGE:
            return None
        if joined in {"and", "et", "aur", "और"} and not set(reading.before(low.first, 3)) & _BETWEEN:
            return None
        scale = number.scale if low.plain and number.scaled and low.value < 1000 else 1.0
        value = low.value * scale
        begins = low.first - 1 if low.first and reading.tokens[low.first - 1].text in _SIGNS else low.first
        return (exact(value), begins) if 0 < value < number.value else None

    def _quantity(self, reading: Reading, number: Number) -> Found | None:
        at = number.last
        if reading.key(at) == "-":
            at += 1
        if number.letter == "l" and not number.indian:
            return None
        word, last = reading.key(at), at
        unit = MEASURE_WORDS.get(word)
        if word in SQUARES or (word == "sq" and reading.key(at + 1) == "."):
            beside = at + 2 if reading.key(at + 1) == "." else at + 1
            size = MEASURE_WORDS.get(reading.key(beside))
            if size is None:
                return None
            unit, last = {"ft": "sqft", "m": "sqm", "km": "sqkm", "in": "sqin"}.get(size, size), beside
        elif unit in {"m", "ft", "km"} and (
            reading.key(at + 1) in {"carre", "carres", "²"}
            or (reading.key(at + 1) == "2" and reading.tokens[at + 1].start == reading.tokens[at].end)
        ):
            unit, last = {"ft": "sqft", "m": "sqm", "km": "sqkm"}[unit], at + 1
        elif word in {"degree", "degrees", "degres", "°", "डिग्री"}:
            scale = reading.key(at + 1)
            unit = "f" if scale in {"f", "fahrenheit"} else "c"
            last = at + 1 if scale in {"f", "fahrenheit", "c", "celsius", "centigrade", "सेल्सियस"} else at
        if unit is None:
            return None
        glued = reading.tokens[at].start == reading.tokens[number.last - 1].end
        if (
            word in {"m", "g", "w", "l", "t", "mi", "ha", "in", "ch", "go", "mo", "ps"}
            and not glued
            and word not in {"l", "g", "m"}
        ):
            return None
        if unit == "g" and glued and number.value in {2, 3, 4, 5, 6}:
            return None  # a mobile network
        start, end = reading.tokens[number.first].start, reading.tokens[last].end
        return Found("quantity", exact(number.value), start, end, unit, 0.95, 55)


def _yearlike(reading: Reading, number: Number) -> bool:
    text = reading.tokens[number.first].text
    return number.plain and len(text) == 4 and text.isdecimal() and 1950 <= number.value <= 2099
