"""The hooks of this plugin: registered here, done in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl
from hookline.message import Drop, Park, Send, Template

from . import contacts, delivery, upkeep, window
from .files import Files
from .hearing import Hearing

if TYPE_CHECKING:
    from hookline.message import ContactData, File, Job, Message, Receipt, Record, Refusal, Reply, Timer
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.hearing = Hearing(tenant)

    @hookimpl
    async def start(self, tenant: Tenant) -> None:
        """Refuse what is not configured, and begin the upkeep."""
        await upkeep.ready(tenant)

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        """Note when the customer wrote, and get the files."""
        return await self.hearing.receive(turn)

    @hookimpl
    async def screen(self, turn: Turn) -> Refusal | None:
        """Opting out and in; silence where a reaction says all."""
        return await self.hearing.screen(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Say kindly what can't be read."""
        return await self.hearing.respond(turn)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Have the reply go out from the number that was written to."""
        return self.hearing.review(turn, reply)

    @hookimpl
    async def before_deliver(self, message: Message) -> Send | Template | Park | Drop | None:
        """The window, the pace of the number, and who has opted out."""
        return await window.decide(self.tenant, message)

    @hookimpl
    async def deliver(self, message: Message) -> Receipt:
        """Send by the tenant's provider."""
        return await delivery.deliver(self.tenant, message)

    @hookimpl
    async def open_file(self, path: str) -> File | None:
        """A file that a customer sent, which goes on to somebody."""
        return await Files(self.tenant).opened(path)

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Release what was parked."""
        await upkeep.work(self.tenant, turn, job)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Remove what is kept too long, and look once more at what was parked."""
        await upkeep.ring(self.tenant, turn, timer)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Follow contacts that are merged, and conversations that are purged."""
        await contacts.follow(self.tenant, record)

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """The contact's chats, opt-outs, files and deliveries."""
        return await contacts.export(self.tenant, contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove them."""
        return await contacts.erase(self.tenant, contact)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The part "whatsapp"."""
        return await upkeep.state(self.tenant)


class ProcessHooks:
    """One for the process."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """The webhook, files, and the simulator's API."""
        from .routes import register

        register(router)
