"""Who has a conversation: the bot, or an agent.  Each change raises its epoch, so that a turn begun before is not
committed."""

from __future__ import annotations

import sqlalchemy as sa

from .collect import Taken
from .db import Op, Script
from .errors import Conflict
from .ledger import message_id
from .models import conversation, literal, outbox
from .posting import unsay

b = sa.bindparam

_TAKE = (
    sa.update(conversation)
    .where(
        conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id"), conversation.c.held_by == b("p_from")
    )
    .values(held_by=b("p_by"), owner_epoch=conversation.c.owner_epoch + 1)
    .returning(conversation.c.owner_epoch)
)
_WITHDRAW = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.conversation == b("p_id"),
        outbox.c.author == "bot",
        outbox.c.state.in_([literal("pending"), literal("parked")]),
    )
    .values(state="withdrawn")
    .returning(outbox.c.source_kind, outbox.c.source_id, outbox.c.n)
)
_HOLDER = sa.select(conversation.c.held_by).where(
    conversation.c.tenant == b("p_tenant"), conversation.c.id == b("p_id")
)


def hand_over(tenant: str, taken: Taken) -> Script[list[str]]:
    """Change who has the conversation; the ids of the bot's messages that were withdrawn.

    Raises `Conflict` if somebody else has it than was thought, or there is no such conversation.
    """
    at = {"p_tenant": tenant, "p_id": taken.conversation}
    done = yield Op(_TAKE, {**at, "p_by": taken.by, "p_from": taken.held_by})
    if not done.rows:
        found = yield Op(_HOLDER, at)
        if not found.rows:
            raise Conflict(f"there is no conversation {taken.conversation!r}")
        holder = found.rows[0].held_by
        raise Conflict(f"{holder or 'the bot'} has conversation {taken.conversation!r}", holder)
    if not taken.by:
        return []
    withdrawn = yield Op(_WITHDRAW, at)
    ids = [message_id(row.source_kind, row.source_id, row.n) for row in withdrawn.rows]
    yield from unsay(tenant, ids)
    return ids
