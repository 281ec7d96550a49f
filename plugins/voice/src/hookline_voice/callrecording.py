"""Recordings of calls: off unless the tenant says otherwise, announced or asked for, and removed at Twilio when their time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from .callclient import CallRefused, client_of, told
from .callmodels import call, recording

if TYPE_CHECKING:
    from hookline.message import Job
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .callsigned import Asked

b = sa.bindparam
JOB = "unrecord"
_NEW = insert(recording).on_conflict_do_nothing(index_elements=["tenant", "id"])
_CALL = sa.select(call.c.id).where(call.c.id == b("p_call"))
_OLD = sa.select(recording.c.id).where(recording.c.expires_at < b("p_now"), recording.c.state == "stored").limit(500)
_REMOVED = sa.update(recording).where(recording.c.id == b("p_id")).values(state="removed")
_GONE = 20404


async def note(tenant: Tenant, asked: Asked) -> None:
    """Twilio has recorded a call."""
    ident, status = asked.form.get("RecordingSid", ""), asked.form.get("RecordingStatus", "completed")
    if not ident or status != "completed":
        return
    now, seconds = tenant.clock.now(), asked.form.get("RecordingDuration", "0")
    known = await tenant.db.fetch(_CALL, {"p_call": asked.call})
    days = tenant.config.calls.recording.keep_days if known else 0.0  # of a call that was erased nothing is kept
    row = {
        "id": ident[:64], "call": asked.call, "state": "stored",
        "seconds": int(seconds) if seconds.isascii() and seconds.isdigit() else 0, "created_at": now,
        "expires_at": now + days * 86400.0,
    }  # fmt: skip
    await tenant.db.write((_NEW, row))


async def expire(tenant: Tenant, turn: Turn) -> None:
    """Have those removed whose time is up."""
    for row in await tenant.db.fetch(_OLD, {"p_now": tenant.clock.now()}):
        turn.job(JOB, {"recording": row.id}, key=f"{row.id}:{int(tenant.clock.now())}")


async def remove(tenant: Tenant, turn: Turn, job: Job) -> None:
    """Remove one at Twilio; one that is not there any more is removed already."""
    ident = str(job.payload["recording"])
    client = await client_of(tenant)
    try:
        await told(client.recordings(ident).delete_async())
    except CallRefused as refused:
        if refused.code != _GONE:
            raise
    turn.write(_REMOVED, {"p_id": ident})
