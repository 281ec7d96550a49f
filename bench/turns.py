"""Figure: whole turns, committed and delivered, past eight plugins with twelve hooks each (`crowd.py`).

Limit: one raw durable insert for each request, as in `accept`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from accept import CLIENTS, raw
from measure import Child, Plan, Row, Speed, child, side_by_side, speed

AIM = 0.2


def ask(crowd: Child, clients: int, seconds: float) -> Speed:
    """Have so many customers ask for so long."""
    told = crowd.ask(clients=clients, seconds=seconds)
    return speed(told["seconds"], told["elapsed"])


def measure(plan: Plan) -> Iterator[Row]:
    with ExitStack() as stack:
        limit = stack.enter_context(raw())
        crowd = stack.enter_context(child("crowd.py"))
        crowd.hear()
        for clients in CLIENTS:
            mine, theirs, ratio = side_by_side(
                plan, lambda n=clients: ask(crowd, n, plan.seconds), lambda n=clients: limit(n, plan.seconds)
            )
            aim = f"≥ {AIM}" if clients == 32 else ""
            yield Row(f"turns, {clients} clients", str(mine), str(theirs), ratio, aim)
