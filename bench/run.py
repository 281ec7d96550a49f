"""The figures of the README, each beside its limit: the same work by raw libraries, measured in the same run.

    python bench/run.py [NAME...] [--json] [--seconds N] [--rounds N]

Names are accept, turns, answer, growth, tenants, ingest, first, cold, profile, languages, flows and whatsapp; without any, all of them.  `--big` has
growth go on to 100,000 and 1,000,000 chunks, which takes hours and some gigabytes of memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator

import attrs
import measure

sys.path[:0] = [str(path) for path in measure.SOURCES]

import accept  # noqa: E402  the workspace's packages have to be found first
import coldstart  # noqa: E402
import crowded  # noqa: E402
import extractive  # noqa: E402
import firsttoken  # noqa: E402
import flows  # noqa: E402
import growth  # noqa: E402
import ingestion  # noqa: E402
import languages  # noqa: E402
import stages  # noqa: E402
import turns  # noqa: E402
import whatsapp  # noqa: E402

FIGURES: dict[str, Callable[[measure.Plan], Iterator[measure.Row]]] = {
    "accept": accept.measure,
    "turns": turns.measure,
    "answer": extractive.measure,
    "growth": growth.measure,
    "tenants": crowded.measure,
    "ingest": ingestion.measure,
    "first": firsttoken.measure,
    "cold": coldstart.measure,
    "profile": stages.measure,
    "languages": languages.measure,
    "flows": flows.measure,
    "whatsapp": whatsapp.measure,
}
HEAD = measure.Row("figure", "ours", "limit", None, "aim")


def line(row: measure.Row, ratio: str) -> str:
    """A row of the table."""
    return f"{row.figure:36}  {row.ours:44}  {row.limit:44}  {ratio:>5}  {row.aim}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(FIGURES)}")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each row")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long one measurement lasts (default: 2)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="how many of each, of which the median counts (default: 5)"
    )
    parser.add_argument("--big", action="store_true", help="also what takes hours and gigabytes of memory")
    told = parser.parse_args()
    if unknown := set(told.names) - set(FIGURES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; figures are {', '.join(FIGURES)}")
    plan = measure.Plan(told.seconds, told.rounds, told.big)
    if not told.json:
        print(line(HEAD, "ratio"))
    for name in told.names or FIGURES:
        for row in FIGURES[name](plan):
            ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
            print(json.dumps({"name": name, **attrs.asdict(row)}) if told.json else line(row, ratio), flush=True)


if __name__ == "__main__":
    main()
