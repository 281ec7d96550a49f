"""A lead as a value: what the tables hold of it, what people and CRMs are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from .contacts import split_name

Status = Literal["new", "contacted", "qualified", "negotiating", "won", "lost"]
STATUSES: tuple[Status, ...] = ("new", "contacted", "qualified", "negotiating", "won", "lost")
OPEN: tuple[Status, ...] = ("new", "contacted", "qualified", "negotiating")


@attrs.frozen
class Lead:
    """One row of `scoring_lead`."""

    id: str
    contact: str
    conversation: str
    name: str
    email: str
    phone: str
    source: str
    channel: str
    origin: Mapping[str, Any]
    status: str
    priority: str
    score: float
    base: float
    scored_at: float
    decays_at: float
    interest: str
    missing: Sequence[str]
    intent: str
    fields: Mapping[str, Any]
    reasons: Sequence[Mapping[str, Any]]
    review: int
    owner: str
    rev: int
    crm_state: str
    crm_rev: int
    crm_id: str
    crm_error: str
    crm_tries: int
    crm_since: float
    crm_at: float
    created_at: float
    updated_at: float

    @property
    def routed(self) -> bool:
        """Whether it is on its way to the CRM, or there."""
        return self.crm_state != ""


def shown_time(seconds: float) -> str:
    """ISO 8601 in UTC, to the second."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")


def shown_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says, without what only undoing it needs."""
    return {name: value for name, value in data.items() if name not in ("undo", "contacts")}


def shown(lead: Lead) -> dict[str, Any]:
    """As the API shows it; the score is rounded to one place, the priority is not decided by what is shown."""
    return {
        "id": lead.id, "contact": lead.contact, "conversation": lead.conversation, "name": lead.name,
        "email": lead.email, "phone": lead.phone, "source": lead.source, "channel": lead.channel,
        "origin": dict(lead.origin), "status": lead.status, "priority": lead.priority, "score": round(lead.score, 1),
        "interest": lead.interest, "missing": list(lead.missing), "intent": lead.intent, "fields": dict(lead.fields),
        "reasons": list(lead.reasons), "review": bool(lead.review), "owner": lead.owner,
        "crm": {"state": lead.crm_state, "id": lead.crm_id, "error": lead.crm_error, "tries": lead.crm_tries},
        "created_at": shown_time(lead.created_at), "updated_at": shown_time(lead.updated_at),
        "scored_at": shown_time(lead.scored_at),
    }  # fmt: skip


def for_crm(lead: Lead, tenant: str) -> dict[str, Any]:
    """What a CRM's mapping is made from."""
    first, last = split_name(lead.name)
    lines = [f"{one['points']:+g} {one['text']}" for one in lead.reasons]
    summary = [f"Score {lead.score:.0f} ({lead.priority})", *lines]
    if lead.intent:
        summary.append(f"Intent: {lead.intent}")
    summary += [f"{name}: {value}" for name, value in lead.fields.items() if name not in ("phone", "email")]
    return {
        "id": lead.id, "name": lead.name, "first_name": first, "last_name": last, "email": lead.email,
        "phone": lead.phone, "company": str(lead.fields.get("company") or ""), "source": lead.source,
        "channel": lead.channel, "intent": lead.intent, "score": round(lead.score, 1), "priority": lead.priority,
        "status": lead.status, "interest": lead.interest, "owner": lead.owner, "summary": "\n".join(summary),
        "reasons": lines, "created_at": shown_time(lead.created_at), "updated_at": shown_time(lead.updated_at),
        "contact": lead.contact, "conversation": lead.conversation, "tenant": tenant, "fields": dict(lead.fields),
        "origin": dict(lead.origin),
    }  # fmt: skip
