"""What a question wants to do: "reset" of "How do I reset my router?".

A passage about the same thing that never speaks of the action answers another question: how a router is returned.
Only questions that ask how are read so: "can I grill on the balcony" may be answered by what says "barbecues".
"""

from __future__ import annotations

from collections.abc import Mapping

import regex

from .terms import fold

_OPENERS: Mapping[str, regex.Pattern[str]] = {
    "en": regex.compile(
        r"(?i)^\W*(?:and\s+|but\s+)?how\s+(?:do|does|can|could|to|would|should|may|must|will)\s+"
        r"(?:(?:i|we|you|one|they|people|someone)\s+)?(?:(?:not|still|also|even|please)\s+)*(?P<action>\p{L}+)"
    ),
    "fr": regex.compile(
        r"(?i)^\W*comment\s+(?:(?:puis-je|peut-on|pouvez-vous|pouvons-nous|dois-je|faut-il|"
        r"(?:est-ce\s+(?:que\s+je|qu'on)|je|on)\s+(?:peux?|doi[st])|faire\s+pour)\s+)?(?:d['’])?(?P<action>\p{L}+(?:er|ir|re))\b"
    ),
    "es": regex.compile(
        r"(?i)^\W*cómo\s+(?:(?:puedo|se\s+puede|podemos|debo|hay\s+que)\s+)?(?P<action>\p{L}+[aei]r)\b"
    ),
    "pt": regex.compile(r"(?i)^\W*como\s+(?:(?:posso|pode-se|se\s+pode|podemos|devo)\s+)?(?P<action>\p{L}+[aei]r)\b"),
    "it": regex.compile(r"(?i)^\W*come\s+(?:(?:posso|si\s+può|possiamo|devo)\s+)?(?P<action>\p{L}+[aei]re)\b"),
}
# They say nothing by themselves, or as much as "what about".
_EMPTY = frozenset(
    """get have do make use find know see be go need want take give want tell contact there this that offer sell happen
    work avoir être faire savoir trouver obtenir aller voir prendre mettre utiliser tener hacer saber ver ir usar
    encontrar obtener ser estar ter fazer usar obter avere fare sapere usare trovare ottenere""".split()
)


def action(text: str, language: str) -> str:
    """The folded verb that a question asks about; "" where it shows none."""
    opener = _OPENERS.get(language or "en")
    found = opener.match(text) if opener is not None else None
    told = fold(found.group("action")) if found is not None else ""
    return "" if told in _EMPTY else told
