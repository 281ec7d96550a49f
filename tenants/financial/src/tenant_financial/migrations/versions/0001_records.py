"""Customers, their accounts and loans, and what is to be collected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = {
    "customer": ("number", "name", "phone", "email", "language", "risk"),
    "account": ("number", "customer", "kind", "balance"),
    "loan": ("number", "customer", "kind", "principal", "outstanding", "emi", "due", "months"),
    "task": ("number", "loan", "overdue", "status"),
}
_WHOLE = ("balance", "principal", "outstanding", "emi", "overdue", "months")
_INDEXES = {
    "customer": ("risk", "name", "phone", "email"),
    "account": ("customer", "balance"),
    "loan": ("customer", "kind", "principal", "outstanding", "emi"),
    "task": ("loan", "status"),
}


def upgrade() -> None:
    """Make the tables."""
    for name, columns in _TABLES.items():
        table = f"tenant_financial_{name}"
        op.create_table(
            table,
            sa.Column("tenant", sa.Text(), nullable=False),
            sa.Column("id", sa.Text(), nullable=False),
            *[
                sa.Column(column, sa.BigInteger() if column in _WHOLE else sa.Text(), nullable=column == "due")
                for column in columns
            ],
            sa.Column("version", sa.Integer(), server_default="1", nullable=False),
            sa.Column("created_at", sa.Double(), nullable=False),
            sa.Column("updated_at", sa.Double(), nullable=False),
            sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{table}"),
            sa.UniqueConstraint("tenant", "number", name=f"uq_{table}_number"),
        )
        for column in _INDEXES[name]:
            op.create_index(f"ix_{table}_{column}", table, ["tenant", column], unique=False)


def downgrade() -> None:
    """Remove them."""
    for name in reversed(_TABLES):
        op.drop_table(f"tenant_financial_{name}")
