"""Handoffs as they are stored: the record, how one is found, and the statements that change one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from hookline.problems import Problem

from .models import handoff, step

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam


@attrs.frozen
class Actor:
    """Who does something: a member of the staff, a key, or the plugin itself (`id` "")."""

    id: str
    name: str
    role: str = "agent"
    kind: str = "staff"

    @property
    def who(self) -> str:
        """As the audit log names them, in the core's way: "staff:ID", "key:ID"; the plugin itself is "handoff"."""
        if ":" in self.id:  # of a worker at another desk
            return self.id
        return f"{self.kind}:{self.id}" if self.id else self.name or "handoff"

    @property
    def supervises(self) -> bool:
        """Whether they may see and take what others have in hand."""
        return self.role in ("supervisor", "admin")

    @property
    def closes(self) -> bool:
        """Whether they may pass on and close what others have in hand: supervisors, and programs with a key."""
        return self.supervises or (self.kind == "key" and self.role == "agent")


NOBODY = Actor("", "", "")
"""What happens by itself: a timer, a trigger, the bot."""


@attrs.frozen
class Handoff:
    """One row of `handoff_handoff`; what the fields mean is said there."""

    id: str
    conversation: str
    contact: str
    channel: str
    state: str
    reason: str
    source: str
    requested_at: float
    activity_at: float
    priority: int = 0
    score: float | None = None
    language: str = ""
    skill: str = ""
    team: str = ""
    agent: str = ""
    holder: str = ""
    loaded: str = ""
    queued_at: float | None = None
    claimed_at: float | None = None
    first_response_at: float | None = None
    waiting_since: float | None = None
    snoozed_until: float | None = None
    callback_at: float | None = None
    returned_at: float | None = None
    resolved_at: float | None = None
    resolved_by: str = ""
    resolution: str = ""
    status: str = ""
    summary: str = ""
    epoch: int = 0
    data: Mapping[str, Any] = attrs.Factory(dict)


COLUMNS = tuple(handoff.c[field.name] for field in attrs.fields(Handoff))
_NAMES = frozenset(column.name for column in COLUMNS)

_BY_ID = sa.select(*COLUMNS).where(handoff.c.id == b("p_id"))
_OPEN = sa.select(*COLUMNS).where(handoff.c.conversation == b("p_conversation"), handoff.c.state != "resolved")
_LAST = (
    sa.select(*COLUMNS)
    .where(handoff.c.conversation == b("p_conversation"))
    .order_by(handoff.c.requested_at.desc(), handoff.c.id.desc())
    .limit(1)
)
# A conversation that has an open one gets no second: the statement then stores nothing, which is not what was to be.
_INSERT = insert_or_not(handoff).on_conflict_do_nothing()
_STEP = sa.insert(step)


def read(row: Any) -> Handoff:
    """The record of a row that has at least `COLUMNS`."""
    return Handoff(**{name: value for name, value in row._asdict().items() if name in _NAMES})


async def by_id(tenant: Tenant, ident: str) -> Handoff | None:
    """The handoff of that id."""
    rows = await tenant.db.fetch(_BY_ID, {"p_id": ident})
    return read(rows[0]) if rows else None


async def open_one(tenant: Tenant, conversation: str) -> Handoff | None:
    """The conversation's handoff that is not resolved."""
    rows = await tenant.db.fetch(_OPEN, {"p_conversation": conversation})
    return read(rows[0]) if rows else None


async def last_one(tenant: Tenant, conversation: str) -> Handoff | None:
    """The conversation's newest handoff, whatever its state."""
    rows = await tenant.db.fetch(_LAST, {"p_conversation": conversation})
    return read(rows[0]) if rows else None


async def known(tenant: Tenant, ident: str) -> Handoff:
    """The handoff of that id, or the newest of the conversation of that id; raises `Problem` 404."""
    found = await by_id(tenant, ident) or await last_one(tenant, ident)
    if found is None:
        raise Problem(404, f"there is no handoff {ident[:64]!r}, and no conversation of that id that had one")
    return found


def insert(made: Handoff) -> tuple[sa.Insert, dict[str, Any]]:
    """The statement that stores a new one, with its parameters."""
    return _INSERT, attrs.asdict(made, recurse=False)


def update(before: Handoff, after: Handoff) -> tuple[sa.Update, dict[str, Any]]:
    """The statement that changes what differs, if the row is still as it was seen, with its parameters."""
    values = {
        field.name: getattr(after, field.name)
        for field in attrs.fields(Handoff)
        if getattr(after, field.name) != getattr(before, field.name)
    }
    statement = (
        sa.update(handoff)
        .where(handoff.c.id == b("p_id"), handoff.c.epoch == b("p_epoch"))
        .values({name: b(f"v_{name}") for name in values})
    )
    return statement, {
        "p_id": before.id,
        "p_epoch": before.epoch,
        **{f"v_{name}": value for name, value in values.items()},
    }


def insert_step(
    before: Handoff | None, after: Handoff, event: str, by: Actor, now: float, reason: str, detail: Mapping[str, Any]
) -> tuple[sa.Insert, dict[str, Any]]:
    """The statement that stores a transition, with its parameters."""
    return _STEP, {
        "handoff": after.id,
        "n": after.epoch,
        "at": now,
        "event": event,
        "before": before.state if before else "",
        "after": after.state,
        "by": by.id,
        "by_name": by.name,
        "reason": reason,
        "detail": detail,
    }
