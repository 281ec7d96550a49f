"""Measures the tenant's own way of telling intents on lines of text that were labelled by people."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hookline.errors import BadRequest

from .examples import Lines
from .intentfile import OUT_OF_SCOPE, Declared, IntentFile
from .intents import Intents
from .report import Case, report
from .rules import Rules

if TYPE_CHECKING:
    from hookline.tenant import Tenant

ABROAD = ("", OUT_OF_SCOPE)


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a file; `intent` null is out of scope."""

    text: str
    intent: str | None


def read_lines(path: Path) -> list[Line]:
    """The lines of a JSONL file; raises `BadRequest` with file and line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"{path}: can't be read: {error.strerror}", "path") from None
    found = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            told = msgspec.json.decode(line, type=Line)
        except msgspec.DecodeError as error:
            raise BadRequest(
                f'{path}:{number}: {error}; a line is {{"text": "…", "intent": "…"}}, with null for out of scope',
                "path",
            ) from None
        found.append(Line(told.text, None if told.intent in ABROAD else told.intent))
    if not found:
        raise BadRequest(f"{path}: has no line", "path")
    return found


async def evaluate(
    tenant: Tenant, train: Path | None, test: Path, progress: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """The figures of `report`, with the time of training; without `train` of the tenant's own intents."""
    run = tenant.compute.batch
    cases = await run(read_lines, test)
    intents = Intents(tenant)
    started = time.perf_counter()
    contradictions: list[tuple[str, tuple[str, ...]]] = []
    if train is None:
        await intents.start()
        if not intents.file.intents:
            raise BadRequest("the tenant declares no intents; give it intents.yaml, or say --train FILE", "train")
        count = sum(len(intent.sentences) for intent in intents.file.intents)
    else:
        given = await run(read_lines, train)
        lines = await run(Lines.given, [(line.text, line.intent) for line in given])
        if not lines.names:
            raise BadRequest(f"{train}: no line has an intent", "train")
        contradictions = lines.contradictions
        # No keywords: what is measured is what the examples teach.
        intents.file = IntentFile(tuple(Declared(name) for name in lines.names))
        intents.rules = Rules(())
        await intents.learn(lines)
        count = len(given)
    seconds = time.perf_counter() - started
    learned = intents.learned
    return {
        "training": {
            "examples": count,
            "intents": len(intents.file.intents),
            "seconds": seconds,
            "cached": bool(learned and learned.cached),
            "embedder": learned.embedder if learned else "",
            "contradictions": [{"text": text, "intents": list(names)} for text, names in contradictions],
        },
        "threshold": tenant.config.threshold,
        **report([await _case(intents, line, number, len(cases), progress) for number, line in enumerate(cases)]),
    }


async def _case(
    intents: Intents, line: Line, number: int, total: int, progress: Callable[[Mapping[str, Any]], None]
) -> Case:
    before = time.perf_counter()
    found = await intents.classify(line.text)
    seconds = time.perf_counter() - before
    if number % 100 == 0:
        progress({"done": number, "total": total})
    said = found[0].name if found else OUT_OF_SCOPE
    likeliest = next((one.name for one in found if one.name != OUT_OF_SCOPE), "")
    score = found[0].score if found else 1.0
    return Case(line.text, line.intent or "", "" if said == OUT_OF_SCOPE else said, score, likeliest, seconds)
