"""Finds all facts of a tenant's fields in a message; knows nothing of hooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import regex

from hookline.message import Entity

from . import contacts, corrections, durations, identifiers, people, times
from .dates import Dates
from .fields import Field
from .gazetteer import Gazetteer, Match
from .money import Money
from .negation import answers_no, denied, of_customer
from .numbers import Reader
from .reading import Found, Reading, read
from .tokens import keys
from .units import time_unit

_SURE = 84
PATTERN_SECONDS = 0.25  # of the whole process: other threads count too, so a good pattern stays far below
MOST = 100  # things of a message that are kept; a longer list is no talk
_OUT_OF = regex.compile(
    r"(?<![\d.,])(?P<n>\d{1,2})\s?(?:/|out of|sur|पैकी)\s?(?P<of>\d{1,3})(?![\d/.,])|(?<!\d)(?P<of>\d{1,3}) (?:me|mein|में) (?:se|से) (?P<n>\d{1,2})(?!\d)"
)


@attrs.frozen
class Place:
    """How numbers, money, dates and telephone numbers are written where the tenant's customers live."""

    currency: str = "INR"
    region: str = "IN"
    indian: bool = True
    comma: bool = False
    day_first: bool = True
    kal: int = 1
    keep: frozenset[str] = frozenset()


_AND = {"and", "aur", "और", "आणि", "અને", "மற்றும்", "మరియు", "ಮತ್ತು", "et"}
Span = tuple[int, int]
"""The first token of something and the one after its last."""


@attrs.frozen
class _Cues:
    """The cues of one field, by their first word; `far`: they reach further, and into the next short sentence
    ("a flat. Noida. 75L.")."""

    phrases: tuple[tuple[str, ...], ...]
    far: bool = False

    def distance(self, reading: Reading, first: int, last: int, others: Sequence[Span] = ()) -> int | None:
        """How many tokens from the nearest cue; one behind counts as farther, one nearer to one of `others` not at all."""
        best: int | None = None
        for phrase in self.phrases:
            for at in self._places(
                reading, phrase, max(0, first - self._reach - 1), min(len(reading.tokens), last + 6)
            ):
                end = at + len(phrase)
                gap = self._gap(reading, (first, last), at, end)
                if gap is None or gap > self._reach or (best is not None and gap >= best):
                    continue
                if not any(self._is_theirs(reading, (first, last), other, (at, end), gap) for other in others):
                    best = gap
        return best

    @property
    def _reach(self) -> int:
        return 14 if self.far else 7

    def _gap(self, reading: Reading, thing: Span, at: int, end: int) -> int | None:
        """How far the thing is from the cue at the tokens `at` to `end`; None where a sentence ends between them."""
        first, last = thing
        if end <= first:
            gap, between = first - end, reading.tokens[end:first]
        elif at >= last:
            gap, between = at - last + 2, reading.tokens[last:at]
        else:
            return 0
        ends = [t.text for t in between if t.kind == "s" and t.text in ".!?;।"]
        if ends and not (self.far and end <= first and "?" not in ends):
            return None
        parted = 2 * sum(t.text == "," for t in between) + 3 * (at >= last and any(t.key in _AND for t in between))
        return gap + parted + sum(t.kind == "n" for t in between)

    def _is_theirs(self, reading: Reading, thing: Span, other: Span, cue: Span, gap: int) -> bool:
        """Whether the cue stands between the thing and another of its kind, and nearer to that: "a 1.5 crore flat, need
        80 lakh" needs the 80; or behind another, as in languages that put it last: "75 लाख का फ्लैट, 20 लाख चाहिए"."""
        at, end = cue
        if thing[1] <= other[0] and other[1] <= at:
            return True
        between = (thing[1] <= at and end <= other[0]) or (other[1] <= at and end <= thing[0])
        theirs = self._gap(reading, other, at, end) if between else None
        return theirs is not None and theirs < gap

    def _places(self, reading: Reading, phrase: tuple[str, ...], start: int, end: int) -> Iterator[int]:
        for at in range(start, end - len(phrase) + 1):
            words = [t.key for t in reading.tokens[at : at + len(phrase)]]
            if tuple(words) == phrase or (self.far and len(phrase) == 1 and _inflects(phrase[0], words[0])):
                yield at


def _inflects(word: str, said: str) -> bool:
    """Whether what is said is the Indic word with a case ending: "ವ್ಯಾಪಾರಕ್ಕೆ"."""
    return not word.isascii() and len(word) >= 4 and len(word) < len(said) <= len(word) + 6 and said.startswith(word)


class Extractor:
    """The fields of one tenant, ready to be looked for."""

    def __init__(self, fields: Mapping[str, Field], place: Place) -> None:
        self.fields = fields
        self._place = place
        self._reader = Reader(indian=place.indian, comma=place.comma)
        francs = {"FR": "EUR", "CH": "CHF", "CM": "XAF", "GA": "XAF", "CG": "XAF", "TD": "XAF"}.get(place.region, "XOF")
        own = [keys(cue) for f in fields.values() if f.kind == "money" and f.cued for cue in f.cues]
        self._money = Money(place.currency, francs, frozenset(cue[0] for cue in own if len(cue) == 1))
        self._gazetteer = Gazetteer(fields)
        self._cues = {name: _Cues(tuple(keys(c) for c in field.cues)) for name, field in fields.items() if field.cues}
        self._hints = {
            name: _Cues(tuple(keys(c) for c in field.hints), far=True) for name, field in fields.items() if field.hints
        }
        self._by_kind: dict[str, list[str]] = {}
        for name, field in fields.items():
            self._by_kind.setdefault(field.kind, []).append(name)
        self._patterns = {
            n: regex.compile(f.pattern, regex.IGNORECASE) for n, f in fields.items() if f.kind == "pattern"
        }
        self._after = [(n, keys(lead)) for n, f in fields.items() if f.kind == "text" for lead in f.after]
        self._gone = any(field.past for field in fields.values())
        kinds = set(self._by_kind)
        self._wants_people = bool(kinds & {"name", "age", "children", "family_size"})

    def extract(
        self,
        text: str,
        now: dt.datetime,
        known: Mapping[str, Entity] | None = None,
    ) -> list[Entity]:
        """The facts in a message, in the order they stand in it; `now` is the local time, `known` what was known before,
        spoken of last at its end."""
        reading = read(text, self._reader)
        if not reading.tokens:
            return []
        matches = list(self._gazetteer.find(reading))
        found = self._exclusive(reading, [*self._all(reading, text, now), *self._models(reading, matches)])
        known = known or {}
        correcting = bool(known) and corrections.corrects(reading)
        found = self._past(reading, corrections.replaced(reading, found), now)
        entities: list[Entity] = []
        spans = [(one.kind, (reading.place(one.start), reading.place(one.end))) for one in found]
        for place, one in enumerate(found):
            others = [span for at, (kind, span) in enumerate(spans) if at != place and kind == one.kind]
            entities += self._named(reading, text, one, others, known if correcting else {})
        entities += self._listed(reading, matches, found, known)
        entities.sort(key=lambda e: (e.start, e.end, e.name))
        return entities

    def _past(self, reading: Reading, found: list[Found], now: dt.datetime) -> list[Found]:
        """The days of fields that are about what has happened, read so."""
        if not self._gone or not any(one.kind in {"date", "period"} for one in found):
            return found
        dates = Dates(now, self._place.day_first, self._place.kal, past=True)
        gone = {(f.kind, f.start, f.end): f for f in dates.find(reading, durations.spans(reading))}
        return [gone.get((one.kind, one.start, one.end), one) if self._is_past(reading, one) else one for one in found]

    def _is_past(self, reading: Reading, one: Found) -> bool:
        if one.kind not in {"date", "period"}:
            return False
        name, _ = self._field(reading, one, (reading.place(one.start), reading.place(one.end)), ())
        return bool(name) and self.fields[name].past

    # -- what is found -------------------------------------------------------------------------------------------------

    def _all(self, reading: Reading, text: str, now: dt.datetime) -> Iterator[Found]:
        place = self._place
        has_digit = any(t.kind == "n" for t in reading.tokens)
        if has_digit:
            yield from identifiers.find(reading)
        if has_digit or "@" in text or "." in text:
            yield from contacts.find(reading, place.region)
        yield from self._by_pattern(reading, text)
        lengths = durations.spans(reading)
        yield from Dates(now, place.day_first, place.kal).find(reading, lengths)
        yield from times.find(reading)
        if reading.numbers or lengths:
            yield from self._money.find(reading)
            yield from durations.find(reading, lengths)
        if self._wants_people:
            yield from people.find(reading, text)
        yield from self._scales(reading)
        yield from self._texts(reading, text)

    def _by_pattern(self, reading: Reading, text: str) -> Iterator[Found]:
        for name, pattern in self._patterns.items():
            try:
                for match in pattern.finditer(reading.text, timeout=PATTERN_SECONDS):
                    if match.end() > match.start() and self._counts(reading, name, *match.span()):
                        value = text[slice(*reading.folded.span(*match.span()))]
                        yield Found("pattern", value, *match.span(), "", 0.95, _SURE, name)
            except TimeoutError:
                continue

    def _counts(self, reading: Reading, name: str, start: int, end: int) -> bool:
        """Whether a field that counts only near its cues is near one."""
        if not self.fields[name].cued:
            return True
        first, last = reading.place(start), reading.place(end)
        return self._cues[name].distance(reading, first, last) is not None

    def _scales(self, reading: Reading) -> Iterator[Found]:
        for name in self._by_kind.get("scale", ()):
            field = self.fields[name]
            for match in _OUT_OF.finditer(reading.text):
                if int(match["of"]) == field.max:
                    if field.min <= int(match["n"]) <= field.max:
                        yield Found("scale", int(match["n"]), *match.span(), "", 0.95, 59, name)
                    return
            for number in reading.numbers:
                if number.scaled or number.value != int(number.value) or not field.min <= number.value <= field.max:
                    continue
                near = self._cues[name].distance(reading, number.first, number.last)
                if near is not None and near <= 4:
                    start, end = reading.tokens[number.first].start, reading.tokens[number.last - 1].end
                    yield Found("scale", int(number.value), start, end, "", 0.9, 59, name)
                    break

    def _texts(self, reading: Reading, text: str) -> Iterator[Found]:
        for name, lead in self._after:
            for at in range(len(reading.tokens) - len(lead)):
                if tuple(t.key for t in reading.tokens[at : at + len(lead)]) != lead:
                    continue
                first = at + len(lead)
                last = next(
                    (i for i in range(first, len(reading.tokens)) if reading.tokens[i].text in ".,!?;।"),
                    len(reading.tokens),
                )
                last = min(last, first + 12)
                if last > first:
                    start, end = reading.tokens[first].start, reading.tokens[last - 1].end
                    yield Found("text", text[slice(*reading.folded.span(start, end))], start, end, "", 0.8, 20, name)
                break

    def _models(self, reading: Reading, matches: Sequence[Match]) -> Iterator[Found]:
        """Words of lists that hold a number ("XUV 700") keep it from being one of its own."""
        for match in matches:
            words = reading.tokens[match.first : match.last]
            if any(t.kind == "n" for t in words) and not any(time_unit(t.key) for t in words):
                yield Found(
                    "listed", None, reading.tokens[match.first].start, reading.tokens[match.last - 1].end, rank=72
                )

    def _exclusive(self, reading: Reading, found: list[Found]) -> list[Found]:
        """Of things that overlap the surer kind, then the longer one; in the order of the message."""
        kept: list[Found] = []
        taken = bytearray(len(reading.text) + 1)
        for one in sorted(found, key=lambda f: (-f.rank, f.start - f.end, f.start)):
            if not any(taken[one.start : one.end]):
                taken[one.start : one.end] = b"\1" * (one.end - one.start)
                kept.append(one)
        return sorted(kept, key=lambda f: f.start)[:MOST]

    # -- which field it fills ------------------------------------------------------------------------------------------

    def _named(
        self, reading: Reading, text: str, one: Found, others: Sequence[Span], known: Mapping[str, Entity]
    ) -> Iterator[Entity]:
        first = reading.place(one.start)
        last = reading.place(one.end)
        if one.name:
            field, name, cued = self.fields[one.name], one.name, True
        else:
            name, cued = self._field(reading, one, (first, last), others)
            if known and not cued:
                one = corrections.resolve(one, known, self.fields)
                name = one.name or name
            if not name:
                return
            field = self.fields[name]
        start, end = reading.folded.span(one.start, one.end)
        value = one.value
        if one.kind in {"email", "url", "upi"}:
            value = text[start:end] if one.kind == "url" else str(value)
        if (field.personal or one.kind in identifiers.PERSONAL) and (
            one.kind == "card" or name not in self._place.keep
        ):
            value = identifiers.masked(str(value))
        yield Entity(name, value, start, end, one.unit, round(one.confidence, 3))
        if one.lower is not None:
            yield Entity(
                f"{name}_range", {"from": one.lower, "to": value}, start, end, one.unit, round(one.confidence, 3)
            )

    def _field(self, reading: Reading, one: Found, span: Span, others: Sequence[Span]) -> tuple[str, bool]:
        """The field of the thing's kind whose cue is nearest, else whose hint is, and whether there is one."""
        names = [
            n for n in self._by_kind.get(one.kind, ()) if not self.fields[n].units or one.unit in self.fields[n].units
        ]
        for words in (self._cues, self._hints):
            best, best_gap = "", 99
            for name in names:
                cues = words.get(name)
                gap = cues.distance(reading, *span, others) if cues is not None else None
                if gap is not None and gap < best_gap:
                    best, best_gap = name, gap
            if best:
                return best, True
        plain = [n for n in names if not self.fields[n].cued]
        chosen = next((n for n in plain if self.fields[n].default), "") or next(
            (n for n in plain if not self.fields[n].cues), ""
        )
        return chosen or (plain[0] if plain else ""), False

    # -- lists and flags -----------------------------------------------------------------------------------------------

    def _listed(
        self, reading: Reading, matches: Sequence[Match], found: Sequence[Found], known: Mapping[str, Entity]
    ) -> Iterator[Entity]:
        names = [f for f in found if f.kind in {"name", "email", "url", "text"} and f.confidence > 0.75]
        many: dict[str, list[tuple[Any, int, int, float]]] = {}
        for match in matches:
            field = self.fields[match.field]
            start, end = reading.tokens[match.first].start, reading.tokens[match.last - 1].end
            if any(start < f.end and f.start < end for f in names):
                continue
            if field.cued and self._cues[match.field].distance(reading, match.first, match.last) is None:
                continue
            if field.own and match.last - match.first == 1 and not of_customer(reading, match.first):
                continue
            before = known.get(match.field)
            no = denied(reading, match.first, match.last)
            if no and before is not None and before.value != match.value and answers_no(reading, match.first):
                no = False
            span = reading.folded.span(start, end)
            value = match.value
            if field.kind == "flag":
                yield Entity(match.field, value and not no, *span, "", match.confidence)
            elif no:
                yield Entity(f"not_{match.field}", value, *span, "", match.confidence)
                others = any(m.field == match.field and m.value != value for m in matches)
                if before is not None and before.value == value and not others:
                    yield Entity(match.field, None, *span, "", match.confidence)
            elif field.many:
                many.setdefault(match.field, []).append((value, *span, match.confidence))
            else:
                yield Entity(match.field, value, *span, "", match.confidence)
        for name, values in many.items():
            chosen = list(dict.fromkeys(value for value, *_ in values))
            yield Entity(name, chosen, values[0][1], values[-1][2], "", min(v[3] for v in values))
