"""Fits the confidence models of rag on sets of documents and questions, and writes them where the plugin reads them.

    python bench/calibrate.py DIR... [--split fit] [--models words ...] [--write]

The sets are those of `bench/answers.py`; the language of a set without a field "language" is what follows the last
dash of its folder's name.  Every question is asked with the embedder and without, as it is and while the documents
that answer it are out of reach; a set is also asked the questions of the other sets in its language.  Each set counts
the same.  Each model is a logistic regression with a little ridge over the first three passages of each question; its
bias is then moved to where 0.5 keeps farthest from both limits (`LOST`, `FALSE`), on the average of the sets.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from answers import Without
from figures import auroc
from library import Library, dataset, library

from hookline_rag import confidence
from hookline_rag.finder import Finder

WEIGHTS = {"answerable": 1.0, "inside": 0.7, "missing": 0.8, "outside": 0.6}
LATER = 0.3  # the weight of a passage that is not the first
DEPTH = 3
RIDGE = 0.003
LOST = 0.08  # answerable questions that may be declined; 0.10 is the promise, for sets harder than these
FALSE = 0.15  # questions of other domains that may be answered; 0.20 is the promise


@attrs.frozen
class Sample:
    """A passage of a question: what is known of it, whether it is the right document.

    `question` is one for all passages that were found for the same question in the same way.
    """

    values: dict[str, float]
    right: bool
    weight: float
    folder: str
    kind: str
    first: bool
    question: str = ""


def language(folder: Path, row: dict[str, Any]) -> str:
    """The language of a document or question."""
    return str(row.get("language") or folder.name.rsplit("-", 1)[-1])


async def samples(folder: Path, split: str, most: int, strangers: dict[str, list[str]]) -> list[Sample]:
    """The samples of a set; `strangers` are the questions of other sets by language."""
    documents, queries = dataset(folder)
    domains = defaultdict(list)
    for document in documents:
        if not split or document.get("split", split) == split:
            domains[document.get("domain", "")].append(document)
    found: list[Sample] = []
    for domain, own in domains.items():
        tongue = language(folder, own[0])
        mine = [q for q in queries if q.get("domain", "") == domain and q.get("split", split) in {split, ""}][:most]
        others = [q["text"] for q in queries if q.get("domain", "") != domain and language(folder, q) == tongue]
        others = [{"text": text, "relevant": []} for text in (others + strangers.get(tongue, []))[: most // 2]]
        for embedder in ("default", ""):
            async with library(own, f"embedder = {json.dumps(embedder)}\n") as one:
                for query in mine:
                    kind = "answerable" if query["relevant"] else "inside"
                    found += await look(one, query, kind, folder.name)
                    if query["relevant"]:
                        found += await look(one, query, "missing", folder.name)
                for query in others:
                    found += await look(one, query, "outside", folder.name)
    return found


async def look(one: Library, query: dict[str, Any], kind: str, folder: str) -> list[Sample]:
    """The first passages of a question, each looked at twice."""
    service = one.service
    relevant = set(query["relevant"])
    hidden = [ident for ident, name in one.names.items() if kind == "missing" and name in relevant]
    finder = Finder(
        service.config, Without(service.store, hidden), await service.shelves(), service.embedder,
        service.tenant.compute, doubt=(0.0, 1.0),
    )  # fmt: skip
    return [
        Sample(
            found.values, one.names[found.row.document] in relevant and kind != "missing",
            WEIGHTS[kind] * (1.0 if at == 0 else LATER), folder, kind, at == 0, f"{kind}:{query['text']}",
        )
        for at, found in enumerate((await finder.find(query["text"])).candidates[:DEPTH])
    ]  # fmt: skip


def of_model(found: Sequence[Sample], name: str) -> list[Sample]:
    """The samples that a model learns from: all that have its features; words alone from those without vectors."""
    features = confidence.FEATURES[name]
    return [
        one for one in found
        if all(key in one.values for key in features) and (name != "words" or "spread" not in one.values)
    ]  # fmt: skip


def fit(rows: Sequence[Sample], names: Sequence[str]) -> np.ndarray:
    """The weights; evidence never speaks against a passage, and what is missing never for it.

    A feature whose weight has the wrong sign is taken out, the worst first, and the rest are fitted anew.
    """
    signs = np.array([-1.0 if name == "missing" else 1.0 for name in names])
    kept = list(range(len(names)))
    while True:
        found = np.zeros(len(names))
        found[kept] = newton(rows, [names[at] for at in kept])
        wrong = found * signs
        if wrong.min() >= 0:
            return found
        kept.remove(int(wrong.argmin()))


def newton(rows: Sequence[Sample], names: Sequence[str]) -> np.ndarray:
    """A logistic regression's weights, by Newton's method."""
    matrix = np.array([[row.values[name] for name in names] for row in rows])
    truth = np.array([row.right for row in rows], float)
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row.folder] += row.weight
    weight = np.array([row.weight / sizes[row.folder] for row in rows])
    weight /= weight.mean()
    middle, spread = matrix.mean(0), matrix.std(0) + 1e-9
    scaled = np.c_[(matrix - middle) / spread, np.ones(len(matrix))]
    ridge = RIDGE * np.r_[np.ones(len(names)), 0.0]
    beta = np.zeros(len(names) + 1)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-scaled @ beta))
        slope = scaled.T @ (weight * (chance - truth)) / len(truth) + ridge * beta
        curve = (scaled * (weight * chance * (1 - chance))[:, None]).T @ scaled / len(truth) + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        beta -= step
        if abs(step).max() < 1e-8:
            break
    return beta[:-1] / spread


def moved(rows: Sequence[Sample], scores: np.ndarray) -> tuple[float, list[str]]:
    """The bias at which 0 divides best, and what it then does to each set.

    A question counts once, with its best passage, as the bot answers it.
    """
    best: dict[tuple[str, str, str], float] = defaultdict(lambda: -math.inf)
    for row, score in zip(rows, scores, strict=True):
        key = (row.folder, row.kind, row.question)
        best[key] = max(best[key], float(score))
    sets = defaultdict(lambda: ([], []))
    for (folder, kind, _), score in best.items():
        if kind != "missing":
            sets[folder][kind != "answerable"].append(score)
    whole = {name: (np.array(yes), np.array(no)) for name, (yes, no) in sets.items() if len(yes) > 5 and len(no) > 5}

    def cost(cut: float) -> float:
        return float(
            np.mean([max((yes < cut).mean() / LOST, (no >= cut).mean() / FALSE) for yes, no in whole.values()])
        )

    ordered = sorted(scores)
    cut = min(ordered[:: max(1, len(ordered) // 400)], key=cost)
    told = [
        f"  {name}: declines {(yes < cut).mean():.1%} of {len(yes)} with an answer, {(no < cut).mean():.1%} of {len(no)} without"
        for name, (yes, no) in whole.items()
    ]
    return -float(cut), told


def models(found: Sequence[Sample], names: Sequence[str] = tuple(confidence.FEATURES)) -> dict[str, dict[str, float]]:
    """The models of these names, told of as they are fitted."""
    made = {}
    for name in names:
        features = confidence.FEATURES[name]
        rows = of_model(found, name)
        weights = fit(rows, features)
        scores = np.array([float(weights @ [row.values[key] for key in features]) for row in rows])
        bias, told = moved(rows, scores)
        made[name] = {"bias": round(bias, 4)}
        made[name] |= dict(zip(features, (round(float(one), 4) for one in weights), strict=True))
        yes = [float(score) for score, row in zip(scores, rows, strict=True) if row.right]
        no = [float(score) for score, row in zip(scores, rows, strict=True) if not row.right]
        print(f"{name}: {len(yes)} right, {len(no)} not; AUROC {auroc(yes, no):.3f}", *told, sep="\n")
    return made


def write(made: dict[str, dict[str, float]]) -> None:
    """Put the models where the plugin reads them; those that were not made stay."""
    path = Path(confidence.__file__).with_name("confidence.json")
    kept = json.loads(path.read_text(encoding="utf-8"))["models"]
    path.write_text(
        json.dumps({"embedder": "all-MiniLM-L6-v2", "models": kept | made}, indent=2) + "\n", encoding="utf-8"
    )
    print("written:", path)


def main() -> None:
    """Fit, tell, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--split", default="")
    parser.add_argument("--most", type=int, default=100, help="questions of each set and domain at most")
    parser.add_argument("--models", nargs="+", choices=list(confidence.FEATURES), default=list(confidence.FEATURES))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    strangers: dict[Path, dict[str, list[str]]] = {}
    for folder in given.folders:
        strangers[folder] = defaultdict(list)
        for query in dataset(folder)[1]:
            strangers[folder][language(folder, query)].append(query["text"])
    found: list[Sample] = []
    for folder in given.folders:
        others = defaultdict(list)
        for other, by_language in strangers.items():
            for tongue, texts in by_language.items() if other != folder else ():
                others[tongue] += texts
        for texts in others.values():
            random.Random(2).shuffle(texts)
        found += asyncio.run(samples(folder, given.split, given.most, others))
        print(folder, len(found), flush=True)
    made = models(found, given.models)
    if given.write:
        write(made)


if __name__ == "__main__":
    main()
