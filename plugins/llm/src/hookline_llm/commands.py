"""What `hookline llm` has a server do, or does itself where none runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.errors import BadRequest

from .ollama_client import OllamaClient
from .packs import read
from .service import LEDGER
from .usage import Ledger, totals

if TYPE_CHECKING:
    from hookline.plugin import Progress
    from hookline.tenant import Tenant

    from .config import Config


async def usage_since(tenant: Tenant, days: int) -> dict[str, Any]:
    """What was used in the last `days` days (today is one of them), by day and model, with the sums and the budget."""
    if not 1 <= days <= 3660:
        raise BadRequest(f"days: given {days}; allowed: 1 to 3660", "days")
    ledger = await tenant.keep(LEDGER, Ledger(tenant).open)
    first = dt.date.fromisoformat(ledger.day) - dt.timedelta(days=days - 1)
    rows = await ledger.since(first.isoformat())
    await ledger.refresh()
    config: Config = tenant.config
    budget = {
        period: {"limit": getattr(config.budget, period), "spent": ledger.spent(period)} for period in ("day", "month")
    }
    return {"since": first.isoformat(), "rows": rows, "total": totals(rows), "budget": budget}


async def usage(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The command `llm.usage`."""
    return await usage_since(tenant, int(arguments.get("days", 30)))


async def models(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """The command `llm.models`: what the Ollama of the config has."""
    client = await _ollama(tenant, str(arguments.get("provider") or ""))
    try:
        return await client.models()
    finally:
        await client.close()


async def pull(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The command `llm.pull`: the Ollama of the config fetches a model; progress is {"status", "done", "total"}."""
    client = await _ollama(tenant, str(arguments.get("provider") or ""))
    model = str(arguments.get("model") or client.model)
    try:
        async for status, done, total in client.pull(model):
            progress({"status": status, "done": done, "total": total})
    finally:
        await client.close()
    return {"model": model}


async def prompts(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> list[dict[str, str]]:
    """The command `llm.prompts`: each pack and the file that it comes from."""
    known, _ = await tenant.compute.run(read, tenant.config, tenant.folder)
    return [{"type": pack.type, "language": pack.language, "file": pack.file} for pack in known]


async def _ollama(tenant: Tenant, name: str) -> OllamaClient:
    config: Config = tenant.config
    found = [one for one, provider in config.complete.items() if provider.kind == "ollama" and name in ("", one)]
    if not found:
        known = ", ".join(config.complete) or "none"
        raise BadRequest(f"no Ollama provider {name!r} in [plugins.llm]; configured: {known}", "provider")
    return await tenant.compute.run(OllamaClient, found[0], config.complete[found[0]])
