"""Calls, what they were answered with, calls to be placed, and recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "voice_call",
        _key("tenant"),
        _key("id"),
        _key("conversation"),
        *(_text(name) for name in ("contact", "direction", "number", "address", "language", "flow", "plan")),
        _text("progress", "{}"),
        _count("seq"),
        _count("silences"),
        _text("status"),
        _count("rank"),
        _text("answered_by"),
        _text("outcome"),
        _count("seconds"),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_voice_call"),
        sa.UniqueConstraint("tenant", "conversation", name="uq_voice_call_conversation"),
    )
    op.create_index("ix_voice_call_contact", "voice_call", ["tenant", "contact"])
    op.create_index("ix_voice_call_created", "voice_call", ["tenant", "created_at"])
    op.create_table(
        "voice_response",
        _key("tenant"),
        _key("call"),
        _key("key"),
        _text("step"),
        _key("body"),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "call", "key", name="pk_voice_response"),
    )
    op.create_table(
        "voice_order",
        _key("tenant"),
        _key("id"),
        _key("key"),
        _key("address"),
        *(_text(name) for name in ("contact", "number", "flow", "language")),
        _text("slots", "{}"),
        _text("state", "waiting"),
        _text("outcome"),
        _text("error"),
        _count("attempts"),
        _text("call"),
        _text("by"),
        sa.Column("not_before", sa.Double(), nullable=False, server_default="0"),
        sa.Column("placing_at", sa.Double(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_voice_order"),
        sa.UniqueConstraint("tenant", "key", name="uq_voice_order_key"),
    )
    op.create_index("ix_voice_order_state", "voice_order", ["tenant", "state"])
    op.create_table(
        "voice_recording",
        _key("tenant"),
        _key("id"),
        _key("call"),
        _text("state"),
        _count("seconds"),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_voice_recording"),
    )
    op.create_index("ix_voice_recording_expires", "voice_recording", ["tenant", "expires_at"])
