"""Messages that did not go out: kept with their cause, looked at, sent again or given up when somebody says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa
import structlog

from .db import Op, Script
from .ledger import message_id
from .models import literal, outbox
from .posting import unsay

if TYPE_CHECKING:
    from .runtime import Runtime

log = structlog.get_logger("hookline.outbox")
b = sa.bindparam
_DIGITS = 9  # of the largest number that is surely one to the database

STUCK = ("failed", "ambiguous")
"""The states in which a message waits for a person: all tries failed, or a crash left open whether it was sent."""
SETTLEABLE = (*STUCK, "parked")
"""The states in which a message can be sent now, or given up."""

_LIST = (
    sa.select(
        outbox.c.id,
        outbox.c.conversation,
        outbox.c.channel,
        outbox.c.author,
        outbox.c.state,
        outbox.c.attempts,
        outbox.c.error,
        outbox.c.created_at,
    )
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.state.in_(b("p_states", expanding=True)),
        outbox.c.id > b("p_after"),
    )
    .order_by(outbox.c.id)
    .limit(b("p_limit"))
)
_ONE = sa.and_(
    outbox.c.tenant == b("p_tenant"),
    outbox.c.id == b("p_id"),
    outbox.c.state.in_(b("p_states", expanding=True)),
)
_LOOK = sa.select(outbox.c.state, outbox.c.source_kind, outbox.c.source_id, outbox.c.n, outbox.c.error).where(_ONE)
_RETRY = (
    sa.update(outbox)
    .where(_ONE, outbox.c.body.is_not(None))
    .values(state="pending", attempts=0, not_before=0.0, lease_until=0.0, aside=sa.false())
    .returning(outbox.c.conversation)
)
_DROP = (
    sa.update(outbox)
    .where(_ONE)
    .values(state="dropped", error=b("p_error"), body=None)
    .returning(outbox.c.conversation)
)
_RELEASE = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.conversation == b("p_conversation"),
        outbox.c.state == literal("parked"),
    )
    .values(not_before=0.0)
)
_REFUSED = (
    sa.update(outbox)
    .where(
        outbox.c.tenant == b("p_tenant"),
        outbox.c.source_kind == b("p_kind"),
        outbox.c.source_id == b("p_source"),
        outbox.c.n == b("p_n"),
        outbox.c.state == literal("sent"),
    )
    .values(state="failed", error=b("p_error"))
)


@attrs.frozen
class Undelivered:
    """An outbox row that did not go out; `error` is the cause, and what was said is not among the fields."""

    id: int
    conversation: str
    channel: str
    author: str
    state: str
    attempts: int
    error: str
    created_at: float


async def undelivered(
    runtime: Runtime, tenant: str, *, states: Sequence[str] = STUCK, after: int = 0, limit: int = 100
) -> list[Undelivered]:
    """The tenant's messages in these states by id, up to `limit` after that one."""
    values = {"p_tenant": tenant, "p_states": list(states), "p_after": after, "p_limit": limit}
    return [Undelivered(*row) for row in await runtime.database.fetch(_LIST, values, tenant=tenant)]


async def retry(runtime: Runtime, tenant: str, outbox_id: int) -> bool:
    """Have a message sent again, with all its tries and the same message id; False if there is no such one.

    What was sent in its conversation meanwhile has overtaken it; what still waits there comes after it.
    """

    def script() -> Script[str | None]:
        done = yield Op(_RETRY, {"p_tenant": tenant, "p_id": outbox_id, "p_states": list(SETTLEABLE)})
        return done.rows[0].conversation if done.rows else None

    conversation = await runtime.database.run(script(), tenant=tenant)
    if conversation is None:
        return False
    runtime.outbox.recall(tenant, conversation)  # what it has in memory comes after this one
    runtime.outbox.wake(tenant, conversation)
    log.info("delivery tried again", tenant=tenant, conversation=conversation, outbox_id=outbox_id)
    return True


async def drop(runtime: Runtime, tenant: str, outbox_id: int, by: str = "") -> bool:
    """Give a message up; False if there is no such one.

    It also leaves its conversation, as the customer will never get it; an ambiguous one stays there, as they may have.
    """

    def script() -> Script[tuple[str, list[str]] | None]:
        at = {"p_tenant": tenant, "p_id": outbox_id, "p_states": list(SETTLEABLE)}
        found = yield Op(_LOOK, at)
        if not found.rows:
            return None
        row = found.rows[0]
        cause = f"given up{f' by {by}' if by else ''}; {row.state}: {row.error}"
        done = yield Op(_DROP, {**at, "p_error": cause[:2000]})
        if not done.rows:
            return None
        ids = [message_id(row.source_kind, row.source_id, row.n)] if row.state != "ambiguous" else []
        yield from unsay(tenant, ids)
        return done.rows[0].conversation, ids

    dropped = await runtime.database.run(script(), tenant=tenant)
    if dropped is None:
        return False
    conversation, ids = dropped
    runtime.tenants.get(tenant).conversations.unsaid(conversation, ids)
    runtime.outbox.recall(tenant, conversation)
    log.info("delivery given up", tenant=tenant, conversation=conversation, outbox_id=outbox_id, by=by)
    return True


async def release(runtime: Runtime, tenant: str, conversation: str) -> bool:
    """Ask again at once whether what is parked in the conversation may go out; whether anything was."""

    def script() -> Script[int]:
        return (yield Op(_RELEASE, {"p_tenant": tenant, "p_conversation": conversation})).rowcount

    runtime.outbox.recall(tenant, conversation)  # what is being decided just now is decided again
    released = await runtime.database.run(script(), tenant=tenant)
    runtime.outbox.recall(tenant, conversation)
    if released:
        runtime.outbox.wake(tenant, conversation)
    return bool(released)


async def refused(runtime: Runtime, tenant: str, message: str, error: str) -> bool:
    """A provider says of a message, by our id, that it could not be delivered after all; False if it was not sent."""
    head, _, n = message.rpartition("-")
    kind, _, source = head.partition("-")
    if not (source and n.isascii() and n.isdigit() and len(n) <= _DIGITS):
        return False
    values = {"p_tenant": tenant, "p_kind": kind, "p_source": source, "p_n": int(n), "p_error": error[:2000]}

    def script() -> Script[int]:
        return (yield Op(_REFUSED, values)).rowcount

    return bool(await runtime.database.run(script(), tenant=tenant))
