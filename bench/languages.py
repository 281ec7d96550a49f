"""How well a short message's language is told: by language and length, with what it is taken for.

    python bench/languages.py [FILE.tsv ...] [--misses hi.mr]

Each line of a file is a language tag and a text, parted by a tab; without files it is those of `bench/data/languages`.
All nine languages are candidates for each message of 1 to 12 words.  "later" is the share that is right as the second
message of a conversation that a sentence in the language began.  `bench/run.py languages` shows the same beside what
py3langid alone tells, which knows no Hinglish.
"""

from __future__ import annotations

import argparse
import collections
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from measure import Plan, Row

from hookline_language import model
from hookline_language.choice import Chooser
from hookline_language.config import Config
from hookline_language.detect import Detector

TAGS = ("en", "hi", "hi-Latn", "mr", "gu", "ta", "te", "kn", "fr")
BEGINNINGS = {
    "en": "I would like to know more about your loans",
    "hi": "मुझे आपके लोन के बारे में जानना है",
    "hi-Latn": "mujhe aapke loan ke baare mein jaanna hai",
    "mr": "मला तुमच्या कर्जाबद्दल माहिती हवी आहे",
    "gu": "મારે તમારી લોન વિશે જાણવું છે",
    "ta": "உங்கள் கடன்களைப் பற்றி அறிய வேண்டும்",
    "te": "మీ లోన్ల గురించి తెలుసుకోవాలి",
    "kn": "ನಿಮ್ಮ ಸಾಲಗಳ ಬಗ್ಗೆ ತಿಳಿಯಬೇಕು",
    "fr": "Je voudrais en savoir plus sur vos prêts",
}
DATA = Path(__file__).parent / "data" / "languages"
SHORT = 3
LONGEST = 12
_WORD = re.compile(r"[^\W\d_]{2}")

Cases = Sequence[tuple[str, str]]


@attrs.define
class Told:
    """What the messages of one language were taken for."""

    taken: collections.Counter[str] = attrs.Factory(collections.Counter)
    later: collections.Counter[bool] = attrs.Factory(collections.Counter)
    short: collections.Counter[bool] = attrs.Factory(collections.Counter)
    long: collections.Counter[bool] = attrs.Factory(collections.Counter)
    missed: dict[str, list[str]] = attrs.Factory(lambda: collections.defaultdict(list))


def read(files: Sequence[Path]) -> list[tuple[str, str]]:
    """The messages of 1 to 12 words, each once."""
    found: dict[tuple[str, str], None] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            tag, _, text = line.partition("\t")
            if tag in TAGS and 1 <= len(text.split()) <= LONGEST and _WORD.search(text):
                found[tag, text] = None
    return list(found)


def tell(cases: Cases) -> Mapping[str, Told]:
    """What each is taken for, by its language."""
    chooser = Chooser(TAGS[0], TAGS, Config())
    begun = {tag: chooser.choose(text, "", "", {}).state for tag, text in BEGINNINGS.items()}
    found: dict[str, Told] = collections.defaultdict(Told)
    for tag, text in cases:
        guess = chooser.detector.detect(text).tag
        told = found[tag]
        told.later[chooser.choose(text, "", "", begun[tag]).language == tag] += 1
        told.taken[guess] += 1
        (told.short if len(text.split()) <= SHORT else told.long)[guess == tag] += 1
        if guess != tag:
            told.missed[guess].append(text)
    return {tag: found[tag] for tag in TAGS if tag in found}


def share(counts: collections.Counter[bool]) -> str:
    """The share that is right, in per cent; "-" where there are none."""
    return f"{counts[True] / counts.total():.1%}" if counts.total() else "-"


def measure(plan: Plan) -> Iterator[Row]:
    """The rows of `bench/run.py`: by language, beside py3langid alone, and the time a message takes."""
    cases = read(sorted(DATA.glob("*.tsv")))
    known = [tag for tag in TAGS if tag != "hi-Latn"]
    for tag, told in tell(cases).items():
        texts = [text for one, text in cases if one == tag]
        alone = sum(max((s := model.shares(text, known)), key=lambda one: s[one]) == tag for text in texts)
        yield Row(
            f"language: {tag}",
            f"{told.taken[tag] / len(texts):.1%} of {len(texts)} (1-3 words {share(told.short)}, more {share(told.long)}, later {share(told.later)})",
            f"{alone / len(texts):.1%} py3langid",
            aim="90%" if tag == "hi-Latn" else "95%",
        )
    detector, sample = Detector(TAGS), random.Random(3).sample(cases, 300)
    ours = _seconds(plan, lambda text: detector.detect(text), sample)  # noqa: PLW0108  both are asked in the same way
    theirs = _seconds(plan, lambda text: model.shares(text, known), sample)
    yield Row("language: one message", f"{ours * 1e6:.0f} µs", f"{theirs * 1e6:.0f} µs py3langid", theirs / ours)


def _seconds(plan: Plan, ask: object, sample: Cases) -> float:
    """Seconds a message, the best of the rounds."""
    assert callable(ask)
    best = float("inf")
    for _ in range(max(1, plan.rounds)):
        before = time.perf_counter()
        for _, text in sample:
            ask(text)
        best = min(best, (time.perf_counter() - before) / len(sample))
    return best


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("files", nargs="*", type=Path)
    asked.add_argument("--misses", default="", help="show what of one language is taken for another, such as hi.mr")
    options = asked.parse_args()
    found = tell(read(options.files or sorted(DATA.glob("*.tsv"))))
    others = [*TAGS, ""]
    print(
        f"{'':8} {'texts':>6} {'right':>7} {'1-3':>7} {'4-12':>7} {'later':>7}   "
        + " ".join(f"{tag or 'none':>7}" for tag in others)
    )
    for tag, told in found.items():
        count = told.taken.total()
        row = " ".join(f"{told.taken[other] or '':>7}" for other in others)
        print(
            f"{tag:8} {count:6} {told.taken[tag] / count:7.1%} {share(told.short):>7} {share(told.long):>7} {share(told.later):>7}   {row}"
        )
    if options.misses:
        tag, _, other = options.misses.partition(".")
        print("\n".join(found[tag].missed.get(other, ())))


if __name__ == "__main__":
    main()
