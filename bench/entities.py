"""How well facts are found, on two public collections of examples that are not in this repository.

    git clone https://github.com/microsoft/Recognizers-Text, https://github.com/facebook/duckling
    python bench/entities.py --recognizers Recognizers-Text/Specs --duckling duckling/Duckling [--misses money.fr]

Recognizers-Text (MIT) gives sentences with spans and values, duckling (BSD) short phrases with values.  Recall: of what is
marked, how much is found at an overlapping place; exact: with the value given; precision: of what is found in those
sentences, how much is marked.  Their idea of an entity is not always ours (a bare "5" is no money; "an hour" is, to
them, always a length of time), so precision is a lower bound.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import json
import re
import statistics
import time
import zlib
from pathlib import Path

from hookline_nlu.extractor import Extractor, Place
from hookline_nlu.fields import GENERAL, load

PLACES = {
    "en": Place("USD", "US", indian=False, day_first=False),
    "fr": Place("EUR", "FR", indian=False, comma=True),
    "hi": Place(),
}
LANGUAGES = {"English": "en", "French": "fr", "Hindi": "hi"}
CURRENCY = {"Dollar": "USD", "United States dollar": "USD", "Euro": "EUR", "Pound": "GBP", "British pound": "GBP",
            "Indian rupee": "INR", "Rupee": "INR", "Japanese yen": "JPY", "Chinese yuan": "CNY"}  # fmt: skip
MONTHS = {"Y": 12, "M": 1}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--recognizers", type=Path)
    asked.add_argument("--duckling", type=Path)
    asked.add_argument("--misses", default="", help="show what is missed of a kind in a language, such as money.fr")
    asked.add_argument(
        "--half", type=int, choices=(0, 1), help="only every other text: 0 was looked at while mending, 1 not"
    )
    options = asked.parse_args()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    seconds: list[float] = []
    cases = []
    if options.recognizers:
        cases += list(recognizers(options.recognizers))
    if options.duckling:
        cases += list(duckling(options.duckling))
    if options.half is not None:
        cases = [case for case in cases if zlib.crc32(case[3].encode()) % 2 == options.half]
    extractors = {language: Extractor(load(GENERAL, None), place) for language, place in PLACES.items()}
    for source, kind, language, text, now, wanted in cases:
        began = time.perf_counter()
        found = extractors[language].extract(text, now)
        seconds.append(time.perf_counter() - began)
        judge(counts[f"{source} {kind}.{language}"], kind, text, wanted, found, options.misses == f"{kind}.{language}")
    print(f"{'':32}{'sentences':>10}{'marked':>8}{'recall':>8}{'exact':>8}{'precision':>10}")
    for name, count in sorted(counts.items()):
        shares = [count["hit"] / max(1, count["wanted"]), count["exact"] / max(1, count["wanted"])]
        print(f"{name:32}{count['texts']:10}{count['wanted']:8}{shares[0]:8.1%}{shares[1]:8.1%}"
              f"{count['right'] / max(1, count['found']):10.1%}")  # fmt: skip
    print(f"{len(seconds)} texts, {1000 * statistics.median(seconds):.2f} ms each")


SAME = {"money": ("money",), "percent": ("percent",), "duration": ("duration",), "age": ("age", "duration"),
        "number": ("number", "money", "percent", "quantity", "duration"), "date": ("date", "period"), "time": ("time",),
        "quantity": ("quantity",), "phone": ("phone",), "email": ("email",), "url": ("url",)}  # fmt: skip


def judge(count, kind, text, wanted, found, show) -> None:
    mine = [e for e in found if e.name in SAME[kind]]
    count["texts"] += 1
    for start, end, value, unit in wanted:
        count["wanted"] += 1
        hits = [e for e in mine if e.start < end and start < e.end]
        exact = [e for e in hits if value is None or same(kind, e, value, unit)]
        count["hit"] += bool(hits)
        count["exact"] += bool(exact)
        if show and not exact:
            print(
                "MISSED",
                repr(text),
                "|",
                text[start:end],
                "|",
                value,
                unit,
                "|",
                [(e.name, e.value, e.unit) for e in found],
            )
    strict = [e for e in mine if e.name == kind or kind in ("date", "age")]
    count["found"] += len(strict)
    for e in strict:
        right = any(e.start < end and start < e.end for start, end, *_ in wanted)
        count["right"] += right
        if show and not right:
            print("WRONG", repr(text), "|", (e.name, e.value, text[e.start : e.end]))


def same(kind, entity, value, unit) -> bool:
    if kind in ("date", "time"):
        return str(entity.value) == str(value) or (isinstance(entity.value, dict) and value == entity.value)
    if kind in ("phone", "email", "url"):
        return True
    if isinstance(value, str):
        return str(entity.value) == value
    if not isinstance(entity.value, (int, float)):
        return False
    amount = float(entity.value)
    if kind == "age":
        amount = amount / 12 if entity.name == "duration" and entity.unit == "month" else amount
    near = abs(amount - value) <= 1e-6 * max(1.0, abs(value)) or (value < 0 and abs(amount + value) < 1e-6)
    return near and (not unit or entity.unit == unit)


def recognizers(folder: Path):
    for name, language in LANGUAGES.items():
        for part, kind in (("NumberWithUnit/{}/CurrencyModel", "money"), ("NumberWithUnit/{}/AgeModel", "age"),
                           ("NumberWithUnit/{}/DimensionModel", "quantity"), ("Number/{}/PercentModel", "percent"),
                           ("Number/{}/NumberModel", "number"), ("Sequence/{}/PhoneNumberModel", "phone"),
                           ("Sequence/{}/EmailModel", "email"), ("Sequence/{}/URLModel", "url"),
                           ("DateTime/{}/DateTimeModel", "")):  # fmt: skip
            file = folder / f"{part.format(name)}.json"
            if not file.exists():
                continue
            for case in json.loads(file.read_text(encoding="utf-8-sig")):
                if not kind and "Context" not in case:
                    continue  # a date that can't be told without the day of the message
                reference = case.get("Context", {}).get("ReferenceDateTime", "2016-11-07T00:00:00")
                now = dt.datetime.fromisoformat(reference[:19])
                marked = [(r, *place(case["Input"], r)) for r in case["Results"]]
                if kind:
                    yield "recognizers", kind, language, case["Input"], now, [
                        (a, b, *value_of(kind, r)) for r, a, b in marked]  # fmt: skip
                    continue
                for sort in ("date", "time", "duration"):
                    wanted = []
                    for r, a, b in marked:
                        values = (r.get("Resolution") or {}).get("values") or [{}]
                        got = of_date(sort, r.get("TypeName", ""), values)
                        if got is not None:
                            wanted.append((a, b, *got))
                    if wanted or not marked:
                        yield "recognizers", sort, language, case["Input"], now, wanted


def place(text, result):
    if "Start" in result:
        return int(result["Start"]), int(result["End"]) + 1
    at = text.lower().find(result["Text"].lower())
    return max(0, at), max(0, at) + len(result["Text"])


def value_of(kind, result):
    resolution = result.get("Resolution") or {}
    value = resolution.get("value")
    try:
        number = float(str(value).rstrip("%")) if value is not None else None
    except ValueError:
        return None, ""
    if kind == "money":
        return number, resolution.get("isoCurrency") or CURRENCY.get(resolution.get("unit", ""), "")
    if kind == "age" and number is not None:
        return (number if resolution.get("unit") == "Year" else None), ""
    return number, ""


def of_date(sort, kind, values):
    short = kind.removeprefix("datetimeV2.")
    chosen = values[-1] if short in ("date", "datetime", "daterange") else values[0]
    if sort == "duration" and short == "duration":
        try:
            seconds = float(chosen["value"])
        except (KeyError, ValueError):
            return None
        timex = chosen.get("timex", "")
        found = re.fullmatch(r"P(\d+(?:\.\d+)?)([YMWD])", timex)
        if found and found[2] in MONTHS:
            return float(found[1]) * MONTHS[found[2]], "month"
        if found:
            return float(found[1]) * {"W": 7, "D": 1}[found[2]], "day"
        return (seconds, "second") if timex.startswith("PT") and "D" not in timex else (None, "")
    if sort == "date" and short in ("date", "datetime"):
        options = {str(v.get("value", ""))[:10] for v in values}
        return OneOf(options), ""
    if sort == "time" and short in ("time", "datetime"):
        options = {str(v.get("value", ""))[-8:-3] for v in values}
        return OneOf(options), ""
    return None


class OneOf(str):
    """Any of the readings that a sentence may have."""

    __slots__ = ()

    def __new__(cls, options):
        return super().__new__(cls, "/".join(sorted(options)))

    def __eq__(self, other):
        return str(other) in self.split("/")

    __hash__ = str.__hash__

    def __str__(self):
        return self


NAMES = {
    "Dollar": "USD",
    "EUR": "EUR",
    "GBP": "GBP",
    "INR": "INR",
    "Pound": "GBP",
    "JPY": "JPY",
    "CNY": "CNY",
    "XOF": "XOF",
}
FILES = {"AmountOfMoney": "money", "Duration": "duration", "Numeral": "number"}


def duckling(folder: Path):
    now = dt.datetime(2013, 2, 12, 4, 30)
    for sort, kind in FILES.items():
        for language in PLACES:
            file = folder / sort / language.upper() / "Corpus.hs"
            if not file.exists():
                continue
            source = re.sub(r"\n\s*--[^\n]*", "", file.read_text(encoding="utf-8").split("allExamples =")[-1])
            for head, block in re.findall(r"examples \(([^\n]*)\)\s*\n\s*\[(.*?)\n\s*\]", source, re.DOTALL):
                value, unit = of_duckling(sort, head)
                if value is None:
                    continue
                for phrase in re.findall(r'"((?:[^"\\]|\\.)*)"', block):
                    text = re.sub(r"\\(\d+)\\?&?", lambda m: chr(int(m[1])), phrase).replace('\\"', '"')
                    yield "duckling", kind, language, text, now, [(0, len(text), value, unit)]


def of_duckling(sort, head):
    number = r"\(?(-?[\d.e]+)\)?"
    if sort == "AmountOfMoney":
        found = re.fullmatch(rf"simple (\w+) {number}", head.strip())
        return (float(found[2]), NAMES.get(found[1], "")) if found and found[1] != "Unnamed" else (None, "")
    if sort == "Numeral":
        found = re.fullmatch(rf"NumeralValue {number}", head.strip())
        return (float(found[1]), "") if found else (None, "")
    found = re.fullmatch(rf"DurationData {number} (\w+)", head.strip())
    if not found:
        return None, ""
    sizes = {"Year": (12, "month"), "Month": (1, "month"), "Week": (7, "day"), "Day": (1, "day"), "Hour": (3600, "second"),
             "Minute": (60, "second"), "Second": (1, "second"), "Quarter": (3, "month")}  # fmt: skip
    size, unit = sizes[found[2]]
    return float(found[1]) * size, unit


if __name__ == "__main__":
    main()
