"""What could not be processed: kept with its cause, looked at, and tried again when somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa

from .db import Op, Script
from .models import inbox

if TYPE_CHECKING:
    from .runtime import Runtime

b = sa.bindparam
_DEAD = (
    sa.select(
        inbox.c.id, inbox.c.lane, inbox.c.kind, inbox.c.plugin, inbox.c.attempts, inbox.c.error, inbox.c.accepted_at
    )
    .where(inbox.c.tenant == b("p_tenant"), inbox.c.state == "dead", inbox.c.id > b("p_after"))
    .order_by(inbox.c.id)
    .limit(b("p_limit"))
)
_RETRY = (
    sa.update(inbox)
    .where(inbox.c.tenant == b("p_tenant"), inbox.c.id == b("p_id"), inbox.c.state == "dead")
    .values(state="pending", attempts=0, not_before=0.0)
    .returning(inbox.c.lane)
)


@attrs.frozen
class DeadLetter:
    """An inbox row whose last try has failed; `error` is the cause, and holds nothing of what was said."""

    id: int
    lane: str
    kind: str
    plugin: str
    attempts: int
    error: str
    accepted_at: float


async def dead_letters(runtime: Runtime, tenant: str, *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
    """The tenant's dead letters by id, up to `limit` after that one."""
    rows = await runtime.database.fetch(_DEAD, {"p_tenant": tenant, "p_after": after, "p_limit": limit}, tenant=tenant)
    return [DeadLetter(*row) for row in rows]


async def retry(runtime: Runtime, tenant: str, inbox_id: int) -> bool:
    """Have a dead letter processed again, with all its tries; False if there is no such one."""

    def script() -> Script[str | None]:
        done = yield Op(_RETRY, {"p_tenant": tenant, "p_id": inbox_id})
        return done.rows[0].lane if done.rows else None

    lane = await runtime.database.run(script(), tenant=tenant)
    if lane is None:
        return False
    runtime.lanes.wake(tenant, lane)
    return True
