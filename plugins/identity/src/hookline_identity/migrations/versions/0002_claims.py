"""What was sent to an account lately, whichever of its claims asked."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_identity_challenge_account", "identity_challenge", ["tenant", "account", "sent_at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_identity_challenge_account", table_name="identity_challenge")
