"""Whether a sentence of the model is borne out by the passages, and by which sentences of them.

First the sentences of the passages that say most of it are chosen.  It is then dropped if

- it holds an amount, date, time, telephone number, link or address that they do not hold, or with another unit,
- an amount or a name stands where they have another one (what is said of A is said of B),
- it holds a name or an unusual word that the passages do not have, or too few of its words are theirs,
- it denies what they affirm or affirms what they deny, or says the opposite ("before", "after"),
- it says "all", "only", "free", "guaranteed", a weekday … where they do not.

What it can't see is a common word put in the place of another that has no opposite.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import attrs
import regex

from hookline.message import Citation

from .alignment import CLOSE, LITERAL, NEAR, Alignment, Exchange
from .classes import BRIDGES, OPPOSITES
from .evidence import Evidence, Unit, likeness, profile
from .facts import Fact
from .foreign import sounds_like
from .sentences import MARKER
from .sources import Source
from .words import CASELESS, Sentence, Word, akin, tongue

ENOUGH = 0.5  # the share of a sentence's words that must be the passages'
UNUSUAL = 3.3  # Zipf frequency: a word below it that the passages lack is an invention
LEAST = 0.1  # what an amount's surroundings must at least have in common with those that it has in the passages
RIVAL = 1.25  # how much better another amount must fit the place for the one that stands there to be wrong
_LIST_NUMBER = regex.compile(r"^\s*(?:[-*•]\s*)?(?:\p{Nd}{1,2}[.)]\s+)?")


@attrs.frozen
class Grounded:
    """A sentence that may be said: without the model's markers, with what bears it out."""

    text: str
    citations: tuple[Citation, ...]


@attrs.frozen
class Dropped:
    """A sentence that may not be said, and why, in a word for the log: never with its text."""

    reason: str


class Grounding:
    """Checks the sentences of one answer against its sources; `language` is the answer's."""

    def __init__(self, question: str, sources: Sequence[Source], language: str = "en") -> None:
        self._language = language.split("-", maxsplit=1)[0]
        self._evidence = Evidence(sources, self._language)
        self._question = Sentence(question, self._language)

    def says_something(self, sentence: str) -> bool:
        """Whether there is anything in it to be checked; "Certainly!" says nothing."""
        said = Sentence(_bare(sentence), self._language)
        return bool(said.facts) or any(not _polite(word) for word in said.content)

    def check(self, sentence: str) -> Grounded | None:
        """The sentence with its citations; None if it is not borne out."""
        verdict = self.judge(sentence)
        return verdict if isinstance(verdict, Grounded) else None

    def judge(self, sentence: str) -> Grounded | Dropped:
        """The sentence with its citations, or why it is not borne out."""
        text = _bare(sentence)
        said = Sentence(_LIST_NUMBER.sub("", text), self._language)
        numbers = markers(sentence)
        units = self._evidence.choose(said, numbers)
        foreign = bool(said.content) and self._is_foreign(said)
        if foreign and not units:
            units = [unit for unit in self._evidence.units if unit.source.number in numbers]
        if not units:
            return Dropped("nothing like it")
        placed = sorted(units, key=lambda unit: (unit.source.number, unit.start))
        topic = Sentence("\n".join(unit.source.passage.title for unit in units), self._language).keys
        whole = Sentence(" ".join(unit.sentence.text for unit in placed), self._language)
        beside = Alignment(said, whole, topic, self._question.keys)
        reason = self._facts(said, units, beside) or (
            self._foreign(said, numbers) if foreign else self._words(said, units)
        )
        if not reason and not foreign:
            alone = Alignment(said, units[0].sentence, topic, self._question.keys)
            reason = (alone if alone.share >= NEAR else beside).exchanged()
            reason = reason or _turned(said, units, beside)
        if reason:
            return Dropped(reason)
        if foreign:
            cited = [unit for unit in units if unit.source.number in numbers][:1]
            return Grounded(text, tuple(_cite(unit) for unit in cited)) if cited else Dropped("no source named")
        return Grounded(text, tuple(dict.fromkeys(_cite(unit) for unit in units[:2])))

    def _is_foreign(self, said: Sentence) -> bool:
        """Whether it is in another language than the passages, so that words can't be compared."""
        if not any(word.script in self._evidence.scripts for word in said.content):
            return True
        mine = tongue(said.text) or (self._language if said.content[0].script == "LATIN" else "")
        return bool(mine and self._evidence.tongue and mine != self._evidence.tongue)

    # -- amounts, dates, links -----------------------------------------------------------------------------------------

    def _facts(self, said: Sentence, units: Sequence[Unit], beside: Alignment) -> str:
        near = [fact for unit in units for fact in (*unit.sentence.facts, *unit.around.facts)]
        everywhere = [fact for unit in self._evidence.units for fact in unit.sentence.facts]
        for fact in said.facts:
            known = near if fact.kind in ("number", "date", "time") else everywhere
            if any(fact.agrees(other) for other in known):
                if fact.kind == "number" and beside.share < LITERAL and self._misplaced(said, fact, units):
                    return "number in a wrong place"
            elif not self._parts_known(fact, units):
                return f"unknown {fact.kind}"
        return ""

    def _parts_known(self, fact: Fact, units: Sequence[Unit]) -> bool:
        """A date may be put together of a month and a year that stand apart; a year may come from a date."""
        days = [day for unit in units for other in (*unit.sentence.facts, *unit.around.facts)
                if other.kind == "date" for day in other.values]  # fmt: skip
        if fact.kind == "number":
            parts = {float(part) for day in days for part in day}  # type: ignore[attr-defined]  # days are triples
            return not fact.unit and bool(fact.plain & parts)
        return False

    def _misplaced(self, said: Sentence, fact: Fact, units: Sequence[Unit]) -> bool:
        mine = profile(said.words, fact.start)
        own = rival = 0.0
        for unit in units:
            for other in unit.sentence.facts:
                if other.kind != fact.kind or (other.unit and fact.unit and other.unit != fact.unit):
                    continue
                if not fact.agrees(other) and bool(other.unit) != bool(fact.unit):
                    continue  # three attempts are not mistaken for one hour
                fit = likeness(mine, profile(unit.sentence.words, other.start))
                if fact.agrees(other):
                    own = max(own, fit)
                elif not any(other.agrees(one) for one in said.facts) or len(said.facts) > 1:
                    rival = max(rival, fit)
        if own < LEAST and len(said.content) > 2:
            return not any(fact.agrees(other) for other in units[0].sentence.facts)
        return rival > RIVAL * own + 0.1

    # -- words and names -----------------------------------------------------------------------------------------------

    def _words(self, said: Sentence, units: Sequence[Unit]) -> str:
        near = [key for unit in units for key in (*unit.sentence.keys, *unit.around.keys)]
        known = frozenset(near)
        found: list[Word] = []
        asked: list[Word] = []
        novel: list[Word] = []
        for number, word in enumerate(said.content):
            same = self._evidence.same(word.key)
            if same & known or word.key in known:
                found.append(word)
                continue
            if same:
                (novel if word.capital and number else asked).append(word)
            elif any(akin(word.key, key) for key in self._question.keys):
                asked.append(word)
            elif not _polite(word) and word.shown.casefold() not in BRIDGES | _REACHED:
                novel.append(word)
            if self._is_name(said, word) and not same:
                return "unknown name"
            if not same and not word.capital and word.frequency < UNUSUAL and self._rare(word):
                return "unusual word"
        counted = len(found) + len(novel)
        if not counted and said.facts and not asked:
            return ""  # "Write to help@acme.in.": the facts are all that it says
        if not counted or len(found) / counted < ENOUGH or len(found) < len(asked) / 2:
            return "too few words known"
        return self._swapped(said, units)

    def _is_name(self, said: Sentence, word: Word) -> bool:
        """Whether it is written as a name: a capital letter inside the sentence, or letters mixed with digits."""
        if any(c.isdigit() for c in word.shown):
            return True
        if not word.capital or word.script in CASELESS:
            return False
        first = said.words[0].start == word.start
        return not first or word.frequency < UNUSUAL

    def _rare(self, word: Word) -> bool:
        return word.script in ("LATIN", "DEVANAGARI", "TAMIL", "CYRILLIC", "GREEK") and len(word.key) > 2

    def _swapped(self, said: Sentence, units: Sequence[Unit]) -> str:
        """Two names that have changed places around the same word."""
        best = units[0].sentence
        places = {word.key: word.start for word in best.words}
        names = [word for word in said.words if word.capital and word.key in places]
        for a, b in itertools.pairwise(names):
            if places[a.key] > places[b.key]:
                between = {w.key for w in said.content if a.end < w.start < b.start}
                there = {w.key for w in best.content if places[b.key] < w.start < places[a.key]}
                if between and between == there & between and not _passive(said, best):
                    return "names changed places"
        return ""

    def _foreign(self, said: Sentence, numbers: Sequence[int]) -> str:
        """A sentence in another language than the passages: its names must be theirs, in another script by their sound;
        and where one sentence of theirs clearly has its names and facts, it must deny what that one denies."""
        heard: list[Word] = []
        for word in said.content:
            if word.script in self._evidence.scripts:
                if self._is_name(said, word) and not self._evidence.same(word.key):
                    return "unknown name"
                continue
            if sounds_like(word.shown, self._evidence.shown):
                heard.append(word)
            elif word.frequency < UNUSUAL:
                return "unknown name"
        cited = [unit for unit in self._evidence.units if unit.source.number in numbers]
        ranked = sorted(((_echo(said, heard, unit), n) for n, unit in enumerate(cited)), reverse=True)
        if ranked and ranked[0][0] >= 1 and (len(ranked) == 1 or ranked[0][0] > ranked[1][0]):
            best = cited[ranked[0][1]].sentence
            if bool(best.negations) != bool(said.negations) and len(best.words) <= 2 * len(said.words) + 4:
                return "denied" if said.negations else "negation left out"
        return ""


def _echo(said: Sentence, heard: Sequence[Word], unit: Unit) -> int:
    """How many of the names and facts of a sentence another in another language has."""
    names = sum(
        sounds_like(word.shown, [w.shown for w in unit.sentence.content]) for word in heard if len(word.shown) > 3
    )
    return names + sum(any(fact.agrees(other) for other in unit.sentence.facts) for fact in said.facts)


def _turned(said: Sentence, units: Sequence[Unit], beside: Alignment) -> str:
    """Whether it says the opposite of what the passages say, or more than they do."""
    near = [*(unit.sentence for unit in units), *(unit.around for unit in units)]
    held = frozenset(name for one in near for name in one.classes)
    limited = any(one.negations or _LIMITS.search(one.text) for one in near)
    if extra := said.classes - held - ({"only"} if limited else set()):
        return f"added: {min(extra)}"
    same = [unit for unit in units if unit.source is units[0].source]
    known_spans = {span for unit in same for one in (unit.sentence, unit.around) for span in one.spans}
    if not said.loose_spans <= known_spans:
        return "another span of time"
    for pair, sides in said.opposites.items():
        there = frozenset(side for unit in units for side in unit.sentence.opposites.get(pair, frozenset()))
        if there and not sides & there:
            return "the opposite"
    for one in beside.exchanges if beside.share >= CLOSE else ():
        if _opposed(one):
            return "the opposite"
    if beside.share >= CLOSE:
        mine, theirs = beside.denials()
        return "denied" if mine > theirs else "negation left out" if mine < theirs else ""
    return _denies_otherwise(said, units)


def _opposed(one: Exchange) -> bool:
    said = {
        OPPOSITES[word.shown.casefold()]
        for word in one.said
        if isinstance(word, Word) and word.shown.casefold() in OPPOSITES
    }
    known = {
        OPPOSITES[word.shown.casefold()]
        for word in one.known
        if isinstance(word, Word) and word.shown.casefold() in OPPOSITES
    }
    return any(pair == other and side != there for pair, side in said for other, there in known)


def _denies_otherwise(said: Sentence, units: Sequence[Unit]) -> str:
    """In other words than the passages': what is denied there must be denied, and nothing else."""
    denied = _denied(said)
    there = frozenset(key for unit in units for key in _denied(unit.sentence))
    if said.negations and not any(akin(a, b) for a in denied for b in there):
        return "denied"
    if len(said.negations) > sum(len(unit.sentence.negations) for unit in units):
        return "denied"
    best = units[0]
    if not said.negations and best.sentence.negations and _covers(said, best):
        return "negation left out"
    return ""


def _denied(sentence: Sentence, reach: int = 4) -> frozenset[str]:
    """The stems of the words around its negations."""
    found: set[str] = set()
    for at in sentence.negations:
        before = [word for word in sentence.content if word.start < at][-reach:]
        after = [word for word in sentence.content if word.start > at][:reach]
        found |= {word.key for word in (*before, *after)}
    return frozenset(found)


def _covers(said: Sentence, unit: Unit) -> bool:
    """Whether it repeats most of the part of the unit that is denied."""
    denied = _denied(unit.sentence, 3)
    return len(denied & said.keys) >= 0.6 * len(denied)


def _passive(said: Sentence, best: Sentence) -> bool:
    agents = {"by", "par", "द्वारा", "von", "ने", "से"}
    mine, theirs = ({word for word, _ in one.plain} & agents for one in (said, best))
    return mine != theirs


def _polite(word: Word) -> bool:
    return word.shown.casefold() in _POLITE


def _cite(unit: Unit) -> Citation:
    begin = unit.source.passage.start
    return unit.source.passage.citation(begin + unit.start, begin + unit.end)


def markers(sentence: str) -> list[int]:
    """The numbers that the sentence's markers name, ranges written out."""
    found: list[int] = []
    for match in MARKER.finditer(sentence):
        for part in regex.split(r"[,;]", match.group()[1:-1]):
            ends = [int(number) for number in regex.findall(r"\p{Nd}+", part)]
            found += range(ends[0], min(ends[-1], ends[0] + 20) + 1)
    return list(dict.fromkeys(found))


def _bare(sentence: str) -> str:
    """The sentence without markers and the white space around it."""
    return regex.sub(rf"\s*{MARKER.pattern}", "", sentence).strip()


# How somebody is reached, before an address or a number that is checked itself.
_REACHED = frozenset("email mail write phone telephone visit écrire écrivez appelez mél ईमेल लिखें फोन कॉल".split())
_LIMITS = regex.compile(
    r"\b(?:one|single|up to|at most|maximum|until|except|un seul|une seule|jusqu|au plus|sauf|maximum|तक|अधिकतम|एक)\b",
    regex.IGNORECASE,
)

# Words that an answer may be wrapped in, whatever the passages say.
_POLITE = frozenset(
    """
    yes certainly sure course hello thanks thank welcome sorry please note answer question according document documents
    passage passages text information guide says said mentioned states stated summary short happy help glad know
    oui bien certainement bonjour merci désolé veuillez selon document documents passage information texte réponse
    question bref résumé indique précise noter notez
    हाँ जी नमस्ते धन्यवाद कृपया अनुसार दस्तावेज़ दस्तावेज जानकारी उत्तर प्रश्न संक्षेप ध्यान दें बताया
    ja nein gerne laut dokument dokumenten antwort frage bitte danke
    """.split()
)
