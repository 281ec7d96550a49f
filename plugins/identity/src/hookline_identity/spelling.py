"""Customer numbers that are spelled: "सी००१", "C zero zero one", "सी शून्य शून्य एक".

Letters have the names that English gives them, as each script writes them; digits those of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LETTERS = {
    "a": "ए એ ஏ ఏ ಎ", "b": "bee बी બી பி బి బీ ಬಿ", "c": "see cee sea सी સી சி సి సీ ಸಿ", "d": "dee डी ડી டி డి డీ ಡಿ", "e": "ई ઈ ఈ ಇ",
    "f": "eff एफ એફ எஃப் எப் ఎఫ్ ಎಫ್", "g": "gee जी જી ஜி జి జీ ಜಿ", "h": "aitch एच એચ எச் హెచ్ ಎಚ್", "i": "आई आइ આઈ ఐ ಐ ஐ", "j": "jay जे જે ஜே జె జే ಜೆ",
    "k": "kay के કે கே కె కే ಕೆ", "l": "ell एल એલ எல் ఎల్ ಎಲ್", "m": "em एम એમ எம் ఎం ఎమ్ ಎಂ", "n": "en एन એન என் ఎన్ ಎನ್", "o": "ओ ઓ ஓ ఓ ಒ",
    "p": "pee पी પી பீ పి పీ ಪಿ", "q": "cue क्यू ક્યુ க்யூ క్యూ ಕ್ಯೂ", "r": "ar आर આર ஆர் ఆర్ ಆರ್", "s": "ess एस એસ எஸ் ఎస్ ಎಸ್", "t": "tee टी ટી டீ టి టీ ಟಿ",
    "u": "you यू યુ யு యు యూ ಯು", "v": "vee वी વી வி వి వీ ವಿ", "w": "डब्ल्यू ડબલ્યુ டபிள்யூ డబ్ల్యూ ಡಬ್ಲ್ಯೂ", "x": "ex एक्स એક્સ எக்ஸ் ఎక్స్ ಎಕ್ಸ್",
    "y": "why वाई વાય ஒய் వై ವೈ", "z": "zed zee ज़ेड जेड झेड ઝેડ இசட் జెడ్ ಝೆಡ್ ಜೆಡ್",
}  # fmt: skip
_DIGITS = {
    "0": "zero oh nought shunya sifar zéro शून्य ज़ीरो जीरो झिरो શૂન્ય ઝીરો பூஜ்ஜியம் பூஜ்யம் ஜீரோ సున్నా జీరో ಸೊನ್ನೆ ಜೀರೋ", "1": "one ek un एक वन એક வன் ஒன்று ఒకటి వన్ ಒಂದು ಒನ್",
    "2": "two do deux दो दोन टू બે ટુ இரண்டு டூ రెండు టూ ಎರಡು ಟೂ", "3": "three teen trois तीन थ्री ત્રણ થ્રી மூன்று మూడు త్రీ ಮೂರು ತ್ರೀ", "4": "four char chaar quatre चार फोर ચાર ફોર நான்கு నాలుగు ఫోర్ ನಾಲ್ಕು",
    "5": "five paanch panch cinq पाँच पांच पाच फाइव પાંચ ફાઇવ ஐந்து ఐదు ఫైవ్ ಐದು", "6": "six chhe chah छह छः सहा सिक्स છ સિક્સ ஆறு ఆరు సిక్స్ ಆರು", "7": "seven saat sept सात सेवन સાત સેવન ஏழு ఏడు సెవెన్ ಏಳು",
    "8": "eight aath huit आठ एट આઠ એઇટ எட்டு ఎనిమిది ఎయిట్ ಎಂಟು", "9": "nine nau neuf नौ नऊ नाइन નવ નાઇન ஒன்பது తొమ్మిది నైన్ ಒಂಬತ್ತು",
}  # fmt: skip
_NAMES = {name: sign for table in (_LETTERS, _DIGITS) for sign, names in table.items() for name in names.split()}
_TWICE = {"double": 2, "डबल": 2, "ડબલ": 2, "டபுள்": 2, "డబుల్": 2, "ಡಬಲ್": 2, "triple": 3, "ट्रिपल": 3, "ટ્રિપલ": 3}
_PIECE = re.compile(
    r"(?P<word>[^\W\d_][^\W\d_\u0900-\u0dff]*[^\W\d_\u0300-\u036f]*(?:[\u0900-\u0dff]+[^\W\d_]*)*)|(?P<digits>\d+)|(?P<gap>[ \u00a0.,\-–]+)|(?P<other>.)",
    re.DOTALL,
)


def spelled(text: str) -> Iterator[str]:
    """Each run of letters and digits that is spelled, put together; `text` has ASCII digits alone."""
    run: list[str] = []
    times = 1
    for piece in _PIECE.finditer(text.casefold()):
        kind, said = piece.lastgroup, piece[0]
        if kind == "gap":
            continue
        sign = said if kind == "digits" or (len(said) == 1 and said.isascii() and said.isalpha()) else _NAMES.get(said)
        if sign:
            run.append(sign * times)
            times = 1
        elif said in _TWICE:
            times = _TWICE[said]
        else:
            yield from _whole(run)
            run, times = [], 1
    yield from _whole(run)


def _whole(run: list[str]) -> Iterator[str]:
    """The run, and what is left of it without words at its beginning that were no letters after all ("you", "a")."""
    if any(sign.isdigit() for sign in run):
        yield from ("".join(run[first:]).upper() for first in range(len(run)))
