"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.hookspecs import hookimpl

from .service import Guardrails

if TYPE_CHECKING:
    from hookline.message import Passage, Refusal, Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.guardrails = Guardrails(tenant)

    @hookimpl
    async def screen(self, turn: Turn) -> Refusal | None:
        """Refuse attacks on the bot."""
        return await self.guardrails.screen(turn)

    @hookimpl
    async def review_passages(self, turn: Turn, passages: Sequence[Passage]) -> Sequence[Passage]:
        """Keep from models what gives them orders."""
        return await self.guardrails.review_passages(turn, passages)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Replace what must not be said."""
        return await self.guardrails.review(turn, reply)
