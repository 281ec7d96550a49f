"""Days that are said from today on: "tomorrow", "next Monday", "le 15", "3 din baad", "il y a 3 jours"."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence

import attrs

from . import calendars as names
from . import days
from .durations import Span
from .reading import Found, Reading
from .units import TIME_WORDS

_DAYS_IN = {"in", "dans", "within", "after", "d", "sous"}
_HINDI_UNITS = {"saal", "sal", "mahine", "mahina", "mahiney", "hafte", "hafta", "baras"}
_TWO_WORDS = {
    ("apres", "demain"): 2, ("avant", "hier"): -2,
    **{(this, part): 0 for this in ("ce", "cette", "this") for part in ("matin", "midi", "soir", "nuit", "morning", "afternoon", "evening")},
}  # fmt: skip
_UNITS = {word: unit for word, unit in TIME_WORDS.items() if unit in {"week", "month", "year"}}


@attrs.frozen
class Relative:
    """Reads them; `kal` and `past` as in `Dates`."""

    today: dt.date
    kal: int = 1
    past: bool = False

    def find(self, reading: Reading, lengths: Sequence[Span]) -> Iterator[Found]:
        """All of them."""
        yield from self._relative(reading)
        yield from self._counted(reading, lengths)
        yield from self._day_alone(reading)

    # -- tomorrow, next Monday -----------------------------------------------------------------------------------------

    def _relative(self, reading: Reading) -> Iterator[Found]:
        tokens = reading.tokens
        for at, token in reading.words():
            word = token.key
            ahead = names.RELATIVE.get(word)
            start, end = token.start, token.end
            if word == "aujourd'hui" or (word == "aujourd" and reading.key(at + 1) == "hui"):
                ahead = 0
            if word in {"apres", "avant"} and reading.key(at + 1) == "-" and reading.key(at + 2) in {"demain", "hier"}:
                ahead, end = (2 if word == "apres" else -2), tokens[at + 2].end
            elif (word, reading.key(at + 1)) in _TWO_WORDS:
                ahead, end = _TWO_WORDS[word, reading.key(at + 1)], tokens[at + 1].end
            elif word in {"demain", "hier"} and (
                reading.key(at - 1) == "-" or (reading.key(at - 1), word) in _TWO_WORDS
            ):
                continue
            if word in {"tomorrow", "yesterday"} and reading.before(at, 2)[:2] in (["after", "day"], ["before", "day"]):
                ahead = 2 if word == "tomorrow" else -2
                first = at - 3 if reading.key(at - 3) == "the" else at - 2
                start = tokens[first].start
            if word == "night" and reading.key(at - 1) == "last":
                ahead, start = -1, tokens[at - 1].start
            if word in names.KAL:
                ahead = self._kal(reading)
                if reading.key(at - 1) in {"aane", "aanewala", "આવતી", "आने"}:
                    ahead = 1
            elif word in names.KAL_PAST:
                ahead = -1
            elif word in names.PARSO:
                ahead = 2 * self._kal(reading)
            if ahead is not None:
                sure = 0.8 if word in names.KAL | names.PARSO else 0.97
                yield days.found(self.today + dt.timedelta(days=ahead), start, end, sure)
                continue
            yield from self._weekday(reading, at)
            yield from self._unit_period(reading, at)

    def _kal(self, reading: Reading) -> int:
        keys = reading.keys
        ends = tuple(
            k
            for k in keys
            if k.endswith(("unga", "ungi", "enge", "ega", "egi", "ूंगा", "ूंगी", "ेंगे", "ेगा", "ेगी", "एगा", "एंगे", "ऊंगा"))
        )
        if ends or keys & {"will", "shall"}:
            return 1
        if keys & names.PAST:
            return -1
        return 1 if keys & names.FUTURE else self.kal

    def _weekday(self, reading: Reading, at: int) -> Iterator[Found]:
        word = reading.key(at)
        weekday = names.weekdays().get(word)
        if weekday is None and word.endswith("s") and word[:-1] in names.weekdays() and len(word) > 6:
            weekday = names.weekdays()[word[:-1]]
        before = reading.key(at - 1)
        after = reading.key(at + 1)
        if weekday is None or (
            names.doubtful(word) and before not in names.NEXT | names.LAST | names.THIS | {"on", "by", "this"}
        ):
            return
        first, last = at, at + 1
        ahead = (weekday - self.today.weekday()) % 7
        week = self._week_beside(reading, at)
        if week is not None:
            step, first, last = week
            monday = self.today - dt.timedelta(days=self.today.weekday())
            day = monday + dt.timedelta(days=7 * step + weekday)
            yield attrs.evolve(days.found(day, reading.tokens[first].start, reading.tokens[last - 1].end, 0.9), rank=67)
            return
        dated = self._day_beside(reading, at, weekday)
        if dated is not None:
            yield dated
            return
        if before in names.LAST or after in {"dernier", "passe"}:
            ahead = ahead - 7
            first, last = (at - 1, last) if before in names.LAST else (first, last + 1)
        elif before in names.NEXT or after == "prochain":
            monday = self.today - dt.timedelta(days=self.today.weekday())
            ahead = (monday + dt.timedelta(days=7 + weekday) - self.today).days
            if after == "prochain" or not before.isascii() or before not in {"next", "following"}:
                ahead = (weekday - self.today.weekday()) % 7 or 7
            first, last = (at - 1, last) if before in names.NEXT else (first, last + 1)
        elif before in names.THIS:
            first = at - 1
        elif (self.past or days.past(reading)) and ahead:
            ahead -= 7
        yield days.found(
            self.today + dt.timedelta(days=ahead), reading.tokens[first].start, reading.tokens[last - 1].end, 0.9
        )

    def _week_beside(self, reading: Reading, at: int) -> tuple[int, int, int] | None:
        """As in "Monday next week", "next week Wednesday": how many weeks ahead, and the tokens of both."""
        steps = dict.fromkeys(names.NEXT, 1) | dict.fromkeys(names.LAST, -1) | dict.fromkeys(names.THIS, 0)
        for word, before in ((at - 1, at - 2), (at + 2, at + 1)):
            if _UNITS.get(reading.key(word)) == "week" and reading.key(before) in steps:
                return steps[reading.key(before)], min(before, at), max(word, at) + 1
        return None

    def _day_beside(self, reading: Reading, at: int, weekday: int) -> Found | None:
        """As in "Friday the 26th", "lundi 21": the next such day of the month."""
        place = at + 2 if reading.key(at + 1) in {"the", ",", "le"} else at + 1
        said = reading.key(place)
        if not (said.isdecimal() and len(said) <= 2 and 1 <= int(said) <= 31):
            return None
        ordinal = reading.key(place + 1) in days.ORDINALS
        if reading.key(place + 1 + ordinal) in names.months() or reading.key(place + 1) in {
            "/",
            "-",
            ".",
            ":",
            "am",
            "pm",
            "h",
            "baje",
        }:
            return None
        for ahead in range(370):
            day = self.today + dt.timedelta(days=-ahead if self.past else ahead)
            if day.day == int(said) and day.weekday() == weekday:
                return days.found(day, reading.tokens[at].start, reading.tokens[place + ordinal].end, 0.85)
        return None

    def _unit_period(self, reading: Reading, at: int) -> Iterator[Found]:
        """As in "next week", "le mois prochain", "this weekend", "agle mahine"."""
        word, before, after = reading.key(at), reading.key(at - 1), reading.key(at + 1)
        unit = "weekend" if word in {"weekend", "weekends"} else _UNITS.get(word)
        if word == "week" and after == "-" and reading.key(at + 2) == "end":
            unit = "weekend"
        if unit is None or (word == "an" and before not in {"l", "cet"} and after not in {"prochain", "dernier"}):
            return
        if before in {"is", "iss"} and word not in _HINDI_UNITS:
            return
        first, last, step = at, at + 1, 0
        if before in names.NEXT or after in {"prochain", "prochaine"}:
            step = 1
        elif before in names.LAST or after in {"dernier", "derniere", "passe", "passee"}:
            step = -1
        elif before not in names.THIS and not (unit == "weekend" and before in {"the", "on", "over"}):
            return
        if before in names.NEXT | names.LAST | names.THIS:
            first = at - 1
        else:
            last = at + 2 if step else last
        begin, end = self._period(unit, step)
        yield days.period(begin, end, reading.tokens[first].start, reading.tokens[last - 1].end)

    def _period(self, unit: str, step: int) -> tuple[dt.date, dt.date]:
        today = self.today
        if unit in {"week", "weekend"}:
            monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=step)
            begin = monday + dt.timedelta(days=5) if unit == "weekend" else monday
            return begin, monday + dt.timedelta(days=6)
        if unit == "month":
            year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
            return dt.date(year, month + 1, 1), dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        return dt.date(today.year + step, 1, 1), dt.date(today.year + step, 12, 31)

    def _day_alone(self, reading: Reading) -> Iterator[Found]:
        """As in "on the 15th", "15 tarikh ko", "le 15": the next such day."""
        tokens = reading.tokens
        for at, token in enumerate(tokens):
            if token.kind != "n" or not (
                token.text.isdecimal() and len(token.text) <= 2 and 1 <= int(token.text) <= 31
            ):
                continue
            before, after = reading.key(at - 1), reading.key(at + 1)
            marked = after.startswith(("tarikh", "tareekh", "तारीख", "તારીખ", "தேதி", "తేదీ", "ತಾರೀಖ"))
            ordinal = (
                after in {"st", "nd", "rd", "th"}
                and tokens[at + 1].start == token.end
                and before in {"", "the", "on", "by", "before", "after", "till", "until"}
            )
            french = before == "le" and reading.key(at - 2) in {
                "",
                "avant",
                "pour",
                "vers",
                "prélevé",
                "paye",
                "rendez",
                "vous",
                "passer",
                "venir",
                "viens",
                "disponible",
            }
            if french:
                french = after in {"", ".", ",", "?", "!", "a", "du", "au", "et", "pour", "matin", "apres"}
            if not (marked or ordinal or french) or reading.glued(at):
                continue
            last = at + (2 if marked or ordinal else 1)
            follows = reading.key(last)
            if ordinal and follows not in {
                "",
                ".",
                ",",
                "?",
                "!",
                "at",
                "of",
                "and",
                "for",
                "to",
                "in",
                "morning",
                "evening",
                "or",
                "is",
                "works",
                "please",
            }:
                continue
            if (
                follows in names.months()
                or (follows == "of" and reading.key(last + 1) in names.months())
                or before in names.weekdays()
            ):
                continue
            if at in reading.begins and reading.begins[at].last > at + 1:
                continue
            step = 1 if reading.after(last, 3) == ["of", "next", "month"] else 0
            day = self._gone(int(token.text)) if self.past else self._coming(int(token.text), step)
            if day is not None:
                yield days.found(day, token.start, tokens[last - 1].end, 0.8)

    def _coming(self, number: int, months: int) -> dt.date | None:
        for more in range(months, 4):
            year, month = divmod(self.today.year * 12 + self.today.month - 1 + more, 12)
            day = days.date(year, month + 1, number)
            if day is not None and day >= self.today:
                return day
        return None

    def _gone(self, number: int) -> dt.date | None:
        for less in range(4):
            year, month = divmod(self.today.year * 12 + self.today.month - 1 - less, 12)
            day = days.date(year, month + 1, number)
            if day is not None and day <= self.today:
                return day
        return None

    # -- in three days, three days ago ---------------------------------------------------------------------------------

    def _counted(self, reading: Reading, lengths: Sequence[Span]) -> Iterator[Found]:
        tokens = reading.tokens
        for span in lengths:
            before, after = reading.key(span.first - 1), reading.key(span.last)
            ago = after in names.AGO or reading.before(span.first, 3) == ["a", "y", "il"]
            later = (
                after in names.LATER
                or before in _DAYS_IN
                or (after == "from" and reading.key(span.last + 1) in {"now", "today"})
            )
            if span.unit in {"hour", "minute", "second"} or not (ago or later):
                continue
            if later and not ago and (span.unit in {"year", "month"} or before in {"within", "sous"}):
                continue  # a length of time, or a limit
            first, last = span.first, span.last
            if after in names.AGO | names.LATER:
                last += 1
            elif after == "from":
                last += 2
            elif before in _DAYS_IN:
                first -= 1
            elif ago:
                first -= 3
            day = self._shift(span, -1 if ago else 1)
            if day is not None:
                yield attrs.evolve(days.found(day, tokens[first].start, tokens[last - 1].end, 0.92), rank=70)

    def _shift(self, span: Span, sign: int) -> dt.date | None:
        try:
            if span.measure == "day":
                return self.today + dt.timedelta(days=sign * span.amount)
            index = self.today.year * 12 + self.today.month - 1 + sign * int(span.amount)
            year, month = divmod(index, 12)
            return dt.date(year, month + 1, min(self.today.day, calendar.monthrange(year, month + 1)[1]))
        except (ValueError, OverflowError):
            return None
