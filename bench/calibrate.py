"""Fits the confidence models of rag on sets of documents and questions, and writes them where the plugin reads them.

    python bench/calibrate.py DIR... [--split fit] [--models words ...] [--out FILE] [--write]

Each DIR is a set of `bench/answers.py`, or a folder of such sets; the language of a set without a field "language" is what follows the last
dash of its folder's name.  Every question is asked with the embedder and without, as it is and while the documents
that answer it are out of reach; a set is also asked the questions of the other sets in its language.  Each set
counts the same, and so does each domain of a set that has a field "domain".  Each model is a logistic regression with a
little ridge over the first three passages of each question; its bias is then moved to where 0.5 declines `LOST` of the
answerable questions, on the average of the sets, and so, among those that have them, are the weights of `SHIFTS`.

The same sets give the same weights: nothing is drawn but by a fixed seed, and folders are read in the order of their
names.  Three minutes for ten sets of 150 questions on two cores.
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
from hookline_rag.confidence import SHIFTS
from hookline_rag.finder import Finder

WEIGHTS = {"answerable": 1.0, "inside": 1.0, "missing": 0.8, "outside": 0.6}
SHIPPED = Path(confidence.__file__).with_name("confidence.json")
LATER = 0.3  # the weight of a passage that is not the first
DEPTH = 3
READ = 0.3  # how much a set counts for words alone whose language the embedder reads: few look there without it
RIDGE = 0.003
ENOUGH = 100  # passages from which a shift is fitted
FEW = 20  # answerable questions from which a set has a say in where doubt begins
LOST = 0.045  # answerable questions that may be declined; 0.10 is the promise, for sets harder than these
MOST = 0.06  # the same, where fewer than `DECLINED` of those without an answer are declined
DECLINED = 0.8


@attrs.frozen
class Sample:
    """A passage of a question: what is known of it, whether it is the right document.

    `question` is one for all passages that were found for the same question in the same way.  `share` is how much its
    set counts.
    """

    values: dict[str, float]
    right: bool
    weight: float
    folder: str
    kind: str
    first: bool
    question: str = ""
    share: float = 1.0


@attrs.frozen
class Stranger:
    """A question of another set, with the texts that answer it: sets may share documents."""

    text: str
    answered: frozenset[str]


def answered(folder: Path) -> dict[str, list[Stranger]]:
    """A set's questions that have an answer, by language."""
    documents, queries = dataset(folder)
    texts = {document["id"]: document.get("text") or document["file"] for document in documents}
    found: dict[str, list[Stranger]] = defaultdict(list)
    for query in queries:
        if query["relevant"]:
            told = frozenset(texts[ident] for ident in query["relevant"])
            found[language(folder, query)].append(Stranger(query["text"], told))
    return found


def sets(folders: Sequence[Path]) -> list[Path]:
    """The folders that hold a set: those given, or what is in them, by name.  Raises SystemExit where one holds none."""
    found: list[Path] = []
    for folder in folders:
        inside = sorted(one.parent for one in folder.glob("*/docs.jsonl"))
        if not (folder / "docs.jsonl").is_file() and not inside:
            raise SystemExit(f"{folder}: no docs.jsonl in it nor in its folders; give a set, or a folder of sets")
        found += [folder] if (folder / "docs.jsonl").is_file() else inside
    return found


def language(folder: Path, row: dict[str, Any]) -> str:
    """The language of a document or question."""
    return str(row.get("language") or folder.name.rsplit("-", 1)[-1])


async def samples(folder: Path, split: str, most: int, strangers: dict[str, list[Stranger]]) -> list[Sample]:
    """The samples of a set; `strangers` are the questions of other sets by language, but for those answered here."""
    documents, queries = dataset(folder)
    domains = defaultdict(list)
    for document in documents:
        if not split or document.get("split", split) == split:
            domains[document.get("domain", "")].append(document)
    found: list[Sample] = []
    for domain, own in domains.items():
        tongue = language(folder, own[0])
        name = f"{folder.name}/{domain}" if domain else folder.name
        mine = [q for q in queries if q.get("domain", "") == domain and q.get("split", split) in {split, ""}][:most]
        others = [q["text"] for q in queries if q.get("domain", "") != domain and language(folder, q) == tongue]
        here = {document.get("text") or document["file"] for document in own}
        others += [one.text for one in strangers.get(tongue, []) if here.isdisjoint(one.answered)]
        others = [{"text": text, "relevant": []} for text in others[: most // 2]]
        for embedder in ("default", ""):
            async with library(own, f"embedder = {json.dumps(embedder)}\n") as one:
                for query in mine:
                    kind = "answerable" if query["relevant"] else "inside"
                    found += await look(one, query, kind, name)
                    if query["relevant"]:
                        found += await look(one, query, "missing", name)
                for query in others:
                    found += await look(one, query, "outside", name)
    return found


async def look(one: Library, query: dict[str, Any], kind: str, folder: str) -> list[Sample]:
    """The first passages of a question, each looked at twice."""
    service = one.service
    relevant = set(query["relevant"])
    hidden = [ident for ident, name in one.names.items() if kind == "missing" and name in relevant]
    finder = Finder(
        service.config, Without(service.store, hidden), await service.shelves(), service.embedder,
        service.tenant.compute, doubt=(0.0, 1.0), patience=math.inf,
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
    if name != "words":
        return [one for one in found if all(key in one.values for key in features)]
    read = {one.folder for one in found if "spread" in one.values}
    return [attrs.evolve(one, share=READ if one.folder in read else 1.0) for one in found if "spread" not in one.values]


def fit(rows: Sequence[Sample], names: Sequence[str]) -> np.ndarray:
    """The weights; evidence never speaks against a passage, and what is missing (`NEGATIVE`) never for it.

    A feature whose weight has the wrong sign is taken out, the worst first, and the rest are fitted anew.
    """
    signs = np.array([-1.0 if name in confidence.NEGATIVE else 1.0 for name in names])
    signs[[at for at, name in enumerate(names) if name in SHIFTS]] = 0.0
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
    weight = np.array([row.weight / sizes[row.folder] * row.share for row in rows])
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


def best(rows: Sequence[Sample], scores: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """The scores of each set's questions by kind: a question counts once, with its best passage, as it is answered."""
    top: dict[tuple[str, str, str], float] = defaultdict(lambda: -math.inf)
    for row, score in zip(rows, scores, strict=True):
        key = (row.folder, row.kind, row.question)
        top[key] = max(top[key], float(score))
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (folder, kind, _), score in top.items():
        found[folder][kind].append(score)
    return found


def moved(rows: Sequence[Sample], scores: np.ndarray) -> float:
    """The bias at which as many of the answerable questions are declined as may be, on the average of the sets.

    Where too many of those without an answer are answered there, up to `MOST` are.
    """
    sets = [kinds for kinds in best(rows, scores).values() if len(kinds["answerable"]) >= FEW]
    if not sets:
        return 0.0
    there = [np.array(kinds["answerable"]) for kinds in sets]
    absent = [np.array(kinds["inside"] + kinds["outside"]) for kinds in sets if kinds["inside"] or kinds["outside"]]
    cuts = np.quantile(np.concatenate(there), np.linspace(0.0, 0.5, 501))

    def lost(cut: float) -> float:
        return float(np.mean([(one < cut).mean() for one in there]))

    def declined(cut: float) -> float:
        return float(np.mean([(one < cut).mean() for one in absent])) if absent else 1.0

    return -float(max(cut for cut in cuts if lost(cut) <= LOST or (lost(cut) <= MOST and declined(cut) < DECLINED)))


def divided(rows: Sequence[Sample], weights: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, float]:
    """The weights with those of `SHIFTS`, and the bias, that divide at 0."""
    weights = weights.copy()
    shifts = [name for name in SHIFTS if name in names]
    for name in shifts:
        weights[names.index(name)] = 0.0
    scores = np.array([float(weights @ [row.values[key] for key in names]) for row in rows])
    having = {name: np.array([row.values[name] > 0 for row in rows]) for name in shifts}
    plain = ~np.any([*having.values(), np.zeros(len(rows), bool)], axis=0)
    bias = moved([row for row, one in zip(rows, plain, strict=True) if one], scores[plain])
    for name, mask in having.items():
        if mask.sum() > ENOUGH:
            own = moved([row for row, one in zip(rows, mask, strict=True) if one], scores[mask])
            weights[names.index(name)] = own - bias
    return weights, bias


def models(found: Sequence[Sample], names: Sequence[str] = tuple(confidence.FEATURES)) -> dict[str, dict[str, float]]:
    """The models of these names, told of as they are fitted."""
    made = {}
    for name in names:
        features = confidence.FEATURES[name]
        rows = of_model(found, name)
        weights, bias = divided(rows, fit(rows, features), features)
        scores = bias + np.array([float(weights @ [row.values[key] for key in features]) for row in rows])
        made[name] = {"bias": round(bias, 4)}
        made[name] |= dict(zip(features, (round(float(one), 4) for one in weights), strict=True))
        yes = [float(score) for score, row in zip(scores, rows, strict=True) if row.right]
        no = [float(score) for score, row in zip(scores, rows, strict=True) if not row.right]
        print(f"{name}: {len(yes)} right, {len(no)} not; AUROC {auroc(yes, no):.3f}")
        for folder, kinds in sorted(best(rows, scores).items()):
            shares = (f"{(np.array(told) < 0).mean():.0%} of {len(told)} {kind}" for kind, told in kinds.items())
            print(f"  {folder} declines {', '.join(shares)}")
    return made


def write(made: dict[str, dict[str, float]], path: Path) -> None:
    """Put the models where the plugin reads them, or elsewhere; those that were not made stay."""
    kept = json.loads(SHIPPED.read_text(encoding="utf-8"))["models"]
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
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where --write puts them")
    given = parser.parse_args()
    given.folders = sets(given.folders)
    strangers = {folder: answered(folder) for folder in given.folders}
    found: list[Sample] = []
    for folder in given.folders:
        others: dict[str, list[Stranger]] = defaultdict(list)
        for other, by_language in strangers.items():
            for tongue, texts in by_language.items() if other != folder else ():
                others[tongue] += texts
        for texts in others.values():
            random.Random(2).shuffle(texts)
        found += asyncio.run(samples(folder, given.split, given.most, others))
        print(folder, len(found), flush=True)
    made = models(found, given.models)
    if given.write:
        write(made, given.out)


if __name__ == "__main__":
    main()
