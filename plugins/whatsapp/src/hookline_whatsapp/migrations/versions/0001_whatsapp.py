"""Chats, opt-outs, what was sent, files, and the simulator's messages."""

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
        "whatsapp_chat",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.Double(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("tenant", "address", "number", name="pk_whatsapp_chat"),
    )
    op.create_index("ix_whatsapp_chat_contact", "whatsapp_chat", ["tenant", "contact"])
    op.create_table(
        "whatsapp_optout",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "address", name="pk_whatsapp_optout"),
    )
    op.create_table(
        "whatsapp_sent",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("part", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("conversation", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "provider_id", name="pk_whatsapp_sent"),
    )
    op.create_index("ix_whatsapp_sent_message", "whatsapp_sent", ["tenant", "message"])
    op.create_index("ix_whatsapp_sent_at", "whatsapp_sent", ["tenant", "at"])
    op.create_table(
        "whatsapp_media",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False, server_default=""),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("media_type", sa.Text(), nullable=False, server_default=""),
        sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_whatsapp_media"),
    )
    op.create_index("ix_whatsapp_media_contact", "whatsapp_media", ["tenant", "contact"])
    op.create_index("ix_whatsapp_media_expires", "whatsapp_media", ["tenant", "expires_at"])
    op.create_table(
        "whatsapp_simulated",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_whatsapp_simulated"),
    )
    op.create_index("ix_whatsapp_simulated_address", "whatsapp_simulated", ["tenant", "address", "at"])
