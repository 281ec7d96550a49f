"""How well intents are told, on public collections that are not in this repository, through `hookline nlu evaluate`.

    python bench/intents.py DIR [DIR …] [--only clinc] [--shots 10] [--json]

A folder holds pairs of files, NAME.train.jsonl and NAME.test.jsonl, of lines {"text": "…", "intent": "…"} with null for
out of scope; `--shots` learns from that many examples of each intent, the first in a fixed shuffle.  Collections of that
kind are CLINC150, BANKING77, HWU64, HINT3, SNIPS, xSID.  Everything is as a tenant without settings has it.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

COLUMNS = (
    ("in scope", "in_scope_accuracy"),
    ("unrefused", "in_scope_accuracy_without_refusing"),
    ("macro F1", "macro_f1"),
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--only", default="", help="only collections whose name begins so")
    asked.add_argument("--shots", type=int, default=0, help="how many examples of each intent are learned from; 0: all")
    asked.add_argument("--json", action="store_true", dest="as_json")
    options = asked.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        for train in sorted(path for folder in options.folders for path in folder.glob("*.train.jsonl")):
            name = train.name.removesuffix(".train.jsonl")
            test = train.with_name(f"{name}.test.jsonl")
            if not name.startswith(options.only) or not test.exists():
                continue
            learned = few(train, options.shots, Path(scratch)) if options.shots else train
            found[name] = evaluate(learned, test)
            if not options.as_json:
                show(name, found[name], first=len(found) == 1)
    if options.as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))


def few(path: Path, shots: int, folder: Path) -> Path:
    """A file with that many lines of each intent."""
    by_intent = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            by_intent[json.loads(line)["intent"]].append(line)
    chance = random.Random(0)
    kept = [line for lines in by_intent.values() for line in chance.sample(lines, min(shots, len(lines)))]
    short = folder / path.name
    short.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return short


def evaluate(train: Path, test: Path) -> dict:
    command = [str(Path(sys.executable).parent / "hookline"), "nlu", "evaluate", "--json"]
    done = subprocess.run(
        [*command, "--train", str(train), "--test", str(test)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def show(name: str, found: dict, *, first: bool) -> None:
    if first:
        heads = "".join(f"{title:>11}" for title, _ in COLUMNS)
        print(f"{'':20}{'intents':>8}{'examples':>9}{'messages':>9}{heads}{'MCC':>7}{'oos R':>8}{'oos P':>8}{'ECE':>7}"
              f"{'p50 ms':>8}{'p99 ms':>8}{'train s':>8}")  # fmt: skip
    training, outside, seconds = found["training"], found["out_of_scope"], found["seconds_per_message"]
    shares = "".join(f"{percent(found[key]):>11}" for _, key in COLUMNS)
    correlation = found["matthews_correlation"]
    print(
        f"{name:20}{training['intents']:>8}{training['examples']:>9}{found['messages']:>9}{shares}"
        f"{correlation if correlation is not None else 0:>7.3f}{percent(outside['recall']):>8}"
        f"{percent(outside['precision']):>8}{found['calibration_error']:>7.3f}"
        f"{1000 * seconds['p50']:>8.2f}{1000 * seconds['p99']:>8.2f}{training['seconds']:>8.1f}",
        flush=True,
    )


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


if __name__ == "__main__":
    main()
