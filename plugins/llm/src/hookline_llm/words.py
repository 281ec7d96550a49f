"""A sentence as the check of answers sees it: its words by their stems, its hard facts, its negations."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

import attrs
import regex
import snowballstemmer

from .classes import CLASSES, HARMLESS, NEGATIONS, OPPOSITES
from .facts import Fact, facts
from .stopwords import STOPWORDS
from .units import AMBIGUOUS, UNITS

_TOKEN = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}]*(?:['’](?=\p{L})[\p{L}\p{M}]+)?|\p{N}+\p{L}+[\p{L}\p{N}]*")
_ELISION = regex.compile(r"^(?:[ldcjmnst]|qu|jusqu|lorsqu|puisqu|aujourd)['’](?=\p{L})", regex.IGNORECASE)
_STEMMERS = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian", "pt": "portuguese",
             "hi": "hindi", "ta": "tamil", "nl": "dutch"}  # fmt: skip
_FREQUENCIES = frozenset(
    "ar bn cs da de el en es fa fi fr he hi hu id it ja ko nl pl pt ro ru sv ta tr uk ur vi".split()
)
_DEVANAGARI = str.maketrans(
    {"\u093c": None, "ँ": "ं", "ॊ": "ो", "ऑ": "आ", "ॉ": "ा", "ऩ": "न", "\u200d": None, "\u200c": None}
)
_NASAL = regex.compile(r"[ङञणनम]्(?=[क-म])")
CASELESS = frozenset(
    {"DEVANAGARI", "TAMIL", "TELUGU", "KANNADA", "GUJARATI", "BENGALI", "MALAYALAM", "GURMUKHI", "ARABIC"}
)


@attrs.frozen
class Word:
    """One word: `key` is its stem, `start`..`end` its place, `capital` whether it begins with a capital letter."""

    key: str
    shown: str
    start: int
    end: int
    script: str
    capital: bool
    content: bool
    frequency: float


@attrs.frozen(slots=False)
class Sentence:
    """A text, taken apart; `language` says how Latin words are stemmed."""

    text: str
    language: str = "en"

    @cached_property
    def facts(self) -> list[Fact]:
        """Its hard facts."""
        return facts(self.text)

    @cached_property
    def words(self) -> list[Word]:
        """Its words from left to right, without those of its facts."""
        taken = bytearray(len(self.text) + 1)
        for fact in self.facts:
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
        found = []
        for match in _TOKEN.finditer(self.text):
            if taken[match.start()]:
                continue
            shown = match.group()
            elided = _ELISION.match(shown)
            start = match.start() + (elided.end() if elided else 0)
            found.append(_word(shown[elided.end() if elided else 0 :], start, self.language))
        return found

    @cached_property
    def content(self) -> list[Word]:
        """Its words that carry meaning."""
        return [word for word in self.words if word.content]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The stems of all its words."""
        return frozenset(word.key for word in self.words)

    @cached_property
    def plain(self) -> list[tuple[str, int]]:
        """All its words as they are written, casefolded, with their places."""
        return [(match.group().casefold().replace("’", "'"), match.start()) for match in _TOKEN.finditer(self.text)]

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes of its words (`classes.CLASSES`)."""
        return frozenset(CLASSES[word] for word, _ in self._split if word in CLASSES)

    @cached_property
    def loose_spans(self) -> frozenset[tuple[str, float]]:
        """The units of time that it names without a number ("a day", "monthly")."""
        return _spans(word.shown.casefold() for word in self.words)

    @cached_property
    def spans(self) -> frozenset[tuple[str, float]]:
        """All units of time that it names, with a number or without."""
        return _spans(word for word, _ in self._split) | _spans(regex.findall(r"[\p{L}\p{M}]+", self.text.casefold()))

    @cached_property
    def opposites(self) -> Mapping[int, frozenset[int]]:
        """Of which pairs of opposites it holds which sides."""
        found: dict[int, set[int]] = {}
        for word, _ in self._split:
            if word in OPPOSITES:
                pair, side = OPPOSITES[word]
                found.setdefault(pair, set()).add(side)
        return {pair: frozenset(sides) for pair, sides in found.items()}

    @cached_property
    def negations(self) -> list[int]:
        """Where it denies something; two negations within four words ("ne … pas") are one."""
        lowered = self.text.casefold().replace("’", "'")
        harmless = [match.span() for phrase in HARMLESS for match in regex.finditer(rf"\b(?:{phrase})\b", lowered)]
        found: list[int] = []
        last = -9
        for number, (word, start) in enumerate(self._split):
            if word not in NEGATIONS or any(a <= start < b for a, b in harmless):
                continue
            if number - last > 4:
                found.append(start)
            last = number
        return found

    @cached_property
    def _split(self) -> list[tuple[str, int]]:
        """The plain words with contractions and elisions taken apart: "don't" is do and n't, "n'est" is n' and est."""
        found: list[tuple[str, int]] = []
        for word, start in self.plain:
            if word.endswith("n't"):
                found += [(word[:-3], start), ("n't", start)]
            elif elided := _ELISION.match(word):
                found += [(word[: elided.end()], start), (word[elided.end() :], start + elided.end())]
                if word == "aujourd'hui":
                    found.append((word, start))
            else:
                found.append((word.removesuffix("'s"), start))
        return found


def _spans(words: Iterable[str]) -> frozenset[tuple[str, float]]:
    found = (UNITS.get(word) for word in words if word not in AMBIGUOUS)
    return frozenset(unit for unit in found if unit and unit[0] in ("s", "month", "night"))


def _word(shown: str, start: int, language: str) -> Word:
    end = start + len(shown)
    shown = regex.sub(r"['’]s$", "", shown)
    key, kind, content, frequency = _known(shown, language)
    return Word(key, shown, start, end, kind, shown[0].isupper(), content, frequency)


@lru_cache(65536)
def _known(shown: str, language: str) -> tuple[str, str, bool, float]:
    lowered = shown.casefold().replace("’", "'")
    kind = script(shown)
    tongue = {"DEVANAGARI": "hi", "TAMIL": "ta"}.get(kind, language if kind == "LATIN" else "")
    content = lowered not in STOPWORDS and len(lowered) > 1 and not lowered.endswith("n't")
    return stem(lowered, tongue), kind, content, frequency(lowered, tongue)


def frequency(word: str, language: str) -> float:
    """How common the word is in the language (Zipf: 3 is once in a million, 6 once in a thousand words); 0: unknown."""
    if language not in _FREQUENCIES:
        return 0.0
    from wordfreq import zipf_frequency  # takes long to import, which a server's start need not wait for

    return float(zipf_frequency(word, language, "small"))


@lru_cache(65536)
def stem(word: str, language: str) -> str:
    """The stem of a casefolded word, without accents and without what is spelled in two ways in Devanagari."""
    if word and "\u0900" <= word[0] <= "\u097f":
        word = _NASAL.sub("ं", unicodedata.normalize("NFC", word).translate(_DEVANAGARI))
    if language in _STEMMERS and len(word) > 3:
        word = _stemmer(_STEMMERS[language]).stemWord(word)
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not ("\u0300" <= c <= "\u036f"))


@lru_cache(16)
def _stemmer(name: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(name)


@lru_cache(8192)
def script(word: str) -> str:
    """The script that a word is written in, by its first character: "LATIN", "DEVANAGARI"."""
    return unicodedata.name(word[0], "?").split(maxsplit=1)[0]


def akin(a: str, b: str) -> bool:
    """Whether two stems are of one word: one begins with most of the other."""
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) < 4:
        return len(short) >= 3 and not a[0].isascii() and long.startswith(short) and len(long) - len(short) <= 2
    same = next((n for n, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return same >= max(4, len(short) - 1) and len(long) - same <= 4


_COMMON = {
    "en": frozenset("the of and to in is are for you your with be on or by at from can".split()),
    "fr": frozenset("le la les des et est dans pour vous votre par une un du au sur sont en de".split()),
    "de": frozenset("der die das und ist nicht mit für auf ein eine von zu den dem im sie".split()),
    "es": frozenset("el los las y es en para por con una un del se su que de".split()),
}


def tongue(text: str) -> str:
    """The language of a text in Latin letters by its commonest words; "" where they do not tell."""
    words = [match.group().casefold() for match in _TOKEN.finditer(text)]
    counted = {language: sum(word in common for word in words) for language, common in _COMMON.items()}
    best, second = sorted(counted.values(), reverse=True)[:2]
    return max(counted, key=lambda language: counted[language]) if best >= 3 and best >= 2 * second else ""
