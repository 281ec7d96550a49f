"""Figure: a question answered from 1,000, 10,000, 100,000 and 1,000,000 chunks, with the memory they take (`scale.py`); and how
long a deleted document takes to be gone.

Limit: the embedder and a flat FAISS index of as many vectors alone.  The two large ones only with `--big`.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractive import ask, fetched
from measure import Plan, Row, child, side_by_side

COUNTS = (1_000, 10_000)
BIG = (100_000, 1_000_000)
FEW = 500  # for a short look


def measure(plan: Plan) -> Iterator[Row]:
    model = fetched()
    if not model:
        return  # hashed vectors are no measure of an index
    counts = (COUNTS + BIG if plan.big else COUNTS) if plan.seconds >= 1 else (FEW,)
    for count in counts:
        with child("scale.py", str(count), model) as scale:
            told = scale.hear()
            for kind in ("ours", "limit"):
                ask(scale, kind, plan.seconds / 2)
            mine, theirs, ratio = side_by_side(
                plan,
                lambda: ask(scale, "ours", plan.seconds),
                lambda: ask(scale, "limit", plan.seconds),
            )
            gone = scale.ask(kind="delete", count=3)
        memory = f"{told['own']:,.0f} MiB, {told['mapped']:,.0f} mapped"
        yield Row(f"answer, {told['chunks']:,} chunks, {memory}", str(mine), str(theirs), ratio)
        slowest, anew = max(gone["seconds"]), max(gone["anew"])
        yield Row(
            f"a document deleted, {told['chunks']:,} chunks", f"gone in {slowest:.2f} s, index anew in {anew:.2f} s"
        )
