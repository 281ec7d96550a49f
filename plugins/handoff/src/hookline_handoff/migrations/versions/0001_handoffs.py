"""Handoffs with their steps, agents, teams, and who has read what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPEN = sa.text("state <> 'resolved'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "handoff_handoff",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("score", sa.Double()),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("skill", sa.Text(), server_default="", nullable=False),
        sa.Column("team", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("loaded", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_at", sa.Double(), nullable=False),
        sa.Column("queued_at", sa.Double()),
        sa.Column("claimed_at", sa.Double()),
        sa.Column("first_response_at", sa.Double()),
        sa.Column("waiting_since", sa.Double()),
        sa.Column("activity_at", sa.Double(), nullable=False),
        sa.Column("snoozed_until", sa.Double()),
        sa.Column("callback_at", sa.Double()),
        sa.Column("returned_at", sa.Double()),
        sa.Column("resolved_at", sa.Double()),
        sa.Column("resolved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("resolution", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_handoff"),
    )
    op.create_index("ix_handoff_handoff_agent", "handoff_handoff", ["tenant", "agent", "state"])
    op.create_index("ix_handoff_handoff_contact", "handoff_handoff", ["tenant", "contact"])
    op.create_index("ix_handoff_handoff_conversation", "handoff_handoff", ["tenant", "conversation", "requested_at"])
    op.create_index("ix_handoff_handoff_state", "handoff_handoff", ["tenant", "state", "activity_at"])
    op.create_index(
        "uq_handoff_handoff_open",
        "handoff_handoff",
        ["tenant", "conversation"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "handoff_step",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "handoff", "n", name="pk_handoff_step"),
    )
    op.create_table(
        "handoff_agent",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("availability", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double()),
        sa.Column("skills", sa.Text(), server_default="[]", nullable=False),
        sa.Column("languages", sa.Text(), server_default="[]", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("load", sa.Integer(), server_default="0", nullable=False),
        sa.Column("assigned_at", sa.Double(), server_default="0", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_agent"),
    )
    op.create_table(
        "handoff_team",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skills", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_team"),
        sa.UniqueConstraint("tenant", "name", name="uq_handoff_team_name"),
    )
    op.create_table(
        "handoff_member",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "team", "agent", name="pk_handoff_member"),
    )
    op.create_index("ix_handoff_member_agent", "handoff_member", ["tenant", "agent"])
    op.create_table(
        "handoff_reading",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", "reader", name="pk_handoff_reading"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("handoff_reading")
    op.drop_table("handoff_member")
    op.drop_table("handoff_team")
    op.drop_table("handoff_agent")
    op.drop_table("handoff_step")
    op.drop_table("handoff_handoff")
