"""What the classifier learns from: the declared examples, the intents' names, and how far the embedder can read them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import attrs
import msgspec
import numpy as np
import regex

from .classifier import FORMAT
from .intentfile import IntentFile
from .training import NULL, Examples
from .words import LONGEST, words

_BREAK = regex.compile(r"[\W_]+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{L})(?=\p{N})")
_SCRIPTS: Mapping[str, str] = {
    **dict.fromkeys(("hi", "mr", "ne", "sa", "kok"), "DEVANAGARI"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "sd", "ug"), "ARABIC"),
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"), "CYRILLIC"),
    **dict.fromkeys(("bn", "as"), "BENGALI"),
    **dict.fromkeys(("am", "ti"), "ETHIOPIC"),
    "gu": "GUJARATI",
    "ta": "TAMIL",
    "te": "TELUGU",
    "kn": "KANNADA",
    "ml": "MALAYALAM",
    "pa": "GURMUKHI",
    "or": "ORIYA",
    "si": "SINHALA",
    "th": "THAI",
    "lo": "LAO",
    "km": "KHMER",
    "my": "MYANMAR",
    "el": "GREEK",
    "he": "HEBREW",
    "ka": "GEORGIAN",
    "hy": "ARMENIAN",
    "zh": "CJK",
    "ja": "CJK",
    "ko": "HANGUL",
}
_LOOKED_AT = 200


@attrs.frozen
class Lines:
    """Sentences with their intents ("" for out of scope), and those that are only names or descriptions of one."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]
    named: tuple[bool, ...]
    names: tuple[str, ...]

    @classmethod
    def declared(cls, file: IntentFile) -> Lines:
        """Those of a file; an intent with nothing but keywords is none that could be learned."""
        found: dict[tuple[tuple[str, ...], str], tuple[str, str, bool]] = {}
        learned = [intent for intent in file.intents if intent.examples]
        for intent in learned:
            for text, _ in intent.sentences:
                found.setdefault((words(text), intent.name), (text, intent.name, False))
        for text in file.out_of_scope:
            found.setdefault((words(text), ""), (text, "", False))
        for intent in learned:
            for text in (spoken(intent.name), intent.description):
                if words(text):
                    found.setdefault((words(text), intent.name), (text, intent.name, True))
        return cls._of(found.values(), sorted(intent.name for intent in learned))

    @classmethod
    def given(cls, lines: Iterable[tuple[str, str | None]]) -> Lines:
        """Those of a file of lines; None is out of scope.  The same text with the same intent counts once."""
        found: dict[tuple[tuple[str, ...], str], tuple[str, str, bool]] = {}
        for text, intent in lines:
            if words(text):
                found.setdefault((words(text), intent or ""), (text, intent or "", False))
        names = sorted({intent for _, intent, _ in found.values() if intent})
        for name in names:
            if words(spoken(name)):
                found.setdefault((words(spoken(name)), name), (spoken(name), name, True))
        return cls._of(found.values(), names)

    @classmethod
    def _of(cls, found: Iterable[tuple[str, str, bool]], names: Sequence[str]) -> Lines:
        rows = list(found)
        return cls(
            tuple(text for text, _, _ in rows),
            tuple(intent for _, intent, _ in rows),
            tuple(named for _, _, named in rows),
            tuple(names),
        )

    @property
    def contradictions(self) -> list[tuple[str, tuple[str, ...]]]:
        """Texts that are given for several intents, with those."""
        seen: dict[tuple[str, ...], tuple[str, list[str]]] = {}
        for text, intent, named in zip(self.texts, self.intents, self.named, strict=True):
            if not named:
                seen.setdefault(words(text), (text, []))[1].append(intent or "out of scope")
        return [(text, tuple(intents)) for text, intents in seen.values() if len(intents) > 1]

    def unambiguous(self) -> dict[tuple[str, ...], str]:
        """The examples as words, each with its intent; those of several intents are left out."""
        found: dict[tuple[str, ...], str] = {}
        doubtful: set[tuple[str, ...]] = set()
        for text, intent, named in zip(self.texts, self.intents, self.named, strict=True):
            if not named and found.setdefault(words(text), intent) != intent:
                doubtful.add(words(text))
        return {told: intent for told, intent in found.items() if told not in doubtful}

    def key(self, embedder: str) -> str:
        """A name for what is learned from these with that embedder: it changes whenever the result might."""
        held = msgspec.json.encode([FORMAT, embedder, self.texts, self.intents, self.named, self.names])
        return hashlib.sha256(held).hexdigest()[:32]

    def examples(
        self, vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]], languages: Sequence[str]
    ) -> Examples:
        """As training takes them; `vectors` without columns for no embedder, `languages` are those it reads."""
        numbers = {name: number for number, name in enumerate(self.names)}
        return Examples(
            self.names,
            self.texts,
            np.array([numbers.get(intent, NULL) for intent in self.intents], np.int64),
            np.array(self.named, bool),
            np.asarray(vectors, np.float32),
            np.array([readable(text, languages) for text in self.texts], np.float32),
        )


def spoken(name: str) -> str:
    """An intent's name as words: `cancelOrder`, `CANCEL_ORDER` and `cancel-order` are "cancel order"."""
    return " ".join(_BREAK.sub(" ", name).split()).lower()


def readable(text: str, languages: Sequence[str]) -> float:
    """The share of the text's letters that are of a script that an embedder of these languages has read; "*" is all."""
    if "*" in languages or not languages:
        return 1.0
    scripts = {_SCRIPTS.get(language.split("-")[0].lower(), "LATIN") for language in languages} | {"LATIN"}
    letters = [letter for letter in text[:LONGEST] if letter.isalpha()][:_LOOKED_AT]
    if not letters:
        return 1.0
    return sum(unicodedata.name(letter, "").partition(" ")[0] in scripts for letter in letters) / len(letters)
