"""Indexes for reports, which count messages by time, and for what is left of conversations that are removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNSENT = sa.text("state in ('failed','parked','dropped','withdrawn','ambiguous')")


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_message_created", "message", ["tenant", "created_at"])
    op.create_index(
        "ix_outbox_unsent", "outbox", ["tenant", "conversation"], sqlite_where=_UNSENT, postgresql_where=_UNSENT
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_outbox_unsent", "outbox")
    op.drop_index("ix_message_created", "message")
