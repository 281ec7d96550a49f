"""How often the triggers of handoff ask for a person in real dialogues.

    python bench/triggers.py FILE [--config TOML] [--json] [--show N]

Each line of FILE is `{"turns": [what the customer said, one after the other], "asks"?: true|false}`.  Each message goes
past a real tenant's `request_handoff` hook, with the triggers of the telecom reference system or the
`[plugins.handoff.triggers]` given with --config.  Prints for each reason the shares of messages and of dialogues in
which it fires, and with `asks` how many of those that ask for a person are found and how many others are taken for
such; --show prints as many messages for each reason.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import structlog
from figures import percent
from host import TENANT, hosting

import hookline_handoff
from hookline.message import Contact, Conversation, Message
from hookline.turn import Turn

TELECOM = """
long_conversation = 10
keywords = ["refund", "cancel", "angry", "not working"]
topics = ["billing dispute", "service outage"]
"""
ASKED = "user_request"


@attrs.frozen
class Fired:
    """A message on which a rule fired: the dialogue's number, the reason, and what was said."""

    dialogue: int
    reason: str
    text: str


@attrs.frozen
class Measured:
    """What came of a file."""

    messages: int
    dialogues: int
    fired: Sequence[Fired]
    asking: Sequence[bool | None]
    us: float


async def measure(dialogues: Sequence[dict[str, Any]], config: str) -> Measured:
    """Take each message past the hook; a dialogue's messages share its state, and the first that fires ends none."""
    fired, count, spent = [], 0, 0.0
    async with hosting([hookline_handoff.plugin], f"\n[plugins.handoff.triggers]\n{config}\n") as runtime:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            for n, dialogue in enumerate(dialogues):
                state: dict[str, dict[str, Any]] = {}
                for text in dialogue["turns"]:
                    count += 1
                    # A conversation without an id has no open handoff: every message is looked at.
                    turn = Turn(
                        Message(str(count), "", "loopback", "a", text), Conversation("", "loopback", "a", "k"),
                        Contact("k"), "en", tenant=TENANT, plugin_state=state,
                    )  # fmt: skip
                    begun = time.process_time()
                    request = await snapshot.hooks.request_handoff(turn)
                    spent += time.process_time() - begun
                    if request is not None:
                        fired.append(Fired(n, request.reason, text))
    asking = [dialogue.get("asks") for dialogue in dialogues]
    return Measured(count, len(dialogues), fired, asking, spent / max(count, 1) * 1e6)


def report(found: Measured) -> dict[str, Any]:
    """The figures as JSON values; shares are of all messages, and of all dialogues."""
    by_reason: dict[str, set[int]] = defaultdict(set)
    for one in found.fired:
        by_reason[one.reason].add(one.dialogue)
    messages = Counter(one.reason for one in found.fired)
    told: dict[str, Any] = {
        "messages": found.messages,
        "dialogues": found.dialogues,
        "us_a_message": round(found.us, 1),
        "reasons": {
            reason: {
                "messages": count,
                "of_messages": round(count / found.messages, 5),
                "of_dialogues": round(len(by_reason[reason]) / found.dialogues, 5),
            }
            for reason, count in messages.most_common()
        },
    }
    if any(asks is not None for asks in found.asking):
        heard = by_reason[ASKED]
        ask = {n for n, asks in enumerate(found.asking) if asks}
        other = {n for n, asks in enumerate(found.asking) if asks is False}
        told["asked_for"] = {
            "ask": len(ask),
            "found": round(len(heard & ask) / max(len(ask), 1), 4),
            "others": len(other),
            "taken_for_asking": round(len(heard & other) / max(len(other), 1), 5),
        }
    return told


def show(found: Measured, examples: int) -> None:
    """Print the figures, and so many messages for each reason."""
    told = report(found)
    print(f"{told['messages']} messages in {told['dialogues']} dialogues, {told['us_a_message']} µs a message")
    for reason, figures in told["reasons"].items():
        print(
            f"{reason:32} {figures['messages']:6} messages  {percent(figures['of_messages']):>7} of them"
            f"  {percent(figures['of_dialogues']):>7} of the dialogues"
        )
        for one in [one for one in found.fired if one.reason == reason][:examples]:
            print(f"    {one.text[:160]}")
    if "asked_for" in told:
        asked = told["asked_for"]
        print(
            f"asking for a person: {percent(asked['found'])} of {asked['ask']} found, "
            f"{percent(asked['taken_for_asking'])} of {asked['others']} others taken for it"
        )


def main(arguments: Sequence[str]) -> int:
    """Measure one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help='lines of {"turns", "asks"?}')
    parser.add_argument("--config", default=TELECOM, metavar="TOML", help="what [plugins.handoff.triggers] says")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N messages for each reason")
    given = parser.parse_args(arguments)
    lines = given.file.read_text(encoding="utf-8").splitlines()
    found = asyncio.run(measure([json.loads(line) for line in lines if line.strip()], given.config))
    if given.json:
        print(json.dumps(report(found), ensure_ascii=False))
    else:
        show(found, given.show)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
