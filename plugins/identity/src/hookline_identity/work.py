"""The plugin's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.errors import GiveUp

from . import joining, sending

if TYPE_CHECKING:
    from hookline.message import Job
    from hookline.tenant import Tenant
    from hookline.turn import Turn


async def work(tenant: Tenant, turn: Turn, job: Job) -> None:
    """Open and send codes, merge contacts."""
    told = job.payload
    if job.kind == "open":
        await sending.open_code(tenant, turn, told)
    elif job.kind == "send":
        await sending.send_code(tenant, turn, job)
    elif job.kind == "merge":
        await joining.join(tenant, told["into"], told["source"], told["account"], "identity")
    else:
        raise GiveUp(f"the plugin identity knows no job {job.kind!r}; it knows open, send and merge")
