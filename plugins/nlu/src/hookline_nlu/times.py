"""Times of day: "5 pm", "17h30", "half past five", "shaam 5 baje", "सुबह साढ़े दस बजे"."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from . import calendars as names
from .reading import Found, Reading
from .units import CLOCK

_CLOCK = regex.compile(
    r"(?<![\d:.,/])(?P<h>[01]?\d|2[0-4])(?:(?P<sep>[:.h])(?P<m>[0-5]\d))?(?::[0-5]\d)?\s?(?P<ap>a\.?m\.?|p\.?m\.?)?(?![\d:]|[.,]\d)(?=\W|\b|$)"
)
_FRENCH = regex.compile(r"(?<![\d:.,/])(?P<h>[01]?\d|2[0-4])\s?(?:h|heures?)(?:\s?(?P<m>[0-5]\d))?(?![\p{L}\d])")
_LATE = {"pm", "evening", "night", "afternoon"}


def find(reading: Reading) -> Iterator[Found]:
    """All times of day."""
    text = reading.text
    for match in _CLOCK.finditer(text):
        marked, minutes = match["ap"], match["m"]
        if not marked and (not minutes or match["sep"] != ":"):
            before = text[: match.start()].split()[-1:]
            if not (minutes and match["sep"] == "." and before in (["at"], ["around"])):
                continue
        yield from _time(reading, match, (marked or "").replace(".", ""))
    if "h" in text:
        for match in _FRENCH.finditer(text):
            words = text[: match.start()].split()[-3:]
            if set(words) & {"pour", "pendant", "durant", "duree", "durée", "dans", "depuis", "il"} or (
                words[-1:] == ["environ"] and "a" not in words and "à" not in words
            ):
                continue
            exact = match["m"] is not None or match.group().rstrip().endswith("h") or "heure" in match.group()
            led = bool(words) and words[-1] in {
                "a",
                "à",
                "vers",
                "des",
                "dès",
                "avant",
                "apres",
                "après",
                "jusqu'à",
                "de",
                "entre",
                "et",
                "pour",
            }
            day = any(word in names.PARTS for word in words)
            if exact and (
                led or day or match["m"] is not None or (match.group().endswith("h") and int(match["h"]) >= 7)
            ):
                yield from _time(reading, match, "")
    yield from _spoken(reading)


def _time(reading: Reading, match: regex.Match[str], marked: str) -> Iterator[Found]:
    hour, minute = int(match["h"]), int(match["m"] or 0)
    if marked and not 1 <= hour <= 12:
        marked = ""
    first = reading.place(match.start())
    last = reading.place(match.end())
    part = marked or _part(reading, first, last)
    end = match.end() - (len(match.group()) - len(match.group().rstrip()))
    yield from _at(hour, minute, part, match.start(), end, 0.95)


def _part(reading: Reading, first: int, last: int) -> str:
    """The part of the day said beside a time."""
    for word in [*reading.after(last, 4), *reading.before(first, 3)]:
        if word in names.PARTS:
            return names.PARTS[word]
    if {"apres", "midi"} <= set(reading.after(last, 5)):
        return "afternoon"
    return ""


def _at(hour: int, minute: int, part: str, start: int, end: int, confidence: float) -> Iterator[Found]:
    if (part in {"pm", "afternoon", "evening"} and hour < 12) or (part == "night" and 6 <= hour < 12):
        hour += 12
    elif part in {"am", "morning", "night"} and hour == 12:
        hour = 0
    if hour == 24:
        hour = 0
    if hour < 24 and minute < 60:
        yield Found("time", f"{hour:02}:{minute:02}", start, end, "", confidence, 68)


def _minutes(reading: Reading, at: int) -> Iterator[Found]:
    """As in "ten past nine", "20 min past eight"."""
    back = at - 1 if reading.key(at - 1) in {"min", "mins", "minutes"} else at
    less = reading.having(reading.ends.get(back), lambda n: not n.scaled and 1 <= n.value < 60)
    hour = reading.having(reading.begins.get(at + 1), lambda n: not n.scaled and 1 <= n.value <= 12)
    if less is None or hour is None or (reading.key(at) == "to" and back == at):
        return  # "5 to 7" is a range
    total = int(hour.value) * 60 + int(less.value) * (1 if reading.key(at) == "past" else -1)
    start, end = reading.tokens[less.first].start, reading.tokens[hour.last - 1].end
    yield from _at(total // 60 % 24, total % 60, _part(reading, at, hour.last), start, end, 0.85)


_LED = {"a", "vers", "des", "avant", "apres", "est", "jusqu", "environ"}


def _french_words(reading: Reading, at: int) -> Iterator[Found]:
    """As in "à sept heures et demie", "vingt heures", "neuf heures du matin"."""
    number = reading.having(reading.ends.get(at), lambda n: not n.digits and 0 < n.value <= 24)
    if number is None:
        return
    part = _part(reading, at, at + 1)
    if not part and reading.key(number.first - 1) not in _LED:
        return
    minute, last = 0, at + 1
    words = reading.after(last, 3)
    more = reading.begins.get(last + (words[:1] == ["et"]))
    if words[:2] in (["et", "demie"], ["et", "demi"]):
        minute, last = 30, last + 2
    elif words[:2] == ["et", "quart"]:
        minute, last = 15, last + 2
    elif words == ["moins", "le", "quart"]:
        minute, last = -15, last + 3
    elif more is not None and more.value < 60 and more.value == int(more.value):
        minute, last = int(more.value), more.last
    total = int(number.value % 24) * 60 + minute
    start = reading.tokens[number.first].start
    yield from _at(total // 60 % 24, total % 60, part, start, reading.tokens[last - 1].end, 0.9)


def _bare(reading: Reading, at: int) -> Iterator[Found]:
    """As in "meet me at 4", "in the morning at 7": in the hours of business where nothing else is said."""
    token, follows = reading.tokens[at], reading.key(at + 1)
    ends = follows in {
        "",
        ".",
        ",",
        "?",
        "!",
        "and",
        "or",
        "please",
        "sharp",
        "in",
        "on",
        "tomorrow",
        "today",
        "tonight",
    } | set(names.weekdays())
    number = reading.begins.get(at)
    if not (ends and number is not None and number.last == at + 1 and number.plain and number.value in range(1, 13)):
        return
    part = _part(reading, at, at + 1) or (
        "evening" if "tonight" in reading.before(at, 5) + reading.after(at + 1, 3) else ""
    )
    hour = int(number.value)
    yield from _at(hour, 0, part or ("pm" if hour < 8 else ""), token.start, token.end, 0.6)


def _spoken(reading: Reading) -> Iterator[Found]:
    tokens = reading.tokens
    for at, token in reading.words():
        word = token.key
        if word in names.NOON and reading.key(at - 1) not in {"after", "apres", "-"} and reading.key(at - 1) != "good":
            yield Found("time", names.NOON[word], token.start, token.end, "", 0.9, 67)
        elif word in CLOCK:
            number = reading.having(reading.ends.get(at), lambda n: not n.scaled and 0 < n.value <= 24)
            if number is not None:
                hour, minute = int(number.value), round(number.value % 1 * 60)
                if reading.key(at - 1) and "." in tokens[number.first].text:
                    minute = int(tokens[number.first].text.split(".")[1][:2].ljust(2, "0"))
                part = _part(reading, number.first, at + 1)
                if not part and hour < 8:
                    part = "pm"  # in the hours in which one calls or comes
                yield from _at(hour, minute, part, tokens[number.first].start, token.end, 0.9)
        elif word in {"heure", "heures"}:
            yield from _french_words(reading, at)
        elif word in {"at", "around"} and reading.key(at + 1).isdecimal():
            yield from _bare(reading, at + 1)
        elif word in {"past", "to"} and reading.key(at - 1) in {"half", "quarter"}:
            number = reading.having(reading.begins.get(at + 1), lambda n: not n.scaled and 1 <= n.value <= 12)
            if number is not None:
                before = 30 if reading.key(at - 1) == "half" else 15
                minutes = int(number.value) * 60 + (before if word == "past" else -before)
                part = _part(reading, at, number.last)
                if reading.key(number.last) in {"am", "pm"}:
                    part = reading.key(number.last)
                end = tokens[number.last - 1].end
                yield from _at(minutes // 60 % 24, minutes % 60, part, tokens[at - 1].start, end, 0.9)
        elif word in {"past", "to"} and reading.tokens[at - 1].kind != "s" and at >= 1:
            yield from _minutes(reading, at)
        elif word in {"am", "pm"} and at and tokens[at - 1].kind == "w":
            number = reading.having(reading.ends.get(at), lambda n: not n.digits and 1 <= n.value <= 12)
            if number is not None and not (word == "am" and reading.key(at - 1) == "i"):
                yield from _at(int(number.value), 0, word, tokens[number.first].start, token.end, 0.85)
