"""The plugin's tables."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


# Sound that is kept: what customers recorded in a page, and what was spoken to them.  direction: inbound | outbound.
sound = sa.Table(
    "voice_sound",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),  # ours, as in the attachment's address
    sa.Column("file", sa.Text, nullable=False),  # in the folder
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False, server_default=""),
    sa.Column("contact", sa.Text, nullable=False, server_default=""),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_voice_sound_contact", "tenant", "contact"),
    sa.Index("ix_voice_sound_conversation", "tenant", "conversation"),
    sa.Index("ix_voice_sound_expires", "tenant", "expires_at"),
)
