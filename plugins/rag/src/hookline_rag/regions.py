"""Countries and the union that they are in: what a document says of the EU is said of Germany too.

Offers for travellers, deliveries and warranties name regions where customers name countries.  The names come from
CLDR (Babel), in English and in the question's language; only those of one word are known.
"""

from __future__ import annotations

import functools

from babel import Locale, UnknownLocaleError

from .terms import fold

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
_AREA = "IS LI NO".split()  # in the European Economic Area, not in the union
_EUROPE = "CH GB UA RS AL BA MK ME MD AD MC SM".split()
_UNION_WORDS = frozenset(
    map(fold, "EU UE européenne europäischen europea यूरोपीय ஐரோப்பிய యూరోపియన్ યુરોપિયન ಯುರೋಪಿಯನ್ European".split())
)
_AREA_WORDS = frozenset(map(fold, "EEA EEE EWR EWG".split()))
_CONTINENT_WORDS = frozenset(map(fold, "Europe Europa यूरोप ஐரோப்பா యూరప్ યુરોપ ಯುರೋಪ್ yurop".split()))


def around(word: str, language: str) -> frozenset[str]:
    """The words of the regions that a folded word lies in; of Europe, its union too.  Empty for most words."""
    if word in _UNION_WORDS or word in _CONTINENT_WORDS:
        return (_UNION_WORDS | _AREA_WORDS | _CONTINENT_WORDS) - {word}
    code = _countries("en").get(word) or (_countries(language).get(word) if language not in {"", "en"} else None)
    if code in _UNION:
        return _UNION_WORDS | _AREA_WORDS | _CONTINENT_WORDS
    if code in _AREA:
        return _AREA_WORDS | _CONTINENT_WORDS
    return _CONTINENT_WORDS if code in _EUROPE else frozenset()


@functools.cache
def _countries(language: str) -> dict[str, str]:
    """ISO 3166 codes by the folded names of one word; empty for a language that CLDR does not know."""
    try:
        names = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return {}
    return {fold(str(names[code])): code for code in (*_UNION, *_AREA, *_EUROPE) if code in names}
