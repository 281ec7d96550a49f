"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from .service import Answers

if TYPE_CHECKING:
    import click

    from hookline.message import Prompt, Reply, Segment
    from hookline.plugin import Router
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
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Mark a reply that stands in for a model's."""
        return self.answers.review(turn, reply)

    @hookimpl
    async def generate(self, name: str, prompt: Prompt) -> AsyncIterator[str]:
        """The answer of the chain or of one provider."""
        return self.answers.generate(name, prompt)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The part "llm"."""
        return await self.answers.health()


class ProcessHooks:
    """Routes and the command line."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add `/llm/usage` and the commands that `hookline llm` reaches."""
        from .routes import register

        register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline llm`."""
        from .cli import llm

        cli.add_command(llm)
