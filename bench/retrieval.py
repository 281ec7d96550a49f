"""How well the right documents are found, on a set of documents and questions.

    python bench/retrieval.py DIR [--json]

DIR as for `bench/answers.py`.  Dense, lexical and hybrid go through the plugin's own search with other weights.
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

MODES = {"dense": "dense", "lexical": "lexical", "hybrid": None}


async def rank(one: Library, text: str, mode: str | None) -> tuple[list[str], float, float]:
    """The set's document ids best first, the best confidence, and the time in milliseconds."""
    begun = time.perf_counter()
    found = await one.service.find(text, limit=20, mode=mode)
    ms = (time.perf_counter() - begun) * 1000
    ids = list(dict.fromkeys(one.names[candidate.row.document] for candidate in found.candidates))
    return ids, max((candidate.confidence for candidate in found.candidates[:1]), default=0.0), ms


async def measure(folder: Path) -> dict[str, Any]:
    """All modes on the set."""
    documents, queries = dataset(folder)
    told: dict[str, Any] = {}
    async with library(documents) as one:
        for name, mode in MODES.items():
            rows = [(query, *await rank(one, query["text"], mode)) for query in queries]
            known = [(query["relevant"], ids) for query, ids, _, _ in rows if query["relevant"]]
            told[name] = {
                "ndcg@10": statistics.fmean(ndcg(ids, relevant) for relevant, ids in known),
                "recall@5": statistics.fmean(recall(ids, relevant) for relevant, ids in known),
                "mrr": statistics.fmean(reciprocal(ids, relevant) for relevant, ids in known),
                "ms_p50": statistics.median(ms for *_, ms in rows),
            }
            if name == "hybrid":
                sure = [confidence for query, _, confidence, _ in rows if query["relevant"]]
                unsure = [confidence for query, _, confidence, _ in rows if not query["relevant"]]
                told["auroc"] = {"confidence": auroc(sure, unsure)}
    return told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = asyncio.run(measure(given.folder))
    if given.json:
        print(json.dumps(told))
        return
    for name in MODES:
        print(f"{name:8} " + "  ".join(f"{key} {value:.3f}" for key, value in told[name].items()))
    print("AUROC of telling answerable from not:", told["auroc"]["confidence"])


if __name__ == "__main__":
    main()
