"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.hookspecs import hookimpl

from . import later
from .service import Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

    from hookline.message import Command, Conversation, HandoffRequest, Panel, Reply, Timer
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class ProcessHooks:
    """One for the process."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the page `/flows`, the routes under `/api/v1/flows` and their command."""
        from . import pages
        from .routes import register

        register(router)
        pages.register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline flows`."""
        from .commands import flows

        cli.add_command(flows)


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.service = Service(tenant)

    @hookimpl
    async def start(self) -> None:
        """Check the flows against what the other plugins offer, and keep their definitions for conversations that are on them."""
        await self.service.start()

    @hookimpl
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        """Ask for a person where a step of a flow does."""
        return self.service.handoff(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Go on with the conversation's flow, or begin one."""
        return await self.service.respond(turn)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Repeat the open question below the answer to a question in between."""
        return await self.service.review(turn, reply)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Go on at the step that a timer names, or do what is to be done when nobody answers."""
        await later.due(self.service, turn, timer)

    @hookimpl
    async def on_command(self, turn: Turn, command: Command) -> None:
        """Begin a flow for a system or a person."""
        if command.kind == "start":
            await later.start(self.service, turn, command)

    @hookimpl
    async def console_panels(self, conversation: Conversation) -> Sequence[Panel]:
        """Where the conversation's flow is, and what was found out."""
        from . import pages

        return await pages.panels(self.service, conversation)
