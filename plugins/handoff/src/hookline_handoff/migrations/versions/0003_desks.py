"""What other desks call our handoffs and conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "handoff_task",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "handoff", "n", name="pk_handoff_task"),
        sa.UniqueConstraint("tenant", "task", name="uq_handoff_task_task"),
    )
    op.create_table(
        "handoff_room",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", name="pk_handoff_room"),
        sa.UniqueConstraint("tenant", "room", name="uq_handoff_room_room"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("handoff_room")
    op.drop_table("handoff_task")
