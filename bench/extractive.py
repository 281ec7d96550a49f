"""Figure: a question answered from 10,000 chunks with the sentence that answers it, past all hooks (`reading.py`).

Limit: the embedder and a flat FAISS index alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from measure import Child, Plan, Row, Speed, child, side_by_side, speed

from hookline_embeddings.cache import ModelMissing, cache_folder, model_folder, read_model
from hookline_embeddings.recipe import MINILM

CHUNKS = 10_000
FEW = 200  # for a short look
AIM_MS = 5.0


def fetched() -> str:
    """The folder of the embedding model; "" where it was not fetched, and hashing does its work."""
    folder = model_folder(cache_folder(), MINILM)
    try:
        read_model(folder)
    except ModelMissing:
        return ""
    return str(folder)


def ask(reading: Child, kind: str, seconds: float) -> Speed:
    """One question after the other, for so long."""
    told = reading.ask(kind=kind, seconds=seconds)
    if kind == "ours" and not told["answered"]:
        raise RuntimeError("no question was answered; the figure would be of declining")
    return speed(told["seconds"], sum(told["seconds"]))


def measure(plan: Plan) -> Iterator[Row]:
    chunks = CHUNKS if plan.seconds >= 1 else FEW
    model = fetched()
    with child("reading.py", str(chunks), model) as reading:
        reading.hear()
        for kind in ("ours", "limit"):
            ask(reading, kind, plan.seconds / 2)
        mine, theirs, ratio = side_by_side(
            plan, lambda: ask(reading, "ours", plan.seconds), lambda: ask(reading, "limit", plan.seconds)
        )
        yield Row(
            f"answer, {chunks:,} chunks, {MINILM.name if model else 'hashing'}",
            str(mine),
            str(theirs),
            ratio,
            f"p50 ≤ {AIM_MS:g} ms",
        )
