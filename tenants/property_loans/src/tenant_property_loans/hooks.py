"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from .service import Service

if TYPE_CHECKING:
    from hookline.message import Contact, ContactData, Record, Score
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    serves: Mapping[str, Sequence[str]] = {"call_function": ("assess_loan", "most_lent", "plan_follow_up")}

    def __init__(self, tenant: Tenant) -> None:
        self.service = Service(tenant)

    @hookimpl
    async def call_function(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """How much can be lent, and when to write again."""
        return await self.service.call(turn, name, arguments)

    @hookimpl
    async def score(self, turn: Turn) -> Sequence[Score]:
        """No score: once the turn is answered, keep what it told."""
        await self.service.dossier.note(turn)
        return ()

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Keep the interest, and merge contacts."""
        await self.service.observe(record)

    @hookimpl
    async def find_contact(self, text: str) -> Sequence[Contact]:
        """Contacts by number, name or telephone number."""
        return await self.service.find(text)

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """The contact's customers, properties, enquiries and history."""
        return await self.service.export(contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove them."""
        return await self.service.erase(contact)
