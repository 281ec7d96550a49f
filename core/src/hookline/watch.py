"""Takes up what has changed in the tenants' folders: a tenant whose files are others than it was read from is reloaded."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from .tenantfiles import CONFIG, TenantFiles

if TYPE_CHECKING:
    from .commands import Reload
    from .runtime import Runtime
    from .tenants import TenantRuntime

log = structlog.get_logger("hookline.watch")
LOOK = 1.0  # seconds between two looks
_SETTLE = 0.2  # seconds in which nothing may change: a checkout or an editor writes several files, or one in parts
_PATIENCE = 3.0  # seconds after which the others are taken up without a file that still changes


async def watch(runtime: Runtime, reload: Reload) -> None:
    """Look for changes until cancelled; what can't be read leaves the old config serving, and is told in the log."""
    while True:
        await asyncio.sleep(LOOK)
        for name in runtime.tenants.names:
            try:
                await _look(runtime.tenants.get(name), reload)
            except Exception:
                log.exception("changed files not taken up; the next change is", tenant=name)


async def _look(tenant: TenantRuntime, reload: Reload) -> None:
    files = tenant.files
    if files is None or not files.changed(now := await asyncio.to_thread(files.again)):
        return
    now = await _settled(files, now)
    if CONFIG not in now.stamps or tenant.files is not files:
        return  # an editor is about to write it; or somebody had it reloaded meanwhile
    if changed := files.changed(now):
        log.info("files changed", tenant=tenant.name, files=changed)
        tenant.files = now  # a failure that nobody thought of is not met again and again
        await reload(tenant.name)


async def _settled(before: TenantFiles, seen: TenantFiles) -> TenantFiles:
    """The files once they change no more; what goes on changing is as it was before, and waits until it has settled."""
    until = time.monotonic() + _PATIENCE
    while True:
        await asyncio.sleep(_SETTLE)
        now = await asyncio.to_thread(seen.again)
        moving = seen.changed(now)
        if not moving:
            return now
        if time.monotonic() >= until:
            return now.but(moving, before)
        seen = now
