"""Look documents up by their key alone, and by their content."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_rag_document_key", "rag_document", ["tenant", "key"])
    op.create_index("ix_rag_document_content", "rag_document", ["tenant", "namespace", "content_hash"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_rag_document_content", "rag_document")
    op.drop_index("ix_rag_document_key", "rag_document")
