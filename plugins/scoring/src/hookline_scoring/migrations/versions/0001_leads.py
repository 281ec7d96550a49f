"""Leads, by what they are found, their scores and what happened to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "scoring_lead",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("conversation", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), server_default="new", nullable=False),
        sa.Column("priority", sa.Text(), server_default="cold", nullable=False),
        sa.Column("score", sa.Double(), server_default="0", nullable=False),
        sa.Column("base", sa.Double(), server_default="0", nullable=False),
        sa.Column("scored_at", sa.Double(), nullable=False),
        sa.Column("decays_at", sa.Double(), nullable=False),
        sa.Column("interest", sa.Text(), server_default="", nullable=False),
        sa.Column("missing", sa.Text(), server_default="[]", nullable=False),
        sa.Column("intent", sa.Text(), server_default="", nullable=False),
        sa.Column("fields", sa.Text(), server_default="{}", nullable=False),
        sa.Column("reasons", sa.Text(), server_default="[]", nullable=False),
        sa.Column("review", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("rev", sa.Integer(), server_default="1", nullable=False),
        sa.Column("crm_state", sa.Text(), server_default="", nullable=False),
        sa.Column("crm_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crm_id", sa.Text(), server_default="", nullable=False),
        sa.Column("crm_error", sa.Text(), server_default="", nullable=False),
        sa.Column("crm_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crm_since", sa.Double(), server_default="0", nullable=False),
        sa.Column("crm_at", sa.Double(), server_default="0", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_scoring_lead"),
    )
    op.create_index("ix_scoring_lead_contact", "scoring_lead", ["tenant", "contact"])
    op.create_index("ix_scoring_lead_decays", "scoring_lead", ["tenant", "decays_at"])
    op.create_index("ix_scoring_lead_priority", "scoring_lead", ["tenant", "priority", "score"])
    op.create_index("ix_scoring_lead_updated", "scoring_lead", ["tenant", "updated_at"])
    op.create_table(
        "scoring_identity",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "value", name="pk_scoring_identity"),
    )
    op.create_index("ix_scoring_identity_lead", "scoring_identity", ["tenant", "lead"])
    op.create_table(
        "scoring_score",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="rules", nullable=False),
        sa.Column("intent", sa.Text(), server_default="", nullable=False),
        sa.Column("mood", sa.Text(), server_default="", nullable=False),
        sa.Column("messages", sa.Integer(), server_default="1", nullable=False),
        sa.Column("facts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("reasons", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", "n", name="pk_scoring_score"),
    )
    op.create_index("ix_scoring_score_lead", "scoring_score", ["tenant", "lead", "at"])
    op.create_table(
        "scoring_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_scoring_event"),
    )
    op.create_index("ix_scoring_event_lead", "scoring_event", ["tenant", "lead", "at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("scoring_event")
    op.drop_table("scoring_score")
    op.drop_table("scoring_identity")
    op.drop_table("scoring_lead")
