"""Trains the weights of `plugins/language` from words with their language, with numpy alone.

    python bench/languages_train.py WORDS.tsv --out plugins/language/src/hookline_language/classifier.npz

Each line of WORDS.tsv is a language tag, a word and a weight, parted by tabs; the words in `words.txt` are added.  The
shipped weights were learned from the strings of Android's Contacts and Dialer (Apache-2.0), Kolibri (MIT) and the iD editor (ISC)
in en, fr, hi and mr, from nine tenths of Tatoeba's sentences (CC BY 2.0) in en, hi and mr, from clinc150's training part
(CC BY 3.0) in en, and from the dictionaries of microsoft/LID-tool (MIT) for en and romanised Hindi; the Hindi words were
romanised besides, in the spellings that people type.  A word's weight is its count in 100,000 to the power of 0.6.  No text
that is to be reported on may be among them.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hookline_language.classifier import BUCKETS, features
from hookline_language.words import GROUPS, folded, lexicon

OWN = 8.0  # how much a word of the lists weighs
PRIOR = {"hi": 0.3}  # a word that Hindi and Marathi share is Hindi's more often
EPOCHS, RATE, DECAY = 14, 0.4, 3e-6


def read(path: Path) -> dict[str, dict[str, float]]:
    """The words by language, with weights."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in path.read_text(encoding="utf-8").splitlines():
        tag, word, weight = line.split("\t")
        found[tag][folded(word)] += float(weight)
    for word, shares in lexicon().items():
        for tag, share in shares.items():
            found[tag][word] += OWN * share
    return found


def fit(tags: tuple[str, ...], words: Mapping[str, Mapping[str, float]], buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias of a logistic regression; a language weighs as the root of its words."""
    rows = [(word, n, weight) for n, tag in enumerate(tags) for word, weight in words[tag].items()]
    sums = [sum(weight for _, n, weight in rows if n == m) for m in range(len(tags))]
    sizes = [len(words[tag]) ** 0.5 for tag in tags]
    due = [len(rows) * size / sum(sizes) for size in sizes]
    rng = np.random.default_rng(7)
    weights, bias = np.zeros((buckets, len(tags)), np.float32), np.zeros(len(tags), np.float32)
    grown = np.full((buckets, 1), 1e-6, np.float32)
    places = [np.array(features(word, buckets)) for word, _, _ in rows]
    for epoch in range(EPOCHS):
        for at in rng.permutation(len(rows)):
            _, label, weight = rows[at]
            here = places[at]
            scale = len(here) ** 0.5
            scores = weights[here].sum(axis=0) / scale + bias
            odds = np.exp(scores - scores.max())
            wrong = odds / odds.sum()
            wrong[label] -= 1
            wrong *= min(20.0, weight * due[label] / sums[label])
            slope = wrong / scale
            grown[here] += float(slope @ slope)
            weights[here] -= RATE * slope / np.sqrt(grown[here]) + DECAY * weights[here]
        print(f"{' '.join(tags)}: epoch {epoch + 1} of {EPOCHS}", file=sys.stderr)
    return weights, bias


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=GROUPS, help="the script to train; the others stay as --out has them")
    given = parser.parse_args()
    words = read(given.words)
    stored: dict[str, object] = {"scripts": " ".join(GROUPS)}
    if given.only:
        with np.load(given.out) as before:
            stored |= {key: before[key] for key in before if key != "scripts"}
    for script, tags in GROUPS.items():
        if given.only not in (None, script):
            continue
        weights, bias = fit(tags, words, BUCKETS[script])
        scale = float(np.abs(weights).max()) / 127
        stored |= {
            f"{script}_tags": " ".join(tags),
            f"{script}_weights": np.round(weights / scale).astype(np.int8),
            f"{script}_scale": np.float32(scale),
            f"{script}_bias": bias + np.array([PRIOR.get(tag, 0.0) for tag in tags], np.float32),
        }
    np.savez_compressed(given.out, **stored)
    print(f"{given.out}: {given.out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
