"""Figure: documents given as text until they answer, in chunks a second (`takein.py`).

Limit: the embedder alone, through its hook, with the same texts at once.  The share of CPU time that is the embedder's
is beside it: on a machine with no core to spare the rate can't be more than that.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from extractive import fetched
from measure import Plan, Row, child

from hookline_embeddings.recipe import MINILM

DOCUMENTS = 64
FEW = 4  # for a short look
AIM = 0.8


def measure(plan: Plan) -> Iterator[Row]:
    documents = DOCUMENTS if plan.seconds >= 1 else FEW
    with child("takein.py") as takein:
        takein.hear()
        for kind in ("ours", "limit"):
            takein.ask(kind=kind, documents=FEW)
        pairs = []
        for _ in range(plan.rounds):
            mine = takein.ask(kind="ours", documents=documents)
            pairs.append((mine, takein.ask(kind="limit", documents=documents)))
    ours = statistics.median(mine["chunks"] / mine["seconds"] for mine, _ in pairs)
    limit = statistics.median(raw["chunks"] / raw["seconds"] for _, raw in pairs)
    ratio = statistics.median(raw["seconds"] / mine["seconds"] for mine, raw in pairs)
    share = statistics.median(raw["cpu"] / mine["cpu"] for mine, raw in pairs)
    yield Row(
        f"ingestion, {MINILM.name if fetched() else 'hashing'}",
        f"{ours:,.0f} chunks/s",
        f"{limit:,.0f}/s embedder alone ({share:.0%} of the CPU time)",
        ratio,
        f"≥ {AIM:g}",
    )
