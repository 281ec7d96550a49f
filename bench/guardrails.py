"""How many attacks the guardrails catch, and how many harmless messages they stop.

    python bench/guardrails.py FILE [--json] [--config TOML]

Each line of FILE is `{"text", "attack": true|false, "source"?}`.  Each text is screened as a turn does it: by a real
tenant's `screen` hook, with the plugin's defaults or the `[plugins.guardrails]` given with --config.  Prints the shares
caught and wrongly stopped, by source too where the lines have one, and the CPU time of a message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import attrs
import structlog
from figures import percent
from host import TENANT, hosting

import hookline_guardrails
from hookline.message import Contact, Conversation, Message
from hookline.turn import Turn


@attrs.frozen
class Screened:
    """One text: where it is from, whether it is an attack, why it was refused ("" if not), and the CPU time."""

    source: str
    attack: bool
    reason: str
    ms: float


async def measure(entries: Sequence[dict[str, Any]], config: str) -> list[Screened]:
    """Screen all texts."""
    found = []
    async with hosting([hookline_guardrails.plugin], f"\n[plugins.guardrails]\n{config}\n") as runtime:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            for n, entry in enumerate(entries):
                message = Message(str(n), "c", "loopback", "a", entry["text"])
                turn = Turn(message, Conversation("c", "loopback", "a", "k"), Contact("k"), "en", tenant=TENANT)
                begun = time.process_time()
                refusal = await snapshot.hooks.screen(turn)
                took = (time.process_time() - begun) * 1000
                reason = refusal.reason if refusal else ""
                found.append(Screened(entry.get("source", ""), entry["attack"], reason, took))
    return found


def shares(found: Sequence[Screened]) -> dict[str, Any]:
    """The figures of some texts; a share is None where there is no text of its kind."""

    def share(attack: bool) -> float | None:
        kind = [one for one in found if one.attack is attack]
        return sum(bool(one.reason) for one in kind) / len(kind) if kind else None

    return {
        "attacks": sum(one.attack for one in found),
        "caught": share(attack=True),
        "harmless": sum(not one.attack for one in found),
        "wrongly_stopped": share(attack=False),
    }


def read(file: Path) -> list[dict[str, Any]]:
    """The lines of the file; ends the program with the number of a line that is wrong."""
    entries = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            sys.exit(f"{file}:{number}: {error}")
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            sys.exit(f'{file}:{number}: expected {{"text": …, "attack": true or false}}')
        if not isinstance(entry.get("attack"), bool):
            sys.exit(f'{file}:{number}: "attack" must be true or false, not {entry.get("attack")!r}')
        entries.append(entry)
    if not entries:
        sys.exit(f"{file}: no lines")
    return entries


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--missed", action="store_true", help="also print what was judged wrongly")
    parser.add_argument("--config", default="", help="TOML of [plugins.guardrails]")
    given = parser.parse_args()
    entries = read(given.file)
    found = asyncio.run(measure(entries, given.config))
    by_source = defaultdict(list)
    for one in found:
        by_source[one.source].append(one)
    times = sorted(one.ms for one in found)
    report = shares(found) | {
        "ms_p50": round(median(times), 3),
        "ms_p99": round(times[math.ceil(0.99 * len(times)) - 1], 3),
        "sources": {name: shares(some) for name, some in sorted(by_source.items()) if name},
    }
    if given.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for name, row in [("all", report), *report["sources"].items()]:
        print(
            f"{name:28} caught {percent(row['caught']):>8} of {row['attacks']:>6}"
            f"   wrongly stopped {percent(row['wrongly_stopped']):>8} of {row['harmless']:>6}"
        )
    print(f"CPU time of a message: p50 {report['ms_p50']} ms, p99 {report['ms_p99']} ms")
    if given.missed:
        for entry, one in zip(entries, found, strict=True):
            if one.attack is not bool(one.reason):
                print(json.dumps({"missed" if one.attack else "stopped": entry["text"][:200], "why": one.reason,
                                  "source": one.source}, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main()
