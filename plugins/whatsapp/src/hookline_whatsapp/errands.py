"""Small courtesies at the provider that nothing waits for and that may get lost: marking as read, showing that one types."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hookline.errors import HooklineError
from hookline.tenant import ResourceKey

from .providers import sender_of

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Number
    from .incoming import Incoming

_AT_ONCE = 20
_WAITING = 500  # with more of them under way they are left out


class Errands:
    """What is under way for one tenant."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def seen(self, tenant: Tenant, number: Number, one: Incoming) -> None:
        """Mark the message as read, beside everything else."""
        if not tenant.config.read_receipts or len(self._tasks) >= _WAITING:
            return
        typing = tenant.config.typing and one.kind not in ("reaction", "deleted")
        task = asyncio.create_task(self._seen(tenant, number, one.id, typing=typing), name="whatsapp read receipt")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _seen(self, tenant: Tenant, number: Number, message: str, *, typing: bool) -> None:
        async with self._room:
            try:
                await sender_of(tenant).seen(tenant, number, message, typing=typing)
            except HooklineError as error:
                tenant.log.info("a message could not be marked as read", reason=str(error))

    async def close(self) -> None:
        """Leave what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def errands_of(tenant: Tenant) -> Errands:
    """They outlive reloads."""

    async def make() -> Errands:
        return Errands()

    return await tenant.keep(ResourceKey[Errands]("errands"), make)
