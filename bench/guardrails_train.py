"""Trains the weights of `plugins/guardrails` from labelled texts, with numpy alone.

    python bench/guardrails_train.py SETS.jsonl --out plugins/guardrails/src/hookline_guardrails/classifier.npz

Each line of SETS.jsonl is `{"text", "attack": true|false, "source", "weight"?}`.  The seeds in `bench/data/guardrails/seeds.toml`
are added: attacks in each language, joined in many ways, and their harmless look-alikes.  Each source weighs at most
`CAP` texts; attacks and harmless texts weigh the same.  No text that is to be reported on may be among them.

With `--start WEIGHTS.npz` it goes on from those weights, and `--decay` draws back to them instead of to nought: what was
learned from sets that are no longer at hand stays, but where the new texts speak against it.  The bias stays as it is;
where the new texts are harmless for the most part they draw all scores down, and `--raise` makes up for that.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hookline_guardrails.clean import clean
from hookline_guardrails.words import BUCKETS, CONCEPT_WEIGHT, features

SEEDS = Path(__file__).parent / "data" / "guardrails" / "seeds.toml"
CAP = 2500.0
SURE = 0.3  # going on from weights, a text that is judged rightly to within this teaches nothing more
SAID = 40  # sentences of a verb and an object, of each kind and language
JOINTS = (". ", ", ", "\n", " – ", " ")


def seeds(path: Path, rng: random.Random) -> Iterator[dict[str, Any]]:
    """The texts that the seeds make; `source` is "seed-" and the language."""
    for language, kinds in tomllib.loads(path.read_text(encoding="utf-8")).items():
        attacks = [*kinds["override"], *kinds["reveal"], *kinds["role"]]
        pairs = list(itertools.product(kinds["override"], [*kinds["reveal"], *kinds["role"], *kinds["task"]]))
        pairs += list(itertools.product(kinds["role"], [*kinds["reveal"], *kinds["task"]]))
        rng.shuffle(pairs)
        attacks += [rng.choice(JOINTS).join(pair) for pair in pairs[:160]]
        attacks += [f"{rng.choice(kinds['lead'])} {text}" for text in rng.sample(attacks, min(60, len(attacks)))]
        attacks += _said(kinds, "drop", "rules", rng) + _said(kinds, "show", "secrets", rng)
        harmless = [*kinds["harmless"], *kinds["ordinary"], *kinds.get("midway", ())]
        harmless += _said(kinds, "drop", "things", rng) + _said(kinds, "show", "things", rng)
        harmless += [f"{rng.choice(kinds['lead'])} {text}" for text in harmless if rng.random() < 0.5]
        two = [rng.sample(harmless, 2) for _ in range(len(harmless))]
        harmless += [rng.choice(JOINTS).join(pair) for pair in two]
        for attack, texts in ((True, attacks), (False, harmless)):
            yield from ({"text": text, "attack": attack, "source": f"seed-{language}", "weight": 3.0} for text in texts)


def _said(kinds: dict[str, list[str]], verbs: str, objects: str, rng: random.Random) -> list[str]:
    """Some verbs with some objects: an attack on the bot's rules is no attack on a customer's own things."""
    said = [verb.format(thing) for verb in kinds.get(verbs, ()) for thing in kinds.get(objects, ())]
    return rng.sample(said, min(SAID, len(said)))


class Rows:
    """The features of texts as one long list of places with values, and where each text's begin."""

    def __init__(self, texts: list[str]) -> None:
        places: list[np.ndarray] = []
        values: list[np.ndarray] = []
        starts = [0]
        for text in texts:
            size = 0
            for weight, found in zip((1.0, 1.0, CONCEPT_WEIGHT), features(clean(text)[:6000]), strict=True):
                if found:
                    places.append(np.array(found, np.int32))
                    values.append(np.full(len(found), weight / math.sqrt(len(found)), np.float32))
                    size += len(found)
            if not size:
                places.append(np.zeros(1, np.int32))
                values.append(np.zeros(1, np.float32))
                size = 1
            starts.append(starts[-1] + size)
        self.places = np.concatenate(places)
        self.values = np.concatenate(values)
        self.starts = np.array(starts[:-1])
        self.counts = np.diff(starts)

    def scores(self, table: np.ndarray) -> np.ndarray:
        """The sum of each text's weights."""
        return np.add.reduceat(table[self.places] * self.values, self.starts)

    def back(self, errors: np.ndarray) -> np.ndarray:
        """What each place has to do with the errors: the gradient."""
        spread = np.repeat(errors, self.counts).astype(np.float32) * self.values
        return np.bincount(self.places, spread, BUCKETS).astype(np.float32)


def fit(
    rows: Rows,
    labels: np.ndarray,
    importance: np.ndarray,
    *,
    decay: float,
    rounds: int,
    rate: float = 0.25,
    start: tuple[np.ndarray, float] | None = None,
) -> tuple[np.ndarray, float]:
    """Weights and bias of the logistic regression, by Adam on the whole set; `start`: those that it goes on from."""
    home, bias = start or (np.zeros(BUCKETS, np.float32), 0.0)
    table = home.copy()
    m, v, mb, vb = np.zeros_like(table), np.zeros_like(table), 0.0, 0.0
    importance = importance / importance.sum()
    for step in range(1, rounds + 1):
        chances = 1.0 / (1.0 + np.exp(-(rows.scores(table) + bias)))
        errors = (chances - labels) * importance
        if start:
            errors[np.abs(chances - labels) < SURE] = 0.0
        gradient = rows.back(errors) + decay * (table - home)
        gb = 0.0 if start else float(errors.sum())
        pace = rate * (1.0 if step < rounds * 0.6 else 0.3)
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        mb, vb = 0.9 * mb + 0.1 * gb, 0.99 * vb + 0.01 * gb * gb
        table -= pace * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-6)
        bias -= pace * (mb / (1 - 0.9**step)) / (math.sqrt(vb / (1 - 0.99**step)) + 1e-6)
        if step % 20 == 0:
            loss = float(-(importance * np.log(np.where(labels > 0, chances, 1 - chances) + 1e-9)).sum())
            print(f"round {step}: loss {loss:.4f}", file=sys.stderr)
    return table, bias


def weigh(entries: list[dict[str, Any]]) -> np.ndarray:
    """How much each text counts: its "weight" (1), but no source and label more than `CAP` texts, and attacks together
    as much as harmless ones."""
    sizes = Counter((entry["source"], entry["attack"]) for entry in entries)
    counts = [entry.get("weight", 1.0) * min(1.0, CAP / sizes[entry["source"], entry["attack"]]) for entry in entries]
    totals = {
        label: sum(c for c, e in zip(counts, entries, strict=True) if e["attack"] is label) for label in (True, False)
    }
    return np.array([c / totals[e["attack"]] for c, e in zip(counts, entries, strict=True)])


def load(path: Path) -> tuple[np.ndarray, float]:
    """The weights and the bias of a file that was written before."""
    with np.load(path, allow_pickle=False) as held:
        return held["table"].astype(np.float32) * float(held["scale"]), float(held["bias"])


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--decay", type=float, default=3e-5)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0.25, help="how far a weight moves in a round")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--raise", dest="rise", type=float, default=0.0, help="added to the bias in the end")
    given = parser.parse_args()
    with given.sets.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines if line.strip()]
    entries += seeds(SEEDS, random.Random(7))
    rows = Rows([entry["text"] for entry in entries])
    labels = np.array([entry["attack"] for entry in entries], np.float32)
    start = load(given.start) if given.start else None
    table, bias = fit(
        rows, labels, weigh(entries), decay=given.decay, rounds=given.rounds, rate=given.rate, start=start
    )
    bias += given.rise
    scale = float(np.abs(table).max()) / 127
    small = np.round(table / scale).astype(np.int8)
    np.savez_compressed(given.out, table=small, scale=np.float32(scale), bias=np.float32(bias))
    print(f"{len(entries)} texts, {int(labels.sum())} of them attacks; {given.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
