"""What goes with conversations that are removed for their age: everything else of the core's that holds their words.

Their own rows and their messages go by the foreign keys.  That a message came stays known (its row in the inbox,
emptied), so that a provider's repeat is no new one.  Plugins hear of each by the event `conversation.purged`.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from .db import Op, Script
from .models import UNSENT, event, inbox, literal, outbox, timer

b = sa.bindparam
_AT_ONCE = 200

_RECEIVED = (
    sa.update(inbox)
    .where(
        inbox.c.tenant == b("p_tenant"), inbox.c.lane.in_(b("p_ids", expanding=True)), inbox.c.state == literal("dead")
    )
    .values(payload=None, error="", state="cancelled")
)
_SENT = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.conversation.in_(b("p_ids", expanding=True)),
        outbox.c.state.in_([literal(state) for state in UNSENT]),
    )
    .values(body=None, error="", state=sa.case((outbox.c.state == "parked", "dropped"), else_=outbox.c.state))
)
_TIMERS = sa.delete(timer).where(
    timer.c.tenant == b("p_tenant"), timer.c.lane.in_(b("p_ids", expanding=True)), timer.c.state != "waiting"
)
_TELL = sa.insert(event)


def forget(tenant: str, purged: Sequence[tuple[str, str]], now: float) -> Script[None]:
    """Forget what is left of these conversations (id, contact), which were removed just now."""
    for n in range(0, len(purged), _AT_ONCE):
        part = purged[n : n + _AT_ONCE]
        at = {"p_tenant": tenant, "p_ids": [ident for ident, _ in part]}
        for statement in (_RECEIVED, _SENT, _TIMERS):
            yield Op(statement, at)
        yield Op(
            _TELL,
            [
                {
                    "tenant": tenant,
                    "kind": "conversation.purged",
                    "conversation": ident,
                    "payload": {"contact": contact},
                    "at": now,
                }
                for ident, contact in part
            ],
        )
