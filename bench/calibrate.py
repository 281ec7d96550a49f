"""Fits the confidence models of rag on sets of documents and questions, and writes them where the plugin reads them.

    python bench/calibrate.py DIR... [--split fit] [--write]

The sets are those of `bench/answers.py`, with "domain" and "language".  A domain's own questions are answerable (but
those without a relevant document), the other domains' are not.  Each model is a logistic regression with a little
ridge; its bias is then moved to where 0.5 keeps farthest from both limits (`LOST`, `FALSE`), on the
average of the sets.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from figures import auroc
from library import Library, dataset, library

from hookline_rag import confidence
from hookline_rag.finder import Finder

INSIDE = 0.35  # the weight of a question that is in the domain and in no document: hard, and not the aim
SMALL = 3.0  # the weight of the small sets of a few documents, as most tenants begin
RIDGE = 0.01
LOST = 0.07  # answerable questions that may be declined; 0.10 is the promise, for sets harder than these
FALSE = 0.20  # the most questions of other domains that may be answered


@attrs.frozen
class Sample:
    """The best passage of a question: the model to fit, its features, whether it is the right document."""

    model: str
    values: dict[str, float]
    right: bool
    weight: float
    folder: str
    outside: bool


async def samples(folder: Path, split: str, most: int) -> list[Sample]:
    """The samples of a set."""
    documents, queries = dataset(folder)
    domains = defaultdict(list)
    for document in documents:
        if not split or document.get("split", split) == split:
            domains[document.get("domain", "")].append(document)
    found: list[Sample] = []
    for domain, own in domains.items():
        small = SMALL if len(own) < 20 else 1.0
        language = own[0].get("language")
        async with library(own) as one:
            finder = Finder(
                one.service.config,
                one.service.store,
                await one.service.shelves(),
                one.service.embedder,
                one.service.tenant.compute,
                doubt=(0.0, 1.0),
            )
            chosen = [q for q in queries if not split or q.get("split", split) == split]
            mine = [q for q in chosen if q.get("domain", "") == domain][:most]
            others = [q for q in chosen if q.get("domain", "") != domain and q.get("language") == language]
            others = [{**q, "relevant": []} for q in others if q["relevant"]][:most]
            for query, outside in [(q, False) for q in mine] + [(q, True) for q in others]:
                weight = small * (1.0 if outside or query["relevant"] else INSIDE)
                for model, values, right in await look(one, finder, query):
                    found.append(Sample(model, values, right, weight, folder.name, outside))
    return found


async def look(one: Library, finder: Finder, query: dict[str, Any]) -> list[tuple[str, dict[str, float], bool]]:
    """The features of the best passage, for each model that could be asked."""
    candidates = (await finder.find(query["text"])).candidates
    if not candidates:
        return []
    best = candidates[0]
    right = one.names[best.row.document] in query["relevant"]
    if "cosine" not in best.values:
        return [("words", best.values, right)]
    return [(name, best.values, right) for name in ("first", "second") if name == "first" or "sentence" in best.values]


def fit(rows: list[Sample], names: tuple[str, ...]) -> tuple[np.ndarray, float]:
    """The weights and the bias, by Newton's method."""
    matrix = np.array([[row.values[name] for name in names] for row in rows])
    truth = np.array([row.right for row in rows], float)
    weight = np.array([row.weight for row in rows])
    weight /= weight.mean()
    middle, spread = matrix.mean(0), matrix.std(0) + 1e-9
    scaled = np.c_[(matrix - middle) / spread, np.ones(len(matrix))]
    ridge = RIDGE * np.r_[np.ones(len(names)), 0.0]
    beta = np.zeros(len(names) + 1)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-scaled @ beta))
        slope = scaled.T @ (weight * (chance - truth)) / len(truth) + ridge * beta
        curve = (scaled * (weight * chance * (1 - chance))[:, None]).T @ scaled / len(truth) + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        beta -= step
        if abs(step).max() < 1e-8:
            break
    weights = beta[:-1] / spread
    return weights, float(beta[-1] - (weights * middle).sum())


def moved(rows: list[Sample], scores: np.ndarray) -> tuple[float, list[str]]:
    """The bias at which 0 divides best, and what it then does to each set."""
    sets = defaultdict(lambda: ([], []))
    for row, score in zip(rows, scores, strict=True):
        if row.right:
            sets[row.folder][0].append(score)
        elif row.outside:
            sets[row.folder][1].append(score)
    whole = {name: (np.array(yes), np.array(no)) for name, (yes, no) in sets.items() if len(yes) > 5 and len(no) > 5}

    def cost(cut: float) -> float:
        return float(
            np.mean([max((yes < cut).mean() / LOST, (no >= cut).mean() / FALSE) for yes, no in whole.values()])
        )

    best = min(sorted(scores), key=cost)
    told = [
        f"  {name}: declines {(yes < best).mean():.1%} of {len(yes)} right, {(no < best).mean():.1%} of {len(no)} outside"
        for name, (yes, no) in whole.items()
    ]
    return -float(best), told


def main() -> None:
    """Fit, tell, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--split", default="")
    parser.add_argument("--most", type=int, default=150, help="questions of each kind and domain at most")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    found: list[Sample] = []
    for folder in given.folders:
        found += asyncio.run(samples(folder, given.split, given.most))
        print(folder, len(found), flush=True)
    models = {}
    for model, names in confidence.FEATURES.items():
        rows = [row for row in found if row.model == model]
        weights, _ = fit(rows, names)
        scores = np.array([float(weights @ [row.values[name] for name in names]) for row in rows])
        bias, told = moved(rows, scores)
        models[model] = {"bias": round(bias, 4), **dict(zip(names, (round(float(w), 4) for w in weights), strict=True))}
        yes = [float(score) for score, row in zip(scores, rows, strict=True) if row.right]
        no = [float(score) for score, row in zip(scores, rows, strict=True) if not row.right]
        print(f"{model}: {len(yes)} right, {len(no)} not; AUROC {auroc(yes, no):.3f}", *told, sep="\n")
    if given.write:
        path = Path(confidence.__file__).with_name("confidence.json")
        path.write_text(json.dumps({"embedder": "all-MiniLM-L6-v2", "models": models}, indent=2) + "\n")
        print("written:", path)


if __name__ == "__main__":
    main()
