"""Numbers that are written out in words: "twenty-five", "quatre-vingt-dix-sept", "पच्चीस", "zwanzig"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .units import MULTIPLIERS

_EN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen""".split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_EN_ORDINALS = """zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth""".split()
_FR = """zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize""".split()
_FR_TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
            "huitante": 80, "octante": 80, "nonante": 90}  # fmt: skip
_FR_ORDINALS = """zéroième premier deuxième troisième quatrième cinquième sixième septième huitième neuvième
dixième onzième douzième treizième quatorzième quinzième seizième""".split()
_DE = """null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn
achtzehn neunzehn""".split()
_DE_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_HI = """शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस
पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस
तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ
इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर
उन्यासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे
छियानवे सत्तानवे अट्ठानवे निन्यानवे""".split()
_HI_OTHER = {"पांच": 5, "छः": 6, "छे": 6, "छ": 6, "पन्द्रह": 15, "अट्ठारह": 18, "इक्यावान": 51, "पैसठ": 65,
             "दोनों": 2, "तीनों": 3, "पहला": 1, "पहली": 1, "पहले": 1, "दूसरा": 2, "दूसरी": 2, "दूसरे": 2, "तीसरा": 3,
             "तीसरी": 3, "तीसरे": 3, "चौथा": 4, "चौथी": 4, "चौथे": 4, "पांचवां": 5, "पांचवीं": 5, "पाँचवें": 5}  # fmt: skip
_TA = "பூஜ்யம் ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து".split()


def _small() -> dict[str, int]:
    found: dict[str, int] = {}
    for words in (_EN, _EN_ORDINALS, _FR, _FR_ORDINALS, _DE, _HI, _TA):
        found |= {word: number for number, word in enumerate(words)}
    for tens in (_EN_TENS, _DE_TENS):
        found |= {word: 10 * number for number, word in enumerate(tens, 2)}
    found |= {f"{word[:-1]}ieth": 10 * number for number, word in enumerate(_EN_TENS, 2)}
    found |= _FR_TENS | _HI_OTHER | {"fünfzig": 50, "dreissig": 30, "dozen": 12, "douzaine": 12, "दर्जन": 12, "eins": 1,
                                      "twice": 2, "thrice": 3, "double": 2, "triple": 3, "first": 1}  # fmt: skip
    for units, one in enumerate(_DE[1:10], 1):  # einundzwanzig … neunundneunzig
        found |= {f"{one}und{ten}": 10 * number + units for number, ten in enumerate(_DE_TENS, 2)}
    return found


SMALL: Mapping[str, int] = _small()
# What is as often an article, a pronoun or an adverb as a number; alone it is none.
VAGUE = frozenset("one un une ein eins एक first premier पहले पहला पहली second दूसरे neuf दो double zero दूसरा दूसरी".split())
_AND = frozenset({"and", "et", "und"})
_HUNDRED = frozenset("hundred cent cents सौ hundert".split())
_LETTERS = frozenset("k mn mio cr bn mrd".split())


def read(words: Sequence[str]) -> tuple[float, int] | None:
    """The number that the casefolded words begin with and how many of them it takes; None if they begin with none.

    Hyphenated numbers must come as words of their own.
    """
    if not words or (words[0] not in SMALL and words[0] not in _HUNDRED | {"mille"}):
        return None
    total = current = 0.0
    taken = 0
    for number, word in enumerate(words):
        if word in _AND and taken and current and number + 1 < len(words) and words[number + 1] in SMALL:
            continue
        if word in SMALL:
            value = SMALL[word]
            if word.startswith("vingt") and current % 100 == 4:  # quatre-vingts
                current += 76
            elif taken and not _goes_on(total, current, value):
                break
            else:
                current += value
        elif word in _HUNDRED:
            if current >= 100:
                break
            current = (current or 1) * 100
        elif word in MULTIPLIERS and word not in _LETTERS:
            total += (current or 1) * MULTIPLIERS[word]
            current = 0.0
        else:
            break
        taken = number + 1
    return total + current, taken


def _goes_on(total: float, current: float, value: float) -> bool:
    """Whether a number that stands at `current` (and thousands before it) may go on with this value."""
    if not current:
        return total > 0
    open_tens = current % 100
    if not open_tens:
        return value < 100
    if open_tens in (60, 80) and value < 20:  # soixante-dix, quatre-vingt-onze
        return True
    if open_tens in (70, 90) and 6 < value < 10:  # soixante-dix-sept
        return True
    return open_tens >= 20 and open_tens % 10 == 0 and value < 10


def value(word: str) -> float | None:
    """What a casefolded word would be as a number, also where it is as often something else ("one", "premier")."""
    return SMALL.get(word)
