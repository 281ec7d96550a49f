"""What the simulated phone holds: the customer's own messages too, their names, and what was seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("whatsapp_simulated", sa.Column("direction", sa.Text(), nullable=False, server_default="outbound"))
    op.add_column("whatsapp_simulated", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.add_column("whatsapp_simulated", sa.Column("seen", sa.Boolean(), nullable=False, server_default=sa.false()))
