"""The language of one message among those that a tenant speaks: by its script, then its words, then the model.

A message counts by its words: each is of one language or shared by several (`words`), or is judged by its letters
(`classifier`).  A language that people mix with English, as romanised Hindi is, takes English words lightly; English takes
words of others hard.  So "my EMI kitna hai" is Hinglish and "I had paneer tikka" is English.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence

import attrs

from hookline import languages

from . import model
from .classifier import classifiers
from .scripts import same, scripts
from .words import GROUPS, LONGEST, Shares, folded, lexicon, tokens

ROMANISED = ("mr-Latn", "gu-Latn", "ta-Latn", "te-Latn", "kn-Latn")
"""Told by word lists alone: what is written in Latin letters for want of a keyboard."""
_ELISIONS = ("l", "d", "j", "n", "s", "c", "m", "t", "qu", "jusqu", "lorsqu", "puisqu")
_CODE = re.compile(r"[{}<>;=\\]|\w\(|\)\s*:|::|//|^\s*#|\w\.\w+\(", re.MULTILINE)
"""The marks of a program: where there are many, its words tell nothing of who sent it."""
_TINY = 0.012
_PLAIN = 0.93  # a word that no list has, and that is hardly of another language by its letters


@attrs.frozen
class Guess:
    """A message's language: `confidence` in 0..1, `evidence` the number of words that speak for it alone.

    `tag` is "" where nothing shows it (a number, a name, "ok").  `foreign` is the language of a message that is in
    none of the tenant's, as far as the model knows; `tag` is then the closest of the tenant's, or "".
    """

    tag: str = ""
    confidence: float = 0.0
    evidence: int = 0
    foreign: str = ""


@attrs.frozen
class Word:
    """A word of the message with its languages; `known` if a list has it, `weight` how much it counts.

    `small`: it has no capital letter, so it is hardly a name.
    """

    text: str
    shares: Shares
    known: bool
    weight: float = 1.0
    small: bool = True


class Detector:
    """Tells the languages of one tenant apart."""

    def __init__(self, tags: Sequence[str]) -> None:
        self.tags = tuple(dict.fromkeys(found for tag in tags if (found := languages.canonical(tag))))
        self._by_script: dict[str, list[str]] = {}
        for tag in self.tags:
            self._by_script.setdefault(languages.script(tag), []).append(tag)

    def detect(self, text: str) -> Guess:
        """The language of the text."""
        words = tokens(text)
        found = scripts(words)
        marks = len(_CODE.findall(text[:LONGEST]))
        if not found or (marks > 1 and 4 * marks >= len(words) + 2):
            return Guess()
        main = self._main(found)
        mine = [word for word in words if scripts([word]).get(main)]
        offered = [tag for script, tags in self._by_script.items() if same(script, main) for tag in tags]
        if main == "Latn":
            return self._latin(mine, offered)
        if not offered:
            return self._unlisted(" ".join(mine), main)
        if main == "Deva":
            return self._devanagari(mine, offered)
        return self._by_model(" ".join(mine), offered, len(mine))

    def _main(self, found: Mapping[str, int]) -> str:
        """The script that counts: another than Latin, unless it is a word or two in a Latin text."""
        others = {script: count for script, count in found.items() if script != "Latn"}
        if not others:
            return "Latn"
        most = max(others, key=lambda script: others[script])
        return "Latn" if found.get("Latn", 0) > 3 * others[most] else most

    # -- Latin letters -------------------------------------------------------------------------------------------------

    def _latin(self, words: list[str], offered: list[str]) -> Guess:
        judged = _judged(words, "Latn")
        candidates = [tag for tag in GROUPS["Latn"] if tag in map(_own_name, offered)]
        spoken = {_own_name(tag): tag for tag in offered}
        for tag in ("hi-Latn", *ROMANISED):  # romanised: the language in its own script, where that is spoken
            here = tag if tag in spoken else next((t for t in self.tags if t == languages.first(tag)), "")
            if here:
                spoken.setdefault(tag, here)
                candidates.append(tag)
        candidates = [tag for tag in dict.fromkeys(candidates) if tag not in ROMANISED or _evidence(judged, tag)]
        others = [tag for tag in offered if _own_name(tag) not in GROUPS["Latn"] and tag not in ROMANISED]
        scores = {tag: _score(judged, tag) for tag in candidates if tag not in others}
        if others:
            scores = _with_model(" ".join(words), scores, others, judged)
        if not scores:
            return self._unlisted(" ".join(words), "Latn")
        if not others:
            scores = _with_hint(" ".join(words), scores, judged)
        best = max(scores, key=lambda tag: scores[tag])
        confidence = _confidence(scores, best)
        evidence = _evidence(judged, best) if best not in others else len(words)
        if best in ("hi-Latn", *ROMANISED) and not _speaks(judged, best):
            rest = {tag: score for tag, score in scores.items() if tag not in ("hi-Latn", *ROMANISED)}
            return Guess() if not rest else Guess(spoken.get(max(rest, key=lambda t: rest[t]), ""), 0.5, 0)
        if spoken.get(best, best) not in offered and evidence < 2:  # one word is too little to answer in another script
            return Guess()
        if foreign := self._foreign_latin(" ".join(words), judged, spoken):
            return Guess(self._closest(foreign), 0.5, 0, foreign)
        if not evidence and all(word.weight < 1 or not word.known for word in judged) and len(judged) < 3:
            return Guess(spoken.get(best, best), min(confidence, 0.6), 0)
        return Guess(spoken.get(best, best), confidence, evidence)

    def _foreign_latin(self, text: str, judged: Sequence[Word], spoken: Mapping[str, str]) -> str:
        """A language in Latin letters that the tenant does not speak; "" where the message may be in one that it does."""
        for tag in ("hi-Latn", "fr", "en", *ROMANISED):
            if tag not in spoken and _evidence(judged, tag) >= 2:
                mine = max((_evidence(judged, other) for other in spoken), default=0)
                score = _score(judged, tag) - max((_score(judged, other) for other in spoken), default=-math.inf)
                if _evidence(judged, tag) > 2 * mine and score > 2:
                    return tag
        known = sum(1 for word in judged if word.known and any(word.shares.get(tag, 0) > 0.3 for tag in spoken))
        romanised = any(_evidence(judged, tag) for tag in spoken if tag in ("hi-Latn", *ROMANISED))
        alike = max(
            (sum(w.shares.get(tag, 0) > 0.8 for w in judged) for tag in ("en", "fr") if tag in spoken), default=0
        )
        if len(judged) < 4 or known > 0.25 * len(judged) or alike > 0.5 * len(judged) or romanised:
            return ""
        told = model.shares(text, model.known())
        best = max(told, key=lambda tag: told[tag])
        ours = {languages.first(tag) for tag in self.tags}
        return best if told[best] > 0.99 and best not in ours and languages.script(best) == "Latn" else ""

    # -- other scripts -------------------------------------------------------------------------------------------------

    def _devanagari(self, words: list[str], offered: list[str]) -> Guess:
        judged = _judged(words, "Deva")
        scores = {tag: _score(judged, _own_name(tag)) for tag in offered if _own_name(tag) in GROUPS["Deva"]}
        others = [tag for tag in offered if tag not in scores]
        if others:
            scores = _with_model(" ".join(words), scores, others, judged)
        best = max(scores, key=lambda tag: scores[tag])
        foreign = ""
        if len(scores) == 1 and best in ("hi", "mr"):
            other = "mr" if best == "hi" else "hi"
            gain = _score(judged, other) - scores[best]
            if gain > 2 and _evidence(judged, other) >= 2:
                foreign = other
        evidence = len(words) if len(scores) == 1 else _evidence(judged, _own_name(best))
        return Guess(best, _confidence(scores, best), evidence, foreign)

    def _by_model(self, text: str, offered: list[str], count: int) -> Guess:
        if len(offered) == 1:
            return Guess(offered[0], 1.0, count)
        told = model.shares(text, offered)
        if not told:
            return Guess(offered[0], 0.5, 0)
        best = max(told, key=lambda tag: told[tag])
        return Guess(best, told[best], count if told[best] > 0.8 else 0)

    def _unlisted(self, text: str, script: str) -> Guess:
        """A script that none of the tenant's languages is written in: the language is foreign."""
        alike = [tag for tag in model.known() if same(languages.script(tag), script)]
        told = model.shares(text, alike)
        foreign = max(told, key=lambda tag: told[tag]) if told else ""
        if script == "Deva":
            judged = _judged(tokens(text), "Deva")
            foreign = max(GROUPS["Deva"], key=lambda tag: _score(judged, tag))
        return Guess(self._closest(foreign), 0.5, 0, foreign)

    def _closest(self, foreign: str) -> str:
        """The tenant's language that is nearest: the same in another script; "" where there is none."""
        return next((tag for tag in self.tags if languages.first(tag) == languages.first(foreign)), "")


def _own_name(tag: str) -> str:
    """The tag as the lists here call it: "en-IN" is "en", "hi-Latn-IN" is "hi-Latn"."""
    first, script = languages.first(tag), languages.script(tag)
    return f"{first}-Latn" if script == "Latn" and first in ("hi", "mr", "gu", "ta", "te", "kn") else first


def _judged(words: Sequence[str], script: str) -> list[Word]:
    return [part for n, word in enumerate(words) for part in _parts(word, script, starts=n == 0)]


def _parts(word: str, script: str, *, starts: bool) -> list[Word]:
    """The word, or the two that an apostrophe joins in French ("l'appartement")."""
    low = folded(word)
    if (shares := lexicon().get(low)) is not None:
        return [Word(low, shares, known=True)]
    head, mark, rest = low.partition("'")
    if mark and head in _ELISIONS and len(rest) > 1:
        return [Word(f"{head}'", {"fr": 1.0}, known=True), *_parts(rest, script, starts=False)]
    name = (word[:1].isupper() and not starts) or (len(word) > 1 and word.isupper())
    weight = 0.25 if name or len(low) < 3 else 0.7
    return [Word(low, _by_letters(low, script), known=False, weight=weight, small=word.islower())]


@functools.lru_cache(maxsize=16384)
def _by_letters(word: str, script: str) -> Shares:
    shares = classifiers()[script].shares(word)
    return {tag: 0.06 / len(shares) + 0.94 * share for tag, share in shares.items()}


def _taken(word: Word, tag: str) -> float:
    """How well a message in the language may hold the word."""
    own, english = word.shares.get(tag, 0.0), word.shares.get("en", 0.0)
    if tag == "en":
        return 0.96 * own + _TINY
    if tag == "fr":
        return 0.93 * own + 0.05 * english + _TINY
    if tag in ("hi", "mr"):
        return 0.97 * own + _TINY
    mixed = 0.1 * word.shares.get("hi-Latn", 0.0) if tag in ROMANISED else 0.0
    return 0.6 * own + 0.34 * english + mixed + _TINY


def _score(judged: Sequence[Word], tag: str) -> float:
    return sum(word.weight * math.log(_taken(word, tag)) for word in judged)


def _evidence(judged: Sequence[Word], tag: str) -> int:
    """The words that are the language's alone, or nearly; of those that no list has, what may be a name counts nothing."""
    known = sum(word.known and word.shares.get(tag, 0.0) >= 0.6 and word.weight > 0.3 for word in judged)
    return known + sum(
        not word.known and word.small and word.shares.get(tag, 0.0) >= 0.9 and word.weight > 0.3 for word in judged
    )


def _speaks(judged: Sequence[Word], tag: str) -> bool:
    """Whether a romanised language shows: in a word of its list, in one plain by its letters, or in all words."""
    if any(word.known and word.shares.get(tag, 0.0) >= 0.5 for word in judged):
        return True
    if tag != "hi-Latn":
        return False
    alike = [word for word in judged if not word.known and word.weight > 0.3 and word.shares.get(tag, 0.0) > 0.85]
    plain = sum(word.small and len(word.text) > 3 and word.shares[tag] > _PLAIN for word in alike)
    english = sum(word.known and word.shares.get("en", 0.0) > 0.9 for word in judged)
    return len(alike) == len(judged) or (plain > 0 and plain >= english)


def _confidence(scores: Mapping[str, float], best: str) -> float:
    return 1 / sum(math.exp(min(50.0, score - scores[best])) for score in scores.values())


def _with_hint(text: str, scores: Mapping[str, float], judged: Sequence[Word]) -> dict[str, float]:
    """The scores, with the model's opinion where no list has any of the words."""
    plain = [tag for tag in scores if _own_name(tag) in ("en", "fr", "hi", "mr")]
    if len(plain) < 2 or any(word.known for word in judged):
        return dict(scores)
    told = model.shares(text, plain)
    return {tag: score + (math.log(told.get(tag, 0.0) + 0.1) if tag in plain else 0.0) for tag, score in scores.items()}


def _with_model(
    text: str, scores: Mapping[str, float], others: Sequence[str], judged: Sequence[Word]
) -> dict[str, float]:
    """The scores with those of languages that only the model knows: it shares out what the lists do not claim."""
    listed = {tag: languages.first(tag) for tag in scores if tag in ("en", "fr", "hi", "mr")}
    told = model.shares(text, [*others, *listed])
    if not told:
        return dict(scores)
    pull = min(6.0, 2.0 + 0.8 * len(judged))
    best = max(scores.values(), default=-2.0)
    claimed = sum(1 for word in judged if word.known)
    found = {
        tag: score + (pull * math.log(told.get(tag, 1.0) + 0.02) / 4 if tag in listed else 0)
        for tag, score in scores.items()
    }
    for tag in others:
        found[tag] = (
            best + pull * math.log(told.get(tag, 0.0) + 0.02) / 4 - 1.2 * claimed + 0.5 * (len(judged) - claimed) + 0.3
        )
    return found


__all__ = ["ROMANISED", "Detector", "Guess"]
