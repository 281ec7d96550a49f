"""The panel beside a conversation in the console: as whom the customer is proved, how, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.message import Panel
from hookline.wire import shown_time

from . import proofs
from . import statements as sql
from .joining import merges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.message import Conversation
    from hookline.tenant import Tenant

ELEMENT = "hookline-identity-panel"


async def panels(tenant: Tenant, conversation: Conversation) -> Sequence[Panel]:
    """One panel."""
    proof = await proofs.find(tenant, conversation.id)
    rows = await tenant.db.fetch(sql.NEWEST_HERE, {"p_conversation": conversation.id})
    data = {
        "conversation": conversation.id,
        "verified": bool(proof.account),
        "account": proof.account,
        "method": proof.method,
        "proved_at": shown_time(proof.proved_at) if proof.account else None,
        "until": shown_time(proof.expires_at) if proof.account else None,
        "code": None,
        "merges": [one for one in await merges(tenant, conversation.contact) if one["undone_at"] is None],
    }
    if rows:
        row = rows[0]
        over = row.state in ("queued", "open") and row.expires_at <= tenant.clock.now()
        data["code"] = {
            "state": "expired" if over else row.state,
            "reason": row.reason,
            "way": row.way,
            "address": row.mask,
            "tries_left": row.tries_left,
            "at": shown_time(row.created_at),
        }
    return [Panel("Identity", ELEMENT, "identity/static/identity-panel.js", data)]
