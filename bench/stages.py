"""Figure: where the time of a turn goes, in medians (`crowd.py`).

Limits: of what is written, one raw insert made durable by group commit; of the hooks, the same implementations
awaited one after the other with nothing around them.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator

from measure import Plan, Row, child

CLIENTS = (1, 32)
WRITTEN = ("accept", "commit")
HOOKS = "hooks"


def measure(plan: Plan) -> Iterator[Row]:
    with child("crowd.py") as crowd:
        crowd.hear()
        for clients in CLIENTS:
            rounds = defaultdict(list)
            for _ in range(plan.rounds):
                told = crowd.ask(clients=clients, seconds=plan.seconds)
                for stage, ms in told["stages"].items():
                    rounds[stage].append(ms)
                rounds["processor"].append(told["cpu_ms"])
                rounds["insert"].append(crowd.ask(inserts=clients, seconds=plan.seconds))
                rounds["bare"].append(crowd.ask(bare=True))
            ms = {stage: statistics.median(values) for stage, values in rounds.items()}
            insert, bare = ms.pop("insert"), ms.pop("bare")
            for stage, took in ms.items():
                limit = insert if stage in WRITTEN else bare if stage == HOOKS else None
                yield Row(
                    f"profile, {clients} clients: {stage}",
                    f"{took:.3f} ms",
                    "" if limit is None else f"{limit:.3f} ms",
                    limit / took if limit and took else None,
                )
