"""What scoring adds to a turn: the hook itself, and the rows that it has committed with the turn.

    python bench/scoring.py [--turns 100] [--rounds 20] [--json]

The same conversations by two bots in turns, one with `scoring` and one without; both have a plugin that knows the intent
and an entity of each message.  The difference of the processor's time is what scoring costs, the writes included; the
hook's own part is measured around the call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import measure
from measure import Plan, Row

sys.path[:0] = [str(path) for path in measure.SOURCES]

from hookline.catalogue import Catalogue  # noqa: E402  the workspace's packages have to be found first
from hookline.clock import Clock  # noqa: E402
from hookline.hookspecs import hookimpl  # noqa: E402
from hookline.message import Entity, Intent, Reply  # noqa: E402
from hookline.plugin import Plugin  # noqa: E402
from hookline.testing.bot import Bot  # noqa: E402
from hookline.turn import Turn  # noqa: E402

AIM = 0.3  # milliseconds
RULES = """
intents: {BUY: 30, INFO: 0}
bonuses:
  - {name: model mentioned, points: 15, known: [model]}
  - {name: budget mentioned, points: 10, known: [budget]}
  - {name: contact provided, points: 10, known: [phone]}
sentiment: {negative: -5}
engagement: [{messages: 5, points: 5}]
"""
SAID = (
    ("BUY", "model", "Swift"),
    ("BUY", "budget", 1_600_000),
    ("BUY", "phone", "+919876500000"),
    ("INFO", "model", "Dzire"),
)


class _Knows:
    def __init__(self, tenant: object) -> None:
        self.tenant = tenant

    @hookimpl
    async def classify_intent(self, turn: Turn) -> list[Intent]:
        """As the message says."""
        return [Intent(SAID[int(turn.message.text)][0], 0.9)]

    @hookimpl
    async def extract_entities(self, turn: Turn) -> list[Entity]:
        """As the message says."""
        _, name, value = SAID[int(turn.message.text)]
        return [Entity(name, f"{value}{turn.contact.id}" if name == "phone" else value)]

    @hookimpl
    async def respond(self) -> Reply:
        """The same to everybody."""
        return Reply("All right.")


async def _bot(folder: Path, *, scoring: bool) -> Bot:
    home = folder / "tenants" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    (home / "scoring.yaml").write_text(RULES, encoding="utf-8")
    plugins = [Plugin("knows", hooks=_Knows), *([Catalogue.load().get("scoring")] if scoring else [])]
    config = "[ratelimit]\nrequests = 0\ncontact_requests = 0\n"
    config += '[plugins.scoring]\nrules = "scoring.yaml"\n' if scoring else ""
    return await Bot(plugins, folder, {"bench": config}, Clock()).start()


async def _spent(bot: Bot, turns: int, begin: int) -> float:
    """The processor's time of a turn in milliseconds."""
    before = time.process_time()
    for n in range(begin, begin + turns):
        await bot.say(str(n % len(SAID)), who=f"c{n // len(SAID)}")
    return (time.process_time() - before) * 1000 / turns


def _around(bot: Bot, took: list[float]) -> None:
    """Measure the hook where it is called."""
    for one in bot.snapshot().hooks.dispatcher.implementations("score"):
        call = one.call

        async def timed(*args: object, call: object = call) -> object:
            before = time.thread_time()
            try:
                return await call(*args)  # type: ignore[operator]  # a hook
            finally:
                took.append((time.thread_time() - before) * 1000)

        one.call = timed


async def figures(turns: int, rounds: int) -> dict[str, float]:
    """Milliseconds a turn: with scoring, without, what it adds, and of that the hook's own."""
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        plain, scored = await _bot(base / "plain", scoring=False), await _bot(base / "scored", scoring=True)
        hook: list[float] = []
        _around(scored, hook)
        try:
            for bot in (plain, scored):
                await _spent(bot, 40, 0)
            hook.clear()
            parts = []
            for n in range(rounds):
                begin = 40 + n * turns
                parts.append((await _spent(plain, turns, begin), await _spent(scored, turns, begin)))
        finally:
            await plain.close()
            await scored.close()
    bare, ours = (
        min(one for one, _ in parts),
        min(one for _, one in parts),
    )  # what others on the machine disturbed least
    added = ours - bare
    return {
        "plain_ms": round(bare, 3),
        "scored_ms": round(ours, 3),
        "added_ms": round(added, 3),
        "hook_ms": round(statistics.median(hook), 3),
        "writes_ms": round(added - statistics.median(hook), 3),
    }


def measured(plan: Plan) -> Iterator[Row]:
    """For the table of figures."""
    told = asyncio.run(figures(100, 4 * plan.rounds))
    yield Row(
        "scoring, added to a turn", f"{told['added_ms']:.2f} ms, its hook {told['hook_ms']:.2f} ms",
        f"{told['plain_ms']:.2f} ms for the turn", None, f"< {AIM} ms",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=100, help="turns in one part (default: 100)")
    parser.add_argument("--rounds", type=int, default=20, help="parts of each (default: 20)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    given = parser.parse_args()
    told = asyncio.run(figures(given.turns, given.rounds))
    print(json.dumps(told) if given.json else "\n".join(f"{name:10} {value}" for name, value in told.items()))


if __name__ == "__main__":
    main()
