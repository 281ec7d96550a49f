"""Figure: from a message's arrival to the first sentence of its generated answer on a page (`firstword.py`).

Limit: the model's own first sentence, through the same client from the same server, which answers at once
(`model.py`).  So what is above the limit is ours: the message made durable, the passages found, the sentence checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from measure import Plan, Row, Speed, child, side_by_side, speed

CHUNKS = 1_000
FEW = 20  # for a short look


def measure(plan: Plan) -> Iterator[Row]:
    chunks = CHUNKS if plan.seconds >= 1 else FEW
    with child("model.py") as model, child("firstword.py", str(chunks), str(model.hear())) as firstword:
        firstword.hear()

        def ask(kind: str) -> Speed:
            told = firstword.ask(kind=kind, seconds=plan.seconds)["seconds"]
            return speed(told, sum(told))

        for kind in ("ours", "limit"):
            ask(kind)
        mine, theirs, ratio = side_by_side(plan, lambda: ask("ours"), lambda: ask("limit"))
    beyond = mine.p50 - theirs.p50
    yield Row("first sentence of a generated answer", f"{mine}; {beyond:.1f} ms beyond the model's", str(theirs), ratio)
