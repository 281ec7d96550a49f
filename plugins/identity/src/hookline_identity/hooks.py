"""The hooks of this plugin: registered here, done in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl
from hookline.message import Challenge

from . import concealing, contacts, health, panel, work
from .dialogue import Dialogue
from .guard import Guard

if TYPE_CHECKING:
    import click

    from hookline.ledger import Inbound
    from hookline.message import ContactData, Conversation, Job, Message, Panel, Record, Reply
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.dialogue = Dialogue(tenant)
        self.guard = Guard(tenant)

    @hookimpl
    async def start(self, tenant: Tenant) -> None:
        """Refuse what must not run, and make the key if there is none."""
        await health.ready(tenant)

    @hookimpl
    async def conceal(self, inbound: Inbound) -> Inbound:
        """Seal a message that may hold a code, before it is stored."""
        return await concealing.conceal(self.tenant, inbound)

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        """Take codes and claims out; who is proved is known from here on."""
        return await self.dialogue.receive(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Answer codes and claims, and ask for proof before a protected question."""
        return await self.dialogue.respond(turn)

    @hookimpl
    async def require_identity(self, turn: Turn, purpose: str) -> Challenge | None:
        """What the customer has to do before that."""
        reply = await self.dialogue.challenge(turn, purpose)
        return Challenge(reply) if reply else None

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Let nothing pass that only the customer may know, unless it is the customer."""
        return self.dialogue.offered(turn, self.guard.review(turn, reply))

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Open and send codes, merge contacts."""
        await work.work(self.tenant, turn, job)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Follow merges of contacts and the end of old conversations."""
        await contacts.follow(self.tenant, record)

    @hookimpl
    async def console_panels(self, conversation: Conversation) -> Sequence[Panel]:
        """Who the customer is, as proved, beside the conversation."""
        return await panel.panels(self.tenant, conversation)

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """The contact's proofs, and the codes that it was asked for."""
        return await contacts.export(self.tenant, contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove them."""
        return await contacts.erase(self.tenant, contact)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """Whether codes can be sent."""
        return await health.state(self.tenant)


class ProcessHooks:
    """Routes and the command line."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the routes under `/identity` and what `hookline identity` reaches."""
        from .routes import register

        register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline identity`."""
        from .commands import identity_group

        cli.add_command(identity_group)
