"""Figure: whole turns, committed and delivered, past eight plugins with twelve hooks each (`crowd.py`).

Limit: one raw durable insert for each request, as in `accept`.  With observers, each plugin also has `turn_finished`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from accept import CLIENTS, raw
from measure import Child, Plan, Row, Speed, child, side_by_side, speed

AIM = 0.2


def ask(crowd: Child, clients: int, seconds: float) -> Speed:
    """Have so many customers ask for so long, or for longer where a busy machine finishes nothing in that time."""
    for patience in (1, 4, 16):
        told = crowd.ask(clients=clients, seconds=seconds * patience)
        if told["seconds"]:
            break
    return speed(told["seconds"], told["elapsed"])


def measure(plan: Plan) -> Iterator[Row]:
    with ExitStack() as stack:
        limit = stack.enter_context(raw())
        for clients in CLIENTS:
            yield row(plan, limit, clients, f"turns, {clients} clients", f"≥ {AIM}" if clients == 32 else "")
        yield row(plan, limit, 32, "turns, 32 clients, 8 observers", "", "--observed")


def row(plan: Plan, limit: Callable[[int, float], Speed], clients: int, figure: str, aim: str, *options: str) -> Row:
    """The turns of a crowd of its own beside the limit."""
    with child("crowd.py", *options) as crowd:
        crowd.hear()
        ask(crowd, clients, plan.seconds / 2)
        mine, theirs, ratio = side_by_side(
            plan, lambda: ask(crowd, clients, plan.seconds), lambda: limit(clients, plan.seconds)
        )
    return Row(figure, str(mine), str(theirs), ratio, aim)
