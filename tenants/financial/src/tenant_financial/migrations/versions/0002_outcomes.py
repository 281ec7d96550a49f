"""How the last call about what is to be collected went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("tenant_financial_task", sa.Column("outcome", sa.Text(), nullable=False, server_default=""))
    op.add_column("tenant_financial_task", sa.Column("outcome_at", sa.Double(), nullable=True))
    op.add_column("tenant_financial_task", sa.Column("outcome_call", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Remove them."""
    for name in ("outcome", "outcome_at", "outcome_call"):
        op.drop_column("tenant_financial_task", name)
