"""The desk: promises of service, notes, canned replies, macros, files, ratings, and what search needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BY_CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "handoff_clock",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("anchor", sa.Double(), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        sa.Column("running_since", sa.Double(), nullable=True),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("warned_at", sa.Double(), nullable=True),
        sa.Column("breached_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "handoff", "clock", "n", name="pk_handoff_clock"),
    )
    op.create_index("ix_handoff_clock_due", "handoff_clock", ["tenant", "due_at"])
    op.create_table(
        "handoff_climb",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "handoff", "kind", "level", name="pk_handoff_climb"),
    )
    op.create_table(
        "handoff_summary",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", name="pk_handoff_summary"),
    )
    op.create_index("ix_handoff_summary_contact", "handoff_summary", ["tenant", "contact"])
    op.create_table(
        "handoff_canned",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("shortcut", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_canned"),
        sa.UniqueConstraint("tenant", "owner", "shortcut", "language", name="uq_handoff_canned_shortcut"),
    )
    op.create_table(
        "handoff_note",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("edited_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_note"),
    )
    op.create_index("ix_handoff_note_contact", "handoff_note", ["tenant", "contact"])
    op.create_index("ix_handoff_note_conversation", "handoff_note", ["tenant", "conversation", "created_at"])
    op.create_table(
        "handoff_notice",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("read_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_notice"),
    )
    op.create_index("ix_handoff_notice_contact", "handoff_notice", ["tenant", "contact"])
    op.create_index("ix_handoff_notice_staff", "handoff_notice", ["tenant", "staff", "created_at"])
    op.create_table(
        "handoff_tag",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", "tag", name="pk_handoff_tag"),
    )
    op.create_index("ix_handoff_tag_tag", "handoff_tag", ["tenant", "tag"])
    op.create_table(
        "handoff_saved",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_saved"),
    )
    op.create_table(
        "handoff_macro",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_macro"),
    )
    op.create_table(
        "handoff_file",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_file"),
    )
    op.create_index("ix_handoff_file_contact", "handoff_file", ["tenant", "contact"])
    op.create_index("ix_handoff_file_conversation", "handoff_file", ["tenant", "conversation"])
    op.create_table(
        "handoff_rating",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False, server_default=""),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("rated_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "handoff", name="pk_handoff_rating"),
    )
    op.create_index("ix_handoff_rating_contact", "handoff_rating", ["tenant", "contact"])
    op.create_index("ix_handoff_rating_rated", "handoff_rating", ["tenant", "rated_at"])
    op.create_table(
        "handoff_merge",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_merge"),
    )
    op.create_index("ix_handoff_merge_contact", "handoff_merge", ["tenant", "contact"])
    op.create_table(
        "handoff_word",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("word", BY_CODE_POINT, nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "word", "conversation", name="pk_handoff_word"),
    )
    op.create_index("ix_handoff_word_conversation", "handoff_word", ["tenant", "conversation"])
    op.create_table(
        "handoff_indexed",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", name="pk_handoff_indexed"),
    )
    op.create_index("ix_handoff_indexed_contact", "handoff_indexed", ["tenant", "contact"])
    op.create_table(
        "handoff_secret",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_handoff_secret"),
    )


def downgrade() -> None:
    """Remove them."""
    for name in [
        "handoff_secret",
        "handoff_indexed",
        "handoff_word",
        "handoff_merge",
        "handoff_rating",
        "handoff_file",
        "handoff_macro",
        "handoff_saved",
        "handoff_tag",
        "handoff_notice",
        "handoff_note",
        "handoff_canned",
        "handoff_summary",
        "handoff_climb",
        "handoff_clock",
    ]:
        op.drop_table(name)
