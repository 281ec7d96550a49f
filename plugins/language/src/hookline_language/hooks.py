"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from .service import Service

if TYPE_CHECKING:
    import click

    from hookline.message import Message, Reply
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.service = Service(tenant)
        self.serves = self.service.serves

    @hookimpl
    async def start(self) -> None:
        """Read the models."""
        await self.service.start()

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        """The message with its language."""
        return await self.service.receive(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Answer a message that only asks for a language."""
        return self.service.respond(turn)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Translate where that is on, and say once what is not spoken here."""
        return await self.service.review(turn, reply)

    @hookimpl
    async def translate(self, name: str, text: str, source: str, target: str) -> str:
        """The text in another language."""
        return await self.service.translator.translate(text, source, target)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The part "translation"."""
        return self.service.health()


class ProcessHooks:
    """The command line."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the command that `hookline language` reaches."""
        from .commands import register

        register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline language`."""
        from .cli import language

        cli.add_command(language)
