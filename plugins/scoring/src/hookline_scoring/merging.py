"""Two leads that turn out to be one person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hookline.ledger import new_id

from . import statements as sql
from .lead import Lead


def winner(leads: Sequence[Lead]) -> Lead:
    """The one that stays: the one that the CRM knows by its id, else the oldest."""
    return min(leads, key=lambda one: (not one.crm_id, not one.routed, one.created_at, one.id))


def merged(
    other: Lead, into: Lead, now: float, by: str, kept: Mapping[str, Any] | None = None
) -> Iterator[tuple[sa.Executable, Any]]:
    """The statements that make `other` part of `into`: its scores, events and what it is found by move over, and what
    the one does not know the other tells; the source is that of whoever came first.  `kept` is noted with it."""
    first = min(other, into, key=lambda one: one.created_at)
    yield (
        sql.ABSORB,
        {
            "p_into": into.id, "p_contact": other.contact, "p_name": other.name, "p_email": other.email,
            "p_phone": other.phone, "p_owner": other.owner, "p_intent": other.intent, "p_interest": other.interest,
            "p_source": first.source, "p_channel": first.channel, "p_origin": {**other.origin, **into.origin},
            "p_fields": {**other.fields, **into.fields}, "p_created_at": first.created_at, "p_now": now,
        },
    )  # fmt: skip
    for statement in sql.MOVE:
        yield statement, _named(statement, {"p_from": other.id, "p_into": into.id})
    yield sql.KNOW, {"kind": "merged", "value": other.id, "lead": into.id}
    data = {"was": other.id, "status": other.status, "score": other.score, "crm_id": other.crm_id, **(kept or {})}
    yield sql.HAPPENED, {"id": new_id(), "lead": into.id, "at": now, "kind": "merged", "by": by, "data": data}


def _named(statement: sa.Executable, params: dict[str, str]) -> dict[str, str]:
    """A deletion has no new lead to name."""
    return {"p_from": params["p_from"]} if isinstance(statement, sa.Delete) else params
