"""Figure: WhatsApp's webhook, with its signature checked: accepted and durable; answered at the provider; in a burst with repeats.

Limit: raw aiohttp, hmac, and a raw group-committed SQLite insert; for answers, a POST to the provider over one session besides
(`whatsapplimit.py`).  The customers and Meta are one process (`phones.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from measure import Child, Plan, Row, Speed, child, side_by_side, speed

CLIENTS = (1, 32, 128)
AIM = 0.5
PATH = "/t/bench/whatsapp/webhook"
MESSAGES, TIMES = 1000, 3


def ask(phones: Child, port: int, path: str, clients: int, seconds: float, *, replies: bool) -> Speed:
    """Have so many customers write for so long, or longer where a busy machine finishes nothing in that time."""
    for patience in (1, 4, 16):
        told = phones.ask(port=port, path=path, clients=clients, seconds=seconds * patience, replies=replies)
        if told["seconds"]:
            break
    return speed(told["seconds"], told["elapsed"])


def measure(plan: Plan) -> Iterator[Row]:
    with ExitStack() as stack:
        phones = stack.enter_context(child("phones.py"))
        meta = str(phones.hear())
        limit = stack.enter_context(child("whatsapplimit.py", meta)).hear()
        with child("whatsapphook.py", meta, "--accept") as server:
            port = server.hear()
            for clients in CLIENTS:
                yield row(plan, phones, (port, PATH), (limit, "/message"), clients, replies=False)
        with child("whatsapphook.py", meta) as server:
            port = server.hear()
            for clients in CLIENTS[:2]:
                yield row(plan, phones, (port, PATH), (limit, "/reply"), clients, replies=True)
            yield burst(phones, port)


def row(
    plan: Plan, phones: Child, ours: tuple[int, str], limit: tuple[int, str], clients: int, *, replies: bool
) -> Row:
    """The figure beside its limit, by turns."""
    mine, theirs, ratio = side_by_side(
        plan,
        lambda: ask(phones, *ours, clients, plan.seconds, replies=replies),
        lambda: ask(phones, *limit, clients, plan.seconds, replies=replies),
    )
    what = "webhook to reply at the provider" if replies else "webhook accepted"
    aim = "" if replies else f"≥ {AIM}"
    return Row(f"whatsapp, {what}, {clients} clients", str(mine), str(theirs), ratio, aim)


def burst(phones: Child, port: int) -> Row:
    """A thousand messages, each three times: as many turns and replies as messages; raises RuntimeError where it is not so."""
    told = phones.ask(port=port, path=PATH, burst=MESSAGES, times=TIMES)
    if (told["answered"], told["replies"]) != (MESSAGES, MESSAGES):
        raise RuntimeError(f"{MESSAGES} messages, {told['answered']} answered, {told['replies']} replies")
    shown = f"{told['replies']:,} replies, all in {told['seconds']:.2f} s; accepted in {told['accepted']:.2f} s"
    return Row(f"whatsapp, {MESSAGES:,} webhooks {TIMES} times each", shown, "", None, f"{MESSAGES:,} replies")
