"""The providers by their names; each is two modules, one that reads its requests and one that sends."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from aiohttp import web

    from hookline.fetch import Fetched
    from hookline.message import File
    from hookline.tenant import Tenant

    from .config import Number
    from .incoming import Batch, MediaRef
    from .parts import Abilities, Part

_MODULES = {
    "meta": ("metaread", "metasend"),
    "twilio": ("twilioread", "twiliosend"),
    "gupshup": ("gupshupread", "gupshupsend"),
    "simulator": ("simulatorread", "simulatorsend"),
}


class Reader(Protocol):
    """A module that reads what the provider posts."""

    async def read(self, tenant: Tenant, request: web.Request) -> Batch:
        """The request's batch; raises `Problem` 503, 403 or 400."""


class Sender(Protocol):
    """A module that sends."""

    def abilities(self, tenant: Tenant) -> Abilities:
        """What it takes, as the tenant has set it up."""

    async def ready(self, tenant: Tenant) -> None:
        """Load what sending needs; raises `PluginError` where it is not installed."""

    def lacks(self, tenant: Tenant) -> tuple[str, ...]:
        """The keys without which it can't work."""

    async def send(self, tenant: Tenant, number: Number, address: str, part: Part, tag: str) -> str:
        """Send, and return the provider's id; raises the errors of `failures`."""

    async def upload(self, tenant: Tenant, number: Number, file: File) -> str:
        """Hand over a file's bytes, where its abilities have `uploads`; the provider's id of it; raises the errors of `failures`."""

    async def seen(self, tenant: Tenant, number: Number, message: str, *, typing: bool) -> None:
        """Mark the customer's message as read, and show that an answer is being written, where the provider can."""

    async def fetch(self, tenant: Tenant, media: MediaRef) -> Fetched:
        """The file, through the checked fetcher; raises `FetchError`, and the errors of `failures`."""


@functools.cache
def _module(name: str) -> Any:
    return importlib.import_module(f".{name}", __package__)


def reader_of(tenant: Tenant) -> Reader:
    """The module that reads for the tenant's provider."""
    return _module(_MODULES[tenant.config.carrier][0])  # type: ignore[no-any-return]  # a module is a Reader by its function


def sender_of(tenant: Tenant) -> Sender:
    """The module that sends for the tenant's provider."""
    return _module(_MODULES[tenant.config.carrier][1])  # type: ignore[no-any-return]  # as above
