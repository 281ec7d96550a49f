"""What `hookline nlu` has a server do, or does itself where none runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .entities import Entities
from .evaluate import evaluate as measure
from .intents import Intents

if TYPE_CHECKING:
    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant


def register(router: Router) -> None:
    """Add the commands."""
    router.command("evaluate", evaluate)
    router.command("try", try_)
    router.command("entities", entities)


async def evaluate(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The command `nlu.evaluate`."""
    train = str(arguments.get("train") or "")
    return await measure(tenant, Path(train) if train else None, Path(str(arguments["test"])), progress)


async def try_(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """The command `nlu.try`: the intents of a text, best first."""
    intents = Intents(tenant)
    await intents.start()
    found = await intents.classify(str(arguments["text"]))
    return [{"intent": one.name, "score": one.score, **one.data} for one in found]


async def entities(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The command `nlu.entities`: the facts in a text, or without one the fields that are looked for."""
    reader = Entities(tenant)
    if not arguments.get("text"):
        return {"fields": [{"name": name, "kind": kind} for name, kind in reader.listed()]}
    found = await reader.read(str(arguments["text"]), {}, tenant.clock.now())
    return {"entities": [msgspec.to_builtins(one) for one in found]}
