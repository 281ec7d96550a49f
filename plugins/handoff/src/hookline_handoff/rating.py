"""What a customer's message says as a rating: a number, a word, stars or a face; with a comment after it, or none.

Only a message that *is* a rating counts: "4", "4/5", "5 - great help", "खराब"; not "2 of my cards are blocked".
"""

from __future__ import annotations

import unicodedata

import attrs
import regex

_WORDS: dict[str, float] = {
    # the word's place between the worst (0) and the best (1) rating; en, fr, hi, Hinglish, mr, gu, ta, te, kn
    **dict.fromkeys(("terrible", "awful", "horrible", "worst", "very bad", "very poor", "useless"), 0.0),
    **dict.fromkeys(("nul", "nulle", "très mauvais", "très mal", "catastrophique", "horrible"), 0.0),
    **dict.fromkeys(("बहुत खराब", "बहुत ख़राब", "बहुत बुरा", "घटिया", "bahut kharab", "bahut bura", "ghatiya", "bekar", "बेकार"), 0.0),
    **dict.fromkeys(("खूप वाईट", "ખૂબ ખરાબ", "மிக மோசம்", "చాలా చెత్త", "ತುಂಬಾ ಕೆಟ್ಟದು"), 0.0),
    **dict.fromkeys(("bad", "poor", "unhappy", "dissatisfied", "not good", "disappointed"), 0.25),
    **dict.fromkeys(("mauvais", "mauvaise", "mal", "déçu", "déçue", "insatisfait", "pas bien"), 0.25),
    **dict.fromkeys(("खराब", "ख़राब", "बुरा", "kharab", "bura", "accha nahi", "अच्छा नहीं"), 0.25),
    **dict.fromkeys(("वाईट", "ખરાબ", "மோசம்", "చెడు", "ಕೆಟ್ಟದು"), 0.25),
    **dict.fromkeys(("fair", "average", "so so", "so-so", "medium", "neutral", "moyen", "moyenne", "passable", "correct"), 0.5),
    **dict.fromkeys(("ठीक", "ठीक है", "ठीक ठाक", "ठीक-ठाक", "thik thak", "theek thaak", "साधारण", "ઠીક", "சுமார்", "పర్వాలేదు", "ಪರವಾಗಿಲ್ಲ"), 0.5),
    **dict.fromkeys(("good", "very good", "happy", "satisfied", "nice", "bon", "bonne", "bien", "satisfait", "satisfaite", "très bien"), 0.75),
    **dict.fromkeys(("अच्छा", "अच्छी", "बढ़िया", "accha", "acha", "achha", "badhiya", "चांगले", "छान", "સારું", "நல்லது", "மிக நல்லது", "మంచిది", "ಒಳ್ಳೆಯದು"), 0.75),
    **dict.fromkeys(("excellent", "excellente", "great", "perfect", "amazing", "awesome", "wonderful", "outstanding", "parfait", "parfaite", "génial", "super", "top"), 1.0),
    **dict.fromkeys(("बहुत अच्छा", "बहुत अच्छी", "बहुत बढ़िया", "उत्कृष्ट", "शानदार", "bahut accha", "bahut acha", "bahut achha", "bahut badhiya", "zabardast", "mast"), 1.0),
    **dict.fromkeys(("खूप छान", "उत्तम", "ખૂબ સારું", "மிகச் சிறப்பு", "చాలా బాగుంది", "ತುಂಬಾ ಚೆನ್ನಾಗಿದೆ"), 1.0),
}  # fmt: skip
_FACES: dict[str, float] = {
    **dict.fromkeys("😡🤬😠👎💔🤮", 0.0),
    **dict.fromkeys("😞😢😭😟🙁☹😕😩😒", 0.25),
    **dict.fromkeys("😐😶🤷😑", 0.5),
    **dict.fromkeys("🙂😊😀😃👌", 0.75),
    **dict.fromkeys("😍🤩😁😄🥰❤💯👍🎉🙏👏", 1.0),
}
_NUMBERS = {
    name: value
    for value, names in enumerate(
        (
            "zero zéro शून्य shunya",
            "one un une एक ek",
            "two deux दो do",
            "three trois तीन teen",
            "four quatre चार char chaar",
            "five cinq पांच पाँच paanch panch",
            "six six छह chhe",
            "seven sept सात saat",
            "eight huit आठ aath",
            "nine neuf नौ nau",
            "ten dix दस das",
        )
    )
    for name in names.split()
}
_STAR = "⭐★🌟✨"
_BETWEEN = r"(?:\s*(?:/|\bout\s+of\b|\bon\b|\bsur\b|\bof\b|में\s*से)\s*(?P<of>\p{Nd}{1,3}))"
_UNIT = r"(?:\s*(?:stars?|étoiles?|points?|सितारे|स्टार|star)\b)"
_NUMBER = regex.compile(
    rf"(?:(?P<named>rating|rate|score|note|रेटिंग)\s*[:=-]?\s*)?(?P<number>\p{{Nd}}{{1,3}}|{'|'.join(map(regex.escape, _NUMBERS))})"
    rf"(?P<keycap>\ufe0f?\u20e3)?{_BETWEEN}?(?P<unit>{_UNIT})?(?P<rest>$|\s*[-–—,.;:!…।]+\s*(?P<comment>.*)$)",
    regex.IGNORECASE | regex.DOTALL,
)
_WORD = regex.compile(
    rf"(?P<word>{'|'.join(regex.escape(w) for w in sorted(_WORDS, key=len, reverse=True))})"
    r"(?:$|\s*[-–—,.;:!…।]+\s*(?P<comment>.*)$)",
    regex.IGNORECASE | regex.DOTALL,
)
_THANKS = regex.compile(
    r"(?:thanks?|thank you|thx|merci|dhanyavaa?d|shukriya|धन्यवाद|शुक्रिया)\b.{0,40}", regex.IGNORECASE | regex.DOTALL
)
_MARKS = dict.fromkeys(map(ord, "\ufe0f\u200d\u200b\u200e\u200f\ufeff\x00"))
_LONGEST = 2000


@attrs.frozen
class Rated:
    """What was understood: the `score` of the scale (0: a number that is not on it), what else was said, and whether it
    was said so plainly ("4/5", stars, "rating 4") that it is a rating whatever was asked."""

    score: int
    comment: str = ""
    plain: bool = False


def read(text: str, scale: int) -> Rated | None:
    """The rating that the message is, on a scale from 1 to `scale`; None if it is none."""
    told = unicodedata.normalize("NFC", text[:_LONGEST]).strip()
    faces = _face(told, scale)
    if faces is not None:
        return faces
    told = told.strip(" \t\r\n\"'“”«»*_")
    found = _NUMBER.match(told)
    if found is None:
        thanked = regex.match(r"(?P<head>\S+)\s+(?P<thanks>.+)$", told, regex.DOTALL)
        if thanked and _THANKS.fullmatch(thanked["thanks"]):
            found = _NUMBER.match(thanked["head"])
    if found is not None:
        return _number(found, scale)
    word = _WORD.match(told)
    if word is not None:
        place = _WORDS[word["word"].casefold()]
        return Rated(_place(place, scale), (word["comment"] or "").strip())
    return None


def _number(found: regex.Match[str], scale: int) -> Rated:
    said = found["number"]
    value = int(said) if said[0].isdigit() else _NUMBERS[said.casefold()]
    of = int(found["of"]) if found["of"] else 0
    plain = bool(of or found["unit"] or found["named"])
    comment = (found["comment"] or "").strip()
    if comment.casefold() in _WORDS:  # "5 – Excellent", as a quick reply says
        comment = ""
    if not of and comment.isdigit() and found["rest"].strip()[0] in ".,":  # 4.5
        return Rated(0 if value >= scale else max(1, value + (comment >= "5")), "", plain)
    if of and of != scale:
        if not 2 <= of <= 100 or value > of:
            return Rated(0, comment, plain)
        return Rated(max(1, int(value / of * scale + 0.5)), comment, plain)
    return Rated(value if 1 <= value <= scale else 0, comment, plain)


def _face(told: str, scale: int) -> Rated | None:
    """Stars are counted, of faces the first counts; only where the message begins with them."""
    bare = told.translate(_MARKS).lstrip()
    bare = "".join(letter for letter in bare if unicodedata.category(letter) != "Sk" or letter.isascii())  # skin tones
    if not bare:
        return None
    stars = len(bare) - len(bare.lstrip(_STAR))
    if stars:
        return Rated(stars if stars <= scale else 0, bare[stars:].strip(), plain=True)
    if bare[0] in _FACES:
        rest = bare.lstrip("".join(_FACES)).strip()
        return Rated(_place(_FACES[bare[0]], scale), rest)
    return None


def _place(share: float, scale: int) -> int:
    return int(1 + share * (scale - 1) + 0.5)
