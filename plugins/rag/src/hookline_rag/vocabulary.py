"""The words of an index, to look up what a customer may have meant: misspelt, or in the letters of another script.

Spelling: a word that no document holds, and that is no English word either, is read as the nearest words of the
index, by the restricted Damerau–Levenshtein distance (rapidfuzz).  A word that a document holds is never touched.

Script: people write Hindi in Latin letters and English names in Devanagari.  Both are brought to the same *sound*, a
skeleton of consonants, by anyascii and a few rules, and what sounds alike is compared letter by letter.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import resources

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

_LEAST = 4  # letters of a word that may be misspelt
_LONG = 8  # letters from which two mistakes are forgiven
_MOST = 3
_ALIKE = {2: 0.9, 3: 0.82}  # Jaro–Winkler similarity of words of the same sound, by its consonants
_LONG_ALIKE = 0.6  # the same for longer sounds, which few words share

# Digraphs first; then single letters that are one sound in loose spelling.
_RULES: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"[^a-z0-9]", ""),
        (r"tion|sion", "shn"),
        (r"tch|chh|cch", "ch"),
        (r"ck|q", "k"),
        (r"ch", "C"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"C", "c"),
        (r"d?g(?=e)|z", "j"),
        (r"ph", "f"),
        (r"sh|x(?=$)", "s"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"(?<=[kgjtdbcp])h", ""),
        (r"y(?=[^aeiou]|$)", "i"),
        (r"n(?=[pbm])", "m"),
        (r"(.)\1+", r"\1"),
    )
)
_NASAL = re.compile("[\u0901\u0902\u0981\u0982\u0a01\u0a02\u0a70\u0a81\u0a82\u0b82\u0c02\u0c82\u0d02]")
_ONE_SOUND = str.maketrans("wzyc", "vjik")
_VOWELS = re.compile(r"(?<!^)[aeiouyh]")


@functools.lru_cache(20_000)
def sound(word: str) -> str:
    """The consonants that a word sounds like, in any script: kharcha and खर्च give "krc"; "" where there are none."""
    found = _latin(word)
    for pattern, to in _RULES:
        found = pattern.sub(to, found)
    found = _VOWELS.sub("", found)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"^[aeiou]", "a", found))


@functools.cache
def english() -> frozenset[str]:
    """Words of English: what is one of them is no mistake, also where no document holds it."""
    text = (resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in text.splitlines())


class Vocabulary:
    """The words of an index with the number of chunks that hold each; read by many threads, never changed."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self._by_letter: dict[str, list[str]] | None = None
        self._by_sound: dict[bool, dict[str, list[str]]] | None = None

    def __contains__(self, word: str) -> bool:
        return word in self.counts

    def near(self, word: str) -> list[str]:
        """What a misspelt word may mean, nearest first; nothing for known words, short ones, numbers and codes."""
        if len(word) < _LEAST or word in self.counts or not word.isalpha() or (word.isascii() and word in english()):
            return []
        if self._by_letter is None:
            self._by_letter = self._lettered()
        most = 2 if len(word) >= _LONG else 1
        # The first letter is rarely wrong; where it is, two letters have changed places.
        pool = [*self._by_letter.get(word[0], ()), *(self._by_letter.get(word[1], ()) if word[0] != word[1] else ())]
        found = process.extract(word, pool, scorer=OSA.distance, score_cutoff=most, limit=20)
        ranked = sorted((int(distance), -self.counts[one], one) for one, distance, _ in found if one.isalpha())
        return [one for distance, _, one in ranked if distance == ranked[0][0]][:_MOST]

    def alike(self, word: str) -> list[str]:
        """Words of the index in other letters that sound like this one: Latin for Devanagari, and the other way."""
        skeleton = sound(word)
        if len(skeleton) < 2 or len(word) < 3:
            return []
        if self._by_sound is None:
            self._by_sound = self._sounding()
        least = _ALIKE.get(len(skeleton), _LONG_ALIKE)
        scored = [(_likeness(word, one), one) for one in self._by_sound[not word.isascii()].get(skeleton, ())]
        return [one for score, one in sorted(scored, reverse=True) if score >= least][:_MOST]

    def _lettered(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for word in self.counts:
            if len(word) >= _LEAST - 1:
                found[word[0]].append(word)
        return dict(found)

    def _sounding(self) -> dict[bool, dict[str, list[str]]]:
        found: dict[bool, dict[str, list[str]]] = {True: defaultdict(list), False: defaultdict(list)}
        for word in self.counts:
            if len(word) > 1 and not word.isdigit():
                found[word.isascii()][sound(word)].append(word)
        return found


def _latin(word: str) -> str:
    """The word in Latin letters; where the other script writes no vowel, there is none."""
    if word.isascii():
        return word.lower()
    return anyascii(_NASAL.sub("n", word)).lower().replace("ch", "c").replace("c", "ch")


def _likeness(one: str, other: str) -> float:
    """How much two words of the same sound look alike in Latin letters, 0..1.

    1 where the vowels that the one script writes are among those of the other, in order.
    """
    first, second = _loose(_latin(one)), _loose(_latin(other))
    shorter, longer = sorted((first, second), key=len)
    letters = iter(longer)
    if all(letter in letters for letter in shorter):
        return 1.0 - 0.02 * (len(longer) - len(shorter))
    return JaroWinkler.similarity(first, second)


def _loose(latin: str) -> str:
    """Latin letters without what loose spelling doubles or leaves out."""
    plain = re.sub("[^a-z0-9]", "", latin.translate(_ONE_SOUND).replace("h", ""))
    plain = re.sub("n(?=[pb])", "m", plain)
    return re.sub(r"(.)\1+", r"\1", plain.replace("ee", "i").replace("oo", "u"))
