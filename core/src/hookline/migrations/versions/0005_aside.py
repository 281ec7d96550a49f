"""Parked messages that later ones of their conversation may pass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: what is parked already holds up what follows until it is asked about again."""
    op.add_column("outbox", sa.Column("aside", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("outbox", "aside")
