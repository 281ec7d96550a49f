"""Customers, properties, enquiries, and the states that conversations went through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BEFORE = "tenant_property_loans_"


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _table(name: str, *columns: sa.Column[Any], key: str = "number", indexes: Sequence[str]) -> None:
    table = _BEFORE + name
    constraints: list[sa.schema.SchemaItem] = [sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{table}")]
    if key:
        constraints.append(sa.UniqueConstraint("tenant", key, name=f"uq_{table}_{key}"))
    op.create_table(
        table,
        *_text("tenant", "id"),
        *columns,
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        *constraints,
    )
    for column in (*indexes, "contact"):
        op.create_index(f"ix_{table}_{column}", table, ["tenant", column])


def upgrade() -> None:
    """Make the tables."""
    _table(
        "customer",
        *_text("number", "name", "phone", "language"),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        indexes=("phone", "language", "opted_out"),
    )
    _table(
        "property",
        *_text("number", "customer", "kind", "city"),
        sa.Column("value", sa.BigInteger(), nullable=True),
        indexes=("customer", "kind"),
    )
    _table(
        "enquiry",
        *_text("number", "customer", "property", "conversation"),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        *_text("purpose"),
        sa.Column("ltv", sa.BigInteger(), nullable=True),
        *_text("interest", "state"),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("follow_up_at", sa.Double(), nullable=True),
        *_text("follow_up_reason"),
        indexes=("customer", "property", "conversation", "interest", "state"),
    )
    _table(
        "stage",
        *_text("conversation"),
        sa.Column("place", sa.BigInteger(), nullable=True),
        *_text("state", "step"),
        sa.Column("at", sa.Double(), nullable=True),
        key="",
        indexes=("conversation", "state"),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("stage", "enquiry", "property", "customer"):
        op.drop_table(_BEFORE + name)
