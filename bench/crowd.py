"""The figure `turns` from within: eight plugins with twelve hooks each, and customers who wait for their answers.

It is told lines of JSON.  {"clients", "seconds"}: it answers with the durations of all turns, from the customer's word
to the delivered reply, with where the time of each went, and with the processor time of one.  {"inserts", "seconds"}:
the milliseconds of one of so many raw inserts at a time.  {"bare"}: those of awaiting all hooks of a turn with nothing
around them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from host import TENANT, hosting
from limit import Writer
from serving import lines

from hookline.hookspecs import hookimpl
from hookline.ledger import Inbound
from hookline.message import (
    Drop,
    Entity,
    HandoffRequest,
    Hold,
    Intent,
    Message,
    Park,
    Passage,
    Receipt,
    Record,
    Refusal,
    Reply,
    Score,
    Segment,
    Send,
    Template,
)
from hookline.plugin import Plugin
from hookline.runtime import Runtime
from hookline.tenant import Tenant
from hookline.turn import Turn

PLUGINS = 8
STAGES = (
    "receive",
    "screen",
    "hold",
    "classify_intent",
    "extract_entities",
    "request_handoff",
    "retrieve",
    "respond",
    "score",
    "request_handoff",
    "review",
)
TEXT = "hello, I want to know about a loan for a small house"


class Twelve:
    """A plugin with every hook of a turn; each looks at the turn, as a plugin does that has nothing to say to it."""

    def __init__(self, tenant: Tenant) -> None:
        self.name = tenant.plugin

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        return turn.message

    @hookimpl
    async def screen(self, turn: Turn) -> Refusal | None:
        return Refusal("too long") if len(turn.message.text) > 1000 else None

    @hookimpl
    async def hold(self, turn: Turn) -> Hold | None:
        return Hold("an agent") if turn.conversation.held_by else None

    @hookimpl
    async def classify_intent(self, turn: Turn) -> Sequence[Intent]:
        return [Intent(self.name, 0.5)] if "loan" in turn.message.text else []

    @hookimpl
    async def extract_entities(self, turn: Turn) -> Sequence[Entity]:
        return [Entity("number", turn.message.text)] if turn.message.text.isdigit() else []

    @hookimpl
    async def retrieve(self, turn: Turn) -> Sequence[Passage]:
        return []

    @hookimpl
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        return HandoffRequest("asked") if "human" in turn.message.text else None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        state = turn.state(self.name)
        state["seen"] = state.get("seen", 0) + 1
        return None

    @hookimpl
    async def score(self, turn: Turn) -> Sequence[Score]:
        return []

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        return reply

    @hookimpl
    async def before_deliver(self, message: Message) -> Send | Template | Park | Drop | None:
        return Drop("empty") if not message.text else None

    @hookimpl
    async def deliver(self, message: Message) -> Receipt:
        raise LookupError(f"nobody is on the channel {self.name}")


class Observing(Twelve):
    """One that also looks at each turn after its commit, from the event log."""

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        return None


class Answers:
    """The plugin that answers; the last to be asked."""

    def __init__(self, tenant: Tenant) -> None:
        pass

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        return Reply(f"You said: {turn.message.text}")


@attrs.define(eq=False)
class Seen:
    """When a turn came to which place."""

    turn: Turn
    received: float
    decided: float = 0.0
    delivering: float = 0.0


@attrs.define(eq=False)
class Crowd:
    """The customers, and the channel of this process that they are on."""

    waiting: dict[str, asyncio.Future[float]] = attrs.Factory(dict)
    seen: dict[str, Seen] = attrs.Factory(dict)
    stages: dict[str, list[float]] = attrs.Factory(lambda: defaultdict(list))

    def plugin(self) -> Plugin:
        """The channel; listed first, it hears of a message before the others and has the last word on the reply."""

        class TenantHooks:
            def __init__(self, tenant: Tenant, crowd: Crowd = self) -> None:
                self.crowd = crowd

            @hookimpl
            async def receive(self, turn: Turn) -> Message:
                self.crowd.seen[turn.message.address] = Seen(turn, time.perf_counter())
                return turn.message

            @hookimpl
            async def review(self, turn: Turn, reply: Reply) -> Reply:
                self.crowd.seen[turn.message.address].decided = time.perf_counter()
                return reply

            @hookimpl
            async def before_deliver(self, message: Message) -> Send | Template | Park | Drop | None:
                self.crowd.seen[message.address].delivering = time.perf_counter()
                return None

            @hookimpl
            async def deliver(self, message: Message) -> Receipt:
                self.crowd.waiting[message.address].set_result(time.perf_counter())
                return Receipt()

        return Plugin("crowd", hooks=TenantHooks, channels=("crowd",), in_process=True)

    async def customer(self, tenant: Tenant, address: str, seconds: list[float], start: float, end: float) -> None:
        """Ask, wait for the answer, ask again."""
        loop = asyncio.get_running_loop()
        count = 0
        while (begun := time.perf_counter()) < end:
            count += 1
            heard = self.waiting[address] = loop.create_future()
            await tenant.accept(Inbound("crowd", address, TEXT, provider_id=f"{address}-{count}"))
            accepted = time.perf_counter()
            delivered = await heard
            if begun >= start:
                seconds.append(delivered - begun)
                self._note(address, begun, accepted, delivered)

    def _note(self, address: str, begun: float, accepted: float, delivered: float) -> None:
        seen, stages = self.seen[address], self.stages
        stages["accept"].append(accepted - begun)
        stages["queue"].append(max(0.0, seen.received - accepted))
        stages["hooks"].append(sum(took for _, took in seen.turn.stages))
        for name, took in seen.turn.stages:
            stages[name].append(took)
        stages["commit"].append(seen.delivering - seen.decided)
        stages["deliver"].append(delivered - seen.delivering)

    async def run(self, runtime: Runtime, clients: int, seconds: float) -> dict[str, Any]:
        """So many customers for so long, after a little warming up."""
        self.stages.clear()
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            tenant = snapshot.tenants["crowd"]
        start = time.perf_counter() + seconds * 0.2
        end = start + seconds
        took: list[float] = []
        before = time.process_time()
        began = time.perf_counter()
        prefix = uuid.uuid4().hex[:8]
        await asyncio.gather(*(self.customer(tenant, f"{prefix}-{n}", took, start, end) for n in range(clients)))
        ended = time.perf_counter()
        share = (ended - start) / (ended - began)
        return {
            "seconds": took,
            "elapsed": ended - start,
            "cpu_ms": (time.process_time() - before) * share / max(len(took), 1) * 1e3,
            "stages": {name: statistics.median(values) * 1e3 for name, values in self.stages.items()},
        }


async def inserts(clients: int, seconds: float) -> float:
    """The median of raw inserts in milliseconds."""
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder) / "raw.db")
        until = time.perf_counter() + seconds

        async def client(name: str) -> None:
            while (begun := time.perf_counter()) < until:
                await writer.insert(f"{name}-{begun}", name, TEXT, begun)
                took.append(time.perf_counter() - begun)

        await asyncio.gather(*(client(str(n)) for n in range(clients)))
        writer.close()
    return statistics.median(took) * 1e3


async def bare(crowd: Crowd, runtime: Runtime) -> float:
    """The median of awaiting the hooks' implementations in milliseconds."""
    took = []
    turn = next(reversed(crowd.seen.values())).turn
    reply = Reply(TEXT)
    with runtime.tenants.get(TENANT).acquire() as snapshot:
        implementations = snapshot.hooks.dispatcher.implementations
        calls = [
            (one, (turn, reply) if name == "review" else (turn,)) for name in STAGES for one in implementations(name)
        ]
    for _ in range(300):
        begun = time.perf_counter()
        for implementation, arguments in calls:
            await implementation(arguments)
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e3


async def main(hooks: type[Twelve], database_url: str) -> None:
    crowd = Crowd()
    twelve = [Plugin(f"twelve{n}", hooks=hooks, channels=(f"twelve{n}",)) for n in range(PLUGINS)]
    async with hosting(
        [crowd.plugin(), *twelve, Plugin("answers", hooks=Answers)], database_url=database_url
    ) as runtime:
        told = await lines()
        print(json.dumps("ready"), flush=True)
        while line := await told.readline():
            order = json.loads(line)
            if "inserts" in order:
                answer: Any = await inserts(order["inserts"], order["seconds"])
            elif "bare" in order:
                answer = await bare(crowd, runtime)
            else:
                answer = await crowd.run(runtime, **order)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observed", action="store_true", help="each plugin also has turn_finished")
    parser.add_argument("--database", default="", help="a database of its own; it is migrated and filled")
    told = parser.parse_args()
    asyncio.run(main(Observing if told.observed else Twelve, told.database))
