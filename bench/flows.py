"""A flow's step beside a plain turn, and conversations in mid-flow through a restart: none lost, none asked twice.

    python bench/flows.py [--turns 2000] [--conversations 5000]

Both turns go the whole way (accept, hooks, commit, delivery in the process) on SQLite, one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from measure import Plan, Row

from hookline.catalogue import Catalogue
from hookline.clock import Clock
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.testing.bot import Bot

FLOW = """
starts: {words: [begin]}
slots: {amount: {kind: money, min: 1}, months: {kind: duration, min: 1}, mail: {kind: email}}
steps:
  - {ask: amount, text: {en: How much?}}
  - {ask: months, text: {en: How long?}}
  - {set: {monthly: amount / months}}
  - {ask: mail, text: {en: "{monthly} a month. Your e-mail?"}}
  - {end: done, text: {en: "Done {amount} {months}"}}
"""
PART = 40
SAID = ("begin", "80 lakhs", "15 years", "a@example.org")


class _Plain:
    def __init__(self, tenant: object) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self) -> Reply:
        """The same to everybody."""
        return Reply("How much?")


async def _bot(folder: Path, *, flows: bool) -> Bot:
    home = folder / "tenants" / "bench" / "flows"
    home.mkdir(parents=True, exist_ok=True)
    if flows:
        (home / "loan.yaml").write_text(FLOW, encoding="utf-8")
    plugins = [Catalogue.load().get("flows")] if flows else []
    return await Bot([*plugins, Plugin("plain", hooks=_Plain)], folder, {"bench": ""}, Clock()).start()


async def _timed(bot: Bot, turns: int, begin: int = 0) -> tuple[list[float], float]:
    """How long each turn took, and the processor's time that all took, in milliseconds."""
    took, spent = [], time.process_time()
    for n in range(begin, begin + turns):
        before = time.perf_counter()
        await bot.say(SAID[n % len(SAID)], who=f"c{n // len(SAID)}")
        took.append((time.perf_counter() - before) * 1000)
    return took, (time.process_time() - spent) * 1000


def _figures(parts: Sequence[tuple[list[float], float]]) -> dict[str, float]:
    took = sorted(one for some, _ in parts for one in some)
    return {
        "p50_ms": round(statistics.median(took), 2),
        "p99_ms": round(took[int(len(took) * 0.99)], 2),
        "cpu_ms": round(sum(spent for _, spent in parts) / len(took), 2),
    }


async def _through(bot: Bot, count: int) -> dict[str, float]:
    """Half-way, restart, and to the end: what was lost, and what was asked twice."""

    async def all_say(text: str) -> list[str]:
        said: list[str] = []
        for begin in range(0, count, 100):
            told = (bot.say(text, who=f"r{n}", timeout=120.0) for n in range(begin, min(begin + 100, count)))
            said += [message.text for message in await asyncio.gather(*told)]
        return said

    await all_say("begin")
    await all_say("80 lakhs")
    await bot.restart()
    after = await all_say("15 years")
    ended = await all_say("a@example.org")
    asked_again = sum("How much?" in text or "How long?" in text for text in after)
    return {
        "conversations": count,
        "lost": sum("Done 80,00,000 180" not in text for text in ended),
        "asked_twice": asked_again,
    }


async def run(turns: int, conversations: int) -> dict[str, dict[str, float]]:
    """All figures; both kinds of turn by turns, so that what else the machine does burdens both alike."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        bots = {"plain turn": await _bot(Path(one), flows=False), "flow step": await _bot(Path(other), flows=True)}
        parts: dict[str, list[tuple[list[float], float]]] = {name: [] for name in bots}
        for bot in bots.values():
            await _timed(bot, PART)
        for begin in range(PART, PART + turns, PART):
            for name, bot in bots.items():
                parts[name].append(await _timed(bot, PART, begin))
        found: dict[str, dict[str, float]] = {name: _figures(some) for name, some in parts.items()}
        found["restart"] = await _through(bots["flow step"], conversations)
        for bot in bots.values():
            await bot.close()
    return found


def measure(plan: Plan) -> Iterator[Row]:
    """Rows of the table; of the restart with 5,000 conversations where `plan` is big."""
    found = asyncio.run(run(max(PART, int(plan.seconds * plan.rounds * 100)), 5000 if plan.big else 200))
    step, plain, through = found["flow step"], found["plain turn"], found["restart"]
    yield Row(
        "flow: one step, p50 / p99",
        f"{step['p50_ms']:.1f} / {step['p99_ms']:.1f} ms, {step['cpu_ms']:.1f} ms of CPU",
        f"{plain['p50_ms']:.1f} / {plain['p99_ms']:.1f} ms, {plain['cpu_ms']:.1f} ms a plain turn",
        plain["p50_ms"] / step["p50_ms"],
    )
    yield Row(
        f"flow: {through['conversations']:,} open through a restart",
        f"{through['lost']} lost, {through['asked_twice']} asked twice",
        aim="0, 0",
    )


def main() -> None:
    """Print the figures as JSON."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--turns", type=int, default=2000)
    asked.add_argument("--conversations", type=int, default=5000)
    options = asked.parse_args()
    print(json.dumps(asyncio.run(run(options.turns, options.conversations)), indent=2))


if __name__ == "__main__":
    main()
