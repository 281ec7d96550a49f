"""Staff accounts, what they signed in with, and scopes and ends of API keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, parents before children."""
    op.create_table(
        "staff",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.Column("password", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reset_digest", sa.Text(), server_default="", nullable=False),
        sa.Column("reset_until", sa.Double(), server_default="0", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("disabled_at", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_staff"),
        sa.UniqueConstraint("tenant", "email_key", name="uq_staff_tenant_email_key"),
    )
    op.create_table(
        "staff_login",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("client", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "staff"], ["staff.tenant", "staff.id"], name="fk_staff_login_tenant_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_staff_login"),
    )
    op.create_index("ix_staff_login_staff", "staff_login", ["tenant", "staff"])
    op.create_table(
        "staff_token",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "login"],
            ["staff_login.tenant", "staff_login.id"],
            name="fk_staff_token_tenant_login",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_staff_token"),
    )
    op.create_index("ix_staff_token_login", "staff_token", ["tenant", "login"])
    op.create_table(
        "login_attempt",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("blocked_until", sa.Double(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name="pk_login_attempt"),
    )
    op.add_column("api_key", sa.Column("scopes", sa.Text(), server_default="[]", nullable=False))
    op.add_column("api_key", sa.Column("expires_at", sa.Double(), nullable=True))
    op.add_column("api_key", sa.Column("used_at", sa.Double(), nullable=True))


def downgrade() -> None:
    """Drop the tables, children before parents."""
    for column in ("used_at", "expires_at", "scopes"):
        op.drop_column("api_key", column)
    for table in ("login_attempt", "staff_token", "staff_login", "staff"):
        op.drop_table(table)
