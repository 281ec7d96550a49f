"""The hooks of this plugin: registered here, done in `service`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from . import pages, routes, service

if TYPE_CHECKING:
    from hookline.message import Message, Receipt
    from hookline.plugin import Router
    from hookline.tenant import Tenant


class ProcessHooks:
    """One for the process."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """The pages, the sockets and the API of the chat."""
        routes.register(router)


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def start(self) -> None:
        """Say what is unwise."""
        await service.warn(self.tenant)

    @hookimpl
    async def deliver(self, message: Message) -> Receipt:
        """Show it on the pages that are open."""
        return await service.deliver(self.tenant, message)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The part "webchat"."""
        return {"webchat": await pages.health(self.tenant)}
