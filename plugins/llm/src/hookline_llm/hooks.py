"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from .service import Answers

if TYPE_CHECKING:
    from hookline.message import Prompt, Reply, Segment
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.answers = Answers(tenant)
        self.serves = {"generate": self.answers.names}

    @hookimpl
    async def start(self) -> None:
        """Open the clients of the providers."""
        await self.answers.open()

    @hookimpl
    async def stop(self) -> None:
        """Close them."""
        await self.answers.close()

    @hookimpl
    async def respond(self, turn: Turn) -> AsyncIterator[Segment | Reply] | None:
        """Answer from the turn's passages, or leave it to the next plugin."""
        return self.answers.respond(turn)

    @hookimpl
    async def generate(self, name: str, prompt: Prompt) -> AsyncIterator[str]:
        """The answer of the chain or of one provider."""
        return self.answers.generate(name, prompt)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The part "llm"."""
        return await self.answers.health()
