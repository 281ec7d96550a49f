"""The statements on the rows of the outbox that delivery runs: read, claim, park, send, put off."""

from __future__ import annotations

import sqlalchemy as sa

from .ledger import OPEN
from .models import literal, outbox

b = sa.bindparam
MOST = 5000
PAGE = 100

ROWS = (
    sa.select(
        outbox.c.id,
        outbox.c.conversation,
        outbox.c.body,
        outbox.c.author,
        outbox.c.state,
        outbox.c.attempts,
        outbox.c.not_before,
        outbox.c.lease_until,
        outbox.c.aside,
    )
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.conversation == b("p_conversation"),
        outbox.c.state.in_(OPEN),
        outbox.c.id > b("p_after"),
    )
    .order_by(outbox.c.id)
    .limit(PAGE)
)
WAITING = (
    sa.select(outbox.c.conversation)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.state.in_(OPEN))
    .distinct()
    .limit(MOST)
)
_older = outbox.alias("older")
_free = sa.or_(
    outbox.c.state.in_(OPEN[::2]),
    sa.and_(outbox.c.state == literal("sending"), outbox.c.lease_until < b("p_forsaken")),
)
CLAIM = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.id == b("p_id"),
        _free,
        ~sa.exists().where(
            _older.c.tenant == b("p_tenant"),
            _older.c.conversation == outbox.c.conversation,
            _older.c.id < outbox.c.id,
            _older.c.state.in_(OPEN),
            sa.not_(_older.c.aside),
        ),
    )
    .values(
        state="sending",
        aside=sa.false(),
        attempt_id=b("p_attempt"),
        attempts=outbox.c.attempts + 1,
        lease_until=b("p_until"),
    )
)
RENEW = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.id.in_(b("p_ids", expanding=True)),
        outbox.c.state == literal("sending"),
    )
    .values(lease_until=b("p_until"))
)
SENT = (
    sa.update(outbox)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.id == b("p_id"), outbox.c.state.in_(OPEN))
    .values(state="sent", provider_id=b("p_provider_id"), sent_at=b("p_now"), body=None, error="")
)
PUT = (
    sa.update(outbox)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.id == b("p_id"), outbox.c.state.in_(OPEN))
    .values(
        state=b("p_state"), not_before=b("p_not_before"), error=b("p_error"), attempts=b("p_attempts"), aside=sa.false()
    )
)
PARK = (
    sa.update(outbox)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.id == b("p_id"), _free)
    .values(
        state="parked",
        not_before=b("p_not_before"),
        error=b("p_error"),
        attempts=b("p_attempts"),
        aside=b("p_aside", type_=sa.Boolean),
    )
)
AGAIN = (
    sa.update(outbox)
    .where(outbox.c.tenant == b("p_tenant"), outbox.c.id == b("p_id"), outbox.c.state == literal("parked"))
    .values(not_before=0.0)
)
