"""Figure: a webhook's POST, accepted and durable, through the whole application.

Limit: raw aiohttp with a raw group-committed SQLite insert (`limit.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from measure import Child, Plan, Row, Speed, child, side_by_side, speed

CLIENTS = (1, 32, 128)
AIM = 0.5
PATH = "/t/bench/postman"
RAW = "/message"


@contextmanager
def raw() -> Iterator[Callable[[int, float], Speed]]:
    """The limit, as a function of clients and seconds."""
    with child("limit.py") as server, child("load.py") as generator:
        yield loader(generator, server.hear(), RAW)


def loader(generator: Child, port: int, path: str) -> Callable[[int, float], Speed]:
    """Load on that address, as a function of clients and seconds."""
    generator.hear()

    def load(clients: int, seconds: float) -> Speed:
        told = generator.ask(port=port, path=path, clients=clients, seconds=seconds)
        return speed(told["seconds"], told["elapsed"])

    return load


def measure(plan: Plan) -> Iterator[Row]:
    with ExitStack() as stack:
        limit = stack.enter_context(raw())
        port = stack.enter_context(child("webhook.py")).hear()
        ours = loader(stack.enter_context(child("load.py")), port, PATH)
        for clients in CLIENTS:
            mine, theirs, ratio = side_by_side(
                plan, lambda n=clients: ours(n, plan.seconds), lambda n=clients: limit(n, plan.seconds)
            )
            yield Row(f"accept, {clients} clients", str(mine), str(theirs), ratio, f"≥ {AIM}")
