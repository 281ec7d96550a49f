"""How a message sounds, from -1 (furious) to 1 (delighted): by the words of nine languages, emoji, negation and emphasis.

Words have a valence from -4 to 4: VADER's for English (C.J. Hutto and E. Gilbert, 2014), own lists for the rest and for
what customers of companies say.  The sum is squeezed as VADER does it, x / sqrt(x² + 15).  What asks for something
politely is neither glad nor angry.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from importlib import resources

import attrs

from .negation import AFTER, BEFORE
from .tokens import Token, fold, key, keys, tokenise

NEUTRAL = 0.3
_NEGATED = -0.74
_SQUEEZE = 15.0
_BUT = {key(w) for w in "but however though mais lekin magar par लेकिन मगर पर परंतु पण પણ પરંતુ ஆனால் కానీ ಆದರೆ".split()}
_MORE = {
    key(w): 1.3
    for w in (
        "very really so too extremely absolutely totally completely such highly super most quite "
        "bahut bohot boht bahot bhot kaafi kafi itna itni itne ekdum bilkul très tres trop vraiment si tellement extrêmement totalement "
        "बहुत काफी बेहद इतना इतनी एकदम बिल्कुल खूप फार अतिशय ખૂબ બહુ ઘણું மிக மிகவும் ரொம்ப చాలా అతి ತುಂಬಾ ಬಹಳ"
    ).split()
}
_LESS = {
    key(w): 0.6
    for w in "slightly somewhat little bit thoda thodi थोड़ा थोड़ी peu assez कुछ थोडे થોડું கொஞ்சம் కొంచెం ಸ್ವಲ್ಪ".split()
}
_PHRASE = 5


@attrs.frozen
class Mood:
    """How a text sounds: `value` from -1 to 1, its name, and how sure that is; `words`: how many words told."""

    value: float
    label: str
    confidence: float
    words: int


def label(value: float) -> str:
    """The name of a value."""
    return "positive" if value >= NEUTRAL else "negative" if value <= -NEUTRAL else "neutral"


_FRENCH = frozenset(
    "le la les l de du des d et est je j vous nous il elle on un une pas ne n pour mon ma mes votre vos notre ce c cette ces qui que qu avec dans sur au aux "
    "suis etes ai a ont sont tres plus mais trop tout bien merci bonjour film".split()
)


@attrs.frozen
class _Words:
    """Valences by phrase, and how many words the longest phrase has that begins with a word."""

    values: dict[tuple[str, ...], float]
    longest: dict[str, int]


@functools.cache
def _lexicon(french: bool) -> _Words:
    """The words of a French text, or those of all other languages."""
    text = resources.files(__package__).joinpath("sentiment.txt").read_text(encoding="utf-8")
    found: dict[tuple[str, ...], float] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("#"):
            section = line[2:]
        elif (line and (section == "French") == french) or section.startswith("Emoji"):
            value, words = line.split(": ", 1)
            for word in words.split():
                found[keys(word.replace("_", " ")) or (fold(word).text,)] = float(value)
    longest: dict[str, int] = {}
    for phrase in found:
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return _Words(found, longest)


def _french(tokens: Sequence[Token]) -> bool:
    words = [token.key for token in tokens if token.kind == "w"]
    known = sum(word in _FRENCH for word in words)
    accents = any("\u00c0" <= char <= "\u017f" for token in tokens for char in token.text)
    if 0 < len(words) <= 2 and not known and not accents:
        return any(
            (word,) in _lexicon(french=True).values and (word,) not in _lexicon(french=False).values for word in words
        )
    return (known >= 2 and known * 5 >= len(words)) or (accents and (known > 0 or len(words) <= 4))


def judge(text: str) -> Mood:
    """How a text sounds."""
    tokens = tokenise(fold(text))
    values = list(_valences(tokens, text, _lexicon(_french(tokens))))
    if not values:
        return Mood(0.0, "neutral", 0.5, 0)
    if "?" in text:
        values = [(at, value * (0.5 if value > 0 else 1.0)) for at, value in values]  # "is it good?" praises nothing
    turn = next((at for at, token in enumerate(tokens) if token.key in _BUT and 0 < at < len(tokens) - 1), None)
    if turn is not None and any(at > turn for at, _ in values):
        values = [(at, value * (0.6 if at < turn else 1.4)) for at, value in values]
    total = sum(value for _, value in values)
    loud = min(4, text.count("!")) * 0.29
    total += math.copysign(loud, total) if total else 0.0
    value = total / math.sqrt(total * total + _SQUEEZE)
    against = sum(v for _, v in values if v * total < 0)
    doubt = abs(against) / (abs(total) + abs(against) + 1e-9)
    sure = 0.5 + 0.45 * min(1.0, abs(value) * 1.4) * (1 - doubt)
    return Mood(round(value, 3), label(value), round(sure, 3), len(values))


def _valences(tokens: Sequence[Token], text: str, words_of: _Words) -> Iterator[tuple[int, float]]:
    lexicon, longest = words_of.values, words_of.longest
    words = [token.key for token in tokens]
    shouting = not text.isupper() and not text.islower()
    at = 0
    while at < len(tokens):
        value, length = None, 1
        for size in range(min(longest.get(words[at], 0), len(words) - at), 0, -1):
            value = lexicon.get(tuple(words[at : at + size]))
            if value is not None:
                length = size
                break
        if value is None and tokens[at].kind == "w" and not words[at].isascii():
            value = _inflected(words[at], lexicon)
        if value:
            value *= _emphasis(words, at, tokens)
            if shouting and _capital(text, tokens, at):
                value *= 1.2
            if length == 1 and _negated(words, at, length, tokens):
                value *= _NEGATED
            yield at, value
        at += length


def _capital(text: str, tokens: Sequence[Token], at: int) -> bool:
    if not text.isascii():
        return False
    word = text[tokens[at].start : tokens[at].end]
    return len(word) > 2 and word.isupper()


def _inflected(word: str, lexicon: dict[tuple[str, ...], float]) -> float | None:
    """An Indic word with an ending that is in no list: the longest beginning that is."""
    for length in range(len(word) - 1, max(4, len(word) - 4) - 1, -1):
        found = lexicon.get((word[:length],))
        if found is not None:
            return found
    return None


def _emphasis(words: Sequence[str], at: int, tokens: Sequence[Token]) -> float:
    factor = 1.0
    for word in words[max(0, at - 2) : at]:
        factor *= _MORE.get(word, 1.0) * _LESS.get(word, 1.0)
    return factor


def _negated(words: Sequence[str], at: int, length: int, tokens: Sequence[Token]) -> bool:
    for place in range(at - 1, max(-1, at - 4), -1):
        if tokens[place].kind == "s" and tokens[place].text in ",.!?;।":
            break
        if words[place] in BEFORE:
            return not (words[place] == "no" and place == 0 and len(words) > at + 2)
    for place in range(at + length, min(len(words), at + length + (2 if words[at].isascii() else 4))):
        if tokens[place].kind == "s":
            break
        if words[place] in AFTER:
            return True
    return False
