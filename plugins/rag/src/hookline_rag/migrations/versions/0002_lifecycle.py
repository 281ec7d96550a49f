"""A document's life: tags, validity, owner, refresh, progress; who made a version; the runs that ingest."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DOCUMENT: tuple[sa.Column[Any], ...] = (
    sa.Column("owner", sa.Text(), server_default="", nullable=False),
    sa.Column("tags", sa.Text(), server_default="[]", nullable=False),
    sa.Column("valid_from", sa.Double(), nullable=True),
    sa.Column("valid_until", sa.Double(), nullable=True),
    sa.Column("origin", sa.Text(), server_default="", nullable=False),
    sa.Column("refresh_seconds", sa.Double(), nullable=True),
    sa.Column("checked_at", sa.Double(), server_default="0", nullable=False),
    sa.Column("done", sa.Integer(), server_default="0", nullable=False),
    sa.Column("total", sa.Integer(), server_default="0", nullable=False),
    sa.Column("run", sa.Text(), server_default="", nullable=False),
)
_VERSION: tuple[sa.Column[Any], ...] = (
    sa.Column("made_by", sa.Text(), server_default="", nullable=False),
    sa.Column("restored_from", sa.Integer(), nullable=True),
)


def upgrade() -> None:
    """Add the columns, the table of runs and the index that finds what is unfinished."""
    for column in _DOCUMENT:
        op.add_column("rag_document", column)
    for column in _VERSION:
        op.add_column("rag_version", column)
    op.add_column("rag_namespace", sa.Column("purged", sa.BigInteger(), server_default="0", nullable=False))
    # What is there already was looked at when it came.
    op.execute("UPDATE rag_document SET checked_at = updated_at")
    op.create_index("ix_rag_document_status", "rag_document", ["tenant", "status"])
    op.create_table(
        "rag_run",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), server_default="", nullable=False),
        sa.Column("asked", sa.Text(), server_default="{}", nullable=False),
        sa.Column("told", sa.Text(), server_default="{}", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("started_by", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_rag_run"),
        sa.UniqueConstraint("tenant", "slot", name="uq_rag_run_slot"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("rag_run")
    op.drop_index("ix_rag_document_status", "rag_document")
    op.drop_column("rag_namespace", "purged")
    for column in reversed(_VERSION):
        op.drop_column("rag_version", str(column.name))
    for column in reversed(_DOCUMENT):
        op.drop_column("rag_document", str(column.name))
