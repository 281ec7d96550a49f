"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl
from hookline.records import erase_records, export_records, move_records

from .models import RECORDS
from .routes import register
from .service import FUNCTIONS, Service

if TYPE_CHECKING:
    from hookline.message import ContactData, Record
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    serves: Mapping[str, tuple[str, ...]] = {"call_function": tuple(FUNCTIONS)}

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.service = Service(tenant)

    @hookimpl
    async def call_function(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """Reckon, check, store or look something up for a flow."""
        return await self.service.call(turn, name, arguments)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Where two contacts became one, so do their records."""
        await move_records(self.tenant, RECORDS, record)

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """Simulations, prospects and claims of the contact."""
        return await export_records(self.tenant, RECORDS, contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Delete them."""
        return await erase_records(self.tenant, RECORDS, contact)


class ProcessHooks:
    """Routes."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the route of the amortisation tables."""
        register(router)
