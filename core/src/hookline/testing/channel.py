"""A channel for tests: what the bot says is kept in a list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hookline.hookspecs import hookimpl
from hookline.message import Message, Receipt
from hookline.plugin import Plugin
from hookline.tenant import Tenant


class Loopback:
    """What was delivered, in order; `fail` may raise in place of a delivery."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.fail: Callable[[Message], None] | None = None
        self._news = asyncio.Event()

    def deliver(self, message: Message) -> Receipt:
        """Keep the message."""
        if self.fail is not None:
            self.fail(message)
        self.sent.append(message)
        self._news.set()
        return Receipt(provider_id=f"loopback-{len(self.sent)}")

    async def wait_for(self, count: int, timeout: float = 10.0) -> list[Message]:
        """All that was delivered, as soon as it is `count` messages; raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            while len(self.sent) < count:
                self._news.clear()
                await self._news.wait()
        return self.sent

    def plugin(self, *, resends: bool = True, in_process: bool = False) -> Plugin:
        """The plugin `loopback` that serves the channel of that name."""

        class TenantHooks:
            def __init__(self, tenant: Tenant, box: Loopback = self) -> None:
                self.box = box

            @hookimpl
            async def deliver(self, message: Message) -> Receipt:
                return self.box.deliver(message)

        return Plugin("loopback", TenantHooks, channels=("loopback",), resends=resends, in_process=in_process)
