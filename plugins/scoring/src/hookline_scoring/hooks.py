"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

if TYPE_CHECKING:
    import click

    from hookline.message import (
        Command,
        Contact,
        ContactData,
        Conversation,
        Job,
        Panel,
        Record,
        Reply,
        Score,
        Timer,
    )
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        from .service import Service

        self.service = Service(tenant)

    @hookimpl
    async def score(self, turn: Turn) -> Sequence[Score]:
        """What the customer is worth, with the reasons line by line."""
        return await self.service.scorer.score(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """In qualification mode, ask for what is missing; else leave it to the next plugin."""
        return self.service.scorer.ask(turn)

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Send a lead to the CRM, or ask a model."""
        await self.service.work(turn, job)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Send a lead that the CRM could not take before."""
        await self.service.work(turn, timer)

    @hookimpl
    async def on_command(self, turn: Turn, command: Command) -> None:
        """Add what a model said, in the conversation's order."""
        await self.service.command(turn, command)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Merge the leads of contacts that were merged."""
        await self.service.observe(record)

    @hookimpl
    async def console_panels(self, conversation: Conversation) -> Sequence[Panel]:
        """The lead beside the conversation."""
        return await self.service.panels(conversation)

    @hookimpl
    async def find_contact(self, text: str) -> Sequence[Contact]:
        """Contacts by their lead's name, address or id."""
        return await self.service.find(text)

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """Leads, scores and events of a contact."""
        return await self.service.export(contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove them, and have the CRM told."""
        return await self.service.erase(contact)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """How the CRM does."""
        return await self.service.routing.health()


class ProcessHooks:
    """Routes and the command line."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the routes under `/api/v1/leads` and what `hookline leads` reaches."""
        from .routes import register

        register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline leads`."""
        from .commands import leads

        cli.add_command(leads)
