"""How well the right documents are found, on a set of documents and questions.

    python bench/retrieval.py DIR [--json] [--rerank FOLDER] [--embedder NAME]

DIR holds `docs.jsonl` ({"id", "text", "title"?}) and `queries.jsonl` ({"id", "text", "relevant": [ids], "answer"?};
an empty `relevant` is a question without an answer).  Dense, lexical, hybrid and rerank go through the plugin's own
search with other settings.  `--rerank` names the folder of a cross-encoder; without it the plugin's own evidence gives
the second opinion.  `--embedder ""` searches by words alone, as a tenant does that configures none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

from figures import auroc, ndcg, recall, reciprocal
from library import Library, dataset, library

from hookline_rag.rerank import EVIDENCE

MODES = ("dense", "lexical", "hybrid", "rerank")


async def rank(one: Library, text: str, name: str, second: str) -> tuple[list[str], float, float]:
    """The set's document ids best first, the best confidence, and the time in milliseconds."""
    begun = time.perf_counter()
    mode = name if name in {"dense", "lexical"} else None
    found = await one.service.find(text, limit=20, mode=mode, rerank=second if name == "rerank" else "")
    ms = (time.perf_counter() - begun) * 1000
    ids = list(dict.fromkeys(one.names[candidate.row.document] for candidate in found.candidates))
    return ids, max((candidate.confidence for candidate in found.candidates), default=0.0), ms


async def measure(folder: Path, second: str, embedder: str) -> dict[str, Any]:
    """All modes on the set."""
    documents, queries = dataset(folder)
    told: dict[str, Any] = {}
    config = f"embedder = {json.dumps(embedder)}\n"
    if second != EVIDENCE:
        config += f"rerank = {json.dumps(second)}\n"
    async with library(documents, config) as one:
        await one.service.answers.load()
        for name in MODES:
            rows = [(query, *await rank(one, query["text"], name, second)) for query in queries]
            known = [(query["relevant"], ids) for query, ids, _, _ in rows if query["relevant"]]
            told[name] = {
                "ndcg@10": mean([ndcg(ids, relevant) for relevant, ids in known]),
                "recall@5": mean([recall(ids, relevant) for relevant, ids in known]),
                "mrr": mean([reciprocal(ids, relevant) for relevant, ids in known]),
                "ms_p50": statistics.median(ms for *_, ms in rows) if rows else None,
            }
            sure = [confidence for query, _, confidence, _ in rows if query["relevant"]]
            unsure = [confidence for query, _, confidence, _ in rows if not query["relevant"]]
            told.setdefault("auroc", {})[name] = auroc(sure, unsure)
    told["auroc"] = told.pop("auroc")
    return told


def mean(values: list[float]) -> float | None:
    """The mean; None of nothing."""
    return statistics.fmean(values) if values else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rerank", default=EVIDENCE, help="the folder of a cross-encoder")
    parser.add_argument("--embedder", default="default", help='the embedder; "" for none')
    given = parser.parse_args()
    told = asyncio.run(measure(given.folder, given.rerank, given.embedder))
    if given.json:
        print(json.dumps(told))
        return
    for name in MODES:
        figures = (f"{key} {'–' if value is None else f'{value:.3f}'}" for key, value in told[name].items())
        print(f"{name:8} " + "  ".join(figures))
    shown = (f"{name} {'–' if value is None else f'{value:.3f}'}" for name, value in told["auroc"].items())
    print("AUROC of telling answerable from not: " + "  ".join(shown))


if __name__ == "__main__":
    main()
