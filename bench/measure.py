"""Figures and how they are taken: every one beside its limit, the same work by raw libraries in the same run.

A shared machine's speed changes from minute to minute, so a figure and its limit are measured turn by turn, and the
median of the rounds counts.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).parent
ROOT = HERE.parent
SOURCES = [ROOT / "core" / "src", *sorted(ROOT.glob("plugins/*/src")), *sorted(ROOT.glob("tests/plugins/*/src"))]


@attrs.frozen
class Row:
    """One line of the table; `ratio` is ours to the limit's rate, None where there is none to compare."""

    figure: str
    ours: str
    limit: str = ""
    ratio: float | None = None
    aim: str = ""


@attrs.frozen
class Plan:
    """`seconds` a measurement lasts; `rounds` of it are taken; `big`: also those that take half an hour and gigabytes."""

    seconds: float = 2.0
    rounds: int = 5
    big: bool = False


@attrs.frozen
class Speed:
    """Operations a second, and how long one took: the median and the 99th percentile in milliseconds."""

    rate: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s  p50 {self.p50:.2f} ms  p99 {self.p99:.2f} ms"


def speed(seconds: Sequence[float], elapsed: float) -> Speed:
    """Of operations that took so long each, together `elapsed` seconds."""
    if not seconds:
        raise RuntimeError("nothing was finished in the time given; take more seconds")
    ordered = sorted(seconds)
    return Speed(len(ordered) / elapsed, percentile(ordered, 0.5) * 1e3, percentile(ordered, 0.99) * 1e3)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of values in rising order."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def middle(rounds: Sequence[Speed]) -> Speed:
    """The median of each."""
    return Speed(*(statistics.median(getattr(one, name) for one in rounds) for name in ("rate", "p50", "p99")))


def side_by_side(plan: Plan, ours: Callable[[], Speed], limit: Callable[[], Speed]) -> tuple[Speed, Speed, float]:
    """Both by turns; their medians, and the median of the rounds' ratios."""
    pairs = []
    for n in range(plan.rounds):
        first, second = (ours, limit) if n % 2 == 0 else (limit, ours)
        one, other = first(), second()
        pairs.append((one, other) if first is ours else (other, one))
    ratio = statistics.median(mine.rate / raw.rate for mine, raw in pairs)
    return middle([mine for mine, _ in pairs]), middle([raw for _, raw in pairs]), ratio


# -- processes -------------------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    """Of a child that finds the workspace's packages, installed or not."""
    path = [*map(str, SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


@attrs.frozen(eq=False)
class Child:
    """A process that says a line of JSON when it is ready, and one for each line that it is told."""

    process: subprocess.Popen[str]

    def hear(self) -> Any:
        """Its next line; raises RuntimeError if it died."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, **question: Any) -> Any:
        """Tell it a line and hear the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self.hear()


@contextmanager
def child(script: str, *arguments: str) -> Iterator[Child]:
    """Run a script of this folder until the body ends: its input is closed, and it is to end by itself."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield Child(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
