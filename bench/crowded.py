"""Figure: ten tenants asked at once, each by a customer of its own (`together.py`).

Limit: one tenant alone, in the same process; ten share its cores, so ten at once should get as many answers a second
between them, and each its fair part.
"""

from __future__ import annotations

from collections.abc import Iterator

from measure import Child, Plan, Row, Speed, child, side_by_side, speed

CHUNKS = 200  # of each tenant
FEW = 10  # for a short look


def measure(plan: Plan) -> Iterator[Row]:
    least: list[float] = []

    def ask(kind: str) -> Speed:
        told = together.ask(kind=kind, seconds=plan.seconds)
        if not told["answered"]:
            raise RuntimeError("no question was answered; the figure would be of declining")
        if kind == "ten":
            least.append(told["least"])
        return speed(told["seconds"], told["elapsed"])

    together: Child
    with child("together.py", str(CHUNKS if plan.seconds >= 1 else FEW)) as together:
        together.hear()
        for kind in ("ten", "one"):
            ask(kind)
        mine, alone, ratio = side_by_side(plan, lambda: ask("ten"), lambda: ask("one"))
    fair = f"the slowest tenant got {min(least):.0%} of the fastest's answers"
    yield Row("ten tenants asked at once", str(mine), f"{alone} one alone; {fair}", ratio)
