r"""The words that the lexical side matches: by Unicode letters and marks, folded, stemmed where a stemmer exists.

Python's own \\w breaks Indic words at their vowel signs, so tokens are runs of letters, marks and digits.  Scripts
that don't space their words give pairs of characters (Han, Kana) or of clusters, which are a consonant with the vowels
and tones around it (Thai, Lao, Khmer, Burmese): pairs of single Thai letters are in any passage.  A word is indexed by
the stem of its document's language; a question's word is looked up under the stems of all languages of the index.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

import regex
import snowballstemmer

from .irregular import BASES

_ASCII = re.compile(r"[a-z0-9]+")
_TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}"
    r"\p{Script=Khmer}\p{Script=Myanmar}][\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー"
    r"\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}]*"
)
# A vowel that is written before its consonant, the consonant, what is written above, below and behind it.
_CLUSTER = regex.compile(r"[เแโใไເແໂໃໄ]?\p{L}[\p{M}ะาำๅະາຳ]*|.")
_ACCENTS = regex.compile("[\u0300-\u036f]")
_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_KEPT = 200_000  # stems remembered a thread and language

GRAM = 4
_local = threading.local()


def words(text: str) -> list[str]:
    """The text's words, folded: no case, no Latin accents; marks of Indic scripts stay."""
    if text.isascii():
        return _ASCII.findall(text.lower())
    return [word for word, _, _ in spans(text)]


def spans(text: str) -> list[tuple[str, int, int]]:
    """The text's words with their places: (folded word, start, end)."""
    found: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if raw.isascii():
            found.append((raw.lower(), match.start(), match.end()))
            continue
        last = 0
        for run in _UNSPACED.finditer(raw):
            if run.start() > last:
                found.append((fold(raw[last : run.start()]), match.start() + last, match.start() + run.start()))
            begin = match.start() + run.start()
            found.extend((piece, begin + a, begin + b) for piece, a, b in _pieces(run.group()))
            last = run.end()
        if last < len(raw):
            found.append((fold(raw[last:]), match.start() + last, match.end()))
    return found


def _pieces(run: str) -> list[tuple[str, int, int]]:
    """The pairs of neighbouring clusters of a run of letters without spaces, with their places in it."""
    edges = [match.start() for match in _CLUSTER.finditer(run)] + [len(run)]
    if len(edges) < 3:
        return [(run, 0, len(run))]
    return [(run[a:b], a, b) for a, b in zip(edges, edges[2:], strict=False)]


def fold(word: str) -> str:
    """One word without case and without Latin, Greek or Cyrillic accents."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold())))


def accented(word: str) -> str:
    """A word as it is written, without case: where accents make another word (Vietnamese, Swedish), they count."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFC", word.casefold())


def accents(text: str) -> list[str]:
    """The words of a text that are written with accents which folding takes away, as they are written."""
    if text.isascii():
        return []
    return [raw for word, a, b in spans(text) if (raw := accented(text[a:b])) != word]


TONAL = ("vi",)  # languages of syllables: without its accents one is another, and two make most words


def pairs(text: str) -> list[str]:
    """The pairs of neighbouring syllables of a text, as they are written."""
    syllables = [accented(text[a:b]) for _, a, b in spans(text)]
    return [f"{one}_{other}" for one, other in pairwise(syllables)]


def stem(word: str, language: str) -> str:
    """The stem of a folded word; the word itself where there is no stemmer for the language."""
    try:
        return _local.stems[language][word]  # type: ignore[no-any-return]  # threading.local has no types
    except (AttributeError, KeyError):
        return _stemmed(word, language)


def _stemmed(word: str, language: str) -> str:
    algorithm = _ALGORITHMS.get(language)
    if algorithm is None or (language == "en" and word[-1:].isdecimal() and word.isascii()):
        return word  # English endings are of letters: a number or a code has none, and seldom comes twice
    told = BASES.get(word, word) if language == "en" else word
    if not hasattr(_local, "stems"):
        # A stemmer holds the word that it works on: one a thread.
        _local.stems, _local.stemmers = {}, {}
    if language not in _local.stemmers:
        _local.stemmers[language] = snowballstemmer.stemmer(algorithm)
        _local.stems[language] = {}
    stems: dict[str, str] = _local.stems[language]
    if len(stems) >= _KEPT:
        stems.clear()
    found = stems[word] = fold(_local.stemmers[language].stemWord(told))
    return found


def terms(text: str, language: str) -> list[str]:
    """The stems of a text, in order."""
    return [stem(word, language) for word in words(text)]


def variants(word: str, languages: Iterable[str]) -> frozenset[str]:
    """Everything that a folded word of a question may be indexed as."""
    return frozenset([word, *(stem(word, language) for language in languages)])


COMPOUNDING = frozenset(
    {"de", "nl", "sv", "da", "no", "fi", "et", "hu", "tr"}
)  # one word says what others say in three
_LONG = 7


def grammed(word: str, language: str) -> bool:
    """Whether a word is looked up by its character grams too: not in English-like ASCII, where stems suffice."""
    if word.isascii():
        return len(word) >= _LONG and language in COMPOUNDING and word.isalpha()
    return len(word) > 2


def grams(word: str) -> list[str]:
    """The word's overlapping runs of `GRAM` characters, for languages that inflect or compound, or lack a stemmer."""
    if len(word) <= GRAM:
        return [word]
    return [word[at : at + GRAM] for at in range(len(word) - GRAM + 1)]
