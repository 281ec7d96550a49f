"""The plugin's tables."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

metadata = sa.MetaData()


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


# A customer on one of the tenant's numbers.  `options` are the numbered choices that were sent last.
chat = sa.Table(
    "whatsapp_chat",
    metadata,
    _tenant(),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("heard_at", sa.Double, nullable=False),  # when the customer last wrote; 0: the window is shut
    sa.Column("options", Json, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("tenant", "address", "number"),
    sa.Index("ix_whatsapp_chat_contact", "tenant", "contact"),
)

# Who wants nothing that is sent unasked.
optout = sa.Table(
    "whatsapp_optout",
    metadata,
    _tenant(),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "address"),
)

# What the provider took, and what became of it.  One of our messages may be several there: `part` counts them from 0.
# state: sent | delivered | read | failed.  `message` is "" until the provider's answer is noted.
sent = sa.Table(
    "whatsapp_sent",
    metadata,
    _tenant(),
    sa.Column("provider_id", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("part", sa.Integer, nullable=False, server_default="0"),
    sa.Column("conversation", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "provider_id"),
    sa.Index("ix_whatsapp_sent_message", "tenant", "message"),
    sa.Index("ix_whatsapp_sent_at", "tenant", "at"),
)

# Files that customers sent.  state: stored | refused.
media = sa.Table(
    "whatsapp_media",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),  # ours, as in the attachment's address
    sa.Column("file", sa.Text, nullable=False, server_default=""),  # in the folder
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("media_type", sa.Text, nullable=False, server_default=""),
    sa.Column("size", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_whatsapp_media_contact", "tenant", "contact"),
    sa.Index("ix_whatsapp_media_expires", "tenant", "expires_at"),
)

# What the simulated phone of a customer holds, as Meta has it.  direction: inbound (the customer's own) | outbound (ours).
# `seen`: whether we have marked the customer's message as read; `name` is what the customer calls themself.
simulated = sa.Table(
    "whatsapp_simulated",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("direction", sa.Text, nullable=False, server_default="outbound"),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("seen", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_whatsapp_simulated_address", "tenant", "address", "at"),
)
