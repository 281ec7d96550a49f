"""How a session stands.

Proofs and handoffs are other plugins' affair: what became of them says the event log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs
import sqlalchemy as sa

from hookline.models import event

if TYPE_CHECKING:
    from hookline.message import Conversation
    from hookline.tenant import Tenant

Status = Literal["anonymous", "authenticated", "escalated", "active", "expired"]
_OPEN = ("handoff.requested", "handoff.queued", "handoff.claimed")
_ENDED = "handoff.resolved"
b = sa.bindparam

_LOG = (
    sa.select(event.c.kind, event.c.at, event.c.payload)
    .where(
        event.c.conversation == b("p_conversation"),
        event.c.kind.in_(["identity.proved", "identity.ended", *_OPEN, _ENDED]),
    )
    .order_by(event.c.id)
)


@attrs.frozen
class Session:
    """`status`: anonymous, authenticated, escalated (a person was asked for), active (who was, and is answered by the bot
    again), expired; `until` is the end of the proof, 0.0 where there is none."""

    status: Status
    until: float = 0.0


async def stands(tenant: Tenant, about: Conversation) -> Session:
    """How the session stands now."""
    now, after = tenant.clock.now(), tenant.settings.conversations.expires_after
    if about.status != "open" or (after > 0 and about.created_at and about.updated_at + after < now):
        return Session("expired")
    until, handoff = 0.0, ""
    for row in await tenant.db.fetch(_LOG, {"p_conversation": about.id}):
        if row.kind == "identity.proved":
            until = float(row.payload.get("until", 0.0))
        elif row.kind == "identity.ended":
            until = 0.0
        else:
            handoff = row.kind
    until = until if until > now else 0.0
    if handoff in _OPEN:
        return Session("escalated", until)
    if handoff:
        return Session("active", until)
    return Session("authenticated" if until else "anonymous", until)
