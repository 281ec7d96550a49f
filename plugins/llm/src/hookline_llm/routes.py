"""The route of this plugin: what was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from hookline.errors import BadRequest

from . import commands

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant


_DIGITS = 9


def register(router: Router) -> None:
    """Add `GET /llm/usage` and the commands."""
    router.add("GET", "/llm/usage", usage)
    for name in ("usage", "models", "pull", "prompts"):
        router.command(name, getattr(commands, name))


async def usage(request: web.Request, tenant: Tenant) -> web.Response:
    """Requests, tokens and cost of the last `days` days (30), by day and model, with the sums and the budget."""
    given = request.query.get("days", "30")
    if not given.isascii() or not given.isdigit() or len(given) > _DIGITS:
        raise BadRequest(f"days: given {given[:40]!r}; allowed: a whole number, 1 to 3660", "days")
    return web.json_response(await commands.usage_since(tenant, int(given)))
