"""A message with several questions, taken apart: each is looked for by itself, so that each gets its answer.

It is cut where a question ends, and at "and" where both sides could stand alone: each has words of meaning, and the
second asks (a question word, a verb of asking) or is of the same build as the first ("price of X and insurance for
Y").  "Terms and conditions" and "calls and data" stay whole.  A comparison asks for both of what it compares.
"""

from __future__ import annotations

import regex

from .prepare import ROMAN_HINDI, Prepared
from .script import is_stopword, language_of
from .terms import words

MOST = 4
_LEAST_LETTERS = 3

_ENDS = regex.compile(r"(?<=[?？؟;])\s*(?=\S)|\n+")
_AND = regex.compile(
    r"""(?ix)
    (?:\s*,\s*|\s+)(?:and\s+also|and|also|plus|as\s+well\s+as|et\s+aussi|et|und\s+auch|und|y\s+también|y|e\s+anche|e|
    और|तथा|एवं|aur|आणि|மற்றும்|మరియు|ಮತ್ತು|અને|এবং|و|и|ve|dan|en|och|oraz)\s+
    """
)
_ASKING = regex.compile(
    r"""(?ix)^(?:
    (?:what|when|where|which|who|whose|why|how|is|are|was|do|does|did|can|could|should|will|would|may|must|have|has)\b |
    (?:comment|combien|quand|où|pourquoi|quel(?:le)?s?|qui|que|qu['’]|est-ce|puis-je|peut-on|faut-il)\b? |
    (?:wie|was|wann|wo|warum|welche[rsnm]?|wer|kann|darf|muss|gibt|ist|sind|habe)\b |
    (?:cómo|como|cuánto|cuanto|cuándo|cuando|dónde|donde|qué|que|cuál|cual|quién|puedo|hay|es)\b |
    (?:क्या|कैसे|कितना|कितनी|कितने|कब|कहाँ|कहां|क्यों|कौन|kya|kaise|kitna|kitni|kitne|kab|kahan|kyon|kaun)
    )"""
)
_ASKS_WITHIN = regex.compile(
    r"(?:क्या|कैसे|कितना|कितनी|कितने|कब|कहाँ|कहां|क्यों|कौन|\b(?:kya|kaise|kitna|kitni|kitne|kab|kahan|kyon|kaun)\b|"
    r"எப்படி|என்ன|எவ்வளவு|எப்போது|எங்கே|ఎలా|ఎంత|ఏమిటి|ఎప్పుడు|ఎక్కడ|ಹೇಗೆ|ಎಷ್ಟು|ಏನು|ಯಾವಾಗ|ಎಲ್ಲಿ|કેવી રીતે|કેટલું|કેટલો|શું|ક્યારે|ક્યાં|"
    r"कसे|किती|काय|कधी|कुठे)"
)
_JOINING = regex.compile(
    r"(?i)\b(?:of|for|on|in|to|from|with|about|pour|sur|für|von|vom|zu|para)\b|\b(?:ka|ki|ke)\b|का|की|के"
)
_OF = regex.compile(
    r"(?i)\b(?:de|du|des|del|della|do|da|per)\b"
)  # in every other phrase: alone it shows no second question
_SPANISH = regex.compile(
    r"(?i)^[¿¡\s]*(?:por\s+|en\s+|a\s+|de\s+)?(?:qué|cuál(?:es)?|quién(?:es)?|cómo|cuánd?t?[oa]s?|dónde)\b"
)
_COMPARED = regex.compile(
    r"""(?ix)^\W*(?: (?:please\s+)? compar(?:e|ez|er|a|ar) | comparison\s+(?:of|between) | vergleich(?:e|en\s+sie)? |
      (?:(?:what(?:['’]s|\s+is|\s+are)|tell\s+me|explain)\s+)?(?:the\s+)?(?:main\s+)?differences?\s+between |
      (?:quelles?\s+(?:est|sont)\s+)?(?:la|les)?\s*différences?\s+entre | (?:was\s+ist\s+)?(?:der\s+)?unterschied\s+zwischen |
      (?:cuál\s+es\s+)?(?:la\s+)?diferencias?\s+entre | which\s+(?:one\s+)?is\s+(?:better|cheaper|faster)\s*[,:]? |
      (?:kaun\s*sa|konsa)\s+(?:better|accha|sasta)\s+hai\s*[,:]?
    )\s+ (?P<one>\S.{0,60}?) \s+(?:and|with|to|vs\.?|versus|or|from|et|avec|ou|und|mit|oder|y|con|o|aur|ya)\s+ (?P<other>\S.{0,60}?) \s*[?.!]*$ |
    ^(?P<one>\S.{0,60}?) \s+ (?:vs\.?|versus|v/s) \s+ (?P<other>\S.{0,60}?) \s*[?.!]*$ |
    ^(?P<one>\S.{0,60}?) \s+ (?:और|aur|or|and) \s+ (?P<other>\S.{0,60}?) \s+ (?:में|mein|me|ke\s+beech|के\s+बीच)\s+ (?:क्या\s+|kya\s+|kitna\s+)?
    (?:अंतर|फ़र्क|फर्क|antar|f[ae]r[qk]|pharak|difference)\b.*$"""
)
_ARTICLE = regex.compile(r"(?i)^(?:the|les?|la|l['’]|der|die|das|el|los|las|il)\s+")
_MARKS = " ,.!:;\n\t"


def parts(text: str) -> list[str]:
    """The questions in a message, in order, at most `MOST`; one, as it came, where there is only one."""
    both = compared(text)
    if both:
        return both
    found = [part for sentence in _ENDS.split(text) for part in _apart(sentence.strip(_MARKS))]
    if len(found) < 2:
        return [text]
    found = [part for part in found if _meaning(part)]
    if len(found) < 2:
        return [text]
    return list(dict.fromkeys(found))[:MOST]


def compared(text: str) -> list[str]:
    """What a comparison compares: "the Gust and Gale plans" are the plan Gust and the plan Gale; empty for all else."""
    match = _COMPARED.match(text.strip())
    if match is None:
        return []
    one, other = (_ARTICLE.sub("", match.group(name).strip(_MARKS)) for name in ("one", "other"))
    if not _meaning(one) or not _meaning(other) or one.casefold() == other.casefold():
        return []
    shared = other.split()[1:]
    if shared and len(one.split()) == 1:
        one = " ".join([one, *shared])
    return [one, other]


def questions(asked: Prepared) -> list[str]:
    """The questions of a prepared message."""
    return parts(asked.asked if asked.language == ROMAN_HINDI else asked.text)


def _apart(sentence: str) -> list[str]:
    for match in _AND.finditer(sentence):
        left, right = sentence[: match.start()].strip(_MARKS), sentence[match.end() :].strip(_MARKS)
        if _alone(left, right):
            return [left, *_apart(right)]
    return [sentence] if sentence else []


def _alone(left: str, right: str) -> bool:
    if not _meaning(left) or not _meaning(right):
        return False
    if _ASKING.match(right) and (_ASKING.search(left) or len(_meaning(left)) > 1):
        return True
    if _ASKS_WITHIN.search(left) and _ASKS_WITHIN.search(right):
        return True
    if len(_meaning(right)) < 2:
        return False
    joined = [_JOINING] if _SPANISH.match(left) else [_JOINING, _OF]
    return any(one.search(left) and one.search(right, 1) for one in joined)


def _meaning(text: str) -> list[str]:
    language = language_of(text)
    return [word for word in words(text) if len(word) >= _LEAST_LETTERS - 1 and not is_stopword(word, language)]
