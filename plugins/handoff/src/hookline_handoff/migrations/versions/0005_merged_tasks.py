"""Whose a task of the staff was before two contacts were merged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("handoff_staff_task", sa.Column("merged_from", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Remove it."""
    with op.batch_alter_table("handoff_staff_task") as table:
        table.drop_column("merged_from")
