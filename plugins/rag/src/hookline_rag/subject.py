"""What a question is about: the words that a passage must speak of if it is to answer.

"What is the interest on savings?" is not answered by the interest on loans, and "Can I pay in cash?" not by the other
ways to pay.  Who asks plainly for one thing of another names both, and a passage that lacks one of them tells of
something near.  Who tells a story ("My dog chewed up my SIM"), or asks why, or what happens, uses words of his own
besides: those questions are read leniently, as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import regex

from .terms import fold, words

# A question that begins so asks plainly.
_PLAIN: Mapping[str, regex.Pattern[str]] = {
    "en": regex.compile(
        r"(?i)^\W*(?:(?:and|but|so)\s+)?(?!(?:what\s+(?:happens|if|about|should|shall|can|could|must|do|did|to)\b(?!.*\bcosts?\b)))"
        r"(?:what|which|how|where|when|who|is|are|do|does|did|can|could|may|will|must|have|has)\b"
    ),
    "fr": regex.compile(
        r"(?i)^\W*(?:et\s+)?(?!(?:que|qu['’]est-ce\s+qui)\s+se\s+passe)(?:quel(?:le)?s?|combien|comment|où|quand|qui|"
        r"est-ce\s+qu|est-il|est-elle|y\s+a-t-il|[\p{L}]+-(?:je|tu|vous|on|nous|il|elle|t-il|t-elle|t-on)\b)"
    ),
    "de": regex.compile(
        r"(?i)^\W*(?:und\s+)?(?!was\s+(?:passiert|ist,?\s+wenn|geschieht|mache|tun|soll)\b)"
        r"(?:was|welche[rsmn]?|wie|wo|wann|wer|gibt|ist|sind|hat|haben|kann|können|darf|dürfen|muss|bieten|bekomme)\b"
    ),
    "es": regex.compile(
        r"(?i)^[\W]*(?:y\s+)?(?!qué\s+(?:pasa|ocurre|sucede|hago)\b)"
        r"(?:qué|cuál(?:es)?|cuánt[oa]s?|cómo|dónde|cuándo|quién|hay|es|son|tienen?|hacen|puedo|se\s+puede|ofrecen|prestan)\b"
    ),
    "hi": regex.compile(r"^(?!.*क्या\s+(?:होगा|होता|करूँ|करूं|करें)).*(?:क्या|कितन|कैसे|कौन|कहाँ|कहां|कब|किस)"),
}
# What is done: there are many words for it, so a passage need not have the same.  How to do a thing is another matter:
# see `action`.
_DONE: Mapping[str, regex.Pattern[str]] = {
    "en": regex.compile(r"(?i)\b(?:i|you|we|they|he|she|it|one|to|be|been|not|also)\s+(\p{L}+)|\b(\p{L}{2,}ing)\b"),
    "fr": regex.compile(
        r"(?i)(?<=-(?:je|tu|vous|on|nous|ils?|elles?))\s+(?:[mts]['’]|me\s+|se\s+)?(\p{L}+)|(\p{L}+)-(?:je|tu|vous|on|nous|ils?|elles?)\b|"
        r"\b(?:je|vous|on|nous)\s+(\p{L}+)"
    ),
    "de": regex.compile(r"(\p{Ll}+e[rl]?n)\W*$"),
    "es": regex.compile(r"(?i)\b(?:puedo|se\s+puede|podemos|debo)\s+(\p{L}+)"),
    "hi": regex.compile(
        r"([\p{L}\p{M}]+(?:ता|ती|ते|ूँ|ूं|ेगा|ेगी|ेंगे|ें|एं|एँ))(?=(?:\s+(?:है|हैं|हूँ|हूं|था|थी|थे))?\W*$)|"
        r"([\p{L}\p{M}]+(?:ने|ना))(?=\s+(?:पर|के|का|की|में|है|हो))"
    ),
}
# What is asked for in so general a word that a passage answers without it.
_GENERAL = frozenset(
    word
    for told in (
        """much many long high old often far fast big large late early take takes taking last lasts time times amount number
        percentage year years day days month months daily weekly monthly yearly per find see obtain apply offer sell come
        comes cost costs price prices priced fee fees charge charges charged pay possible need needed available stay work
        make use used new normal extra anything something everything anyone someone ones person people valid kind kinds way
        ways monday tuesday wednesday thursday friday saturday sunday weekend""",
        """combien coûte coûtent coûter coût coûts prix tarif tarifs frais montant temps durée heure âge année années jour jours
        mois prendre trouver obtenir avoir faire possible proposez offrez pourcentage depuis jusqu chaque partir tôt tard vers
        chez avant après fin début moyen moyens nouveau nouvelle
        lundi mardi mercredi jeudi vendredi samedi dimanche""",
        """kostet kosten preis preise teuer lange viel viele alter finden macht machen bekommen möglich jahre tage meinen welchem
        dürfen neue neuer neues neuen montag dienstag mittwoch donnerstag freitag samstag sonntag wochenende""",
        """cuesta cuestan costo precio precios vale hacer hacen tener tienen encontrar tiempo edad posible nuevo nueva lunes
        martes miércoles jueves viernes sábado sábados domingo domingos""",
        """कितना कितने कितनी कीमत दाम शुल्क खर्च समय दिन साल महीने देर मिलता मिलती मिलेगा मिलेगी लगता लगती लगेगा लगेगी होता
        होती होने आता आती सकता सकती सकते चाहिए ज़्यादा ज्यादा नया नई नए""",
    )
    for one in told.split()
    for word in words(one)
)


def is_plain(question: str, language: str) -> bool:
    """Whether a question asks plainly for something: its words then name it."""
    pattern = _PLAIN.get(language or "en")
    return pattern is not None and pattern.match(question) is not None


def needed(question: str, language: str) -> Callable[[str], bool]:
    """Tells of each folded word of a plain question whether a passage that answers must speak of it."""
    pattern = _DONE.get(language or "en")
    found = pattern.finditer(question) if pattern is not None else ()
    done = {fold(word) for match in found for word in match.groups() if word}
    return lambda word: word not in _GENERAL and word not in done and not word.isdecimal()
