"""Tasks of the staff, with their due times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "handoff_staff_task",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        _text("detail"),
        _text("kind"),
        _text("reference"),
        _text("contact"),
        _text("conversation"),
        _text("agent"),
        _text("team"),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("reminded_at", sa.Double(), nullable=True),
        sa.Column("overdue_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        _text("created_by"),
        _text("created_by_name"),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        _text("ended_by"),
        _text("ended_by_name"),
        _text("outcome"),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_staff_task"),
    )
    op.create_index("ix_handoff_staff_task_state", "handoff_staff_task", ["tenant", "state", "due_at"])
    op.create_index("ix_handoff_staff_task_agent", "handoff_staff_task", ["tenant", "agent", "state"])
    for name in ("contact", "conversation", "reference"):
        op.create_index(f"ix_handoff_staff_task_{name}", "handoff_staff_task", ["tenant", name])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("handoff_staff_task")
