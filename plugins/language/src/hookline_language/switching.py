"""Requests to go on in another language: "speak Tamil", "हिंदी में बात करो", "en français s'il vous plaît"."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .names import named, names
from .words import folded, tokens

_MOST = 14
_SPEAK = (
    "speak talk reply respond answer chat converse communicate parle parlons parlez parler répond repond discut "
    "bol bolo boliye baat bat jawab jawaab batao bataiye बोल बात जवाब उत्तर बताओ बताइए बोला बोलू संवाद सांगा બોલ વાત જવાબ કહો "
    "பேசு பேச பதில் சொல்லு మాట్లాడ చెప్ప ಮಾತನಾಡ ಮಾತಾಡ ಹೇಳ ಉತ್ತರ pesu pesa pesung sollu matlad maatlad cheppu cheppand matad "
    "maatad mathad maathad helu heli bola sanga vaat kaho"
).split()
_TURN = "switch change continue write use prefer passe passer passez continu écri ecri chang utilis préfèr badlo badal बदल लिख likh".split()
_INTO = frozenset("in to into en dans mein me में मे मा mai".split())
_AFTER = frozenset("mein me में मे मध्ये મા માં dalli lo la il mai".split())
_FILLERS = frozenset(
    "please pls plz in to into en only language lang kindly now the à au svp s'il vous te plaît plait merci mein me में मे mai "
    "sirf bas kripya कृपया केवल सिर्फ भाषा dalli lo la ok okay yes no haan ji hi hello bonjour namaste मध्ये મા માં bhasha langue".split()
)
_NOT_BEFORE = frozenset(
    "not no don't dont can't cant cannot never doesn't without pas ne jamais from rather instead".split()
)
_NOT_AFTER = frozenset("pas nahi nahin nhi mat नहीं नही मत नको नाही નથી નહીં ledu illa beda இல்லை వద్దు ಬೇಡ".split())


@attrs.frozen
class Request:
    """A wish for a language; `bare` if the message says nothing else."""

    tag: str
    bare: bool


def requested(text: str, spoken: Sequence[str]) -> Request | None:
    """The language that the message asks to go on in, one of `spoken` or another; None where it asks for none."""
    words = [folded(word) for word in tokens(text)]
    if not words or len(words) > _MOST:
        return None
    known = names(tuple(spoken))
    places = [(n, tag) for n, word in enumerate(words) if (tag := named(word, known))]
    ends = [-1, *(n for n, _ in places), len(words)]
    places = [(n, tag) for m, (n, tag) in enumerate(places, 1) if not _refused(words, ends[m - 1], n, ends[m + 1])]
    tags = list(dict.fromkeys(tag for _, tag in places))
    if len(tags) != 1:
        return None
    (at, tag), rest = places[0], [word for n, word in enumerate(words) if n not in {n for n, _ in places}]
    if not [word for word in rest if word not in _FILLERS]:
        return Request(tag, bare=True) if tag in spoken else None
    told = any(word.startswith(verb) for word in rest for verb in _SPEAK)
    turned = any(word.startswith(verb) for word in rest for verb in _TURN)
    into = words[at - 1] in _INTO if at else False
    into = into or (at + 1 < len(words) and words[at + 1] in _AFTER) or named(words[at][:-1], known) != ""
    if not (told or (turned and into)):
        return None
    return Request(tag, bare=len(rest) <= 8)


def _refused(words: Sequence[str], last: int, at: int, following: int) -> bool:
    """Whether the name at `at` stands in a "not": "I don't speak Hindi", "Hindi nahi aati"; between two other names."""
    before, after = words[max(last + 1, at - 4) : at], words[at + 1 : min(following, at + 3)]
    return not _NOT_BEFORE.isdisjoint(before) or not _NOT_AFTER.isdisjoint(after)
