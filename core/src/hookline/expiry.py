"""The end of conversations that were silent for too long, and how many ended since somebody asked last.

Whoever ends them, the process by itself or a person, tells the event log how many; asking counts what the log has since
it was asked before, so that a session is counted once.
"""

from __future__ import annotations

import sqlalchemy as sa

from .db import Op, Result, Script
from .models import conversation, event, inbox, literal, timer
from .purging import forget
from .settings import Conversations

EXPIRED = "conversations.expired"
CLEANED = "conversations.cleaned"
b = sa.bindparam

_EXPIRE = (
    sa.update(conversation)
    .where(
        conversation.c.tenant == b("p_tenant"),
        conversation.c.status == "open",
        conversation.c.held_by == "",
        conversation.c.updated_at < b("p_before"),
        conversation.c.id.not_in(
            sa.select(timer.c.lane).where(timer.c.tenant == b("p_tenant"), timer.c.state == literal("waiting"))
        ),
        conversation.c.id.not_in(  # a timer that has fired may set the next one
            sa.select(inbox.c.lane).where(inbox.c.tenant == b("p_tenant"), inbox.c.state == literal("pending"))
        ),
    )
    .values(status="expired")
    .returning(conversation.c.id)
)
_PURGE = (
    sa.delete(conversation)
    .where(
        conversation.c.tenant == b("p_tenant"),
        conversation.c.status == "expired",
        conversation.c.updated_at < b("p_before"),
    )
    .returning(conversation.c.id, conversation.c.contact)
)
_TELL = sa.insert(event)
_LAST = (
    sa.select(event.c.id)
    .where(event.c.tenant == b("p_tenant"), event.c.kind == CLEANED)
    .order_by(event.c.id.desc())
    .limit(1)
)
_SINCE = sa.select(event.c.payload).where(
    event.c.tenant == b("p_tenant"), event.c.kind == EXPIRED, event.c.id > b("p_after")
)


def expire(tenant: str, policy: Conversations, now: float) -> Script[tuple[list[str], list[str]]]:
    """Expire what was silent for too long, and remove what has been expired for longer than is kept; which of both."""
    gone = yield Op(_EXPIRE, {"p_tenant": tenant, "p_before": now - policy.expires_after})
    purged = Result((), 0)
    if policy.purge_after:
        purged = yield Op(_PURGE, {"p_tenant": tenant, "p_before": now - policy.purge_after})
        yield from forget(tenant, [(row.id, row.contact) for row in purged.rows], now)
    if gone.rows:
        yield _told(tenant, EXPIRED, {"count": len(gone.rows)}, now)
    return [row.id for row in gone.rows], [row.id for row in purged.rows]


def count(tenant: str, by: str, now: float) -> Script[int]:
    """How many have expired since this was asked last."""
    last = yield Op(_LAST, {"p_tenant": tenant})
    since = yield Op(_SINCE, {"p_tenant": tenant, "p_after": last.rows[0].id if last.rows else 0})
    found = sum(int(row.payload["count"]) for row in since.rows)
    yield _told(tenant, CLEANED, {"removed": found, "by": by}, now)
    return found


def _told(tenant: str, kind: str, payload: dict[str, object], now: float) -> Op:
    return Op(_TELL, {"tenant": tenant, "kind": kind, "payload": payload, "at": now})
