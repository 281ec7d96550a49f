"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from .service import Service

if TYPE_CHECKING:
    import click

    from hookline.message import Entity, Intent, Reply
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.service = Service(tenant)

    def finds(self) -> Mapping[str, Sequence[str]]:
        """The names of all facts and intents that it can find, for plugins whose files name them; reads a file."""
        return self.service.names()

    @hookimpl
    async def start(self) -> None:
        """Read what is declared, and learn from it."""
        await self.service.start()

    @hookimpl
    async def classify_intent(self, turn: Turn) -> Sequence[Intent]:
        """What the customer wants."""
        return await self.service.intents.classify(turn.message.text)

    @hookimpl
    async def extract_entities(self, turn: Turn) -> Sequence[Entity]:
        """The facts that the message holds, and how it sounds."""
        return await self.service.entities.find(turn)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """End the reply with what the intent asks for."""
        return self.service.closed(turn, reply)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The part "intents"."""
        return self.service.intents.health()


class ProcessHooks:
    """The command line."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the commands that `hookline nlu` reaches."""
        from .commands import register

        register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline nlu`."""
        from .cli import nlu

        cli.add_command(nlu)
