"""Leads as lines of CSV (RFC 4180)."""

from __future__ import annotations

from typing import Any

from .lead import Lead, shown_time

HEADER = (
    "id", "created_at", "name", "email", "phone", "source", "channel", "intent", "score", "priority", "status",
    "interest", "owner", "crm_state", "crm_id", "utm_source", "utm_medium", "utm_campaign", "reasons",
)  # fmt: skip


def row_of(lead: Lead) -> list[Any]:
    """The cells of a lead."""
    reasons = " | ".join(f"{one['text']} ({one['points']:+g})" for one in lead.reasons)
    return [
        lead.id, shown_time(lead.created_at), lead.name, lead.email, lead.phone, lead.source, lead.channel, lead.intent,
        round(lead.score, 1), lead.priority, lead.status, lead.interest, lead.owner, lead.crm_state, lead.crm_id,
        *(lead.origin.get(name, "") for name in ("utm_source", "utm_medium", "utm_campaign")), reasons,
    ]  # fmt: skip
