"""Whether a message only says thanks or goodbye: such a one is no reason for a person."""

from __future__ import annotations

import regex

_LONGEST = 16  # words; who says more says something besides
_WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_FAREWELL = regex.compile(
    r"(?<![\p{L}\p{M}])(?:"
    r"thanks?|thank (?:you|u)|thx|ty|cheers|bye|goodbye|good night|good day|have a (?:good|nice|great) (?:day|one|evening|night)"
    r"|that'?s (?:all|it|everything)|that (?:is|was|will be) (?:all|it|everything)|that'?ll be all|nothing (?:else|more)|i(?:'| a)m (?:done|good|all set)"
    r"|all set|no more|appreciate|ok(?:ay)?|great|perfect|cool"
    r"|merci|au revoir|bonne (?:journée|soirée)|c'est tout|rien d'autre|parfait"
    r"|dhanya?vaad|dhanyawad|shukriya|theek hai|thik hai|bas itna|alvida"
    r"|धन्यवाद|शुक्रिया|थैंक(?:्स| यू)|ठीक है|बस इतना ही|अलविदा|आभार(?:ी)?|आभार"
    r"|நன்றி|சரி|ధన్యవాదాలు|థాంక్స్|సరే|ಧನ್ಯವಾದ(?:ಗಳು)?|ಸರಿ|આભાર|ધન્યવાદ|બસ આટલું"
    r")(?![\p{L}\p{M}])"
)
_MORE = regex.compile(
    r"\?|(?<![\p{L}\p{M}])(?:but|however|can you|could you|how|what|when|where|why|which|(?<!all )i (?:want|need|would like)|i'd like|please|still|not working"
    r"|mais|comment|pourquoi|quand|je (?:veux|voudrais)|lekin|kaise|kab|kyon|kya|लेकिन|कैसे|कब|क्यों|क्या|மேலும்|ఎలా|ಹೇಗೆ|કેવી રીતે)(?![\p{L}\p{M}])"
)


def is_farewell(text: str) -> bool:
    """Whether it thanks, agrees or says goodbye, and asks for nothing besides."""
    said = text.casefold().replace("’", "'")
    if len(_WORDS.findall(said)) > _LONGEST or _MORE.search(said):
        return False
    return _FAREWELL.search(said) is not None
