"""The tables of calls."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

from .models import metadata

__all__ = ["call", "metadata", "order", "recording", "response"]


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


def _text(name: str, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


# A call.  direction: inbound | outbound | rehearsal.  status: queued | initiated | ringing | in-progress | completed | busy |
# no-answer | canceled | failed.  `progress` is what was said, by step, and what is asked now (`callprogress`).
call = sa.Table(
    "voice_call",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),  # the provider's
    sa.Column("conversation", sa.Text, nullable=False),
    _text("contact"),
    _text("direction"),
    _text("number"),  # ours
    _text("address"),  # the customer's
    _text("language"),
    _text("flow"),
    _text("plan"),  # the voice_order that it comes from
    sa.Column("progress", Json, nullable=False, server_default="{}"),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("silences", sa.Integer, nullable=False, server_default="0"),
    _text("status"),
    sa.Column("rank", sa.Integer, nullable=False, server_default="0"),
    _text("answered_by"),
    _text("outcome"),
    sa.Column("seconds", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "conversation", name="uq_voice_call_conversation"),
    sa.Index("ix_voice_call_contact", "tenant", "contact"),
    sa.Index("ix_voice_call_created", "tenant", "created_at"),
)

# What a request of the provider's was answered with, for when it is repeated.
response = sa.Table(
    "voice_response",
    metadata,
    _tenant(),
    sa.Column("call", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    _text("step"),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "call", "key"),
)

# A call that is to be placed.  state: waiting | placing | placed | done | failed | cancelled | unknown, which is that a crash
# left open whether it was placed.
order = sa.Table(
    "voice_order",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    _text("contact"),
    _text("number"),
    _text("flow"),
    _text("language"),
    sa.Column("slots", Json, nullable=False, server_default="{}"),
    _text("state", "waiting"),
    _text("outcome"),
    _text("error"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _text("call"),
    _text("by"),
    sa.Column("not_before", sa.Double, nullable=False, server_default="0"),
    sa.Column("placing_at", sa.Double, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "key", name="uq_voice_order_key"),
    sa.Index("ix_voice_order_state", "tenant", "state"),
)

# A recording at the provider's.  state: stored | removed.
recording = sa.Table(
    "voice_recording",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),  # the provider's
    sa.Column("call", sa.Text, nullable=False),
    _text("state"),
    sa.Column("seconds", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_voice_recording_expires", "tenant", "expires_at"),
)
