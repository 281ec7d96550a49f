"""Numbers, amounts of money and lengths of time as customers write them: "10 millions", "800 000", "1.5 crore", "80 lakhs", "15 ans".

What a plugin for entities finds counts before this; here is what a flow needs where there is none.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

import attrs

from .wording import alike, plain

_SCALES = {
    1e2: "hundred cent cents sau सौ शंभर સો நூறு వంద ನೂರು".split(),
    1e3: "k thousand thousands mille milles millier milliers mil hazar hazaar hajar हज़ार हजार હજાર ஆயிரம் వేలు వేల వెయ్యి ಸಾವಿರ".split(),
    1e5: "l lakh lakhs laakh lkh lks lac lacs lakhon lakhh laksha latcham lakshalu लाख लाखों લાખ லட்சம் இலட்சம் லட்ச లక్ష లక్షలు లక్షల ಲಕ್ಷ".split(),
    1e6: "m mn million millions mio".split(),
    1e7: "cr crs crore crores karod karor koti kotlu kodi करोड़ करोड कोटी કરોડ கோடி கோடியே కోటి కోట్లు కోట్ల ಕೋಟಿ".split(),
    1e9: "bn billion billions milliard milliards md arab अरब".split(),
}
_SCALE = {plain(word): scale for scale, some in _SCALES.items() for word in some}
_UNITS = {
    "minutes": "minute minutes min mins मिनट मिनिट મિનિટ நிமிடம் నిమిషాలు ನಿಮಿಷ".split(),
    "hours": "hour hours hr hrs heure heures h ghante ghanta घंटा घंटे तास કલાક மணிநேரம் గంటలు ಗಂಟೆ".split(),
    "days": "day days jour jours j din दिन दिवस દિવસ நாள் நாட்கள் రోజు రోజులు ದಿನ ದಿನಗಳು".split(),
    "weeks": "week weeks semaine semaines hafta hafte हफ्ता हफ्ते हफ़्ते सप्ताह आठवडा आठवडे અઠવાડિયું અઠવાડિયા வாரம் வாரங்கள் వారం వారాలు ವಾರ ವಾರಗಳು".split(),
    "months": "month months mo mos mth mths mois mahina mahine maheene mahino महीना महीने महिना महिने माह મહિના મહિનો மாதம் மாதங்கள் నెల నెలలు ತಿಂಗಳು ತಿಂಗಳುಗಳು".split(),
    "years": "year years yr yrs y an ans annee annees saal sal varsh baras साल वर्ष वर्षे વર્ષ ஆண்டு ஆண்டுகள் வருடம் வருடங்கள் సంవత్సరం సంవత్సరాలు ఏళ్లు ಏಳು ವರ್ಷ ವರ್ಷಗಳು".split(),
}  # fmt: skip
_UNIT = {plain(word): unit for unit, some in _UNITS.items() for word in some}
_SMALL = {
    0: "zero zéro shunya शून्य", 1: "one un une ek एक ஒன்று ஒரு ఒకటి ఒక ಒಂದು એક", 2: "two deux do दो दोन બે இரண்டு రెండు ಎರಡು", 3: "three trois teen तीन ત્રણ மூன்று మూడు ಮೂರು",
    4: "four quatre chaar char चार ચાર நான்கு நாலு నాలుగు ನಾಲ್ಕು", 5: "five cinq paanch panch पाँच पांच पाच પાંચ ஐந்து ఐదు ಐದು", 6: "six chhe chah छह छः सहा છ ஆறு ఆరు ಆರು",
    7: "seven sept saat सात સાત ஏழு ఏడు ಏಳು", 8: "eight huit aath आठ આઠ எட்டு ఎనిమిది ಎಂಟು", 9: "nine neuf nau नौ नऊ નવ ஒன்பது తొమ్మిది ಒಂಬತ್ತು",
    10: "ten dix das दस दहा દસ பத்து పది ಹತ್ತು", 11: "eleven onze gyarah ग्यारह", 12: "twelve douze barah baarah बारह बारा", 13: "thirteen treize terah तेरह",
    14: "fourteen quatorze chaudah चौदह", 15: "fifteen quinze pandrah pandra पंद्रह पन्द्रह पंधरा પંદર", 16: "sixteen seize solah सोलह", 17: "seventeen dix-sept satrah",
    18: "eighteen dix-huit atharah अठारह", 19: "nineteen dix-neuf unnis", 20: "twenty vingt bees बीस वीस વીસ இருபது ఇరవై ಇಪ್ಪತ್ತು", 25: "vingt-cinq pachees pachis पच्चीस पंचवीस પચ્ચીસ પચીસ", 30: "thirty trente tees तीस त्रीस ત્રીસ முப்பது ముప్పై ಮೂವತ್ತು",
    40: "forty quarante chalis चालीस चाळीस ચાલીસ நாற்பது నలభై ನಲವತ್ತು", 50: "fifty cinquante pachaas pachas पचास पन्नास પચાસ ஐம்பது యాభై ಐವತ್ತು", 60: "sixty soixante saath साठ સાઠ அறுபது అరవై ಅರವತ್ತು", 70: "seventy soixante-dix sattar सत्तर எழுபது డెబ్బై ಎಪ್ಪತ್ತು", 75: "pachattar pachhattar पचहत्तर पंचाहत्तर પંચોતેર எழுபத்தைந்து ಎಪ್ಪತ್ತೈದು",
    80: "eighty quatre-vingt quatre-vingts assi अस्सी ऐंशी எண்பது ఎనభై ಎಂಬತ್ತು",
    90: "ninety quatre-vingt-dix nabbe नब्बे नव्वद தொண்ணூறு తొంభై ತೊಂಬತ್ತು",
}  # fmt: skip
_SMALLS = {plain(word): value for value, some in _SMALL.items() for word in some.split()}
_HALVES = {
    plain(word): value
    for value, some in {
        0.5: "half aadha adha आधा demi अर्धा અડધો અડધા அரை అర ಅರ್ಧ", 0.75: "pauna पौन पाऊण પોણો முக்கால் ముప్పావు ಮುಕ್ಕಾಲು",
        1.5: "dedh derh deedh डेढ़ डेढ दीड દોઢ ஒன்றரை ఒకటిన్నర ಒಂದೂವರೆ onnara okatinnara ondoovare",
        2.5: "dhai adhai dhaai ढाई अढ़ाई अडीच અઢી இரண்டரை రెండున్నర ಎರಡೂವರೆ", 3.5: "மூன்றரை మూడున్నర ಮೂರೂವರೆ साडेतीन",
    }.items()
    for word in some.split()
}  # fmt: skip
_PLUS = {
    plain(word): more
    for more, some in {
        0.5: "sadhe saadhe sarhe साढ़े साढे साडे સાડા", 0.25: "sava sawa savva सवा सव्वा સવા", -0.25: "paune पौने पावणे પોણા",
    }.items()
    for word in some.split()
}  # fmt: skip
_AND_A_HALF = {plain(word) for word in ("and a half", "et demi", "et demie")}
_ABOUT = {
    "dizaine": 10.0, "douzaine": 12.0, "quinzaine": 15.0, "vingtaine": 20.0, "trentaine": 30.0, "quarantaine": 40.0,
    "cinquantaine": 50.0, "soixantaine": 60.0, "centaine": 100.0,
}  # fmt: skip
_LONG = [word for word in _SCALE if word.isascii() and len(word) > 6]
_NUMBER = re.compile(r"[+-]?\d+(?:[.,'\u00a0\u202f\u2009 ]\d+)*")
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,']\d+|[ ](?=\d{3}(?!\d))\d{3})*)|(?P<word>[^\W\d_][\w'’\u0900-\u0dff-]*)|(?P<sign>[^\s])"
)
_DASHED = re.compile(r"[-‐–]")
CURRENCIES = {
    "INR": "₹ rs inr rupee rupees rupaye rupaiya rupiya roupies रुपये रुपए रुपया रु રૂપિયા ரூபாய் రూపాయలు ರೂಪಾಯಿ".split(),
    "XOF": "fcfa cfa xof xaf franc francs f".split(),
    "EUR": "€ eur euro euros".split(),
    "USD": "$ usd dollar dollars".split(),
    "GBP": "£ gbp pound pounds".split(),
}
_CURRENCY = {plain(word) or word: code for code, some in CURRENCIES.items() for word in some}


@functools.lru_cache(maxsize=4096)
def _sized(key: str) -> float | None:
    """How many a word for a scale means, also mistyped ("milions"); None for another word."""
    found = _SCALE.get(key)
    if found is not None or not key.isascii() or len(key) < 6:
        return found
    return next((_SCALE[word] for word in _LONG if alike(word, key)), None)


def _parts(kind: str, token: str) -> list[tuple[str, str]]:
    """A token, or what it is made of: "d'années", "demi-million"."""
    if kind == "word":
        elided = _ELIDED.match(token)
        if elided:
            return [(kind, elided[0]), (kind, token[elided.end() :])]
        first, dash, rest = token.partition("-")
        if dash and rest and plain(first) in _HALVES:
            return [(kind, first), (kind, rest)]
    return [(kind, token)]


_ELIDED = re.compile(r"[dDlL]['’](?=\w)")


@attrs.frozen
class Figure:
    """A number in a text: its value, the length of time or currency it is in ("": none is said), and whether a word made
    it larger."""

    value: float
    unit: str = ""
    currency: str = ""
    scaled: bool = False
    percent: bool = False
    ordinal: bool = False


def figures(text: str, *, comma: bool = False) -> list[Figure]:
    """The numbers of a text, in order; `comma`: a comma parts the decimals, as in French."""
    return list(_Reader(text, comma=comma).figures())


class _Reader:
    def __init__(self, text: str, *, comma: bool) -> None:
        folded = "".join(
            str(unicodedata.digit(c))
            if unicodedata.category(c) == "Nd"
            else " "
            if unicodedata.category(c) == "Zs"
            else c
            for c in unicodedata.normalize("NFC", text)
        )
        self.comma = comma
        self.tokens = [token for m in _TOKEN.finditer(folded) for token in _parts(m.lastgroup or "", m[0])]

    def figures(self) -> Iterator[Figure]:
        at, currency = 0, ""
        while at < len(self.tokens):
            kind, token = self.tokens[at]
            if kind != "number":
                currency_here = _CURRENCY.get(plain(token) or token, "")
                if currency_here:
                    currency = currency_here
                    at += 1
                    continue
            found = self._number(at)
            if found is None:
                if kind != "sign" or self.tokens[at][1] not in ".:":
                    currency = ""
                at += 1
                continue
            value, end, scaled = found
            negative = at > 0 and self.tokens[at - 1][1] in "-−" and (at == 1 or self.tokens[at - 2][0] == "sign")
            unit = said = ""
            percent = ordinal = False
            if end < len(self.tokens):
                after = self.tokens[end][1]
                key = plain(after) or after
                percent = after == "%" or key in ("percent", "pourcent", "pratishat", "प्रतिशत")
                ordinal = key in ("st", "nd", "rd", "th", "eme", "er", "ere", "e")
                if key in _UNIT:
                    unit, end = _UNIT[key], end + 1
                    joined = " ".join(plain(token) for _, token in self.tokens[end : end + 3])
                    half = next((said for said in _AND_A_HALF if joined == said or joined.startswith(f"{said} ")), "")
                    if half:
                        value, end = value + 0.5, end + len(half.split())
                elif key in _CURRENCY:
                    said, end = _CURRENCY[key], end + 1
            elif at == 0:
                pass
            yield Figure(-value if negative else value, unit, said or currency, scaled, percent, ordinal)
            currency = ""
            at = end

    def _number(self, at: int) -> tuple[float, int, bool] | None:
        """The number that begins at the token, where it ends, and whether it is scaled; None where there is none."""
        total, end, scaled = 0.0, at, False
        least = float("inf")
        while end < len(self.tokens):
            found = self._plain(end)
            if found is None:
                break
            value, after = found
            scale, after = self._scale(after)
            if scale == 1 and total and not scaled:
                break
            if scale >= least or (scale == 1 and value >= least):
                break
            total += value * scale
            scaled = scaled or scale > 1
            least = scale if scale > 1 else 0
            end = after
            if scale == 1:
                break
            if end < len(self.tokens) and plain(self.tokens[end][1]) in ("and", "et"):
                joined = " ".join(plain(token) for _, token in self.tokens[end : end + 3])
                half = next((words for words in _AND_A_HALF if joined.startswith(words)), "")
                if half:
                    total += scale / 2
                    end += len(half.split())
                    break
                if self._plain(end + 1) is None:
                    break
                end += 1
        if end == at:
            return None
        return round(total, 6), end, scaled

    def _plain(self, at: int) -> tuple[float, int] | None:
        """A number without scale: digits or words."""
        if at >= len(self.tokens):
            return None
        kind, token = self.tokens[at]
        if kind == "number":
            value = number(token, comma=self.comma)
            return None if value is None else (value, at + 1)
        if kind != "word":
            return None
        key = plain(token)
        if (
            key in _HALVES
            and at + 1 < len(self.tokens)
            and (_sized(plain(self.tokens[at + 1][1])) or plain(self.tokens[at + 1][1]) in _UNIT)
        ):
            return _HALVES[key], at + 1
        if key == "half" and [plain(token) for _, token in self.tokens[at + 1 : at + 2]] == ["a"]:
            following = plain(self.tokens[at + 2][1]) if at + 2 < len(self.tokens) else ""
            return (0.5, at + 2) if _sized(following) or following in _UNIT else None  # "half a crore"
        if key == "one" and [plain(token) for _, token in self.tokens[at + 1 : at + 4]] == ["and", "a", "half"]:
            return 1.5, at + 4
        if key in _PLUS:
            found = self._plain(at + 1)
            if found is not None:
                return found[0] + _PLUS[key], found[1]
            following = plain(self.tokens[at + 1][1]) if at + 1 < len(self.tokens) else ""
            return (1 + _PLUS[key], at + 1) if following in _SCALE else None
        if key in _ABOUT:
            return _ABOUT[key], self._of(at + 1)
        value = self._spelled(key)
        if value is None:
            return None
        half = plain(self.tokens[at + 1][1]) if at + 1 < len(self.tokens) else ""
        if value == 1 and (half in _ABOUT or half in _HALVES):
            return self._plain(at + 1)  # "une dizaine", "un demi-million"
        following = plain(self.tokens[at + 1][1]) if at + 1 < len(self.tokens) else ""
        if (
            key in ("un", "une", "do", "one", "das", "sal", "six", "saath")
            and not (_sized(following) or following in _UNIT)
            and len(self.tokens) > 1
        ):
            return None  # "un prêt", "do it"
        if value >= 20 and value % 10 == 0 and 0 < (_SMALLS.get(following) or 0) < 10:
            return value + _SMALLS[following], at + 2
        return float(value), at + 1

    def _of(self, at: int) -> int:
        """Past a "de", which stands between about how many and what of."""
        return at + 1 if at < len(self.tokens) and plain(self.tokens[at][1]) in ("de", "d") else at

    def _spelled(self, key: str) -> float | None:
        if key in _SMALLS:
            return float(_SMALLS[key])
        parts = key.split()
        if len(parts) == 2 and parts[0] in _SMALLS and parts[1] in _SMALLS:
            return float(_SMALLS[parts[0]] + _SMALLS[parts[1]])
        return None

    def _scale(self, at: int) -> tuple[float, int]:
        scale = 1.0
        while at < len(self.tokens):
            kind, token = self.tokens[at]
            key = plain(token)
            size = _sized(key) if kind == "word" else None
            if size is None:
                break
            if (
                key == "cent"
                and scale == 1
                and at + 1 < len(self.tokens)
                and plain(self.tokens[at + 1][1]).startswith("%")
            ):
                break
            scale *= size
            at += 1
            if at < len(self.tokens) and plain(self.tokens[at][1]) in ("de", "d") and scale >= 1e6:
                at += 1
        return scale, at


def number(text: str, *, comma: bool = False) -> float | None:
    """The value of digits with their separators: "1,50,000", "800 000", "10.000.000", "1 250,50"; None if it is none."""
    digits = re.sub(r"[\s'\u00a0\u202f]", "", text)
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        decimal = "." if digits.rfind(".") > digits.rfind(",") else ","
        group = "," if decimal == "." else "."
        digits = digits.replace(group, "").replace(decimal, ".")
    elif commas:
        digits = digits.replace(",", "") if _grouped(digits, ",", comma=not comma) else digits.replace(",", ".")
    elif dots:
        digits = digits.replace(".", "") if _grouped(digits, ".", comma=comma) else digits
    try:
        return float(Decimal(digits))
    except InvalidOperation:
        return None


def _grouped(digits: str, sign: str, *, comma: bool) -> bool:
    """Whether the sign parts groups of digits; one group of three alone ("10,000") by where we are."""
    parts = digits.split(sign)
    if any(len(part) not in (2, 3) for part in parts[1:]) or len(parts[-1]) != 3 or not 1 <= len(parts[0]) <= 3:
        return False
    return len(parts) > 2 or comma


_MONTHS: Mapping[str, float] = {"years": 12, "months": 1, "weeks": 12 / 52.1775, "days": 12 / 365.25}
_SECONDS: Mapping[str, float] = {
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
    "months": 30.4375 * 86400,
    "years": 365.25 * 86400,
}


def turned(value: float, unit: str, into: str) -> float:
    """A length of time in another unit: 15 years are 180 months."""
    if unit == into:
        return value
    if unit in ("years", "months") and into in ("years", "months"):
        return round(value * _MONTHS[unit] / _MONTHS[into], 6)
    return round(value * _SECONDS[unit] / _SECONDS[into], 6)


def lasting(text: str, *, comma: bool = False, bare: str = "") -> tuple[float, str] | None:
    """The one length of time in a text, as (value, unit): "2 years 6 months" is 30 months; `bare`: what a number alone is in."""
    found = [f for f in figures(text, comma=comma) if f.unit]
    if not found and bare:
        alone = [f for f in figures(text, comma=comma) if not f.currency and not f.percent and not f.scaled]
        return (alone[0].value, bare) if len(alone) == 1 else None
    if len(found) == 1:
        return found[0].value, found[0].unit
    if len(found) > 1 and len({f.unit for f in found}) == len(found):
        smallest = min(found, key=lambda f: _SECONDS[f.unit]).unit
        return sum(turned(f.value, f.unit, smallest) for f in found), smallest
    return None


_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdwM]|min)\s*")
_SPANS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def seconds(text: str) -> float | None:
    """A length of time as flow files write it: "30m", "48h", "2d 12h"; None if it is none."""
    if not re.fullmatch(r"(\s*\d+(?:\.\d+)?\s*(s|min|m|h|d|w)\s*)+", text):
        return None
    return sum(float(n) * _SPANS[unit] for n, unit in re.findall(r"(\d+(?:\.\d+)?)\s*(min|[smhdw])", text))
