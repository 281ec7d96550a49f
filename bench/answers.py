"""How honest and how right the extractive answers are, on a set of documents and questions.

    python bench/answers.py DIR [--json]

DIR holds `docs.jsonl` ({"id", "text", "title"?}) and `queries.jsonl` ({"id", "text", "relevant": [ids], "answer"?};
an empty `relevant` is a question without an answer).  With a field "domain" in both, each domain is a tenant of its
own, asked also the questions of the other domains, which it must decline.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import attrs
from figures import auroc, percent
from library import Library, dataset, library

from hookline_rag.extractive import answer
from hookline_rag.finder import passage

STEPS = [at / 20 for at in range(1, 20)]


@attrs.frozen
class Asked:
    """One question: what kind it is (answerable, inside, outside), how sure the bot was, whether it cited rightly."""

    kind: str
    confidence: float
    right: bool
    ms: float


async def ask(one: Library, query: dict[str, Any], kind: str) -> Asked:
    """Ask a question through the plugin's own path, as a turn does."""
    begun = time.perf_counter()
    found = await one.find(query["text"])
    passages = [passage(candidate, "") for candidate in found.candidates]
    reply = await answer(passages, one.service.store.span, least=0.0)
    ms = (time.perf_counter() - begun) * 1000
    if reply is None:
        return Asked(kind, 0.0, right=False, ms=ms)
    cited = reply.citations[0]
    right = one.names[cited.document] in query["relevant"] and query.get("answer", "") in cited.text
    return Asked(kind, reply.confidence or 0.0, right=right, ms=ms)


async def measure(folder: Path, split: str) -> list[Asked]:
    """Ask all questions of the set."""
    documents, queries = dataset(folder)
    domains = defaultdict(list)
    for document in documents:
        domains[document.get("domain", "")].append(document)
    asked = []
    for domain, own in domains.items():
        if split and own[0].get("split") != split:
            continue
        async with library(own) as one:
            for query in queries:
                if query.get("domain", "") == domain:
                    asked.append(await ask(one, query, "answerable" if query["relevant"] else "inside"))
                elif query.get("language") == own[0].get("language") and query["relevant"]:
                    asked.append(await ask(one, {**query, "relevant": []}, "outside"))
    return asked


def report(asked: list[Asked], threshold: float) -> dict[str, Any]:
    """The figures at a threshold."""
    by = defaultdict(list)
    for one in asked:
        by[one.kind].append(one)
    answered = [one for one in by["answerable"] if one.confidence >= threshold]

    def declined(kind: str) -> float | None:
        return sum(one.confidence < threshold for one in by[kind]) / len(by[kind]) if by[kind] else None

    unanswerable = [one.confidence for kind in ("inside", "outside") for one in by[kind]]
    sure = [one.confidence for one in by["answerable"]]
    return {
        "threshold": threshold,
        "questions": {kind: len(rows) for kind, rows in by.items()},
        "cited_right": sum(one.right for one in answered) / len(answered) if answered else None,
        "answerable_declined": declined("answerable"),
        "inside_declined": declined("inside"),
        "outside_declined": declined("outside"),
        "false_answers": sum(one >= threshold for one in unanswerable) / len(unanswerable) if unanswerable else None,
        "auroc": {
            "all": auroc(sure, unanswerable),
            "inside": auroc(sure, [one.confidence for one in by["inside"]]),
            "outside": auroc(sure, [one.confidence for one in by["outside"]]),
        },
        "ms_p50": statistics.median(one.ms for one in asked) if asked else None,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="", help="only the domains of this split (fit or held)")
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    asked = asyncio.run(measure(given.folder, given.split))
    told = report(asked, given.threshold)
    told["curve"] = [
        {key: value for key, value in report(asked, step).items() if key not in ("questions", "auroc", "ms_p50")}
        for step in STEPS
    ]
    if given.json:
        print(json.dumps(told))
        return
    curve = told.pop("curve")
    for key, value in told.items():
        print(f"{key:22}", percent(value) if isinstance(value, float) and key not in ("threshold", "ms_p50") else value)
    print("\nthreshold  cited right  answerable declined  inside declined  outside declined")
    for row in curve:
        shares = [row[key] for key in ("cited_right", "answerable_declined", "inside_declined", "outside_declined")]
        print(f"{row['threshold']:9.2f}  " + "  ".join(f"{percent(share):>15}" for share in shares))


if __name__ == "__main__":
    main()
