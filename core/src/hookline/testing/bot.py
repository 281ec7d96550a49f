"""A whole bot for a test: a real runtime, on a real database, without the HTTP side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

from hookline.catalogue import Catalogue
from hookline.clock import Clock
from hookline.ledger import Inbound
from hookline.message import Attachment, InputType, Message
from hookline.models import event
from hookline.plugin import Plugin
from hookline.runtime import Runtime
from hookline.snapshot import Snapshot
from hookline.tenant import Tenant
from hookline.tenants import TenantRuntime
from hookline.turn import Turn

from . import databases
from .channel import Loopback

UNLIMITED = {"ratelimit.contact_requests": "0"}
"""Tests talk faster than people do."""


@attrs.define(eq=False)
class Bot:
    """One or more tenants with the same plugins, and a channel named loopback to talk to them.

    `plugins` are those installed; a tenant's config turns them on.  `tenants` maps names to the text of their
    `tenant.toml`; without a table `[plugins]` all plugins are on, the channel last, and without `contact_requests` a
    contact may send as much as it likes.
    """

    plugins: Sequence[Plugin]
    folder: Path
    tenants: Mapping[str, str]
    clock: Clock
    database_url: str = ""
    env: Mapping[str, str] = attrs.Factory(dict)
    channel: Loopback = attrs.Factory(Loopback)
    resends: bool = True
    runtime: Runtime = attrs.field(init=False)

    async def start(self) -> Bot:
        """Write the tenants' folders and start; raises `AssertionError` if a tenant does not start."""
        catalogue = Catalogue.of([*self.plugins, self.channel.plugin(resends=self.resends)])
        names = [*(p.name for p in self.plugins), "loopback"]
        folders = {}
        for name, text in self.tenants.items():
            folder = self.folder / "tenants" / name
            folder.mkdir(parents=True, exist_ok=True)
            listed = "" if "[plugins]" in text else f"\n[plugins]\nenabled = {names!r}\n"
            (folder / "tenant.toml").write_text(text + listed, encoding="utf-8")
            folders[name] = folder
        self.runtime = Runtime(
            catalogue=catalogue,
            folders=folders,
            data=self.folder / "data",
            database_url=self.database_url,
            clock=self.clock,
            env=self.env,
            overrides=UNLIMITED if not any("contact_requests" in text for text in self.tenants.values()) else {},
            sweep_seconds=0.1,
        )
        if not self.database_url:
            await asyncio.to_thread(databases.embed, self.folder / "data" / "hookline.db", catalogue.plugins)
        await self.runtime.start()
        for name in self.tenants:
            assert not self.runtime.tenants.get(name).error, self.runtime.tenants.get(name).error
        return self

    async def restart(self) -> None:
        """Stop and start again on the same data."""
        await self.runtime.close()
        await self.start()

    async def close(self) -> None:
        """Stop."""
        await self.runtime.close(grace=1.0)

    def runtime_of(self, tenant: str = "") -> TenantRuntime:
        """The tenant's runtime; "" is the first tenant."""
        return self.runtime.tenants.get(tenant or next(iter(self.tenants)))

    def snapshot(self, tenant: str = "") -> Snapshot:
        """The snapshot that serves now."""
        with self.runtime_of(tenant).acquire() as snapshot:
            return snapshot

    def tenant(self, plugin: str = "", tenant: str = "") -> Tenant:
        """What the plugin sees of the tenant; "" is the core's own view."""
        snapshot = self.snapshot(tenant)
        return snapshot.tenants[plugin] if plugin else snapshot.core

    async def tell(
        self,
        text: str,
        *,
        who: str = "alice",
        tenant: str = "",
        provider_id: str = "",
        language: str = "",
        input_type: InputType = "text",
        attachments: tuple[Attachment, ...] = (),
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Send a message as a customer, without waiting; returns the inbox id."""
        inbound = Inbound(
            "loopback",
            who,
            text,
            provider_id=provider_id,
            language=language,
            input_type=input_type,
            attachments=attachments,
            data=data or {},
        )
        return (await self.tenant(tenant=tenant).accept(inbound)).inbox_id

    async def say(
        self, text: str, *, who: str = "alice", tenant: str = "", timeout: float = 20.0, **more: Any
    ) -> Message:
        """Send a message and return the bot's last reply to it; raises `AssertionError` if there is none."""
        replies = await self.hear(text, who=who, tenant=tenant, timeout=timeout, **more)
        assert replies, f"the bot said nothing to {text!r}"
        return replies[-1]

    async def hear(
        self, text: str, *, who: str = "alice", tenant: str = "", timeout: float = 20.0, **more: Any
    ) -> tuple[Message, ...]:
        """Send a message and return all replies to it, maybe none."""
        inbox_id = await self.tell(text, who=who, tenant=tenant, **more)
        replies = await self.tenant(tenant=tenant).wait(inbox_id, timeout)
        assert replies is not None, f"the turn for {text!r} did not finish within {timeout:g} s"
        return replies

    async def ask(self, text: str, *, tenant: str = "", language: str = "") -> Turn:
        """A dry turn."""
        return await self.tenant(tenant=tenant).ask(text, language=language)

    async def until(self, condition: Callable[[], Any], timeout: float = 10.0) -> None:
        """Wait until the condition is true; raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            while not condition():  # noqa: ASYNC110  it may be any condition, which nobody announces
                await asyncio.sleep(0.005)

    async def idle(self, timeout: float = 20.0) -> None:
        """Wait until no lane has work that could run now and nothing is being delivered."""
        await self.until(lambda: not len(self.runtime.lanes) and not len(self.runtime.outbox), timeout)

    async def observed(self, *plugins: str, tenant: str = "", timeout: float = 20.0) -> None:
        """Wait until the bot is idle and these plugins' `turn_finished` have had all that the event log has."""
        at = self.tenant(tenant=tenant)
        newest = sa.select(sa.func.max(event.c.id).label("id"))
        async with asyncio.timeout(timeout):
            while True:
                await self.idle(timeout)
                rows = await at.db.fetch(newest)
                seen = [await self.runtime.events.cursor(at.name, one) for one in plugins]
                if all(one >= (rows[0].id or 0) for one in seen):
                    return
                self.runtime.observers.notify(at.name)
                await asyncio.sleep(0.05)
